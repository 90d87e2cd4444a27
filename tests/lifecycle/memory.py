"""A database in memory for what does not depend on its kind: made once, copied for each test."""

from functools import lru_cache
from sqlite3 import Connection
from typing import cast

from sqlalchemy import Engine

from runtime.database import make_engine
from tests.database_fixtures import create_tables


def memory_engine() -> Engine:
    """An engine on an empty database that only this thread sees."""
    engine = make_engine("sqlite://")
    _connection(engine).deserialize(_empty())
    return engine


@lru_cache(maxsize=1)
def _empty() -> bytes:
    engine = make_engine("sqlite://")
    create_tables(engine)
    return _connection(engine).serialize()


def _connection(engine: Engine) -> Connection:
    pooled = engine.raw_connection()
    connection = cast(Connection, pooled.driver_connection)
    pooled.close()
    return connection
