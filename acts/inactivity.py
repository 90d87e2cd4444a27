"""Accounts that are not kept up: the round that finds them, and the answer to its question."""

from datetime import date, datetime, time

from sqlmodel import Session

from acts.rounds import Round
from lifecycle.duty_tasks import answer_duty
from lifecycle.identifying import SignedIn
from lifecycle.inactivity import end_unanswered, settle_inactivity
from lifecycle.law import Law, law_in_force
from lifecycle.reviewing import answer_review
from lifecycle.rounds import Findings, day_after, working_day_after
from models import Outcome, Person, UserTask


def _settle(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    findings.found = settle_inactivity(session, law, on, now, findings)


def _end(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    findings.found = end_unanswered(session, law, on, now)


SETTLE = Round("inactivity", when=lambda law, now: day_after(law, now, time(5)), do=_settle)
END = Round(
    "inactivity_end",
    when=lambda law, now: working_day_after(law, now, law.policy.settings.work_begins),
    do=_end,
    hour=lambda law: law.policy.settings.work_begins,
)
"""In working hours: closing that follows is told at once."""


def review(
    session: Session,
    now: datetime,
    *,
    task_id: int,
    person_id: int,
    outcome: Outcome | None,
    reason: str,
    until_on: date | None,
    via: str,
    signed_in: SignedIn | None = None,
) -> None:
    """Say what becomes of an account that is not kept up."""
    task, person = session.get_one(UserTask, task_id), session.get_one(Person, person_id)
    law = law_in_force(session, task.municipality_id, now)
    answer_review(
        session,
        law,
        task,
        person,
        now,
        outcome=outcome,
        reason=reason,
        until_on=until_on,
        via=via,
        signed_in=signed_in,
    )


def confirm_warned(session: Session, now: datetime, *, task_id: int, person_id: int, via: str) -> None:
    """Say that one has read what is about to happen."""
    task, person = session.get_one(UserTask, task_id), session.get_one(Person, person_id)
    answer_duty(session, task, person, now, via=via, outcome=Outcome.CONFIRMED)
