"""What a morning letter says, read when it leaves: what is done meanwhile is not said."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import IS_OPEN, Account, Message, TaskHolder, TaskKind, UserTask


class MorningLines:
    """The accounts and tasks that a message names, as far as they still wait."""

    def __init__(self, session: Session, message: Message) -> None:
        self._session = session
        self._person_id = message.person_id
        self._told: Mapping[str, Any] = message.context

    @cached_property
    def watch(self) -> Sequence[Account]:
        """Accounts that nobody has confirmed today."""
        waiting = select(col(UserTask.account_id)).where(
            col(UserTask.account_id).in_(self._told.get("watch", ())),
            col(UserTask.kind) == TaskKind.WATCH,
            IS_OPEN,
        )
        return self._accounts(col(Account.id).in_(waiting))

    @cached_property
    def look(self) -> Sequence[Account]:
        """Accounts to look at, where nothing is confirmed."""
        return self._accounts(col(Account.id).in_(self._told.get("look", ())))

    @cached_property
    def asked(self) -> Sequence[UserTask]:
        return self._own_tasks("asked")

    @cached_property
    def reminded(self) -> Sequence[UserTask]:
        return self._own_tasks("reminded")

    @cached_property
    def late(self) -> Sequence[UserTask]:
        return self._own_tasks("late")

    @cached_property
    def escalated(self) -> Sequence[UserTask]:
        """What others have not answered."""
        return self._tasks(col(UserTask.id).in_(self._told.get("escalated", ())))

    @cached_property
    def missed(self) -> Sequence[Account]:
        return self._missed("missed")

    @cached_property
    def neglected(self) -> Sequence[Account]:
        """What others have not looked at."""
        return self._missed("neglected")

    @cached_property
    def rested(self) -> Sequence[Account]:
        """Accounts whose rest is over."""
        return self._accounts(col(Account.id).in_(self._told.get("rested", ())))

    @cached_property
    def lists(self) -> Sequence[Account]:
        """Accounts with lines that the person has still to confirm."""
        held = select(col(TaskHolder.task_id)).where(col(TaskHolder.person_id) == self._person_id)
        waiting = select(col(UserTask.account_id)).where(
            col(UserTask.account_id).in_(self._told.get("lists", ())),
            col(UserTask.once_key).startswith("gap:"),
            IS_OPEN,
            col(UserTask.id).in_(held),
        )
        return self._accounts(col(Account.id).in_(waiting))

    @cached_property
    def informed(self) -> Sequence[UserTask]:
        """What has happened of itself."""
        rows = select(UserTask).where(col(UserTask.id).in_(self._told.get("informed", ())))
        return self._session.execute(rows.order_by(col(UserTask.id))).scalars().all()

    def account_of(self, task: UserTask) -> Account | None:
        return self._session.get(Account, task.account_id) if task.account_id else None

    def _own_tasks(self, name: str) -> Sequence[UserTask]:
        held = select(col(TaskHolder.task_id)).where(col(TaskHolder.person_id) == self._person_id)
        return self._tasks(col(UserTask.id).in_(self._told.get(name, ())) & col(UserTask.id).in_(held))

    def _tasks(self, which: Any) -> Sequence[UserTask]:
        rows = select(UserTask).where(IS_OPEN, which)
        return self._session.execute(rows.order_by(col(UserTask.id))).scalars().all()

    def _missed(self, name: str) -> Sequence[Account]:
        return self._accounts(col(Account.id).in_(self._told.get(name, ())) & (col(Account.missed_days) > 0))

    def _accounts(self, which: Any) -> Sequence[Account]:
        rows = select(Account).where(which).order_by(col(Account.name), col(Account.id))
        return self._session.execute(rows).scalars().all()
