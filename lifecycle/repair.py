"""What communications may put right, with a reason and with four-eyes; the log calls it what it is."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from lifecycle.answers import give_to
from lifecycle.chains import application, matter_tasks, steps_for
from lifecycle.conditions import facts_of
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.red import clear_red
from lifecycle.refusals import Refused
from lifecycle.regret import undo_answer
from lifecycle.roles import post_holders
from lifecycle.states import FINAL, Act, change_state, demand
from lifecycle.tasks import complete, holders_of, open_tasks, raise_news, withdraw_open
from models import Account, AccountState, Outcome, Person, Process, TaskKind, TaskState, UserTask
from policies.keys import Role


def demand_communications(
    session: Session, law: Law, account: Account, person: Person, now: datetime
) -> None:
    """Only communications repairs, and never somebody who applied or decided in the matter."""
    members = post_holders(session, account.municipality_id, Role.COMMUNICATIONS, law.day_of(now))
    if all(member.id != person.id for member in members):
        raise Refused("only_communications")
    if person.id == account.applicant_id or person.id in _deciders(session, account):
        raise Refused("four_eyes")


def _deciders(session: Session, account: Account) -> set[int | None]:
    rows = select(col(UserTask.answered_by_id)).where(
        col(UserTask.account_id) == account.id, col(UserTask.kind) == TaskKind.DECIDE
    )
    return set(session.execute(rows).scalars())


def reopen_step(
    session: Session, law: Law, account: Account, step: str, person: Person, reason: str, now: datetime
) -> None:
    """Ask an answered step again; what followed from its answer is undone."""
    _begin(session, law, account, person, reason, now)
    tasks = [t for t in matter_tasks(session, application(account), step) if t.state is TaskState.DONE]
    if not tasks or account.state not in (
        AccountState.DECIDING,
        AccountState.SETTING_UP,
        AccountState.DECLINED,
    ):
        raise Refused("nothing_to_repair")
    _record(session, account, "reopen", person, reason, now, task=tasks[-1], step=step)
    undo_answer(session, account, tasks[-1], By(person.id, "portal"), now)


def skip_step(
    session: Session, law: Law, account: Account, step: str, person: Person, reason: str, now: datetime
) -> None:
    """Pass an open step without its answer."""
    _begin(session, law, account, person, reason, now)
    tasks = [t for t in open_tasks(session, account) if t.step == step and t.process is Process.OPENING]
    if not tasks or not any(s.step == step for s in steps_for(law, Process.OPENING, facts_of(account), now)):
        raise Refused("nothing_to_repair")
    for task in tasks:
        complete(
            session, task, now, by=By(person.id, "portal"), outcome=Outcome.SKIPPED, reason=reason.strip()
        )
    _record(session, account, "skip", person, reason, now, task=tasks[0], step=step)
    clear_red(session, account, now)
    raise_news(session, account)


def move_task(
    session: Session,
    law: Law,
    account: Account,
    task: UserTask,
    to: Person,
    person: Person,
    reason: str,
    now: datetime,
) -> None:
    """Give an open task to somebody else, for example when its holder is away."""
    _begin(session, law, account, person, reason, now)
    if task.account_id != account.id or task.state is not TaskState.OPEN:
        raise Refused("nothing_to_repair")
    before = holders_of(session, task.id)
    giver = session.get_one(Person, before[0].person_id) if before else person
    _record(session, account, "move", person, reason, now, task=task, step=task.step)
    give_to(session, law, account, task, giver, to, reason, By(person.id, "portal"), now)
    clear_red(session, account, now)


def end_application(
    session: Session, law: Law, account: Account, person: Person, reason: str, now: datetime
) -> None:
    """End an application that cannot go on."""
    _begin(session, law, account, person, reason, now)
    if account.state in FINAL or account.state in (AccountState.ACTIVE, AccountState.CLOSING):
        raise Refused("nothing_to_repair")
    by = By(person.id, "portal")
    withdraw_open(session, account, now, by=by)
    clear_red(session, account, now)
    change_state(session, account, AccountState.WITHDRAWN, now, by)
    detail = {"reason": reason.strip()}
    record(session, EventKind.APPLICATION_ENDED, now, account=account, by=by, detail=detail)
    raise_news(session, account)


def _begin(session: Session, law: Law, account: Account, person: Person, reason: str, now: datetime) -> None:
    demand(account, Act.REPAIR)
    demand_communications(session, law, account, person, now)
    if not reason.strip():
        raise Refused("reason_missing")


def _record(
    session: Session,
    account: Account,
    what: str,
    person: Person,
    reason: str,
    now: datetime,
    *,
    task: UserTask,
    step: str,
) -> None:
    facts = {"what": what, "step": step}
    by = By(person.id, "portal")
    record(
        session,
        EventKind.REPAIRED,
        now,
        account=account,
        task=task,
        by=by,
        facts=facts,
        detail={"reason": reason.strip()},
    )
