"""What a morning letter says, read when it leaves: what is done meanwhile is not said."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Executable, Select, select
from sqlmodel import Session, col

from models import IS_OPEN, Account, Message, TaskHolder, TaskKind, UserTask
from models.asking import built_once


class MorningLines:
    """The accounts and tasks that a message names, as far as they still wait."""

    def __init__(self, session: Session, message: Message) -> None:
        self._session = session
        self._person_id = message.person_id
        self._told: Mapping[str, Any] = message.context

    @cached_property
    def watch(self) -> Sequence[Account]:
        """Accounts that nobody has confirmed today."""
        return self._named("watch", _unconfirmed)

    @cached_property
    def look(self) -> Sequence[Account]:
        """Accounts to look at, where nothing is confirmed."""
        return self._named("look", _accounts)

    @cached_property
    def asked(self) -> Sequence[UserTask]:
        return self._named("asked", _own_tasks, self._person_id)

    @cached_property
    def reminded(self) -> Sequence[UserTask]:
        return self._named("reminded", _own_tasks, self._person_id)

    @cached_property
    def late(self) -> Sequence[UserTask]:
        return self._named("late", _own_tasks, self._person_id)

    @cached_property
    def escalated(self) -> Sequence[UserTask]:
        """What others have not answered."""
        return self._named("escalated", _open_tasks)

    @cached_property
    def missed(self) -> Sequence[Account]:
        return self._named("missed", _missed)

    @cached_property
    def neglected(self) -> Sequence[Account]:
        """What others have not looked at."""
        return self._named("neglected", _missed)

    @cached_property
    def rested(self) -> Sequence[Account]:
        """Accounts whose rest is over."""
        return self._named("rested", _accounts)

    @cached_property
    def lists(self) -> Sequence[Account]:
        """Accounts with lines that the person has still to confirm."""
        return self._named("lists", _with_gaps, self._person_id)

    @cached_property
    def informed(self) -> Sequence[UserTask]:
        """What has happened of itself."""
        return self._named("informed", _tasks)

    def account_of(self, task: UserTask) -> Account | None:
        return self._session.get(Account, task.account_id) if task.account_id else None

    def _named(
        self, part: str, rows: Callable[..., tuple[Executable, dict[str, Any]]], *of: Any
    ) -> Sequence[Any]:
        """What still waits of what a part names: most letters name one or two, and ask of no others."""
        ids = self._told.get(part)
        return self._session.execute(*rows(ids, *of)).scalars().all() if ids else ()


@built_once
def _accounts(ids: Collection[int]) -> Executable:
    return _by_name(select(Account).where(col(Account.id).in_(ids)))


@built_once
def _missed(ids: Collection[int]) -> Executable:
    return _by_name(select(Account).where(col(Account.id).in_(ids), col(Account.missed_days) > 0))


@built_once
def _unconfirmed(ids: Collection[int]) -> Executable:
    waiting = select(col(UserTask.account_id)).where(
        col(UserTask.account_id).in_(ids), col(UserTask.kind) == TaskKind.WATCH, IS_OPEN
    )
    return _by_name(select(Account).where(col(Account.id).in_(waiting)))


@built_once
def _with_gaps(ids: Collection[int], person: int) -> Executable:
    waiting = select(col(UserTask.account_id)).where(
        col(UserTask.account_id).in_(ids),
        col(UserTask.once_key).startswith("gap:"),
        IS_OPEN,
        col(UserTask.id).in_(_held_by(person)),
    )
    return _by_name(select(Account).where(col(Account.id).in_(waiting)))


@built_once
def _tasks(ids: Collection[int]) -> Executable:
    return select(UserTask).where(col(UserTask.id).in_(ids)).order_by(col(UserTask.id))


@built_once
def _open_tasks(ids: Collection[int]) -> Executable:
    return select(UserTask).where(IS_OPEN, col(UserTask.id).in_(ids)).order_by(col(UserTask.id))


@built_once
def _own_tasks(ids: Collection[int], person: int) -> Executable:
    own = (IS_OPEN, col(UserTask.id).in_(ids), col(UserTask.id).in_(_held_by(person)))
    return select(UserTask).where(*own).order_by(col(UserTask.id))


def _held_by(person: int) -> Select[int]:
    return select(col(TaskHolder.task_id)).where(col(TaskHolder.person_id) == person)


def _by_name(rows: Select[Account]) -> Executable:
    return rows.order_by(col(Account.name), col(Account.id))
