"""The database's engine and its two kinds of session: one that writes and commits, one that cannot write."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from models.asking import Asking
from runtime.settings import settings

_READS = "kanalvakt_reads"
_WRITES = "kanalvakt_writes"
_WAIT_SECONDS = 30
"""How long a writer waits for another one on SQLite."""
_STATEMENTS = 2000
"""How many are kept compiled, and in SQLite ready: there are some hundreds, and no one pushes another out."""
_ENGINES = 8
"""Of how many the two kinds are kept. A process has one; to make them anew took half of a short question."""
_CONNECTIONS = 15
"""To PostgreSQL, of each process, all kept: to open one for a question costs more than the question."""
_PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    f"busy_timeout={_WAIT_SECONDS * 1000}",
    "synchronous=FULL",
)

AWAY = (OperationalError, InterfaceError, PoolTimeout)
"""The database takes nothing just now, and nothing of what was asked has been done; it passes by itself."""
_SAYS = (
    (("full", "No space left"), "Disken är full. Frigör plats på den; allt går sedan igen av sig självt."),
    (("locked", "lock timeout"), f"Databasen har varit låst av något annat i {_WAIT_SECONDS} sekunder."),
    (("readonly",), "Databasens fil får inte skrivas. Se vem som äger den och dess mapp."),
)


def why_away(error: BaseException) -> str:
    """What those who run Kanalvakt can do about it, for a log: no statement, and no values."""
    said = str(getattr(error, "orig", None) or error)
    known = (says for marks, says in _SAYS if any(mark in said for mark in marks))
    return next(known, f"Databasen svarar inte: {said.strip().splitlines()[0] if said else error}")


DATABASE_ADDRESS = "sqlite:////sökväg.db eller postgresql+psycopg://namn@dator:5432/databas"


def is_database_address(url: str) -> bool:
    """Whether an engine can be made of it; what it leads to may be away all the same."""
    try:
        make_url(url).get_dialect().import_dbapi()
    except (ArgumentError, ValueError, ImportError):
        return False
    return True


def make_engine(url: str) -> Engine:
    """An engine for SQLite (`sqlite:////path`) or PostgreSQL (`postgresql+psycopg://…`).

    Its errors name the statement and not the values: they end in logs and in Prefect.
    """
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(
            url,
            pool_size=_CONNECTIONS,
            max_overflow=0,
            pool_use_lifo=True,
            pool_pre_ping=True,
            hide_parameters=True,
            query_cache_size=_STATEMENTS,
        )
    options = {"timeout": _WAIT_SECONDS, "cached_statements": _STATEMENTS}
    engine = create_engine(url, connect_args=options, hide_parameters=True, query_cache_size=_STATEMENTS)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_on_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Leave BEGIN to us, and set what SQLite has wrong by default.

    `synchronous=FULL`: in WAL mode NORMAL may lose the last commits when the power goes, and a decision
    that someone has seen accepted must not be among them. It costs one fsync a commit.
    """
    connection.isolation_level = None
    cursor = connection.cursor()
    for setting in _PRAGMAS:
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin_on_sqlite(connection: Connection) -> None:
    """A writer takes the lock at once: one that reads before it writes is refused if another was faster."""
    options = connection.get_execution_options()
    mode = "ON" if options.get(_READS) else "OFF"
    if connection.info.get(_READS) != mode:
        connection.exec_driver_sql(f"PRAGMA query_only={mode}")
        connection.info[_READS] = mode
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITES) else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """One transaction: committed at the end, rolled back if anything was raised."""
    with Asking(_writer(engine), expire_on_commit=False) as session:
        yield session
        session.commit()


@contextmanager
def reading(engine: Engine, *, at_one_instant: bool = False) -> Iterator[Session]:
    """One transaction in which the database itself refuses every change.

    On PostgreSQL each query sees what has been committed when it begins; with `at_one_instant` all of them
    see what the first one did, as they always do on SQLite.
    """
    with Asking(_reader(engine, at_one_instant), expire_on_commit=False) as session:
        yield session


@lru_cache(maxsize=_ENGINES)
def _writer(engine: Engine) -> Engine:
    return engine.execution_options(**{_WRITES: True})


@lru_cache(maxsize=_ENGINES)
def _reader(engine: Engine, at_one_instant: bool) -> Engine:
    reader = engine.execution_options(**{_READS: True, "postgresql_readonly": True})
    if at_one_instant and engine.dialect.name == "postgresql":
        return reader.execution_options(isolation_level="REPEATABLE READ")
    return reader


@lru_cache(maxsize=1)
def installation_engine() -> Engine:
    """The engine of this process's installation, made once."""
    return make_engine(settings().database_url)
