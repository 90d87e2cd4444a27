"""Who has applied or decided changes in no way who decides the rest (REQUIREMENTS 2.2, 4.2)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from acts import absences, caring, confirmed_files, leaving, resting
from acts.by_form import FormDesk, Told
from acts.importing import import_accounts
from acts.rounds import go_round
from acts.spreadsheets import read_table
from lifecycle.events import By
from lifecycle.refusals import Refused
from models import Absence, Account, Municipality, Outcome, TaskHolder, TaskKind
from tests.acts.form_filling import refused
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import DOMAIN, TUESDAY, Town, refused_of, step

TODAY = TUESDAY.date()
CHIEF = step("chef", "decide", "line_manager")
HEAD = step("forvaltning", "decide", "head_of_department")
UNIT = step("enhet", "decide", "communications")
ADDRESS = "https://www.instagram.com/biblioteket"


def town_of(*steps: dict[str, Any]) -> Town:
    return Town(memory_engine(), {"opening": list(steps)})


def opened(**rules: Any) -> Town:
    """The library's account is open."""
    found = Town(memory_engine(), {"opening": [], **rules})
    found.apply("elin", responsible=["omar"], administrators=["omar", "tove"], address=ADDRESS)
    return found


def away(town: Town, who: str, by: str, substitute: str = "sara") -> None:
    with town.work() as session:
        absences.enter(
            session,
            town.now,
            by_id=town.people[by],
            email=f"{who}@{DOMAIN}",
            from_on=town.now.date(),
            until_on=None,
            substitute_email=f"{substitute}@{DOMAIN}" if substitute else "",
            via="portal",
        )
    if town.account_id:
        town.look()


def absence_of(town: Town, who: str) -> int:
    with town.reading() as session:
        rows = select(Absence).where(col(Absence.person_id) == town.people[who])
        return session.execute(rows).scalars().one().id or 0


def change(town: Town, who: str, by: str, substitute: str = "sara") -> None:
    absence_id = absence_of(town, who)
    with town.work() as session:
        absences.change(
            session,
            town.now,
            by_id=town.people[by],
            absence_id=absence_id,
            until_on=None,
            substitute_email=f"{substitute}@{DOMAIN}",
            via="portal",
        )
    town.look()


def end(town: Town, who: str, by: str) -> None:
    absence_id = absence_of(town, who)
    with town.work() as session:
        absences.end(session, town.now, by_id=town.people[by], absence_id=absence_id, via="portal")
    town.look()


# ---------------------------------------------------------------- absence


def test_the_applicant_s_word_that_the_decider_is_away_moves_nothing_and_communications_sees_it() -> None:
    town = town_of(CHIEF)
    town.apply("petra")
    away(town, "karin", by="petra")
    assert town.asked() == {"chef": ["karin"]}
    assert town.account().red_reason == "no_holder:chef"
    town.answer("karin")
    assert town.account().red_reason == ""


def test_nor_when_it_was_said_before_applying() -> None:
    town = town_of(CHIEF)
    away(town, "karin", by="petra")
    town.apply("petra")
    assert town.asked() == {"chef": ["karin"]}


def test_somebody_else_who_stands_for_it_makes_it_count() -> None:
    town = town_of(CHIEF)
    town.apply("petra")
    away(town, "karin", by="petra")
    change(town, "karin", by="david")
    assert town.asked() == {"chef": ["karin", "sara"]}


def test_in_the_matters_of_others_it_counts_at_once() -> None:
    town = town_of(CHIEF)
    town.apply("elin")
    away(town, "karin", by="petra")
    assert town.asked() == {"chef": ["karin", "sara"]}


@pytest.mark.parametrize("someone_else", [True, False])
def test_nor_that_of_one_who_has_decided_another_step(someone_else: bool) -> None:
    town = town_of(CHIEF, HEAD | {"someone_else": someone_else})
    town.apply("elin")
    town.hand_over("karin", "petra")
    town.answer("petra")
    away(town, "mats", by="petra", substitute="lena")
    assert town.asked() == {"forvaltning": ["mats"]}


def test_what_others_have_said_of_the_decider_is_not_changed_by_the_applicant() -> None:
    town = town_of(CHIEF)
    away(town, "karin", by="david")
    town.apply("petra")
    assert town.asked() == {"chef": ["sara"]}
    assert refused_of(change, town, "karin", "petra", "lena") == "four_eyes_absence"
    assert refused_of(end, town, "karin", "petra") == "four_eyes_absence"
    end(town, "karin", by="david")


def test_one_s_own_absence_is_one_s_own_to_say() -> None:
    """The decider who says that they are away says so themselves, whatever they have decided."""
    town = town_of(CHIEF, HEAD)
    town.apply("elin")
    town.answer("karin")
    away(town, "karin", by="karin")
    change(town, "karin", by="karin")
    away(town, "mats", by="mats", substitute="sara")
    assert town.asked() == {"forvaltning": ["mats", "sara"]}


# ---------------------------------------------------------------- who leaves


def leave(town: Town, who: str, by: str, to: str = "lena") -> None:
    with town.work() as session:
        leaving.ask(
            session,
            town.now,
            by_id=town.people[by],
            person_id=town.people[who],
            last_on=TODAY + timedelta(days=1),
            all_to=f"{to}@{DOMAIN}",
            via="portal",
        )


@pytest.mark.parametrize("who", ["mats", "karin", "johan"])
def test_nobody_says_that_one_leaves_who_is_to_decide_a_later_step_or_stands_in(who: str) -> None:
    """Karin decides now with Johan as her substitute, Mats then; Sara has nothing to do with it."""
    town = town_of(CHIEF, HEAD)
    town.apply("petra")
    assert refused_of(leave, town, who, "petra") == "four_eyes_leaving"
    leave(town, who, by="david")
    leave(town, "tove", by="petra")


def test_nor_who_has_decided_the_first_step() -> None:
    town = town_of(CHIEF, HEAD)
    town.apply("elin")
    town.hand_over("karin", "petra")
    town.answer("petra")
    assert refused_of(leave, town, "mats", "petra") == "four_eyes_leaving"


def test_nor_who_has_asked_to_close() -> None:
    town = opened(closing=[CHIEF, HEAD])
    town.ask_to_close("petra")
    assert refused_of(leave, town, "mats", "petra") == "four_eyes_leaving"


# ---------------------------------------------------------------- another unit, a role, a day


def move(town: Town, by: str, to: str = "stab") -> None:
    with town.work() as session:
        caring.change_unit(
            session,
            town.now,
            account_id=town.account_id,
            person_id=town.people[by],
            unit_id=town.units[to],
            via="portal",
        )


def test_who_has_asked_for_something_does_not_move_the_account_to_another_manager() -> None:
    town = opened(closing=[CHIEF, HEAD])
    town.ask_to_close("petra")
    assert refused_of(move, town, "petra") == "four_eyes"
    town.answer("karin")
    assert refused_of(move, town, "karin") == "four_eyes"
    move(town, "david")


def test_who_has_asked_for_something_ends_no_role_that_decides_it() -> None:
    town = opened(administrator_change=[step("svarig", "decide", "administrator")])
    town.ask_for("petra", "johan")
    assert refused_of(town.end_role, "petra", "tove") == "four_eyes"
    town.end_role("tove", "tove")


def test_but_ends_one_that_decides_nothing() -> None:
    town = opened(administrator_change=[CHIEF])
    town.ask_for("petra", "johan")
    town.end_role("petra", "tove")


def test_who_set_the_last_day_does_not_decide_that_the_account_is_closed() -> None:
    town = opened(closing=[UNIT])
    with town.work() as session:
        resting.set_end(
            session,
            town.now,
            account_id=town.account_id,
            person_id=town.people["petra"],
            ends_on=TODAY + timedelta(days=1),
            via="portal",
        )
    town.now += timedelta(days=1)
    assert go_round(town.engine, resting.ENDS, town.now).failures == []
    town.look()
    assert town.asked() == {"enhet": ["david"]}


def test_a_last_day_that_stood_in_the_plan_is_asked_about_by_nobody() -> None:
    found = Town(memory_engine(), {"opening": [CHIEF], "closing": [UNIT]})
    found.apply("petra", administrators=["omar"], address=ADDRESS, ends_on="2026-12-02")
    found.answer("karin")
    found.now = datetime(2026, 12, 2, 8, tzinfo=UTC)
    assert go_round(found.engine, resting.ENDS, found.now).failures == []
    found.look()
    assert found.account().closing_asked_by_id is None


# ---------------------------------------------------------------- a file, a question


PEOPLE = f"namn;e-post;titel;enhet\nNora Ny;nora.ny@{DOMAIN};bibliotekarie;bibliotek\n"
HEADER = "namn;plattform;adress;enhet\n"
ROWS = f"{HEADER}Stan;Instagram;https://www.instagram.com/stan;bibliotek\n"
MOVED = f"{HEADER}Stan;Instagram;https://www.instagram.com/stan;stab\n"


def import_of(what: str, lines: str) -> Any:
    def act(desk: FormDesk) -> Told:
        table = confirmed_files.read_wanted("inklistrade rader", lines.encode())
        label, values = confirmed_files.wanted_import(what, table, None)
        return desk.begin(confirmed_files.IMPORT, label, f"import:{what}", values)

    return act


def test_who_has_decided_a_step_imports_nobody_before_the_rest_is_decided() -> None:
    town = town_of(CHIEF, HEAD)
    town.apply("elin")
    town.hand_over("karin", "petra")
    town.answer("petra")
    assert refused(town, import_of("people", PEOPLE)).code == "own_matter_open"


def test_who_asked_to_close_an_account_moves_it_by_no_file() -> None:
    town = Town(memory_engine(), {"opening": [], "closing": [CHIEF]})
    with town.work() as session:
        municipality = session.get_one(Municipality, town.municipality_id)
        table = read_table("konton.csv", ROWS.encode())
        assert import_accounts(session, municipality, table, By(None, "cli"), town.now).faults == []
        town.account_id = session.execute(select(col(Account.id))).scalar_one()
    town.look()
    town.ask_to_close("petra")
    assert refused(town, import_of("accounts", MOVED)).code == "own_matter_open"


@pytest.mark.parametrize("who", ["elin", "karin"])
def test_who_may_not_decide_a_question_hands_it_to_nobody(who: str) -> None:
    """As no path does, somebody who applied or decided holds the question: the last check holds by itself."""
    town = town_of(CHIEF, HEAD)
    town.apply("elin")
    town.answer("karin")
    (task,) = town.open_tasks(kinds=(TaskKind.DECIDE,))
    with town.work() as session:
        session.add(TaskHolder(task_id=task.id or 0, person_id=town.people[who]))
    with pytest.raises(Refused) as caught:
        town.hand_over(who, "sara")
    assert caught.value.code == "four_eyes"
    assert town.answer("mats", Outcome.APPROVE)
