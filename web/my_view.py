"""What "Mina uppgifter" shows: what is asked of one, one's accounts and applications, what one answered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fastapi import Request
from sqlalchemy import or_, select
from sqlmodel import Session, col

from languages.speaking import said
from lifecycle.ladder import BY_CLOCK
from lifecycle.law import law_in_force, law_of_task
from lifecycle.presence import watched_by
from lifecycle.roles import post_holders
from models import (
    IS_OPEN,
    LIVING,
    Account,
    AccountRole,
    AccountState,
    Person,
    Process,
    TaskHolder,
    Unit,
    UserTask,
)
from policies.keys import Role
from web.checklist_view import ITEM_KINDS
from web.question_view import Given, answers_of, may_take_back_until
from web.subjects import my_visit
from web.turning import not_found
from web.untold import told_state, untold
from web.visits import Visit

FOUND_LIMIT = 200
"""How many accounts communications sees at once; a search narrows them."""


@dataclass(frozen=True)
class TaskLine:
    """One thing to do, or several lines of one list."""

    account: Account
    kind: str
    """decide, consult, revise_plan or items."""
    task: UserTask
    count: int = 1


@dataclass(frozen=True)
class AccountLine:
    """One account, and what the visitor is to it."""

    account: Account
    unit: str
    roles: Sequence[str] = ()


@dataclass(frozen=True)
class Answered:
    """An answer of the visitor's own, and until when it can be taken back."""

    given: Given
    until: datetime | None


def todo(session: Session, person: Person) -> list[TaskLine]:
    """Everything that is asked of a person, what has waited longest first."""
    rows = (
        select(UserTask, Account)
        .join(TaskHolder, col(TaskHolder.task_id) == col(UserTask.id))
        .join(Account, col(Account.id) == col(UserTask.account_id))
        .where(
            col(TaskHolder.person_id) == person.id,
            IS_OPEN,
            col(UserTask.process).not_in([*BY_CLOCK, Process.ACTS]),
        )
        .order_by(col(UserTask.opened_at), col(UserTask.id))
    )
    lines: dict[tuple[str, int | None], TaskLine] = {}
    for task, account in session.execute(rows):
        kind = "items" if task.kind in ITEM_KINDS else task.kind.value
        key = (kind, account.id if kind == "items" else task.id)
        first = lines.get(key, TaskLine(account, kind, task, 0))
        lines[key] = replace(first, count=first.count + 1)
    return list(lines.values())


def my_accounts(session: Session, person: Person, visit: Visit) -> list[AccountLine]:
    """Accounts in which a person has a role or leads the unit, that have come to life or are about to.

    Of an open account a role that was only asked for is none yet.
    """
    on = law_in_force(session, visit.municipality.id or 0, visit.now).day_of(visit.now)
    opening = select(col(Account.id)).where(col(Account.state) == AccountState.SETTING_UP)
    rows = select(AccountRole).where(
        col(AccountRole.person_id) == person.id,
        col(AccountRole.refused_at).is_(None),
        or_(col(AccountRole.since_on).is_not(None), col(AccountRole.account_id).in_(opening)),
        or_(col(AccountRole.until_on).is_(None), col(AccountRole.until_on) > on),
    )
    roles: dict[int, list[str]] = {}
    for role in session.execute(rows).scalars():
        roles.setdefault(role.account_id, []).append(role.kind.value)
    led = select(col(Unit.id)).where(col(Unit.line_manager_id) == person.id)
    found = select(Account).where(
        or_(col(Account.id).in_(roles), col(Account.unit_id).in_(led)),
        col(Account.state).in_([AccountState.SETTING_UP, AccountState.ACTIVE, AccountState.CLOSING]),
    )
    accounts = session.execute(found.order_by(col(Account.name), col(Account.id))).scalars()
    return [account_line(session, one, roles.get(one.id or 0, ["line_manager"])) for one in accounts]


def open_accounts(session: Session, visit: Visit) -> list[Account]:
    """The accounts about which a visitor may say that something has happened, by name."""
    lines = my_accounts(session, visit.someone, visit)
    if is_communications(session, visit):
        lines = all_accounts(session, visit, "")
    on = law_in_force(session, visit.municipality.id or 0, visit.now).day_of(visit.now)
    watched = watched_by(session, visit.someone, on) - {one.account.id for one in lines}
    alive = (AccountState.ACTIVE, AccountState.CLOSING)
    accounts = [one.account for one in lines] + [session.get_one(Account, one) for one in watched]
    found = [one for one in accounts if one.state in alive]
    return sorted(found, key=lambda one: (one.name, one.id or 0))


def account_line(session: Session, account: Account, roles: Sequence[str] = ()) -> AccountLine:
    """One account in a list."""
    unit = session.get(Unit, account.unit_id) if account.unit_id else None
    return AccountLine(account, unit.name if unit else said("Gemensamt för kommunen"), roles)


def my_applications(session: Session, person: Person, now: datetime) -> list[tuple[Account, AccountState]]:
    """What a person has applied for and that has not become an open account, newest first, and its state."""
    rows = select(Account).where(
        col(Account.applicant_id) == person.id,
        col(Account.state).not_in([AccountState.ACTIVE, AccountState.CLOSING, AccountState.CLOSED]),
    )
    found = session.execute(rows.order_by(col(Account.id).desc()).limit(20)).scalars()
    return [(one, told_state(one, untold(session, one, person.id, now))) for one in found]


def my_answers(session: Session, visit: Visit) -> list[Answered]:
    """What one answered last."""
    answered = []
    for given in answers_of(session, visit.someone):
        task = session.get_one(UserTask, given.task_id)
        account = session.get_one(Account, task.account_id)
        law = law_of_task(session, account, task, visit.now)
        until = may_take_back_until(session, law, account, task, visit.someone, visit.now)
        answered.append(Answered(given, until))
    return answered


def is_communications(session: Session, visit: Visit) -> bool:
    """Whether the visitor belongs to the communications unit."""
    municipality_id = visit.municipality.id or 0
    on = law_in_force(session, municipality_id, visit.now).day_of(visit.now)
    members = post_holders(session, municipality_id, Role.COMMUNICATIONS, on)
    return any(one.id == visit.someone.id for one in members)


def member_visit(session: Session, request: Request) -> Visit:
    """A visit to one's own page by somebody in the communications unit; to others there is no such page."""
    visit = my_visit(session, request)
    if not is_communications(session, visit):
        raise not_found()
    return visit


def leads_somebody(session: Session, person: Person) -> bool:
    """Whether a person leads a unit."""
    rows = select(col(Unit.id)).where(col(Unit.line_manager_id) == person.id)
    return session.execute(rows.limit(1)).first() is not None


def red_accounts(session: Session, visit: Visit) -> Sequence[Account]:
    """What stands still until communications puts it right, what has stood longest in its state first."""
    rows = select(Account).where(
        col(Account.municipality_id) == visit.municipality.id, col(Account.red_reason) != ""
    )
    return (
        session.execute(rows.order_by(col(Account.state_since), col(Account.id)).limit(FOUND_LIMIT))
        .scalars()
        .all()
    )


def all_accounts(session: Session, visit: Visit, wanted: str) -> list[AccountLine]:
    """The municipality's accounts and applications for communications, those that stand red first."""
    rows = select(Account).where(
        col(Account.municipality_id) == visit.municipality.id,
        col(Account.state).in_([*LIVING, AccountState.CLOSED, AccountState.DECLINED, AccountState.LAPSED]),
    )
    if wanted:
        rows = rows.where(col(Account.name).icontains(wanted, autoescape=True))
    order = (col(Account.red_reason) == "", col(Account.name), col(Account.id))
    return [
        account_line(session, one)
        for one in session.execute(rows.order_by(*order).limit(FOUND_LIMIT)).scalars()
    ]
