"""A person's own calendar: an address for a calendar program, made, renewed and revoked by the person alone.

It is a link of its own kind (REQUIREMENTS 4.1): only its hash is kept, reading it changes nothing, and it
answers nothing. It lives long, since a program asks again and again; what it shows, it shows of one person.
"""

from datetime import datetime, time

from sqlalchemy import select
from sqlmodel import Session, col

from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import law_in_force
from lifecycle.working_days import add_months
from models import Link, LinkKind, Person
from notifications import links


def living_calendar(session: Session, person: Person, now: datetime) -> Link | None:
    """The link behind the person's address, while it can be read."""
    rows = select(Link).where(
        col(Link.person_id) == person.id,
        col(Link.kind) == LinkKind.CALENDAR,
        col(Link.dead_at).is_(None),
        col(Link.expires_at) > now,
    )
    return session.execute(rows.order_by(col(Link.id).desc())).scalars().first()


def subscribe(session: Session, now: datetime, *, person_id: int, via: str) -> str:
    """Make a new address, in place of any earlier one, and return its token: it is never shown again."""
    person = session.get_one(Person, person_id, with_for_update=True)
    law = law_in_force(session, person.municipality_id, now)
    links.kill(session, now=now, why="replaced", person_id=person.id, kind=LinkKind.CALENDAR)
    last_on = add_months(law.day_of(now), law.policy.settings.calendar_months)
    until = law.calendar.at(last_on, time())
    token = links.mint(
        session,
        kind=LinkKind.CALENDAR,
        municipality_id=person.municipality_id,
        email=person.email,
        now=now,
        until=until,
        person_id=person.id,
    )
    _record(session, EventKind.CALENDAR_MADE, person, via, now)
    return token


def unsubscribe(session: Session, now: datetime, *, person_id: int, via: str) -> None:
    """Revoke the address; the second time there is none."""
    person = session.get_one(Person, person_id)
    if links.kill(session, now=now, why="withdrawn", person_id=person.id, kind=LinkKind.CALENDAR):
        _record(session, EventKind.CALENDAR_REVOKED, person, via, now)


def _record(session: Session, kind: EventKind, person: Person, via: str, now: datetime) -> None:
    by, facts = By(person.id, via), {"person": person.id}
    record(session, kind, now, municipality_id=person.municipality_id, by=by, facts=facts)
