"""An installation whose database has been migrated, on each kind, and a folder for its copies."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

import migrations
from runtime.database import make_engine

TEMPLATE, OWN = "migrated", "installation"


@pytest.fixture(scope="session")
def sqlite_migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "template.db"
    migrations.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_migrated(postgres_session_url: str) -> str:
    """The server with a migrated database to make others from, and its own programs first in the path."""
    _on_server(postgres_session_url, f"CREATE DATABASE {TEMPLATE}")
    migrations.upgrade(_database(postgres_session_url, TEMPLATE))
    with create_engine(postgres_session_url).connect() as connection:
        programs = connection.scalar(text("SELECT setting FROM pg_config WHERE name = 'BINDIR'"))
    os.environ["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return postgres_session_url


def _database(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _on_server(server: str, *statements: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def sqlite_installed(sqlite_migrated: Path, tmp_path: Path) -> str:
    file = tmp_path / "kanalvakt.db"
    shutil.copy(sqlite_migrated, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgres_installed(postgres_migrated: str) -> Iterator[str]:
    _on_server(postgres_migrated, f"CREATE DATABASE {OWN} TEMPLATE {TEMPLATE}")
    yield _database(postgres_migrated, OWN)
    _on_server(postgres_migrated, f"DROP DATABASE {OWN} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of an installation without municipalities; a test that asks for it runs on each kind."""
    address: str = request.getfixturevalue(f"{request.param}_installed")
    return address


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite(sqlite_installed: str) -> Iterator[Engine]:
    """An installation on SQLite, for what does not depend on the kind."""
    engine = make_engine(sqlite_installed)
    yield engine
    engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kopior"
