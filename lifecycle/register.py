"""What the public register says about accounts: facts the policy makes public, and nothing else."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, col

from lifecycle.conditions import Facts, applying, in_force
from lifecycle.law import Law
from lifecycle.takeovers import under_investigation
from models import (
    Account,
    AccountRole,
    AccountRoleKind,
    AccountSource,
    AccountState,
    FormerAddress,
    Person,
    Unit,
)
from policies.duties import OtherLinks
from policies.keys import Platform
from policies.naming import PLATFORM_NAMES

LISTED = (AccountState.ACTIVE, AccountState.CLOSING, AccountState.CLOSED)
"""An account stands in the register from its first day; a closed one with its last."""
COMMON = "Gemensamt för kommunen"
"""What stands for the unit of an account that belongs to none, kept in Swedish."""


@dataclass(frozen=True)
class Former:
    """An address that was the account's."""

    address: str
    until: date
    """Its last day."""


@dataclass(frozen=True)
class Entry:
    """One account as the public sees it. What the policy does not make public is None."""

    account_id: int
    name: str
    platform: Platform
    is_open: bool
    address: str | None = None
    unit: str | None = None
    role: str | None = None
    """The title of whoever is responsible."""
    person: str | None = None
    purpose: str | None = None
    target_group: str | None = None
    since: date | None = None
    until: date | None = None
    former: tuple[Former, ...] = ()
    known_as: str = ""
    """The platform's own id of it, where its address is public: some of its addresses hold that instead."""
    is_investigated: bool = False
    """Whether it is being looked into if somebody else has it: then nobody is told that it is ours."""

    def facts(self) -> dict[str, str]:
        """What is public, by the policy's own names of it: as it is searched and handed out, in Swedish."""
        named = {name: getattr(self, name) for name in FIELDS}
        shown = {name: value for name, value in named.items() if value is not None}
        dates = {name: day.isoformat() for name in ("since", "until") if (day := getattr(self, name))}
        return {"name": self.name, "platform": PLATFORM_NAMES[self.platform], **shown, **dates}


FIELDS = ("address", "unit", "role", "person", "purpose", "target_group")
"""What a policy may make public, each by its own word."""


def read_entries(
    session: Session, law: Law, on: date, account_ids: Collection[int] | None = None
) -> list[Entry]:
    """The entries of the municipality's accounts, or of some of them, in a few queries however many."""
    around = _Around(session, law, on, account_ids)
    found = (entry_of(row, around) for row in session.execute(_accounts(law, account_ids)))
    return [entry for entry in found if entry is not None]


def changed_by_days(session: Session, law: Law, before: date, on: date) -> set[int] | None:
    """The accounts whose entries differ between two days though nothing has happened; None when all may.

    Rules begin and end with days, and those who are responsible end with theirs; nothing else does.
    """
    if any(in_force(rule, before) != in_force(rule, on) for rule in law.policy.rules.public_register):
        return None
    first, last = sorted((before, on))
    rows = (
        select(col(AccountRole.account_id))
        .join(Person, col(Person.id) == col(AccountRole.person_id))
        .where(
            col(Person.municipality_id) == law.municipality_id,
            col(AccountRole.kind) == AccountRoleKind.RESPONSIBLE,
            or_(
                (col(AccountRole.until_on) > first) & (col(AccountRole.until_on) <= last),
                (col(Person.left_on) > first) & (col(Person.left_on) <= last),
            ),
        )
    )
    return set(session.execute(rows).scalars())


def entry_of(account: Any, around: "_Around") -> Entry | None:
    """The account's entry, or None when the policy keeps no register or the account was never opened.

    A person's name stands in it only where the policy's own fields say so.
    """
    fields = around.fields_for(Facts(account.platform, account.account_class.value, account.platform_was_new))
    if not fields or account.state not in LISTED:
        return None
    public = {name: value for name, value in around.values_of(account).items() if name in fields}
    return Entry(
        account_id=account.id,
        name=account.name,
        platform=Platform(account.platform),
        is_open=account.state is not AccountState.CLOSED,
        since=account.opened_on,
        until=account.closed_on,
        former=around.former.get(account.id, ()) if "address" in fields else (),
        known_as=account.platform_id or "" if "address" in fields else "",
        is_investigated=account.id in around.investigated,
        **public,
    )


def _accounts(law: Law, account_ids: Collection[int] | None) -> Any:
    columns = (
        *(Account.id, Account.platform, Account.account_class, Account.platform_was_new, Account.state),
        *(Account.name, Account.address, Account.unit_id, Account.purpose, Account.target_group),
        *(Account.opened_on, Account.closed_on, AccountSource.platform_id),
    )
    rows = (
        select(*map(col, columns))
        .outerjoin(AccountSource, col(AccountSource.account_id) == col(Account.id))
        .where(col(Account.municipality_id) == law.municipality_id, col(Account.state).in_(LISTED))
    )
    return rows if account_ids is None else rows.where(col(Account.id).in_(account_ids))


class _Around:
    """What stands around the accounts, read once for all of them."""

    def __init__(self, session: Session, law: Law, on: date, account_ids: Collection[int] | None) -> None:
        self._rules = law.policy.rules.public_register
        self._on = on
        self._fields: dict[Facts, frozenset[str]] = {}
        named = {field for rule in self._rules for field in rule.fields}
        of = law.municipality_id
        units = select(col(Unit.id), col(Unit.name)).where(col(Unit.municipality_id) == of)
        self._units: dict[int, str] = {number: name for number, name in session.execute(units)}
        self._people = _people(session, of, on, account_ids) if named & {"role", "person"} else {}
        self.former = _former(session, of, account_ids) if "address" in named else {}
        self.investigated = under_investigation(session, of, account_ids) if named else set()

    def fields_for(self, facts: Facts) -> frozenset[str]:
        """What the policy makes public about such an account."""
        if facts not in self._fields:
            rules = applying(self._rules, facts, self._on)
            self._fields[facts] = frozenset(field for rule in rules for field in rule.fields)
        return self._fields[facts]

    def values_of(self, account: Any) -> dict[str, str]:
        """Everything that could be public about it."""
        people = self._people.get(account.id, ())
        return {
            "address": account.address,
            "unit": self._units[account.unit_id] if account.unit_id else COMMON,
            "role": ", ".join(dict.fromkeys(title for _, title in people if title)),
            "person": ", ".join(name for name, _ in people),
            "purpose": account.purpose,
            "target_group": account.target_group,
        }


def _people(
    session: Session, municipality_id: int, on: date, account_ids: Collection[int] | None
) -> dict[int, list[tuple[str, str]]]:
    """Names and titles of those who are responsible on that day; nobody who has only been asked for."""
    role = AccountRole
    rows = (
        select(col(role.account_id), col(Person.name), col(Person.title))
        .join(Person, col(Person.id) == col(role.person_id))
        .where(
            col(Person.municipality_id) == municipality_id,
            col(role.kind) == AccountRoleKind.RESPONSIBLE,
            col(role.since_on).is_not(None),
            col(role.refused_at).is_(None),
            or_(col(role.until_on).is_(None), col(role.until_on) > on),
            or_(col(Person.left_on).is_(None), col(Person.left_on) > on),
        )
        .order_by(col(role.id))
    )
    chosen = rows if account_ids is None else rows.where(col(role.account_id).in_(account_ids))
    found: dict[int, list[tuple[str, str]]] = {}
    for account_id, name, title in session.execute(chosen):
        found.setdefault(account_id, []).append((name, title))
    return found


def _former(
    session: Session, municipality_id: int, account_ids: Collection[int] | None
) -> dict[int, tuple[Former, ...]]:
    rows = (
        select(col(FormerAddress.account_id), col(FormerAddress.address), col(FormerAddress.until_on))
        .where(col(FormerAddress.municipality_id) == municipality_id)
        .order_by(col(FormerAddress.until_on), col(FormerAddress.id))
    )
    chosen = rows if account_ids is None else rows.where(col(FormerAddress.account_id).in_(account_ids))
    found: dict[int, tuple[Former, ...]] = {}
    for account_id, address, until in session.execute(chosen):
        found[account_id] = (*found.get(account_id, ()), Former(address, until))
    return found


def other_links(law: Law, on: date) -> list[OtherLinks]:
    """Others' links that the policy lets stand beside the register, apart from the municipality's own.

    They hold no fact about an account, so no condition about accounts concerns them.
    """
    return [rule for rule in law.policy.rules.other_links if rule.links and in_force(rule, on)]
