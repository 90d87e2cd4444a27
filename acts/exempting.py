"""Letting an account off one kind of duty until a day."""

from datetime import date, datetime

from sqlmodel import Session

from lifecycle import exempting
from lifecycle.events import By
from lifecycle.law import law_in_force
from lifecycle.process import account_for_look
from lifecycle.refusals import Refused
from models import Exemption


def exempt(
    session: Session,
    now: datetime,
    *,
    account_id: int,
    person_id: int,
    duty: str,
    until_on: date,
    reason: str,
    via: str,
) -> None:
    """Let the account off; `until_on` is the first day on which the duty is asked again."""
    account = account_for_look(session, account_id)
    law = law_in_force(session, account.municipality_id, now)
    exempting.exempt(session, law, account, duty, until_on, reason, By(person_id, via), now)


def end(
    session: Session, now: datetime, *, account_id: int, exemption_id: int, person_id: int, via: str
) -> None:
    """Ask the duty again from today."""
    account = account_for_look(session, account_id)
    law = law_in_force(session, account.municipality_id, now)
    exemption = session.get(Exemption, exemption_id)
    if exemption is None:
        raise Refused("exemption_over")
    exempting.end_exemption(session, law, account, exemption, By(person_id, via), now)
