"""What was seen of accounts' posts: kept as it came, and how far an account is known."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

from sqlalchemy import Executable, func, select
from sqlmodel import Session, col

from lifecycle.events import EventKind
from lifecycle.journal import record
from models import Account, AccountSource, IdentityChange, Observation, SightState
from models.asking import built_once

TELLING = (SightState.OK, SightState.EMPTY)
"""Looks that say something of how often is posted. A look that failed never does."""
FINDING = (*TELLING, SightState.PRIVATE)
"""Looks that found the account."""


@dataclass(frozen=True)
class Sight:
    """What a look at an account came to, or why none could be taken."""

    account_id: int
    at: datetime
    observation: Observation | None
    """None when no look can tell and a person has to be asked."""
    problem: str = ""
    """Why it told nothing: the state of the look, or what was missing for one; empty when it told."""
    says: str = ""
    """Swedish, for those who look after the account."""
    platform_id: str = ""
    cursor: Mapping[str, str] = field(default_factory=dict)
    not_before_at: datetime | None = None
    change: IdentityChange | None = None


def keep_sight(session: Session, account: Account, source: AccountSource, sight: Sight) -> None:
    """Keep what a look came to, with its problem if it told nothing; `source` may be new.

    A look that counted from another point than the account is known to by now, because somebody has told
    meanwhile, is dropped: its posts would be counted twice. A platform's id that becomes known is an event:
    the public register knows the account by it from then on.
    """
    seen = sight.observation
    if seen is not None and seen.state in TELLING and seen.since_at != account.seen_at:
        return
    if seen is not None:
        keep_observation(session, account, seen)
    known = source.platform_id
    _keep_source(session, source, sight)
    if source.platform_id != known:
        facts = {"platform_id": source.platform_id}
        record(session, EventKind.POSTING_CHECKED, sight.at, account=account, facts=facts)


def keep_observation(session: Session, account: Account, seen: Observation) -> None:
    """Keep one look; what a good one told is also what is known of the account from now on."""
    session.add(seen)
    if seen.state not in TELLING:
        return
    account.seen_at = seen.checked_at
    known = [at for at in (account.posted_at, seen.latest_at) if at is not None]
    account.posted_at = max(known, default=None)
    session.add(account)


def _keep_source(session: Session, source: AccountSource, sight: Sight) -> None:
    seen = {
        "problem_since_at": (source.problem_since_at or sight.at) if sight.problem else None,
        "problem": sight.problem,
        "says": sight.says[:500],
        "platform_id": sight.platform_id[:120] or source.platform_id,
        "cursor": dict(sight.cursor),
        "not_before_at": sight.not_before_at,
    }
    for name, value in seen.items():
        if getattr(source, name) != value:  # Nearly always it is as it was.
            setattr(source, name, value)
    _count_gone(source, sight)
    session.add(source)


def _count_gone(source: AccountSource, sight: Sight) -> None:
    """A look at which the account was gone counts, one that found it ends that; a failed one does neither."""
    state = sight.observation.state if sight.observation else None
    if state is SightState.GONE and sight.change is None:
        source.gone_looks += 1
        source.gone_since_at = source.gone_since_at or sight.at
    elif source.gone_looks and (state in FINDING or sight.change is not None):
        source.gone_looks, source.gone_since_at = 0, None


def accounts_by_id(session: Session, account_ids: Iterable[int]) -> dict[int, Account]:
    """Some accounts, read at once."""
    rows = session.execute(*_with_ids(list(account_ids))).scalars()
    return {one.id or 0: one for one in rows}


@built_once
def _with_ids(ids: Sequence[int]) -> Executable:
    return select(Account).where(col(Account.id).in_(ids))


@dataclass(frozen=True, slots=True)
class GoodLook:
    """What an observation says of how often is posted. A round judges many, and of each no more is read."""

    id: int
    since_at: datetime | None
    checked_at: datetime
    count: int
    complete: bool
    latest_at: datetime | None


def looks_at(
    session: Session, account_ids: Collection[int], after: datetime, until: datetime
) -> dict[int, list[GoodLook]]:
    """The good looks of some accounts after one instant and before another, oldest first."""
    found: dict[int, list[GoodLook]] = {}
    for account_id, *said in session.execute(*_looks_at(list(account_ids), after, until)):
        found.setdefault(account_id, []).append(GoodLook(*said))
    return found


@built_once
def _looks_at(account_ids: Sequence[int], after: datetime, until: datetime) -> Executable:
    said = (getattr(Observation, one.name) for one in fields(GoodLook))
    rows = select(col(Observation.account_id), *said).where(
        col(Observation.account_id).in_(account_ids),
        col(Observation.state).in_(TELLING),
        col(Observation.checked_at) > after,
        col(Observation.checked_at) < until,
    )
    return rows.order_by(col(Observation.checked_at), col(Observation.id))


def sources_of(session: Session, account_ids: Iterable[int]) -> dict[int, AccountSource]:
    """How each account is read; none for one that nobody has tried to look at."""
    rows = session.execute(*_sources_of(list(account_ids))).scalars()
    return {one.account_id: one for one in rows}


@built_once
def _sources_of(account_ids: Sequence[int]) -> Executable:
    return select(AccountSource).where(col(AccountSource.account_id).in_(account_ids))


@dataclass(frozen=True)
class Known:
    """How far an account's posts are known."""

    posted_at: datetime | None = None
    """The latest post that was ever seen or told of."""
    seen_at: datetime | None = None
    """When it was last known whether there was any."""


def known_of(session: Session, account_ids: Collection[int], until: datetime) -> dict[int, Known]:
    """What was known of each account before an instant, so that a past day is judged as it was then."""
    rows = session.execute(*_known_of(list(account_ids), until))
    found = {number: Known(posted_at, seen_at) for number, posted_at, seen_at in rows}
    return {number: found.get(number, Known()) for number in account_ids}


@built_once
def _known_of(account_ids: Sequence[int], until: datetime) -> Executable:
    return (
        select(
            col(Observation.account_id),
            func.max(col(Observation.latest_at)),
            func.max(col(Observation.checked_at)),
        )
        .where(
            col(Observation.account_id).in_(account_ids),
            col(Observation.state).in_(TELLING),
            col(Observation.checked_at) < until,
        )
        .group_by(col(Observation.account_id))
    )
