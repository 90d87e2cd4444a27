"""Opening, answering and ending user tasks: every kind goes through these few functions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Executable, bindparam, delete, insert, select, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col

from lifecycle.events import ENGINE, By, EventKind
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.refusals import Refused
from lifecycle.roles import Holder
from models import (
    IS_OPEN,
    IS_UNFINISHED,
    Account,
    Municipality,
    Outcome,
    Person,
    Process,
    TaskHolder,
    TaskKind,
    TaskState,
    UserTask,
)
from models.asking import CHANGES_NO_ANSWER, asked_once, built_once
from policies.keys import Modality, Role, Rule

LIVE = (TaskState.OPEN, TaskState.DONE, TaskState.NO_ANSWER)
"""Tasks that count: neither withdrawn nor taken back."""


def raise_news(session: Session, account: Account) -> None:
    """Tell the account's run that there is something to look at.

    Counted by the database: what is known here may be older than what others have told meanwhile.
    """
    if account.id is None:
        session.add(account)
        session.flush()
    session.execute(*_one_more(account.id))
    set_committed_value(account, "news", account.news + 1)


@built_once
def _one_more(account: int) -> Executable:
    news = update(Account).where(col(Account.id) == account).values(news=col(Account.news) + 1)
    return news.execution_options(synchronize_session=False, **{CHANGES_NO_ANSWER: True})


def raise_news_of(session: Session, person_id: int) -> None:
    """The same for every account in which the person is asked something."""
    held = select(col(TaskHolder.task_id)).where(col(TaskHolder.person_id) == person_id)
    asked = select(col(UserTask.account_id)).where(IS_OPEN, col(UserTask.id).in_(held))
    session.execute(update(Account).where(col(Account.id).in_(asked)).values(news=col(Account.news) + 1))


def open_task(
    session: Session,
    law: Law,
    account: Account,
    now: datetime,
    *,
    process: Process,
    kind: TaskKind,
    step: str,
    label: str,
    rule: Rule | None,
    role: Role,
    holders: Sequence[Holder],
    account_role_id: int | None = None,
    due_at: datetime | None = None,
    next_reminder_at: datetime | None = None,
    details: Mapping[str, Any] | None = None,
) -> UserTask:
    """Put a question to its holders. The event that tells them is the caller's.

    What only *may* be done is offered, and nobody is reminded of it.
    """
    assert account.id is not None
    task = UserTask(
        municipality_id=account.municipality_id,
        account_id=account.id,
        process=process,
        kind=kind,
        step=step,
        account_role_id=account_role_id,
        plan_version=account.plan_version,
        role=role.value,
        label=label,
        clauses=law.cite(rule) if rule else [],
        modality=(rule.modality if rule else Modality.MUST).value,
        opened_at=now,
        due_at=due_at,
        next_reminder_at=None if rule and rule.modality is Modality.MAY else next_reminder_at,
        details=dict(details or {}),
    )
    session.add(task)
    session.flush()
    hold(session, task, holders)
    return task


def hold(session: Session, task: UserTask, holders: Sequence[Holder]) -> None:
    """Write down who may answer a task, and why it came to them."""
    rows = [
        {"task_id": task.id, "person_id": h.person_id, "instead_of_id": h.instead_of_id, "why": h.why}
        for h in holders
    ]
    if rows:
        session.execute(_HOLD, rows)


_HOLD = insert(TaskHolder)


def holders_of(session: Session, task_id: int | None) -> list[TaskHolder]:
    """Who may answer a task."""
    return list(_held_by(session, task_id))


@asked_once(TaskHolder)
def _held_by(session: Session, task_id: int | None) -> Sequence[TaskHolder]:
    return session.execute(*_holders_of(task_id)).scalars().all()


@built_once
def _holders_of(task: int) -> Executable:
    return select(TaskHolder).where(col(TaskHolder.task_id) == task).order_by(col(TaskHolder.id))


@asked_once(TaskHolder)
def holder_of(session: Session, task_id: int | None, person_id: int | None) -> TaskHolder | None:
    """The row by which a person holds a task."""
    row: TaskHolder | None = session.execute(*_holding(task_id, person_id)).scalars().first()
    return row


@built_once
def _holding(task: int, person: int) -> Executable:
    return select(TaskHolder).where(col(TaskHolder.task_id) == task, col(TaskHolder.person_id) == person)


def holder_ids(session: Session, tasks: Iterable[UserTask]) -> list[int]:
    """The persons of several tasks, each once, in order."""
    return list(dict.fromkeys(h.person_id for task in tasks for h in holders_of(session, task.id)))


def tasks_of(
    session: Session,
    account: Account,
    process: Process,
    *,
    states: Sequence[TaskState] = LIVE,
    step: str | None = None,
    account_role_id: int | None = None,
    plan_version: int | None = None,
    opened_from: datetime | None = None,
) -> list[UserTask]:
    """An account's tasks of one process, oldest first."""
    return [
        task
        for task in _tasks_of(session, account.id, process)
        if task.state in states
        and step in (None, task.step)
        and account_role_id in (None, task.account_role_id)
        and plan_version in (None, task.plan_version)
        and (opened_from is None or task.opened_at >= opened_from)
    ]


@asked_once(UserTask)
def _tasks_of(session: Session, account_id: int | None, process: Process) -> Sequence[UserTask]:
    return session.execute(*_of_process(account_id, process)).scalars().all()


@built_once
def _of_process(account: int, process: Process) -> Executable:
    rows = select(UserTask).where(col(UserTask.account_id) == account, col(UserTask.process) == process)
    return rows.order_by(col(UserTask.id)).execution_options(populate_existing=True)


def open_tasks(session: Session, account: Account) -> list[UserTask]:
    """Everything that is asked about an account right now."""
    return [task for task in unfinished(session, account.id) if task.state is TaskState.OPEN]


@asked_once(UserTask)
def unfinished(session: Session, account_id: int | None) -> Sequence[UserTask]:
    """An account's open tasks, and those whose answer or taking back has not yet been followed."""
    return session.execute(_UNFINISHED, {"account": account_id}).scalars().all()


_UNFINISHED = (
    select(UserTask)
    .where(col(UserTask.account_id) == bindparam("account"), IS_UNFINISHED)
    .order_by(col(UserTask.id))
    .execution_options(populate_existing=True)
)


def complete(
    session: Session,
    task: UserTask,
    now: datetime,
    *,
    by: By,
    outcome: Outcome,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write an answer, once: of two at the same moment one counts and the other is refused.

    Raises Refused `already_answered` or `task_gone`.
    """
    answer = {
        "state": TaskState.DONE,
        "outcome": outcome,
        "reason": reason,
        "details": {**task.details, **(details or {})},
        "answered_by_id": by.person_id,
        "on_behalf_of_id": by.on_behalf_of_id,
        "answered_at": now,
        "next_reminder_at": None,
    }
    given = {"task": task.id, **{f"{name}_now": value for name, value in answer.items()}}
    answered = session.execute(_answer(*answer), given)
    if answered.rowcount != 1:  # type: ignore[attr-defined]
        read_anew(session, task)
        raise refusal_of_ended(session, task)
    for name, value in answer.items():
        set_committed_value(task, name, value)


@cache
def _answer(*names: str) -> Executable:
    """Write some columns of a task that is still open."""
    written = update(UserTask).where(col(UserTask.id) == bindparam("task"), IS_OPEN)
    values: dict[str, Any] = {name: bindparam(f"{name}_now") for name in names}
    return written.values(values).execution_options(synchronize_session=False)


def read_anew(session: Session, task: UserTask) -> None:
    """A task as it stands now, written over what is known of it."""
    session.execute(*_fresh(task.id)).scalar_one()


@built_once
def _fresh(task: int) -> Executable:
    return select(UserTask).where(col(UserTask.id) == task).execution_options(populate_existing=True)


def refusal_of_ended(session: Session, task: UserTask) -> Refused:
    """Who was there first, or that the question is no longer open."""
    if task.state is not TaskState.DONE or task.answered_by_id is None or task.answered_at is None:
        return Refused("task_gone")
    person = session.get_one(Person, task.answered_by_id)
    zone = ZoneInfo(session.get_one(Municipality, task.municipality_id).time_zone)
    return Refused("already_answered", name=person.name, when=task.answered_at.astimezone(zone))


def end_task(session: Session, task: UserTask, state: TaskState) -> None:
    """End an open or answered task otherwise than by an answer."""
    task.state, task.next_reminder_at = state, None
    session.add(task)


def withdraw(session: Session, task: UserTask, now: datetime, *, by: By = ENGINE) -> None:
    """Take back a question: its links die, and an answer that it had no longer counts."""
    facts = {"step": task.step, "state": task.state.value, "holders": holder_ids(session, [task])}
    end_task(session, task, TaskState.WITHDRAWN)
    record(session, EventKind.TASK_WITHDRAWN, now, task=task, by=by, facts=facts)


def withdraw_open(
    session: Session, account: Account, now: datetime, *, by: By = ENGINE, process: Process | None = None
) -> list[UserTask]:
    """Withdraw what is still asked; those who were asked are told when it matters (see notices)."""
    ended = [task for task in open_tasks(session, account) if process in (None, task.process)]
    for task in ended:
        withdraw(session, task, now, by=by)
    return ended


def replace_holders(session: Session, task: UserTask, holders: Sequence[Holder]) -> None:
    """Give a task to others."""
    session.execute(delete(TaskHolder).where(col(TaskHolder.task_id) == task.id))
    hold(session, task, holders)
