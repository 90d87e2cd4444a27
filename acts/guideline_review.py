"""Reviewing the guideline: the nightly round that asks, the answer, and new directives."""

from datetime import date, datetime

from sqlmodel import Session

from acts.rounds import Round
from lifecycle import guideline_review
from lifecycle.guideline_review import Size
from lifecycle.law import Law, law_in_force
from lifecycle.roles import demand_member
from lifecycle.rounds import Findings
from models import Person, UserTask


def _do(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    guideline_review.open_review(session, law, on, now, findings)


REVIEW_GUIDELINE = Round("guideline_review", when=lambda law, now: law.day_of(now), do=_do)


def review(
    session: Session,
    now: datetime,
    *,
    task_id: int,
    person_id: int,
    size: Size | None,
    text: str = "",
    via: str,
) -> None:
    """Answer a review of the guideline."""
    task, person = session.get_one(UserTask, task_id), session.get_one(Person, person_id)
    law = law_in_force(session, task.municipality_id, now)
    guideline_review.review(session, law, task, person, now, size=size, text=text, via=via)


def report_directive(session: Session, now: datetime, *, person_id: int, what: str, via: str) -> UserTask:
    """Tell of a new directive; communications does."""
    person = session.get_one(Person, person_id)
    law = law_in_force(session, person.municipality_id, now)
    demand_member(session, person, law.day_of(now))
    return guideline_review.report_directive(session, law, person, what, now, via=via)
