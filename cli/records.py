"""kanalvakt handout …, and kanalvakt about-me …"""

import os
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select
from sqlmodel import Session, col

from acts import about_me as copies
from acts import handing_out
from acts.applying import find_person
from acts.records import period_of
from acts.work import work
from backups.places import PRIVATE_FILE
from cli.installation import Slug, database, municipality_of, stop
from lifecycle.addresses import address_key
from lifecycle.events import By
from lifecycle.refusals import Refused
from models import Account, AccountState, Municipality
from papers.refusing import CannotWrite
from runtime import clock
from runtime.database import reading

Out = Annotated[
    Path, typer.Option("--out", help="Mapp att spara i.", metavar="MAPP", file_okay=False, exists=True)
]


def handout(
    account: Annotated[
        str, typer.Argument(help="Kontots nummer eller adress.", metavar="KONTO", show_default=False)
    ],
    municipality: Slug,
    first: Annotated[
        str, typer.Option("--from", help="Från och med, t.ex. 2026-01-31.", metavar="DAG", show_default=False)
    ] = "",
    last: Annotated[
        str, typer.Option("--to", help="Till och med, t.ex. 2026-12-31.", metavar="DAG", show_default=False)
    ] = "",
    out: Out = Path("."),
) -> None:
    """Samla ett kontos handlingar i en zip-fil, med en förteckning över vad som ingår och inte."""
    now = clock.now()
    with database() as engine:
        try:
            with reading(engine) as session:
                found = _account(session, municipality_of(session, municipality), account)
                packed = handing_out.bundle(session, found, period_of(first, last), now)
            path = saved(out / packed.file_name, packed.content)
            with work(engine, now) as session:
                handing_out.record_hand_out(session, now, packed, person_id=None, via="cli")
        except Refused as refused:
            raise stop(refused.says()) from None
        except CannotWrite as cannot:
            raise stop(str(cannot)) from None
    typer.echo(f"{packed.files} filer i {path}")
    typer.echo(f"SHA-256 {packed.sha256}")


def _account(session: Session, municipality: Municipality, wanted: str) -> Account:
    rows = select(Account).where(
        col(Account.municipality_id) == municipality.id, col(Account.state) != AccountState.DRAFT
    )
    is_number = wanted.isascii() and wanted.isdigit() and len(wanted) < 10
    which = col(Account.id) == int(wanted) if is_number else col(Account.address_key) == address_key(wanted)
    found: Account | None = session.execute(rows.where(which)).scalars().first()
    if found is None:
        raise stop(f"{municipality.name} har inget konto {wanted}. Ange kontots nummer eller hela adress.")
    return found


def saved(path: Path, content: bytes) -> Path:
    """Nothing is written over: a file that was handed out may be asked for again. Nobody else reads it."""
    if path.exists():
        raise stop(f"Filen {path} finns redan. Flytta den, eller välj en annan mapp med --out.")
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE), "wb") as file:
        file.write(content)
    return path


def about_me(
    email: Annotated[
        str, typer.Argument(help="Personens arbetsadress.", metavar="ADRESS", show_default=False)
    ],
    municipality: Slug,
    out: Out = Path("."),
) -> None:
    """Gör den kopia av uppgifterna om en person som personen kan begära: PDF och JSON."""
    now = clock.now()
    with database() as engine:
        try:
            with reading(engine) as session:
                owner = municipality_of(session, municipality)
                person = find_person(session, owner.id or 0, email)
                if person is None:
                    raise stop(f"{owner.name} har ingen person med adressen {email}.")
                me = copies.about(session, person, now)
            pdf, tables = copies.as_pdf(me, now), copies.as_json(me)
        except CannotWrite as cannot:
            raise stop(str(cannot)) from None
        stem = f"om {person.email}"
        paths = [saved(out / f"{stem}.pdf", pdf), saved(out / f"{stem}.json", tables)]
        with work(engine, now) as session:
            copies.record_copy(session, now, person_id=person.id or 0, by=By(None, "cli"))
    for path in paths:
        typer.echo(f"Sparad: {path}")
