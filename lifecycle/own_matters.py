"""What somebody has begun and others have not decided (REQUIREMENTS 4.2).

Meanwhile they change nothing that says who decides it.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import or_, select
from sqlmodel import Session, col

from lifecycle.chains import Matter, application, change, closing, is_decided
from lifecycle.closing import is_asked
from lifecycle.law import law_in_force
from models import Account, AccountRole, AccountState, Person

_APPLIED = (AccountState.DECIDING, AccountState.CHANGES_ASKED)
_OPEN = (AccountState.ACTIVE, AccountState.CLOSING)


def begun_by(session: Session, person: Person, now: datetime) -> list[Matter]:
    """Applications, closings, role changes and guests that wait, with the person among their initiators."""
    matters = (*_of_accounts(session, person), *_of_roles(session, person, now))
    return [one for one in matters if person.id in one.initiators]


def _of_accounts(session: Session, person: Person) -> Iterator[Matter]:
    rows = select(Account).where(
        or_(col(Account.applicant_id) == person.id, col(Account.closing_asked_by_id) == person.id),
        col(Account.state).in_([*_APPLIED, AccountState.ACTIVE]),
    )
    for account in session.execute(rows).scalars():
        if account.state in _APPLIED:
            yield application(account)
        elif is_asked(account):
            yield closing(account)


def _of_roles(session: Session, person: Person, now: datetime) -> Iterator[Matter]:
    """Changes that were asked for in an open account; one that only waits for a receipt is decided."""
    rows = (
        select(Account, AccountRole)
        .join(Account, col(Account.id) == col(AccountRole.account_id))
        .where(
            or_(col(AccountRole.asked_by_id) == person.id, col(AccountRole.person_id) == person.id),
            col(AccountRole.since_on).is_(None),
            col(AccountRole.refused_at).is_(None),
            col(Account.state).in_(_OPEN),
        )
    )
    for account, role in session.execute(rows):
        law = law_in_force(session, account.municipality_id, role.asked_at)
        matter = change(account, role)
        if not is_decided(session, law, matter, now):
            yield matter
