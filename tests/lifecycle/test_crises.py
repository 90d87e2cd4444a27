"""Crisis mode: communications starts and ends it, administrators are told at once, the watch tightens.

REQUIREMENTS 3; Näs 10 names the crisis organisation as the one that uses the accounts.
"""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from acts import absences, crises, watching
from acts.rounds import go_round
from models import Crisis, Message, TaskKind, TaskState, UserTask
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import CLAUSE, DOMAIN, Town, refused_of

WATCHED = [{"days": "weekdays", "clauses": [CLAUSE]}]
RULE: dict[str, Any] = {"label": "Kontona används i kris", "clauses": [CLAUSE]}


def town_with(crisis: list[dict[str, Any]] | None = None, watch: Any = WATCHED, **settings: Any) -> Town:
    """A town with an open account that Elin and Omar administer; Birgitta is the crisis organisation."""
    rules: dict[str, Any] = {"opening": [], "watch": watch, "crisis": crisis or []}
    town = Town(memory_engine(), rules, settings)
    town.posts("crisis_organisation", "birgitta")
    town.apply(administrators=["elin", "omar"], responsible=["elin"], address="https://example.org/a")
    return town


def at(town: Town, day: int, hour: int, minute: int = 0) -> None:
    """A local hour in December 2026, which is winter time."""
    town.now = datetime(2026, 12, day, hour - 1, minute, tzinfo=UTC)


def begin(town: Town, who: str = "petra", message: str = "Vattnet är förorenat.") -> None:
    with town.work() as session:
        crises.begin(session, town.now, by_id=town.people[who], message=message, via="portal")
    town.look()


def end(town: Town, who: str = "david") -> None:
    with town.work() as session:
        crises.end(session, town.now, by_id=town.people[who], via="portal")
    town.look()


def ask(town: Town) -> None:
    assert go_round(town.engine, watching.ASK, town.now).failures == []


def watch(town: Town, state: TaskState = TaskState.OPEN) -> list[str]:
    """From when to when the account is to be looked at, in local time."""
    rows = select(UserTask).where(col(UserTask.kind) == TaskKind.WATCH, col(UserTask.state) == state)
    with town.reading() as session:
        found = list(session.execute(rows.order_by(col(UserTask.due_at))).scalars())
    return [f"{one.opened_at.hour + 1:02}-{one.due_at.hour + 1:02}" for one in found if one.due_at]


def letters(town: Town, what: str) -> list[str]:
    with town.reading() as session:
        found = session.execute(select(Message).where(col(Message.notice) == "crisis")).scalars()
        return sorted(one.email.split("@")[0] for one in found if one.context["what"] == what)


def asked_for_access(town: Town) -> list[UserTask]:
    with town.reading() as session:
        rows = select(UserTask).where(col(UserTask.kind) == TaskKind.LOOK_INTO)
        return list(session.execute(rows).scalars())


# ---------------------------------------------------------------- who, and who is told


def test_administrators_are_told_at_once_on_any_day() -> None:
    """REQUIREMENTS 3: alarms at once, to the one on duty that day."""
    town = town_with()
    at(town, 5, 3)  # a Saturday night
    begin(town)
    assert letters(town, "begun") == ["david", "elin", "kommunikation", "omar", "petra"]
    with town.reading() as session:
        messages = session.execute(select(Message).where(col(Message.notice) == "crisis")).scalars()
        assert {one.not_before for one in messages} == {town.now}


def test_who_is_away_is_not_alarmed_but_who_stands_in_is() -> None:
    town = town_with()
    at(town, 2, 9)
    with town.work() as session:
        absences.enter(
            session,
            town.now,
            by_id=town.people["omar"],
            from_on=date(2026, 12, 2),
            until_on=date(2026, 12, 20),
            substitute_email=f"tove@{DOMAIN}",
            via="portal",
        )
    begin(town)
    told = letters(town, "begun")
    assert "tove" in told and "omar" not in told


@pytest.mark.parametrize("who", ["elin", "lena", "birgitta"])
def test_only_communications_starts_and_ends_it(who: str) -> None:
    town = town_with()
    assert refused_of(begin, town, who) == "only_communications"
    begin(town)
    assert refused_of(end, town, who) == "only_communications"


def test_one_at_a_time() -> None:
    town = town_with()
    begin(town)
    assert refused_of(begin, town, "david") == "crisis_already"
    end(town)
    assert refused_of(end, town) == "crisis_none"
    begin(town)


def test_the_same_people_are_told_when_it_is_over() -> None:
    town = town_with()
    begin(town)
    end(town)
    assert letters(town, "ended") == letters(town, "begun")


def test_the_message_is_kept_apart_from_the_chain() -> None:
    town = town_with()
    begin(town)
    with town.reading() as session:
        [crisis] = session.execute(select(Crisis)).scalars()
    assert crisis.message == "Vattnet är förorenat."
    assert refused_of(begin, town_with(), "petra", "x" * 2001) == "text_too_long"


# ---------------------------------------------------------------- who uses the accounts then


def test_who_uses_the_accounts_is_told_and_asked_whether_they_can_reach_them() -> None:
    town = town_with([RULE | {"used_by": "crisis_organisation"}])
    begin(town)
    assert "birgitta" in letters(town, "begun")
    [asked] = asked_for_access(town)
    assert town.holders(asked) == ["birgitta"]
    assert [one["ref"] for one in asked.clauses] == [CLAUSE]


def test_where_the_clause_names_nobody_nobody_is_asked() -> None:
    town = town_with([RULE])
    begin(town)
    assert asked_for_access(town) == []
    assert "birgitta" not in letters(town, "begun")


def test_when_it_is_over_nobody_is_asked_about_it() -> None:
    town = town_with([RULE | {"used_by": "crisis_organisation"}])
    begin(town)
    end(town)
    assert [task.state for task in asked_for_access(town)] == [TaskState.WITHDRAWN]


def test_an_empty_post_goes_to_the_last_resort() -> None:
    town = town_with([RULE | {"used_by": "crisis_organisation"}])
    town.posts("crisis_organisation")
    begin(town)
    assert town.holders(asked_for_access(town)[0]) == ["lena"]


def test_a_permission_asks_nothing() -> None:
    town = town_with([RULE | {"used_by": "crisis_organisation", "modality": "may"}])
    begin(town)
    assert asked_for_access(town) == []


# ---------------------------------------------------------------- the watch


def test_the_watch_tightens_to_the_setting_from_the_next_morning() -> None:
    town = town_with(crisis_watch_times_a_day=3)
    at(town, 1, 21)
    begin(town)
    at(town, 2, 8)
    ask(town)
    assert watch(town) == ["08-12", "12-16", "16-20"]


def test_todays_watch_is_asked_for_again_in_what_is_left_of_the_day() -> None:
    town = town_with(crisis_watch_times_a_day=3)
    at(town, 2, 8)
    ask(town)
    assert watch(town) == ["08-20"]
    at(town, 2, 13)
    begin(town)
    assert watch(town) == ["12-16", "08-20", "16-20"]


def test_each_part_of_the_day_is_confirmed_for_itself() -> None:
    town = town_with(crisis_watch_times_a_day=2)
    at(town, 1, 21)
    begin(town)
    at(town, 2, 8)
    ask(town)
    at(town, 2, 9)
    confirm(town, "elin")
    assert watch(town) == ["14-20"]
    assert watch(town, TaskState.DONE) == ["08-14"]
    at(town, 2, 15)
    confirm(town, "omar")
    assert watch(town) == []


def confirm(town: Town, who: str) -> None:
    with town.work() as session:
        watching.confirm_watch(
            session, town.now, person_id=town.people[who], account_ids=[town.account_id], via="link"
        )


def test_the_rules_own_number_comes_before_the_setting() -> None:
    town = town_with([RULE | {"watch_times_a_day": 4}], crisis_watch_times_a_day=2)
    at(town, 1, 21)
    begin(town)
    at(town, 2, 8)
    ask(town)
    assert len(watch(town)) == 4


def test_days_as_the_rule_says() -> None:
    town = town_with([RULE | {"watch_days": "all_days", "watch_times_a_day": 1}])
    at(town, 4, 21)
    begin(town)
    at(town, 5, 8)
    ask(town)
    assert watch(town) == ["08-20"]
    usual = town_with([RULE | {"watch_times_a_day": 1}])
    at(usual, 4, 21)
    begin(usual)
    at(usual, 5, 8)
    ask(usual)
    assert watch(usual) == []


def test_without_a_watch_nothing_is_watched_in_a_crisis_either() -> None:
    """A setting never creates a duty."""
    town = town_with([RULE | {"watch_days": "all_days", "watch_times_a_day": 4}], watch=[])
    begin(town)
    at(town, 2, 8)
    ask(town)
    assert watch(town) == []


def test_when_it_is_over_the_watch_is_as_usual() -> None:
    town = town_with([RULE | {"watch_days": "all_days", "watch_times_a_day": 3}])
    at(town, 1, 7)
    begin(town)
    at(town, 1, 8)
    ask(town)
    at(town, 1, 9)
    end(town)
    assert watch(town) == ["08-12"], "the day's own watch is still to be done"
    at(town, 2, 8)
    ask(town)
    assert watch(town)[-1] == "08-20"


def test_as_of_a_day_in_a_past_crisis_asks_as_that_day_did() -> None:
    town = town_with(crisis_watch_times_a_day=2)
    at(town, 1, 21)
    begin(town)
    at(town, 4, 12)
    end(town)
    go_round(town.engine, watching.ASK, town.now, date(2026, 12, 2))
    assert watch(town) == ["08-14", "14-20"]


# ---------------------------------------------------------------- shown


def test_the_board_shows_it() -> None:
    town = town_with()
    begin(town)
    assert town.account().waits_for == "Aktiv · Krisläge"
    end(town)
    assert town.account().waits_for == "Aktiv"


def test_over_and_begun_again_the_same_day() -> None:
    town = town_with(crisis_watch_times_a_day=2)
    at(town, 2, 8)
    ask(town)
    begin(town)
    end(town)
    begin(town)
    assert watch(town) == ["08-20", "14-20"]
