"""What an account's watch came to: counted while its tasks are there, and kept in a row a month when not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Executable, Select, delete, select
from sqlmodel import Session, col

from lifecycle.law import Law
from models import Account, Process, TaskHolder, TaskKind, TaskState, UserTask, WatchMonth
from models.asking import built_once

_ENDED = (TaskState.DONE, TaskState.MISSED, TaskState.NO_ANSWER)
_IDS_AT_ONCE = 500


@dataclass(frozen=True)
class WatchSum:
    """How many times somebody was asked to look, looked, did not, and explained why not."""

    asked: int = 0
    confirmed: int = 0
    missed: int = 0
    explained: int = 0

    def __add__(self, other: "WatchSum") -> "WatchSum":
        return WatchSum(
            self.asked + other.asked,
            self.confirmed + other.confirmed,
            self.missed + other.missed,
            self.explained + other.explained,
        )


def watch_sum(session: Session, law: Law, account: Account, from_on: date, until_on: date) -> WatchSum:
    """The watch from one day until the day before another. A month that has been folded counts whole."""
    rows = select(WatchMonth).where(
        col(WatchMonth.account_id) == account.id,
        col(WatchMonth.month_on) >= from_on.replace(day=1),
        col(WatchMonth.month_on) < until_on,
    )
    total = WatchSum()
    for month in session.execute(rows).scalars():
        total += WatchSum(month.asked, month.confirmed, month.missed, month.explained)
    first, last = law.calendar.at(from_on, time()), law.calendar.at(until_on, time())
    due = col(UserTask.due_at)
    tasks = _ended_tasks(law.municipality_id).where(
        col(UserTask.account_id) == account.id, due >= first, due < last
    )
    return total + _sum_of(session.execute(tasks))


@built_once
def _ended_before(of: int, instant: datetime) -> Executable:
    return _ended_tasks(of).where(col(UserTask.due_at) < instant)


def _ended_tasks(of: Any) -> Select[Any]:
    """Of each its id, account, end of its day, state and details: there are many."""
    task = (UserTask.id, UserTask.account_id, UserTask.due_at, UserTask.state, UserTask.details)
    return select(*map(col, task)).where(
        col(UserTask.municipality_id) == of,
        col(UserTask.process) == Process.DUTIES,
        col(UserTask.kind) == TaskKind.WATCH,
        col(UserTask.state).in_(_ENDED),
    )


def _sum_of(tasks: Iterable[Any]) -> WatchSum:
    total = WatchSum()
    for task in tasks:
        done, missed = task.state is TaskState.DONE, task.state is TaskState.MISSED
        total += WatchSum(1, int(done), int(missed), int(missed and "explained" in task.details))
    return total


def fold_months(session: Session, law: Law, on: date) -> int:
    """Fold the watch tasks of the months before the last one into a row per account and month.

    Returns how many tasks went. Who confirmed or explained what stays in the audit log.
    """
    before = (on.replace(day=1) - timedelta(days=1)).replace(day=1)
    ended = _ended_before(law.municipality_id, law.calendar.at(before, time()))
    tasks = session.execute(*ended).all()
    by_month: dict[tuple[int, date], list[Any]] = {}
    for task in tasks:
        assert task.account_id is not None and task.due_at is not None
        place = (task.account_id, law.day_of(task.due_at).replace(day=1))
        by_month.setdefault(place, []).append(task)
    for (account_id, month_on), its in by_month.items():
        _add_to_month(session, account_id, month_on, _sum_of(its))
    _delete(session, [task.id for task in tasks if task.id is not None])
    return len(tasks)


def _add_to_month(session: Session, account_id: int, month_on: date, more: WatchSum) -> None:
    rows = select(WatchMonth).where(
        col(WatchMonth.account_id) == account_id, col(WatchMonth.month_on) == month_on
    )
    month: WatchMonth | None = session.execute(rows).scalars().first()
    month = month or WatchMonth(account_id=account_id, month_on=month_on)
    month.asked += more.asked
    month.confirmed += more.confirmed
    month.missed += more.missed
    month.explained += more.explained
    session.add(month)
    session.flush()


def _delete(session: Session, task_ids: list[int]) -> None:
    for start in range(0, len(task_ids), _IDS_AT_ONCE):
        ids = task_ids[start : start + _IDS_AT_ONCE]
        session.execute(delete(TaskHolder).where(col(TaskHolder.task_id).in_(ids)))
        session.execute(delete(UserTask).where(col(UserTask.id).in_(ids)))
