"""Looking after an active account: its people, and its closing."""

from datetime import date, datetime

from sqlmodel import Session

from lifecycle import changes, closing, moving, withdrawing
from lifecycle.events import By
from lifecycle.identifying import SignedIn, demand_identity
from lifecycle.law import Law, law_in_force
from lifecycle.own_matters import bound_in, could_be_asked
from lifecycle.plans import person_by_email
from lifecycle.process import account_for_look
from lifecycle.refusals import Refused
from lifecycle.roles import people_now, post_holders, units_upwards
from models import Account, AccountRole, AccountRoleKind, AccountState, Person, TaskKind, Unit
from policies.keys import Role


def demand_concerned(session: Session, account: Account, person: Person, on: date) -> None:
    """Those who may ask, and see its page. Raises Refused `not_concerned`."""
    if not is_concerned(session, account, person.id, on):
        raise Refused("not_concerned")


def is_concerned(session: Session, account: Account, person_id: int | None, on: date) -> bool:
    """The account's people, its applicant, managers above it, communications.

    A draft is its applicant's alone.
    """
    if account.state is AccountState.DRAFT:
        return person_id == account.applicant_id
    people = people_now(session, account, list(AccountRoleKind), on)
    ids = {one.id for _, one in people} | {account.applicant_id}
    ids |= {unit.line_manager_id for unit in units_upwards(session, account.unit_id)}
    ids |= {one.id for one in post_holders(session, account.municipality_id, Role.COMMUNICATIONS, on)}
    return person_id in ids


def ask_for_administrator(
    session: Session,
    now: datetime,
    *,
    account_id: int,
    person_id: int,
    email: str,
    kind: AccountRoleKind = AccountRoleKind.ADMINISTRATOR,
    instead_of_role_id: int | None = None,
    via: str,
) -> AccountRole:
    """Ask that somebody becomes administrator (or responsible, or substitute) of an active account."""
    account, law, on = _account(session, account_id, now)
    demand_concerned(session, account, session.get_one(Person, person_id), on)
    person = person_by_email(session, account.municipality_id, email, on)
    instead_of = _role_of(session, account, instead_of_role_id) if instead_of_role_id else None
    by = By(person_id, via)
    return changes.ask_for_administrator(session, law, account, person, kind, by, now, instead_of=instead_of)


def ask_for_guest(
    session: Session,
    now: datetime,
    *,
    account_id: int,
    person_id: int,
    email: str,
    since: date,
    until: date,
    via: str,
) -> AccountRole:
    """Ask that somebody runs the account from `since` until the day before `until`."""
    account, law, on = _account(session, account_id, now)
    demand_concerned(session, account, session.get_one(Person, person_id), on)
    person = person_by_email(session, account.municipality_id, email, on)
    return changes.ask_for_guest(session, law, account, person, since, until, By(person_id, via), now)


def end_role(
    session: Session, now: datetime, *, account_id: int, person_id: int, role_id: int, via: str
) -> None:
    """End somebody's role in an active account today."""
    account, law, on = _account(session, account_id, now)
    demand_concerned(session, account, session.get_one(Person, person_id), on)
    role = _role_of(session, account, role_id)
    if role.person_id != person_id:
        _demand_no_say(session, account, person_id, now, session.get_one(Person, role.person_id))
    changes.end_role(session, law, account, role, By(person_id, via), now)


def ask_to_close(
    session: Session,
    now: datetime,
    *,
    account_id: int,
    person_id: int,
    reason: str,
    via: str,
    signed_in: SignedIn | None = None,
) -> None:
    """Ask that an active account is closed. Where nobody else decides on it, that is the decision."""
    account, law, on = _account(session, account_id, now)
    demand_concerned(session, account, session.get_one(Person, person_id), on)
    if closing.is_decided_by_asking(law, account, now):
        demand_identity(law.policy, TaskKind.DECIDE, signed_in)
    closing.ask_to_close(session, account, reason, By(person_id, via, signed_in=signed_in), now)


def change_address(
    session: Session, now: datetime, *, account_id: int, person_id: int, address: str, via: str
) -> None:
    """Give an active account another address."""
    account, law, on = _account(session, account_id, now)
    demand_concerned(session, account, session.get_one(Person, person_id), on)
    moving.change_address(session, law, account, address, By(person_id, via), now)


def change_unit(
    session: Session, now: datetime, *, account_id: int, person_id: int, unit_id: int, via: str
) -> None:
    """Give an active account to another unit: communications does, and whoever leads the one it leaves."""
    account, _, on = _account(session, account_id, now)
    if person_id not in movers(session, account, on):
        raise Refused("not_yours_to_move")
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise Refused("unit_same")
    _demand_no_say(session, account, person_id, now)
    moving.change_unit(session, account, unit, By(person_id, via), now)


def _demand_no_say(
    session: Session, account: Account, by_id: int, now: datetime, ended: Person | None = None
) -> None:
    """Who has asked for something about an account, or decided in it, does not change who decides it.

    `ended` is whose role would end. Refused `four_eyes`.
    """
    matters = bound_in(session, session.get_one(Person, by_id), now)
    own = [one for one in matters if one.account.id == account.id]
    if any(ended is None or could_be_asked(session, one, ended, now) for one in own):
        raise Refused("four_eyes")


def movers(session: Session, account: Account, on: date) -> set[int | None]:
    """Who may give an account to another unit."""
    leads = {unit.line_manager_id for unit in units_upwards(session, account.unit_id)}
    return leads | {one.id for one in post_holders(session, account.municipality_id, Role.COMMUNICATIONS, on)}


def withdraw_request(
    session: Session,
    now: datetime,
    *,
    account_id: int,
    person_id: int,
    reason: str,
    role_id: int | None = None,
    via: str,
) -> None:
    """Take back a change that was asked for, or without `role_id` the request to close."""
    account, _, _ = _account(session, account_id, now)
    by = By(person_id, via)
    if role_id is None:
        withdrawing.withdraw_closing(session, account, reason, by, now)
    else:
        role = _role_of(session, account, role_id)
        withdrawing.withdraw_change(session, account, role, reason, by, now)


def _account(session: Session, account_id: int, now: datetime) -> tuple[Account, Law, date]:
    account = account_for_look(session, account_id)
    law = law_in_force(session, account.municipality_id, now)
    return account, law, law.day_of(now)


def _role_of(session: Session, account: Account, role_id: int) -> AccountRole:
    role = session.get(AccountRole, role_id)
    if role is None or role.account_id != account.id:
        raise Refused("nothing_to_repair")
    return role
