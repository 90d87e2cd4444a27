"""The guideline itself: reviewed when its time has come, and when a new directive calls for it."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import Executable, func, select
from sqlmodel import Session, col

from lifecycle.conditions import in_force
from lifecycle.duty_tasks import answer_duty, open_duty, record_asked
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.plans import TEXT_LIMIT
from lifecycle.refusals import Refused
from lifecycle.roles import Holder, post_holders
from lifecycle.rounds import Failure, Findings
from lifecycle.working_days import add_months
from models import IS_OPEN, Outcome, Person, TaskKind, TaskState, UserTask
from models.asking import built_once
from policies.duties import Revision
from policies.keys import Role

REVIEW_STEP = "oversyn"
DIRECTIVE_STEP = "direktiv"
_DATES = ("adopted_on", "revised_on", "updated_on")


class Size(StrEnum):
    """How much a guideline is changed, which says who decides."""

    SMALL = "small"
    LARGE = "large"


def revision_of(law: Law, on: date) -> Revision | None:
    """The rule on changing the guideline, when it is in force."""
    rule = law.policy.rules.revision
    return rule if rule is not None and in_force(rule, on) else None


def reviewer_of(rule: Revision) -> Role:
    """Who reviews: the one who makes small changes, else communications."""
    return rule.small_changes_by or Role.COMMUNICATIONS


def due_on(session: Session, law: Law, on: date) -> date | None:
    """When the guideline is to be reviewed, counted from its last review or its latest edition."""
    rule = revision_of(law, on)
    if rule is None or rule.review_every_months is None:
        return None
    return add_months(last_reviewed_on(session, law) or edition_on(law), rule.review_every_months)


def last_reviewed_on(session: Session, law: Law) -> date | None:
    """The day of the last review that was answered."""
    at = session.execute(*_reviewed_at(law.municipality_id)).scalar_one()
    return law.day_of(at) if at else None


@built_once
def _reviewed_at(of: int) -> Executable:
    return select(func.max(col(UserTask.answered_at))).where(
        col(UserTask.municipality_id) == of,
        col(UserTask.kind) == TaskKind.REVIEW_GUIDELINE,
        col(UserTask.step) == REVIEW_STEP,
        col(UserTask.state) == TaskState.DONE,
    )


def edition_on(law: Law) -> date:
    """The latest day that the policy's own guidelines name for themselves, else the policy's first day."""
    guidelines = [law.content["guidelines"].get(name, {}) for name in law.policy.guidelines]
    days = [date.fromisoformat(one[key]) for one in guidelines for key in _DATES if one.get(key)]
    return max(days, default=law.policy.valid_from)


def open_reviews(session: Session, municipality_id: int) -> list[UserTask]:
    """Reviews and directives that nobody has answered."""
    rows = select(UserTask).where(
        col(UserTask.municipality_id) == municipality_id,
        col(UserTask.kind) == TaskKind.REVIEW_GUIDELINE,
        IS_OPEN,
    )
    return list(session.execute(rows.order_by(col(UserTask.id))).scalars())


def open_review(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    """Ask for the review when it is due, once."""
    rule, day = revision_of(law, on), due_on(session, law, on)
    if rule is None or day is None or day > on or _is_open(session, law):
        return
    holders = holders_for(session, law, reviewer_of(rule), on)
    if not holders:
        says = f"ingen finns som kan se över riktlinjen ({reviewer_of(rule).value})"
        findings.failures.append(Failure(f"kommun {law.municipality_id}", says))
        return
    task = open_duty(
        session,
        law,
        None,
        now,
        kind=TaskKind.REVIEW_GUIDELINE,
        once_key=f"review_guideline:{law.municipality_id}:{day.isoformat()}",
        step=REVIEW_STEP,
        label="Se över riktlinjen för sociala medier",
        rule=rule,
        role=reviewer_of(rule),
        holders=holders,
    )
    opened = [task] if task else []
    record_asked(session, law, opened, now)
    findings.found += len(opened)


def _is_open(session: Session, law: Law) -> bool:
    return any(task.step == REVIEW_STEP for task in open_reviews(session, law.municipality_id))


def holders_for(session: Session, law: Law, role: Role, on: date, besides: int | None = None) -> list[Holder]:
    """Those who hold a post, else the one the policy names as last resort; `besides` leaves one out."""
    for one in (role, law.policy.settings.last_resort):
        people = post_holders(session, law.municipality_id, one, on)
        found = [person.id for person in people if person.id is not None and person.id != besides]
        why = [{"code": "last_resort", "role": one.value}] if one is not role else []
        if found:
            return [Holder(person_id, None, why) for person_id in found]
    return []


# ---------------------------------------------------------------- a new directive


def report_directive(
    session: Session, law: Law, person: Person, what: str, now: datetime, *, via: str
) -> UserTask:
    """A directive has come that the guideline must follow: whoever reviews it is asked at once.

    Reported again in the same words on the same day, it is the same.
    """
    on = law.day_of(now)
    rule = revision_of(law, on)
    if rule is None:
        raise Refused("no_revision")
    if not what.strip():
        raise Refused("directive_missing")
    _refuse_long(what)
    holders = holders_for(session, law, reviewer_of(rule), on)
    digest = sha256(what.strip().encode()).hexdigest()[:16]
    once_key = f"directive:{law.municipality_id}:{on.isoformat()}:{digest}"
    task = open_duty(
        session,
        law,
        None,
        now,
        kind=TaskKind.REVIEW_GUIDELINE,
        once_key=once_key,
        step=DIRECTIVE_STEP,
        label="Ett nytt direktiv: se om riktlinjen ska ändras",
        rule=rule,
        role=reviewer_of(rule),
        holders=holders or [Holder(person.id or 0)],
        details={"what": what.strip()},
    )
    if task is None:
        known: UserTask = session.execute(
            select(UserTask).where(col(UserTask.once_key) == once_key)
        ).scalar_one()
        return known
    by, detail = By(person.id, via), {"what": what.strip()}
    record(session, EventKind.DIRECTIVE_REPORTED, now, task=task, by=by, detail=detail)
    return task


def _refuse_long(text: str) -> None:
    if len(text) > TEXT_LIMIT:
        raise Refused("text_too_long", length=len(text), limit=TEXT_LIMIT)


# ---------------------------------------------------------------- answering


def review(
    session: Session,
    law: Law,
    task: UserTask,
    person: Person,
    now: datetime,
    *,
    size: Size | None,
    text: str,
    via: str,
) -> None:
    """Answer a review: nothing to change (no size), or what. A large change is told to who decides."""
    if size is not None or text.strip():
        if not text.strip():
            raise Refused("reason_missing")
        _refuse_long(text)
    outcome = Outcome.CHANGE if size else Outcome.CONTINUE
    details = {"size": size.value} if size else {}
    by = answer_duty(session, task, person, now, via=via, outcome=outcome, reason=text, details=details)
    people = deciders(session, law, law.day_of(now)) if size is Size.LARGE else []
    facts = {"size": size.value if size else "", "people": [one.id for one in people if one.id != person.id]}
    record(session, EventKind.GUIDELINE_REVIEWED, now, task=task, by=by, facts=facts)


def deciders(session: Session, law: Law, on: date) -> Sequence[Person]:
    """Those who decide on large changes and are known here; a board may well not be."""
    rule = revision_of(law, on)
    if rule is None or rule.large_changes_by is None:
        return []
    return post_holders(session, law.municipality_id, rule.large_changes_by, on)
