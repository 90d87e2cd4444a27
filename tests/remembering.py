"""What many tests begin with is played once; the next ones find the database as it then was.

Only from the same beginning: the key holds all that was in the database before.
"""

import sqlite3
from collections.abc import Callable, Hashable
from hashlib import sha256
from typing import Any, TypeVar, cast

from sqlalchemy import Engine

T = TypeVar("T")
_COUNTERS = (slice(24, 28), slice(92, 96))
"""Bytes of the file's head that count its changes and nothing else."""
_known: dict[tuple[Hashable, str], tuple[bytes, Any]] = {}


def remembered(engine: Engine, what: Hashable, play: Callable[[], T]) -> T:
    """What `play` returns, with the database as it leaves it; `what` names it with all that it depends on.

    On PostgreSQL it is played each time.
    """
    if engine.dialect.name != "sqlite":
        return play()
    key = (what, _print_of(_stored(engine)))
    if key not in _known:
        came_to = play()
        _known[key] = (_stored(engine), came_to)
        return came_to
    stored, came_to = _known[key]
    _restore(engine, stored)
    return cast(T, came_to)


def _stored(engine: Engine) -> bytes:
    return _connection(engine).serialize()


def _print_of(stored: bytes) -> str:
    head = bytearray(stored[:100])
    for counter in _COUNTERS:
        head[counter] = bytes(4)
    return sha256(bytes(head) + stored[100:]).hexdigest()


def _restore(engine: Engine, stored: bytes) -> None:
    source = sqlite3.connect(":memory:")
    # A database in memory has no write-ahead log; the one it is copied into keeps its own.
    source.deserialize(stored[:18] + b"\x01\x01" + stored[20:])
    connection = _connection(engine)
    connection.rollback()
    connection.execute("PRAGMA query_only=OFF")
    source.backup(connection)
    source.close()


def _connection(engine: Engine) -> sqlite3.Connection:
    pooled = engine.raw_connection()
    connection = cast(sqlite3.Connection, pooled.driver_connection)
    pooled.close()
    return connection
