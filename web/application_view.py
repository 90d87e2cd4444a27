"""What the applicant sees: what was written, which steps are done and which are to come."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from languages.speaking import said, swedish
from lifecycle import chains
from lifecycle.chains import application, matter_tasks
from lifecycle.conditions import facts_of
from lifecycle.law import Law
from lifecycle.plans import answer_words, attachments_of, fields_for
from lifecycle.tasks import holders_of, tasks_of
from models import (
    Account,
    AccountState,
    Attachment,
    Outcome,
    Person,
    Plan,
    Process,
    TaskKind,
    TaskState,
    Unit,
    UserTask,
)
from policies.naming import role_name
from policies.rules import FieldKind, PlanField, Step
from web.citing import Clause, cited
from web.plan_form import people_at
from web.untold import Untold, told_state, untold


@dataclass(frozen=True)
class PlanLine:
    """One answer of a plan."""

    label: str
    text: str
    people: Sequence[Person] = ()
    files: Sequence[Attachment] = ()
    clauses: Sequence[Clause] = ()
    was: str | None = None
    """What the version before said, where that was something else."""


def plan_lines(session: Session, law: Law, account: Account, version: int) -> list[PlanLine]:
    """A plan whole, with what has changed since the version before."""
    plans = {plan.version: plan for plan in _plans(session, account)}
    now, before = plans.get(version), plans.get(version - 1)
    if now is None:
        return []
    asked = fields_for(law, facts_of(account), law.day_of(now.sent_at or now.saved_at))
    return [
        _line(session, law, account, one, now.answers, before.answers if before else None) for one in asked
    ]


def _plans(session: Session, account: Account) -> Sequence[Plan]:
    return session.execute(select(Plan).where(col(Plan.account_id) == account.id)).scalars().all()


def _line(
    session: Session,
    law: Law,
    account: Account,
    asked: PlanField,
    answers: Mapping[str, Any],
    before: Mapping[str, Any] | None,
) -> PlanLine:
    text = answer_words(asked, account, answers)
    was = answer_words(asked, account, before) if before is not None else text
    is_file, is_persons = asked.kind is FieldKind.FILE, asked.kind is FieldKind.PERSONS
    return PlanLine(
        asked.label,
        text,
        people_at(session, law.municipality_id, answers.get(asked.field) or []) if is_persons else (),
        attachments_of(session, account, asked.field) if is_file else (),
        cited(law, [asked]),
        was if was != text else None,
    )


@dataclass(frozen=True)
class StepLine:
    """One step of the way to an open account."""

    label: str
    standing: str
    """done, now, coming or stopped."""
    what: str = ""
    """An outcome's code, or what is waited for."""
    who: Sequence[str] = ()
    at: datetime | None = None
    reason: str = ""


def steps_of(session: Session, law: Law, account: Account, now: datetime) -> list[StepLine]:
    """The whole way, with dates and names where something has happened."""
    plan, held = _sent_line(session, account), untold(session, account, account.applicant_id, now)
    is_over = told_state(account, held) in _OVER
    steps = chains.steps_of(session, law, application(account), now)
    decided = [line for step in steps for line in _step_lines(session, law, account, step, held, is_over)]
    return [plan, *decided, _setting_up_line(session, account, is_over), _open_line(account, is_over)]


def _sent_line(session: Session, account: Account) -> StepLine:
    if not account.plan_version:
        return StepLine(said("Planen"), "stopped")
    sent = [plan for plan in _plans(session, account) if plan.version == account.plan_version]
    applicant = session.get(Person, account.applicant_id or 0)
    who = [applicant.name] if applicant else []
    if account.state is AccountState.CHANGES_ASKED:
        return StepLine(said("Planen"), "now", "changes", who)
    return StepLine(said("Planen"), "done", "sent", who, sent[0].sent_at if sent else None)


_OVER = (AccountState.DECLINED, AccountState.WITHDRAWN, AccountState.LAPSED)


def _step_lines(
    session: Session, law: Law, account: Account, step: Step, held: Untold, is_over: bool
) -> Iterator[StepLine]:
    tasks = matter_tasks(session, application(account), step.step)
    if not tasks:
        roles = [role_name(law.policy, role, "definite") for role in step.roles]
        yield StepLine(swedish(step.label), "stopped" if is_over else "coming", step.act.value, roles)
    for task in tasks:
        told_at = held.get(task.id or 0)
        yield (
            StepLine(swedish(task.label), "now", "untold", (), told_at)
            if told_at
            else _task_line(session, task)
        )


def _task_line(session: Session, task: UserTask) -> StepLine:
    if task.state is TaskState.OPEN:
        names = [session.get_one(Person, one.person_id).name for one in holders_of(session, task.id)]
        return StepLine(swedish(task.label), "now", task.kind.value, names, task.opened_at)
    if task.state is TaskState.NO_ANSWER:
        return StepLine(swedish(task.label), "done", "no_answer", (), task.due_at)
    by = session.get(Person, task.answered_by_id or 0)
    told = task.kind is TaskKind.INFORM
    names = [session.get_one(Person, one.person_id).name for one in holders_of(session, task.id)]
    what = task.outcome.value if task.outcome else ""
    who = names if told else [by.name] if by else []
    return StepLine(swedish(task.label), "done", what, who, task.answered_at, task.reason)


def _setting_up_line(session: Session, account: Account, is_over: bool) -> StepLine:
    tasks = tasks_of(session, account, Process.SETTING_UP)
    done = sum(task.state is TaskState.DONE for task in tasks)
    if account.state is AccountState.SETTING_UP:
        return StepLine(
            said("Kontot ställs i ordning"),
            "now",
            "items",
            (said("%(done)s av %(all)s", done=done, all=len(tasks)),),
        )
    if account.opened_on is not None:
        return StepLine(
            said("Kontot ställs i ordning"),
            "done",
            "items",
            (said("%(done)s av %(all)s", done=done, all=len(tasks)),),
        )
    return StepLine(said("Kontot ställs i ordning"), "stopped" if is_over else "coming")


def _open_line(account: Account, is_over: bool) -> StepLine:
    if account.opened_on is None:
        return StepLine(said("Kontot får användas"), "stopped" if is_over else "coming")
    return StepLine(said("Kontot får användas"), "done", f"since:{account.opened_on.isoformat()}")


@dataclass(frozen=True)
class Wanted:
    """Changes that somebody has asked for."""

    by: Person | None
    reason: str
    at: datetime | None


def change_wanted(session: Session, account: Account) -> Wanted | None:
    """What the last one who sent the plan back wanted; None when nobody is waiting for changes."""
    if account.state is not AccountState.CHANGES_ASKED:
        return None
    tasks = matter_tasks(session, application(account))
    asked = [task for task in tasks if task.outcome is Outcome.ASK_FOR_CHANGES]
    if not asked:
        return None
    by = session.get(Person, asked[-1].answered_by_id or 0)
    return Wanted(by, asked[-1].reason, asked[-1].answered_at)


def unit_name(session: Session, account: Account) -> str:
    """The account's unit."""
    unit = session.get(Unit, account.unit_id) if account.unit_id else None
    return unit.name if unit else said("Gemensamt för kommunen")
