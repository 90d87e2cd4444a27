"""The database: is it there, does it answer, and is it of this version?"""

from pathlib import Path

from sqlalchemy import Engine, inspect, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError

import migrations
from cli.doctor.findings import Finding, fault, ok
from runtime.database import make_engine

DATABASE = "Databasen"
MIGRATE = "Kör: kanalvakt migrate"
SAFE_MIGRATE = "Stoppa tjänsterna, ta en säkerhetskopia och kör: kanalvakt migrate"


def usable(url: str) -> tuple[Engine | None, list[Finding]]:
    """An engine on the database, when it can be used as it is; else what hinders it."""
    try:
        shown = make_url(url).render_as_string(hide_password=True)
        missing = _missing_file(url)
    except ArgumentError:
        return None, [
            fault(DATABASE, "KANALVAKT_DATABASE_URL är ingen adress.", "Skriv sqlite:////sökväg.db")
        ]
    if missing:
        return None, [missing]
    try:
        engine = make_engine(url)
        finding = _looked_at(engine, shown)
    except (OperationalError, NoSuchModuleError) as error:
        says = f"{shown} går inte att nå: {getattr(error, 'orig', None) or error}".splitlines()[0]
        return None, [fault(DATABASE, says, "Starta databasen, eller rätta KANALVAKT_DATABASE_URL.")]
    return (engine if not finding.do else None), [finding]


def _missing_file(url: str) -> Finding | None:
    """To ask a SQLite file that is not there would make an empty one."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or not address.database or Path(address.database).exists():
        return None
    return fault(
        DATABASE, f"filen {address.database} finns inte.", f"Rätta KANALVAKT_DATABASE_URL. {MIGRATE}"
    )


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
    return ok(DATABASE, f"{shown} nås och har den här versionens tabeller.")
