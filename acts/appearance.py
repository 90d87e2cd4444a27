"""A municipality's own look: communications chooses what it calls itself, its colour and its logotype."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from acts.logotypes import Picture
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import law_in_force
from lifecycle.refusals import Refused
from lifecycle.roles import demand_member
from models import Logotype, Municipality, Person
from models.colours import as_colour

NAME_LIMIT = 60


def choose(
    session: Session, now: datetime, *, by_id: int, shown_name: str, colour: str, via: str
) -> Municipality:
    """Set the name and the colour; an empty one is the product's own.

    Raises Refused `only_communications`, `name_too_long` or `colour_wrong`.
    """
    municipality = municipality_of_member(session, by_id, now)
    name = " ".join(shown_name.split())
    if len(name) > NAME_LIMIT:
        raise Refused("name_too_long", length=len(name), limit=NAME_LIMIT)
    wanted = as_colour(colour) if colour.strip() else ""
    if wanted is None:
        raise Refused("colour_wrong", written=colour.strip()[:40])
    called = "" if name == municipality.name else name
    changed = {"shown_name": called, "colour": wanted}
    _change(session, municipality, changed, by=By(by_id, via), now=now)
    return municipality


def show_logotype(session: Session, now: datetime, *, by_id: int, picture: Picture, via: str) -> None:
    """Show a logotype from now on. Raises Refused `only_communications`."""
    municipality = municipality_of_member(session, by_id, now)
    if logotype_named(session, municipality, picture.file_name) is None:
        session.add(
            Logotype(
                municipality_id=municipality.id or 0,
                sha256=picture.sha256,
                media_type=picture.media_type,
                content=picture.content,
                width=picture.width,
                height=picture.height,
                uploaded_at=now,
            )
        )
    _change(session, municipality, {"logotype": picture.file_name}, by=By(by_id, via), now=now)


def remove_logotype(session: Session, now: datetime, *, by_id: int, via: str) -> None:
    """Show the product's own mark again. Raises Refused `only_communications`."""
    municipality = municipality_of_member(session, by_id, now)
    _change(session, municipality, {"logotype": ""}, by=By(by_id, via), now=now)


def logotype_named(session: Session, municipality: Municipality, file_name: str) -> Logotype | None:
    """A logotype of the municipality's own, by its file name."""
    rows = select(Logotype).where(
        col(Logotype.municipality_id) == municipality.id,
        col(Logotype.sha256) == file_name.partition(".")[0],
    )
    found: Logotype | None = session.execute(rows).scalars().first()
    return found


def municipality_of_member(session: Session, by_id: int, now: datetime) -> Municipality:
    """The municipality of somebody in its communications unit. Raises Refused `only_communications`."""
    by = session.get_one(Person, by_id)
    law = law_in_force(session, by.municipality_id, now)
    demand_member(session, by, law.day_of(now))
    return session.get_one(Municipality, by.municipality_id)


def _change(
    session: Session, municipality: Municipality, values: dict[str, Any], *, by: By, now: datetime
) -> None:
    """What is already so is not recorded."""
    before = {name: getattr(municipality, name) for name in values}
    changed = {name: value for name, value in values.items() if value != before[name]}
    if not changed:
        return
    for name, value in changed.items():
        setattr(municipality, name, value)
    session.add(municipality)
    record(
        session,
        EventKind.LOOK_CHANGED,
        now,
        municipality_id=municipality.id,
        by=by,
        facts={name: {"from": before[name], "to": value} for name, value in changed.items()},
    )
