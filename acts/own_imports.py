"""Four-eyes for imports: nobody decides by a file what others were to decide (REQUIREMENTS 4.2)."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlmodel import Session, col

from acts import importing_accounts
from acts.import_steps import Wanted
from acts.sheets import sheet_of
from acts.tables import Table
from lifecycle.own_matters import bound_in
from lifecycle.refusals import Refused
from models import Account, AccountState, Person, Unit

_NOT_GRANTED = (AccountState.DECIDING, AccountState.CHANGES_ASKED, AccountState.DECLINED)


def demand_no_own_matter(session: Session, person: Person, now: datetime) -> None:
    """Nobody says who decides while what they have begun, or decided in, waits. Refused `own_matter_open`."""
    if bound_in(session, person, now):
        raise Refused("own_matter_open")


def demand_no_own_application(session: Session, person: Person, table: Table, on: date) -> None:
    """Nobody takes over as an existing account what they have applied for and not been granted.

    Refused `own_application` for a new account of the same address, the same name, or the same platform
    and unit.
    """
    applied = _applied_for(session, person)
    if not applied:
        return
    taken_over = _taken_over(session, person.municipality_id)
    for row in _rows(table, on):
        if row.key not in taken_over and any(_same(row, account, unit) for account, unit in applied):
            raise Refused("own_application", name=row.values.get("name") or row.key, row=row.line.number)


def demand_no_own_account(session: Session, person: Person, table: Table, now: datetime, on: date) -> None:
    """Nobody changes by a file an account about which they have asked or decided something that waits.

    Refused `own_matter_open`.
    """
    keys = {one.account.address_key for one in bound_in(session, person, now)} - {None}
    if keys and any(row.key in keys for row in _rows(table, on)):
        raise Refused("own_matter_open")


def _rows(table: Table, on: date) -> Sequence[Wanted]:
    return importing_accounts.wanted_accounts(sheet_of(table, importing_accounts.COLUMNS), on)


def _applied_for(session: Session, person: Person) -> Sequence[tuple[Account, str]]:
    """A withdrawn application counts when it was sent: it was withdrawn from those who were to decide."""
    rows = (
        select(Account, col(Unit.code))
        .outerjoin(Unit, col(Unit.id) == col(Account.unit_id))
        .where(
            col(Account.applicant_id) == person.id,
            or_(
                col(Account.state).in_(_NOT_GRANTED),
                (col(Account.state) == AccountState.WITHDRAWN) & (col(Account.plan_version) > 0),
            ),
        )
    )
    return [(account, code or "") for account, code in session.execute(rows)]


def _taken_over(session: Session, municipality_id: int) -> set[str | None]:
    """Addresses that came by an earlier import: a row about one of them makes no new account."""
    rows = select(col(Account.address_key)).where(
        col(Account.municipality_id) == municipality_id, col(Account.imported).is_(True)
    )
    return set(session.execute(rows).scalars())


def _same(row: Wanted, account: Account, unit: str) -> bool:
    name = row.values.get("name", "").casefold()
    place = (row.values.get("platform", ""), row.values.get("unit", ""))
    return (
        (bool(row.key) and row.key == account.address_key)
        or (bool(account.name) and name == account.name.casefold())
        or (bool(account.platform) and place == (account.platform, unit))
    )
