"""Tasks that the clock opens: each once, told in the morning letter, answered like any other."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Executable, select
from sqlmodel import Session, col

from lifecycle.events import By, EventKind
from lifecycle.identifying import (
    DECISIONS,
    SignedIn,
    demand_identity,
    detail_of_identity,
    facts_of_identity,
)
from lifecycle.journal import record
from lifecycle.ladder import first_reminder_at
from lifecycle.law import Law, law_in_force
from lifecycle.refusals import Refused
from lifecycle.roles import Holder
from lifecycle.tasks import complete, hold, holder_of, open_tasks, raise_news, refusal_of_ended, withdraw
from models import IS_OPEN, Account, Outcome, Person, Process, TaskHolder, TaskKind, TaskState, UserTask
from models.asking import asked_once, built_once
from policies.keys import Modality, Role, Rule


def open_duty(
    session: Session,
    law: Law,
    account: Account | None,
    now: datetime,
    *,
    kind: TaskKind,
    once_key: str,
    step: str,
    label: str,
    rule: Rule | None,
    role: Role,
    holders: Sequence[Holder],
    due_at: datetime | None = None,
    details: Mapping[str, Any] | None = None,
) -> UserTask | None:
    """Ask something that the clock has brought. None when it was asked before, whatever became of that.

    Its holders read of it in the next morning letter; what only *may* be done is offered there once.
    """
    if session.execute(*_asked_for(once_key)).first():
        return None
    modality = rule.modality if rule else Modality.MUST
    task = UserTask(
        municipality_id=law.municipality_id,
        account_id=account.id if account else None,
        process=Process.DUTIES,
        kind=kind,
        step=step,
        once_key=once_key,
        plan_version=account.plan_version if account else 0,
        role=role.value,
        label=label[:300],
        clauses=law.cite(rule) if rule else [],
        modality=modality.value,
        opened_at=now,
        due_at=due_at,
        next_reminder_at=None if modality is Modality.MAY else first_reminder_at(law, now),
        details=dict(details or {}),
    )
    session.add(task)
    session.flush()
    hold(session, task, holders)
    if account is not None:
        raise_news(session, account)
    return task


def record_asked(session: Session, law: Law, tasks: Sequence[UserTask], now: datetime) -> None:
    """One event for all that a round has asked of one kind: how many, and a hash of which."""
    if tasks:
        ids = sorted(task.id or 0 for task in tasks)
        facts = {"kind": tasks[0].kind.value, "count": len(ids)}
        facts["sha256"] = sha256(",".join(map(str, ids)).encode()).hexdigest()
        record(session, EventKind.DUTIES_ASKED, now, municipality_id=law.municipality_id, facts=facts)


def tell(
    session: Session,
    law: Law,
    account: Account | None,
    now: datetime,
    *,
    once_key: str,
    step: str,
    label: str,
    people: Sequence[int],
    clauses: Sequence[dict[str, str]] = (),
) -> None:
    """Let people read something in their next morning letter that nothing is asked about, once."""
    if session.execute(select(col(UserTask.id)).where(col(UserTask.once_key) == once_key)).first():
        return
    task = UserTask(
        municipality_id=law.municipality_id,
        account_id=account.id if account else None,
        process=Process.DUTIES,
        kind=TaskKind.INFORM,
        step=step,
        once_key=once_key,
        label=label[:300],
        clauses=list(clauses),
        state=TaskState.DONE,
        outcome=Outcome.TOLD,
        opened_at=now,
        answered_at=now,
    )
    session.add(task)
    session.flush()
    hold(session, task, [Holder(person_id) for person_id in dict.fromkeys(people)])


def keys_asked_for(session: Session, keys: Sequence[str]) -> set[str]:
    """Which of some keys have been asked for, whatever became of it."""
    return set(session.execute(*_among(keys)).scalars()) if keys else set()


@built_once
def _among(keys: Sequence[str]) -> Executable:
    return select(col(UserTask.once_key)).where(col(UserTask.once_key).in_(keys))


@built_once
def _asked_for(key: str) -> Executable:
    return select(col(UserTask.id)).where(col(UserTask.once_key) == key)


def demand_holder(session: Session, task: UserTask, person: Person) -> TaskHolder:
    """The row by which a person may answer a duty. Refused `not_holder`, or when it is no longer open."""
    if task.state is not TaskState.OPEN:
        raise refusal_of_ended(session, task)
    holder = holder_of(session, task.id, person.id)
    if holder is None:
        raise Refused("not_holder")
    return holder


def answer_duty(
    session: Session,
    task: UserTask,
    person: Person,
    now: datetime,
    *,
    via: str,
    outcome: Outcome,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
    signed_in: SignedIn | None = None,
) -> By:
    """Write an answer to a duty. What follows from it, the account's run draws (`lifecycle.following`).

    Refused `sign_in_needed` where it is a decision, and the policy in force wants more than a link.
    """
    holder = demand_holder(session, task, person)
    demand_identity(law_in_force(session, task.municipality_id, now).policy, task.kind, signed_in)
    by = By(person.id, via, holder.instead_of_id, signed_in)
    complete(session, task, now, by=by, outcome=outcome, reason=reason.strip(), details=details)
    facts = {"kind": task.kind.value, "step": task.step, "outcome": outcome.value}
    detail = {"reason": reason.strip()} if reason.strip() else {}
    if task.kind in DECISIONS:
        facts, detail = facts | facts_of_identity(signed_in), detail | detail_of_identity(signed_in)
    record(session, EventKind.DUTY_ANSWERED, now, task=task, by=by, facts=facts, detail=detail)
    if task.account_id is not None:
        raise_news(session, session.get_one(Account, task.account_id))
    return by


def withdraw_duty(session: Session, task: UserTask, now: datetime) -> None:
    """Take back what no longer needs an answer; the account's run shows it no more."""
    withdraw(session, task, now)
    if task.account_id is not None:
        raise_news(session, session.get_one(Account, task.account_id))


@asked_once(UserTask)
def open_of_kind(session: Session, municipality_id: int, kind: TaskKind) -> Sequence[UserTask]:
    """What is open of one kind in a municipality."""
    return session.execute(*_open_of_kind(municipality_id, kind)).scalars().all()


@built_once
def _open_of_kind(municipality_id: int, kind: TaskKind) -> Executable:
    rows = select(UserTask).where(
        col(UserTask.municipality_id) == municipality_id, col(UserTask.kind) == kind, IS_OPEN
    )
    return rows.order_by(col(UserTask.id))


def open_duties(session: Session, account: Account, *kinds: TaskKind) -> list[UserTask]:
    """What the clock has asked about an account and nobody has answered."""
    duties = [task for task in open_tasks(session, account) if task.process is Process.DUTIES]
    return [task for task in duties if not kinds or task.kind in kinds]
