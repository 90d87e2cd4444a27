"""A person's day: which accounts to look at, what the clock asks, which days were missed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from lifecycle.crises import crisis_now
from lifecycle.inventory import open_inventory
from lifecycle.law import Law
from lifecycle.presence import watchers_present
from lifecycle.watching import accounts_to_watch
from models import IS_OPEN, Account, Crisis, Person, Process, TaskHolder, TaskKind, TaskState, UserTask
from web.case_view import CaseLine, cases_of_person

MISSED_SHOWN = timedelta(days=31)
"""How far back missed days can be explained."""


@dataclass(frozen=True)
class Looked:
    """One account to look at today."""

    account: Account
    by: str = ""
    """Who confirmed it."""
    at: datetime | None = None


@dataclass(frozen=True)
class DutyLine:
    """Something that the clock asks."""

    task: UserTask
    account: Account | None


@dataclass(frozen=True)
class Today:
    """The whole day."""

    watch: Sequence[Looked]
    """Waiting to be confirmed."""
    confirmed: Sequence[Looked]
    look: Sequence[Account]
    """To look at, where nothing is confirmed."""
    duties: Sequence[DutyLine]
    missed: Sequence[DutyLine]
    cases: Sequence[CaseLine]
    """Open cases of one's accounts, whoever does their steps."""
    inventory: int = 0
    """How many accounts are to be said whose they are."""
    lists: Sequence[Account] = ()
    """Accounts that lack something which a line of their list can mend."""
    crisis: Crisis | None = None


def today_of(session: Session, law: Law, person: Person, now: datetime) -> Today:
    """What a person's day holds."""
    watch = _watch_today(session, law, person, now)
    return Today(
        watch=[_looked(session, line) for line in watch if _waits(line.task, now)],
        confirmed=[_looked(session, line) for line in watch if line.task.state is TaskState.DONE],
        look=_look(session, law, person, now),
        duties=_open_duties(session, person),
        missed=_missed(session, person, now),
        cases=cases_of_person(session, person),
        inventory=len(open_inventory(session, person)),
        lists=_lists(session, person),
        crisis=crisis_now(session, law.municipality_id),
    )


def _lists(session: Session, person: Person) -> Sequence[Account]:
    held = select(col(TaskHolder.task_id)).where(col(TaskHolder.person_id) == person.id)
    waiting = select(col(UserTask.account_id)).where(
        col(UserTask.once_key).startswith("gap:"),
        IS_OPEN,
        col(UserTask.id).in_(held),
    )
    rows = select(Account).where(col(Account.id).in_(waiting)).order_by(col(Account.name), col(Account.id))
    return session.execute(rows).scalars().all()


def _waits(task: UserTask, now: datetime) -> bool:
    """Still to be confirmed; a part of the day that is over is missed, before the evening counts it."""
    return task.state is TaskState.OPEN and task.due_at is not None and task.due_at > now


def _lines(session: Session, person: Person, *which: ColumnElement[bool]) -> list[DutyLine]:
    held = select(col(TaskHolder.task_id)).where(col(TaskHolder.person_id) == person.id)
    rows = (
        select(UserTask, Account)
        .outerjoin(Account, col(Account.id) == col(UserTask.account_id))
        .where(col(UserTask.id).in_(held), col(UserTask.process).in_([Process.DUTIES, Process.CASE]), *which)
        .order_by(col(UserTask.id))
    )
    return [DutyLine(task, account) for task, account in session.execute(rows)]


def _watch_today(session: Session, law: Law, person: Person, now: datetime) -> list[DutyLine]:
    shown = col(UserTask.state).in_([TaskState.OPEN, TaskState.DONE])
    recent = col(UserTask.due_at) > now - timedelta(days=1)
    begun = col(UserTask.opened_at) <= now
    lines = _lines(session, person, col(UserTask.kind) == TaskKind.WATCH, shown, recent, begun)
    today = law.day_of(now)
    return [one for one in lines if one.task.due_at and law.day_of(one.task.due_at) == today]


def _looked(session: Session, line: DutyLine) -> Looked:
    assert line.account is not None
    by = session.get(Person, line.task.answered_by_id) if line.task.answered_by_id else None
    return Looked(line.account, by.name if by else "", line.task.answered_at)


def _look(session: Session, law: Law, person: Person, now: datetime) -> list[Account]:
    """Where nothing is confirmed there are no tasks, and the accounts are asked for straight away."""
    if law.policy.settings.watch_confirmed:
        return []
    on = law.day_of(now)
    accounts = [one.account for one in accounts_to_watch(session, law, on)]
    present = watchers_present(session, law, accounts, on)
    return [one for one in accounts if any(h.person_id == person.id for h in present[one.id or 0])]


def _open_duties(session: Session, person: Person) -> list[DutyLine]:
    elsewhere = (TaskKind.WATCH, TaskKind.INVENTORY)
    open_ones = (IS_OPEN, col(UserTask.kind).not_in(elsewhere))
    return _lines(session, person, *open_ones)


def _missed(session: Session, person: Person, now: datetime) -> list[DutyLine]:
    """Missed days of late, those that nobody has explained."""
    missed = (
        col(UserTask.kind) == TaskKind.WATCH,
        col(UserTask.state) == TaskState.MISSED,
        col(UserTask.due_at) > now - MISSED_SHOWN,
    )
    return [one for one in _lines(session, person, *missed) if "explained" not in one.task.details]
