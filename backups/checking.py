"""Looking at a copy, or at the instant that is copied: is it whole, and what is in it?"""

import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, func, inspect, pool, select
from sqlmodel import Session, col

from backups.manifest import Chain
from lifecycle.journal import verify
from models import Municipality, metadata


class Damaged(Exception):
    """A file that SQLite itself finds faults in."""


@contextmanager
def untouched(file: Path) -> Iterator[Engine]:
    """An engine that reads a SQLite file, and leaves no trace in it or beside it."""
    address = f"file:{urllib.parse.quote(str(file.resolve()))}?mode=ro&immutable=1&uri=true"
    engine = create_engine(f"sqlite:///{address}", poolclass=pool.NullPool, hide_parameters=True)
    try:
        yield engine
    finally:
        engine.dispose()


def demand_sound(connection: Connection) -> None:
    """SQLite's own examination of the whole file. Raises Damaged with what it found."""
    found = [str(one) for one in connection.exec_driver_sql("PRAGMA integrity_check(5)").scalars()]
    if found != ["ok"]:
        raise Damaged("; ".join(found)[:300])
    astray = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if astray:
        raise Damaged(f"{len(astray)} rader hänvisar till rader som inte finns")


def chains_in(connection: Connection) -> list[Chain]:
    """Each municipality's audit log, counted anew from its beginning."""
    with Session(connection) as session:
        rows = session.execute(select(Municipality).order_by(col(Municipality.slug))).scalars().all()
        return [_chain(session, one) for one in rows]


def _chain(session: Session, one: Municipality) -> Chain:
    verdict = verify(session, one.id or 0)
    return Chain(
        municipality_id=one.id or 0,
        slug=one.slug,
        name=one.name,
        events=verdict.events,
        digest=verdict.last_digest,
        breaks=len(verdict.breaks),
    )


def rows_in(connection: Connection) -> dict[str, int]:
    """How many rows each table has; those that an older version does not know are left out."""
    there = set(inspect(connection).get_table_names())
    return {
        name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in metadata.tables.items()
        if name in there
    }
