"""Something that somebody must find out and put right: what was found is written down, and that ends it."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from acts import looking_into as acts
from acts.leaving import may_say_left
from lifecycle.law import law_in_force
from models import Account, Person, UserTask
from web.forms import Posted
from web.subjects import Subject


def values(session: Session, subject: Subject, task: UserTask, account: Account | None) -> Mapping[str, Any]:
    """Whom it is about, and what was said when it came up."""
    person_id, said_by_id = task.details.get("person"), task.details.get("said_by")
    person = session.get(Person, person_id) if person_id is not None else None
    on = law_in_force(session, task.municipality_id, subject.visit.now).day_of(subject.visit.now)
    return {
        "about": person,
        "may_say_left": person is not None and may_say_left(session, person, subject.visit.someone, on),
        "said_by": session.get(Person, said_by_id) if said_by_id is not None else None,
        "says": task.details.get("says", ""),
    }


def answer(session: Session, subject: Subject, task: UserTask, posted: Posted) -> None:
    """Write down what was found."""
    acts.answer(
        session,
        subject.visit.now,
        task_id=task.id or 0,
        person_id=subject.visit.someone.id or 0,
        found=posted.text("hittat"),
        via=subject.via,
    )
