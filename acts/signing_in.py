"""Signing in: what a sign-in opens, and what somebody had written when they went to sign in."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session

from acts.applying import find_person
from acts.identity_provider import Proved
from lifecycle.answers import holder_row
from lifecycle.identifying import SignedIn
from lifecycle.law import law_in_force
from lifecycle.roles import has_left
from models import Link, LinkKind, Municipality, Person, UserTask
from notifications import links

WRITTEN_LIMIT = 5000
"""Characters of one field that are kept; more than any answer may have."""


def person_signed_in(
    session: Session, municipality: Municipality, proved: Proved, now: datetime
) -> Person | None:
    """The person whose address it is in this municipality; None for an unknown one and one who has left."""
    municipality_id = municipality.id or 0
    person = find_person(session, municipality_id, proved.address)
    gone = person is not None and has_left(person, law_in_force(session, municipality_id, now).day_of(now))
    return None if gone else person


def begin_visit(
    session: Session, municipality: Municipality, person: Person, proved: Proved, hours: float, now: datetime
) -> Link:
    """A visit to one's own pages, under a link that no letter holds and that remembers the sign-in."""
    token = links.mint(
        session,
        kind=LinkKind.MY_PAGE,
        municipality_id=municipality.id or 0,
        email=person.email,
        now=now,
        until=now + timedelta(hours=hours),
        person_id=person.id,
    )
    link = links.find(session, token, now).link
    assert link is not None
    signed_in = SignedIn(
        issuer=proved.issuer,
        at=now,
        acr=proved.acr,
        amr=proved.amr,
        subject=proved.subject,
        address=proved.address,
    )
    link.signed_in = signed_in.kept()
    return link


def keep_written(
    session: Session, task: UserTask, person: Person, written: Mapping[str, str], now: datetime
) -> None:
    """Keep what somebody has written in the form of a question while they sign in."""
    holder = holder_row(session, task, person)
    if holder is not None:
        holder.written = {name: text[:WRITTEN_LIMIT] for name, text in written.items()}
        holder.written_at = now


def forget_written(session: Session, task: UserTask, person: Person) -> None:
    """The answer has been given: what was kept on the way to it goes."""
    holder = holder_row(session, task, person)
    if holder is not None and holder.written is not None:
        holder.written, holder.written_at = None, None
