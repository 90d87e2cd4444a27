"""kanalvakt people …"""

from datetime import date, datetime
from typing import Annotated

import typer
from sqlmodel import Session

from acts import leaving
from acts.leaving_words import held_words
from acts.work import work
from cli.installation import Slug, database, day_of, municipality_of, stop
from cli.swedish import SwedishApp
from lifecycle.law import law_in_force
from lifecycle.leaving import holdings
from lifecycle.plans import person_by_email
from lifecycle.refusals import Refused
from models import Municipality, Person
from runtime import clock
from runtime.database import reading

app = SwedishApp(help="Personer som slutar, och vad de har.")

Email = Annotated[str, typer.Argument(help="Personens arbetsadress.", metavar="ADRESS", show_default=False)]


@app.command()
def holds(email: Email, municipality: Slug) -> None:
    """Visa allt som en person har och som någon annan behöver ta över."""
    now = clock.now()
    with database() as engine, reading(engine) as session:
        found = municipality_of(session, municipality)
        lines = _held(session, found, _person(session, found, email, now), now)
    for line in lines or ["Inget som någon behöver ta över."]:
        typer.echo(line)


@app.command()
def leaves(
    email: Email,
    municipality: Slug,
    last_day: Annotated[
        str, typer.Option("--last-day", help="Sista arbetsdagen.", metavar="DATUM", show_default=False)
    ],
    by: Annotated[
        str,
        typer.Option(
            "--by",
            help="Den som gör det: en chef eller någon på kommunikationsenheten. Brevet går dit.",
            metavar="ADRESS",
            show_default=False,
        ),
    ],
    to: Annotated[
        str,
        typer.Option("--to", help="Den som tar över allt.", metavar="ADRESS", show_default=False),
    ] = "",
) -> None:
    """Någon slutar: allt som personen har går till den som tar över.

    Inget händer förrän den som gör det (--by) har bekräftat med länken i ett brev. I portalen kan varje sak
    gå till någon egen person.
    """
    last_on, now = day_of(last_day), clock.now()
    with database() as engine, work(engine, now) as session:
        found = municipality_of(session, municipality)
        lines = _begin(session, found, email, by, to, last_on, now)
    for line in lines:
        typer.echo(line)
    typer.echo(f"Ett brev är på väg till {by}. Inget ändras förrän det har bekräftats.")


def _begin(
    session: Session, found: Municipality, email: str, by: str, to: str, last_on: date, now: datetime
) -> list[str]:
    person, mover = _person(session, found, email, now), _person(session, found, by, now)
    try:
        leaving.ask(
            session,
            now,
            by_id=mover.id or 0,
            person_id=person.id or 0,
            last_on=last_on,
            all_to=to,
            via="cli",
        )
    except Refused as refused:
        raise stop(refused.says()) from None
    return _held(session, found, person, now)


def _person(session: Session, found: Municipality, email: str, now: datetime) -> Person:
    on = law_in_force(session, found.id or 0, now).day_of(now)
    try:
        return person_by_email(session, found.id or 0, email, on)
    except Refused as refused:
        raise stop(refused.says()) from None


def _held(session: Session, found: Municipality, person: Person, now: datetime) -> list[str]:
    law = law_in_force(session, found.id or 0, now)
    return [held_words(session, law, one) for one in holdings(session, law, person, law.day_of(now))]
