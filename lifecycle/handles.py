"""Names and addresses under watch: which are looked at on a day, and what the looks have come to.

Under watch are addresses that were official (of closed accounts, and former ones of open accounts), an open
account's own unless the posting round has lately seen by its name that it is there, and names that can be
taken for its own. An account is open until it is closed: on its way there it is still official.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from lifecycle.addresses import address_key
from lifecycle.identity import COMPARING_NAMES, GONE_LOOKS
from lifecycle.law import Law
from lifecycle.sights import FINDING
from models import (
    LIVING,
    Account,
    AccountSource,
    AccountState,
    FormerAddress,
    Observation,
    WatchedAs,
    WatchedHandle,
)
from policies.keys import Platform

_EVERY = {WatchedAs.LOOK_ALIKE: timedelta(days=28)}
_ELSE_EVERY = timedelta(days=7)
_IN_DOUBT_EVERY = timedelta(days=1)
_POSTING_LOOKS = timedelta(days=8)
"""An account that the posting round has found by its name so lately is not looked at besides."""
_OPEN = (AccountState.ACTIVE, AccountState.CLOSING)
"""Those that the register says are official."""


@dataclass(frozen=True)
class Watched:
    """One address to look at, and for whose sake."""

    account_id: int
    platform: str
    watched_as: WatchedAs
    address: str
    key: str
    known: str = ""
    """The platform's id of the one whom it belongs to, as far as that is known."""

    @property
    def place(self) -> tuple[int, WatchedAs, str]:
        return self.account_id, self.watched_as, self.key


AddressesLike = Callable[[str, str], Sequence[str]]
"""By platform and address: those that can be taken for it."""


# ---------------------------------------------------------------- which are looked at


def handles_to_look_at(
    session: Session, law: Law, platforms: Collection[str], alike: AddressesLike, now: datetime
) -> list[Watched]:
    """Those whose turn it is, at most as many as the municipality has set for a day.

    What was official comes first, then what was looked at longest ago. Look-alikes have their turn every
    four weeks, the others weekly, and daily while one look has found nobody, or a page
    at another server, and a second is to confirm it.
    """
    most = law.policy.settings.handle_looks_a_day
    if not most:
        return []
    rows = {row_place(row): row for row in _rows(session, law.municipality_id)}
    due = [one for one in _under_watch(session, law, platforms, alike, now) if _is_due(one, rows, now)]
    return sorted(due, key=lambda one: _turn(one, rows))[:most]


def row_place(row: WatchedHandle) -> tuple[int, WatchedAs, str]:
    """What tells one row from another."""
    return row.account_id, row.watched_as, row.address_key


_Rows = dict[tuple[int, WatchedAs, str], WatchedHandle]


def _is_due(one: Watched, rows: _Rows, now: datetime) -> bool:
    row = rows.get(one.place)
    if row is None:
        return True
    every = _EVERY.get(one.watched_as, _ELSE_EVERY)
    was_somebodys = bool(row.occupant) or one.watched_as is not WatchedAs.LOOK_ALIKE
    in_doubt = bool(row.doubt) or (was_somebodys and 0 < row.gone_looks < GONE_LOOKS)
    return row.tried_at + (_IN_DOUBT_EVERY if in_doubt else every) <= now + timedelta(hours=1)


def _turn(one: Watched, rows: _Rows) -> tuple[bool, float, str]:
    row = rows.get(one.place)
    return one.watched_as is WatchedAs.LOOK_ALIKE, row.tried_at.timestamp() if row else 0.0, one.key


def _rows(session: Session, municipality_id: int) -> Sequence[WatchedHandle]:
    rows = select(WatchedHandle).where(col(WatchedHandle.municipality_id) == municipality_id)
    return session.execute(rows).scalars().all()


def _under_watch(
    session: Session, law: Law, platforms: Collection[str], alike: AddressesLike, now: datetime
) -> list[Watched]:
    accounts = _accounts(session, law.municipality_id, platforms)
    taken = {one.address_key for one, _ in accounts if one.state in LIVING}
    former = _former(session, law.municipality_id, platforms)
    ours = {one.address_key for one, _ in accounts} | {one.key for one in former}
    found = _found_by_name(session, law.municipality_id, now)
    return [
        *_own([one for one in accounts if one[0].id not in found]),
        *_closed(accounts, taken),
        *(one for one in former if one.key not in taken),
        *_alike([one for one, _ in accounts], alike, ours),
    ]


_Known = tuple[Account, str]
"""An account, and its platform's id of it."""


def _accounts(session: Session, municipality_id: int, platforms: Collection[str]) -> list[_Known]:
    rows = (
        select(Account, col(AccountSource.platform_id))
        .outerjoin(AccountSource, col(AccountSource.account_id) == col(Account.id))
        .where(
            col(Account.municipality_id) == municipality_id,
            col(Account.state).in_([*LIVING, AccountState.CLOSED]),
            col(Account.address_key).is_not(None),
        )
        .order_by(col(Account.id))
    )
    found = [(account, known or "") for account, known in session.execute(rows)]
    return [one for one in found if one[0].platform in platforms]


def _former(session: Session, municipality_id: int, platforms: Collection[str]) -> list[Watched]:
    rows = (
        select(FormerAddress, Account)
        .join(Account, col(Account.id) == col(FormerAddress.account_id))
        .where(col(FormerAddress.municipality_id) == municipality_id)
        .order_by(col(FormerAddress.id))
    )
    return [
        Watched(
            one.account_id, account.platform, WatchedAs.FORMER, one.address, one.address_key, one.platform_id
        )
        for one, account in session.execute(rows)
        if account.platform in platforms
    ]


def _found_by_name(session: Session, municipality_id: int, now: datetime) -> set[int]:
    """Accounts whose posts were looked at under the name itself, and that were there."""
    rows = (
        select(col(Observation.account_id))
        .join(Account, col(Account.id) == col(Observation.account_id))
        .where(
            col(Account.municipality_id) == municipality_id,
            col(Account.platform).in_(COMPARING_NAMES),
            col(Observation.checked_at) > now - _POSTING_LOOKS,
            col(Observation.source) != "manual",
            col(Observation.state).in_(FINDING),
        )
    )
    return set(session.execute(rows).scalars())


def _own(accounts: Iterable[_Known]) -> list[Watched]:
    still_open = [one for one in accounts if one[0].state in _OPEN]
    return [_watched(account, WatchedAs.OWN, known) for account, known in still_open]


def _closed(accounts: Iterable[_Known], taken: Collection[str | None]) -> list[Watched]:
    closed = [one for one in accounts if one[0].state is AccountState.CLOSED]
    free = [one for one in closed if one[0].address_key not in taken]
    return [_watched(account, WatchedAs.CLOSED, known) for account, known in free]


def _watched(account: Account, watched_as: WatchedAs, known: str) -> Watched:
    assert account.id is not None and account.address_key is not None
    return Watched(account.id, account.platform, watched_as, account.address, account.address_key, known)


def _alike(accounts: Iterable[Account], alike: AddressesLike, ours: Collection[str | None]) -> list[Watched]:
    """Each look-alike once, for the account that it was first found to be like."""
    found: dict[str, Watched] = {}
    for account in accounts:
        if account.state in _OPEN:
            for address in alike(account.platform, account.address):
                key = address_key(address) or ""
                one = Watched(account.id or 0, account.platform, WatchedAs.LOOK_ALIKE, address, key)
                found.setdefault(key, one)
    return [one for key, one in found.items() if key not in ours]


# ---------------------------------------------------------------- what a look came to


@dataclass(frozen=True)
class Told:
    """What a look at one address came to."""

    watched: Watched
    occupant: str | None = None
    """The platform's id of the one who has it; empty: nobody; None: it could not be told."""
    name: str = ""
    says: str = ""
    """Why it could not be told."""


def keep_told(
    session: Session, law: Law, told: Told, row: WatchedHandle | None, now: datetime
) -> WatchedHandle:
    """Keep what a look came to. One that failed leaves all that was known as it was."""
    row = row or _new_row(law, told.watched, now)
    row.tried_at, row.says = now, told.says[:500]
    row.known = told.watched.known or row.known
    if told.occupant is not None and not _is_doubtful(law, row, told, now):
        _keep_occupant(row, told.occupant, told.name, now)
    session.add(row)
    session.flush()
    return row


PAGES = (Platform.BLOG, Platform.PODCAST)
"""Where who has an address is the server that it leads to: for a day, that may be any."""


def _is_doubtful(law: Law, row: WatchedHandle, told: Told, now: datetime) -> bool:
    """Whether a page leads to another server than before, as far as this one day has shown."""
    found, own = told.occupant or "", row.address_key.partition("/")[0].removeprefix("www.")
    rightly = row.known or own
    if told.watched.platform not in PAGES or found in ("", row.occupant, rightly):
        row.doubt, row.doubt_at = "", None
        return False
    if row.doubt == found and row.doubt_at and law.day_of(row.doubt_at) < law.day_of(now):
        row.doubt, row.doubt_at = "", None
        return False
    if row.doubt != found:
        row.doubt, row.doubt_at = found, now
    row.says = f"Adressen leder till {found}. Det ses om en annan dag, innan det räknas."
    return True


def _new_row(law: Law, watched: Watched, now: datetime) -> WatchedHandle:
    return WatchedHandle(
        municipality_id=law.municipality_id,
        account_id=watched.account_id,
        watched_as=watched.watched_as,
        address=watched.address[:300],
        address_key=watched.key[:300],
        tried_at=now,
    )


def _keep_occupant(row: WatchedHandle, occupant: str, name: str, now: datetime) -> None:
    row.looked_at = now
    if not occupant:
        row.gone_looks += 1
        if row.gone_looks == GONE_LOOKS:
            row.occupant, row.occupant_name, row.found_at, row.gone_at = "", "", None, now
        return
    row.gone_looks = 0
    if not row.known and row.gone_at is None and row.watched_as is not WatchedAs.LOOK_ALIKE:
        row.known = occupant  # Who had it from the first is taken to be the one that it belongs to.
    if occupant != row.occupant:
        row.found_at, row.task_id = now, None
    row.occupant, row.occupant_name = occupant, name[:200]


def rows_of(session: Session, law: Law, watched: Collection[Watched]) -> _Rows:
    """The rows of some addresses that have been looked at before."""
    wanted = {one.place for one in watched}
    return {row_place(row): row for row in _rows(session, law.municipality_id) if row_place(row) in wanted}


def own_ids(session: Session, municipality_id: int) -> set[str]:
    """The platforms' ids of the municipality's own accounts, as far as they are known."""
    rows = (
        select(col(AccountSource.platform_id))
        .join(Account, col(Account.id) == col(AccountSource.account_id))
        .where(col(Account.municipality_id) == municipality_id, col(Account.state).in_(LIVING))
    )
    return {one for one in session.execute(rows).scalars() if one}


def is_gone(row: WatchedHandle) -> bool:
    """Whether nobody has it, for certain."""
    return row.gone_looks >= GONE_LOOKS


def is_somebody_elses(row: WatchedHandle, ours: Collection[str]) -> bool:
    """Whether somebody has it who should not.

    Of an address that was official: another than it belonged to, or anybody once nobody had it. Of a
    look-alike: anybody but the municipality itself.
    """
    if not row.occupant or row.occupant in ours:
        return False
    if row.watched_as is WatchedAs.LOOK_ALIKE:
        return True
    came_back = row.gone_at is not None and row.found_at is not None and row.found_at > row.gone_at
    other = bool(row.known) and row.occupant != row.known
    return other or (came_back and (row.watched_as is WatchedAs.CLOSED or not row.known))


def handles_of(session: Session, account: Account) -> Sequence[WatchedHandle]:
    """All that is under watch for an account's sake and has been tried."""
    rows = select(WatchedHandle).where(col(WatchedHandle.account_id) == account.id)
    return session.execute(rows.order_by(col(WatchedHandle.id))).scalars().all()
