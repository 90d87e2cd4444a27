"""Taking a copy while everything is at work: written, read again, and only then given its name."""

import sqlite3
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from backups import checking, one_municipality, postgres
from backups.manifest import Chain, Kind, Manifest, product_version, sha256_of
from backups.places import NotTaken, finish, place_for_copies, throw_away_old, unfinished
from migrations import newest, stands_at
from runtime.database import reading

SQLITE_FILE, POSTGRES_FILE = "kanalvakt.db", "kanalvakt.dump"
_WAIT_SECONDS = 30


@dataclass(frozen=True)
class Taken:
    """A finished copy, and those that made room for it."""

    copy: Path
    manifest: Manifest
    thrown_away: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Written:
    """A file that has been read again, and what was found in it."""

    kind: Kind
    file: Path
    facts: "_Facts"
    server: str = ""


@dataclass(frozen=True)
class _Facts:
    revision: str
    chains: list[Chain]
    rows: dict[str, int]


def take(engine: Engine, folder: Path, keep: int, now: datetime, slug: str = "") -> Taken:
    """Take a copy of everything, or of one municipality, and keep the newest so many of its kind.

    Raises NotTaken, and then leaves nothing; older copies are thrown away only when the new one is there.
    """
    with place_for_copies(folder), unfinished(folder) as written:
        try:
            what = _write(engine, written, slug)
        except (DBAPIError, sqlite3.Error, postgres.ProgramFailed, checking.Damaged) as error:
            said = getattr(error, "orig", None) or error
            raise NotTaken(f"Ingen säkerhetskopia togs i {folder}: {_said(said)} Inget är kvar.") from None
        except postgres.ProgramMissing as missing:
            raise NotTaken(f"Ingen säkerhetskopia togs. {missing}") from None
        manifest = _manifest(what, now, slug)
        copy = finish(written, folder, manifest)
        return Taken(copy, manifest, throw_away_old(folder, keep, slug))


def _said(error: object) -> str:
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    full = "full" in text or "No space" in text or "disk I/O" in text or "too large" in text
    if full:
        return f"disken är full eller tar inte emot mer ({text}). Gör plats eller välj en annan mapp."
    return f"databasen gick inte att läsa hel ({text})."


def _manifest(what: _Written, now: datetime, slug: str) -> Manifest:
    return Manifest(
        product=product_version(),
        revision=what.facts.revision,
        kind=what.kind,
        server=what.server,
        municipality=slug,
        began_at=now,
        file=what.file.name,
        bytes=what.file.stat().st_size,
        sha256=sha256_of(what.file),
        chains=what.facts.chains,
        rows=what.facts.rows,
    )


def _write(engine: Engine, into: Path, slug: str) -> _Written:
    if slug:
        return _one_municipality(engine, into / SQLITE_FILE, slug)
    if engine.dialect.name == "sqlite":
        return _sqlite(engine, into / SQLITE_FILE)
    return _postgres(engine, into / POSTGRES_FILE)


def _sqlite(engine: Engine, file: Path) -> _Written:
    """VACUUM INTO copies one instant, hinders no writer, and leaves no page of what was deleted."""
    source = sqlite3.connect(str(engine.url.database), timeout=_WAIT_SECONDS, isolation_level=None)
    try:
        source.execute("VACUUM INTO ?", (str(file),))
    finally:
        source.close()
    return _read_again(file)


def _read_again(file: Path) -> _Written:
    with checking.untouched(file) as copied, copied.connect() as connection:
        checking.demand_sound(connection)
        return _Written("sqlite", file, _facts(connection))


def _facts(connection: Connection) -> _Facts:
    revision = stands_at(connection)
    if revision is None:
        raise NotTaken("Databasen har ingen version. Kör först: kanalvakt migrate")
    return _Facts(revision, checking.chains_in(connection), checking.rows_in(connection))


def _postgres(engine: Engine, file: Path) -> _Written:
    """What is dumped and what is looked at are the same instant; then the whole file is read again."""
    with reading(engine, at_one_instant=True) as session:
        connection = session.connection()
        server = postgres.server_version(connection)
        dump, restore = (postgres.program(name, server) for name in ("pg_dump", "pg_restore"))
        snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        postgres.run(
            [
                dump,
                "--format=custom",
                f"--snapshot={snapshot}",
                f"--schema={postgres.schema_name(connection)}",
                "--no-owner",
                "--no-privileges",
                f"--file={file}",
            ],
            engine,
        )
        postgres.run([restore, "--file=/dev/null", file])
        return _Written("postgresql", file, _facts(connection), server)


def _one_municipality(engine: Engine, file: Path, slug: str) -> _Written:
    with engine.connect() as connection:
        stands = stands_at(connection)
    if stands != newest():
        raise NotTaken("Databasen är av en annan version än programmet. Kör först: kanalvakt migrate")
    one_municipality.write(engine, file, slug)
    return _read_again(file)
