"""Asking the database often: a session that remembers its answers, and statements that are built once.

A look at an account asks who is away, who has a role and what is open many times over; only what has been
written meanwhile can have changed the answer. And to build a statement takes longer than to run it.
"""

from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable
from functools import cache, wraps
from inspect import signature
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Engine, bindparam, event
from sqlmodel import Session, SQLModel

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
Question = Callable[Concatenate[Session, Asked], Answer]
_HELD = 1000
"""How many rows and answers are held, so that rows need not be made again while a transaction lasts."""


class Answers:
    """Answers to questions, until one of the tables that they came from is written."""

    def __init__(self) -> None:
        self._by_question: dict[Hashable, Any] = {}
        self._asked_of: dict[str, set[Hashable]] = {}

    def __contains__(self, question: Hashable) -> bool:
        return question in self._by_question

    def __getitem__(self, question: Hashable) -> Any:
        return self._by_question[question]

    def keep(self, question: Hashable, answer: Any, tables: Iterable[str]) -> None:
        """Remember an answer, and what it came from."""
        self._by_question[question] = answer
        for table in tables:
            self._asked_of.setdefault(table, set()).add(question)

    def forget(self, tables: Iterable[str]) -> list[Any]:
        """Ask anew what came from some tables; gives back what was forgotten."""
        questions = [one for table in tables for one in self._asked_of.pop(table, ())]
        return [self._by_question.pop(one, None) for one in questions]

    def clear(self) -> None:
        """Ask everything anew."""
        self._by_question.clear()
        self._asked_of.clear()


ANSWERS = "kanalvakt_answers"
"""The engine's option for answers that outlive a transaction: of a database that this engine alone writes."""


CHANGES_NO_ANSWER = "kanalvakt_changes_no_answer"
"""The option of a statement that writes only what no remembered question reads."""


def _changes_no_answer(statement: Any) -> bool:
    return bool(statement.get_execution_options().get(CHANGES_NO_ANSWER))


class Asking(Session):
    """A session whose answers are remembered within a transaction.

    Those that hold no rows are remembered longer where the engine has `Answers` of its own.
    """

    def __init__(self, engine: Engine, **options: Any) -> None:
        super().__init__(engine, **options)
        self._answers = Answers()
        self._values: Answers = engine.get_execution_options().get(ANSWERS) or self._answers
        self._held: deque[Any] = deque(maxlen=_HELD)
        self._written: set[str] = set()

    def get(self, *args: Any, **options: Any) -> Any:
        """As ever; the row is then held, which a session else forgets as soon as nobody needs it."""
        row = super().get(*args, **options)
        self._held.append(row)
        return row

    def execute(self, statement: Any, *args: Any, **options: Any) -> Any:
        """As ever; what a statement writes is asked for anew."""
        result = super().execute(statement, *args, **options)
        if getattr(statement, "is_dml", False) and not _changes_no_answer(statement):
            self.wrote([statement.table.name])
        return result

    def remembered(
        self, question: Hashable, tables: Iterable[str], ask: Callable[[], Answer], *, values: bool
    ) -> Answer:
        """The answer to a question, asked if it has not been, or if one of its tables has been written."""
        self.flush()
        answers = self._values if values else self._answers
        if question not in answers:
            answers.keep(question, ask(), tables)
        return cast(Answer, answers[question])

    def wrote(self, tables: Collection[str]) -> None:
        """Some tables have been written in this transaction."""
        self._written.update(tables)
        self.forget(tables)

    def forget(self, tables: Collection[str]) -> None:
        """Ask anew what came from some tables."""
        self._held += self._answers.forget(tables)
        self._values.forget(tables)

    def undone(self) -> None:
        """Something that has been written is not so any more, whatever it was."""
        self._answers.clear()
        self._values.forget(self._written)

    def end(self) -> None:
        """The transaction is over: its rows are, and whatever it wrote may never have been."""
        self.undone()
        self._held.clear()
        self._written.clear()


def asked_once(
    *models: type[SQLModel], values: bool = False
) -> Callable[[Question[Asked, Answer]], Question[Asked, Answer]]:
    """Remember a question's answer in the transaction, until one of the `models` is written.

    They are all that can change the answer. What is asked by is hashable, and nobody changes the answer; with
    `values`, it holds no rows. A session of another kind asks every time.
    """
    tables = [str(model.__tablename__) for model in models]

    def decorate(ask: Question[Asked, Answer]) -> Question[Asked, Answer]:
        @wraps(ask)
        def asked(session: Session, /, *args: Asked.args, **options: Asked.kwargs) -> Answer:
            if not isinstance(session, Asking):
                return ask(session, *args, **options)
            key = (ask, args, tuple(options.items()))
            return session.remembered(key, tables, lambda: ask(session, *args, **options), values=values)

        return asked

    return decorate


def ask_anew(session: Session, *models: type[SQLModel]) -> None:
    """Forget what came from some tables."""
    if isinstance(session, Asking):
        session.forget([str(model.__tablename__) for model in models])


@event.listens_for(Asking, "after_flush")
def _forget_written(session: Asking, context: Any) -> None:
    written = (*session.new, *session.dirty, *session.deleted)
    session.wrote({str(type(one).__tablename__) for one in written})


@event.listens_for(Asking, "after_soft_rollback")
def _forget_undone(session: Asking, previous: Any) -> None:
    session.undone()


@event.listens_for(Asking, "after_transaction_end")
def _forget_ended(session: Asking, transaction: Any) -> None:
    if transaction.parent is None:
        session.end()


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
