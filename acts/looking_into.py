"""Answering what one has been asked to find out."""

from datetime import datetime

from sqlmodel import Session

from lifecycle.answers import REASON_LIMIT
from lifecycle.duty_tasks import answer_duty
from lifecycle.refusals import Refused
from models import Outcome, Person, UserTask


def answer(session: Session, now: datetime, *, task_id: int, person_id: int, found: str, via: str) -> None:
    """Write down what was found or done. Refused without a word, since nobody else would know."""
    if not found.strip():
        raise Refused("nothing_said")
    if len(found) > REASON_LIMIT:
        raise Refused("text_too_long", length=len(found), limit=REASON_LIMIT)
    task, person = session.get_one(UserTask, task_id), session.get_one(Person, person_id)
    answer_duty(session, task, person, now, via=via, outcome=Outcome.ANSWERED, reason=found)
