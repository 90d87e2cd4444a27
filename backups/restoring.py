"""Putting a copy back: made ready and looked through beside the old database, and only then in its place."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, Engine, create_engine, make_url, pool, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

import migrations
from backups import postgres
from backups.alive import alive
from backups.lost import Lost, lost_since, others_than
from backups.manifest import Manifest, Unusable, demand_intact
from backups.settling import Found, settle
from models import metadata
from runtime.database import make_engine

_OTHERS_SECONDS = 2
ASIDE = "kanalvakt_undan"


class NotRestored(Exception):
    """Nothing was put back and the old database is as it was; the words are for whoever runs it."""


class StillRunning(NotRestored):
    """Something is at work on the database."""


@dataclass(frozen=True)
class Restored:
    """What is in place now, where the old database is, and what of it the copy does not have."""

    manifest: Manifest
    aside: str
    """A file, or a schema; empty when there was no database."""
    lost: list[Lost] | None
    """None when the old database could not be read."""
    found: Found
    migrated_from: str = ""
    """The revision of the copy, where it was an older one."""
    notes: list[str] = field(default_factory=list)


def restore(url: str, copy: Path, now: datetime, *, anyway: bool = False) -> Restored:
    """Put a copy in the place of the installation's database, which is put aside.

    `anyway`: although a worker has lately said that it lives, and although a log in the copy does not hold.
    Raises NotRestored, and has then changed nothing.
    """
    manifest = _usable(copy, url)
    if make_url(url).get_backend_name() == "sqlite":
        return _Sqlite(url, copy, manifest, now, anyway).restore()
    return _Postgres(url, copy, manifest, now, anyway).restore()


def _usable(copy: Path, url: str) -> Manifest:
    try:
        manifest = demand_intact(copy)
    except Unusable as unusable:
        raise NotRestored(str(unusable)) from None
    if manifest.revision not in migrations.known():
        raise NotRestored(migrations.newer_than_program(manifest.revision).replace("Databasen", "Kopian", 1))
    kind = make_url(url).get_backend_name()
    if manifest.kind != kind:
        raise NotRestored(
            f"Kopian är gjord av {_NAMES[manifest.kind]} och kan bara läggas tillbaka i en sådan databas, "
            f"inte i {_NAMES.get(kind, kind)}. Se KANALVAKT_DATABASE_URL."
        )
    return manifest


_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def _look(engine: Engine, manifest: Manifest, now: datetime, anyway: bool) -> list[Lost] | None:
    """What the old database has that the copy has not. Raises StillRunning while somebody works on it."""
    try:
        if not migrations.has_tables(engine):
            return []
        running = alive(engine, now)
        others = others_than(engine, manifest)
        lost = lost_since(engine, manifest)
    except (DBAPIError, sqlite3.Error):
        return None
    if others:
        raise NotRestored(
            f"Kopian innehåller bara {manifest.municipality}, men här finns också {', '.join(others)}. Lägg "
            "tillbaka den i en egen, tom installation."
        )
    if running and not anyway:
        raise StillRunning(
            f"{running} Stoppa den först: systemctl stop kanalvakt-worker kanalvakt-portal. Vet du att "
            "ingen är igång, lägg till --anyway."
        )
    return lost


def _made_ready(url: str, manifest: Manifest, lost: list[Lost] | None, now: datetime, anyway: bool) -> Found:
    """Bring a copy to this version, settle what has changed around it, and look it through."""
    engine = make_engine(url)
    try:
        _demand_all_there(engine, manifest)
        migrations.upgrade(url)
        found = settle(engine, manifest, lost, now)
    finally:
        engine.dispose()
    if found.breaks and not anyway:
        raise NotRestored(
            f"Händelseloggen i kopian är bruten för {', '.join(found.breaks)}. Ta en annan kopia, eller lägg "
            "till --anyway för att lägga tillbaka den här ändå. Ingenting är ändrat."
        )
    return found


def _demand_all_there(engine: Engine, manifest: Manifest) -> None:
    """What was put back ends as the copy did when it was taken. Raises NotRestored."""
    with engine.connect() as connection:
        heads = connection.execute(select(_HEADS.c.municipality_id, _HEADS.c.digest)).all()
        same = migrations.stands_at(connection) == manifest.revision
    ends = {one.municipality_id: one.digest for one in manifest.chains if one.digest}
    if not same or {one[0]: one[1] for one in heads if one[1]} != ends:
        raise NotRestored("Det som lades tillbaka är inte det som kopierades. Ingenting är ändrat.")


_HEADS = metadata.tables["audit_head"]


@dataclass(frozen=True)
class _Sqlite:
    """A file is made ready beside the old one, which is renamed when all is well."""

    url: str
    copy: Path
    manifest: Manifest
    now: datetime
    anyway: bool

    @property
    def file(self) -> Path:
        return Path(str(make_url(self.url).database))

    def restore(self) -> Restored:
        lost = self._looked()
        ready = self.file.with_name(f".{self.file.name}-{uuid4().hex[:8]}")
        try:
            _copy_private(self.copy / self.manifest.file, ready, like=self.file)
            found = _made_ready(f"sqlite:///{ready}", self.manifest, lost, self.now, self.anyway)
            _settle_file(ready)
            aside = self._change_places(ready)
        except OSError as error:
            raise NotRestored(
                f"Det går inte att skriva i {self.file.parent} ({error.strerror}). Ingenting är ändrat."
            ) from None
        finally:
            for left in _files_of(ready):
                left.unlink(missing_ok=True)
        return Restored(self.manifest, aside, lost, found, _older(self.manifest))

    def _looked(self) -> list[Lost] | None:
        if not self.file.exists():
            return []
        engine = make_engine(self.url)
        try:
            lost = _look(engine, self.manifest, self.now, self.anyway)
        finally:
            engine.dispose()
        if lost is not None:
            _demand_closed(self.file)
        return lost

    def _change_places(self, ready: Path) -> str:
        if not self.file.exists():
            ready.rename(self.file)
            return ""
        aside = self.file.with_name(f"{self.file.name}-undan-{self.now:%Y-%m-%dT%H%M%SZ}")
        for old in _files_of(self.file):
            old.rename(aside.with_name(aside.name + old.name.removeprefix(self.file.name)))
        ready.rename(self.file)
        return str(aside)


def _copy_private(copied: Path, to: Path, like: Path) -> None:
    """Only its owner reads it: the one whom the old database belonged to."""
    os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    shutil.copyfile(copied, to)
    owner = (like if like.exists() else like.parent).stat()
    if os.geteuid() == 0:
        os.chown(to, owner.st_uid, owner.st_gid)


def _settle_file(file: Path) -> None:
    """What was written last stands in the file itself, and on the disk."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    opened = os.open(file, os.O_RDONLY)
    os.fsync(opened)
    os.close(opened)


def _demand_closed(file: Path) -> None:
    """Nobody else has the old file open: what they wrote afterwards would be lost with it."""
    connection = sqlite3.connect(file, timeout=_OTHERS_SECONDS)
    try:
        connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError:
        raise StillRunning(
            f"Någon har {file} öppen. Stoppa tjänsterna först: systemctl stop kanalvakt-worker "
            "kanalvakt-portal"
        ) from None
    finally:
        connection.close()


def _files_of(file: Path) -> list[Path]:
    """A database's file, and those that SQLite may have left beside it."""
    return [one for end in ("", "-wal", "-shm", "-journal") if (one := Path(f"{file}{end}")).exists()]


def _older(manifest: Manifest) -> str:
    return manifest.revision if manifest.revision != migrations.newest() else ""


@dataclass(frozen=True)
class _Postgres:
    """The old tables are moved to a schema of their own, and moved back if anything goes wrong."""

    url: str
    copy: Path
    manifest: Manifest
    now: datetime
    anyway: bool

    def restore(self) -> Restored:
        engine = create_engine(self.url, poolclass=pool.NullPool, hide_parameters=True)
        try:
            return self._restored(engine)
        except postgres.ProgramMissing as missing:
            raise NotRestored(f"{missing} Ingenting är ändrat.") from None
        except postgres.ProgramFailed as failed:
            raise NotRestored(f"pg_restore gick inte: {failed} Ingenting är ändrat.") from None
        except OperationalError as error:
            raise NotRestored(f"Databasen går inte att nå eller används: {error.orig}".strip()) from None
        finally:
            engine.dispose()

    def _restored(self, engine: Engine) -> Restored:
        lost = _look(engine, self.manifest, self.now, self.anyway)
        with engine.connect() as connection:
            program = postgres.program("pg_restore", postgres.server_version(connection))
            schema = postgres.schema_name(connection)
        aside = f"{ASIDE}_{self.now:%Y%m%d_%H%M%S}" if migrations.has_tables(engine) else ""
        with _moved_aside(engine, schema, aside):
            postgres.run(self._command(program, schema), engine)
            found = _made_ready(self.url, self.manifest, lost, self.now, self.anyway)
        return Restored(self.manifest, aside, lost, found, _older(self.manifest))

    def _command(self, program: Path, schema: str) -> list[str | Path]:
        flags = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
        return [program, *flags, f"--schema={schema}", self.copy / self.manifest.file]


@contextmanager
def _moved_aside(engine: Engine, schema: str, aside: str) -> Iterator[None]:
    """The old tables under another name, so long as what is done meanwhile goes well."""
    if aside:
        _in_one_step(engine, lambda connection: _move_to_new(connection, schema, aside))
    try:
        yield
    except BaseException:
        _in_one_step(engine, lambda connection: postgres.drop_tables(connection, schema))
        if aside:
            _in_one_step(engine, lambda connection: _move_back(connection, aside, schema))
        raise


def _in_one_step(engine: Engine, do: Callable[[Connection], None]) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = '{_OTHERS_SECONDS * 5}s'"))
        do(connection)


def _move_to_new(connection: Connection, schema: str, aside: str) -> None:
    connection.execute(text(f'CREATE SCHEMA "{aside}"'))
    postgres.move_tables(connection, schema, aside)


def _move_back(connection: Connection, aside: str, schema: str) -> None:
    postgres.move_tables(connection, aside, schema)
    connection.execute(text(f'DROP SCHEMA "{aside}"'))
