"""Evaluations: the nightly round that asks and ends them, and the answer."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlmodel import Session

from acts.rounds import Round
from lifecycle import evaluating
from lifecycle.identifying import SignedIn
from lifecycle.law import Law, law_in_force
from lifecycle.process import account_of_task
from lifecycle.rounds import Findings
from lifecycle.tasks import read_anew
from models import Outcome, Person, UserTask


def _do(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    evaluating.drop_needless(session, law, now)
    evaluating.end_unanswered(session, law, now, findings)
    evaluating.open_evaluations(session, law, on, now, findings)


EVALUATE = Round("evaluation", when=lambda law, now: law.day_of(now), do=_do)


def evaluate(
    session: Session,
    now: datetime,
    *,
    task_id: int,
    person_id: int,
    outcome: Outcome | None,
    reason: str = "",
    results: Mapping[str, str],
    answers: Mapping[str, tuple[str, str]],
    rests_until: date | None = None,
    via: str,
    signed_in: SignedIn | None = None,
) -> None:
    """Evaluate an account; what was not chosen is said together with all else that is missing."""
    task, person = session.get_one(UserTask, task_id), session.get_one(Person, person_id)
    account = account_of_task(session, task)
    read_anew(session, task)
    evaluating.evaluate(
        session,
        law_in_force(session, person.municipality_id, now),
        account,
        task,
        person,
        now,
        outcome=outcome,
        reason=reason,
        results=results,
        answers=answers,
        rests_until=rests_until,
        via=via,
        signed_in=signed_in,
    )
