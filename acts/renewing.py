"""Asking for a fresh letter when a link has expired."""

from datetime import datetime

from sqlmodel import Session

from acts.applying import ask_for_link
from lifecycle.answers import holder_row
from lifecycle.refusals import Refused
from models import Link, LinkKind, Municipality, Person, TaskState, UserTask
from notifications import outbox

_PAGES = {LinkKind.CONFIRM_ADDRESS: "apply", LinkKind.MY_PAGE: "my_page"}


def ask_for_fresh_link(session: Session, link: Link, now: datetime) -> None:
    """Mail a new link to the address an expired one was sent to: at most one letter a minute.

    Raises Refused `task_gone` when what it was for is no longer asked of that person.
    """
    if link.kind in _PAGES:
        municipality = session.get_one(Municipality, link.municipality_id)
        ask_for_link(session, municipality, link.email, _PAGES[link.kind], now)
        return
    if link.task_id is not None:
        _demand_asked(session, link.task_id, link.person_id)
    outbox.queue(
        session,
        notice="draft_link" if link.kind is LinkKind.DRAFT else "fresh_link",
        municipality_id=link.municipality_id,
        now=now,
        dedupe_key=f"{link.municipality_id}:fresh:{link.id}:{now:%Y%m%d%H%M}",
        person_id=link.person_id,
        account_id=link.account_id,
        task_id=link.task_id,
    )


def _demand_asked(session: Session, task_id: int, person_id: int | None) -> None:
    task, person = session.get_one(UserTask, task_id), session.get(Person, person_id or 0)
    if task.state is not TaskState.OPEN or person is None or holder_row(session, task, person) is None:
        raise Refused("task_gone")
