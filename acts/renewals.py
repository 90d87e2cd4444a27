"""Confirming anew: the nightly round that asks, and the answers."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlmodel import Session

from acts.rounds import Round
from lifecycle import renewals
from lifecycle.law import Law, law_in_force
from lifecycle.process import account_for_look
from lifecycle.rounds import Findings
from lifecycle.tasks import read_anew
from models import Person, UserTask


def _do(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    renewals.open_renewals(session, law, on, now, findings)


RENEW = Round("renewals", when=lambda law, now: law.day_of(now), do=_do)


def confirm_anew(
    session: Session, now: datetime, *, task_id: int, person_id: int, given: Mapping[str, str], via: str
) -> None:
    """Confirm a line anew, or acknowledge documents in their new edition."""
    task, person = session.get_one(UserTask, task_id), session.get_one(Person, person_id)
    account = account_for_look(session, task.account_id) if task.account_id is not None else None
    read_anew(session, task)
    law = law_in_force(session, person.municipality_id, now)
    renewals.confirm_anew(session, law, account, task, person, now, given=given, via=via)


def deny(session: Session, now: datetime, *, task_id: int, person_id: int, what: str, via: str) -> None:
    """Say that a line does not hold any more."""
    task, person = session.get_one(UserTask, task_id), session.get_one(Person, person_id)
    renewals.deny(session, task, person, what, now, via=via)
