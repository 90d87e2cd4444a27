"""Confirming by a mailed link what one has begun, or letting it be."""

from datetime import datetime

from sqlmodel import Session

from acts import leaving
from acts.confirmed import ConfirmedAct
from lifecycle import confirming
from models import Link, Person, UserTask
from notifications import links

ACTS: dict[str, ConfirmedAct] = {leaving.ACT: leaving.LEAVING}
"""Every act that takes effect only when it has been confirmed, by its name."""


def words_of(session: Session, now: datetime, task: UserTask) -> list[str]:
    """What confirming would do now."""
    return ACTS[task.step].words(session, now, task)


def _of(session: Session, task_id: int, person_id: int) -> tuple[UserTask, Person]:
    """The act, locked against a second click, and who confirms it."""
    return session.get_one(UserTask, task_id, with_for_update=True), session.get_one(Person, person_id)


def confirm(session: Session, now: datetime, *, task_id: int, person_id: int, link_id: int) -> None:
    """Carry it out. Raises Refused, and changes nothing, when it cannot be done any more."""
    task, person = _of(session, task_id, person_id)
    by = confirming.confirm(session, task, person, now, via="link")
    ACTS[task.step].carry_out(session, now, task, by)
    links.mark_used(session, session.get_one(Link, link_id), now)


def drop(session: Session, now: datetime, *, task_id: int, person_id: int, link_id: int) -> None:
    """Let it be."""
    task, person = _of(session, task_id, person_id)
    confirming.drop(session, task, person, now, via="link")
    links.mark_used(session, session.get_one(Link, link_id), now)
