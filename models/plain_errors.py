"""What may be told of an error where people's data must not stand: logs, and Prefect's states and lists.

An error's own words may quote anything that was in hand: an address that a mail server refused, a row, what a
visitor wrote. So they are told of those errors alone whose words are made of numbers, days and our own names;
of all others the kind, and the places in our code that it came by.
"""

import sys
from pathlib import Path
from traceback import walk_tb
from types import TracebackType

from sqlalchemy.exc import DBAPIError

HOUSE = Path(__file__).resolve().parent.parent
PLACES = 6
"""So many are told, the innermost first."""


class Tellable(Exception):
    """An error whose words name nobody and quote nothing: they are told in logs and in Prefect."""


def told_of(error: BaseException) -> str:
    """One line: the kind, what may be said of it, and where it was raised."""
    return " ".join(filter(None, [f"{type(error).__name__}{_words(error)}", _places(error.__traceback__)]))


def _words(error: BaseException) -> str:
    if isinstance(error, Tellable):
        return f": {error}"
    if isinstance(error, DBAPIError):
        return f": {_words_of_database(error.orig)}"
    if isinstance(error, OSError) and error.strerror:
        return f": {error.strerror}"
    return ""


def _words_of_database(error: BaseException | None) -> str:
    """SQLite names tables and columns; PostgreSQL quotes the row, so its code is told instead."""
    if type(error).__module__ == "sqlite3":
        return str(error)
    return " ".join(filter(None, [type(error).__name__, getattr(error, "sqlstate", None)]))


def _places(trace: TracebackType | None) -> str:
    known = [(Path(frame.f_code.co_filename), line) for frame, line in walk_tb(trace)]
    ours = [f"{file.relative_to(HOUSE)}:{line}" for file, line in known if _is_ours(file)]
    return f"({' < '.join(reversed(ours[-PLACES:]))})" if ours else ""


def _is_ours(file: Path) -> bool:
    return file.is_relative_to(HOUSE) and not file.is_relative_to(sys.prefix)


def chain_of(error: BaseException) -> str:
    """The same of an error and of those that it came from."""
    told, seen = [], set[int]()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        told.append(told_of(one))
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return " <- ".join(told)
