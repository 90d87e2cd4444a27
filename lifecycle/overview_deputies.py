"""The overview of accounts without a valid deputy: nobody is there, now or soon, or one person is alone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, col

from lifecycle.absences import absences_from, away, standing_in
from lifecycle.held_accounts import held_accounts
from lifecycle.law import Law
from lifecycle.overview_accounts import Found, unit_names
from lifecycle.presence import owners_of, people_present
from lifecycle.roles import Holder
from models import Account, AccountRole, AccountRoleKind, Person

AHEAD_DAYS = 14
"""How far ahead it is seen that an account will have nobody."""
_COUNTED = (AccountRoleKind.RESPONSIBLE, AccountRoleKind.ADMINISTRATOR, AccountRoleKind.SUBSTITUTE)
"""Who can take over. A guest comes for some days and goes."""


@dataclass(frozen=True)
class Undeputised:
    """An account that has nobody, soon will have nobody, or hangs on a single person."""

    account: Account
    unit: str
    nobody_from_on: date | None
    """From when on nobody is there; None where it hangs on one person."""
    person: str
    """That one person; empty where only a guest is there."""


def without_deputy(session: Session, law: Law, now: datetime) -> Found[Undeputised]:
    """Accounts without a valid deputy: nobody there now or soon, or one person without a substitute there."""
    on = law.day_of(now)
    accounts = held_accounts(session, law, on)
    nobody, alone = _nobody_from(session, law, accounts, on), _alone(session, law, accounts, on)
    units = unit_names(session, law.municipality_id)
    rows = [
        Undeputised(one, units.get(one.unit_id or 0, ""), nobody.get(one.id or 0), alone.get(one.id or 0, ""))
        for one in accounts
        if one.id in nobody or one.id in alone
    ]
    rows.sort(
        key=lambda it: (it.nobody_from_on is None, it.nobody_from_on, it.account.name, it.account.id or 0)
    )
    return Found(rows, len(rows))


# ---------------------------------------------------------------- nobody


def _nobody_from(session: Session, law: Law, accounts: Sequence[Account], on: date) -> dict[int, date]:
    """The first day on which each account has nobody: today, or one within two weeks."""
    present = people_present(session, law, accounts, on)
    found = {account_id: on for account_id, people in present.items() if not people}
    ahead = _Ahead(session, law.municipality_id, on)
    left = [one for one in accounts if one.id not in found and ahead.may_empty(one, present[one.id or 0])]
    for day in ahead.days:
        left = [one for one in left if one.id not in found]
        for start in range(0, len(left), _AT_ONCE):
            there = people_present(session, law, left[start : start + _AT_ONCE], day)
            found |= {account_id: day for account_id, people in there.items() if not people}
    return found


_AT_ONCE = 100
"""So few accounts are asked about by their numbers, not the whole municipality for each day."""


class _Ahead:
    """Who goes in the next two weeks, by being away or by leaving, and where a role begins or ends."""

    def __init__(self, session: Session, of: int, on: date) -> None:
        first, last = on + timedelta(days=1), on + timedelta(days=AHEAD_DAYS)
        leaves = select(col(Person.id), col(Person.left_on)).where(col(Person.municipality_id) == of)
        absent = [(one.person_id, one.from_on) for one in absences_from(session, of, on)]
        gone = session.execute(leaves.where(col(Person.left_on).between(first, last))).all()
        going = [(who, day) for who, day in [*absent, *gone] if day and first <= day <= last]
        roles = session.execute(_roles_changed(of, first, last)).all()
        self.going = {who for who, _ in going}
        self.changed = {account_id for account_id, _ in roles}
        self.days = sorted({day for _, day in going} | {day for _, day in roles if day and day <= last})

    def may_empty(self, account: Account, present: Sequence[Holder]) -> bool:
        """Whether nobody of those there today is sure to stay: of who stands in, nobody can tell."""
        stays = any(one.instead_of_id is None and one.person_id not in self.going for one in present)
        return account.id in self.changed or not stays


def _roles_changed(of: int, first: date, last: date) -> Any:
    """Accounts in which a role begins or ends, with its last day."""
    days = (col(AccountRole.since_on).between(first, last), col(AccountRole.until_on).between(first, last))
    return (
        select(col(AccountRole.account_id), col(AccountRole.until_on))
        .join(Account, col(Account.id) == col(AccountRole.account_id))
        .where(col(Account.municipality_id) == of, or_(*days))
    )


# ---------------------------------------------------------------- one person


def _alone(session: Session, law: Law, accounts: Sequence[Account], on: date) -> dict[int, str]:
    """Accounts that fewer than two look after, and nobody there is the substitute; with that one's name."""
    here, absent = _people_here(session, law.municipality_id, on), away(session, law.municipality_id, on)
    counted = _counted(session, law.municipality_id, on)
    found: dict[int, str] = {}
    for one in accounts:
        people = counted.get(one.id or 0) or owners_of(session, law, one, on)
        there = _there(people, absent, here)
        if len(there) < 2 and not any(_has_deputy(here[it], absent, here) for it in there):
            found[one.id or 0] = "".join(here[it].name for it in there)
    return found


def _people_here(session: Session, of: int, on: date) -> dict[int, Any]:
    """Everybody who works here on a day, away or not: their name and substitute."""
    rows = select(col(Person.id), col(Person.name), col(Person.substitute_id)).where(
        col(Person.municipality_id) == of, or_(col(Person.left_on).is_(None), col(Person.left_on) > on)
    )
    return {row.id: row for row in session.execute(rows)}


def _counted(session: Session, of: int, on: date) -> dict[int, list[int]]:
    """The people of each account who can take over, away or not."""
    rows = (
        select(col(AccountRole.account_id), col(AccountRole.person_id))
        .join(Account, col(Account.id) == col(AccountRole.account_id))
        .where(
            col(Account.municipality_id) == of,
            col(AccountRole.kind).in_(_COUNTED),
            col(AccountRole.refused_at).is_(None),
            col(AccountRole.since_on) <= on,
            or_(col(AccountRole.until_on).is_(None), col(AccountRole.until_on) > on),
        )
    )
    found: dict[int, list[int]] = {}
    for account_id, person_id in session.execute(rows):
        found.setdefault(account_id, []).append(person_id)
    return found


def _there(people: Sequence[int], absent: Mapping[int, int | None], here: Collection[int]) -> set[int]:
    """Who is there of some people: they themselves, or whoever stands in."""
    instead = {standing_in(one, absent) for one in people if one in here}
    return {one for one in instead if one is not None and one in here}


def _has_deputy(person: Any, absent: Mapping[int, int | None], here: Collection[int]) -> bool:
    """Whether somebody else would be there if this person fell ill today."""
    if person.substitute_id is None:
        return False
    return bool(_there([person.substitute_id], absent, here) - {person.id})
