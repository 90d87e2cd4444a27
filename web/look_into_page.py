"""Something that must be looked into: what it is, and what was done about it."""

from sqlmodel import Session

from acts import looking_into
from models import UserTask
from web.forms import Posted
from web.subjects import Subject


def answer(session: Session, subject: Subject, task: UserTask, posted: Posted) -> None:
    """Say what was done."""
    looking_into.put_right(
        session,
        subject.visit.now,
        task_id=task.id or 0,
        person_id=subject.visit.someone.id or 0,
        what=posted.text("gjort"),
        via=subject.via,
    )
