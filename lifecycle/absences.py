"""Who is away on a day, and who stands in."""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import or_, select
from sqlmodel import Session, col

from models import Absence, Person


def away(session: Session, municipality_id: int, on: date) -> dict[int, int | None]:
    """Who is away on that day, and who stands in: the absence's own substitute, else the person's."""
    rows = (
        select(col(Absence.person_id), col(Absence.substitute_id), col(Person.substitute_id))
        .join(Person, col(Person.id) == col(Absence.person_id))
        .where(
            col(Absence.municipality_id) == municipality_id,
            col(Absence.from_on) <= on,
            or_(col(Absence.until_on).is_(None), col(Absence.until_on) > on),
            col(Absence.ended_at).is_(None),
        )
        .order_by(col(Absence.id))
    )
    return {person: own or usual for person, own, usual in session.execute(rows)}


def standing_in(person_id: int, away_now: Mapping[int, int | None]) -> int | None:
    """The person, or the first in the row of substitutes who is there; None if nobody is."""
    seen: set[int] = set()
    at: int | None = person_id
    while at is not None and at in away_now:
        if at in seen:
            return None
        seen.add(at)
        at = away_now[at]
    return at


def left_by(session: Session, person_ids: Iterable[int], on: date) -> set[int]:
    """Those of some people who no longer work here on that day."""
    asked = list(person_ids)
    if not asked:
        return set()
    rows = select(col(Person.id)).where(col(Person.id).in_(asked), col(Person.left_on) <= on)
    return {one for one in session.execute(rows).scalars() if one is not None}
