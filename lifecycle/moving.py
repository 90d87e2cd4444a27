"""An account that moves: to another address, or to another unit."""

from datetime import datetime

from sqlmodel import Session

from lifecycle.addresses import address_key, set_address
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.refusals import Refused
from lifecycle.states import Act, demand
from lifecycle.tasks import raise_news
from models import Account, AccountSource, FormerAddress, Unit


def change_address(session: Session, law: Law, account: Account, address: str, by: By, now: datetime) -> None:
    """Give an open account another address; the old one was official until today."""
    demand(account, Act.MOVE)
    key = address_key(address)
    if key is None:
        raise Refused("address_wrong", address="(tom)")
    if key == account.address_key:
        raise Refused("address_same")
    on, former, source = law.day_of(now), account.address, session.get(AccountSource, account.id)
    if account.id is not None and account.address_key:
        session.add(
            FormerAddress(
                municipality_id=account.municipality_id,
                account_id=account.id,
                address=former,
                address_key=account.address_key,
                until_on=on,
                platform_id=source.platform_id if source else "",
            )
        )
    if source is not None:
        _forget_platform_id(session, source)
    set_address(session, account, address)
    detail = {"from": former, "to": account.address}
    facts = {"until_on": on.isoformat()}
    record(session, EventKind.ADDRESS_CHANGED, now, account=account, by=by, facts=facts, detail=detail)
    raise_news(session, account)


def _forget_platform_id(session: Session, source: AccountSource) -> None:
    """What a person says is the account's address is: on another server it has another id."""
    source.platform_id, source.cursor = "", {}
    source.gone_looks, source.gone_since_at = 0, None
    session.add(source)


def change_unit(session: Session, account: Account, unit: Unit, by: By, now: datetime) -> None:
    """Give an open account to another unit: its managers answer for what is asked from now on."""
    demand(account, Act.MOVE)
    if unit.municipality_id != account.municipality_id or unit.id == account.unit_id:
        raise Refused("unit_same")
    former = session.get(Unit, account.unit_id) if account.unit_id else None
    account.unit_id = unit.id
    session.add(account)
    leads = [one.line_manager_id for one in (former, unit) if one and one.line_manager_id]
    facts = {"from": former.id if former else None, "to_unit": unit.id, "people": leads}
    record(session, EventKind.UNIT_CHANGED, now, account=account, by=by, facts=facts)
    raise_news(session, account)
