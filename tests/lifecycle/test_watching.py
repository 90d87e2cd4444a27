"""The watch: asked each working day, confirmed by the first, missed in the evening, told on its ladder."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from acts import watching
from acts.rounds import Report, Round, go_round
from lifecycle.morning import may_leave_at
from models import (
    Absence,
    Account,
    AccountRole,
    AccountRoleKind,
    Message,
    TaskKind,
    TaskState,
    UserTask,
    WatchMonth,
)
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import CLAUSE, TUESDAY, Town, item

WATCHED = [{"days": "weekdays", "clauses": [CLAUSE]}]


class WatchedTown(Town):
    """A town with an open account whose administrators are Elin and Omar."""

    def __init__(
        self, watch: list[dict[str, Any]] | None = None, engine: Engine | None = None, **settings: Any
    ) -> None:
        super().__init__(engine or memory_engine(), {"opening": [], "watch": watch or WATCHED}, settings)
        self.apply(administrators=["elin", "omar"], responsible=["elin"], address="https://example.org/a")
        assert self.account().state == "active"

    def go(self, one: Round, as_of: datetime | date | None = None) -> Report:
        report = go_round(self.engine, one, self.now, as_of)
        assert report.failures == []
        return report

    def at(self, day: int, hour: int, month: int = 12) -> None:
        """The local hour of a day in December 2026, which is winter time."""
        self.now = datetime(2026, month, day, hour, tzinfo=UTC) - timedelta(hours=1)

    def watch(self) -> list[UserTask]:
        return [task for task in self.tasks() if task.kind is TaskKind.WATCH]

    def confirm_watch(self, who: str) -> list[int]:
        with self.work() as session:
            return watching.confirm_watch(
                session, self.now, person_id=self.people[who], account_ids=[self.account_id], via="link"
            )

    def mornings(self, who: str | None = None) -> list[Message]:
        with self.reading() as session:
            rows = select(Message).where(col(Message.notice) == "morning").order_by(col(Message.queued_at))
            found = list(session.execute(rows).scalars())
        return [one for one in found if who is None or one.email.startswith(f"{who}@")]


def test_each_working_day_everybody_who_administers_it_is_asked() -> None:
    town = WatchedTown()
    town.at(2, 8)
    assert town.go(watching.ASK).found == 1
    [task] = town.watch()
    assert town.holders(task) == ["elin", "omar"]
    assert [one["ref"] for one in task.clauses] == [CLAUSE]
    assert town.go(watching.ASK).done == 0, "the round of a day is done once"
    town.at(5, 8)  # a Saturday
    assert town.go(watching.ASK).found == 0


def test_the_first_to_confirm_counts() -> None:
    town = WatchedTown()
    town.at(2, 8)
    town.go(watching.ASK)
    town.at(2, 9)
    assert town.confirm_watch("omar") == [town.account_id]
    assert town.confirm_watch("elin") == []
    [task] = town.watch()
    assert (task.state, task.answered_by_id) == (TaskState.DONE, town.people["omar"])
    assert town.account().watched_on == date(2026, 12, 2)


def test_somebody_who_was_not_asked_confirms_nothing() -> None:
    town = WatchedTown()
    town.at(2, 8)
    town.go(watching.ASK)
    assert town.confirm_watch("tove") == []
    assert town.watch()[0].state is TaskState.OPEN


def test_an_unconfirmed_day_is_missed_that_evening_and_can_only_be_explained() -> None:
    town = WatchedTown()
    town.at(2, 8)
    town.go(watching.ASK)
    town.at(2, 19)
    assert town.go(watching.END).found == 0
    town.at(2, 20)
    assert town.confirm_watch("elin") == [], "the day is over"
    assert town.go(watching.END).found == 1
    [task] = town.watch()
    assert task.state is TaskState.MISSED
    with town.work() as session:
        watching.explain_missed(
            session, town.now, task_id=task.id or 0, person_id=town.people["elin"], why="Sjuk.", via="link"
        )
    [task] = town.watch()
    assert task.state is TaskState.MISSED and task.details["explained"]["by"] == town.people["elin"]
    assert town.account().missed_days == 1


def test_missed_days_in_a_row_are_reminded_of_and_then_told_to_the_line_manager() -> None:
    """Settings: from the first missed day, each day, at most twice; then the line manager."""
    town = WatchedTown()
    told: list[tuple[int, list[str], list[str]]] = []
    for day in (2, 3, 4, 7, 8):
        town.at(day, 8)
        town.go(watching.ASK)
        town.go(watching.TELL)
        missed = [m.email.split("@")[0] for m in town.mornings() if m.context.get("missed")]
        neglected = [m.email.split("@")[0] for m in town.mornings() if m.context.get("neglected")]
        told.append((day, missed, neglected))
        town.look()
        town.at(day, 20)
        town.go(watching.END)
        town.look()
    assert [len(missed) for _, missed, _ in told] == [0, 2, 4, 4, 4]
    assert [neglected for _, _, neglected in told] == [[], [], [], ["karin"], ["karin"]]
    assert town.account().red_reason == "not_watched"
    town.at(9, 8)
    town.go(watching.ASK)
    town.confirm_watch("elin")
    town.look()
    assert (town.account().missed_days, town.account().red_reason) == (0, "")


def told_each_day(town: WatchedTown, days: list[int]) -> list[str]:
    """Who is told what of missed days, on mornings after which nobody looks."""
    told: list[str] = []
    for day in days:
        town.at(day, 8)
        town.go(watching.ASK)
        town.go(watching.TELL)
        for letter in town.mornings():
            if letter.queued_at == town.now:
                who = letter.email.split("@")[0]
                told += [
                    f"{day} {what} {who}" for what in ("missed", "neglected") if letter.context.get(what)
                ]
        town.at(day, 20)
        town.go(watching.END)
    return told


def test_days_that_were_missed_while_no_letter_went_skip_no_rung() -> None:
    """Watched on red days too: missed on Friday, Saturday and Sunday, and the letters go on weekdays."""
    town = WatchedTown([{"days": "all_days", "clauses": [CLAUSE]}])
    assert told_each_day(town, [4, 5, 6, 7, 8, 9, 10]) == [
        "7 missed elin",
        "7 missed omar",
        "8 missed elin",
        "8 missed omar",
        "9 neglected karin",
    ]


def test_the_same_rung_is_not_told_again_when_nobody_could_be_asked_meanwhile() -> None:
    town = WatchedTown()
    assert told_each_day(town, [2, 3]) == ["3 missed elin", "3 missed omar"]
    away = {"municipality_id": town.municipality_id, "entered_at": town.now}
    with town.work() as session:
        for who in ("elin", "omar"):
            days = {"from_on": date(2026, 12, 4), "until_on": date(2026, 12, 7)}
            session.add(Absence(person_id=town.people[who], **away, **days))
    assert told_each_day(town, [4, 7, 8]) == ["7 missed elin", "7 missed omar", "8 neglected karin"]


@pytest.mark.parametrize("hour", [17, 19, 21])
def test_a_clock_that_is_back_in_the_evening_asks_nobody_and_no_day_is_missed(hour: int) -> None:
    """A letter would come outside working hours, and a day that nobody was asked to watch is not missed."""
    town = WatchedTown()
    town.at(2, hour)
    for one in (watching.ASK, watching.TELL, watching.END):
        assert town.go(one).found == 0
    town.at(3, 5)
    town.go(watching.END)
    assert (town.watch(), town.mornings(), town.account().missed_days) == ([], [], 0)


def test_a_clock_that_is_back_in_the_afternoon_asks_and_tells() -> None:
    town = WatchedTown()
    town.at(2, 16)
    assert (town.go(watching.ASK).found, town.go(watching.TELL).found) == (1, 2)


def test_a_recommended_watch_is_never_held_against_the_account() -> None:
    town = WatchedTown([{"days": "weekdays", "modality": "should", "clauses": [CLAUSE]}])
    town.at(2, 8)
    assert town.go(watching.ASK).found == 1
    town.at(2, 20)
    town.go(watching.END)
    assert town.watch()[0].state is TaskState.NO_ANSWER
    assert town.account().missed_days == 0


def test_a_permission_to_watch_asks_nobody() -> None:
    town = WatchedTown([{"days": "weekdays", "modality": "may", "clauses": [CLAUSE]}])
    town.at(2, 8)
    assert town.go(watching.ASK).found == 0


def test_red_days_too_where_the_rule_says_all_days() -> None:
    town = WatchedTown([{"days": "all_days", "clauses": [CLAUSE]}])
    town.at(5, 8)
    assert town.go(watching.ASK).found == 1
    assert town.go(watching.TELL).done == 0, "letters go on working days"


def test_several_times_a_day() -> None:
    town = WatchedTown([{"days": "weekdays", "times_a_day": 2, "clauses": [CLAUSE]}])
    town.at(2, 8)
    assert town.go(watching.ASK).found == 2


def test_where_nothing_is_confirmed_only_the_letter_reminds() -> None:
    town = WatchedTown(watch_confirmed=False)
    town.at(2, 8)
    assert town.go(watching.ASK).found == 1
    assert town.watch() == []
    town.go(watching.TELL)
    assert [m.context["look"] for m in town.mornings("elin")] == [[town.account_id]]
    town.at(2, 20)
    town.go(watching.END)
    assert town.account().missed_days == 0


def absent(town: WatchedTown, who: str, substitute: str | None) -> None:
    with town.work() as session:
        session.add(
            Absence(
                municipality_id=town.municipality_id,
                person_id=town.people[who],
                from_on=date(2026, 12, 2),
                until_on=date(2026, 12, 3),
                substitute_id=town.people[substitute] if substitute else None,
                entered_at=town.now,
            )
        )


def test_who_is_away_gives_way_to_a_substitute() -> None:
    town = WatchedTown()
    absent(town, "elin", "tove")
    town.at(2, 8)
    town.go(watching.ASK)
    assert sorted(town.holders(town.watch()[0])) == ["omar", "tove"]
    town.at(3, 8)
    town.go(watching.ASK)
    assert town.holders(town.watch()[-1]) == ["elin", "omar"]


def test_an_account_with_nobody_there_stands_red() -> None:
    town = WatchedTown()
    absent(town, "elin", None)
    absent(town, "omar", None)
    town.at(2, 8)
    assert town.go(watching.ASK).found == 0
    assert town.account().news > town.account().seen
    town.look()
    assert town.account().red_reason == "no_deputy"


def test_one_letter_a_day_and_none_about_what_is_done() -> None:
    town = WatchedTown()
    town.at(2, 8)
    town.go(watching.ASK)
    assert town.go(watching.TELL).found == 2
    assert town.go(watching.TELL).done == 0
    assert sorted(m.email.split("@")[0] for m in town.mornings()) == ["elin", "omar"]
    assert {m.account_id for m in town.mornings()} == {None}


@pytest.mark.parametrize("hour", [3, 7])
def test_before_the_hour_nothing_happens(hour: int) -> None:
    town = WatchedTown()
    town.at(2, hour)
    assert town.go(watching.ASK).done == 0 and town.go(watching.TELL).done == 0


def test_a_past_day_is_written_as_that_day_would_have_been() -> None:
    town = WatchedTown()
    town.at(9, 10)
    for one in (watching.ASK, watching.END):
        town.go(one, as_of=date(2026, 12, 2))
    [task] = town.watch()
    assert (task.state, task.opened_at) == (TaskState.MISSED, datetime(2026, 12, 2, 7, tzinfo=UTC))


def test_a_time_without_a_zone_is_the_municipality_s_own() -> None:
    """As it is typed in Prefect by somebody who sits there."""
    town = WatchedTown()
    town.at(9, 10)
    town.go(watching.ASK, as_of=datetime(2026, 12, 2, 9, 30))
    [task] = town.watch()
    assert task.opened_at == datetime(2026, 12, 2, 8, 30, tzinfo=UTC)


def test_after_three_silent_days_only_today_is_asked() -> None:
    town = WatchedTown()
    town.at(2, 8)
    town.go(watching.ASK)
    town.at(8, 8)
    town.go(watching.ASK)
    town.go(watching.END)
    town.go(watching.TELL)
    assert [task.state for task in town.watch()] == [TaskState.MISSED, TaskState.OPEN]
    assert town.account().missed_days == 1, "nobody was asked on the silent days"
    assert len(town.mornings("elin")) == 1


def test_old_tasks_are_folded_into_a_row_a_month() -> None:
    town = WatchedTown()
    for day in (2, 3, 4):
        town.at(day, 8)
        town.go(watching.ASK)
        if day == 3:
            town.confirm_watch("elin")
        town.at(day, 20)
        town.go(watching.END)
    town.now = datetime(2027, 2, 1, 5, tzinfo=UTC)
    assert town.go(watching.FOLD).found == 3
    assert town.watch() == []
    with town.reading() as session:
        [month] = session.execute(select(WatchMonth)).scalars()
    assert (month.month_on, month.asked, month.confirmed, month.missed) == (date(2026, 12, 1), 3, 1, 2)


def test_an_account_without_administrators_is_watched_by_its_responsible() -> None:
    town = WatchedTown()
    with town.work() as session:
        for role in session.execute(select(AccountRole)).scalars():
            if role.kind is AccountRoleKind.ADMINISTRATOR:
                role.until_on = TUESDAY.date()
    town.at(2, 8)
    town.go(watching.ASK)
    assert town.holders(town.watch()[0]) == ["elin"]


def test_an_account_taken_over_is_left_alone_until_its_day() -> None:
    town = WatchedTown()
    with town.work() as session:
        session.get_one(Account, town.account_id).duties_from_on = date(2026, 12, 3)
    town.at(2, 8)
    assert town.go(watching.ASK).found == 0
    town.at(3, 8)
    assert town.go(watching.ASK).found == 1


def test_a_day_before_the_account_was_open_is_nobodys_to_watch() -> None:
    town = WatchedTown()
    assert town.account().opened_on == TUESDAY.date()
    assert town.go(watching.ASK, as_of=date(2026, 11, 30)).found == 0
    assert town.go(watching.ASK, as_of=date(2026, 12, 1)).found == 1


def test_who_has_left_gets_no_morning_letter() -> None:
    """What they were asked waits for whoever takes over from them."""
    town = WatchedTown()
    town.at(2, 8)
    town.go(watching.ASK)
    town.leaves("elin")
    town.go(watching.TELL)
    assert [letter.email for letter in town.mornings()] == ["omar@example.org"]


def leaves(town: WatchedTown, of_day: date | None, day: int, hour: int, minute: int = 0) -> str:
    """When a letter of the clock that is looked at then may leave, in local time."""
    town.at(day, hour)
    with town.reading() as session:
        at = may_leave_at(session, town.municipality_id, of_day, town.now + timedelta(minutes=minute))
    return f"{at + timedelta(hours=1):%d %H.%M}"


def test_a_letter_of_the_clock_leaves_in_working_hours() -> None:
    """REQUIREMENTS 3: reminders, digests and escalations go on working days only."""
    town = WatchedTown()
    assert leaves(town, None, 4, 19) == "07 08.00", "Friday evening"
    assert leaves(town, None, 7, 9) == "07 09.00"
    assert leaves(town, date(2026, 12, 7), 7, 9) == "07 09.00", "the day's own digest"


def test_yesterday_s_digest_waits_until_today_s_is_written() -> None:
    """REQUIREMENTS 3: nobody gets more than one digest a day, however late today's is written."""
    town, friday = WatchedTown(digest_at="10:30"), date(2026, 12, 4)
    assert leaves(town, friday, 4, 19) == "07 10.30", "held over the weekend"
    assert leaves(town, friday, 7, 9) == "07 10.30", "tried again in the morning"
    assert leaves(town, friday, 7, 10, 40) == "07 10.55", "today's is late"
    town.at(7, 11)
    town.go(watching.TELL)
    assert leaves(town, friday, 7, 11) == "07 11.00"


@pytest.mark.parametrize(
    ("settings", "ends"),
    [({}, "16.45"), ({"watch_ends_at": "15:00"}, "15.00"), ({"watch_ends_at": "16:55"}, "16.45")],
)
def test_yesterday_s_digest_leaves_when_today_s_cannot_come_any_more(
    settings: dict[str, Any], ends: str
) -> None:
    """Nothing is held for ever: a quarter before work ends today's is not written any more."""
    town, friday = WatchedTown(**settings), date(2026, 12, 4)
    hour, minute = map(int, ends.split("."))
    assert leaves(town, friday, 7, hour - 1, minute + 50) == f"07 {ends}"
    assert leaves(town, friday, 7, hour, minute) == f"07 {ends}", "now"
    town.now += timedelta(minutes=minute)
    assert town.go(watching.TELL).done == 0, "too late"


def test_an_account_that_is_being_closed_stands_red_with_nobody_there() -> None:
    """It is open until it is closed, and somebody looks at it until then."""
    rules = {"opening": [], "watch": WATCHED, "closing_items": [item("rad", confirmed_by="communications")]}
    town = Town(memory_engine(), rules)
    town.apply(administrators=["elin"], responsible=["elin"], address="https://example.org/a")
    town.ask_to_close("elin")
    town.look()
    assert (town.state, town.account().red_reason) == ("closing", "")
    town.leaves("elin")
    town.look()
    assert (town.state, town.account().red_reason) == ("closing", "no_deputy")
