"""kanalvakt audit …"""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select
from sqlmodel import Session, col

from acts.audit_pack import pack, record_pack
from acts.records import period_of
from acts.work import work
from cli.installation import Slug, database, municipalities, municipality_of, stop
from cli.records import Out, saved
from cli.swedish import SwedishApp
from lifecycle.journal import Break, Verdict, verify
from lifecycle.refusals import Refused
from models import AuditEvent, Municipality
from papers.refusing import CannotWrite
from runtime import clock
from runtime.database import reading

app = SwedishApp(
    help="Händelseloggen: kontrollera att ingen har ändrat i den, och samla underlag för en revision."
)

OneSlug = Annotated[
    str | None,
    typer.Option(
        "--municipality", help="Kommunens kortnamn; utan det alla.", metavar="KORTNAMN", show_default=False
    ),
]
Digest = Annotated[
    str | None,
    typer.Option(
        "--digest",
        help="En kontrollsumma ur ett brev: säger om den fortfarande hör till en händelse.",
        metavar="SUMMA",
        show_default=False,
    ),
]
_BREAKS = {
    "changed": "händelsen har ändrats, eller någon före den",
    "missing": "händelsen saknas",
    "detail_changed": "personuppgifterna till händelsen har ändrats",
    "detail_missing": "personuppgifterna till händelsen har tagits bort utan att det följer av en regel",
    "cut_off": "kedjan är avkortad: det som skrevs sist finns inte kvar",
}


First = Annotated[
    str, typer.Option("--from", help="Från och med, t.ex. 2026-01-01.", metavar="DAG", show_default=False)
]
Last = Annotated[
    str, typer.Option("--to", help="Till och med, t.ex. 2026-12-31.", metavar="DAG", show_default=False)
]
Sample = Annotated[int, typer.Option("--sample", help="Så många konton tas ut med alla handlingar.")]
Word = Annotated[
    str,
    typer.Option("--word", help="Ord som urvalet följer av: samma ord ger samma konton.", metavar="ORD"),
]


@app.command(name="pack")
def audit_pack(
    municipality: Slug,
    first: First = "",
    last: Last = "",
    sample: Sample = 5,
    word: Word = "urval",
    out: Out = Path("."),
) -> None:
    """Samla underlag för en revision: ett svar på varje kontrollfråga, och ett urval av konton."""
    now = clock.now()
    with database() as engine:
        try:
            with reading(engine) as session:
                owner = municipality_of(session, municipality)
                made = pack(session, owner, period_of(first, last), now, sample=sample, word=word)
            path = saved(out / made.file_name, made.content)
            with work(engine, now) as session:
                record_pack(session, now, owner.id or 0, made)
        except Refused as refused:
            raise stop(refused.says()) from None
        except CannotWrite as cannot:
            raise stop(str(cannot)) from None
    typer.echo(f"{len(made.sampled)} konton i urvalet. Sparad: {path}")
    typer.echo(f"SHA-256 {made.sha256}")


@app.command(name="verify")
def verify_chain(municipality: OneSlug = None, digest: Digest = None) -> None:
    """Räkna om kedjan och visa var den inte håller."""
    if digest and not municipality:
        raise stop("Säg vilken kommuns logg kontrollsumman hör till, med --municipality.")
    broken = False
    with database() as engine, reading(engine) as session:
        chosen = [municipality_of(session, municipality)] if municipality else municipalities(session)
        for one in chosen:
            broken = _verified(session, one) or broken
            broken = (digest is not None and not _is_there(session, one, digest)) or broken
    if not chosen:
        typer.echo("Det finns ingen kommun och därför ingen logg.")
    if broken:
        raise typer.Exit(1)


def _verified(session: Session, municipality: Municipality) -> bool:
    """Tell how it went; whether the chain is broken."""
    assert municipality.id is not None
    verdict = verify(session, municipality.id)
    typer.echo(f"{municipality.name}: {_result(verdict)}")
    for number, rule, day in verdict.weeded:
        typer.echo(f"  Händelse {number}: gallrad enligt regel {rule} den {day}.")
    for one in verdict.breaks:
        typer.echo(f"  {_broken(one)}")
    return bool(verdict.breaks)


def _is_there(session: Session, municipality: Municipality, digest: str) -> bool:
    """Tell whether an event still has a digest that was written down before."""
    rows = select(AuditEvent).where(
        col(AuditEvent.municipality_id) == municipality.id, col(AuditEvent.digest) == digest.strip().lower()
    )
    found: AuditEvent | None = session.execute(rows).scalars().first()
    if found is None:
        typer.echo("Ingen händelse har den kontrollsumman: det som hänt dessförinnan har skrivits om.")
        return False
    typer.echo(f"Kontrollsumman hör till händelse {found.number}, {found.at:%Y-%m-%d}.")
    return True


def _result(verdict: Verdict) -> str:
    events = f"{verdict.events} händelse" if verdict.events == 1 else f"{verdict.events} händelser"
    if verdict.breaks:
        places = (
            f"{len(verdict.breaks)} ställe" if len(verdict.breaks) == 1 else f"{len(verdict.breaks)} ställen"
        )
        return f"{events}, kedjan är bruten på {places}."
    last = f" Sista kontrollsumma: {verdict.last_digest}" if verdict.last_digest else ""
    return f"{events}, kedjan hel.{last}"


def _broken(one: Break) -> str:
    return f"Händelse {one.number}: {_BREAKS.get(one.code, one.code)}."
