"""The accounts that the rules bind on a day: the one question that nearly every round begins with."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Executable, or_, select
from sqlmodel import Session, col

from lifecycle.exempting import exempted
from lifecycle.law import Law
from models import Account, AccountState
from models.asking import asked_once, built_once


def held_accounts(session: Session, law: Law, on: date, *, duty: str | None = None) -> list[Account]:
    """Active accounts, save those that were taken over and have their first day before them.

    With a kind of `duty`, those are left out that have been let off it.
    """
    off = exempted(session, law.municipality_id, duty, on) if duty else ()
    return [one for one in _active(session, law.municipality_id, on) if one.id not in off]


def is_held(account: Account, on: date) -> bool:
    """Whether the rules bind one account on a day."""
    begun = account.duties_from_on is None or account.duties_from_on <= on
    return account.state is AccountState.ACTIVE and begun


@asked_once(Account)
def _active(session: Session, municipality_id: int, on: date) -> Sequence[Account]:
    return session.execute(*_of_municipality(municipality_id, on)).scalars().all()


@built_once
def _of_municipality(municipality_id: int, on: date) -> Executable:
    return (
        select(Account)
        .where(
            col(Account.municipality_id) == municipality_id,
            col(Account.state) == AccountState.ACTIVE,
            or_(col(Account.duties_from_on).is_(None), col(Account.duties_from_on) <= on),
        )
        .order_by(col(Account.id))
    )
