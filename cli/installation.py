"""What the commands have in common: this installation's database, and the municipality that is meant."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine, inspect, make_url, select
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

import migrations
from models import Municipality
from policies.loading import HERE
from policies.wording import nearest
from runtime.database import DATABASE_ADDRESS, is_database_address, make_engine
from runtime.settings import settings

DATA = Path(os.environ.get("KANALVAKT_DATA") or Path(__file__).resolve().parents[1] / "data").resolve()
"""Where `make run` keeps what it saves."""

Slug = Annotated[
    str, typer.Option("--municipality", help="Kommunens kortnamn.", metavar="KORTNAMN", show_default=False)
]


def stop(says: str) -> typer.Exit:
    """Say what is wrong; raise what it gives back."""
    typer.echo(says, err=True)
    return typer.Exit(1)


def day_of(text: str) -> date:
    """A day as a command takes it; an end with how to write one when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise stop(f"{text} är inget datum. Skriv det som ÅÅÅÅ-MM-DD, till exempel 2027-03-01.") from None


def policy_folder() -> Path:
    """Where rule files are looked for first: the installation's own, else the product's."""
    return settings().policy_folder or HERE


def database_address() -> str:
    """The database's address as it is set, or an end with how to write one."""
    url = settings().database_url
    if not is_database_address(url):
        raise stop(f"KANALVAKT_DATABASE_URL går inte att använda: skriv {DATABASE_ADDRESS}.")
    return url


def demonstrations(folder: Path = DATA) -> str:
    """A sentence about those of `make run`, whose settings are their own; nothing when there is none."""
    there = sorted(folder.glob("*/kanalvakt.db"))
    if not there:
        return ""
    urls = " eller ".join(f"sqlite:///{one}" for one in there)
    return f" Demonstrationen (make run) har egna inställningar; dess databas är {urls}."


@contextmanager
def database() -> Iterator[Engine]:
    """The installation's database, once it has its tables."""
    url = database_address()
    _demand_file(url)
    engine = make_engine(url)
    try:
        _demand_tables(engine)
        yield engine
    finally:
        engine.dispose()


def _demand_file(url: str) -> None:
    """To look for tables in a SQLite file that is not there would make an empty one."""
    address = make_url(url)
    is_file = address.get_backend_name() == "sqlite" and address.database
    if is_file and not Path(str(address.database)).exists():
        raise stop(
            f"Ingen databas finns i {address.database}. Säg var den är med KANALVAKT_DATABASE_URL, "
            f"eller gör en ny med: kanalvakt migrate.{demonstrations()}"
        )


def _demand_tables(engine: Engine) -> None:
    try:
        ready = inspect(engine).has_table("municipality")
    except OperationalError as error:
        raise stop(f"Databasen går inte att nå: {error.orig}. Se KANALVAKT_DATABASE_URL.") from None
    if not ready:
        raise stop("Databasen saknar tabeller. Kör först: kanalvakt migrate")
    try:
        migrations.demand_current(engine)
    except migrations.WrongVersion as wrong:
        raise stop(str(wrong)) from None


def municipality_of(session: Session, slug: str) -> Municipality:
    """The municipality with a short name, or an end with those there are."""
    known = municipalities(session)
    found = next((one for one in known if one.slug == slug), None)
    if found is None:
        slugs = [one.slug for one in known]
        after = nearest(slug, slugs) or (f" De som finns: {', '.join(slugs)}." if slugs else _NONE)
        raise stop(f"Ingen kommun har kortnamnet {slug}.{after}")
    return found


_NONE = " Lägg först till den: kanalvakt municipality add"


def municipalities(session: Session) -> list[Municipality]:
    """All of them, by short name."""
    rows = select(Municipality).order_by(col(Municipality.slug))
    return list(session.execute(rows).scalars())
