"""Mail that comes back (REQUIREMENTS 4.10): what follows from it, and that it decides nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine, func, select
from sqlmodel import SQLModel, col

from acts import renewing, returned_mail, watching
from acts.absences import enter
from acts.rounds import go_round
from acts.weeding import ERASE
from connectors.mailboxes import NotReachable
from lifecycle.events import By
from lifecycle.returned_mail import MOST_ANSWERS_OF_ONE, MOST_ASKED_A_DAY
from models import (
    Absence,
    Account,
    AuditEvent,
    Link,
    Message,
    MessageState,
    Municipality,
    Person,
    ReturnedAs,
    TaskState,
    UserTask,
)
from models.seams import KILL_AT
from runtime.settings import InstallationSettings
from tests.acts.returned_town import CORPUS, ReturnedTown
from tests.connectors.imap_server import running
from tests.figures import prove
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import DOMAIN
from tests.notifications.certificates import certificate

__all__ = ["certificate"]

TOLD = yaml.safe_load((CORPUS / "told.yaml").read_text("utf-8"))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[ReturnedTown]:
    yield ReturnedTown(memory_engine(), tmp_path)


def count(town: ReturnedTown, table: type[SQLModel]) -> int:
    with town.reading() as session:
        return int(session.execute(select(func.count()).select_from(table)).scalar_one())


# ---------------------------------------------------------------- a letter that did not arrive


def test_a_hard_bounce_hours_later_marks_the_letter_and_asks_communications_once(town: ReturnedTown) -> None:
    assert town.letter().state is MessageState.SENT
    town.comes("hard-postfix-unknown-user")
    town.round(hours=7)
    assert town.letter().state is MessageState.BOUNCED
    assert town.letter().error.startswith("5.1.1")
    [task] = town.look_into()
    assert set(town.holders(task)) == {"petra", "david"}
    assert task.label == "Brev till Karin kommer inte fram: rätta adressen"
    assert task.next_reminder_at is not None, "it climbs the ladder of the municipality's settings"
    town.comes("hard-m365-recipient-not-found")
    town.round(hours=1)
    assert len(town.look_into()) == 1, "one for each person"


def test_it_is_asked_in_the_next_morning_letter(town: ReturnedTown) -> None:
    town.comes("hard-postfix-unknown-user")
    town.round()
    town.now += timedelta(days=1)
    go_round(town.engine, watching.TELL, town.now)
    town.post()
    assert "Brev till Karin kommer inte fram" in town.letters_of("morning")[-1].text


@pytest.mark.parametrize("name", ["soft-postfix-mailbox-full", "delayed-postfix"])
def test_what_may_pass_is_noted_at_the_letter_and_asked_about_only_if_it_lasts(
    town: ReturnedTown, name: str
) -> None:
    town.comes(name)
    town.round()
    wanted = MessageState.SENT if name.startswith("delayed") else MessageState.BOUNCED
    assert (town.letter().state, town.look_into()) == (wanted, [])
    assert town.letter().error != ""
    town.comes(name)
    town.round(hours=30)
    assert town.look_into() == []
    town.comes(name)
    town.round(hours=20)
    assert len(town.look_into()) == 1


def test_it_closes_itself_when_the_address_is_changed(town: ReturnedTown) -> None:
    town.comes("hard-postfix-unknown-user")
    town.round()
    with town.work() as session:
        session.get_one(Person, town.people["karin"]).email = f"karin.ny@{DOMAIN}"
    town.round(hours=1)
    assert town.look_into() == []
    assert len(town.look_into(TaskState.WITHDRAWN)) == 1


def test_it_closes_itself_when_a_later_letter_has_not_come_back_for_a_day(town: ReturnedTown) -> None:
    town.comes("hard-postfix-unknown-user")
    town.round()
    town.now += timedelta(hours=1)
    again(town)
    town.round(hours=20)
    assert len(town.look_into()) == 1
    town.round(hours=5)
    assert town.look_into() == []


def test_a_letter_that_came_back_too_does_not_close_it(town: ReturnedTown) -> None:
    town.comes("hard-postfix-unknown-user")
    town.round()
    town.now += timedelta(hours=1)
    town.comes("hard-qmail", letter=again(town))
    town.round(hours=30)
    assert len(town.look_into()) == 1


def test_it_closes_itself_when_a_later_link_has_been_used(town: ReturnedTown) -> None:
    town.comes("hard-postfix-unknown-user")
    town.round()
    town.now += timedelta(hours=1)
    letter_id = again(town)
    town.now += timedelta(minutes=10)
    with town.work() as session:
        link = session.execute(select(Link).where(col(Link.message_id) == letter_id)).scalar_one()
        link.used_at = town.now
    town.round(hours=1)
    assert town.look_into() == []


def again(town: ReturnedTown) -> str:
    """Petra sends Karin the letter once more; its number."""
    with town.work() as session:
        account = session.get_one(Account, town.account_id)
        person = session.get_one(Person, town.people["karin"])
        renewing.send_again(session, account, person, By(town.people["petra"], "portal"), town.now)
    town.post()
    return town.letter_to("karin", "letter_again").id


def test_after_it_has_closed_a_new_bounce_asks_anew(town: ReturnedTown) -> None:
    town.comes("hard-postfix-unknown-user")
    town.round()
    town.now += timedelta(hours=1)
    letter_id = again(town)
    town.round(hours=25)
    assert town.look_into() == []
    town.comes("hard-gmail", letter=letter_id)
    town.round(hours=1)
    assert len(town.look_into()) == 1
    assert town.letter(letter_id).state is MessageState.BOUNCED


def test_one_who_has_left_and_an_address_of_before_are_asked_about_by_nobody(town: ReturnedTown) -> None:
    town.leaves("karin", date(2026, 12, 1))
    town.comes("hard-postfix-unknown-user")
    town.round()
    assert (town.letter().state, town.look_into()) == (MessageState.BOUNCED, [])


def test_the_units_own_mailbox_is_asked_about_too(town: ReturnedTown) -> None:
    town.comes("hard-no-letter-named", who="kommunikation")
    town.round()
    [task] = town.look_into()
    assert task.details["email"] == f"kommunikation@{DOMAIN}" and "person" not in task.details


def test_a_report_that_names_no_letter_asks_and_marks_none(town: ReturnedTown) -> None:
    """It may be anybody's: only who had the letter knows its number."""
    town.comes("hard-no-letter-named")
    town.round()
    assert (town.letter().state, len(town.look_into())) == (MessageState.SENT, 1)


def test_a_flood_of_forged_reports_opens_so_many_tasks_and_one_more(town: ReturnedTown) -> None:
    with town.work() as session:
        for number in range(3 * MOST_ASKED_A_DAY):
            session.add(
                Person(
                    municipality_id=town.municipality_id,
                    name=f"Person {number}",
                    email=f"p{number}@{DOMAIN}",
                )
            )
    for number in range(3 * MOST_ASKED_A_DAY):
        town.comes("hard-no-letter-named", who=f"p{number}")
    events = count(town, AuditEvent)
    town.round()
    tasks = town.look_into()
    assert [one.step for one in tasks].count("retur") == MOST_ASKED_A_DAY
    assert [one.step for one in tasks].count("returer") == 1
    assert count(town, AuditEvent) == events, "what decides nothing and marks nothing fills no log"


# ---------------------------------------------------------------- out of office


def test_an_out_of_office_answer_suggests_an_absence_and_enters_none(town: ReturnedTown) -> None:
    town.comes("away-exchange-swedish")
    town.round()
    letters = {one.to: one for one in town.letters_of("absence_suggested")}
    assert set(letters) == {f"{who}@{DOMAIN}" for who in ("karin", "petra", "david", "kommunikation")}
    own = letters[f"karin@{DOMAIN}"]
    [mail] = town.mails()
    assert "till och med fredag 18 december 2026" in own.text or "18 december 2026" in own.text
    assert f"/exempelby/oppna/franvaro/forslag/{mail.id}" in own.text
    assert "semester" not in own.text and mail.says == "", "why somebody is away is nobody's business"
    assert count(town, Absence) == 0
    town.comes("away-exchange-english")
    town.round(hours=5)
    assert len(town.letters_of("absence_suggested")) == 4, "once, whatever number of letters are answered"


def test_an_absence_that_is_entered_is_not_suggested(town: ReturnedTown) -> None:
    with town.work() as session:
        days = {"from_on": date(2026, 12, 1), "until_on": date(2026, 12, 24)}
        enter(session, town.now, by_id=town.people["karin"], via="portal", **days)
    town.comes("away-exchange-swedish")
    town.round()
    assert town.letters_of("absence_suggested") == []


# ---------------------------------------------------------------- answers by mail


def test_an_answer_decides_nothing_is_passed_on_and_its_writer_told_how_to_answer(town: ReturnedTown) -> None:
    town.comes("answer-yes-top-posted")
    town.round()
    assert town.open_task("karin").state is TaskState.OPEN
    passed_on = town.letters_of("answer_by_mail")
    assert {one.to for one in passed_on} == {f"{who}@{DOMAIN}" for who in ("petra", "david", "kommunikation")}
    text = passed_on[0].text
    assert "> Ja, godkänt!" in text and "Karin" in text and "Steget chef" in text
    assert f"/oppna/skicka-igen/{town.account_id}/{town.people['karin']}" in text
    assert "/l/" not in text, "the quoted letter's link decides: it goes to nobody else"
    [told] = town.letters_of("answer_not_counted")
    assert (told.to, told.answers_mail) == (f"karin@{DOMAIN}", True)


def test_the_writer_is_told_once_a_day_and_a_machine_never(town: ReturnedTown) -> None:
    for _ in range(2):
        town.comes("answer-plain")
        town.round()
    assert len(town.letters_of("answer_not_counted")) == 1
    town.comes("answer-plain")
    town.round(hours=24)
    assert len(town.letters_of("answer_not_counted")) == 2
    for name in (one for one in TOLD if one.startswith(("automatic", "receipt", "other", "hard", "away"))):
        town.comes(name)
    town.round(hours=24)
    assert len(town.letters_of("answer_not_counted")) == 2


def test_many_answers_in_one_name_do_not_fill_anybodys_mailbox(town: ReturnedTown) -> None:
    for number in range(MOST_ANSWERS_OF_ONE + 5):
        town.comes("answer-no-reference-known-sender", mark=str(number))
    town.round()
    assert len(town.letters_of("answer_by_mail")) == 3 * MOST_ANSWERS_OF_ONE
    assert [one.step for one in town.look_into()] == ["obesvarade-svar"]
    assert [one.says for one in town.mails()].count("") == 5, "what is not passed on is not kept"


def test_a_shared_mailbox_that_answers_is_passed_on_but_never_communications_own(town: ReturnedTown) -> None:
    town.comes("answer-no-reference-known-sender", who="registrator")
    assert town.read() == {"unknown": 1}
    with town.work() as session:
        session.get_one(Municipality, town.municipality_id).registry_address = f"registrator@{DOMAIN}"
    for who in ("registrator", "kommunikation"):
        town.comes("answer-no-reference-known-sender", who=who)
    town.round()
    passed_on = town.letters_of("answer_by_mail")
    assert {one.subject for one in passed_on} == {f"Svar med e-post från registrator@{DOMAIN}"}
    assert len(passed_on) == 3 and town.letters_of("answer_not_counted") == []


def test_mail_of_nobody_is_only_counted(town: ReturnedTown) -> None:
    town.comes("answer-unknown-sender-no-reference")
    town.comes("other-spam-marked")
    letters = count(town, Message)
    assert town.read() == {"unknown": 2}
    town.round()
    assert (count(town, Message), town.look_into()) == (letters, [])
    assert {(one.says, one.email, one.person_id) for one in town.mails()} == {("", "", None)}


# ---------------------------------------------------------------- all of it


def test_nothing_in_the_whole_corpus_decides_anything(town: ReturnedTown) -> None:
    """Each mail comes twice: once about the letter of the one who decides, once about nobody's."""
    before = answers(town)
    for name in TOLD:
        town.comes(name)
        town.comes(name, letter="f" * 32, mark=f"forged {name}")
    town.round()
    decided = len(set(answers(town)) ^ set(before)) + count(town, Absence)
    prove("Mail that comes back", "matters decided, answered or entered by mail", decided, 0)
    assert decided == 0
    assert town.open_task("karin").state is TaskState.OPEN
    kept = {one.kind for one in town.mails()}
    assert kept == set(ReturnedAs)


def answers(town: ReturnedTown) -> list[tuple[int | None, str, str | None]]:
    """All that is asked about the account, and what was answered."""
    with town.reading() as session:
        rows = session.execute(select(UserTask).where(col(UserTask.account_id) == town.account_id)).scalars()
        return [(one.id, one.state.value, one.outcome) for one in rows]


def test_each_mail_is_read_once_and_put_away(town: ReturnedTown) -> None:
    town.comes("answer-plain", mark="same")
    town.comes("answer-plain", mark="same")
    town.round()
    town.round()
    assert len(town.mails()) == 1 and len(town.letters_of("answer_not_counted")) == 1
    assert {one.name for one in town.folder.iterdir()} == {"läst"}
    assert len(list((town.folder / "läst").iterdir())) == 2


def test_killed_between_keeping_and_putting_away_nothing_is_doubled(
    town: ReturnedTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(name: str) -> None:
        if name == "mail_kept":
            raise KeyboardInterrupt

    town.comes("answer-plain")
    town.comes("hard-postfix-unknown-user")
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(returned_mail, "seam", killed)
        town.read()
    assert len(town.mails()) == 1 and len(list(town.folder.glob("*.eml"))) == 2
    town.round()
    assert len(town.mails()) == 2 and list(town.folder.glob("*.eml")) == []
    assert len(town.letters_of("answer_not_counted")) == 1 and len(town.look_into()) == 1


def test_a_reader_killed_in_the_middle_of_a_real_mailbox_loses_and_doubles_nothing(
    certificate: Path, sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process of its own reads a mailbox over IMAP with TLS, and dies with a mail kept and not put away."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    town = ReturnedTown(sqlite_engine, tmp_path / "files")
    names = ("hard-postfix-unknown-user", "answer-plain", "away-exchange-swedish")
    with running(certificate) as server:
        server.deliver(*(town.mail(name) for name in names))
        where = server.account()
        environment = os.environ | {
            "KANALVAKT_DATABASE_URL": str(sqlite_engine.url),
            "KANALVAKT_RETURNED_MAIL_HOST": where.host,
            "KANALVAKT_RETURNED_MAIL_PORT": str(where.port),
            "KANALVAKT_RETURNED_MAIL_USER": where.user,
            "KANALVAKT_RETURNED_MAIL_PASSWORD": where.password,
        }
        command = [sys.executable, "-c", READER, town.now.isoformat()]
        killed = environment | {KILL_AT: "mail_kept:2"}
        assert subprocess.run(command, env=killed).returncode == -signal.SIGKILL
        assert server.folders() == {"INBOX": 2, "Kanalvakt/läst": 1}
        assert subprocess.run(command, env=environment).returncode == 0
        assert server.folders() == {"INBOX": 0, "Kanalvakt/läst": 3}
    town.round()
    wrong = abs(len(town.mails()) - len(names))
    prove("Mail that comes back", "mails lost or doubled by a killed reader", wrong, 0)
    assert len(town.mails()) == len(names)
    counts = {one: len(town.letters_of(one)) for one in ("answer_by_mail", "answer_not_counted")}
    assert (len(town.look_into()), counts) == (1, {"answer_by_mail": 3, "answer_not_counted": 1})


READER = """
import sys
from datetime import datetime
from acts.returned_mail import read_mailbox
from runtime.database import installation_engine
from runtime.settings import settings
read_mailbox(installation_engine(), settings(), datetime.fromisoformat(sys.argv[1]))
"""


def test_a_round_that_is_undone_is_done_whole_the_next_time(
    town: ReturnedTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.comes("answer-plain")
    town.read()
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("acts.work.seam", lambda name: (_ for _ in ()).throw(KeyboardInterrupt))
        go_round(town.engine, returned_mail.FOLLOW, town.now)
    assert town.mails()[0].followed_at is None
    town.round()
    assert len(town.letters_of("answer_by_mail")) == 3 and town.mails()[0].followed_at is not None


def test_a_mailbox_that_is_not_there_is_said_and_none_is_no_trouble(town: ReturnedTown) -> None:
    nowhere = InstallationSettings(returned_mail_files=town.folder / "borta", _env_file=None)
    with pytest.raises(NotReachable, match="finns inte"):
        returned_mail.read_mailbox(town.engine, nowhere, town.now)
    assert returned_mail.read_mailbox(town.engine, InstallationSettings(_env_file=None), town.now) == {}


def test_words_are_weeded_and_rows_erased_by_rule(town: ReturnedTown) -> None:
    town.comes("answer-plain")
    town.comes("away-exchange-swedish", who="johan")
    town.round()
    town.now += timedelta(days=31)
    go_round(town.engine, ERASE, town.now)
    assert [(one.says, one.email, one.until_on) for one in town.mails()] == [("", "", None)] * 2
    town.now += timedelta(days=800)
    go_round(town.engine, ERASE, town.now)
    assert town.mails() == []


def test_an_answer_by_the_link_counts_though_one_by_mail_came_first(town: ReturnedTown) -> None:
    town.comes("answer-yes-top-posted")
    town.round()
    town.answer("karin")
    assert town.tasks(step="chef")[0].state is TaskState.DONE


def test_two_readers_at_once_keep_a_mail_once(engine: Engine, tmp_path: Path) -> None:
    town = ReturnedTown(engine, tmp_path)
    town.comes("answer-plain")
    told = returned_mail.told_apart(next(tmp_path.glob("*.eml")).read_bytes(), town.now.date())
    first = returned_mail._kept(engine, told, town.now)
    assert (first, returned_mail._kept(engine, told, town.now)) == ("answer", "")
    town.round()
    assert len(town.mails()) == 1
