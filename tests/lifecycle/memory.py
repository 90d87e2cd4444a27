"""A database in memory for what does not depend on its kind: one for the process, emptied for each test.

One engine, since each has its own memory of statements that it knows how to write.
"""

from functools import lru_cache
from sqlite3 import Connection
from typing import cast

from sqlalchemy import Engine

from runtime.database import make_engine
from tests.database_fixtures import create_tables


def memory_engine() -> Engine:
    """The engine, on an empty database that only this thread sees."""
    engine, empty = _engine()
    connection = _connection(engine)
    connection.rollback()
    connection.deserialize(empty)
    return engine


@lru_cache(maxsize=1)
def _engine() -> tuple[Engine, bytes]:
    engine = make_engine("sqlite://")
    create_tables(engine)
    return engine, _connection(engine).serialize()


def _connection(engine: Engine) -> Connection:
    pooled = engine.raw_connection()
    connection = cast(Connection, pooled.driver_connection)
    pooled.close()
    return connection
