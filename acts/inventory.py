"""Taking stock of the accounts that were taken over: begun by command, answered on one page."""

from datetime import date, datetime

from sqlmodel import Session

from acts.rounds import Round
from lifecycle import inventory
from lifecycle.events import By
from lifecycle.law import Law, law_in_force
from lifecycle.rounds import Findings, working_day_after
from lifecycle.tasks import raise_news
from models import Municipality, Outcome, Person, UserTask


def begin(session: Session, municipality: Municipality, duties_from_on: date, by: By, now: datetime) -> int:
    """Ask whose each account is; returns how many people get a letter."""
    law = law_in_force(session, municipality.id or 0, now)
    return len(inventory.begin(session, law, duties_from_on, by, now))


def answer(
    session: Session, now: datetime, *, task_id: int, person_id: int, outcome: Outcome, says: str, via: str
) -> None:
    """Mine, not mine, or closed."""
    task, person = session.get_one(UserTask, task_id), session.get_one(Person, person_id)
    inventory.answer(session, task, person, outcome, says, now, via=via)


def _ask(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    """What is still lacking is asked for; from the set day it has a ladder."""
    for account in inventory.answered_as_own(session, law):
        with findings.trying(session, f"konto {account.id}"):
            findings.found += inventory.ask_for_gaps(session, law, account, now)
    for account in inventory.short_from_now(session, law, on):
        raise_news(session, account)
    for task in inventory.begun_to_count(session, law, on):
        with findings.trying(session, f"uppgift {task.id}"):
            inventory.let_count(session, law, task, now)
            findings.found += 1


ASK = Round(
    "inventory",
    when=lambda law, now: working_day_after(law, now, law.policy.settings.digest_at),
    do=_ask,
    hour=lambda law: law.policy.settings.digest_at,
)
