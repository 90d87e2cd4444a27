"""Starting and ending a crisis: communications does, and the administrators are told at once."""

from datetime import datetime

from sqlmodel import Session

from lifecycle import crises
from lifecycle.events import By
from lifecycle.law import Law, law_in_force
from lifecycle.roles import demand_member
from models import Person


def begin(session: Session, now: datetime, *, by_id: int, message: str, via: str) -> None:
    """Declare a crisis, with what communications wants the administrators to know."""
    law = _law_for(session, by_id, now)
    crises.begin_crisis(session, law, message, By(by_id, via), now)


def end(session: Session, now: datetime, *, by_id: int, via: str) -> None:
    """It is over."""
    law = _law_for(session, by_id, now)
    crises.end_crisis(session, law, By(by_id, via), now)


def _law_for(session: Session, by_id: int, now: datetime) -> Law:
    by = session.get_one(Person, by_id)
    law = law_in_force(session, by.municipality_id, now)
    demand_member(session, by, law.day_of(now))
    return law
