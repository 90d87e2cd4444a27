"""Whether a letter still has something to say when it is to leave: nobody is reminded of what is done."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Executable, select
from sqlmodel import Session, col

from models import IS_OPEN, Account, Message, TaskHolder, TaskKind, UserTask
from models.asking import asked_once, built_once
from notifications.about import ITEM_KINDS
from notifications.registry import NOTICES, Need


def is_needed(session: Session, message: Message) -> bool:
    """Whether what the notice wants to be so is still so."""
    notice = NOTICES[message.notice]
    account = session.get(Account, message.account_id) if message.account_id is not None else None
    if notice.states is not None and (account is None or account.state not in notice.states):
        return False
    return _STILL[notice.need](session, message, account)


def _asked(session: Session, message: Message, account: Account | None) -> bool:
    if message.task_id is None:
        return _items(session, message, account)
    return any(task.id == message.task_id for task in _held(session, message.person_id))


def _items(session: Session, message: Message, account: Account | None) -> bool:
    held = _held(session, message.person_id)
    return any(task.account_id == message.account_id and task.kind in ITEM_KINDS for task in held)


class _Held(NamedTuple):
    """An open task, as much of it as a letter's need is told by."""

    id: int
    account_id: int | None
    kind: TaskKind
    once_key: str | None


def _held(session: Session, person_id: int | None) -> Sequence[_Held]:
    """The open tasks that a person may answer."""
    return _held_by(session, person_id) if person_id is not None else ()


@asked_once(UserTask, TaskHolder, values=True)
def _held_by(session: Session, person_id: int) -> Sequence[_Held]:
    return [_Held(*row) for row in session.execute(*_open_tasks_of(person_id))]


@built_once
def _open_tasks_of(person: int) -> Executable:
    return (
        select(col(UserTask.id), col(UserTask.account_id), col(UserTask.kind), col(UserTask.once_key))
        .join(TaskHolder, col(TaskHolder.task_id) == col(UserTask.id))
        .where(IS_OPEN, col(TaskHolder.person_id) == person)
    )


def _open(session: Session, message: Message, account: Account | None) -> bool:
    return _any_open(session, message.context["tasks"])


def _red(session: Session, message: Message, account: Account | None) -> bool:
    return account is not None and account.red_reason == message.context["reason"]


def _morning(session: Session, message: Message, account: Account | None) -> bool:
    """Whether anything of the morning is left: to look at, to answer, or to hear of."""
    told = message.context
    if told.get("look") or told.get("rested") or told.get("informed"):
        return True
    if any(_is_told(task, told) for task in _held(session, message.person_id)):
        return True
    heard, missed = told.get("escalated", ()), [*told.get("missed", ()), *told.get("neglected", ())]
    return bool(heard and _any_open(session, heard)) or bool(missed and _any_missed(session, missed))


def _is_told(task: _Held, told: Mapping[str, Any]) -> bool:
    """Whether the morning tells of a task: to watch, to answer, or a line of a list."""
    watch = task.kind is TaskKind.WATCH and task.account_id in told.get("watch", ())
    line = (task.once_key or "").startswith("gap:") and task.account_id in told.get("lists", ())
    return watch or line or any(task.id in told.get(part, ()) for part in ("asked", "reminded", "late"))


def _any_open(session: Session, task_ids: Sequence[int]) -> bool:
    rows = select(col(UserTask.id)).where(col(UserTask.id).in_(task_ids), IS_OPEN)
    return session.execute(rows.limit(1)).first() is not None


def _any_missed(session: Session, account_ids: Sequence[int]) -> bool:
    rows = select(col(Account.id)).where(col(Account.id).in_(account_ids), col(Account.missed_days) > 0)
    return session.execute(rows.limit(1)).first() is not None


def _inventory(session: Session, message: Message, account: Account | None) -> bool:
    return any(task.kind is TaskKind.INVENTORY for task in _held(session, message.person_id))


_STILL: dict[Need, Callable[[Session, Message, Account | None], bool]] = {
    Need.NOTHING: lambda session, message, account: True,
    Need.ASKED: _asked,
    Need.OPEN: _open,
    Need.ITEMS: _items,
    Need.RED: _red,
    Need.MORNING: _morning,
    Need.INVENTORY: _inventory,
}
