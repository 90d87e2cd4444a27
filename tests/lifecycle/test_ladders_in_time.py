"""No ladder skips a rung or repeats one, on whatever days and at whatever hours the clock runs.

Three ladders: an application's (in the account's look), a duty's (in the morning letter) and that of missed
days.
When each rung is due is reckoned anew (`almanac`).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import col

from acts import watching
from acts.rounds import go_round
from lifecycle.duty_tasks import open_duty
from lifecycle.law import law_in_force
from lifecycle.roles import Holder
from models import Account, Message, TaskKind, TaskState
from policies.keys import Role, Rule
from tests.lifecycle.almanac import Almanac, on_the_wall
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import CLAUSE, Town, step

ALMANAC = Almanac()
STARTS = st.sampled_from(
    [
        datetime(2026, 12, 1, 9, tzinfo=UTC),
        datetime(2026, 12, 18, 15, tzinfo=UTC),
        datetime(2027, 3, 22, 12, tzinfo=UTC),
        datetime(2027, 6, 23, 21, tzinfo=UTC),
        datetime(2027, 10, 29, 3, tzinfo=UTC),
    ]
)
"""Before Christmas, Easter, Midsummer and a night when clocks are changed; also at night."""
GAPS = st.lists(st.integers(1, 90), min_size=4, max_size=30)
"""Hours between one time that the clock runs and the next; above a day it is silent."""


@dataclass(frozen=True)
class Numbers:
    """The ladder's own: from the policy."""

    first: int
    every: int
    at_most: int

    def setting(self) -> dict[str, int]:
        return {"first": self.first, "every": self.every, "at_most": self.at_most}


NUMBERS = st.builds(Numbers, st.integers(1, 5), st.integers(1, 4), st.integers(0, 3))


def running(start: datetime, gaps: list[int]) -> list[datetime]:
    """The instants at which the clock runs."""
    instants = [start]
    for hours in gaps:
        instants.append(instants[-1] + timedelta(hours=hours))
    return instants[1:]


def expected(numbers: Numbers, asked_at: datetime, instants: list[datetime]) -> list[tuple[str, datetime]]:
    """What happens when: one rung at a time, the next so many working days after the one before."""
    due, told = works_from(asked_at, numbers.first), list[tuple[str, datetime]]()
    for instant in instants:
        if instant < due or not ALMANAC.works_at(instant):
            continue
        if len(told) == numbers.at_most:
            return [*told, ("escalated", instant)]
        told.append(("reminded", instant))
        due = works_from(instant, numbers.every)
    return told


def works_from(instant: datetime, days: int) -> datetime:
    """When work begins so many working days later."""
    day = ALMANAC.working_days_after(on_the_wall(instant).date(), days)
    begins = datetime.combine(day, time(7), UTC)
    return begins if on_the_wall(begins).hour == 8 else begins - timedelta(hours=1)


@given(STARTS, NUMBERS, GAPS)
@example(datetime(2026, 12, 1, 9, tzinfo=UTC), Numbers(3, 3, 2), [72, 24 * 40, 1, 1, 24, 24 * 7, 24 * 9])
@settings(max_examples=12, deadline=None)
def test_an_application(start: datetime, numbers: Numbers, gaps: list[int]) -> None:
    town = Town(
        memory_engine(),
        {"opening": [step("chef", "decide", "line_manager")]},
        {"ladder": numbers.setting()},
        now=start,
    )
    town.apply()
    instants = running(start, gaps)
    for town.now in instants:
        town.look()
    found = [(event.kind, event.at) for event in town.events("reminded", "escalated")]
    assert found == expected(numbers, start, instants)


class AskedTown(Town):
    """A town whose clock asks Elin and Omar something, and to watch; the line manager hears of it at last."""

    def __init__(self, start: datetime, numbers: Numbers, days: str = "weekdays") -> None:
        watch = [{"days": days, "clauses": [CLAUSE]}]
        ladder = numbers.setting() | {"then": "line_manager"}
        given = {"ladder": ladder, "watch_ladder": ladder}
        super().__init__(memory_engine(), {"opening": [], "watch": watch}, given, now=start)
        self.apply(administrators=["elin", "omar"], responsible=["elin"], address="https://example.org/a")

    def ask(self) -> int:
        """A duty; returns its task."""
        with self.work() as session:
            task = open_duty(
                session,
                law_in_force(session, self.municipality_id, self.now),
                session.get_one(Account, self.account_id),
                self.now,
                kind=TaskKind.EVALUATE,
                once_key="evaluate:1",
                step="utvardering",
                label="Utvärdera kontot",
                rule=Rule(clauses=[CLAUSE]),
                role=Role.RESPONSIBLE,
                holders=[Holder(self.people["elin"])],
            )
            assert task is not None
        return task.id or 0

    def missed_at(self, instant: datetime) -> int:
        """How many days had been missed by an instant."""
        watch = [task for task in self.tasks() if task.state is TaskState.MISSED]
        return sum(1 for task in watch if task.due_at is not None and task.due_at < instant)

    def told(self, line: str) -> list[tuple[str, datetime, list[int]]]:
        """Who was told what in that line of a morning letter."""
        rows = select(Message).where(col(Message.notice) == "morning").order_by(col(Message.queued_at))
        with self.reading() as session:
            letters = session.execute(rows).scalars().all()
        return [
            (self.name_of(one.person_id), one.queued_at, one.context[line])
            for one in letters
            if line in one.context
        ]


@given(STARTS, NUMBERS, GAPS)
@example(datetime(2026, 12, 1, 9, tzinfo=UTC), Numbers(3, 3, 2), [2, 1, 1, 24 * 40, 1, 24, 24 * 7, 24 * 9])
@settings(max_examples=12, deadline=None)
def test_a_duty(start: datetime, numbers: Numbers, gaps: list[int]) -> None:
    """First told, then reminded of, then told to somebody else: each once, in letters of working hours."""
    town = AskedTown(start, numbers)
    task_id, instants = town.ask(), running(start, gaps)
    for town.now in instants:
        assert go_round(town.engine, watching.TELL, town.now).failures == []
    mornings = first_of_each_day([one for one in instants if ALMANAC.works_at(one)])
    steps = [("reminded", "elin"), ("escalated", "karin")]
    found = [
        (line, at)
        for line, who in steps
        for name, at, ids in town.told(line)
        if (name, ids) == (who, [task_id])
    ]
    assert sorted(found, key=lambda one: one[1]) == expected(numbers, start, mornings)
    assert town.told("asked") == [("elin", at, [task_id]) for at in mornings[:1]]


def first_of_each_day(instants: list[datetime]) -> list[datetime]:
    """A morning letter goes once a day."""
    return [next(its) for _, its in groupby(instants, key=lambda one: on_the_wall(one).date())]


@given(
    st.sampled_from([date(2026, 12, 1), date(2026, 12, 21), date(2027, 3, 22), date(2027, 6, 21)]),
    NUMBERS,
    st.lists(st.sampled_from(["whole", "whole", "silent", "no_end", "no_letter"]), min_size=5, max_size=16),
    st.sampled_from(["weekdays", "all_days"]),
)
@settings(max_examples=12, deadline=None)
def test_missed_days(first: date, numbers: Numbers, days: list[str], watched: str) -> None:
    """One rung in each letter, as soon as so many days were missed, until the line manager has heard."""
    town = AskedTown(datetime.combine(first, time(4), UTC), numbers, watched)
    missed: list[tuple[datetime, int]] = []
    for number, day in enumerate(days):
        morning = datetime.combine(first + timedelta(days=number), time(9), UTC)
        if day != "silent":
            live(town, day, morning)
        if day not in ("silent", "no_letter") and ALMANAC.works_at(morning):
            missed.append((morning, town.missed_at(morning)))
    steps = [("missed", "elin"), ("neglected", "karin")]
    found = [(line, at) for line, who in steps for name, at, _ in town.told(line) if name == who]
    assert found == rungs(numbers, missed)


def live(town: AskedTown, day: str, morning: datetime) -> None:
    """A day on which nobody looks; what is called so does not happen on it."""
    town.now = morning
    for one in (watching.END, watching.ASK, *(() if day == "no_letter" else (watching.TELL,))):
        assert go_round(town.engine, one, town.now).failures == []
    if day != "no_end":
        town.now = morning + timedelta(hours=12)
        assert go_round(town.engine, watching.END, town.now).failures == []


def rungs(numbers: Numbers, missed: list[tuple[datetime, int]]) -> list[tuple[str, datetime]]:
    """What is told when, of mornings and how many days had been missed by then."""
    told: list[tuple[str, datetime]] = []
    for morning, count in missed:
        if len(told) <= numbers.at_most and count >= numbers.first + len(told) * numbers.every:
            told.append(("missed" if len(told) < numbers.at_most else "neglected", morning))
    return told
