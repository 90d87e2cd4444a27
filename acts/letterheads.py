"""What every letter's links need to know of the calendar, and of who may go where."""

from datetime import datetime

from sqlmodel import Session

from acts.caring import is_concerned
from lifecycle.law import law_in_force
from models import Account
from notifications.links import DIGEST_DAYS


def digest_until(session: Session, municipality_id: int, since: datetime) -> datetime:
    """Until when the link of a morning letter lives (REQUIREMENTS 4.1): so many working days."""
    return law_in_force(session, municipality_id, since).calendar.end_of_working_day(since, DIGEST_DAYS)


def opens_account(session: Session, account: Account, person_id: int, now: datetime) -> bool:
    """Whether the account's own page is there for a person: for who stands in for somebody it may not be."""
    on = law_in_force(session, account.municipality_id, now).day_of(now)
    return is_concerned(session, account, person_id, on)
