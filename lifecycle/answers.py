"""Answers to decisions and consultations, and giving the question to somebody else."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from languages.speaking import said
from lifecycle.absences import away
from lifecycle.chains import Matter, application, bars_of, change, closing, steps_of, why_of
from lifecycle.events import ENGINE, By, EventKind
from lifecycle.identifying import (
    SignedIn,
    demand_identity,
    demands_sign_in,
    detail_of_identity,
    facts_of_identity,
)
from lifecycle.journal import record
from lifecycle.ladder import restart
from lifecycle.law import Law
from lifecycle.refusals import SAYS, Refused
from lifecycle.roles import Bars, Holder
from lifecycle.setting_up import ASSIGNMENT_STEP
from lifecycle.states import Act, demand
from lifecycle.tasks import complete, holder_of, holders_of, raise_news, refusal_of_ended, replace_holders
from models import Account, AccountRole, Outcome, Person, Process, TaskHolder, TaskKind, TaskState, UserTask
from policies.rules import Step

REASON_LIMIT = 4000
ALLOWED: dict[TaskKind, tuple[Outcome, ...]] = {
    TaskKind.DECIDE: (Outcome.APPROVE, Outcome.ASK_FOR_CHANGES, Outcome.DECLINE),
    TaskKind.CONSULT: (Outcome.ANSWERED,),
}
NEEDS_REASON = (Outcome.DECLINE, Outcome.ASK_FOR_CHANGES, Outcome.ANSWERED)


def outcomes_for(task: UserTask) -> tuple[Outcome, ...]:
    """The answers a task offers: only a plan can be sent back for changes."""
    offered = ALLOWED.get(task.kind, ())
    if task.process is not Process.OPENING:
        return tuple(one for one in offered if one is not Outcome.ASK_FOR_CHANGES)
    return offered


def matter_of(session: Session, account: Account, task: UserTask) -> Matter:
    """What a task is about."""
    if task.process is Process.CLOSING:
        return closing(account)
    if task.account_role_id is not None:
        return change(account, session.get_one(AccountRole, task.account_role_id))
    return application(account)


def holder_row(session: Session, task: UserTask, person: Person) -> TaskHolder | None:
    """The row that lets a person answer a task."""
    return holder_of(session, task.id, person.id)


def demand_may_answer(
    session: Session, law: Law, account: Account, task: UserTask, person: Person, now: datetime
) -> TaskHolder:
    """The one check before any answer, by whatever path: the task's holder, and never against four-eyes."""
    if task.state is not TaskState.OPEN:
        raise refusal_of_ended(session, task)
    holder = holder_row(session, task, person)
    if holder is None:
        raise Refused("not_holder")
    barred = bars_of_task(session, law, account, task, now).against(person, law.day_of(now))
    if barred:
        raise Refused(barred if barred in SAYS else "not_holder")
    return holder


def bars_of_task(session: Session, law: Law, account: Account, task: UserTask, now: datetime) -> Bars:
    """Who may not answer a task, of whatever kind. Nobody gives an assignment to themselves."""
    if task.kind in (TaskKind.DECIDE, TaskKind.CONSULT):
        matter = matter_of(session, account, task)
        return bars_of(session, matter, step_of_task(session, law, account, task, now))
    if task.step == ASSIGNMENT_STEP and task.account_role_id is not None:
        return Bars(initiators=frozenset({session.get_one(AccountRole, task.account_role_id).person_id}))
    return Bars()


def wants_sign_in(session: Session, law: Law, account: Account, task: UserTask, now: datetime) -> bool:
    """Whether the one who answers has to sign in."""
    return demands_sign_in(law.policy, task.kind, _step_asked(session, law, account, task, now))


def demand_identity_for(
    session: Session, law: Law, account: Account, task: UserTask, now: datetime, signed_in: SignedIn | None
) -> None:
    """Whoever answers a question, or chooses who answers it, has to sign in where the policy wants it."""
    step = _step_asked(session, law, account, task, now)
    demand_identity(law.policy, task.kind, signed_in, step)


def _step_asked(session: Session, law: Law, account: Account, task: UserTask, now: datetime) -> Step | None:
    return step_of_task(session, law, account, task, now) if task.kind in ALLOWED else None


def step_of_task(session: Session, law: Law, account: Account, task: UserTask, now: datetime) -> Step | None:
    """The step of a chain that a question is; None when the step is gone."""
    steps = steps_of(session, law, matter_of(session, account, task), now)
    return next((one for one in steps if one.step == task.step), None)


def answer(
    session: Session,
    law: Law,
    account: Account,
    task: UserTask,
    person: Person,
    outcome: Outcome,
    reason: str,
    now: datetime,
    *,
    via: str,
    seen_plan_version: int | None = None,
    signed_in: SignedIn | None = None,
) -> None:
    """Record an answer. `seen_plan_version` is the plan the person was shown; a newer one refuses it.

    `signed_in` is how the person showed who they are; without it, by a mailed link.
    """
    demand(account, Act.ANSWER)
    holder = demand_may_answer(session, law, account, task, person, now)
    demand_identity_for(session, law, account, task, now, signed_in)
    if outcome not in outcomes_for(task):
        raise Refused("outcome_unknown")
    if seen_plan_version is not None and seen_plan_version != account.plan_version:
        raise Refused("plan_changed")
    if outcome in NEEDS_REASON and not reason.strip():
        raise Refused("reason_missing")
    if len(reason) > REASON_LIMIT:
        raise Refused("text_too_long", length=len(reason), limit=REASON_LIMIT)
    by = By(person.id, via, holder.instead_of_id, signed_in)
    complete(session, task, now, by=by, outcome=outcome, reason=reason.strip())
    decides = task.kind is TaskKind.DECIDE
    kind = EventKind.DECISION_GIVEN if decides else EventKind.CONSULTATION_GIVEN
    facts = {"step": task.step, "outcome": outcome.value, "plan_version": task.plan_version}
    facts |= facts_of_identity(signed_in)
    detail = {"reason": reason.strip()} | detail_of_identity(signed_in)
    record(session, kind, now, account=account, task=task, by=by, facts=facts, detail=detail)
    raise_news(session, account)


def hand_over(
    session: Session,
    law: Law,
    account: Account,
    task: UserTask,
    person: Person,
    to: Person,
    reason: str,
    now: datetime,
    *,
    via: str,
    signed_in: SignedIn | None = None,
) -> None:
    """Give a question to a substitute, or to the one whose it is ("not mine"). The old links die.

    Raises Refused when the receiver may not answer it either. Whoever may answer only after signing in
    signs in before this too: else a link alone would choose who decides.
    """
    demand(account, Act.HAND_OVER)
    if task.state is not TaskState.OPEN:
        raise refusal_of_ended(session, task)
    if holder_row(session, task, person) is None:
        raise Refused("not_holder")
    if bars_of_task(session, law, account, task, now).against(person, law.day_of(now)):
        raise Refused("four_eyes")
    demand_identity_for(session, law, account, task, now, signed_in)
    give_to(session, law, account, task, person, to, reason, By(person.id, via, signed_in=signed_in), now)


def give_to(
    session: Session,
    law: Law,
    account: Account,
    task: UserTask,
    giver: Person,
    to: Person,
    reason: str,
    by: By,
    now: datetime,
) -> None:
    """Move an open task to another person, who must be allowed to answer it and gets the whole ladder.

    `giver` is the one it is taken from, `by` the one who moves it.
    """
    if to.id == giver.id:
        raise Refused("same_person")
    if is_personal(task):
        raise Refused("only_yours")
    bars = bars_of_task(session, law, account, task, now)
    absent = away(session, law.municipality_id, law.day_of(now))
    barred = replace(bars, absent=absent).against(to, law.day_of(now))
    if barred:
        raise Refused("substitute_not_allowed", name=to.name, why=said(WHY_BARRED[barred]))
    before = [holder.person_id for holder in holders_of(session, task.id) if holder.person_id != to.id]
    why = {"code": "handed_over", "person_id": by.person_id, "reason": reason.strip()[:500]}
    assert to.id is not None
    replace_holders(session, task, [Holder(to.id, giver.id, [why])])
    restart(session, law, task, now)
    facts = {"step": task.step, "from": before, "to": to.id, "by": by.person_id}
    facts["why"] = why_of(session, task)
    if by.via != ENGINE.via:
        facts |= facts_of_identity(by.signed_in)
    if task.process in (Process.DUTIES, Process.CASE):
        task.told_at, facts["told"] = None, False  # The next morning letter tells it.
    record(
        session,
        EventKind.HANDED_OVER,
        now,
        account=account,
        task=task,
        by=by,
        facts=facts,
        detail={"reason": reason.strip()[:500]} | detail_of_identity(by.signed_in),
    )
    raise_news(session, account)


def is_personal(task: UserTask) -> bool:
    """What somebody confirms for their own part, the plan that somebody applied with, and a day's watch."""
    own = task.account_role_id is not None and task.kind is TaskKind.CONFIRM_ITEM
    return task.kind in _PERSONAL or (own and task.step != ASSIGNMENT_STEP)


_PERSONAL = (TaskKind.ACKNOWLEDGE, TaskKind.REVISE_PLAN, TaskKind.WATCH)
"""The watch is asked of everybody who looks after the account: it is nobody's to take from the others."""


WHY_BARRED = {
    "is_applicant": "personen har själv sökt.",
    "decided_another_step": "personen har redan avgjort ett annat steg.",
    "has_left": "personen har slutat.",
    "is_away": "personen är borta just nu.",
}
