"""A season's rest, an account's own last day, and being let off a duty (REQUIREMENTS 2.6, 2.7, 1)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from acts import exempting, resting, watching
from acts.round_list import PRESENCE
from acts.rounds import go_round
from lifecycle.resting import rests
from models import Account, Exemption, Message, Outcome, TaskKind
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import CLAUSE, TUESDAY, Town, field, refused_of, step

TODAY = TUESDAY.date()
WATCHED = [{"days": "weekdays", "clauses": [CLAUSE]}]
ADDRESS = "https://example.org/a"


def opened(rules: dict[str, Any] | None = None, **settings: Any) -> Town:
    """An open account; Elin answers for it, Omar administers it too."""
    town = Town(memory_engine(), {"opening": [], "watch": WATCHED} | (rules or {}), settings)
    town.apply("tove", administrators=["elin", "omar"], responsible=["elin"], address=ADDRESS)
    return town


def rest(town: Town, who: str = "elin", from_on: date = TODAY, until_on: date = date(2026, 12, 8)) -> None:
    with town.work() as session:
        resting.let_rest(
            session,
            town.now,
            account_id=town.account_id,
            person_id=town.people[who],
            from_on=from_on,
            until_on=until_on,
            via="portal",
        )
    town.look()


def wake(town: Town, who: str = "elin") -> None:
    with town.work() as session:
        resting.wake(session, town.now, account_id=town.account_id, person_id=town.people[who], via="portal")
    town.look()


def set_end(town: Town, ends_on: date | None, who: str = "elin") -> None:
    with town.work() as session:
        resting.set_end(
            session,
            town.now,
            account_id=town.account_id,
            person_id=town.people[who],
            ends_on=ends_on,
            via="portal",
        )
    town.look()


def morning(town: Town, day: date, hour: int = 8) -> None:
    """The rounds of a morning, and the look where there is news."""
    town.now = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    for one in (*PRESENCE, watching.ASK, watching.TELL):
        assert go_round(town.engine, one, town.now).failures == []
    town.look()


def told(town: Town, part: str) -> list[str]:
    """Who reads that part in a morning letter."""
    with town.reading() as session:
        found = session.execute(select(Message).where(col(Message.notice) == "morning")).scalars()
        return sorted(one.email.split("@")[0] for one in found if part in one.context)


# ---------------------------------------------------------------- rest


@pytest.mark.parametrize("who", ["elin", "karin", "sara", "petra"])
def test_the_responsible_managers_and_communications_let_it_rest(who: str) -> None:
    town = opened()
    rest(town, who)
    assert rests(town.account(), TODAY)
    assert town.account().waits_for == "Aktiv · Vilar till 2026-12-08"
    assert {"petra", "david", "elin", "omar"} <= set(town.told("rest_set"))


@pytest.mark.parametrize("who", ["omar", "tove", "lena"])
def test_nobody_else_does(who: str) -> None:
    assert refused_of(rest, opened(), who) == "not_yours_to_rest"


@pytest.mark.parametrize(
    ("from_on", "until_on", "code"),
    [
        (TODAY - timedelta(days=1), date(2026, 12, 8), "rest_dates"),
        (TODAY, TODAY, "rest_dates"),
        (TODAY, TODAY + timedelta(days=367), "rest_too_long"),
    ],
)
def test_what_cannot_be_is_refused(from_on: date, until_on: date, code: str) -> None:
    assert refused_of(rest, opened(), "elin", from_on, until_on) == code


def test_a_rest_to_come_is_not_shown_as_one() -> None:
    town = opened()
    rest(town, from_on=date(2026, 12, 4))
    assert town.account().waits_for == "Aktiv"
    assert not rests(town.account(), date(2026, 12, 3))
    assert rests(town.account(), date(2026, 12, 4))
    assert not rests(town.account(), date(2026, 12, 8))


def test_a_resting_account_is_watched_as_ever() -> None:
    town = opened()
    rest(town)
    morning(town, date(2026, 12, 2))
    assert [task.kind for task in town.open_tasks()] == [TaskKind.WATCH]


def test_its_end_is_a_line_in_the_morning_letter_once() -> None:
    town = opened()
    rest(town)
    morning(town, date(2026, 12, 7))
    assert told(town, "rested") == []
    morning(town, date(2026, 12, 8))
    assert told(town, "rested") == ["elin", "omar"]
    assert town.account().waits_for == "Aktiv"
    morning(town, date(2026, 12, 9))
    assert told(town, "rested") == ["elin", "omar"]


def test_a_rest_that_ends_on_a_saturday_is_told_on_monday() -> None:
    town = opened()
    rest(town, until_on=date(2026, 12, 5))
    for day in (5, 6):
        morning(town, date(2026, 12, day))
        assert told(town, "rested") == []
    morning(town, date(2026, 12, 7))
    assert told(town, "rested") == ["elin", "omar"]


def test_silent_days_are_caught_up_with() -> None:
    town = opened()
    rest(town, until_on=date(2026, 12, 3))
    morning(town, date(2026, 12, 10))
    assert told(town, "rested") == ["elin", "omar"]


def test_it_may_end_early_or_never_begin() -> None:
    town = opened()
    rest(town)
    town.now += timedelta(days=1)
    wake(town)
    assert not rests(town.account(), date(2026, 12, 2))
    assert town.account().rests_until_on == date(2026, 12, 2)
    rest(town, from_on=date(2026, 12, 4))
    wake(town)
    assert town.account().rests_until_on is None
    assert refused_of(wake, town) == "rest_none"


# ---------------------------------------------------------------- an account's own last day


def test_the_plan_of_a_project_sets_its_last_day() -> None:
    rules = {"opening": [], "plan": [field("ends_on", kind="date")]}
    town = Town(memory_engine(), rules)
    town.draft()
    town.write(name="Projektet", platform="instagram", unit="bibliotek", ends_on="2027-03-01")
    town.send()
    assert town.account().ends_on == date(2027, 3, 1)


def test_a_day_that_is_no_day_yet_is_none() -> None:
    town = Town(memory_engine(), {"opening": [], "plan": [field("ends_on", kind="date")]})
    town.draft()
    town.write(name="Projektet", ends_on="i mars")
    assert town.account().ends_on is None


def test_its_people_are_warned_once_before_and_closing_is_asked_for_on_the_day() -> None:
    town = opened({"closing": [step("slut", "decide", "communications")]}, end_warning_days=10)
    set_end(town, date(2026, 12, 16))
    morning(town, date(2026, 12, 4))
    assert town.told("end_nears") == []
    for day in (7, 8):
        morning(town, date(2026, 12, day))
        assert set(town.told("end_nears")) == {"elin", "omar", "tove"}
        assert len(town.told("end_nears")) == 3
    assert town.asked() == {"bevakning": ["elin", "omar"]} | {}
    morning(town, date(2026, 12, 16))
    assert town.asked()["slut"] == ["petra", "david"]
    assert "2026-12-16" in town.account().closing_reason


def test_it_is_asked_for_once_whatever_is_decided() -> None:
    town = opened({"closing": [step("slut", "decide", "communications")]})
    set_end(town, date(2026, 12, 3))
    morning(town, date(2026, 12, 3))
    town.answer("petra", Outcome.DECLINE)
    morning(town, date(2026, 12, 4))
    assert "slut" not in town.asked()
    set_end(town, date(2026, 12, 8))
    morning(town, date(2026, 12, 8))
    assert "slut" in town.asked(), "another day asks again"


def test_another_day_warns_again_and_no_day_never() -> None:
    town = opened(end_warning_days=10)
    set_end(town, date(2026, 12, 9))
    morning(town, date(2026, 12, 2))
    set_end(town, date(2026, 12, 11))
    morning(town, date(2026, 12, 3))
    assert len(town.told("end_nears")) == 6
    set_end(town, None)
    morning(town, date(2026, 12, 14))
    assert town.account().closing_asked_at is None


def test_a_last_day_in_the_past_is_refused() -> None:
    assert refused_of(set_end, opened(), TODAY) == "end_past"
    assert refused_of(set_end, opened(), date(2027, 1, 1), "omar") == "not_yours_to_rest"


def test_an_account_that_was_taken_over_is_not_closed_before_its_day() -> None:
    """REQUIREMENTS 2.8: no closing before the municipality's set day."""
    town = opened()
    set_end(town, date(2026, 12, 3))
    with town.work() as session:
        session.get_one(Account, town.account_id).duties_from_on = date(2026, 12, 9)
    morning(town, date(2026, 12, 8))
    assert town.account().closing_asked_at is None
    morning(town, date(2026, 12, 9))
    assert town.account().closing_asked_at is not None


# ---------------------------------------------------------------- let off


def exempt(
    town: Town,
    who: str = "petra",
    duty: str = "watch",
    until_on: date = date(2026, 12, 8),
    reason: str = "Kontot är låst av plattformen.",
) -> None:
    with town.work() as session:
        exempting.exempt(
            session,
            town.now,
            account_id=town.account_id,
            person_id=town.people[who],
            duty=duty,
            until_on=until_on,
            reason=reason,
            via="portal",
        )
    town.look()


def test_an_account_let_off_the_watch_is_not_asked_until_the_day() -> None:
    town = opened()
    exempt(town)
    morning(town, date(2026, 12, 7))
    assert town.open_tasks() == []
    morning(town, date(2026, 12, 8))
    assert [task.kind for task in town.open_tasks()] == [TaskKind.WATCH]
    assert set(town.told("exempted")) == {"elin", "omar", "tove"}


def test_nor_does_it_stand_red_for_it() -> None:
    town = opened()
    for who in ("elin", "omar"):
        town.leaves(who)
    town.look()
    assert town.account().red_reason == "no_deputy"
    exempt(town)
    assert town.account().red_reason == ""


@pytest.mark.parametrize(("who", "may"), [("petra", True), ("lena", True), ("elin", False), ("karin", False)])
def test_communications_or_its_director_decides(who: str, may: bool) -> None:
    town = opened()
    if may:
        exempt(town, who)
    else:
        assert refused_of(exempt, town, who) == "only_communications"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"duty": "posting"}, "exemption_no_duty"),
        ({"duty": "answer"}, "exemption_no_duty"),
        ({"until_on": TODAY}, "exemption_dates"),
        ({"until_on": TODAY + timedelta(days=367)}, "exemption_dates"),
        ({"reason": "  "}, "reason_missing"),
        ({"reason": "x" * 2001}, "text_too_long"),
    ],
)
def test_what_no_clause_asks_cannot_be_let_off(given: dict[str, Any], code: str) -> None:
    assert refused_of(exempt, opened(), **given) == code


def test_it_can_be_taken_back() -> None:
    town = opened()
    exempt(town)
    with town.reading() as session:
        [one] = session.execute(select(Exemption)).scalars()
    town.now += timedelta(days=1)
    end(town, one)
    morning(town, date(2026, 12, 2))
    assert [task.kind for task in town.open_tasks()] == [TaskKind.WATCH]
    assert refused_of(end, town, one) == "exemption_over"


def end(town: Town, one: Exemption) -> None:
    with town.work() as session:
        exempting.end(
            session,
            town.now,
            account_id=town.account_id,
            exemption_id=one.id or 0,
            person_id=town.people["david"],
            via="portal",
        )
