"""What somebody has applied for or decided in, and others have not decided (REQUIREMENTS 4.2).

Meanwhile they change nothing that says who decides it.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlmodel import Session, col

from lifecycle.absences import away
from lifecycle.chains import (
    Matter,
    application,
    bars_of,
    change,
    closing,
    is_decided,
    matter_tasks,
    steps_of,
    unit_of_guest,
)
from lifecycle.changes import pending
from lifecycle.closing import is_asked
from lifecycle.events import EventKind
from lifecycle.law import Law, law_in_force, law_of
from lifecycle.roles import common_owner, could_hold, unit_of
from lifecycle.tasks import holder_ids
from models import Account, AccountRole, AccountState, AuditEvent, Person, TaskKind, TaskState, UserTask

_APPLIED = (AccountState.DECIDING, AccountState.CHANGES_ASKED)
_OPEN = (AccountState.ACTIVE, AccountState.CLOSING)


def bound_in(session: Session, person: Person, now: datetime) -> list[Matter]:
    """Applications, closings, role changes and guests that wait, which the person has begun or decided in."""
    found = (one for account in _accounts(session, person) for one in undecided(session, account, now))
    return [one for one in found if person.id in bars_of(session, one).bound]


def _accounts(session: Session, person: Person) -> Collection[Account]:
    roles = select(col(AccountRole.account_id)).where(
        or_(col(AccountRole.asked_by_id) == person.id, col(AccountRole.person_id) == person.id),
        col(AccountRole.since_on).is_(None),
    )
    answered = select(col(UserTask.account_id)).where(
        col(UserTask.answered_by_id) == person.id, col(UserTask.kind) == TaskKind.DECIDE
    )
    repaired = select(col(AuditEvent.account_id)).where(
        col(AuditEvent.actor_id) == person.id, col(AuditEvent.kind) == EventKind.REPAIRED.value
    )
    own = or_(col(Account.applicant_id) == person.id, col(Account.closing_asked_by_id) == person.id)
    rows = select(Account).where(
        or_(own, *(col(Account.id).in_(ids) for ids in (roles, answered, repaired))),
        col(Account.state).in_([*_APPLIED, *_OPEN]),
    )
    return session.execute(rows.order_by(col(Account.id))).scalars().all()


def undecided(session: Session, account: Account, now: datetime) -> Iterator[Matter]:
    """What waits to be decided about an account; a change that only waits for a receipt is decided."""
    if account.state in _APPLIED:
        yield application(account)
    if account.state is AccountState.ACTIVE and is_asked(account):
        yield closing(account)
    for role in pending(session, account) if account.state in _OPEN else ():
        matter = change(account, role)
        if not is_decided(session, _law(session, matter, now), matter, now):
            yield matter


def _law(session: Session, matter: Matter, now: datetime) -> Law:
    """The law that a matter is decided under."""
    if matter.role is None and matter.since is None:
        return law_of(session, matter.account)
    asked_at = matter.role.asked_at if matter.role is not None else matter.since
    return law_in_force(session, matter.account.municipality_id, asked_at or now)


def decides_own_matter(session: Session, decider: Person, person: Person, now: datetime) -> bool:
    """Whether `decider` holds, or could come to hold, a question of what the person is bound in."""
    return any(could_be_asked(session, one, decider, now) for one in bound_in(session, person, now))


def could_be_asked(session: Session, matter: Matter, person: Person, now: datetime) -> bool:
    """Whether somebody holds a question of a matter, or could come to: by post, as substitute, at the end."""
    law = _law(session, matter, now)
    on, municipality_id = law.day_of(now), matter.account.municipality_id
    tasks = [one for one in matter_tasks(session, matter) if one.state is TaskState.OPEN]
    ids = set(holder_ids(session, tasks))
    roles = {role for step in steps_of(session, law, matter, now) for role in step.roles}
    owner = common_owner(law.policy.rules.owner, matter.account, on)
    start = unit_of_guest(session, matter) or unit_of(session, matter.account, owner, on)
    for role in {*roles, law.policy.settings.last_resort, *([owner] if owner else [])}:
        ids |= could_hold(session, matter.account, role, start, on)
    return person.id in _with_substitutes(session, municipality_id, ids, on)


def _with_substitutes(session: Session, municipality_id: int, ids: set[int], on: date) -> set[int]:
    """Some people, and who stands in for them in row, today or as a rule."""
    absent, found, at = away(session, municipality_id, on), set(ids), list(ids)
    while at:
        person_id = at.pop()
        person = session.get(Person, person_id)
        for one in (absent.get(person_id), person.substitute_id if person else None):
            if one is not None and one not in found:
                found.add(one)
                at.append(one)
    return found
