"""The database: is it there, does it answer, and is it of this version?"""

import os
import shlex
from pathlib import Path

from sqlalchemy import Engine, inspect, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError

import migrations
from cli.doctor.findings import Finding, fault, ok
from cli.installation import demonstrations
from runtime.database import DATABASE_ADDRESS, make_engine

DATABASE = "Databasen"
MIGRATE = "Kör: kanalvakt migrate"
CHOOSE_ONE = f"Skriv {DATABASE_ADDRESS}."
PUT_BACK = "Lägg tillbaka en kopia: docs/how-to/backup.md"
CORRECT = "Rätta KANALVAKT_DATABASE_URL."
SAFE_MIGRATE = "Stoppa tjänsterna, ta en säkerhetskopia och kör: kanalvakt migrate"


def usable(url: str) -> tuple[Engine | None, list[Finding]]:
    """An engine on the database, when it can be used as it is; else what hinders it."""
    try:
        shown = make_url(url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return None, [fault(DATABASE, "KANALVAKT_DATABASE_URL är ingen adress.", CHOOSE_ONE)]
    try:
        if missing := _missing_file(url):
            return None, [missing]
        engine = make_engine(url)
        finding = _looked_at(engine, shown)
    except Exception as error:  # Told as the finding, with what to do about it.
        return None, [_hindered(error, url, shown)]
    return (engine if not finding.do else None), [finding]


def file_of(url: str) -> Path | None:
    """The file of a SQLite database; None for any other address, and for what is none."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        return None
    is_file = address.get_backend_name() == "sqlite" and address.database
    return Path(str(address.database)) if is_file else None


def _missing_file(url: str) -> Finding | None:
    """To ask a SQLite file that is not there would make an empty one."""
    file = file_of(url)
    if file is None or file.exists():
        return None
    return fault(DATABASE, f"filen {file} finns inte.", f"{CORRECT} {MIGRATE}.{demonstrations()}")


def _hindered(error: Exception, url: str, shown: str) -> Finding:
    said = f"{getattr(error, 'orig', None) or error}".splitlines()[:1]
    why = said[0] if said else type(error).__name__
    if isinstance(error, (NoSuchModuleError, ModuleNotFoundError)):
        kind = make_url(url).drivername
        return fault(DATABASE, f"Kanalvakt kan inte använda en databas av slaget {kind}.", CHOOSE_ONE)
    if isinstance(error, OperationalError):
        return fault(
            DATABASE,
            f"{shown} går inte att nå: {why}",
            "Starta databasen, eller rätta KANALVAKT_DATABASE_URL.",
        )
    if isinstance(error, PermissionError):
        does = "Kör kommandot som användaren kanalvakt (deployments/server/kanalvakt)."
        return fault(DATABASE, f"den här användaren når inte {file_of(url)}.", does)
    if isinstance(error, DatabaseError) and file_of(url):
        return fault(DATABASE, f"filen {file_of(url)} är skadad eller ingen databas: {why}", PUT_BACK)
    return fault(DATABASE, f"{shown} går inte att använda ({type(error).__name__}: {why}).", CORRECT)


def _may_not_be_written(file: Path) -> Finding | None:
    """SQLite writes in the file, and makes others beside it."""
    beside = (Path(f"{file}-wal"), Path(f"{file}-shm"))
    needed = {file: os.W_OK, file.absolute().parent: os.W_OK | os.X_OK}
    needed |= {one: os.W_OK for one in beside if one.exists()}
    refused = [str(one) for one, how in needed.items() if not os.access(one, how)]
    if not refused:
        return None
    says = f"{', '.join(refused)} får inte skrivas av den här användaren: inget svar kan sparas."
    named = " ".join(map(shlex.quote, refused))
    return fault(DATABASE, says, f"Kör: chown kanalvakt: {named} && chmod u+rwX {named}")


def _looked_at(engine: Engine, shown: str) -> Finding:
    if not inspect(engine).has_table("municipality"):
        return fault(DATABASE, f"{shown} nås men saknar tabeller.", MIGRATE)
    with engine.connect() as connection:
        stands = migrations.stands_at(connection)
    newest = migrations.newest()
    if stands is not None and stands not in migrations.known():
        says, _, does = migrations.newer_than_program(stands).partition(". ")
        return fault(DATABASE, f"{says.removeprefix('Databasen ')}.", does)
    if stands != newest:
        return fault(
            DATABASE, f"är av version {stands or 'okänd'}, men programmet av {newest}.", SAFE_MIGRATE
        )
    if (file := file_of(str(engine.url))) and (refused := _may_not_be_written(file)):
        return refused
    return ok(DATABASE, f"{shown} nås och har den här versionens tabeller.")
