"""A letter once more: asked for when a link has expired, or sent again by communications."""

from datetime import datetime

from sqlmodel import Session

from acts.applying import ask_for_link
from lifecycle.answers import holder_row
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.refusals import Refused
from lifecycle.tasks import open_tasks
from models import Account, Link, LinkKind, Municipality, Person, Process, TaskKind, TaskState, UserTask
from notifications import outbox

_BY_LETTER = (
    Process.OPENING,
    Process.ADMINISTRATOR_CHANGE,
    Process.GUEST,
    Process.CLOSING,
    Process.SETTING_UP,
    Process.CLOSING_ITEMS,
)
"""What is asked in letters of its own; the rest stands in the morning letter."""
_ON_LIST = (TaskKind.CONFIRM_ITEM, TaskKind.ACKNOWLEDGE)
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


def asked_of(session: Session, account: Account, person: Person) -> list[UserTask]:
    """What somebody is asked about an account in letters of its own."""
    return [
        task
        for task in open_tasks(session, account)
        if task.process in _BY_LETTER and holder_row(session, task, person) is not None
    ]


def send_again(session: Session, account: Account, person: Person, by: By, now: datetime) -> list[UserTask]:
    """Mail somebody once more what they are asked about an account; a checklist is one letter.

    Refused `letter_unknown` when nothing waits for them there.
    """
    asked = asked_of(session, account, person)
    if not asked:
        raise Refused("letter_unknown")
    alone = [task for task in asked if task.kind not in _ON_LIST]
    for task in [*alone, None] if len(alone) < len(asked) else alone:
        facts = {"holders": [person.id]}
        record(session, EventKind.LETTER_AGAIN, now, account=account, task=task, by=by, facts=facts)
    return asked
