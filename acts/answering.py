"""Answering what one is asked: deciding, consulting, handing over, taking back, confirming."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from lifecycle import answers, regret, setting_up
from lifecycle.events import By
from lifecycle.identifying import SignedIn
from lifecycle.law import Law, law_of_task
from lifecycle.plans import person_by_email
from lifecycle.process import account_of_task
from lifecycle.refusals import Refused
from lifecycle.tasks import read_anew
from models import Account, Link, Outcome, Person, UserTask
from notifications import links


def _matter(session: Session, task_id: int, now: datetime) -> tuple[UserTask, Account, Law]:
    """A task with its account (locked) and the policy version it is answered under."""
    task = session.get_one(UserTask, task_id)
    account = account_of_task(session, task)
    read_anew(session, task)
    return task, account, law_of_task(session, account, task, now)


def answer(
    session: Session,
    now: datetime,
    *,
    task_id: int,
    person_id: int,
    outcome: Outcome,
    reason: str = "",
    via: str,
    link_id: int | None = None,
    seen_plan_version: int | None = None,
    signed_in: SignedIn | None = None,
) -> None:
    """Decide, or answer a consultation. Raises Refused and changes nothing when that cannot be."""
    task, account, law = _matter(session, task_id, now)
    person = session.get_one(Person, person_id)
    answers.answer(
        session,
        law,
        account,
        task,
        person,
        outcome,
        reason,
        now,
        via=via,
        seen_plan_version=seen_plan_version,
        signed_in=signed_in,
    )
    _use(session, link_id, now)


def hand_over(
    session: Session,
    now: datetime,
    *,
    task_id: int,
    person_id: int,
    to_email: str,
    reason: str = "",
    via: str,
    link_id: int | None = None,
    signed_in: SignedIn | None = None,
) -> Person:
    """Give a question to a substitute, or to the one whose it is; returns who has it now."""
    task, account, law = _matter(session, task_id, now)
    to = person_by_email(session, account.municipality_id, to_email, law.day_of(now))
    person = session.get_one(Person, person_id)
    answers.hand_over(session, law, account, task, person, to, reason, now, via=via, signed_in=signed_in)
    _use(session, link_id, now)
    return to


def take_back(session: Session, now: datetime, *, task_id: int, person_id: int, via: str) -> None:
    """Take back one's own answer within the time of regret."""
    task, account, law = _matter(session, task_id, now)
    regret.take_back(session, law, account, task, session.get_one(Person, person_id), now, via=via)


def confirm(
    session: Session,
    now: datetime,
    *,
    task_id: int,
    person_id: int,
    given: Mapping[str, str] | None = None,
    via: str,
    link_id: int | None = None,
) -> None:
    """Confirm a line of a checklist, an assignment or an acknowledgement, by name and date."""
    task, account, law = _matter(session, task_id, now)
    person = session.get_one(Person, person_id)
    holder = answers.demand_may_answer(session, law, account, task, person, now)
    by = By(person.id, via, holder.instead_of_id)
    setting_up.confirm(session, law, account, task, given or {}, by, now)
    _use(session, link_id, now)


def _use(session: Session, link_id: int | None, now: datetime) -> None:
    """Refused `task_gone` when the link has died since its page was asked for: a dead one answers nothing."""
    if link_id is not None and not links.mark_used(session, session.get_one(Link, link_id), now):
        raise Refused("task_gone")
