"""Acts that are carried out only when the one who began them has said by a mailed link that they did.

They are acts that can change who decides (REQUIREMENTS 4.2). What was begun waits as a task that only that
person holds: its link is bound to it, and dies with it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from lifecycle.duty_tasks import demand_holder
from lifecycle.events import ENGINE, By, EventKind
from lifecycle.identifying import SignedIn, demand_identity, detail_of_identity, facts_of_identity
from lifecycle.journal import record
from lifecycle.law import law_in_force
from lifecycle.refusals import Refused
from lifecycle.roles import Holder
from lifecycle.tasks import complete, end_task, hold, withdraw
from models import IS_OPEN, Outcome, Person, Process, TaskHolder, TaskKind, TaskState, UserTask


def ask_to_confirm(
    session: Session,
    person: Person,
    act: str,
    label: str,
    values: Mapping[str, Any],
    now: datetime,
    *,
    about: str,
    via: str,
) -> UserTask:
    """Keep what somebody has begun, and mail them the link by which they confirm it.

    `about` is whom or what it concerns: what the same person began about it before is dropped.
    """
    assert person.id is not None
    by = By(person.id, via)
    for before in waiting_acts(session, person, act):
        if before.details.get("about") == about:
            withdraw(session, before, now, by=by)
            forget_files(session, before)
    task = UserTask(
        municipality_id=person.municipality_id,
        process=Process.ACTS,
        kind=TaskKind.CONFIRM_ACT,
        step=act,
        label=label[:300],
        opened_at=now,
        details={"about": about, "values": dict(values)},
    )
    session.add(task)
    session.flush()
    hold(session, task, [Holder(person.id)])
    facts = {"act": act, "holders": [person.id]}
    record(session, EventKind.ACT_ASKED, now, task=task, by=by, facts=facts)
    return task


def waiting_acts(session: Session, person: Person, act: str | None = None) -> list[UserTask]:
    """What a person has begun and not yet confirmed."""
    rows = select(UserTask).where(
        col(UserTask.municipality_id) == person.municipality_id,
        col(UserTask.process) == Process.ACTS,
        IS_OPEN,
    )
    rows = rows.where(col(UserTask.step) == act) if act is not None else rows
    held = select(col(TaskHolder.task_id)).where(col(TaskHolder.person_id) == person.id)
    rows = rows.where(col(UserTask.id).in_(held)).order_by(col(UserTask.id))
    return list(session.execute(rows).scalars())


def confirm(
    session: Session,
    task: UserTask,
    person: Person,
    now: datetime,
    *,
    via: str,
    signed_in: SignedIn | None = None,
) -> By:
    """Say that it was oneself; what follows is the caller's. Refused as any answer is, and `act_too_late`."""
    demand_holder(session, task, person)
    if is_late(task, now):
        raise Refused("act_too_late")
    demand_identity(law_in_force(session, task.municipality_id, now).policy, task.kind, signed_in)
    by = By(person.id, via, signed_in=signed_in)
    complete(session, task, now, by=by, outcome=Outcome.CONFIRMED)
    facts = {"act": task.step} | facts_of_identity(signed_in)
    detail = detail_of_identity(signed_in)
    record(session, EventKind.ACT_CONFIRMED, now, task=task, by=by, facts=facts, detail=detail)
    return by


def drop(session: Session, task: UserTask, person: Person, now: datetime, *, via: str) -> None:
    """Let it be: nothing is carried out."""
    demand_holder(session, task, person)
    by = By(person.id, via)
    complete(session, task, now, by=by, outcome=Outcome.DECLINE)
    forget_files(session, task)
    record(session, EventKind.ACT_DROPPED, now, task=task, by=by, facts={"act": task.step})


_FILES = ("table", "content")


def forget_files(session: Session, task: UserTask) -> None:
    """What was pasted or uploaded is kept no longer than it waits to be used."""
    values = {key: value for key, value in task.details["values"].items() if key not in _FILES}
    task.details = {**task.details, "values": values}
    session.add(task)


def is_late(task: UserTask, now: datetime) -> bool:
    """Whether what was begun has waited for its confirmation longer than it may."""
    return task.due_at is not None and now >= task.due_at


def lapse(session: Session, task: UserTask, now: datetime) -> None:
    """End what nobody confirmed in time; nothing is carried out, and nothing the second time."""
    if task.state is TaskState.OPEN and is_late(task, now):
        end_task(session, task, TaskState.NO_ANSWER)
        forget_files(session, task)
        record(session, EventKind.ACT_LAPSED, now, task=task, by=ENGINE, facts={"act": task.step})


def lapse_late(session: Session, municipality_id: int, now: datetime) -> int:
    """End everything that nobody has confirmed in time; returns how many."""
    rows = select(UserTask).where(
        col(UserTask.municipality_id) == municipality_id,
        col(UserTask.kind) == TaskKind.CONFIRM_ACT,
        col(UserTask.due_at) <= now,
        IS_OPEN,
    )
    late = list(session.execute(rows).scalars())
    for task in late:
        lapse(session, task, now)
    return len(late)
