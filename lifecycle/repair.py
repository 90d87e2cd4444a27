"""What communications may put right, with a reason and with four-eyes; the log calls it what it is."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from languages.speaking import said
from lifecycle.absences import away
from lifecycle.addresses import demand_free
from lifecycle.answers import REASON_LIMIT, WHY_BARRED, demand_identity_for, give_to, matter_of
from lifecycle.chains import CHAIN_KINDS, application, ask_holders, bars_of, matter_tasks, steps_of
from lifecycle.events import By, EventKind
from lifecycle.identifying import SignedIn, demand_identity, detail_of_identity, facts_of_identity
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.red import clear_red
from lifecycle.refusals import Refused
from lifecycle.regret import demand_undoable, is_overtaken, undo_answer
from lifecycle.roles import Holder, post_holders
from lifecycle.states import FINAL, Act, change_state, demand
from lifecycle.tasks import (
    complete,
    holders_of,
    open_task,
    open_tasks,
    raise_news,
    refusal_of_ended,
    tasks_of,
    withdraw_open,
)
from models import Account, AccountState, Outcome, Person, Process, TaskKind, TaskState, UserTask
from policies.keys import Role
from policies.rules import Step, StepAct


@dataclass(frozen=True)
class Repairer:
    """Who puts something right, why, by which way, and how it was seen who they are."""

    person: Person
    reason: str
    via: str
    signed_in: SignedIn | None = None

    @property
    def by(self) -> By:
        """The same as the log names it."""
        return By(self.person.id, self.via, signed_in=self.signed_in)


def demand_communications(
    session: Session, law: Law, account: Account, person: Person, now: datetime
) -> None:
    """Only communications repairs, and never somebody who applied or decided in the matter."""
    members = post_holders(session, account.municipality_id, Role.COMMUNICATIONS, law.day_of(now))
    if all(member.id != person.id for member in members):
        raise Refused("only_communications")
    demand_uninvolved(session, account, person)


def demand_uninvolved(session: Session, account: Account, person: Person) -> None:
    """Four-eyes: who applied for an account or decided about it changes and ends nothing alone."""
    if person.id == account.applicant_id or person.id in _deciders(session, account):
        raise Refused("four_eyes")


def _deciders(session: Session, account: Account) -> set[int | None]:
    rows = select(col(UserTask.answered_by_id)).where(
        col(UserTask.account_id) == account.id, col(UserTask.kind) == TaskKind.DECIDE
    )
    return set(session.execute(rows).scalars())


def reopen_step(
    session: Session,
    law: Law,
    account: Account,
    step: str,
    who: Repairer,
    now: datetime,
) -> None:
    """Ask an answered step again; what followed from its answer is undone."""
    _demand_repair(session, law, account, who, now)
    answered = (TaskKind.DECIDE, TaskKind.CONSULT)
    asked = matter_tasks(session, application(account), step)
    tasks = [t for t in asked if t.state is TaskState.DONE and t.kind in answered]
    if not tasks or account.state not in (
        AccountState.DECIDING,
        AccountState.SETTING_UP,
        AccountState.DECLINED,
    ):
        raise Refused("nothing_to_repair")
    demand_identity_for(session, law, account, tasks[-1], now, who.signed_in)
    demand_undoable(session, account)
    _record(session, account, "reopen", who, now, task=tasks[-1], step=step)
    undo_answer(session, account, tasks[-1], who.by, now)


def reopen_answer(
    session: Session,
    law: Law,
    account: Account,
    task: UserTask,
    who: Repairer,
    now: datetime,
) -> None:
    """Ask an answered question about a change or a closing again, unless somebody has gone on from it."""
    _demand_repair(session, law, account, who, now)
    if who.person.id in matter_of(session, account, task).initiators:
        raise Refused("four_eyes")
    answered = task.state is TaskState.DONE and task.kind in (TaskKind.DECIDE, TaskKind.CONSULT)
    if task.account_id != account.id or not answered or is_overtaken(session, account, task):
        raise Refused("nothing_to_repair")
    demand_identity_for(session, law, account, task, now, who.signed_in)
    _record(session, account, "reopen", who, now, task=task, step=task.step)
    undo_answer(session, account, task, who.by, now)


def skip_step(
    session: Session,
    law: Law,
    account: Account,
    step: str,
    who: Repairer,
    now: datetime,
) -> None:
    """Pass a step that is open, or that nobody may answer, without its answer."""
    _demand_repair(session, law, account, who, now)
    rule = next((s for s in steps_of(session, law, application(account), now) if s.step == step), None)
    tasks = [
        t
        for t in open_tasks(session, account)
        if t.step == step and t.process is Process.OPENING and t.kind in CHAIN_KINDS
    ]
    if rule is not None and not tasks and account.red_reason == f"no_holder:{step}":
        tasks = [_unasked(session, law, account, rule, who.person, now)]
    if rule is None or not tasks:
        raise _nothing_open(session, account, step)
    _demand_identity(law, rule, who.signed_in)
    if rule.act is StepAct.DECIDE and not others_decide(session, law, account, step, now):
        raise Refused("last_decision")
    for task in tasks:
        complete(session, task, now, by=who.by, outcome=Outcome.SKIPPED, reason=who.reason.strip())
    ids = [task.id for task in tasks]
    _record(session, account, "skip", who, now, task=tasks[0], step=step, tasks=ids)
    raise_news(session, account)


def _nothing_open(session: Session, account: Account, step: str) -> Refused:
    """Whose answer came first, if somebody has answered the step meanwhile."""
    rows = select(UserTask).where(
        col(UserTask.account_id) == account.id,
        col(UserTask.step) == step,
        col(UserTask.process) == Process.OPENING,
        col(UserTask.state) == TaskState.DONE,
    )
    newest = rows.order_by(col(UserTask.id).desc()).limit(1)
    answered: UserTask | None = session.execute(newest).scalars().first()
    return refusal_of_ended(session, answered) if answered else Refused("nothing_to_repair")


def others_decide(session: Session, law: Law, account: Account, step: str, now: datetime) -> bool:
    """Whether a decision would be left in the chain without the step."""
    matter = application(account)
    passed = {task.step for task in matter_tasks(session, matter) if task.outcome is Outcome.SKIPPED}
    steps = steps_of(session, law, matter, now)
    return any(one.act is StepAct.DECIDE and one.step not in passed | {step} for one in steps)


def _unasked(
    session: Session, law: Law, account: Account, rule: Step, person: Person, now: datetime
) -> UserTask:
    """A step that could be asked of nobody, as a task, so that its passing over stands in the records."""
    assert person.id is not None
    return open_task(
        session,
        law,
        account,
        now,
        process=Process.OPENING,
        kind=TaskKind(rule.act.value),
        step=rule.step,
        label=rule.label,
        rule=rule,
        role=rule.roles[0],
        holders=[Holder(person.id)],
    )


def ask_somebody(
    session: Session,
    law: Law,
    account: Account,
    step: str,
    to: Person,
    who: Repairer,
    now: datetime,
) -> None:
    """Put a step that nobody could be asked for to somebody who may answer it."""
    _demand_repair(session, law, account, who, now)
    matter = application(account)
    rule = next((one for one in steps_of(session, law, matter, now) if one.step == step), None)
    if rule is None or account.red_reason != f"no_holder:{step}" or matter_tasks(session, matter, step):
        raise Refused("nothing_to_repair")
    _demand_identity(law, rule, who.signed_in)
    if to.id is None or to.id == who.person.id:
        raise Refused("same_person")
    absent = away(session, law.municipality_id, law.day_of(now))
    barred = replace(bars_of(session, matter, rule), absent=absent).against(to, law.day_of(now))
    if barred:
        raise Refused("substitute_not_allowed", name=to.name, why=said(WHY_BARRED[barred]))
    why = {"code": "handed_over", "person_id": who.person.id, "reason": who.reason.strip()[:500]}
    task = ask_holders(session, law, matter, rule, rule.roles[0], [Holder(to.id, None, [why])], now)
    _record(session, account, "move", who, now, task=task, step=step)
    raise_news(session, account)


def move_task(
    session: Session,
    law: Law,
    account: Account,
    task: UserTask,
    to: Person,
    who: Repairer,
    now: datetime,
) -> None:
    """Give an open task to somebody else, for example when its holder is away."""
    _demand_repair(session, law, account, who, now)
    if task.account_id != account.id or task.state is not TaskState.OPEN:
        raise Refused("nothing_to_repair")
    if who.person.id in matter_of(session, account, task).initiators:
        raise Refused("four_eyes")
    demand_identity_for(session, law, account, task, now, who.signed_in)
    if to.id == who.person.id:
        raise Refused("same_person")
    before = holders_of(session, task.id)
    giver = session.get_one(Person, before[0].person_id) if before else who.person
    _record(session, account, "move", who, now, task=task, step=task.step)
    give_to(session, law, account, task, giver, to, who.reason, who.by, now)


def end_application(
    session: Session,
    law: Law,
    account: Account,
    who: Repairer,
    now: datetime,
) -> None:
    """End an application that cannot go on."""
    _demand_repair(session, law, account, who, now)
    if account.state in FINAL or account.state in (AccountState.ACTIVE, AccountState.CLOSING):
        raise Refused("nothing_to_repair")
    demand_identity(law.policy, TaskKind.DECIDE, who.signed_in)
    withdraw_open(session, account, now, by=who.by)
    clear_red(session, account, now)
    change_state(session, account, AccountState.WITHDRAWN, now, who.by)
    facts = facts_of_identity(who.signed_in)
    detail = {"reason": who.reason.strip()} | detail_of_identity(who.signed_in)
    record(session, EventKind.APPLICATION_ENDED, now, account=account, by=who.by, facts=facts, detail=detail)
    raise_news(session, account)


def resume_lapsed(
    session: Session,
    law: Law,
    account: Account,
    who: Repairer,
    now: datetime,
) -> None:
    """Let an approval that lapsed count again, with the whole time to set the account up before it."""
    _demand_repair(session, law, account, who, now)
    if account.state is not AccountState.LAPSED:
        raise Refused("nothing_to_repair")
    demand_identity(law.policy, TaskKind.DECIDE, who.signed_in)
    demand_free(session, account, account.address)
    last = tasks_of(session, account, Process.OPENING)
    account.approved_at = now
    change_state(session, account, AccountState.SETTING_UP, now, who.by)
    task = last[-1] if last else None
    _record(session, account, "resume", who, now, task=task, step="")
    raise_news(session, account)


def _demand_repair(session: Session, law: Law, account: Account, who: Repairer, now: datetime) -> None:
    demand(account, Act.REPAIR)
    demand_communications(session, law, account, who.person, now)
    if not who.reason.strip():
        raise Refused("reason_missing")
    if len(who.reason) > REASON_LIMIT:
        raise Refused("text_too_long", length=len(who.reason), limit=REASON_LIMIT)


def _demand_identity(law: Law, rule: Step, signed_in: SignedIn | None) -> None:
    """Who passes a step, or chooses who answers it, shows who they are as its answer would have to."""
    demand_identity(law.policy, TaskKind(rule.act.value), signed_in, rule)


def _record(
    session: Session,
    account: Account,
    what: str,
    who: Repairer,
    now: datetime,
    *,
    task: UserTask | None,
    step: str,
    **more: Any,
) -> None:
    facts = {"what": what, "step": step} | more | facts_of_identity(who.signed_in)
    record(
        session,
        EventKind.REPAIRED,
        now,
        account=account,
        task=task,
        by=who.by,
        facts=facts,
        detail={"reason": who.reason.strip()} | detail_of_identity(who.signed_in),
    )
