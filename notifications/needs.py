"""Whether a letter still has something to say when it is to leave: nobody is reminded of what is done."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Executable, select
from sqlmodel import Session, col

from models import IS_OPEN, Account, Message, TaskHolder, TaskKind, UserTask
from models.asking import built_once
from notifications.about import ITEM_KINDS
from notifications.registry import NOTICES, Need


def is_needed(session: Session, message: Message) -> bool:
    """Whether what the notice wants to be so is still so."""
    return are_needed(session, [message])[0]


def are_needed(session: Session, messages: Sequence[Message]) -> list[bool]:
    """The same for several letters; what their recipients may still answer is asked at once."""
    people = {one.person_id for one in messages if NOTICES[one.notice].need in _BY_TASKS and one.person_id}
    held = _held_by(session, people) if people else {}
    return [_is_needed(session, one, held.get(one.person_id or 0, ())) for one in messages]


class _Task(NamedTuple):
    """An open task, as much of it as a letter's need is told by."""

    id: int
    account_id: int | None
    kind: TaskKind
    once_key: str | None


_Held = Sequence[_Task]
"""The open tasks that the recipient may answer."""


def _is_needed(session: Session, message: Message, held: _Held) -> bool:
    notice = NOTICES[message.notice]
    account = session.get(Account, message.account_id) if message.account_id is not None else None
    if notice.states is not None and (account is None or account.state not in notice.states):
        return False
    return _STILL[notice.need](session, message, account, held)


def _held_by(session: Session, person_ids: Collection[int]) -> dict[int, list[_Task]]:
    found: dict[int, list[_Task]] = {}
    for person_id, *task in session.execute(*_open_tasks_of(list(person_ids))):
        found.setdefault(person_id, []).append(_Task(*task))
    return found


@built_once
def _open_tasks_of(people: Collection[int]) -> Executable:
    task = (col(UserTask.id), col(UserTask.account_id), col(UserTask.kind), col(UserTask.once_key))
    return (
        select(col(TaskHolder.person_id), *task)
        .join(UserTask, col(UserTask.id) == col(TaskHolder.task_id))
        .where(IS_OPEN, col(TaskHolder.person_id).in_(people))
    )


def _asked(session: Session, message: Message, account: Account | None, held: _Held) -> bool:
    if message.task_id is None:
        return _items(session, message, account, held)
    return any(task.id == message.task_id for task in held)


def _items(session: Session, message: Message, account: Account | None, held: _Held) -> bool:
    return any(task.account_id == message.account_id and task.kind in ITEM_KINDS for task in held)


def _open(session: Session, message: Message, account: Account | None, held: _Held) -> bool:
    return _any_open(session, message.context["tasks"])


def _red(session: Session, message: Message, account: Account | None, held: _Held) -> bool:
    return account is not None and account.red_reason == message.context["reason"]


def _morning(session: Session, message: Message, account: Account | None, held: _Held) -> bool:
    """Whether anything of the morning is left: to look at, to answer, or to hear of."""
    told = message.context
    if told.get("look") or told.get("rested") or told.get("informed"):
        return True
    if any(_is_told(task, told) for task in held):
        return True
    heard, missed = told.get("escalated", ()), [*told.get("missed", ()), *told.get("neglected", ())]
    return bool(heard and _any_open(session, heard)) or bool(missed and _any_missed(session, missed))


def _is_told(task: _Task, told: Mapping[str, Any]) -> bool:
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


def _inventory(session: Session, message: Message, account: Account | None, held: _Held) -> bool:
    return any(task.kind is TaskKind.INVENTORY for task in held)


_BY_TASKS = (Need.ASKED, Need.ITEMS, Need.MORNING, Need.INVENTORY)
"""Needs that are told by what the recipient may still answer."""
_STILL: dict[Need, Callable[[Session, Message, Account | None, _Held], bool]] = {
    Need.NOTHING: lambda session, message, account, held: True,
    Need.ASKED: _asked,
    Need.OPEN: _open,
    Need.ITEMS: _items,
    Need.RED: _red,
    Need.MORNING: _morning,
    Need.INVENTORY: _inventory,
}
