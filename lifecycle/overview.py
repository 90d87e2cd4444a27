"""The overviews of the desk: each one question for a municipality, answered in rows, the worst first.

How the rows are worded and where they lead is the faces' matter (`acts.overview_pages`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

from sqlalchemy import and_, case, func, or_, select
from sqlmodel import Session, col

from lifecycle.case_steps import rule_of_kind
from lifecycle.cases import ENDS_BY_ITSELF
from lifecycle.law import Law
from lifecycle.overview_accounts import (
    LIMIT,
    Found,
    Listed,
    listed,
    posting,
    register,
    states,
)
from lifecycle.overview_deputies import without_deputy
from models import (
    IS_OPEN,
    Account,
    Case,
    CaseState,
    Person,
    Process,
    TaskHolder,
    TaskKind,
    TaskState,
    Unit,
    UserTask,
)
from policies.citing import places
from policies.keys import Modality

__all__ = ["posting", "register", "states", "without_deputy"]

DECISIONS = (TaskKind.DECIDE, TaskKind.CONSULT, TaskKind.REVIEW, TaskKind.APPROVE_POLICY)
"""What is asked of somebody who decides."""


class HasTimes(Protocol):
    """A task, or as much of one as tells when its time is out."""

    due_at: Any
    escalated_at: Any
    next_reminder_at: Any
    reminders: Any


@dataclass(frozen=True)
class Asked:
    """An open task with its account, if it has one, and the names of those who may answer."""

    task: UserTask
    account: Account | None
    unit: str
    holders: Sequence[str]
    ends_on: date | None = None
    """The last day for an answer before it ends, or before somebody else is told."""
    working_days_left: int | None = None


# ---------------------------------------------------------------- what is asked


def _asked_rows(*which: Any) -> Any:
    return (
        select(UserTask, Account, Unit)
        .outerjoin(Account, col(Account.id) == col(UserTask.account_id))
        .outerjoin(Unit, col(Unit.id) == col(Account.unit_id))
        .where(IS_OPEN, *which)
    )


_OUT_AT = func.coalesce(col(UserTask.due_at), col(UserTask.escalated_at))
"""When a task's time is out: its own, or else when its ladder ended."""
_LONGEST_OUT = (_OUT_AT.is_(None), _OUT_AT, col(UserTask.id))
"""What has been out of time the longest first; last, on every database, what has no time."""


def _asked(session: Session, law: Law, rows: Any, limit: int) -> Found[Asked]:
    total = session.execute(select(func.count()).select_from(rows.order_by(None).subquery())).scalar_one()
    found = session.execute(rows.limit(limit)).all()
    names = holder_names(session, [task.id for task, _, _ in found])
    return Found([_with_days(law, task, account, unit, names) for task, account, unit in found], total)


def _with_days(
    law: Law, task: UserTask, account: Account | None, unit: Unit | None, names: Mapping[int, Sequence[str]]
) -> Asked:
    return Asked(
        task, account, unit.name if unit else "", names.get(task.id or 0, ()), ends_on=ends_on(law, task)
    )


def holder_names(session: Session, task_ids: Iterable[int | None]) -> dict[int, list[str]]:
    """Who may answer each task, in one question for all of them."""
    rows = (
        select(col(TaskHolder.task_id), col(Person.name))
        .join(Person, col(Person.id) == col(TaskHolder.person_id))
        .where(col(TaskHolder.task_id).in_(list(task_ids)))
        .order_by(col(TaskHolder.id))
    )
    found: dict[int, list[str]] = {}
    for task_id, name in session.execute(rows):
        found.setdefault(task_id, []).append(name)
    return found


def ends_on(law: Law, task: HasTimes) -> date | None:
    """The day on which a task's time is out: its own, or else the one on which its ladder ends."""
    if task.due_at is not None:
        return law.day_of(task.due_at)
    if task.escalated_at is not None:
        return law.day_of(task.escalated_at)
    if task.next_reminder_at is None:
        return None
    ladder = law.policy.settings.ladder
    left = max(0, ladder.at_most - task.reminders)
    return law.calendar.add_working_days(law.day_of(task.next_reminder_at), ladder.every * left)


def working_days_between(law: Law, on: date, until: date) -> int:
    """How many working days there are after `on`, up to `until`; negative when that has passed."""
    first, last = min(on, until), max(on, until)
    days = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    count = sum(law.calendar.is_working_day(day) for day in days)
    return count if until >= on else -count


@dataclass(frozen=True)
class Today:
    """The day at a glance."""

    red: Found[Listed]
    """Accounts that only communications can put right."""
    asked: Found[Asked]
    """What has run out, and what does before the day is over."""
    unsettled: Found[Asked]
    """What has been noticed or reported and nobody has looked into, without a time that is out."""
    to_watch: int
    """Accounts that somebody is asked to look at today, and how many have been looked at."""
    watched: int


def today(session: Session, law: Law, now: datetime, limit: int = LIMIT) -> Today:
    """What is to be done today: what stands still, what has run out, what does before the day is over."""
    on = law.day_of(now)
    morning, tonight = law.calendar.at(on, time()), law.calendar.at(on + timedelta(days=1), time())
    mine = col(UserTask.municipality_id) == law.municipality_id
    rows = _asked_rows(mine, or_(col(UserTask.due_at) < tonight, col(UserTask.escalated_at).is_not(None)))
    has_time = or_(col(UserTask.due_at).is_(None), col(UserTask.due_at) >= tonight)
    noticed = (col(UserTask.kind) == TaskKind.LOOK_INTO, has_time, col(UserTask.escalated_at).is_(None))
    oldest = (col(UserTask.opened_at), col(UserTask.id))
    watch = select(func.count(), func.sum(case((col(UserTask.state) == TaskState.DONE, 1), else_=0))).where(
        mine, col(UserTask.kind) == TaskKind.WATCH, col(UserTask.opened_at).between(morning, tonight)
    )
    asked, done = session.execute(watch).one()
    return Today(
        red=listed(session, law, now, [col(Account.red_reason) != ""], limit),
        asked=_asked(session, law, rows.order_by(*_LONGEST_OUT), limit),
        unsettled=_asked(session, law, _asked_rows(mine, *noticed).order_by(*oldest), limit),
        to_watch=asked,
        watched=int(done or 0),
    )


def waiting_decisions(session: Session, law: Law, now: datetime, limit: int = LIMIT) -> Found[Asked]:
    """The decisions, consultations and assessments that somebody has not answered; the least time left first.

    What has as little time left stands by how long it has waited, and last what no time is set for.
    """
    which = (col(UserTask.municipality_id) == law.municipality_id, col(UserTask.kind).in_(DECISIONS))
    times = session.execute(select(*_TIMES).where(IS_OPEN, *which)).all()
    left = _days_left(law, times, law.day_of(now))
    ranked = sorted(times, key=lambda it: (left[it.id] is None, left[it.id], it.opened_at, it.id))
    place = {it.id: number for number, it in enumerate(ranked[:limit])}
    found = _asked(session, law, _asked_rows(col(UserTask.id).in_(list(place))), limit)
    rows = sorted(found.rows, key=lambda one: place[one.task.id or 0])
    return Found([replace(one, working_days_left=left[one.task.id or 0]) for one in rows], len(times))


_TIMES = (
    col(UserTask.id),
    col(UserTask.opened_at),
    col(UserTask.due_at),
    col(UserTask.escalated_at),
    col(UserTask.next_reminder_at),
    col(UserTask.reminders),
)
"""What tells how long is left for a task: read of all of them, since a database knows no working days."""


def _days_left(law: Law, times: Sequence[Any], on: date) -> dict[int, int | None]:
    """The working days left for each task; None where no time is set for it."""
    ends = {one.id: ends_on(law, one) for one in times}
    left = {day: working_days_between(law, on, day) for day in set(ends.values()) if day is not None}
    return {task_id: left[day] if day else None for task_id, day in ends.items()}


def overdue(session: Session, law: Law, now: datetime, limit: int = LIMIT) -> Found[Asked]:
    """What must be done and was not in its time; what has been late the longest first.

    A consultation is never late: it ends in its time, whoever answers.
    """
    ended = [step.value for step in ENDS_BY_ITSELF]
    rows = _asked_rows(
        col(UserTask.municipality_id) == law.municipality_id,
        col(UserTask.modality) == Modality.MUST.value,
        col(UserTask.kind).not_in([TaskKind.CONSULT, TaskKind.WATCH]),
        ~and_(col(UserTask.process) == Process.CASE, col(UserTask.step).in_(ended)),
        or_(col(UserTask.due_at) <= now, col(UserTask.escalated_at).is_not(None)),
    )
    return _asked(session, law, rows.order_by(*_LONGEST_OUT), limit)


@dataclass(frozen=True)
class CaseRow:
    """An open case, with the step of it that is open and has the least time."""

    case: Case
    account: Account
    step: str
    holders: Sequence[str]
    due_at: datetime | None


def open_cases(session: Session, law: Law, now: datetime, limit: int = LIMIT) -> Found[CaseRow]:
    """The open cases; those whose time has run out, or runs out first, at the top."""
    which = (col(Case.municipality_id) == law.municipality_id, col(Case.state) == CaseState.OPEN)
    rows = select(Case, Account).join(Account, col(Account.id) == col(Case.account_id)).where(*which)
    due_at = func.coalesce(_next_step_due_at(), col(Case.due_at))
    order = (due_at.is_(None), due_at, col(Case.id))
    total = session.execute(select(func.count()).select_from(Case).where(*which)).scalar_one()
    found = session.execute(rows.order_by(*order).limit(limit)).all()
    steps = _steps_of(session, [case.id for case, _ in found])
    names = holder_names(session, [task.id for task in steps.values()])
    return Found([_case_row(case, account, steps.get(case.id), names) for case, account in found], total)


def _next_step_due_at() -> Any:
    steps = select(func.min(col(UserTask.due_at))).where(col(UserTask.case_id) == col(Case.id), IS_OPEN)
    return steps.correlate(Case).scalar_subquery()


def _steps_of(session: Session, case_ids: Sequence[int]) -> dict[int, UserTask]:
    rows = select(UserTask).where(col(UserTask.case_id).in_(case_ids), IS_OPEN)
    order = (col(UserTask.due_at).is_(None), col(UserTask.due_at), col(UserTask.id))
    found: dict[int, UserTask] = {}
    for task in session.execute(rows.order_by(*order)).scalars():
        found.setdefault(task.case_id or 0, task)
    return found


def _case_row(
    case: Case, account: Account, step: UserTask | None, names: Mapping[int, Sequence[str]]
) -> CaseRow:
    holders = names.get(step.id or 0, ()) if step else ()
    label = step.label.partition(":")[0] if step else ""
    return CaseRow(case, account, label, holders, (step.due_at if step else None) or case.due_at)


# ---------------------------------------------------------------- what the rules did

_Did = tuple[Process | None, tuple[TaskKind, ...]]
RULES: Mapping[str, _Did] = {
    "opening": (Process.OPENING, ()),
    "setting_up": (Process.SETTING_UP, ()),
    "documents": (None, (TaskKind.ACKNOWLEDGE, TaskKind.RENEW)),
    "administrator_change": (Process.ADMINISTRATOR_CHANGE, ()),
    "guest": (Process.GUEST, ()),
    "watch": (None, (TaskKind.WATCH,)),
    "answer": (Process.CASE, ()),
    "removal": (Process.CASE, ()),
    "matters": (Process.CASE, ()),
    "posting": (None, (TaskKind.POST, TaskKind.TELL_POSTS)),
    "inactivity": (None, (TaskKind.REVIEW,)),
    "documentation": (None, (TaskKind.TAKE_SNAPSHOT,)),
    "weeding": (None, (TaskKind.WEED,)),
    "evaluation": (None, (TaskKind.EVALUATE,)),
    "closing": (Process.CLOSING, ()),
    "closing_items": (Process.CLOSING_ITEMS, ()),
    "revision": (None, (TaskKind.REVIEW_GUIDELINE,)),
}
"""The policy's rules that ask somebody for something, and the tasks by which they do.

Several rules give cases; which of them a case comes from, its kind tells.
"""


@dataclass(frozen=True)
class RuleRow:
    """What a rule has asked for, as far back as its tasks are kept."""

    rule: str
    """Its key in the policy."""
    clauses: Sequence[str]
    asked_at: datetime | None
    """When it last asked somebody for something."""
    answered_at: datetime | None
    waiting: int
    """How many have not answered."""


def rules_did(session: Session, law: Law, now: datetime) -> Found[RuleRow]:
    """Each rule of the policy in force that asks for something, and when it last did."""
    asked = (col(UserTask.process), col(UserTask.kind), col(Case.kind))
    did = session.execute(
        select(
            *asked,
            func.max(col(UserTask.opened_at)),
            func.max(col(UserTask.answered_at)),
            func.sum(case((IS_OPEN, 1), else_=0)),
        )
        .outerjoin(Case, col(Case.id) == col(UserTask.case_id))
        .where(col(UserTask.municipality_id) == law.municipality_id)
        .group_by(*asked)
    ).all()
    by_rule: dict[str, list[Any]] = {}
    for process, kind, case_kind, *times in did:
        by_rule.setdefault(_rule_of(law, process, kind, case_kind), []).append(times)
    rows = [_rule_row(law, one, by_rule.get(one, ())) for one in RULES if getattr(law.policy.rules, one)]
    return Found(rows, len(rows))


def _rule_of(law: Law, process: Process, kind: TaskKind, case_kind: str | None) -> str:
    """The one rule by which a task was asked; empty where none is named. A kind says more than a process."""
    if process is Process.CASE:
        return rule_of_kind(law.policy.rules, case_kind or "")
    by_kind = (one for one, (_, kinds) in RULES.items() if kind in kinds)
    by_process = (one for one, (of, _) in RULES.items() if of is process)
    return next(by_kind, "") or next(by_process, "")


def _rule_row(law: Law, rule: str, did: Sequence[Any]) -> RuleRow:
    given = getattr(law.policy.rules, rule)
    rules = given if isinstance(given, list) else [given]
    cites = places(law.content, [clause for one in rules for clause in law.cite(one)])
    return RuleRow(
        rule,
        cites,
        max((asked for asked, _, _ in did if asked is not None), default=None),
        max((answered for _, answered, _ in did if answered is not None), default=None),
        sum(int(waiting or 0) for _, _, waiting in did),
    )
