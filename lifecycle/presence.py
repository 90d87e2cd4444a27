"""Who is there to look after an account on a day: its people, or whoever stands in for them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, or_, select
from sqlmodel import Session, col

from lifecycle.absences import away, left_by, standing_in
from lifecycle.law import Law
from lifecycle.roles import Holder, common_owner, has_ended, has_left, post_holders, roles_and_people
from models import Account, AccountRole, AccountRoleKind, CaseWatcher, Person
from models.asking import built_once

_FIRST = (AccountRoleKind.ADMINISTRATOR, AccountRoleKind.GUEST)
_COUNTED = (*_FIRST, AccountRoleKind.RESPONSIBLE)
AS_ROW = (
    col(Account.id),
    col(Account.municipality_id),
    col(Account.unit_id),
    col(Account.platform),
    col(Account.account_class),
    col(Account.platform_was_new),
    col(Account.red_reason),
)
"""Of many accounts no more than this is looked at: making Accounts of the rows takes longer than asking."""


def people_present(
    session: Session, law: Law, accounts: Sequence[Account], on: date
) -> dict[int, list[Holder]]:
    """For each account those who administer it and are there, in one question for all of them.

    Administrators and guests, else the responsible, else the role that answers for a common account. Who is
    away gives way to a substitute; an account with nobody has an empty list, and stands red for it.
    """
    if not accounts:
        return {}
    people = _people(session, accounts, on)
    absent = away(session, law.municipality_id, on)
    gone = left_by(session, [one for one in absent.values() if one is not None], on)
    found: dict[int, list[Holder]] = {}
    for account in accounts:
        assert account.id is not None
        own = people.get(account.id) or owners_of(session, law, account, on)
        found[account.id] = _there(own, absent, gone)
    return found


def watchers_present(
    session: Session, law: Law, accounts: Sequence[Account], on: date
) -> dict[int, list[Holder]]:
    """The same, and those who watch a post of their own there for some days."""
    found = people_present(session, law, accounts, on)
    posted: dict[int, list[int]] = {}
    for account_id, person_id in session.execute(*_posted(law.municipality_id, on)):
        if account_id in found:
            posted.setdefault(account_id, []).append(person_id)
    if posted:
        absent = away(session, law.municipality_id, on)
        gone = left_by(session, [one for ids in posted.values() for one in ids], on)
        gone |= left_by(session, [one for one in absent.values() if one is not None], on)
        for account_id, people in posted.items():
            known = {one.person_id for one in found[account_id]}
            there = _there([one for one in people if one not in gone], absent, gone)
            found[account_id] += [one for one in there if one.person_id not in known]
    return found


@built_once
def _posted(of: int, on: date) -> Executable:
    rows = select(col(CaseWatcher.account_id), col(CaseWatcher.person_id)).join(Account)
    return rows.where(col(Account.municipality_id) == of, *_on_watch(on)).order_by(col(CaseWatcher.id))


def _on_watch(on: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(CaseWatcher.from_on) <= on, col(CaseWatcher.until_on) > on


def watched_by(session: Session, person: Person, on: date) -> set[int]:
    """The accounts in which a person watches a post of their own on that day."""
    rows = select(col(CaseWatcher.account_id)).where(col(CaseWatcher.person_id) == person.id, *_on_watch(on))
    return set(session.execute(rows).scalars())


def _people(session: Session, accounts: Sequence[Account], on: date) -> dict[int, list[int]]:
    first: dict[int, list[int]] = {}
    second: dict[int, list[int]] = {}
    for account_id, person_id, kind in _roles(session, accounts, on):
        (first if kind in _FIRST else second).setdefault(account_id, []).append(person_id)
    return second | first


_Row = tuple[int, int, AccountRoleKind]
"""An account, a person, and what the person is in it."""


def _roles(session: Session, accounts: Sequence[Account], on: date) -> Iterable[_Row]:
    """Who has a role that counts on the day: in one question, which for a single account is asked already."""
    if len(accounts) > _MANY:
        return session.execute(*_roles_in(accounts[0].municipality_id, on)).all()
    if len(accounts) != 1:
        return session.execute(*_roles_of([account.id for account in accounts], on)).all()
    return [
        (role.account_id, role.person_id, role.kind)
        for role, person in roles_and_people(session, accounts[0].id)
        if role.kind in _COUNTED
        and role.since_on is not None
        and role.since_on <= on
        and not has_ended(role, on)
        and not has_left(person, on)
    ]


_MANY = 100
"""From so many accounts on, to ask of their whole municipality is faster than to name each of them."""


@built_once
def _roles_in(of: int, on: date) -> Executable:
    own = _counted(on).join(Account, col(Account.id) == col(AccountRole.account_id))
    return own.where(col(Account.municipality_id) == of)


@built_once
def _roles_of(account_ids: Sequence[int], on: date) -> Executable:
    return _counted(on).where(col(AccountRole.account_id).in_(account_ids))


def _counted(on: Any) -> Select[int, int, AccountRoleKind]:
    return (
        select(col(AccountRole.account_id), col(AccountRole.person_id), col(AccountRole.kind))
        .join(Person, col(Person.id) == col(AccountRole.person_id))
        .where(
            col(AccountRole.kind).in_(_COUNTED),
            col(AccountRole.refused_at).is_(None),
            col(AccountRole.since_on) <= on,
            or_(col(AccountRole.until_on).is_(None), col(AccountRole.until_on) > on),
            or_(col(Person.left_on).is_(None), col(Person.left_on) > on),
        )
        .order_by(col(AccountRole.id))
    )


def owners_of(session: Session, law: Law, account: Account, on: date) -> list[int]:
    """Those in the role that answers for a common account, which need not have people of its own."""
    owner = common_owner(law.policy.rules.owner, account, on)
    people = post_holders(session, account.municipality_id, owner, on) if owner else []
    return [person.id for person in people if person.id is not None]


def _there(people: Sequence[int], absent: Mapping[int, int | None], gone: Collection[int]) -> list[Holder]:
    if absent.keys().isdisjoint(people):
        return [Holder(person_id) for person_id in dict.fromkeys(people)]
    holders: dict[int, Holder] = {}
    for person_id in people:
        at = standing_in(person_id, absent)
        if at is not None and at not in gone:
            instead = None if at == person_id else person_id
            why = [{"code": "is_away", "person_id": person_id}] if instead else []
            holders.setdefault(at, Holder(at, instead, why))
    own = {person_id: Holder(person_id) for person_id in holders if person_id in people}
    return list((holders | own).values())
