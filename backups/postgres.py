"""PostgreSQL's own programs, of the server's version, and what they are told."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, Engine, text

from models import metadata

SERVER_FOLDERS = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs, a folder for each version."""


class ProgramMissing(Exception):
    """A program of PostgreSQL is not there or not of the server's version; the words say what to install."""


class ProgramFailed(Exception):
    """A program of PostgreSQL gave up; its own last words."""


def server_version(connection: Connection) -> str:
    """The server's major version."""
    return str(int(connection.scalar(text("SHOW server_version_num"))) // 10_000)


def program(name: str, version: str) -> Path:
    """pg_dump or pg_restore of the server's major version. Raises ProgramMissing."""
    beside = SERVER_FOLDERS / version / "bin" / name
    found = beside if beside.exists() else shutil.which(name)
    install = f"Installera den: apt-get install postgresql-client-{version}"
    if not found:
        raise ProgramMissing(f"{name} saknas på den här datorn. {install}")
    own = _version_of(Path(found))
    if own != version:
        raise ProgramMissing(f"{name} är av version {own}, men databasen är PostgreSQL {version}. {install}")
    return Path(found)


def _version_of(found: Path) -> str:
    said = subprocess.run([found, "--version"], capture_output=True, text=True).stdout
    number = re.search(r"(\d+)(?:\.\d+|beta|rc|devel)", said)
    return number[1] if number else "okänd"


def run(command: list[str | Path], engine: Engine | None = None) -> None:
    """Run one, against a database if there is one. Raises ProgramFailed with what it said."""
    environment = os.environ | {"LC_ALL": "C"}
    words = [str(one) for one in command]
    if engine is not None:
        _, told = engine.dialect.create_connect_args(engine.url)
        told.pop("context", None)  # SQLAlchemy's own, for psycopg.
        if password := told.pop("password", None):
            environment["PGPASSWORD"] = str(password)  # Others on the machine can read a command line.
        words.append(f"--dbname={make_conninfo(**told)}")
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise ProgramFailed((done.stderr.strip() or f"slutade med {done.returncode}").splitlines()[-1][:300])


def schema_name(connection: Connection) -> str:
    """The schema that the installation's tables stand in."""
    return str(connection.scalar(text("SELECT current_schema()")))


def move_tables(connection: Connection, schema: str, to: str) -> None:
    """Move the installation's tables from one schema to another, with what makes the log append-only."""
    for name in _tables_in(connection, schema):
        connection.execute(text(f'ALTER TABLE "{schema}"."{name}" SET SCHEMA "{to}"'))
    connection.execute(text(f'ALTER FUNCTION "{schema}".kanalvakt_append_only() SET SCHEMA "{to}"'))


def drop_tables(connection: Connection, schema: str) -> None:
    """Throw away the installation's tables in a schema, and what belongs to them."""
    for name in _tables_in(connection, schema):
        connection.execute(text(f'DROP TABLE "{schema}"."{name}" CASCADE'))
    connection.execute(text(f'DROP FUNCTION IF EXISTS "{schema}".kanalvakt_append_only()'))


def _tables_in(connection: Connection, schema: str) -> list[str]:
    """Ours only: others may use the database too. A table of a later version is ours by the models alone."""
    rows = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = :s"), {"s": schema})
    ours = {*metadata.tables, "alembic_version"}
    return sorted(name for name in rows.scalars() if name in ours)
