"""Finding the person behind a role: the unit tree, posts, account roles, and who else when nobody fits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Executable, select
from sqlmodel import Session, col

from lifecycle.absences import away, away_in_matter
from lifecycle.conditions import applying, facts_of
from lifecycle.refusals import Refused
from models import (
    Account,
    AccountClass,
    AccountRole,
    AccountRoleKind,
    AccountState,
    Person,
    PostHolder,
    Unit,
    UnitLevel,
)
from models.asking import asked_once, built_once
from policies.keys import Role
from policies.rules import Owner

Why = list[dict[str, Any]]


@dataclass(frozen=True)
class Holder:
    """A person found for a role, and by what way."""

    person_id: int
    instead_of_id: int | None = None
    why: Why = field(default_factory=list)


@dataclass(frozen=True)
class Bars:
    """Who may not answer: those who asked, and those who have decided another step.

    Who is away is not asked, but may answer what they have been asked: `absent` is for finding alone.
    """

    initiators: frozenset[int] = frozenset()
    deciders: frozenset[int] = frozenset()
    absent: Mapping[int, int | None] = field(default_factory=dict)
    """Who is away, and who stands in."""
    involved: frozenset[int] = frozenset()
    """Who has applied or decided without being barred: what they say of others' absence does not count."""

    @property
    def bound(self) -> frozenset[int]:
        """Everybody who has applied or decided in the matter."""
        return self.initiators | self.deciders | self.involved

    def against(self, person: Person, on: date) -> str | None:
        """Code of why this person may not answer, or None."""
        if has_left(person, on):
            return "has_left"
        if person.id in self.initiators:
            return "is_applicant"
        if person.id in self.deciders:
            return "decided_another_step"
        return "is_away" if person.id in self.absent else None


NO_BARS = Bars()

_LEVELS = {
    Role.LINE_MANAGER: frozenset(UnitLevel),
    Role.HEAD_OF_OPERATION: frozenset({UnitLevel.OPERATION, UnitLevel.DEPARTMENT, UnitLevel.MUNICIPALITY}),
    Role.HEAD_OF_DEPARTMENT: frozenset({UnitLevel.DEPARTMENT, UnitLevel.MUNICIPALITY}),
}
_OWN_LEVEL = {
    Role.HEAD_OF_OPERATION: UnitLevel.OPERATION,
    Role.HEAD_OF_DEPARTMENT: UnitLevel.DEPARTMENT,
}
_KINDS = {
    Role.RESPONSIBLE: (AccountRoleKind.RESPONSIBLE, AccountRoleKind.ADMINISTRATOR),
    Role.ADMINISTRATOR: (AccountRoleKind.ADMINISTRATOR, AccountRoleKind.RESPONSIBLE),
}


def has_left(person: Person, on: date) -> bool:
    """Whether the person no longer works here on that day."""
    return person.left_on is not None and person.left_on <= on


def units_upwards(session: Session, unit_id: int | None) -> Iterator[Unit]:
    """The unit and those above it; a loop in the tree ends the walk."""
    walked: set[int] = set()
    while unit_id is not None and unit_id not in walked:
        walked.add(unit_id)
        unit = session.get_one(Unit, unit_id)
        yield unit
        unit_id = unit.parent_id


def post_holders(session: Session, municipality_id: int, role: Role, on: date) -> list[Person]:
    """Everybody who holds a post on that day, in the order they were entered."""
    return [person for person in _in_the_post(session, municipality_id, role) if not has_left(person, on)]


@asked_once(PostHolder)
def _in_the_post(session: Session, municipality_id: int, role: Role) -> Sequence[Person]:
    return session.execute(*_holding(municipality_id, role.value)).scalars().all()


@built_once
def _holding(of: int, post: str) -> Executable:
    return (
        select(Person)
        .join(PostHolder, col(PostHolder.person_id) == col(Person.id))
        .where(col(PostHolder.municipality_id) == of, col(PostHolder.role) == post)
        .order_by(col(PostHolder.id))
    )


def demand_member(session: Session, person: Person, on: date) -> None:
    """Only communications may. Raises Refused `only_communications`."""
    members = post_holders(session, person.municipality_id, Role.COMMUNICATIONS, on)
    if person.id not in {one.id for one in members}:
        raise Refused("only_communications")


def account_people(
    session: Session, account: Account, kinds: Sequence[AccountRoleKind], on: date
) -> list[tuple[AccountRole, Person]]:
    """The living roles of an account, begun or to begin, and their persons."""
    return [
        (role, person)
        for role, person in roles_and_people(session, account.id)
        if role.kind in kinds and not has_ended(role, on) and not has_left(person, on)
    ]


@asked_once(AccountRole)
def roles_and_people(session: Session, account_id: int | None) -> Sequence[tuple[AccountRole, Person]]:
    """Every role that an account has had or is to have, the first asked for first."""
    return [(role, person) for role, person in session.execute(*_roles_of(account_id))]


@built_once
def _roles_of(account: int) -> Executable:
    return (
        select(AccountRole, Person)
        .join(Person, col(Person.id) == col(AccountRole.person_id))
        .where(col(AccountRole.account_id) == account)
        .order_by(col(AccountRole.id))
        .execution_options(populate_existing=True)
    )


def has_ended(role: AccountRole, on: date) -> bool:
    """Whether somebody no longer has a role on that day, or was refused it."""
    return role.refused_at is not None or (role.until_on is not None and role.until_on <= on)


def people_now(
    session: Session, account: Account, kinds: Sequence[AccountRoleKind], on: date
) -> list[tuple[AccountRole, Person]]:
    """Those who have a role. Once the account is open, nobody has one that was only asked for."""
    people = account_people(session, account, kinds, on)
    if account.state not in (AccountState.ACTIVE, AccountState.CLOSING, AccountState.CLOSED):
        return people
    return [(role, person) for role, person in people if role.since_on is not None]


def common_owner(rule: Owner | None, account: Account, on: date) -> Role | None:
    """The role that answers for an account which belongs to no unit, where the policy names one."""
    common = account.account_class is AccountClass.COMMON and account.unit_id is None
    owners = applying([rule], facts_of(account), on) if rule and common else []
    return owners[0].common_owned_by if owners else None


def find_holders(
    session: Session,
    account: Account,
    role: Role,
    *,
    bars: Bars,
    last_resort: Role,
    on: date,
    owner: Role | None = None,
    from_unit: int | None = None,
) -> list[Holder]:
    """Who answers for a role in a matter; empty when nobody may, and then the matter stands red.

    A person who may not answer or is away, or an empty post, gives way to the substitute, then to one
    level up, then to the role the policy names as last resort (REQUIREMENTS 2.2); each turn is a reason.
    `owner` is whose account it is when it has no unit (`common_owner`); `from_unit` is where managers
    are looked for when that is another unit than the account's.
    """
    start = from_unit or unit_of(session, account, owner, on)
    bars = replace(bars, absent=away_in_matter(session, account.municipality_id, on, bars.bound))
    if role in _LEVELS:
        found, why = _in_tree(session, start, role, bars, on)
    elif role in _KINDS or role is Role.APPLICANT:
        found, why = _in_account(session, account, role, owner, bars, on)
    else:
        found, why = _in_post(session, account, role, bars, on)
    return found or _last_resort(session, account, last_resort, start, bars, why, on)


def could_hold(session: Session, account: Account, role: Role, start: int | None, on: date) -> set[int]:
    """Everybody who may come to answer for a role in a matter, whoever is barred or away."""
    if role in _LEVELS:
        units = (unit for unit in units_upwards(session, start) if unit.level in _LEVELS[role])
        return {unit.line_manager_id for unit in units if unit.line_manager_id is not None}
    people = post_holders(session, account.municipality_id, role, on)
    above = [unit for one in people for unit in units_upwards(session, one.unit_id)]
    if role in _KINDS:
        people += [person for _, person in people_now(session, account, _KINDS[role], on)]
    ids = {unit.line_manager_id for unit in above} | {person.id for person in people}
    return {one for one in ids if one is not None}


def holders_of_post(
    session: Session, municipality_id: int, role: Role, *, last_resort: Role, on: date
) -> list[Holder]:
    """Who answers for a post in what concerns the whole municipality: those who are there, else others."""
    bars = Bars(absent=away(session, municipality_id, on))
    for wanted in dict.fromkeys((role, last_resort)):
        people = post_holders(session, municipality_id, wanted, on)
        if found := _allowed_of(session, people, bars, on)[0]:
            return found
    return []


def unit_of(session: Session, account: Account, owner: Role | None, on: date) -> int | None:
    """Where managers are looked for; for a common account with those who answer for it, or the applicant."""
    if account.unit_id is not None:
        return account.unit_id
    owners = post_holders(session, account.municipality_id, owner, on) if owner else []
    if owners:
        return owners[0].unit_id
    return session.get_one(Person, account.applicant_id).unit_id if account.applicant_id else None


def _in_tree(
    session: Session, start: int | None, role: Role, bars: Bars, on: date
) -> tuple[list[Holder], Why]:
    units = [unit for unit in units_upwards(session, start) if unit.level in _LEVELS[role]]
    missing = bool(units) and role in _OWN_LEVEL and units[0].level is not _OWN_LEVEL[role]
    return _first_in_units(session, units, bars, [], on, above=missing)


def _first_in_units(
    session: Session, units: Sequence[Unit], bars: Bars, why: Why, on: date, *, above: bool
) -> tuple[list[Holder], Why]:
    """`above` when already the first of the units lies above where one looked."""
    first_id: int | None = None
    for place, unit in enumerate(units):
        if place or above:
            why = [*why, {"code": "one_level_up", "unit": unit.name}]
        person = session.get(Person, unit.line_manager_id) if unit.line_manager_id else None
        if person is None:
            why = [*why, {"code": "post_empty", "unit": unit.name}]
            continue
        first_id = first_id or person.id
        holder, why = person_or_substitute(session, person, bars, why, on)
        if holder:
            instead = None if holder.person_id == first_id else holder.instead_of_id or first_id
            return [Holder(holder.person_id, instead, holder.why)], why
    return [], why


def person_or_substitute(
    session: Session, person: Person, bars: Bars, why: Why, on: date
) -> tuple[Holder | None, Why]:
    """The person, else who stands in; a substitute who is away gives way to the next in the row."""
    assert person.id is not None
    walked: set[int | None] = set()
    at: Person | None = person
    while at is not None and at.id is not None and at.id not in walked:
        walked.add(at.id)
        barred = bars.against(at, on)
        if barred is None and at is person:
            return Holder(person.id, None, why), why
        if barred is None:
            stands_in = {"code": "stands_in_for", "person_id": person.id}
            return Holder(at.id, person.id, [*why, stands_in]), why
        why = [*why, {"code": barred, "person_id": at.id}]
        if at is not person and barred != "is_away":
            return None, why
        at = _stands_in(session, at, bars)
    return None, why


def _stands_in(session: Session, person: Person, bars: Bars) -> Person | None:
    """An absence's own substitute, else the person's."""
    substitute_id = bars.absent.get(person.id or 0) or person.substitute_id
    return session.get(Person, substitute_id) if substitute_id else None


def _in_account(
    session: Session, account: Account, role: Role, owner: Role | None, bars: Bars, on: date
) -> tuple[list[Holder], Why]:
    people: list[Person] = []
    for kind in _KINDS.get(role, ()):
        people = people or [person for _, person in people_now(session, account, (kind,), on)]
    if not people and owner and role in _KINDS:
        people = post_holders(session, account.municipality_id, owner, on)
    if not people and account.applicant_id is not None:
        people = [session.get_one(Person, account.applicant_id)]
    return _allowed_of(session, people, bars, on)


def _in_post(
    session: Session, account: Account, role: Role, bars: Bars, on: date
) -> tuple[list[Holder], Why]:
    people = post_holders(session, account.municipality_id, role, on)
    found, why = _allowed_of(session, people, bars, on)
    if found or not people:
        return found, why or [{"code": "post_empty", "role": role.value}]
    units = [
        unit for unit in units_upwards(session, people[0].unit_id) if unit.line_manager_id != people[0].id
    ]
    return _first_in_units(session, units, bars, why, on, above=True)


def _allowed_of(session: Session, people: Sequence[Person], bars: Bars, on: date) -> tuple[list[Holder], Why]:
    """Everybody of a group who may answer; if none may, their substitutes."""
    allowed = [Holder(person.id) for person in people if person.id and bars.against(person, on) is None]
    if allowed:
        return allowed, []
    return _standing_in(session, people, bars, [], on)


def _standing_in(
    session: Session, people: Sequence[Person], bars: Bars, why: Why, on: date
) -> tuple[list[Holder], Why]:
    """Those who stand in for some people, each once."""
    found: dict[int, Holder] = {}
    for person in people:
        holder, why = person_or_substitute(session, person, bars, why, on)
        if holder:
            found.setdefault(holder.person_id, holder)
    return list(found.values()), why


def _last_resort(
    session: Session, account: Account, role: Role, start: int | None, bars: Bars, why: Why, on: date
) -> list[Holder]:
    """Whoever the policy names for when nobody else may answer; who is away is stood in for.

    No other turn is taken from there.
    """
    if role in _LEVELS:
        units = [unit for unit in units_upwards(session, start) if unit.level in _LEVELS[role]]
        leaders = [session.get_one(Person, one.line_manager_id) for one in units if one.line_manager_id]
        people = [one for one in leaders if bars.against(one, on) in (None, "is_away")][:1]
    else:
        people = post_holders(session, account.municipality_id, role, on)
    reason = [*why, {"code": "last_resort", "role": role.value}]
    there = [Holder(p.id, None, reason) for p in people if p.id and bars.against(p, on) is None]
    absent = [person for person in people if bars.against(person, on) == "is_away"]
    return there or _standing_in(session, absent, bars, reason, on)[0]
