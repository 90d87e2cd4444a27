"""Confirming by a mailed link what one has begun, or letting it be."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from acts import leaving
from acts.confirmed import ConfirmedAct
from acts.confirmed_absences import ABSENCES
from acts.confirmed_changes import CHANGES
from acts.confirmed_files import FILES
from acts.confirmed_repairs import REPAIRS, asks_for_sign_in
from lifecycle import confirming
from lifecycle.events import By
from lifecycle.identifying import SignedIn, demands_sign_in
from lifecycle.journal import journal_of
from lifecycle.law import Law, law_in_force
from lifecycle.refusals import Refused
from models import Link, Person, UserTask
from notifications import links

ACTS: dict[str, ConfirmedAct] = {
    leaving.ACT: leaving.LEAVING,
    **ABSENCES,
    **CHANGES,
    **REPAIRS,
    **FILES,
}
"""Every act that takes effect only when it has been confirmed, by its name."""


def begin(
    session: Session,
    law: Law,
    person: Person,
    act: str,
    label: str,
    values: Mapping[str, Any],
    now: datetime,
    *,
    about: str,
    via: str,
) -> UserTask:
    """Begin an act that its person must confirm, as long as the mailed link lives.

    It is tried first, and nothing of the trial is kept: what would be refused is refused at once.
    """
    task = confirming.ask_to_confirm(session, person, act, label, values, now, about=about, via=via)
    _try_out(session, task, By(person.id, via), now)
    return limit(session, law, task, now)


def limit(session: Session, law: Law, task: UserTask, now: datetime) -> UserTask:
    """Let it be confirmed as long as its link lives, and no longer."""
    task.due_at = now + timedelta(days=law.policy.settings.link_days)
    session.add(task)
    return task


def _try_out(session: Session, task: UserTask, by: By, now: datetime) -> None:
    """Carry it out and take it back again: nothing of it is left but a refusal.

    As if by somebody who has signed in: whoever has to does so when they confirm.
    """
    by = replace(by, signed_in=SignedIn("", now, acr="", amr=(), subject="", address=""))
    journal = journal_of(session)
    recorded = list(journal)
    trial = session.begin_nested()
    try:
        ACTS[task.step].carry_out(session, now, task, by)
    finally:
        trial.rollback()
        journal[:] = recorded


def words_of(session: Session, now: datetime, task: UserTask) -> list[str]:
    """What confirming would do now."""
    return ACTS[task.step].words(session, now, task)


def wants_sign_in(session: Session, now: datetime, task: UserTask) -> bool:
    """Whether the one who confirms has to sign in: as for any decision, or for what the act is about."""
    policy = law_in_force(session, task.municipality_id, now).policy
    return demands_sign_in(policy, task.kind) or asks_for_sign_in(session, now, task)


def _of(session: Session, task_id: int, person_id: int) -> tuple[UserTask, Person]:
    """The act, locked against a second click, and who confirms it."""
    return session.get_one(UserTask, task_id, with_for_update=True), session.get_one(Person, person_id)


def confirm(
    session: Session,
    now: datetime,
    *,
    task_id: int,
    person_id: int,
    via: str = "link",
    link_id: int | None = None,
    signed_in: SignedIn | None = None,
) -> None:
    """Carry it out. Raises Refused, and changes nothing, when it cannot be done any more."""
    task, person = _of(session, task_id, person_id)
    by = confirming.confirm(session, task, person, now, via=via, signed_in=signed_in)
    ACTS[task.step].carry_out(session, now, task, by)
    confirming.forget_files(session, task)
    _use(session, link_id, now)


def drop(
    session: Session,
    now: datetime,
    *,
    task_id: int,
    person_id: int,
    via: str = "link",
    link_id: int | None = None,
    signed_in: SignedIn | None = None,
) -> None:
    """Let it be, for which nobody has to sign in."""
    task, person = _of(session, task_id, person_id)
    confirming.drop(session, task, person, now, via=via)
    _use(session, link_id, now)


def _use(session: Session, link_id: int | None, now: datetime) -> None:
    """Refused `task_gone` when the link has died since its page was asked for: a dead one answers nothing."""
    if link_id is not None and not links.mark_used(session, session.get_one(Link, link_id), now):
        raise Refused("task_gone")
