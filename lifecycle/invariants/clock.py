"""Truths about what the clock has brought: the watch, the rounds, what was seen, and who is away."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, col

from lifecycle.invariants.truth import accounts, subjects, truth
from lifecycle.law import law_in_force, laws_of
from lifecycle.working_days import Calendar
from models import (
    IS_OPEN,
    Absence,
    Account,
    Case,
    CaseState,
    Crisis,
    Observation,
    RoundDone,
    SightState,
    TaskKind,
    TaskState,
    UserTask,
    WatchMonth,
)


def _calendar(session: Session, municipality_id: int, now: datetime) -> Calendar:
    return law_in_force(session, municipality_id, now).calendar


@truth("Bevakningen av en dag frågas, bekräftas och missas den dagen.")
def watched_on_its_day(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """One task per account and day, which ends that evening (REQUIREMENTS 3): nobody is asked when it is
    over, confirms it afterwards, or has it missed before."""
    calendar = _calendar(session, municipality_id, now)
    columns = ("id", "account_id", "once_key", "state", "opened_at", "due_at", "answered_at")
    rows = select(*(col(getattr(UserTask, name)) for name in columns)).where(
        col(UserTask.municipality_id) == municipality_id, col(UserTask.kind) == TaskKind.WATCH
    )
    found = session.execute(rows.order_by(col(UserTask.id)))
    return [f"uppgift {task.id}" for task in found if not _is_of_its_day(task, calendar, now)]


def _is_of_its_day(task: Any, calendar: Calendar, now: datetime) -> bool:
    if task.due_at is None:
        return False
    day = calendar.day_of(task.due_at)
    key = f"watch:{task.account_id}:{day.isoformat()}"
    in_time = task.answered_at is None or task.answered_at < task.due_at
    return bool(
        task.opened_at < task.due_at
        and calendar.day_of(task.opened_at) == day
        and in_time
        and (task.once_key or "").partition("/")[0] == key
        and (task.state is not TaskState.MISSED or task.due_at <= now)
    )


@truth("Missade bevakningsdagar i rad är de som har missats sedan någon senast tittade.")
def missed_days_in_a_row(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """The ladder counts missed days in a row (REQUIREMENTS 3). Months that have been folded into a row count
    times and not days: there the number may only be higher than what the tasks tell."""
    missed = _missed_days(session, municipality_id, now)
    folded = _folded_months(session, municipality_id)
    rows = select(col(Account.id), col(Account.watched_on), col(Account.missed_days)).where(
        col(Account.municipality_id) == municipality_id
    )
    return [
        f"konto {account_id}"
        for account_id, watched_on, missed_days in session.execute(rows.order_by(col(Account.id)))
        if not _agrees(missed_days, missed[account_id], folded[account_id], watched_on)
    ]


def _missed_days(session: Session, municipality_id: int, now: datetime) -> dict[int, set[date]]:
    calendar = _calendar(session, municipality_id, now)
    rows = select(col(UserTask.account_id), col(UserTask.due_at)).where(
        col(UserTask.municipality_id) == municipality_id,
        col(UserTask.kind) == TaskKind.WATCH,
        col(UserTask.state) == TaskState.MISSED,
    )
    days: dict[int, set[date]] = defaultdict(set)
    for account_id, due_at in session.execute(rows):
        days[account_id].add(calendar.day_of(due_at))
    return days


def _folded_months(session: Session, municipality_id: int) -> dict[int, set[date]]:
    rows = (
        select(col(WatchMonth.account_id), col(WatchMonth.month_on))
        .join(Account, col(Account.id) == col(WatchMonth.account_id))
        .where(col(Account.municipality_id) == municipality_id, col(WatchMonth.missed) > 0)
    )
    months: dict[int, set[date]] = defaultdict(set)
    for account_id, month_on in session.execute(rows):
        months[account_id].add(month_on)
    return months


def _agrees(counted: int, missed: set[date], folded: set[date], watched_on: date | None) -> bool:
    since = [day for day in missed if watched_on is None or day > watched_on]
    if any(watched_on is None or month >= watched_on.replace(day=1) for month in folded):
        return counted >= len(since)
    return counted == len(since)


@truth("Om missade bevakningsdagar berättas ett steg i taget, och inga steg när någon har tittat.")
def neglect_told_in_turn(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """The watch's own ladder skips no rung and tells none twice (REQUIREMENTS 3), by the version that begins
    first."""
    ladders = [law.policy.settings.watch_ladder for law in laws_of(session, municipality_id).values()]
    first, every = min(one.first for one in ladders), min(one.every for one in ladders)
    told, most = col(Account.missed_rungs), max(one.at_most for one in ladders) + 1
    too_early = (told > 0) & (col(Account.missed_days) < first + (told - 1) * every)
    return accounts(session, municipality_id, or_(too_early, told > most))


@truth("En månads bevakning går ihop: ingen dag är både bekräftad och missad.")
def watch_months_add_up(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """Old watch tasks are folded into one row per account and month (REQUIREMENTS 3)."""
    month = WatchMonth
    rows = (
        select(col(month.id))
        .join(Account, col(Account.id) == col(month.account_id))
        .where(
            col(Account.municipality_id) == municipality_id,
            or_(
                col(month.confirmed) + col(month.missed) > col(month.asked),
                col(month.explained) > col(month.missed),
                *(one < 0 for one in (col(month.confirmed), col(month.missed), col(month.explained))),
            ),
        )
    )
    return subjects(session, "bevakningsmånad", rows.order_by(col(month.id)))


_MADE_UP_FOR = 7
"""Days within which a round that is gone on some days of the week is made up for."""
_MADE_UP_FOR_BY_ROUND = {"chain_digest": 31}
"""Likewise, of rounds with another beat."""


@truth("En rond är gjord för den dag den gjordes på, eller för en av de senaste, och aldrig i förväg.")
def rounds_on_their_day(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """A round done for a municipality and day is done, for the municipality's own day (DESIGN, how a flow
    reads); none has been done for a day that has not come."""
    calendar = _calendar(session, municipality_id, now)
    rows = select(RoundDone).where(col(RoundDone.municipality_id) == municipality_id)
    return [
        f"rond {one.round} {one.round_on.isoformat()}"
        for one in session.execute(rows.order_by(col(RoundDone.id))).scalars()
        if not 0 <= (calendar.day_of(one.done_at) - one.round_on).days <= _days_to_make_up(one.round)
    ]


def _days_to_make_up(name: str) -> int:
    return _MADE_UP_FOR_BY_ROUND.get(name, _MADE_UP_FOR)


@truth("Bara den som har sett ett konto vet hur mycket som har publicerats.")
def only_sights_count(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """An account that could not be read says nothing of posts: an error is never "no posts", and no look
    counts what it did not see (REQUIREMENTS 3, posting)."""
    one = Observation
    seen = col(one.state).in_([SightState.OK, SightState.EMPTY])
    counts = (col(one.count) > 0) | col(one.latest_at).is_not(None)
    return _observations(
        session,
        municipality_id,
        or_(
            ~seen & counts,
            (col(one.state) == SightState.EMPTY) & (col(one.count) > 0),
            col(one.count) < 0,
            col(one.since_at) > col(one.checked_at),
        ),
    )


def _observations(session: Session, municipality_id: int, *which: Any) -> list[str]:
    rows = (
        select(col(Observation.id))
        .join(Account, col(Account.id) == col(Observation.account_id))
        .where(col(Account.municipality_id) == municipality_id, *which)
    )
    return subjects(session, "iakttagelse", rows.order_by(col(Observation.id)))


@truth("En frånvaro slutar efter att den har börjat.")
def absences_in_order(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """From a day until the first day back (REQUIREMENTS 2.7), and nobody stands in for themselves."""
    rows = select(col(Absence.id)).where(
        col(Absence.municipality_id) == municipality_id,
        or_(
            col(Absence.until_on) < col(Absence.from_on),
            col(Absence.substitute_id) == col(Absence.person_id),
        ),
    )
    return subjects(session, "frånvaro", rows.order_by(col(Absence.id)))


@truth("Ett avslutat ärende har inget kvar att göra.")
def closed_cases_are_done(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """A case is closed when its steps are (REQUIREMENTS 3, cases)."""
    open_steps = select(col(UserTask.id)).where(col(UserTask.case_id) == col(Case.id), IS_OPEN)
    closed = col(Case.state) == CaseState.CLOSED
    rows = select(col(Case.id)).where(
        col(Case.municipality_id) == municipality_id,
        or_(closed != col(Case.closed_at).is_not(None), closed & open_steps.exists()),
    )
    return subjects(session, "ärende", rows.order_by(col(Case.id)))


@truth("Det är högst ett krisläge i taget.")
def one_crisis_at_a_time(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """Communications starts and ends it (REQUIREMENTS 3, crisis mode)."""
    rows = select(col(Crisis.id)).where(
        col(Crisis.municipality_id) == municipality_id, col(Crisis.ended_at).is_(None)
    )
    return subjects(session, "krisläge", rows.order_by(col(Crisis.id)))[1:]


TRUTHS = (
    watched_on_its_day,
    missed_days_in_a_row,
    neglect_told_in_turn,
    watch_months_add_up,
    rounds_on_their_day,
    only_sights_count,
    absences_in_order,
    closed_cases_are_done,
    one_crisis_at_a_time,
)
