"""Whether a letter still has something to say when it is to leave: nobody is reminded of what is done."""

from collections.abc import Callable, Iterable

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from models import Account, Message, TaskHolder, TaskKind, TaskState, UserTask
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
    return _holds_open(session, message.person_id, col(UserTask.id) == message.task_id)


def _items(session: Session, message: Message, account: Account | None) -> bool:
    of_account = col(UserTask.account_id) == message.account_id
    return _holds_open(session, message.person_id, of_account & col(UserTask.kind).in_(ITEM_KINDS))


def _holds_open(session: Session, person_id: int | None, which: ColumnElement[bool]) -> bool:
    rows = (
        select(col(UserTask.id))
        .join(TaskHolder, col(TaskHolder.task_id) == col(UserTask.id))
        .where(col(UserTask.state) == TaskState.OPEN, col(TaskHolder.person_id) == person_id, which)
    )
    return session.execute(rows.limit(1)).first() is not None


def _open(session: Session, message: Message, account: Account | None) -> bool:
    rows = select(col(UserTask.id)).where(
        col(UserTask.id).in_(message.context["tasks"]), col(UserTask.state) == TaskState.OPEN
    )
    return session.execute(rows.limit(1)).first() is not None


def _red(session: Session, message: Message, account: Account | None) -> bool:
    return account is not None and account.red_reason == message.context["reason"]


def _morning(session: Session, message: Message, account: Account | None) -> bool:
    """Whether anything of the morning is left: to look at, to answer, or to hear of."""
    told = message.context
    watch = col(UserTask.account_id).in_(told.get("watch", ())) & (col(UserTask.kind) == TaskKind.WATCH)
    waiting = col(UserTask.id).in_([*told.get("asked", ()), *told.get("reminded", ()), *told.get("late", ())])
    heard = select(col(UserTask.id)).where(
        col(UserTask.id).in_(told.get("escalated", ())), col(UserTask.state) == TaskState.OPEN
    )
    missed = select(col(Account.id)).where(
        col(Account.id).in_([*told.get("missed", ()), *told.get("neglected", ())]),
        col(Account.missed_days) > 0,
    )
    return (
        bool(told.get("look") or told.get("rested") or told.get("informed"))
        or _holds_open(session, message.person_id, watch | waiting | _lists(told.get("lists", ())))
        or session.execute(heard.limit(1)).first() is not None
        or session.execute(missed.limit(1)).first() is not None
    )


def _lists(account_ids: Iterable[int]) -> ColumnElement[bool]:
    of_accounts = col(UserTask.account_id).in_(list(account_ids))
    return of_accounts & col(UserTask.once_key).startswith("gap:")


def _inventory(session: Session, message: Message, account: Account | None) -> bool:
    return _holds_open(session, message.person_id, col(UserTask.kind) == TaskKind.INVENTORY)


_STILL: dict[Need, Callable[[Session, Message, Account | None], bool]] = {
    Need.NOTHING: lambda session, message, account: True,
    Need.ASKED: _asked,
    Need.OPEN: _open,
    Need.ITEMS: _items,
    Need.RED: _red,
    Need.MORNING: _morning,
    Need.INVENTORY: _inventory,
}
