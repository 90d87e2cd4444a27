"""A question as the one who answers it needs it: who asks for what, on which clause, and what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from lifecycle.answers import demand_may_answer, holder_row, matter_of, outcomes_for
from lifecycle.chains import Matter, matter_tasks, steps_of
from lifecycle.conditions import facts_of
from lifecycle.law import Law
from lifecycle.refusals import Refused
from lifecycle.regret import is_overtaken, regret_ends_at
from lifecycle.roles import units_upwards
from lifecycle.tasks import holders_of
from models import (
    Account,
    AccountRole,
    Person,
    Process,
    TaskKind,
    TaskState,
    UserTask,
)
from policies.keys import Role
from policies.naming import listed, role_name
from policies.rules import Place, Step, StepAct
from web.application_view import PlanLine, plan_lines, unit_name
from web.citing import Advice, Clause, advice_here, grounds

MY_LAST = 5
"""How many of one's earlier answers are shown."""


@dataclass(frozen=True)
class Given:
    """An answer that was given, or not given, to another question of the same matter."""

    label: str
    outcome: str
    by: str
    on_behalf_of: str
    at: datetime | None
    reason: str
    account: Account | None = None
    task_id: int | None = None


@dataclass(frozen=True)
class Reason:
    """One turn that the question took before it came to this person."""

    code: str
    name: str = ""
    unit: str = ""
    role: str = ""
    text: str = ""


@dataclass(frozen=True)
class Question:
    """Everything that the page shows."""

    task: UserTask
    account: Account
    unit: str
    asker: Person | None
    role: AccountRole | None
    """The change of administrators that it is about."""
    person: Person | None
    replaces: Person | None
    outcomes: Sequence[str]
    clauses: Sequence[Clause]
    reasons: Sequence[Reason]
    asked_as: str
    leads: str
    """The unit that the visitor is asked as manager of."""
    others: Sequence[str]
    lines: Sequence[PlanLine]
    earlier: Sequence[Given]
    next_steps: Sequence[str]
    is_decided: bool
    """Whether somebody decides after this."""
    is_assignment: bool
    advice: Sequence[Advice]
    mine_before: Sequence[Given]
    barred: str
    regret_minutes: int


def question_of(
    session: Session, law: Law, account: Account, task: UserTask, person: Person, now: datetime
) -> Question:
    """The question as this person meets it."""
    matter = matter_of(session, account, task)
    steps = steps_of(session, law, matter, now)
    step = next((one for one in steps if one.step == task.step), None)
    role, concerned, replaces = _change(session, matter)
    place = Place.CLOSING if task.process is Process.CLOSING else Place.DECISION
    opening = task.process is Process.OPENING
    return Question(
        task=task,
        account=account,
        unit=unit_name(session, account),
        asker=_asker(session, account, matter),
        role=role,
        person=concerned,
        replaces=replaces,
        outcomes=[one.value for one in outcomes_for(task)],
        clauses=grounds(law, task),
        reasons=_reasons(session, law, task, person),
        asked_as=role_name(law.policy, Role(task.role), "definite"),
        leads=_leads(session, account, person) if Role(task.role) in _LEADING else "",
        others=_others(session, task, person),
        lines=plan_lines(session, law, account, account.plan_version) if opening else (),
        earlier=_earlier(session, matter, task),
        next_steps=_next_steps(law, steps, step),
        is_decided=any(one.act is StepAct.DECIDE for one in _after(steps, step)),
        is_assignment=step is not None and step.assigns,
        advice=advice_here(law, place, facts_of(account), now),
        mine_before=answers_of(session, person, task),
        barred=_barred(session, law, account, task, person, now),
        regret_minutes=law.policy.settings.regret_minutes,
    )


_LEADING = (Role.LINE_MANAGER, Role.HEAD_OF_OPERATION, Role.HEAD_OF_DEPARTMENT)


def _change(session: Session, matter: Matter) -> tuple[AccountRole | None, Person | None, Person | None]:
    role = matter.role
    if role is None:
        return None, None, None
    ended = session.get(AccountRole, role.ends_role_id) if role.ends_role_id else None
    replaces = session.get(Person, ended.person_id) if ended else None
    return role, session.get(Person, role.person_id), replaces


def _asker(session: Session, account: Account, matter: Matter) -> Person | None:
    asked_by = account.applicant_id
    if matter.process is Process.CLOSING:
        asked_by = account.closing_asked_by_id
    if matter.role is not None:
        asked_by = matter.role.asked_by_id
    return session.get(Person, asked_by) if asked_by is not None else None


def _leads(session: Session, account: Account, person: Person) -> str:
    units = units_upwards(session, account.unit_id)
    return next((unit.name for unit in units if unit.line_manager_id == person.id), "")


def _others(session: Session, task: UserTask, person: Person) -> list[str]:
    ids = [one.person_id for one in holders_of(session, task.id) if one.person_id != person.id]
    return [session.get_one(Person, one).name for one in ids]


def _reasons(session: Session, law: Law, task: UserTask, person: Person) -> list[Reason]:
    holder = holder_row(session, task, person)
    return [_reason(session, law, one) for one in holder.why] if holder else []


def _reason(session: Session, law: Law, why: Mapping[str, Any]) -> Reason:
    person = session.get(Person, why["person_id"]) if "person_id" in why else None
    role = role_name(law.policy, Role(why["role"]), "definite") if "role" in why else ""
    name = person.name if person else ""
    return Reason(why["code"], name, why.get("unit", ""), role, why.get("reason", ""))


def _earlier(session: Session, matter: Matter, task: UserTask) -> list[Given]:
    """What others have answered, and who was asked without answering."""
    ended = (TaskState.DONE, TaskState.NO_ANSWER)
    kinds = (TaskKind.DECIDE, TaskKind.CONSULT)
    tasks = [one for one in matter_tasks(session, matter) if one.state in ended and one.kind in kinds]
    return [_given(session, one) for one in tasks if one.id != task.id]


def _given(session: Session, task: UserTask, account: Account | None = None) -> Given:
    by = session.get(Person, task.answered_by_id) if task.answered_by_id else None
    behalf = session.get(Person, task.on_behalf_of_id) if task.on_behalf_of_id else None
    return Given(
        label=task.label,
        outcome=task.outcome.value if task.outcome else "no_answer",
        by=by.name if by else "",
        on_behalf_of=behalf.name if behalf else "",
        at=task.answered_at or task.due_at,
        reason=task.reason,
        account=account,
        task_id=task.id,
    )


def _next_steps(law: Law, steps: Sequence[Step], step: Step | None) -> list[str]:
    """Who is asked after this one, in order, by what the municipality calls them."""
    asked = [one for one in _after(steps, step) if one.act is not StepAct.INFORM]
    return [listed([role_name(law.policy, role, "definite") for role in one.roles]) for one in asked]


def _after(steps: Sequence[Step], step: Step | None) -> Sequence[Step]:
    return steps[steps.index(step) + 1 :] if step is not None else []


def answers_of(session: Session, person: Person, besides: UserTask | None = None) -> list[Given]:
    """What a person answered last, newest first."""
    rows = (
        select(UserTask, Account)
        .join(Account, col(Account.id) == col(UserTask.account_id))
        .where(
            col(UserTask.answered_by_id) == person.id,
            col(UserTask.kind).in_([TaskKind.DECIDE, TaskKind.CONSULT]),
            col(UserTask.state) == TaskState.DONE,
            col(UserTask.id) != (besides.id if besides else 0),
        )
        .order_by(col(UserTask.answered_at).desc())
        .limit(MY_LAST)
    )
    return [_given(session, task, account) for task, account in session.execute(rows)]


def _barred(
    session: Session, law: Law, account: Account, task: UserTask, person: Person, now: datetime
) -> str:
    """Why this person may not answer though they were asked; empty when they may."""
    if task.state is not TaskState.OPEN:
        return ""
    try:
        demand_may_answer(session, law, account, task, person, now)
    except Refused as refused:
        return refused.says()
    return ""


def may_take_back_until(
    session: Session, law: Law, account: Account, task: UserTask, person: Person, now: datetime
) -> datetime | None:
    """Until when this person may take the answer back; None when they may not."""
    until = regret_ends_at(law, task)
    mine = task.state is TaskState.DONE and task.answered_by_id == person.id
    if not mine or task.kind not in (TaskKind.DECIDE, TaskKind.CONSULT) or until is None or now >= until:
        return None
    return None if is_overtaken(session, account, task) else until
