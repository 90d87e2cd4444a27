"""Answering a review of an account that is not kept up: it is kept, rests, or is closed."""

from datetime import date, datetime, timedelta

from sqlmodel import Session

from lifecycle.closing import ask_to_close, is_asked
from lifecycle.duty_tasks import answer_duty, demand_holder
from lifecycle.events import ENGINE, By, EventKind
from lifecycle.identifying import SignedIn
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.plans import TEXT_LIMIT
from lifecycle.refusals import Refused
from models import Account, Outcome, Person, TaskState, UserTask

OUTCOMES = (Outcome.KEEP, Outcome.REST, Outcome.CLOSE)
_UNTIL_A_DAY = (Outcome.KEEP, Outcome.REST)


def answer_review(
    session: Session,
    law: Law,
    task: UserTask,
    person: Person,
    now: datetime,
    *,
    outcome: Outcome | None,
    reason: str,
    until_on: date | None,
    via: str,
    signed_in: SignedIn | None = None,
) -> None:
    """Write the answer; the account's run draws what follows. Keeping it takes a reason, and until when."""
    demand_holder(session, task, person)
    if outcome not in OUTCOMES:
        raise Refused("outcome_unknown")
    if outcome is Outcome.KEEP and not reason.strip():
        raise Refused("reason_missing")
    if len(reason) > TEXT_LIMIT:
        raise Refused("text_too_long", length=len(reason), limit=TEXT_LIMIT)
    details = {}
    if outcome in _UNTIL_A_DAY:
        details["until_on"] = _demand_day(law, until_on, law.day_of(now)).isoformat()
    answer_duty(
        session,
        task,
        person,
        now,
        via=via,
        outcome=outcome,
        reason=reason,
        details=details,
        signed_in=signed_in,
    )


def last_day_to_keep(law: Law, on: date) -> date:
    """Until when an account may be kept or rest at most."""
    return on + timedelta(days=law.policy.settings.kept_days_at_most)


def _demand_day(law: Law, until_on: date | None, on: date) -> date:
    latest = last_day_to_keep(law, on)
    if until_on is None or not on < until_on <= latest:
        raise Refused("day_beyond", first=on + timedelta(days=1), last=latest)
    return until_on


def follow_review(session: Session, law: Law, account: Account, task: UserTask, now: datetime) -> None:
    """Let the account be, let it rest, or ask that it is closed; also when nobody answered."""
    if task.state is TaskState.NO_ANSWER:
        reason = f"{_found(task)}, och ingen har svarat på om kontot ska vara kvar."
        _ask_to_close(session, account, reason, ENGINE, now)
        return
    until = task.details.get("until_on")
    if task.outcome is Outcome.CLOSE:
        by = By(task.answered_by_id, "engine", task.on_behalf_of_id)
        _ask_to_close(session, account, task.reason or f"{_found(task)}.", by, now)
    elif until is not None:
        until_on = date.fromisoformat(until)
        if task.outcome is Outcome.KEEP:
            account.kept_until_on = until_on
        else:
            account.rests_from_on, account.rests_until_on = law.day_of(now), until_on
        session.add(account)
    facts = {"outcome": task.outcome.value if task.outcome else "", "until_on": until}
    record(session, EventKind.INACTIVITY_SETTLED, now, task=task, facts=facts)


def _ask_to_close(session: Session, account: Account, reason: str, by: By, now: datetime) -> None:
    """Somebody may have asked already."""
    if not is_asked(account):
        ask_to_close(session, account, reason, by, now)


def _found(task: UserTask) -> str:
    """What was found, without what was asked for: "Inget inlägg sedan 3 november"."""
    return task.label.partition(":")[0]
