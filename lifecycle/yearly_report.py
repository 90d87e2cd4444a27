"""A year of a municipality's accounts in numbers: one question of the database for each table.

A year is from 1 January until 31 December in the municipality's zone. Of a year that has not ended, what has
been until now. Nothing here names a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlmodel import Session, col

from lifecycle.law import Law
from lifecycle.sights import TELLING
from models import (
    Account,
    AccountState,
    Case,
    Evaluation,
    Observation,
    Process,
    Snapshot,
    SnapshotState,
    TaskKind,
    TaskState,
    Unit,
    UserTask,
    WatchMonth,
)

LIVED = (AccountState.ACTIVE, AccountState.CLOSING, AccountState.CLOSED)
_CHAINS = (Process.OPENING, Process.ADMINISTRATOR_CHANGE, Process.GUEST, Process.CLOSING)
_ENDED = (TaskState.DONE, TaskState.MISSED, TaskState.NO_ANSWER)
_DAY = 24 * 3600


@dataclass(frozen=True)
class Year:
    """A year as days and as instants."""

    number: int
    from_on: date
    until_on: date
    """The first day after it; of a year that goes on, tomorrow."""
    from_at: datetime
    until_at: datetime

    def has(self, at: Any) -> ColumnElement[bool]:
        """Whether an instant lies in it."""
        found: ColumnElement[bool] = (at >= self.from_at) & (at < self.until_at)
        return found

    def has_day(self, on: Any) -> ColumnElement[bool]:
        """Whether a day does."""
        found: ColumnElement[bool] = (on >= self.from_on) & (on < self.until_on)
        return found


def year_of(law: Law, number: int, now: datetime) -> Year:
    """A year, as far as it has come."""
    from_on, today = date(number, 1, 1), law.day_of(now)
    next_on = date(number + 1, 1, 1)
    until_on = max(from_on, min(next_on, today + timedelta(days=1)))
    return Year(
        number, from_on, until_on, law.calendar.at(from_on, time()), law.calendar.at(until_on, time())
    )


def years_of(session: Session, law: Law, now: datetime) -> list[int]:
    """The years there is something to tell of, the latest first."""
    rows = select(func.min(Account.opened_on)).where(col(Account.municipality_id) == law.municipality_id)
    first, this = session.execute(rows).scalar_one(), law.day_of(now).year
    return list(range(this, min(first.year if first else this, this) - 1, -1))


# ---------------------------------------------------------------- accounts


@dataclass(frozen=True)
class Accounts:
    """How many accounts there were, of one platform or unit."""

    key: str
    """The platform's code, or the unit's name; empty for those of no unit."""
    before: int
    opened: int
    closed: int

    @property
    def after(self) -> int:
        """How many are left at the end."""
        return self.before + self.opened - self.closed


def accounts_by_platform(session: Session, law: Law, year: Year) -> list[Accounts]:
    """Accounts that were opened, by platform."""
    return _accounts(session, law, year, col(Account.platform))


def accounts_by_unit(session: Session, law: Law, year: Year) -> list[Accounts]:
    """The same by the unit that they belong to now."""
    return _accounts(session, law, year, func.coalesce(col(Unit.name), ""))


def _accounts(session: Session, law: Law, year: Year, by: Any) -> list[Accounts]:
    """An account whose first day is not known counts as there from before."""
    opened, closed = col(Account.opened_on), col(Account.closed_on)
    began_before = opened.is_(None) | (opened < year.from_on)
    ended_before = closed.is_not(None) & (closed < year.from_on)
    rows = (
        select(
            by,
            _count(began_before & ~ended_before),
            _count(opened.is_not(None) & year.has_day(opened)),
            _count(closed.is_not(None) & year.has_day(closed)),
        )
        .select_from(Account)
        .outerjoin(Unit, col(Unit.id) == col(Account.unit_id))
        .where(col(Account.municipality_id) == law.municipality_id, col(Account.state).in_(LIVED))
        .group_by(by)
        .order_by(by)
    )
    found = [Accounts(key, *map(int, numbers)) for key, *numbers in session.execute(rows)]
    return [one for one in found if one.before or one.opened or one.closed]


def _count(which: ColumnElement[bool]) -> Any:
    return func.coalesce(func.sum(case((which, 1), else_=0)), 0)


@dataclass(frozen=True)
class Month:
    """How many accounts were opened and closed in a month, and open at its end."""

    first_on: date
    opened: int
    closed: int
    open: int


def months_of(session: Session, law: Law, year: Year) -> list[Month]:
    """The months of the year that have begun."""
    rows = select(col(Account.opened_on), col(Account.closed_on)).where(
        col(Account.municipality_id) == law.municipality_id, col(Account.state).in_(LIVED)
    )
    lives = [(opened or date.min, closed or date.max) for opened, closed in session.execute(rows)]
    firsts = [date(year.number, month, 1) for month in range(1, 13)]
    ends = [*firsts[1:], date(year.number + 1, 1, 1)]
    months = zip(firsts, (min(one, year.until_on) for one in ends), strict=True)
    return [_month(first, end, lives) for first, end in months if first < year.until_on]


def _month(first_on: date, end_on: date, lives: Sequence[tuple[date, date]]) -> Month:
    opened = sum(first_on <= opened < end_on for opened, _ in lives)
    closed = sum(first_on <= closed < end_on for _, closed in lives)
    return Month(first_on, opened, closed, sum(o < end_on <= c for o, c in lives))


# ---------------------------------------------------------------- decisions


@dataclass
class Waits:
    """How long the answers to one step were waited for."""

    process: Process
    step: str
    label: str
    days: list[float] = field(default_factory=list)
    """Of each answer: from when it was asked until it was answered, in days of 24 hours."""
    unanswered: int = 0

    @property
    def middle(self) -> float | None:
        """The median."""
        return median(self.days) if self.days else None


def decision_times(session: Session, law: Law, year: Year) -> list[Waits]:
    """Steps of chains that were answered in the year, or whose time ran out in it without an answer."""
    ended_at = func.coalesce(col(UserTask.answered_at), col(UserTask.due_at))
    rows = (
        select(UserTask)
        .where(
            col(UserTask.municipality_id) == law.municipality_id,
            col(UserTask.process).in_(_CHAINS),
            col(UserTask.kind).in_([TaskKind.DECIDE, TaskKind.CONSULT]),
            col(UserTask.state).in_([TaskState.DONE, TaskState.NO_ANSWER]),
            year.has(ended_at),
        )
        .order_by(col(UserTask.id))
    )
    found: dict[tuple[Process, str], Waits] = {}
    for task in session.execute(rows).scalars():
        waits = found.setdefault((task.process, task.step), Waits(task.process, task.step, task.label))
        waits.label = task.label
        if task.answered_at is None or task.state is TaskState.NO_ANSWER:
            waits.unanswered += 1
        else:
            waits.days.append((task.answered_at - task.opened_at).total_seconds() / _DAY)
    return sorted(found.values(), key=lambda one: (_CHAINS.index(one.process), one.step))


# ---------------------------------------------------------------- watch


@dataclass(frozen=True)
class Watched:
    """The watch of the accounts of one unit."""

    unit: str
    asked: int
    confirmed: int
    missed: int
    explained: int


def watch_by_unit(session: Session, law: Law, year: Year) -> list[Watched]:
    """The year's watch; of months that have been folded into a row, the row."""
    found: dict[str, list[int]] = {}
    for unit, *numbers in [*session.execute(_folded(law, year)), *session.execute(_not_folded(law, year))]:
        sums = found.setdefault(unit, [0, 0, 0, 0])
        found[unit] = [one + int(more or 0) for one, more in zip(sums, numbers, strict=True)]
    return [Watched(unit, *numbers) for unit, numbers in sorted(found.items())]


def _folded(law: Law, year: Year) -> Select[Any]:
    month = (WatchMonth.asked, WatchMonth.confirmed, WatchMonth.missed, WatchMonth.explained)
    unit: Any = func.coalesce(col(Unit.name), "")
    sums: list[Any] = [func.sum(col(one)) for one in month]
    return (
        select(unit, *sums)
        .select_from(WatchMonth)
        .join(Account, col(Account.id) == col(WatchMonth.account_id))
        .outerjoin(Unit, col(Unit.id) == col(Account.unit_id))
        .where(col(Account.municipality_id) == law.municipality_id, year.has_day(col(WatchMonth.month_on)))
        .group_by(unit)
    )


def _not_folded(law: Law, year: Year) -> Select[Any]:
    unit: Any = func.coalesce(col(Unit.name), "")
    state = col(UserTask.state)
    missed = state == TaskState.MISSED
    explained = missed & col(UserTask.details)["explained"].as_string().is_not(None)
    return (
        select(
            unit,
            func.count(col(UserTask.id)),
            _count(state == TaskState.DONE),
            _count(missed),
            _count(explained),
        )
        .select_from(UserTask)
        .join(Account, col(Account.id) == col(UserTask.account_id))
        .outerjoin(Unit, col(Unit.id) == col(Account.unit_id))
        .where(
            col(UserTask.municipality_id) == law.municipality_id,
            col(UserTask.process) == Process.DUTIES,
            col(UserTask.kind) == TaskKind.WATCH,
            state.in_(_ENDED),
            year.has(col(UserTask.due_at)),
        )
        .group_by(unit)
    )


# ---------------------------------------------------------------- cases


@dataclass
class Cases:
    """Cases of one kind that came up in the year."""

    kind: str
    label: str
    opened: int = 0
    closed: int = 0
    late: int = 0
    answers: int = 0
    """How many were answered or forwarded."""
    answered_late: int = 0
    """How many of those after the time that must, or else should, be kept."""


_ANSWERS = ("answered", "forwarded")


def cases_by_kind(session: Session, law: Law, year: Year) -> list[Cases]:
    """Cases that were opened in the year, and what had become of them when it ended."""
    rows = select(Case).where(col(Case.municipality_id) == law.municipality_id, year.has(col(Case.opened_at)))
    advised = _advised(session, law, year)
    found: dict[str, Cases] = {}
    for one in session.execute(rows.order_by(col(Case.id))).scalars():
        sums = found.setdefault(one.kind, Cases(one.kind, one.label))
        sums.label = one.label
        _add(sums, one, one.due_at or advised.get(one.id or 0), year)
    return sorted(found.values(), key=lambda one: one.label)


def _advised(session: Session, law: Law, year: Year) -> dict[int, datetime]:
    """By case: until when its steps should be done, where that is only recommended."""
    rows = (
        select(col(UserTask.case_id), func.min(UserTask.advised_at))
        .join(Case, col(Case.id) == col(UserTask.case_id))
        .where(
            col(Case.municipality_id) == law.municipality_id,
            year.has(col(Case.opened_at)),
            col(UserTask.advised_at).is_not(None),
        )
        .group_by(col(UserTask.case_id))
    )
    return {number: at for number, at in session.execute(rows)}


def _add(sums: Cases, one: Case, limit_at: datetime | None, year: Year) -> None:
    sums.opened += 1
    sums.closed += one.closed_at is not None and one.closed_at < year.until_at
    sums.late += one.late_at is not None and one.late_at < year.until_at
    answered = [entry for entry in one.outcomes if entry["code"] in _ANSWERS]
    answered_at = datetime.fromisoformat(answered[0]["at"]) if answered else None
    if answered_at is not None and answered_at < year.until_at:
        sums.answers += 1
        sums.answered_late += limit_at is not None and answered_at > limit_at


# ---------------------------------------------------------------- posts, pictures, evaluations


@dataclass(frozen=True)
class Posts:
    """What was seen of the posts on one platform."""

    platform: str
    accounts: int
    looks: int
    failed: int
    posts: int
    silent: int
    """How many times accounts were asked why too little was posted."""


def posts_by_platform(session: Session, law: Law, year: Year) -> list[Posts]:
    """The year's looks. An account's first look counts no posts: they may be of any year."""
    told = col(Observation.state).in_(TELLING)
    counted = case((told & col(Observation.since_at).is_not(None), col(Observation.count)), else_=0)
    rows = (
        select(
            col(Account.platform),
            func.count(func.distinct(col(Observation.account_id))),
            _count(told),
            _count(~told),
            func.coalesce(func.sum(counted), 0),
        )
        .join(Account, col(Account.id) == col(Observation.account_id))
        .where(col(Account.municipality_id) == law.municipality_id, year.has(col(Observation.checked_at)))
        .group_by(col(Account.platform))
        .order_by(col(Account.platform))
    )
    silent = _silences(session, law, year)
    found: dict[str, Sequence[int]] = {platform: numbers for platform, *numbers in session.execute(rows)}
    platforms = sorted({*found, *silent})
    return [_posts(one, found.get(one, (0, 0, 0, 0)), silent.get(one, 0)) for one in platforms]


def _posts(platform: str, numbers: Sequence[int], silent: int) -> Posts:
    accounts, looks, failed, posts = map(int, numbers)
    return Posts(platform, accounts, looks, failed, posts, silent)


def _silences(session: Session, law: Law, year: Year) -> dict[str, int]:
    rows = (
        select(col(Account.platform), func.count(col(UserTask.id)))
        .join(Account, col(Account.id) == col(UserTask.account_id))
        .where(
            col(UserTask.municipality_id) == law.municipality_id,
            col(UserTask.kind) == TaskKind.POST,
            year.has(col(UserTask.opened_at)),
        )
        .group_by(col(Account.platform))
    )
    return {platform: count for platform, count in session.execute(rows)}


@dataclass(frozen=True)
class Pictures:
    """Snapshots that were kept for one reason."""

    reason: str
    captured: int
    uploaded: int
    accounts: int


def snapshots_by_reason(session: Session, law: Law, year: Year) -> list[Pictures]:
    """Snapshots taken in the year."""
    state = col(Snapshot.state)
    rows = (
        select(
            col(Snapshot.reason),
            _count(state == SnapshotState.CAPTURED),
            _count(state == SnapshotState.UPLOADED),
            func.count(func.distinct(col(Snapshot.account_id))),
        )
        .join(Account, col(Account.id) == col(Snapshot.account_id))
        .where(col(Account.municipality_id) == law.municipality_id, year.has(col(Snapshot.taken_at)))
        .group_by(col(Snapshot.reason))
        .order_by(col(Snapshot.reason))
    )
    return [Pictures(reason.value, int(c), int(u), int(a)) for reason, c, u, a in session.execute(rows)]


def accounts_pictured(session: Session, law: Law, year: Year) -> int:
    """Of how many accounts there is a picture of that year, whatever the reason."""
    rows = (
        select(func.count(func.distinct(col(Snapshot.account_id))))
        .join(Account, col(Account.id) == col(Snapshot.account_id))
        .where(col(Account.municipality_id) == law.municipality_id, year.has(col(Snapshot.taken_at)))
    )
    return int(session.execute(rows).scalar_one())


def evaluations_by_outcome(session: Session, law: Law, year: Year) -> dict[tuple[str, bool], int]:
    """Evaluations that fell due in the year, by outcome (empty: none yet) and whether by default."""
    rows = (
        select(col(Evaluation.outcome), col(Evaluation.by_default), func.count(col(Evaluation.id)))
        .join(Account, col(Account.id) == col(Evaluation.account_id))
        .where(col(Account.municipality_id) == law.municipality_id, year.has_day(col(Evaluation.until_on)))
        .group_by(col(Evaluation.outcome), col(Evaluation.by_default))
    )
    return {(outcome, by_default): count for outcome, by_default, count in session.execute(rows)}
