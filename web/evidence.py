"""What is known of an account's posts and watch, each piece with where it comes from and when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from lifecycle.law import Law
from lifecycle.sights import TELLING
from lifecycle.watch_months import WatchSum, watch_sum
from models import Account, Observation, Person

SHOWN = 30
"""How many looks are listed; the newest."""


@dataclass(frozen=True)
class Look:
    """One look at the account's posts."""

    at: datetime
    by: str
    """Whoever told; empty when it was read."""
    told: bool
    """Whether it says anything about posts."""
    count: int
    complete: bool
    latest_at: datetime | None
    latest_url: str
    says: str


@dataclass(frozen=True)
class Evidence:
    """All of it, from a day until now."""

    from_on: date
    looks: Sequence[Look]
    """The newest first."""
    earlier: int
    """How many more there were."""
    watch: WatchSum
    watched_on: date | None


def evidence_of(session: Session, law: Law, account: Account, from_on: date, now: datetime) -> Evidence:
    """What is known since a day."""
    rows = select(Observation).where(
        col(Observation.account_id) == account.id,
        col(Observation.checked_at) >= law.calendar.at(from_on, time()),
        col(Observation.checked_at) <= now,
    )
    seen = session.execute(rows.order_by(col(Observation.checked_at).desc())).scalars().all()
    names = _names(session, seen)
    return Evidence(
        from_on=from_on,
        looks=[_look(one, names) for one in seen[:SHOWN]],
        earlier=max(0, len(seen) - SHOWN),
        watch=watch_sum(session, law, account, from_on, law.day_of(now) + timedelta(days=1)),
        watched_on=account.watched_on,
    )


def _names(session: Session, seen: Iterable[Observation]) -> dict[int, str]:
    ids = {one.by_id for one in seen if one.by_id is not None}
    people = session.execute(select(Person).where(col(Person.id).in_(ids))).scalars()
    return {person.id or 0: person.name for person in people}


def _look(seen: Observation, names: dict[int, str]) -> Look:
    return Look(
        at=seen.checked_at,
        by=names.get(seen.by_id or 0, ""),
        told=seen.state in TELLING,
        count=seen.count,
        complete=seen.complete,
        latest_at=seen.latest_at,
        latest_url=seen.latest_url,
        says=seen.says,
    )
