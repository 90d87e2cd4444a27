"""Asking the database often: a session that remembers its answers, and statements that are built once.

A look at an account asks who is away, who has a role and what is open many times over; only what has been
written meanwhile can have changed the answer. And to build a statement takes longer than to run it.
"""

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from functools import cache, wraps
from inspect import signature
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import bindparam, event
from sqlmodel import Session, SQLModel

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
Question = Callable[Concatenate[Session, Asked], Answer]
_HELD = 1000
"""How many rows and answers are held, so that rows need not be made again while a transaction lasts."""


class Asking(Session):
    """A session whose answers are remembered within a transaction."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._answers: dict[Hashable, Any] = {}
        self._asked_of: dict[str, set[Hashable]] = {}
        self._held: deque[Any] = deque(maxlen=_HELD)

    def get(self, *args: Any, **options: Any) -> Any:
        """As ever; the row is then held, which a session else forgets as soon as nobody needs it."""
        row = super().get(*args, **options)
        self._held.append(row)
        return row

    def execute(self, statement: Any, *args: Any, **options: Any) -> Any:
        """As ever; what a statement writes is asked for anew."""
        result = super().execute(statement, *args, **options)
        if getattr(statement, "is_dml", False):
            self.forget([statement.table.name])
        return result

    def remembered(self, key: Hashable, tables: Iterable[str], ask: Callable[[], Answer]) -> Answer:
        """The answer to a question, asked if it has not been, or if one of its tables has been written."""
        self.flush()
        if key not in self._answers:
            self._answers[key] = ask()
            for table in tables:
                self._asked_of.setdefault(table, set()).add(key)
        return cast(Answer, self._answers[key])

    def forget(self, tables: Iterable[str]) -> None:
        """Ask anew what came from some tables."""
        for table in tables:
            for key in self._asked_of.pop(table, ()):
                self._held.append(self._answers.pop(key, None))

    def forget_all(self) -> None:
        """Ask everything anew."""
        self._answers.clear()
        self._asked_of.clear()
        self._held.clear()


def asked_once(
    *models: type[SQLModel],
) -> Callable[[Question[Asked, Answer]], Question[Asked, Answer]]:
    """Remember a question's answer in the transaction; `models` is all that it reads.

    What is asked by is hashable, and nobody changes the answer. A session of another kind asks every time.
    """
    tables = [str(model.__tablename__) for model in models]

    def decorate(ask: Question[Asked, Answer]) -> Question[Asked, Answer]:
        @wraps(ask)
        def asked(session: Session, /, *args: Asked.args, **options: Asked.kwargs) -> Answer:
            if not isinstance(session, Asking):
                return ask(session, *args, **options)
            key = (ask, args, tuple(options.items()))
            return session.remembered(key, tables, lambda: ask(session, *args, **options))

        return asked

    return decorate


def ask_anew(session: Session, *models: type[SQLModel]) -> None:
    """Forget what came from some tables."""
    if isinstance(session, Asking):
        session.forget(str(model.__tablename__) for model in models)


@event.listens_for(Asking, "after_flush")
def _forget_written(session: Asking, context: Any) -> None:
    written = (*session.new, *session.dirty, *session.deleted)
    session.forget({str(type(one).__tablename__) for one in written})


@event.listens_for(Asking, "after_soft_rollback")
def _forget_undone(session: Asking, previous: Any) -> None:
    session.forget_all()


@event.listens_for(Asking, "after_transaction_end")
def _forget_ended(session: Asking, transaction: Any) -> None:
    if transaction.parent is None:
        session.forget_all()


def built_once(build: Callable[..., Any]) -> Callable[..., tuple[Any, dict[str, Any]]]:
    """Build a statement at its first use, with a place for each value; after that only fill these in.

    `session.execute(*roles_of(account_id))`. A list has its place in `in_`; no value may be None.
    """
    names = list(signature(build).parameters)

    @cache
    def built() -> Any:
        return build(*map(bindparam, names))

    @wraps(build)
    def filled(*values: Any) -> tuple[Any, dict[str, Any]]:
        return built(), dict(zip(names, values, strict=True))

    return filled
