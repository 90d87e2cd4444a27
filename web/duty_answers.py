"""Answers to duties, as their pages post them."""

from sqlmodel import Session

from acts import documenting, weeding
from lifecycle.refusals import Refused
from models import UserTask
from web.forms import Posted
from web.subjects import Subject


def weed(session: Session, subject: Subject, task: UserTask, posted: Posted) -> None:
    """Whether something was weeded."""
    weeding.answer(
        session,
        subject.visit.now,
        task_id=task.id or 0,
        person_id=subject.visit.someone.id or 0,
        done=posted.text("gjort"),
        note=posted.text("anteckning"),
        via=subject.via,
    )


def hand_in_snapshot(session: Session, subject: Subject, task: UserTask, posted: Posted) -> None:
    """A picture of the account, as a file."""
    files = [one for one in posted.files if one.field == "bild" and one.content]
    if not files:
        raise Refused("file_missing")
    documenting.hand_in(
        session,
        subject.visit.now,
        task_id=task.id or 0,
        person_id=subject.visit.someone.id or 0,
        file_name=files[0].name,
        content=files[0].content,
        via=subject.via,
    )
