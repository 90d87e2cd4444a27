"""Who is away on a day, and who stands in. Why somebody is away is never asked."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Executable, or_, select
from sqlmodel import Session, col

from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.refusals import Refused
from models import Absence, Person
from models.asking import asked_once, built_once


@asked_once(Absence, Person, values=True)
def away(session: Session, municipality_id: int, on: date) -> Mapping[int, int | None]:
    """Who is away on that day, and who stands in: the absence's own substitute, else the person's."""
    return {person: instead for person, instead, _ in _said(session, municipality_id, on)}


def away_in_matter(
    session: Session, municipality_id: int, on: date, involved: Collection[int]
) -> Mapping[int, int | None]:
    """The same where some people are `involved`: those who applied or decided.

    What they have said of others does not count there, whenever they said it (REQUIREMENTS 4.2).
    """
    if not involved:
        return away(session, municipality_id, on)
    said = _said(session, municipality_id, on)
    return {person: instead for person, instead, by in said if by == person or by not in involved}


_Said = tuple[int, int | None, int | None]
"""Who is away, who stands in, and who has said so."""


@asked_once(Absence, Person, values=True)
def _said(session: Session, municipality_id: int, on: date) -> Sequence[_Said]:
    rows = session.execute(*_absent(municipality_id, on))
    return [(person, own or usual, by) for person, own, usual, by in rows]


@built_once
def _absent(of: int, on: date) -> Executable:
    return (
        select(
            col(Absence.person_id),
            col(Absence.substitute_id),
            col(Person.substitute_id),
            col(Absence.entered_by_id),
        )
        .join(Person, col(Person.id) == col(Absence.person_id))
        .where(
            col(Absence.municipality_id) == of,
            col(Absence.from_on) <= on,
            or_(col(Absence.until_on).is_(None), col(Absence.until_on) > on),
            col(Absence.ended_at).is_(None),
        )
        .order_by(col(Absence.id))
    )


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


def left_by(session: Session, person_ids: Iterable[int], on: date) -> frozenset[int]:
    """Those of some people who no longer work here on that day."""
    asked = tuple(person_ids)
    return _left_by(session, asked, on) if asked else frozenset()


@asked_once(Person, values=True)
def _left_by(session: Session, asked: Sequence[int], on: date) -> frozenset[int]:
    return frozenset(session.execute(*_gone(list(asked), on)).scalars())


@built_once
def _gone(asked: Sequence[int], on: date) -> Executable:
    return select(col(Person.id)).where(col(Person.id).in_(asked), col(Person.left_on) <= on)


# ---------------------------------------------------------------- entering, changing, ending


def absences_from(session: Session, municipality_id: int, on: date) -> list[Absence]:
    """Absences that last on that day or begin later, the first to begin first."""
    rows = select(Absence).where(
        col(Absence.municipality_id) == municipality_id,
        or_(col(Absence.until_on).is_(None), col(Absence.until_on) > on),
        col(Absence.ended_at).is_(None),
    )
    return list(session.execute(rows.order_by(col(Absence.from_on), col(Absence.id))).scalars())


def enter_absence(
    session: Session,
    law: Law,
    person: Person,
    from_on: date,
    until_on: date | None,
    substitute: Person | None,
    by: By,
    now: datetime,
    *,
    always_tell: bool = False,
) -> Absence:
    """Somebody is away from a day until the day before `until_on`, or until further notice.

    `always_tell` writes to the one who is away also when they have entered it themselves.
    Raises Refused `absence_past`, `absence_order` or `substitute_is_self`.
    """
    if from_on < law.day_of(now):
        raise Refused("absence_past")
    _demand_sound(person, from_on, until_on, substitute)
    assert person.id is not None
    absence = Absence(
        municipality_id=law.municipality_id,
        person_id=person.id,
        from_on=from_on,
        until_on=until_on,
        substitute_id=substitute.id if substitute else None,
        entered_by_id=by.person_id,
        entered_at=now,
    )
    session.add(absence)
    session.flush()
    _record(session, EventKind.ABSENCE_ENTERED, person, absence, [], by, now, always_tell=always_tell)
    return absence


def _demand_sound(person: Person, from_on: date, until_on: date | None, substitute: Person | None) -> None:
    if until_on is not None and until_on <= from_on:
        raise Refused("absence_order")
    if substitute is not None and substitute.id == person.id:
        raise Refused("substitute_is_self", name=person.name)


def change_absence(
    session: Session,
    law: Law,
    absence: Absence,
    until_on: date | None,
    substitute: Person | None,
    by: By,
    now: datetime,
) -> None:
    """Give an absence another end or substitute; to be back today or earlier ends it.

    Who saves it stands for it from now on.
    """
    on, person = law.day_of(now), session.get_one(Person, absence.person_id)
    _demand_lasts(absence, on)
    if until_on is not None and until_on <= on and absence.from_on <= on:
        end_absence(session, law, absence, by, now)
        return
    _demand_sound(person, absence.from_on, until_on, substitute)
    before = [absence.substitute_id]
    absence.until_on, absence.substitute_id = until_on, substitute.id if substitute else None
    absence.entered_by_id = by.person_id
    session.add(absence)
    _record(session, EventKind.ABSENCE_CHANGED, person, absence, before, by, now)


def end_absence(session: Session, law: Law, absence: Absence, by: By, now: datetime) -> None:
    """Somebody is back from today, or will not be away after all."""
    on, person = law.day_of(now), session.get_one(Person, absence.person_id)
    _demand_lasts(absence, on)
    if absence.from_on < on:
        absence.until_on = on
    else:
        absence.ended_at = now
    session.add(absence)
    _record(session, EventKind.ABSENCE_ENDED, person, absence, [], by, now)


def _demand_lasts(absence: Absence, on: date) -> None:
    if absence.ended_at is not None or (absence.until_on is not None and absence.until_on <= on):
        raise Refused("absence_over")


def _record(
    session: Session,
    kind: EventKind,
    person: Person,
    absence: Absence,
    before: Collection[int | None],
    by: By,
    now: datetime,
    *,
    always_tell: bool = False,
) -> None:
    """Told to the person and to who stands in, by whichever of them did not do it."""
    told = {person.id, absence.substitute_id or person.substitute_id, *before} - {None, by.person_id}
    if always_tell:
        told.add(person.id)
    facts: dict[str, Any] = {
        "absence": absence.id,
        "person": person.id,
        "substitute": absence.substitute_id,
        "from": absence.from_on.isoformat(),
        "until": absence.until_on.isoformat() if absence.until_on else None,
        "people": sorted(one for one in told if one is not None),
    }
    record(session, kind, now, municipality_id=absence.municipality_id, by=by, facts=facts)
