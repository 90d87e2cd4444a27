"""Account addresses: reading them, and finding others that look the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from lifecycle.public_addresses import read_address
from lifecycle.refusals import Refused
from lifecycle.secrets import without_log_in
from models import LIVING, Account, AccountState

_SHORT_HOSTS = {"m": "", "mobile": "", "www": "", "sv-se": ""}


def address_key(address: str) -> str | None:
    """The address as it is compared: no scheme, "www.", query, case or trailing slash.

    Raises Refused `address_wrong` for what is no web address; None for nothing.
    """
    text = address.strip()
    if not text:
        return None
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        raise _wrong(text) from None
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or "." not in host or "@" in parts.netloc or " " in text:
        raise _wrong(text)
    first, _, rest = host.partition(".")
    host = rest if first in _SHORT_HOSTS and "." in rest else host
    path = parts.path.rstrip("/").lower()
    query = f"?{parts.query.lower()}" if path.endswith(".php") and parts.query else ""
    return f"{host}{path}{query}"


def demand_names_account(address: str) -> None:
    """Refuse `address_names_nobody`: a post's or a shared link's, by which nobody finds the account."""
    if read_address(address).lacks == "account":
        raise Refused("address_names_nobody")


def _wrong(address: str) -> Refused:
    """Shows what was written, but no password of it."""
    return Refused("address_wrong", address=without_log_in(address)[:100])


def holder_of_address(
    session: Session, municipality_id: int, key: str, besides: int | None
) -> Account | None:
    """The living account that has an address, if it is another one."""
    rows = select(Account).where(
        col(Account.municipality_id) == municipality_id,
        col(Account.address_key) == key,
        col(Account.state).in_(LIVING),
        col(Account.id) != (besides or 0),
    )
    return session.execute(rows).scalars().first()


def demand_free(session: Session, account: Account, address: str) -> None:
    """Refuse an address that another living account has."""
    key = address_key(address)
    taken = holder_of_address(session, account.municipality_id, key, account.id) if key else None
    if taken is not None:
        raise Refused("address_taken", address=address, name=taken.name or "en ansökan")


def set_address(session: Session, account: Account, address: str) -> None:
    """Give an account its address; it belongs to one living account only."""
    demand_names_account(address)
    demand_free(session, account, address)
    with only_one(session, account, address):
        account.address, account.address_key = address.strip(), address_key(address)
        session.add(account)


@contextmanager
def only_one(session: Session, account: Account, address: str) -> Iterator[None]:
    """Do what gives an account its address, in which another may be faster: then it is refused."""
    try:
        with session.begin_nested():
            yield
            session.flush()
    except IntegrityError:
        demand_free(session, account, address)
        raise


def similar_accounts(session: Session, account: Account, purpose: str = "") -> list[Account]:
    """Accounts, applications and closed accounts that a newcomer may be a double of.

    Same unit on the same platform, same address, or the same purpose word for word.
    """
    same: list[ColumnElement[bool]] = [
        (col(Account.unit_id) == account.unit_id) & (col(Account.platform) == account.platform),
    ]
    if account.address_key:
        same.append(col(Account.address_key) == account.address_key)
    if purpose.strip():
        same.append(col(Account.purpose) == purpose.strip())
    rows = (
        select(Account)
        .where(
            col(Account.municipality_id) == account.municipality_id,
            col(Account.id) != account.id,
            col(Account.state).in_([*LIVING, AccountState.CLOSED]),
            or_(*same),
        )
        .order_by(col(Account.id))
        .limit(10)
    )
    return list(session.execute(rows).scalars())
