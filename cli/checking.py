"""kanalvakt check"""

from collections.abc import Sequence

import typer
from sqlmodel import Session

from cli.audit import OneSlug
from cli.installation import database, municipalities, municipality_of
from lifecycle.invariants import TRUTHS, Violation, violations
from models import Municipality
from runtime import clock
from runtime.database import reading

_SHOWN = 20
"""Of so many is said what they are; of the rest how many."""


def check(municipality: OneSlug = None) -> None:
    """Pröva de villkor som alltid ska vara uppfyllda. Inget ändras."""
    broken = False
    with database() as engine, reading(engine, at_one_instant=True) as session:
        chosen = [municipality_of(session, municipality)] if municipality else municipalities(session)
        for one in chosen:
            broken = _checked(session, one) or broken
    if not chosen:
        typer.echo("Det finns ingen kommun och därför inget att pröva.")
    if broken:
        typer.echo(
            "Det här ska inte kunna hända. Ta hjälp av den som sköter systemet innan något rättas för hand."
        )
        raise typer.Exit(1)


def _checked(session: Session, municipality: Municipality) -> bool:
    """Tell how it went; whether something did not hold."""
    assert municipality.id is not None
    found = violations(session, municipality.id, clock.now())
    names = list(dict.fromkeys(one.truth for one in found))
    if not names:
        typer.echo(f"{municipality.name}: {len(TRUTHS)} villkor prövade, alla uppfyllda.")
    else:
        typer.echo(f"{municipality.name}: {len(names)} av {len(TRUTHS)} villkor är inte uppfyllda.")
    for name in names:
        typer.echo(f"  {TRUTHS[name].says} ({name})")
        typer.echo(f"    {_listed([one for one in found if one.truth == name])}")
    return bool(names)


def _listed(found: Sequence[Violation]) -> str:
    named = ", ".join(one.subject for one in found[:_SHOWN])
    return f"{named} och {len(found) - _SHOWN} till" if len(found) > _SHOWN else named
