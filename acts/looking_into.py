"""Saying that something which had to be looked into has been put right."""

from datetime import datetime

from sqlmodel import Session

from lifecycle.answers import REASON_LIMIT
from lifecycle.duty_tasks import answer_duty
from lifecycle.handle_tasks import LOOK_ALIKE_STEP
from lifecycle.refusals import Refused
from models import Outcome, Person, TaskKind, UserTask


def put_right(
    session: Session,
    now: datetime,
    *,
    task_id: int,
    person_id: int,
    what: str,
    via: str,
    harmless: bool = False,
) -> None:
    """Answer with what was done, or of a look-alike with why it is known and harmless."""
    task, person = session.get_one(UserTask, task_id), session.get_one(Person, person_id)
    if task.kind is not TaskKind.LOOK_INTO or (harmless and task.step != LOOK_ALIKE_STEP):
        raise Refused("outcome_unknown")
    if not what.strip():
        raise Refused("nothing_said")
    if len(what) > REASON_LIMIT:
        raise Refused("text_too_long", length=len(what), limit=REASON_LIMIT)
    details = task.details | {"harmless": True} if harmless else None
    answer_duty(session, task, person, now, via=via, outcome=Outcome.CONFIRMED, reason=what, details=details)
