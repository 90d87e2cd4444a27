"""Taking back what was asked for by mistake: a closure, or a change of who runs the account."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from lifecycle.answers import REASON_LIMIT
from lifecycle.chains import Matter, change, closing
from lifecycle.changes import pending
from lifecycle.closing import is_asked
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import law_in_force
from lifecycle.refusals import Refused
from lifecycle.roles import people_now, post_holders
from lifecycle.states import Act, change_state, demand
from lifecycle.tasks import holder_ids, raise_news, tasks_of, withdraw
from models import (
    Account,
    AccountRole,
    AccountRoleKind,
    AccountState,
    Process,
    TaskKind,
    TaskState,
    UserTask,
)
from policies.keys import Role

_EVERY = list(TaskState)


def withdraw_closing(session: Session, account: Account, reason: str, by: By, now: datetime) -> None:
    """Take back a request to close, whatever has been answered, until the account is closed."""
    demand(account, Act.WITHDRAW_REQUEST)
    if not is_asked(account):
        raise Refused("task_gone")
    since = account.closing_asked_at
    tasks = [
        task
        for process in (Process.CLOSING, Process.CLOSING_ITEMS)
        for task in tasks_of(session, account, process, states=_EVERY, opened_from=since)
    ]
    _demand_may(session, closing(account), tasks, account.closing_asked_by_id, reason, by, now)
    told = {account.closing_asked_by_id, *holder_ids(session, tasks)}
    if account.state is AccountState.CLOSING:
        on = law_in_force(session, account.municipality_id, now).day_of(now)
        told |= {person.id for _, person in people_now(session, account, list(AccountRoleKind), on)}
        change_state(session, account, AccountState.ACTIVE, now, by)
    account.closing_asked_at = None
    _take_back(session, account, tasks, {"process": Process.CLOSING.value}, told, reason, by, now)


def withdraw_change(
    session: Session, account: Account, role: AccountRole, reason: str, by: By, now: datetime
) -> None:
    """Take back a change that was asked for, until it has begun."""
    demand(account, Act.WITHDRAW_REQUEST)
    if role.id not in {one.id for one in pending(session, account)}:
        raise Refused("task_gone")
    matter = change(account, role)
    tasks = tasks_of(session, account, matter.process, states=_EVERY, account_role_id=role.id)
    _demand_may(session, matter, tasks, role.asked_by_id, reason, by, now)
    role.refused_at = now
    session.add(role)
    facts = {"process": matter.process.value, "role": role.id, "person": role.person_id}
    told = {role.asked_by_id, role.person_id, *holder_ids(session, tasks)}
    _take_back(session, account, tasks, facts, told, reason, by, now)


def _demand_may(
    session: Session,
    matter: Matter,
    tasks: Iterable[UserTask],
    asker_id: int | None,
    reason: str,
    by: By,
    now: datetime,
) -> None:
    """The one who asked may; so may communications, with a reason, if they have not decided in the matter."""
    if len(reason) > REASON_LIMIT:
        raise Refused("text_too_long", length=len(reason), limit=REASON_LIMIT)
    if by.person_id == asker_id:
        return
    owner = matter.account.municipality_id
    on = law_in_force(session, owner, now).day_of(now)
    if by.person_id not in {one.id for one in post_holders(session, owner, Role.COMMUNICATIONS, on)}:
        raise Refused("not_yours_to_withdraw")
    if by.person_id in {task.answered_by_id for task in tasks if task.kind is TaskKind.DECIDE}:
        raise Refused("four_eyes")
    if not reason.strip():
        raise Refused("reason_missing")


def _take_back(
    session: Session,
    account: Account,
    tasks: Iterable[UserTask],
    facts: Mapping[str, Any],
    told: Iterable[int | None],
    reason: str,
    by: By,
    now: datetime,
) -> None:
    for task in tasks:
        if task.state is TaskState.OPEN:
            withdraw(session, task, now, by=by)
    session.add(account)
    people = sorted(one for one in told if one is not None and one != by.person_id)
    detail = {"reason": reason.strip()} if reason.strip() else {}
    facts = {**facts, "people": people}
    record(session, EventKind.REQUEST_WITHDRAWN, now, account=account, by=by, facts=facts, detail=detail)
    raise_news(session, account)
