"""Carrying a matter through its chain of steps: open the next one, wait, or say how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Executable, select
from sqlmodel import Session, col

from lifecycle.conditions import Facts, applying, facts_of
from lifecycle.events import EventKind
from lifecycle.journal import record
from lifecycle.ladder import first_reminder_at
from lifecycle.law import Law
from lifecycle.plans import sent_plan
from lifecycle.roles import Bars, Holder, common_owner, find_holders, has_left
from lifecycle.tasks import LIVE, end_task, holder_ids, holders_of, open_task, tasks_of, withdraw
from models import (
    Account,
    AccountRole,
    AuditEvent,
    Outcome,
    Person,
    Process,
    TaskKind,
    TaskState,
    UserTask,
)
from models.asking import asked_once, built_once
from policies.keys import Role
from policies.naming import role_name
from policies.rules import Step, StepAct


class Standing(StrEnum):
    """Where a matter stands in its chain."""

    WAITING = "waiting"
    STUCK = "stuck"
    APPROVED = "approved"
    DECLINED = "declined"
    CHANGES_ASKED = "changes_asked"


@dataclass(frozen=True)
class Matter:
    """What a chain is about: an application, a change of administrators, a closure."""

    account: Account
    process: Process
    initiators: frozenset[int]
    role: AccountRole | None = None
    since: datetime | None = None
    """Tasks opened before this belong to an earlier matter of the same kind."""


@dataclass(frozen=True)
class Place:
    """How far a matter has come."""

    standing: Standing
    waits_for: str = ""
    task: UserTask | None = None
    step: Step | None = None


def application(account: Account) -> Matter:
    """The application of an account."""
    return Matter(account, Process.OPENING, _known(account.applicant_id))


def change(account: Account, role: AccountRole) -> Matter:
    """A change of administrators that has been asked for."""
    process = Process.GUEST if role.kind.value == "guest" else Process.ADMINISTRATOR_CHANGE
    return Matter(account, process, _known(role.asked_by_id, role.person_id), role=role)


def closing(account: Account) -> Matter:
    """A closure that has been asked for."""
    return Matter(
        account, Process.CLOSING, _known(account.closing_asked_by_id), since=account.closing_asked_at
    )


def _known(*person_ids: int | None) -> frozenset[int]:
    return frozenset(one for one in person_ids if one is not None)


def steps_for(law: Law, process: Process, facts: Facts, now: datetime) -> list[Step]:
    """The steps that a matter of this kind takes for such an account, in order."""
    rules = law.policy.rules
    chains: dict[Process, Sequence[Step]] = {
        Process.OPENING: rules.opening,
        Process.ADMINISTRATOR_CHANGE: rules.administrator_change,
        Process.GUEST: rules.guest.chain if rules.guest else [],
        Process.CLOSING: rules.closing,
    }
    return applying(chains[process], facts, law.day_of(now))


def steps_of(session: Session, law: Law, matter: Matter, now: datetime) -> list[Step]:
    """A matter's own steps: dated as on the day it was asked, so that none comes or goes under way."""
    return steps_for(law, matter.process, facts_of(matter.account), _asked_at(session, matter) or now)


def _asked_at(session: Session, matter: Matter) -> datetime | None:
    if matter.role is not None:
        return matter.role.asked_at
    plan = sent_plan(session, matter.account) if matter.since is None else None
    return plan.sent_at if plan else matter.since


def matter_tasks(session: Session, matter: Matter, step: str | None = None) -> list[UserTask]:
    """The living tasks of a matter: of this plan, this change, this closure."""
    return tasks_of(
        session,
        matter.account,
        matter.process,
        states=LIVE,
        step=step,
        account_role_id=matter.role.id if matter.role else None,
        plan_version=matter.account.plan_version if matter.process is Process.OPENING else None,
        opened_from=matter.since,
    )


def bars_of(session: Session, matter: Matter, step: Step | None = None) -> Bars:
    """Who may not answer a step: the one four-eyes rule, for finding holders and for every answer.

    Who has repaired the matter, by reopening, moving or passing over a step, has decided it.
    """
    if step is not None and step.act is StepAct.INFORM:
        return Bars()
    repairers = _repairers(session, matter)
    approvers = _approvers(session, matter, step)
    if step is not None and not step.someone_else:
        return Bars(initiators=matter.initiators, deciders=repairers, involved=approvers)
    return Bars(initiators=matter.initiators, deciders=repairers | approvers)


def _approvers(session: Session, matter: Matter, step: Step | None) -> frozenset[int]:
    """Who has approved another step than this one."""
    return frozenset(
        task.answered_by_id
        for task in matter_tasks(session, matter)
        if task.kind is TaskKind.DECIDE
        and task.outcome is Outcome.APPROVE
        and task.answered_by_id is not None
        and (step is None or task.step != step.step)
    )


def _repairers(session: Session, matter: Matter) -> frozenset[int]:
    began_at = matter.role.asked_at if matter.role is not None else matter.since
    repaired = _acted(session, matter.account.id, EventKind.REPAIRED.value, began_at or _EVER)
    return _known(*repaired)


_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@asked_once(AuditEvent, values=True)
def _acted(session: Session, account_id: int | None, kind: str, since: datetime) -> Sequence[int | None]:
    return session.execute(*_actors(account_id, kind, since)).scalars().all()


@built_once
def _actors(account: int, kind: str, since: datetime) -> Executable:
    """Who has done something of a kind with an account."""
    return select(col(AuditEvent.actor_id)).where(
        col(AuditEvent.account_id) == account, col(AuditEvent.kind) == kind, col(AuditEvent.at) >= since
    )


CHAIN_KINDS = (TaskKind.DECIDE, TaskKind.CONSULT, TaskKind.INFORM)
"""Tasks of steps. Lists and changes of the plan may bear the same names."""


def follow_chain(session: Session, law: Law, matter: Matter, steps: Sequence[Step], now: datetime) -> Place:
    """Take a matter as far as its answers carry it, opening what comes next."""
    for step in steps:
        asked = [task for task in matter_tasks(session, matter, step.step) if task.kind in CHAIN_KINDS]
        asked = [task for task in asked if not is_deserted(session, law, task, now)]
        tasks = asked or open_step(session, law, matter, step, now)
        if not tasks and step.act is StepAct.INFORM:
            continue
        if not tasks:
            return Place(
                Standing.STUCK, f"Står still: ingen kan svara för {_name(law, step.roles[0])}", step=step
            )
        place = step_outcome(session, law, step, tasks, now)
        if place.standing is not Standing.APPROVED:
            return replace(place, step=step)
    return Place(Standing.APPROVED)


def is_decided(session: Session, law: Law, matter: Matter, now: datetime) -> bool:
    """Whether a matter waits for nobody's answer any more; opens nothing."""
    steps = [step for step in steps_of(session, law, matter, now) if step.act is not StepAct.INFORM]
    return all(_is_answered(step, matter_tasks(session, matter, step.step)) for step in steps)


def _is_answered(step: Step, tasks: Sequence[UserTask]) -> bool:
    asked = [task for task in tasks if task.kind in CHAIN_KINDS]
    waiting = [task for task in asked if task.state is TaskState.OPEN]
    return bool(asked) and (not waiting or (step.answered_by == "any" and len(waiting) < len(asked)))


def is_deserted(session: Session, law: Law, task: UserTask, now: datetime) -> bool:
    """Whether everybody who was asked has left; then the question is taken back, to be put to others."""
    if task.state is not TaskState.OPEN:
        return False
    people = [session.get_one(Person, holder.person_id) for holder in holders_of(session, task.id)]
    if not all(has_left(person, law.day_of(now)) for person in people):
        return False
    withdraw(session, task, now)
    return True


def step_outcome(session: Session, law: Law, step: Step, tasks: Sequence[UserTask], now: datetime) -> Place:
    """What the answers to one step amount to; a consultation and a notice bind nobody."""
    for task in tasks:
        end_unanswered(session, task, now)
    open_ones = [task for task in tasks if task.state is TaskState.OPEN]
    if step.act is StepAct.DECIDE:
        for outcome, standing in _STOPPING.items():
            stopped = [task for task in tasks if task.outcome is outcome]
            if stopped:
                _end_rest(session, open_ones, now)
                return Place(standing, task=stopped[-1])
    answered = len(open_ones) < len(tasks)
    if open_ones and not (step.answered_by == "any" and answered):
        return Place(Standing.WAITING, waiting_words(law, step, open_ones), open_ones[0])
    _end_rest(session, open_ones, now)
    return Place(Standing.APPROVED, task=tasks[-1])


_STOPPING = {Outcome.DECLINE: Standing.DECLINED, Outcome.ASK_FOR_CHANGES: Standing.CHANGES_ASKED}


def _end_rest(session: Session, tasks: Sequence[UserTask], now: datetime) -> None:
    for task in tasks:
        withdraw(session, task, now)


def end_unanswered(session: Session, task: UserTask, now: datetime) -> None:
    """A consultation that nobody answered ends in its time, and the papers say so."""
    if task.state is not TaskState.OPEN or task.kind is not TaskKind.CONSULT or task.due_at is None:
        return
    if task.due_at <= now:
        end_task(session, task, TaskState.NO_ANSWER)
        record(session, EventKind.CONSULTATION_UNANSWERED, now, task=task, facts={"step": task.step})


def open_step(session: Session, law: Law, matter: Matter, step: Step, now: datetime) -> list[UserTask]:
    """Put the step's question to its people; nothing is opened when nobody may answer."""
    bars = bars_of(session, matter, step)
    found: list[list[Holder]] = []
    for role in step.roles:
        others = _besides(bars, found) if step.answered_by == "all" and step.someone_else else bars
        found.append(holders_for(session, law, matter, role, others, now))
    enough = any(found) if step.answered_by == "any" else all(found)
    if not enough:
        return []
    if step.answered_by == "any":
        each = {holder.person_id: holder for holders in found for holder in holders}
        return [ask_holders(session, law, matter, step, step.roles[0], list(each.values()), now)]
    return [
        ask_holders(session, law, matter, step, role, [holder], now)
        for role, holders in zip(step.roles, found, strict=True)
        for holder in holders
    ]


def _besides(bars: Bars, found: Sequence[Sequence[Holder]]) -> Bars:
    """Nobody answers for two of the roles that must all answer."""
    asked = {holder.person_id for holders in found for holder in holders}
    return replace(bars, deciders=bars.deciders | asked)


def holders_for(
    session: Session, law: Law, matter: Matter, role: Role, bars: Bars, now: datetime
) -> list[Holder]:
    """Who answers for a role in a matter."""
    on = law.day_of(now)
    return find_holders(
        session,
        matter.account,
        role,
        bars=bars,
        last_resort=law.policy.settings.last_resort,
        on=on,
        owner=common_owner(law.policy.rules.owner, matter.account, on),
        from_unit=unit_of_guest(session, matter),
    )


def unit_of_guest(session: Session, matter: Matter) -> int | None:
    """A guest's manager is the guest's own, wherever the account belongs."""
    if matter.process is not Process.GUEST or matter.role is None:
        return None
    return session.get_one(Person, matter.role.person_id).unit_id


_KINDS = {
    StepAct.DECIDE: (TaskKind.DECIDE, EventKind.DECISION_ASKED),
    StepAct.CONSULT: (TaskKind.CONSULT, EventKind.CONSULTATION_ASKED),
    StepAct.INFORM: (TaskKind.INFORM, EventKind.INFORMED),
}


def ask_holders(
    session: Session, law: Law, matter: Matter, step: Step, role: Role, holders: list[Holder], now: datetime
) -> UserTask:
    """Open a task of the step for some people, and tell them."""
    kind, event = _KINDS[step.act]
    settings = law.policy.settings
    consults = kind is TaskKind.CONSULT
    task = open_task(
        session,
        law,
        matter.account,
        now,
        process=matter.process,
        kind=kind,
        step=step.step,
        label=step.label,
        rule=step,
        role=role,
        holders=holders,
        account_role_id=matter.role.id if matter.role else None,
        due_at=law.calendar.end_of_working_day(now, settings.consultation_days) if consults else None,
        next_reminder_at=None if kind is TaskKind.INFORM else first_reminder_at(law, now),
    )
    facts: dict[str, Any] = {"step": step.step, "role": role.value, "holders": holder_ids(session, [task])}
    if why := why_of(session, task):
        facts["why"] = why
    if kind is TaskKind.INFORM:
        task.state, task.outcome, task.answered_at = TaskState.DONE, Outcome.TOLD, now
        session.flush()
    record(session, event, now, account=matter.account, task=task, facts=facts)
    return task


def why_of(session: Session, task: UserTask) -> list[dict[str, Any]]:
    """By what turns a task came to its holders, for the audit log: codes and ids."""
    return [
        {
            "person": holder.person_id,
            "because": [{k: v for k, v in one.items() if k != "reason"} for one in holder.why],
        }
        for holder in holders_of(session, task.id)
        if holder.why
    ]


def waiting_words(law: Law, step: Step, open_ones: Sequence[UserTask]) -> str:
    """What the run list says while a step waits, e.g. "Väntar på chefens beslut"."""
    either = step.answered_by == "any"
    roles = step.roles if either else [Role(task.role) for task in open_ones]
    names = [_name(law, role) for role in dict.fromkeys(roles)]
    joined = " eller " if either else " och "
    if step.act is StepAct.CONSULT:
        return f"Väntar på samråd med {joined.join(names)}"
    if any(" " in name for name in names):
        return f"Väntar på beslut av {joined.join(names)}"
    return f"Väntar på {joined.join(genitive(name) for name in names)} beslut"


def genitive(name: str) -> str:
    """Swedish genitive of a role's name."""
    return name if name.endswith(("s", "x", "z")) else f"{name}s"


def _name(law: Law, role: Role) -> str:
    return role_name(law.policy, role, "definite")
