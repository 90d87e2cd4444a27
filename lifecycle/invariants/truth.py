"""What a truth is: a sentence that always holds, and the query that finds where it does not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlmodel import Session, col

from models import Account, UserTask

Find = Callable[[Session, int, datetime], Sequence[str]]
"""Of a municipality at an instant: the subjects that a sentence does not hold of, none when it holds."""


@dataclass(frozen=True)
class Violation:
    """One thing of which a truth does not hold."""

    truth: str
    subject: str
    """Its kind and number, e.g. "uppgift 12": it is shown in Prefect, so no name stands in it."""


@dataclass(frozen=True)
class Truth:
    """Something that holds whatever people and clocks do, in whatever order."""

    name: str
    says: str
    find: Find

    def violations(self, session: Session, municipality_id: int, now: datetime) -> list[Violation]:
        """Where it does not hold, in a municipality at an instant."""
        return [Violation(self.name, one) for one in self.find(session, municipality_id, now)]


def truth(says: str) -> Callable[[Find], Truth]:
    """Make a truth of the function that finds what breaks it; `says` is for people."""

    def _named(find: Find) -> Truth:
        return Truth(find.__name__, says, find)

    return _named


def subjects(session: Session, word: str, ids: Select[Any]) -> list[str]:
    """What a query of ids finds, each once and in order, under its Swedish word."""
    return [f"{word} {one}" for one in dict.fromkeys(session.execute(ids).scalars())]


def accounts(session: Session, municipality_id: int, *which: ColumnElement[bool]) -> list[str]:
    """A municipality's accounts of which something is so."""
    rows = select(col(Account.id)).where(col(Account.municipality_id) == municipality_id, *which)
    return subjects(session, "konto", rows.order_by(col(Account.id)))


def tasks(session: Session, municipality_id: int, *which: ColumnElement[bool]) -> list[str]:
    """A municipality's tasks of which something is so."""
    rows = select(col(UserTask.id)).where(col(UserTask.municipality_id) == municipality_id, *which)
    return subjects(session, "uppgift", rows.order_by(col(UserTask.id)))


def looked_at(now: datetime) -> ColumnElement[bool]:
    """Accounts whose run has seen everything: what follows from an answer is written when it looks."""
    seen = col(Account.news) <= col(Account.seen)
    return seen & or_(col(Account.wake_at).is_(None), col(Account.wake_at) > now)
