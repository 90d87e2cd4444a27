"""Weeding in the accounts, which people do, and erasing in Kanalvakt, which it does itself."""

from datetime import date, datetime

from sqlmodel import Session

from acts.rounds import Round
from lifecycle import weeding
from lifecycle.confirming import lapse_late
from lifecycle.duty_tasks import answer_duty
from lifecycle.erasing import erase
from lifecycle.law import Law
from lifecycle.refusals import Refused
from lifecycle.rounds import Findings
from models import Outcome, Person, UserTask

WEEDED = {"weeded": "Gallrat", "nothing": "Fanns inget att gallra"}
"""What may be answered."""


def _ask(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    for due in weeding.accounts_due_for_weeding(session, law, on):
        with findings.trying(session, f"konto {due.account.id}"):
            findings.found += weeding.ask_to_weed(session, law, due, now) is not None


def _erase(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    findings.found = lapse_late(session, law.municipality_id, now) + erase(session, law, on, now)


ASK = Round("weeding", when=lambda law, now: law.day_of(now), do=_ask)
ERASE = Round("erasure", when=lambda law, now: law.day_of(now), do=_erase)


def answer(
    session: Session, now: datetime, *, task_id: int, person_id: int, done: str, note: str, via: str
) -> None:
    """Say that it is weeded, or that there was nothing to weed."""
    if done not in WEEDED:
        raise Refused("outcome_unknown")
    task, person = session.get_one(UserTask, task_id), session.get_one(Person, person_id)
    details = {"done": done}
    answer_duty(session, task, person, now, via=via, outcome=Outcome.CONFIRMED, reason=note, details=details)
