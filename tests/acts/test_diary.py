"""REQUIREMENTS 2.9: every decision becomes a paper for the diary, and the registry's number comes back."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from acts import diary
from acts.rounds import Report
from lifecycle.journal import verify
from lifecycle.refusals import Refused
from models import AuditEvent, Message, Municipality, Outcome, Paper
from papers.checking import faults_in
from papers.refusing import CannotWrite
from runtime.database import make_engine
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import CLAUSE, DOMAIN, Rule, Town, field, item, step
from tests.papers.test_snapshot_paper import words

HOUR = timedelta(hours=1)
MAILBOX = f"registrator@{DOMAIN}"
CHIEF = step("chef", "decide", "line_manager")
UNIT = step("enhet", "decide", "communications")
ADVICE = step("rad", "consult", "communications_director")
RULES: Rule = {
    "opening": [ADVICE, CHIEF, UNIT],
    "setting_up": [item("rad")],
    "administrator_change": [CHIEF],
    "guest": {"at_most_days": 7, "chain": [CHIEF], "clauses": [CLAUSE]},
    "closing": [UNIT],
    "closing_items": [item("bild", confirmed_by="administrator")],
    "plan": [
        field("purpose", label="Syfte", kind="text"),
        field("target_group", label="Målgrupp", kind="line"),
        field("responsible", label="Ansvariga", kind="persons", modality="may"),
        field("administrators", label="Administratörer", kind="persons", modality="may"),
        field("substitute", label="Ersättare", kind="persons", modality="may"),
    ],
}


class Registry(Town):
    """A town with a registry that has a mailbox."""

    def __init__(self, engine: Engine, rules: Rule = RULES, **more: Any) -> None:
        super().__init__(engine, rules, **more)
        self.mailbox(MAILBOX)

    def mailbox(self, address: str | None) -> None:
        with self.work() as session:
            session.get_one(Municipality, self.municipality_id).registry_address = address

    def applies(self, **answers: Any) -> int:
        usual = {
            "purpose": "Fler unga läser.",
            "target_group": "Unga 13–19 år",
            "responsible": ["elin"],
            "administrators": ["elin", "omar"],
            "address": "https://example.org/bibliotek",
        }
        return self.apply(**usual | answers)

    def decided(self, **answers: Any) -> int:
        """An application that everybody has said yes to."""
        account_id = self.applies(**answers)
        self.answer("lena", Outcome.ANSWERED, "Tänk på sommaren.")
        self.answer("karin", reason="Vi har folk.")
        self.answer("petra", reason="")
        return account_id

    def opened(self) -> None:
        self.decided()
        self.confirm("elin")
        assert self.state == "active"

    def papers_made(self, after: timedelta = HOUR) -> Report:
        self.now += after
        return diary.make_papers(self.engine, self.now)

    def papers(self) -> Sequence[Paper]:
        with self.reading() as session:
            return session.execute(select(Paper).order_by(Paper.id)).scalars().all()

    def letters(self) -> Sequence[Message]:
        with self.reading() as session:
            rows = select(Message).where(col(Message.notice) == "paper_for_diary")
            return session.execute(rows.order_by(col(Message.queued_at))).scalars().all()

    def number(self, who: str, number: str, paper_id: int = 1) -> None:
        with self.work() as session:
            diary.number_paper(
                session,
                self.now,
                paper_id=paper_id,
                person_id=self.people[who],
                number=number,
                via="portal",
            )


@pytest.fixture
def memory() -> Engine:
    """An engine on an empty database in memory."""
    return memory_engine()


@pytest.fixture
def town(memory: Engine) -> Registry:
    return Registry(memory)


def said(paper: Paper) -> str:
    return words(paper.content)


# ---------------------------------------------------------------- the paper


def test_it_says_by_which_sign_in_whoever_decided_was_known(memory: Engine) -> None:
    """REQUIREMENTS 5: who somebody is to the provider can be weeded in the log, and stands on no paper."""
    town = Registry(memory, settings={"signing": "sign-in"})
    town.applies()
    town.answer("lena", Outcome.ANSWERED, "Tänk på sommaren.")
    town.answer("karin", signed_in="https://idp.example.org")
    town.answer("petra", signed_in="https://idp.example.org/kommunen")
    town.papers_made()
    text = said(town.papers()[0])
    assert "Identifierad genom Inloggning hos idp.example.org/kommunen den 1 december 2026 kl. 9.00" in text
    assert text.count("länk i brev") == 1 and text.count("nloggning hos") == 3
    assert "inloggning hos Ett skäl. 2026 idp.example.org Steget enhet" in text and "sub-" not in text


def test_an_approval_says_what_who_when_by_which_clause_and_the_plan_as_decided(town: Registry) -> None:
    """Tib 2: purpose, channel and address, target group, who is responsible stand in the decision."""
    town.decided()
    assert town.papers_made() == Report(done=1, found=1)
    [paper] = town.papers()
    text = said(paper)
    for told in (
        "Exempelby kommun",
        "Instagramkontot ”Biblioteket”",
        "Ansökan godkänns.",
        "Beslutat av Petra",
        "Identifierad genom Länk i brev",
        "1 december 2026",
        "Exempelby kommun, punkt 1: Regeln",
        "Begärt av Elin",
        "https://example.org/bibliotek",
        "Syfte Fler unga läser.",
        "Målgrupp Unga 13–19 år",
        "Ansvariga Elin",
        "Ersättare Inget svar",
        "Steget rad Lena svar lämnat",
        "Tänk på sommaren.",
        "Steget chef Karin godkänt",
        "Diarienummer",
    ):
        assert told in text, told
    assert text.endswith("Sida 1 av 1")
    assert faults_in(paper.content, "pdfa-2b") == []
    assert paper.sha256 == sha256(paper.content).hexdigest()


def test_whoever_answers_for_another_is_told_with_the_one_they_stood_in_for(memory: Engine) -> None:
    """Karin has applied herself: Johan, her substitute, decides on her behalf (REQUIREMENTS 2.2)."""
    town = Registry(memory, RULES | {"opening": [CHIEF]})
    town.applies(who="karin")
    town.answer("johan")
    town.papers_made()
    [paper] = town.papers()
    assert "Beslutat av Johan" in said(paper) and "I stället för Karin" in said(paper)


def test_a_consultation_without_answer_is_told(town: Registry) -> None:
    """REQUIREMENTS 2.2: a consult step ends with "no answer given" in the papers."""
    town.applies()
    town.pass_days(41)
    town.answer("karin")
    town.answer("petra")
    town.papers_made()
    assert "Steget rad inget svar gavs" in said(town.papers()[0])


def test_a_long_plan_runs_over_and_the_first_page_holds_the_decision(town: Registry) -> None:
    town.decided(purpose="Vi vill att fler unga läser. " * 130)
    town.papers_made()
    content = town.papers()[0].content
    command = ["pdftotext", "-layout", "-l", "1", "-", "-"]
    first = subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode()
    assert "Ansökan godkänns." in first and "Petra" in first and "Regeln" in first
    assert "Sida 2 av 2" in words(content)


def test_the_event_is_not_made_into_a_paper_twice(engine: Engine) -> None:
    """On every database: the question is one query over the log."""
    town = Registry(engine)
    town.decided()
    town.papers_made()
    assert town.papers_made() == Report()
    assert len(town.papers()) == 1
    [made] = town.events("paper_made")
    [approved] = town.events("application_approved")
    assert made.facts["of"] == approved.number and made.facts["sha256"] == town.papers()[0].sha256


def test_every_kind_of_decision_has_its_paper(town: Registry) -> None:
    town.applies()
    town.answer("lena", Outcome.ANSWERED)
    town.answer("karin", Outcome.DECLINE, "Vi har inte folk.")
    town.papers_made()
    town.opened()
    town.ask_for("elin", "tove", instead_of="omar")
    town.answer("karin")
    town.ask_for("elin", "johan")
    town.answer("karin", Outcome.DECLINE, "Tre räcker inte till.")
    since = town.now.date() + timedelta(days=7)
    town.ask_for_guest("elin", "johan", since, since + timedelta(days=5))
    town.answer("karin")
    town.ask_to_close("elin")
    town.answer("petra", Outcome.DECLINE, "Pröva ett år till.")
    town.papers_made()
    town.ask_to_close("elin", "Ingen läser.")
    town.answer("petra")
    town.papers_made()
    told = [said(paper) for paper in town.papers()]
    expected = [
        ("Ansökan avslås.", "Vi har inte folk."),
        ("Ansökan godkänns.", "Fler unga läser."),
        ("Ändringen godkänns.", "Gäller Tove, administratör Avlöser Omar"),
        ("Ändringen avslås.", "Tre räcker inte till."),
        ("Ändringen godkänns.", "Gäller Johan, gäst Från 8 december 2026 Till och med 12 december 2026"),
        ("Kontot behålls.", "Pröva ett år till."),
        ("Kontot avslutas.", "Begärt av Elin"),
    ]
    assert len(told) == len(expected)
    for text, (decision, more) in zip(told, expected, strict=True):
        assert decision in text and more in text, text
    assert all("Ersätter" not in text for text in told)


def test_a_closing_that_nobody_decides_on_is_the_asker_s_decision(memory: Engine) -> None:
    """Han F6, Näs 16: closing is consulted about with communications, who do not decide."""
    town = Registry(memory, RULES | {"opening": [], "closing": [step("rad", "consult", "communications")]})
    town.applies()
    town.confirm("elin")
    town.ask_to_close("elin", "Ingen hinner.")
    town.answer("petra", Outcome.ANSWERED, "Gör så.")
    town.papers_made()
    opened, closed = (said(paper) for paper in town.papers())
    assert "Ingen: riktlinjen kräver inget beslut" in opened
    assert "Beslutat av Elin" in closed and "Steget rad Petra svar lämnat" in closed
    assert "Identifierad genom Länk i brev" in closed and "Identifierad" not in opened


def test_a_new_administrator_whom_nobody_has_to_decide_on_brings_no_paper(memory: Engine) -> None:
    """A dash in the matrix: nothing is asked, so nothing was decided."""
    town = Registry(memory, RULES | {"administrator_change": []})
    town.opened()
    town.papers_made()
    town.ask_for("elin", "tove")
    assert town.events("change_approved")
    assert town.papers_made() == Report()


# ---------------------------------------------------------------- when


@pytest.mark.parametrize("outcome", [Outcome.APPROVE, Outcome.DECLINE])
def test_no_paper_is_made_while_the_answer_can_be_taken_back(memory: Engine, outcome: Outcome) -> None:
    """REQUIREMENTS 2.2: within an hour."""
    town = Registry(memory, RULES | {"opening": [CHIEF]})
    town.applies()
    town.answer("karin", outcome)
    assert town.papers_made(timedelta(minutes=59)) == Report()
    assert town.papers_made(timedelta(minutes=1)).done == 1


def test_an_answer_taken_back_in_time_leaves_no_paper(memory: Engine) -> None:
    town = Registry(memory, RULES | {"opening": [CHIEF]})
    town.applies()
    declined = town.answer("karin", Outcome.DECLINE, "Fel knapp.")
    town.now += timedelta(minutes=20)
    town.take_back(declined, "karin")
    assert town.papers_made() == Report()
    town.answer("karin")
    town.papers_made()
    [paper] = town.papers()
    assert "Ansökan godkänns." in said(paper)
    assert "Ersätter" not in said(paper) and "Fel knapp." not in said(paper)


@pytest.mark.parametrize(
    "silent",
    [
        datetime(2026, 12, 2, 2, tzinfo=UTC),
        datetime(2026, 12, 5, 9, tzinfo=UTC),
        datetime(2026, 12, 24, 9, tzinfo=UTC),
    ],
    ids=["at three in the morning", "on a Saturday", "on Christmas Eve"],
)
def test_papers_are_made_in_working_hours(town: Registry, silent: datetime) -> None:
    town.decided()
    town.now = silent
    assert town.papers_made(timedelta()) == Report()
    town.now = datetime(2026, 12, 28, 9, tzinfo=UTC)
    assert town.papers_made(timedelta()).done == 1


def test_a_day_past_makes_what_it_would_have_made(town: Registry) -> None:
    town.decided()
    day = town.now.date()
    assert diary.make_papers(town.engine, town.now + timedelta(days=30), as_of=day).done == 1
    assert [paper.made_at.date() for paper in town.papers()] == [day]


def test_after_silent_weeks_everything_is_made_at_once(town: Registry) -> None:
    first = town.decided()
    second = town.decided(address="https://example.org/bokbuss", name="Bokbussen")
    assert town.papers_made(timedelta(days=35)).done == 2
    assert [paper.account_id for paper in town.papers()] == [first, second]


def test_one_paper_that_cannot_be_written_stops_no_other(
    town: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = town.decided()
    town.decided(address="https://example.org/bokbuss", name="Bokbussen")
    write = diary.write_decision

    def broken(paper: Any, **how: Any) -> bytes:
        if "Biblioteket" in paper.title:
            raise CannotWrite("Handlingen blev inte giltig.")
        return write(paper, **how)

    with monkeypatch.context() as patched:
        patched.setattr(diary, "write_decision", broken)
        report = town.papers_made()
    assert report.done == 1 and len(report.failures) == 1
    assert town.papers_made().done == 1
    assert first in [paper.account_id for paper in town.papers()]


def test_without_pango_only_the_papers_wait_and_the_run_says_what_to_install(
    sqlite_url: str,
) -> None:
    town = Registry(make_engine(sqlite_url))
    town.decided()
    program = (
        "import cffi\n"
        "def missing(*names): raise OSError('cannot load library')\n"
        "cffi.FFI.dlopen = missing\n"
        "from datetime import UTC, datetime\n"
        "from acts.diary import make_papers\n"
        "from runtime.database import make_engine\n"
        f"report = make_papers(make_engine({sqlite_url!r}), datetime(2026, 12, 1, 12, tzinfo=UTC))\n"
        "print([one.says for one in report.failures])\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "apt-get install" in ran.stdout, ran.stderr
    assert town.papers() == []
    town.confirm("elin")
    assert town.state == "active"
    assert town.papers_made(timedelta(hours=5)).done == 1


# ---------------------------------------------------------------- what replaces what


def reopened(memory: Engine) -> Registry:
    """Declined, in the diary with a number, and reopened by communications weeks later."""
    town = Registry(memory, RULES | {"opening": [CHIEF]})
    town.applies()
    town.answer("karin", Outcome.DECLINE, "Vi har inte folk.")
    town.papers_made()
    town.number("petra", "KS 2026/123")
    town.pass_days(14)
    town.repair("reopen_step", "david", step="chef", reason="Karin har fått fler i gruppen.")
    town.papers_made()
    return town


def test_a_reopened_decision_says_that_it_does_not_hold_and_which_it_was(memory: Engine) -> None:
    town = reopened(memory)
    _, undone = town.papers()
    text = said(undone)
    assert "Det tidigare beslutet gäller inte längre." in text
    assert "Beslutat av David" in text and "Karin har fått fler i gruppen." in text
    assert "Upphäver" in text and "diarienummer KS 2026/123" in text
    assert "Steget chef Karin avslag, sedan tillbakataget" in text


def test_the_next_decision_says_which_it_replaces(memory: Engine) -> None:
    town = reopened(memory)
    town.answer("karin")
    town.papers_made()
    declined, undone, approved = town.papers()
    assert (undone.replaces_id, approved.replaces_id) == (declined.id, declined.id)
    text = said(approved)
    assert "Ersätter" in text and "Ansökan avslås." in text and "KS 2026/123" in text
    assert town.papers_made() == Report()


def test_another_matter_of_the_same_account_replaces_nothing(town: Registry) -> None:
    town.opened()
    town.ask_to_close("elin")
    town.answer("petra", Outcome.DECLINE, "Nej.")
    town.papers_made()
    town.ask_to_close("elin")
    town.answer("petra")
    town.papers_made()
    assert [paper.replaces_id for paper in town.papers()] == [None, None, None]


# ---------------------------------------------------------------- to the registry, and back


def test_the_registry_s_mailbox_gets_the_file(town: Registry) -> None:
    town.decided()
    town.papers_made()
    [letter] = town.letters()
    assert (letter.email, letter.person_id, letter.context) == (MAILBOX, None, {"papers": [1]})


def test_without_a_mailbox_the_one_who_holds_the_post_gets_it(town: Registry) -> None:
    town.mailbox(None)
    town.posts("registry", "tove")
    town.decided()
    town.papers_made()
    [letter] = town.letters()
    assert letter.person_id == town.people["tove"]


def test_without_a_registry_the_paper_is_kept_and_nobody_is_written_to(town: Registry) -> None:
    town.mailbox(None)
    town.decided()
    assert town.papers_made().done == 1
    assert town.letters() == [] and len(town.papers()) == 1


def test_the_number_is_entered_and_can_be_put_right(town: Registry) -> None:
    town.posts("registry", "tove")
    town.decided()
    town.papers_made()
    town.number("tove", "  KS 2026/12 ")
    town.number("tove", "KS 2026/12")
    town.number("petra", "KS 2026/123")
    assert town.papers()[0].diary_number == "KS 2026/123"
    told = [(one.actor_id, one.facts) for one in town.events("paper_numbered")]
    assert told == [
        (town.people["tove"], {"paper": 1, "number": "KS 2026/12", "before": ""}),
        (town.people["petra"], {"paper": 1, "number": "KS 2026/123", "before": "KS 2026/12"}),
    ]


@pytest.mark.parametrize(
    ("who", "number", "code"),
    [
        ("tove", " ", "diary_number_missing"),
        ("tove", "1" * 61, "diary_number_too_long"),
        ("elin", "KS 2026/1", "only_registry"),
        ("karin", "KS 2026/1", "only_registry"),
    ],
)
def test_a_number_that_cannot_be_is_refused(town: Registry, who: str, number: str, code: str) -> None:
    town.posts("registry", "tove")
    town.decided()
    town.papers_made()
    with pytest.raises(Refused) as refused:
        town.number(who, number)
    assert refused.value.code == code
    assert town.papers()[0].diary_number == "" and town.events("paper_numbered") == []


def test_another_municipality_s_paper_cannot_be_numbered(town: Registry) -> None:
    town.decided()
    town.papers_made()
    with town.work() as session:
        other = Municipality(
            slug="annanby", name="Annanby", mail_domains=["example.net"], sender_address="k@example.net"
        )
        session.add(other)
        session.flush()
        session.get_one(Paper, 1).municipality_id = other.id or 0
    with pytest.raises(Refused) as refused:
        town.number("petra", "KS 2026/1")
    assert refused.value.code == "task_gone"


def test_the_audit_log_still_holds(town: Registry) -> None:
    town.decided()
    town.papers_made()
    with town.reading() as session:
        assert verify(session, town.municipality_id).breaks == []
        kinds = session.execute(select(AuditEvent.kind).order_by(AuditEvent.number.desc())).scalars()
        assert next(iter(kinds)) == "paper_made"
