"""The databases that are played on: an empty one in memory, or a copy of a municipality's rows."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from sqlite3 import Connection
from typing import Any, NamedTuple, cast

from sqlalchemy import Column, ColumnElement, Engine, LargeBinary, Table, insert, or_, select
from sqlalchemy import Connection as Open
from sqlmodel import Session

from models import MessageState, metadata
from models.asking import ANSWERS, Answers, Asking
from models.audit import append_only_ddl
from runtime.database import make_engine, reading

_ROWS_AT_ONCE = 500
_IDS_AT_ONCE = 500
_LEFT_OUT = frozenset({"link", "audit_detail"})
"""Nobody follows a link here, and what is personal about an event is nobody's business."""
_OWNERS = ("account_id", "task_id", "case_id", "person_id", "unit_id")
"""By which column a row belongs to a municipality that it does not name itself."""

Kept = dict[str, set[int]]
"""By table: the ids that have been copied."""


def empty() -> Engine:
    """A database in memory with all tables, which only this thread sees."""
    engine = make_engine("sqlite://").execution_options(**{ANSWERS: Answers()})
    with engine.begin() as connection:
        metadata.create_all(connection)
        for statement in append_only_ddl("sqlite"):
            connection.execute(statement)
    return engine


_DUE = (
    "SELECT EXISTS (SELECT 1 FROM account WHERE news > seen), (SELECT min(wake_at) FROM account),"
    " (SELECT min(not_before) FROM message WHERE state IN ('queued', 'sending'))"
)


@contextmanager
def looking(engine: Engine) -> Iterator[Session]:
    """One transaction that only reads. Nothing hinders it from writing, as `reading` would at some cost."""
    with Asking(engine, expire_on_commit=False) as session:
        yield session


class Due(NamedTuple):
    """What is next, in what is played."""

    news: bool
    """Whether any account has news."""
    wake_at: datetime | None
    """When the first account is woken."""
    leaves_at: datetime | None
    """When the first letter leaves."""

    def looks(self, now: datetime) -> bool:
        """Whether an account is to be looked at."""
        return self.news or (self.wake_at is not None and self.wake_at <= now)

    def leaves(self, now: datetime) -> bool:
        """Whether a letter is to leave."""
        return self.leaves_at is not None and self.leaves_at <= now


def what_is_due(engine: Engine) -> Due:
    """What is next.

    Asked some twenty times a day, and so past SQLAlchemy: these databases are always SQLite, in memory.
    """
    news, *instants = _connection(engine).execute(_DUE).fetchone()
    due = [datetime.fromisoformat(one).replace(tzinfo=UTC) if one else None for one in instants]
    return Due(bool(news), *due)


def ids_by_address(engine: Engine) -> dict[str, int]:
    """Accounts by address; asked while a transaction is open, of which there can be only one here."""
    return dict(_connection(engine).execute("SELECT address, id FROM account"))


def copy_of(source: Engine, municipality_id: int, account_ids: Collection[int] | None = None) -> Engine:
    """A municipality's rows in memory, all of its accounts or some; the source is only read.

    Files are left behind: pictures, attachments and papers are empty here. Letters that have left are too.
    """
    engine = empty()
    _heed_references(engine, False)
    with reading(source) as session, engine.begin() as target:
        kept: Kept = {"municipality": {municipality_id}}
        for table in metadata.sorted_tables:
            if table.name not in _LEFT_OUT:
                _copy(session, target, table, municipality_id, account_ids, kept)
    _heed_references(engine, True)
    return engine


def _heed_references(engine: Engine, on: bool) -> None:
    """SQLite checks references row by row, and units and people point at each other."""
    _connection(engine).execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def _connection(engine: Engine) -> Connection:
    """The one connection of a database in memory."""
    pooled = engine.raw_connection()
    connection = cast(Connection, pooled.driver_connection)
    pooled.close()
    return connection


def _copy(
    session: Session,
    target: Open,
    table: Table,
    municipality_id: int,
    account_ids: Collection[int] | None,
    kept: Kept,
) -> None:
    for which in _which(table, municipality_id, account_ids, kept):
        plain = [column for column in table.columns if not isinstance(column.type, LargeBinary)]
        rows = session.execute(select(*plain).where(which).order_by(*table.primary_key.columns)).mappings()
        empty_files = {one.name: _empty_file(one) for one in table.columns if one not in plain}
        for batch in _batches(rows, _ROWS_AT_ONCE):
            target.execute(insert(table), [{**row, **empty_files} for row in batch])
            if "id" in table.columns:
                kept.setdefault(table.name, set()).update(row["id"] for row in batch)


def _empty_file(column: Column[Any]) -> bytes | None:
    return None if column.nullable else b""


def _batches(rows: Any, size: int) -> Iterator[Sequence[Mapping[str, Any]]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch


def _which(
    table: Table, municipality_id: int, account_ids: Collection[int] | None, kept: Kept
) -> Iterator[ColumnElement[bool]]:
    """The rows of a table that belong to the municipality; in several questions where ids are many."""
    columns = table.columns
    if table.name == "municipality":
        yield columns.id == municipality_id
    elif table.name == "account" and account_ids is not None:
        yield columns.id.in_(account_ids)
    elif "municipality_id" in columns:
        own = columns.municipality_id == municipality_id
        if table.name == "message":
            own &= columns.state.in_([MessageState.QUEUED, MessageState.SENDING])
        if account_ids is not None and "account_id" in columns:
            own &= or_(columns.account_id.in_(account_ids), columns.account_id.is_(None))
        yield own
    else:
        yield from _of_owner(table, kept)


def _of_owner(table: Table, kept: Kept) -> Iterator[ColumnElement[bool]]:
    """A table whose rows belong to accounts, tasks, cases, people or units; else it is the installation's."""
    name = next((one for one in _OWNERS if one in table.columns), None)
    if name is None:
        return
    [reference] = table.columns[name].foreign_keys
    ids = sorted(kept.get(reference.column.table.name, ()))
    for start in range(0, len(ids), _IDS_AT_ONCE):
        yield table.columns[name].in_(ids[start : start + _IDS_AT_ONCE])
