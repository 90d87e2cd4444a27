"""What communications does by a form: done at once, or confirmed by a mailed link (REQUIREMENTS 4.2)."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from acts import by_form, confirmed_changes, confirmed_files, confirmed_repairs, crises, renewing
from acts.by_form import Filled, FormDesk, Told
from lifecycle.confirming import lapse_late
from lifecycle.journal import verify
from lifecycle.refusals import Refused
from models import (
    Account,
    AuditEvent,
    Link,
    Message,
    Municipality,
    Outcome,
    Person,
    TaskKind,
    Unit,
    UserTask,
)
from tests.acts.form_filling import confirm, fill_in, refused, waiting
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import DOMAIN, Town, step

CHIEF = step("chef", "decide", "line_manager")
UNIT = step("enhet", "decide", "communications")


@pytest.fixture
def town() -> Town:
    """Elin's library account, open; Petra and David are communications."""
    found = Town(memory_engine(), {"opening": [], "closing": [CHIEF], "administrator_change": [CHIEF]})
    found.apply("elin", administrators=["elin", "omar"], address="https://www.instagram.com/biblioteket")
    return found


@pytest.fixture
def asked() -> Town:
    """An application that waits for Karin, and then for communications."""
    found = Town(memory_engine(), {"opening": [CHIEF, UNIT]})
    found.apply("elin", address="https://www.instagram.com/biblioteket")
    return found


def close(desk: FormDesk, words: str = "Biblioteket") -> Told:
    account_id = desk.account_id(words)
    values = {"account": account_id, "reason": "Används inte."}
    return desk.begin(confirmed_changes.CLOSE, "Avsluta", f"account:{account_id}", values)


def state(town: Town, run: str) -> str:
    found = by_form.standing_of(town.engine, run, town.now)
    assert found is not None
    return found.name


# ---------------------------------------------------------------- at once


def test_what_is_done_at_once_is_recorded_as_the_desks_stated_by_somebody(town: Town) -> None:
    def act(desk: FormDesk) -> Told:
        crises.begin(desk.session, desk.now, by_id=desk.person_id, message="", via=desk.by.via)
        return Told(["Klart."])

    assert fill_in(town, act).name == "Utfört"
    with town.reading() as session:
        rows = select(AuditEvent).where(col(AuditEvent.kind) == "crisis_begun")
        event = session.execute(rows).scalars().one()
    assert (event.via, event.actor_id) == ("form", town.people["petra"])


def test_a_form_is_carried_out_once_for_each_run(town: Town) -> None:
    """A run that is executed again, after a crash or by hand, does nothing more."""

    def act(desk: FormDesk) -> Told:
        crises.begin(desk.session, desk.now, by_id=desk.person_id, message="", via=desk.by.via)
        return Told(["Klart."])

    first, again = fill_in(town, act, run="the-same"), fill_in(town, act, run="the-same")
    assert (first.name, again.name) == ("Utfört", "Utfört")
    assert again.lines == ["Det här är redan gjort."]


# ---------------------------------------------------------------- confirmed by a mailed link


def test_nothing_happens_before_the_link_is_used(town: Town) -> None:
    standing = fill_in(town, close, run="one")
    assert standing.waits and standing.name == "Väntar på bekräftelse"
    town.look()
    assert (town.state, state(town, "one")) == ("active", "Väntar på bekräftelse")
    with town.reading() as session:
        letter = session.execute(select(Message).where(col(Message.notice) == "confirm_act")).scalars().one()
    assert letter.person_id == town.people["petra"]


def test_confirmed_it_is_carried_out_and_the_run_is_woken_once(town: Town) -> None:
    fill_in(town, close, run="one")
    assert by_form.claim_answered(town.engine, town.now) == []
    confirm(town)
    assert state(town, "one") == "Bekräftat och utfört"
    assert town.holders(town.open_tasks()[0]) == ["karin"]
    assert by_form.claim_answered(town.engine, town.now) == ["one"]
    assert by_form.claim_answered(town.engine, town.now) == []
    by_form.end(town.engine, "one", town.now)
    town.now += timedelta(days=1)
    assert by_form.claim_answered(town.engine, town.now) == []


def test_the_same_on_postgresql(postgres_engine: Engine) -> None:
    """The trial leaves nothing behind there either, and the claim is one waker's."""
    town = Town(postgres_engine, {"opening": [], "closing": [CHIEF]})
    town.apply("elin", administrators=["omar"], address="https://www.instagram.com/biblioteket")
    fill_in(town, close, run="one")
    assert town.open_tasks() == []
    confirm(town)
    assert town.holders(town.open_tasks()[0]) == ["karin"]
    assert by_form.claim_answered(town.engine, town.now) == ["one"]
    assert by_form.claim_answered(town.engine, town.now) == []


def test_dropped_nothing_is_carried_out(town: Town) -> None:
    fill_in(town, close, run="one")
    confirm(town, drop=True)
    assert (town.state, state(town, "one")) == ("active", "Avbrutet")


def test_not_confirmed_in_time_it_lapses(town: Town) -> None:
    """A link lives 21 days (REQUIREMENTS 4.1)."""
    fill_in(town, close, run="one")
    town.now += timedelta(days=21)
    with pytest.raises(Refused) as late:
        confirm(town)
    assert late.value.code == "act_too_late"
    assert by_form.claim_answered(town.engine, town.now) == ["one"]
    by_form.end(town.engine, "one", town.now)
    assert (town.state, state(town, "one")) == ("active", "Inte bekräftat i tid")
    with town.reading() as session:
        assert verify(session, town.municipality_id).breaks == []


def test_without_prefect_the_night_ends_what_is_late(town: Town) -> None:
    fill_in(town, close, run="one")
    town.now += timedelta(days=21)
    with town.work() as session:
        assert lapse_late(session, town.municipality_id, town.now) == 1
    assert state(town, "one") == "Inte bekräftat i tid"


def test_begun_again_the_first_gives_way(town: Town) -> None:
    fill_in(town, close, run="one")
    fill_in(town, close, run="two")
    assert (state(town, "one"), state(town, "two")) == ("Ersatt av en nyare begäran", "Väntar på bekräftelse")


# ---------------------------------------------------------------- four eyes


def test_who_applied_may_not_close_by_form(town: Town) -> None:
    assert refused(town, close, "elin").code == "four_eyes"


def test_who_decided_may_not_hand_over_another_question() -> None:
    town = Town(memory_engine(), {"opening": [UNIT], "closing": [CHIEF]})
    town.apply("elin", administrators=["omar"], address="https://www.instagram.com/biblioteket")
    town.answer("petra")
    town.ask_to_close("omar")
    assert refused(town, hand_over("sara")).code == "four_eyes"
    assert refused(town, hand_over("sara"), "mats").code == "only_communications"
    assert fill_in(town, hand_over("sara"), "david").waits


def hand_over(to: str) -> Callable[[FormDesk], Told]:
    def act(desk: FormDesk) -> Told:
        account = desk.account("Biblioteket")
        question = desk.open_question(account, "")
        values = {
            "account": account.id,
            "task": question.id,
            "person": desk.someone(f"{to}@{DOMAIN}").id,
            "reason": "Är på semester.",
        }
        return desk.begin(confirmed_repairs.HAND_OVER, "Lämna över", f"task:{question.id}", values)

    return act


def test_a_question_is_handed_over_when_confirmed(asked: Town) -> None:
    fill_in(asked, hand_over("sara"))
    assert asked.holders(asked.open_tasks()[0]) == ["karin"]
    confirm(asked)
    assert asked.holders(asked.open_tasks()[0]) == ["sara"]


def correct(desk: FormDesk) -> Told:
    account = desk.account("Biblioteket")
    question = desk.answered_question(account, "")
    values = {"account": account.id, "task": question.id, "reason": "Fel knapp."}
    return desk.begin(confirmed_repairs.CORRECT, "Rätta", f"task:{question.id}", values)


def test_a_wrong_click_is_put_right_by_communications_after_the_hour(asked: Town) -> None:
    """REQUIREMENTS 2.2: later by communications with a reason."""
    asked.answer("karin", Outcome.DECLINE, "Nej.")
    asked.now += timedelta(days=1)
    asked.look()
    assert asked.state == "declined"
    fill_in(asked, correct)
    confirm(asked)
    assert (asked.state, asked.holders(asked.open_tasks()[0])) == ("deciding", ["karin"])


def test_ones_own_click_only_within_the_hour(asked: Town) -> None:
    asked.answer("karin")
    asked.now += timedelta(hours=2)
    assert refused(asked, correct, "karin").code == "regret_too_late"


def test_an_answer_about_a_closing_is_put_right_too(town: Town) -> None:
    town.ask_to_close("omar")
    town.answer("karin", Outcome.DECLINE, "Nej.")
    town.now += timedelta(days=1)
    fill_in(town, correct)
    confirm(town)
    assert town.holders(town.open_tasks()[0]) == ["karin"]


# ---------------------------------------------------------------- finding


def test_the_nearest_names_are_told(town: Town) -> None:
    says = refused(town, lambda desk: close(desk, "Bibliotekt")).says()
    assert "Menade du Biblioteket" in says


@pytest.mark.parametrize(
    "words",
    [
        "biblioteket",
        " Biblioteket ",
        "instagram.com/biblioteket",
        "Bibliotek · Instagram",
        "Instagram ”Biblioteket”",
    ],
)
def test_an_account_is_found_by_name_by_address_and_by_its_runs_name(town: Town, words: str) -> None:
    assert fill_in(town, lambda desk: close(desk, words)).waits


def test_two_of_a_name_are_asked_about_by_address(town: Town) -> None:
    town.apply("tove", address="https://www.facebook.com/biblioteket", platform="facebook")
    found = refused(town, close)
    assert found.code == "account_not_one"
    assert "https://www.facebook.com/biblioteket" in found.says()
    assert fill_in(town, lambda desk: close(desk, "facebook.com/biblioteket")).waits


def test_units_are_found_by_name(town: Town) -> None:
    assert refused(town, lambda desk: Told([str(desk.unit("Bibliotekn").id)])).code == "unit_unknown"
    fill_in(town, move("Kultur"))
    confirm(town)
    with town.reading() as session:
        unit_id = session.get_one(Account, town.account_id).unit_id
        assert session.get_one(Unit, unit_id).name == "Kultur"


def move(to: str) -> Callable[[FormDesk], Told]:
    def act(desk: FormDesk) -> Told:
        values = {"account": desk.account_id("Biblioteket"), "unit": desk.unit(to).id}
        return desk.begin(confirmed_changes.MOVE, "Flytta", "account", values)

    return act


def test_who_acts_must_be_known(town: Town) -> None:
    assert refused(town, close, "ingen").code == "person_unknown"


def test_the_municipality_is_asked_for_where_there_are_several(town: Town) -> None:
    with town.work() as session:
        session.add(
            Municipality(
                slug="grannby",
                name="Grannby",
                mail_domains=["grannby.example.org"],
                sender_address="kanalvakt@grannby.example.org",
            )
        )
    found = refused(town, close)
    assert (found.code, found.values["slugs"]) == ("municipality_missing", "exempelby, grannby")
    filled = Filled("with-slug", f"petra@{DOMAIN}", "exempelby")
    assert by_form.fill_in(town.engine, filled, close, town.now).waits


# ---------------------------------------------------------------- letters, imports, rules


def test_a_letter_goes_again_to_whom_it_waits_for_and_to_nobody_else(asked: Town) -> None:
    def again(to: str) -> Callable[[FormDesk], Told]:
        def act(desk: FormDesk) -> Told:
            person = desk.someone(f"{to}@{DOMAIN}")
            renewing.send_again(desk.session, desk.account("Biblioteket"), person, desk.by, desk.now)
            return Told(["Skickat."])

        return act

    assert refused(asked, again("sara")).code == "letter_unknown"
    fill_in(asked, again("karin"))
    with asked.reading() as session:
        rows = select(Message).where(col(Message.notice) == "letter_again")
        assert session.execute(rows).scalars().one().person_id == asked.people["karin"]


PASTED = f"namn\te-post\ttitel\tenhet\nNora Ny\tnora.ny@{DOMAIN}\tbibliotekarie\tbibliotek\n"


def import_people(lines: str) -> Callable[[FormDesk], Told]:
    def act(desk: FormDesk) -> Told:
        table = confirmed_files.read_wanted("inklistrade rader", lines.encode())
        label, values = confirmed_files.wanted_import("people", table, None)
        return desk.begin(confirmed_files.IMPORT, label, "import:people", values)

    return act


def test_pasted_lines_are_imported_when_confirmed_and_kept_no_longer(town: Town) -> None:
    standing = fill_in(town, import_people(PASTED))
    assert "Personer: 1 nya, 0 ändrade, 0 oförändrade" in standing.lines
    task_id = waiting(town).id or 0
    confirm(town)
    with town.reading() as session:
        assert session.execute(select(Person).where(col(Person.name) == "Nora Ny")).first()
        assert "Nora" not in str(session.get_one(UserTask, task_id).details)


def test_faults_in_pasted_lines_are_all_told_and_nothing_begins(town: Town) -> None:
    wrong = PASTED.replace("bibliotek\n", "biblotek\n") + "Namnlös\t\t\tbibliotek\n"
    says = refused(town, import_people(wrong)).says()
    assert "rad 2" in says.lower() and "rad 3" in says.lower()


def test_nobody_imports_people_while_their_own_application_is_undecided(asked: Town) -> None:
    """An import can change who decides (REQUIREMENTS 4.2)."""
    asked.apply("petra", name="Stab", address="https://www.instagram.com/stab")
    assert refused(asked, import_people(PASTED)).code == "own_matter_open"
    assert fill_in(asked, import_people(PASTED), "david").waits


def test_proposed_rules_wait_for_their_approver_when_confirmed(town: Town) -> None:
    def act(desk: FormDesk) -> Told:
        content = confirmed_files.content_named("mall")
        label, values = confirmed_files.wanted_rules(content, confirmed_files.Size.SMALL)
        return desk.begin(confirmed_files.RULES, label, "policy", values)

    fill_in(town, act)
    confirm(town)
    with town.reading() as session:
        rows = select(UserTask).where(col(UserTask.kind) == TaskKind.APPROVE_POLICY)
        task = session.execute(rows).scalars().one()
        assert session.execute(select(Link).where(col(Link.dead_at).is_(None))).first() is None
    assert town.holders(task) == ["david"]


def test_pasted_rules_with_faults_are_refused_line_by_line() -> None:
    with pytest.raises(Refused) as caught:
        confirmed_files.content_pasted("policy: egen\nname: Egen\nvalid_from: igår\n")
    assert "egen.yaml, rad 3" in caught.value.says()


def test_a_day_that_does_not_exist_is_refused_line_by_line() -> None:
    with pytest.raises(Refused) as caught:
        confirmed_files.content_pasted("policy: egen\nname: Egen\nvalid_from: 2026-02-30\n")
    assert "egen.yaml, rad 3" in caught.value.says()


OWN = """policy: granby
name: Granby
extends: mall
guidelines: []
valid_from: 2026-12-01
"""


@pytest.fixture
def own_folder(tmp_path: Path) -> Path:
    """An installation's own rules, as `kanalvakt new-municipality` leaves them."""
    (tmp_path / "municipalities").mkdir()
    (tmp_path / "municipalities" / "granby.yaml").write_text(OWN, "utf-8")
    return tmp_path


def test_the_installations_own_rules_are_found_by_name(own_folder: Path) -> None:
    assert confirmed_files.content_named("granby", own_folder)["policy"]["name"] == "Granby"


def test_pasted_rules_may_build_on_the_installations_own(own_folder: Path) -> None:
    pasted = OWN.replace("extends: mall", "extends: granby").replace("policy: granby", "policy: granby-ny")
    content = confirmed_files.content_pasted(pasted, own_folder)
    assert content["policy"]["policy"] == "granby-ny"


def test_a_pasted_version_takes_the_place_of_the_file_of_its_name(own_folder: Path) -> None:
    content = confirmed_files.content_pasted(OWN.replace("name: Granby", "name: Granby kommun"), own_folder)
    assert content["policy"]["name"] == "Granby kommun"
