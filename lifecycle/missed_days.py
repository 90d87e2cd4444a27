"""Days on which nobody looked: they are missed, counted in a row, and can be explained but no longer done."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Executable, Update, or_, select, update
from sqlmodel import Session, col

from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.plans import TEXT_LIMIT
from lifecycle.refusals import Refused
from lifecycle.watching import record_list
from models import IS_OPEN, Account, Person, TaskHolder, TaskKind, TaskState, UserTask
from models.asking import built_once
from policies.keys import Modality


def end_watch(session: Session, law: Law, now: datetime) -> int:
    """End the watch tasks whose day is over; returns how many days were missed.

    A must that nobody confirmed is a missed day, counted in a row; a recommendation ends without answer.
    """
    session.execute(*_end_advised(law.municipality_id, now))
    missed = session.execute(*_end_demanded(law.municipality_id, now)).all()
    if missed:
        _count_missed(session, law, [(account_id, due_at) for _, account_id, due_at in missed])
        record_list(session, law, EventKind.WATCH_MISSED, [(one, 0) for one, _, _ in missed], now)
    return len(missed)


def _over(of: Any, now: Any) -> Update:
    return (
        update(UserTask)
        .where(
            col(UserTask.municipality_id) == of,
            col(UserTask.kind) == TaskKind.WATCH,
            IS_OPEN,
            col(UserTask.due_at) <= now,
        )
        .execution_options(synchronize_session=False)
    )


@built_once
def _end_advised(of: int, now: datetime) -> Executable:
    advised = col(UserTask.modality) != Modality.MUST.value
    return _over(of, now).where(advised).values(state=TaskState.NO_ANSWER)


@built_once
def _end_demanded(of: int, now: datetime) -> Executable:
    ended = _over(of, now).where(col(UserTask.modality) == Modality.MUST.value)
    ids = (col(UserTask.id), col(UserTask.account_id), col(UserTask.due_at))
    return ended.values(state=TaskState.MISSED).returning(*ids)


def _count_missed(session: Session, law: Law, missed: Iterable[tuple[int, datetime]]) -> None:
    """A day counts once, and not when somebody looked at another hour of it."""
    days = {(account_id, law.day_of(due_at)) for account_id, due_at in missed}
    for day in sorted({day for _, day in days}):
        ids = [account_id for account_id, its in days if its == day]
        session.execute(*_miss(ids, day))


@built_once
def _miss(account_ids: Collection[int], day: date) -> Executable:
    unseen = or_(col(Account.watched_on).is_(None), col(Account.watched_on) < day)
    return (
        update(Account)
        .where(col(Account.id).in_(account_ids), unseen)
        .values(missed_days=col(Account.missed_days) + 1, news=col(Account.news) + 1)
        .execution_options(synchronize_session="fetch")
    )


class Rung(StrEnum):
    """What the ladder of missed days in a row says next."""

    REMINDS = "reminds"
    ESCALATES = "escalates"


def rung_of(law: Law, missed_days: int, told: int) -> Rung | None:
    """The next rung after the `told` first ones, if so many missed days in a row reach it.

    One rung a morning: days that were missed while no letter went, as at a weekend, skip none.
    """
    ladder = law.policy.settings.watch_ladder
    if told > ladder.at_most or missed_days < ladder.first + told * ladder.every:
        return None
    return Rung.REMINDS if told < ladder.at_most else Rung.ESCALATES


def is_neglected(law: Law, missed_days: int) -> bool:
    """Whether so many missed days in a row are told to the one at the ladder's end."""
    ladder = law.policy.settings.watch_ladder
    return missed_days >= ladder.first + ladder.at_most * ladder.every


def explain_missed(
    session: Session, task: UserTask, person: Person, why: str, now: datetime, *, via: str
) -> None:
    """Say why a day was missed. It stays missed, and is marked as explained."""
    if task.state is not TaskState.MISSED:
        raise Refused("task_gone")
    _demand_held(session, task, person)
    if not why.strip():
        raise Refused("reason_missing")
    if len(why) > TEXT_LIMIT:
        raise Refused("text_too_long", length=len(why), limit=TEXT_LIMIT)
    explained = {"by": person.id, "at": now.isoformat()}
    task.details, task.reason = {**task.details, "explained": explained}, why.strip()
    session.add(task)
    record(
        session,
        EventKind.MISSED_DAY_EXPLAINED,
        now,
        task=task,
        by=By(person.id, via),
        detail={"reason": why.strip()},
    )


def _demand_held(session: Session, task: UserTask, person: Person) -> None:
    rows = select(col(TaskHolder.id)).where(
        col(TaskHolder.task_id) == task.id, col(TaskHolder.person_id) == person.id
    )
    if session.execute(rows).first() is None:
        raise Refused("not_holder")
