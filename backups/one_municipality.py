"""One municipality's rows alone, in a database file of their own (REQUIREMENTS 4.11).

A row belongs to the municipality that it names, or to the one of a row that it must point at. What belongs to
nobody is the installation's: signs of life and leases.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sqlalchemy import Column, ColumnElement, Connection, Engine, Table, create_engine, insert, pool, select
from sqlmodel import Session, col

import migrations
from models import Municipality, metadata
from runtime.database import reading

_ROWS_AT_ONCE = 500
OWNER = "municipality_id"


class Unknown(Exception):
    """No municipality has that short name."""


def write(engine: Engine, file: Path, slug: str) -> None:
    """Copy a municipality as it is at one instant into a new SQLite file of this version's tables.

    Raises Unknown.
    """
    migrations.upgrade(f"sqlite:///{file}")
    target = create_engine(f"sqlite:///{file}", poolclass=pool.NullPool, hide_parameters=True)
    with reading(engine, at_one_instant=True) as session, target.begin() as connection:
        municipality_id = _id_of(session, slug)
        for table in metadata.sorted_tables:
            which = belonging_to(table, municipality_id)
            if which is not None:
                pour(session, connection, table, which)
    target.dispose()


def _id_of(session: Session, slug: str) -> int:
    found: int | None = session.execute(
        select(col(Municipality.id)).where(col(Municipality.slug) == slug)
    ).scalar()
    if found is None:
        raise Unknown(slug)
    return found


def belonging_to(table: Table, municipality_id: int) -> ColumnElement[bool] | None:
    """Which of a table's rows are a municipality's; None for a table that is the installation's."""
    if table.name == "municipality":
        return table.c.id == municipality_id
    if OWNER in table.c:
        return table.c[OWNER] == municipality_id
    owner = _owner(table)
    if owner is None:
        return None
    [reference] = owner.foreign_keys
    inside = belonging_to(reference.column.table, municipality_id)
    assert inside is not None
    return owner.in_(select(reference.column).where(inside))


def _owner(table: Table) -> Column[object] | None:
    """The column by which every row points at a row that belongs to somebody, the shortest way first."""
    pointing = [
        column
        for column in table.c
        if not column.nullable
        and column.foreign_keys
        and _belongs(next(iter(column.foreign_keys)).column.table)
    ]
    named = [one for one in pointing if OWNER in next(iter(one.foreign_keys)).column.table.c]
    return next(iter(named or pointing), None)


def _belongs(table: Table) -> bool:
    return table.name == "municipality" or OWNER in table.c or _owner(table) is not None


def pour(session: Session, into: Connection, table: Table, which: ColumnElement[bool] | None = None) -> None:
    """Copy rows as they are, with their numbers, some at a time."""
    rows = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_ROWS_AT_ONCE)
    found = session.execute(rows if which is None else rows.where(which)).mappings()
    for some in _batches(iter(found)):
        into.execute(insert(table), some)


def _batches(rows: Iterator[object]) -> Iterator[list[dict[str, object]]]:
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        yield [dict(one) for one in some]  # type: ignore[call-overload]
