"""What every letter's links need to know of the calendar."""

from datetime import datetime

from sqlmodel import Session

from lifecycle.law import law_in_force
from notifications.links import DIGEST_DAYS


def digest_until(session: Session, municipality_id: int, since: datetime) -> datetime:
    """Until when the link of a morning letter lives (REQUIREMENTS 4.1): so many working days."""
    return law_in_force(session, municipality_id, since).calendar.end_of_working_day(since, DIGEST_DAYS)
