"""The overviews of accounts: the register, and what is posted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from lifecycle.law import Law
from lifecycle.posting import Checked, accounts_to_check, latest_posting_day
from lifecycle.posting_stands import Stand, Window, posting_stands, posts_since, window_of
from lifecycle.sights import GoodLook, Known, known_of, looks_at, sources_of
from models import (
    LIVING,
    Account,
    AccountRole,
    AccountRoleKind,
    AccountSource,
    AccountState,
    Person,
    Unit,
)
from policies.duties import Posting

Row = TypeVar("Row")
LIMIT = 200
"""How many rows an overview has at most."""


@dataclass(frozen=True)
class Found(Generic[Row]):
    """The rows that are shown, and how many there are in all."""

    rows: Sequence[Row]
    total: int


@dataclass(frozen=True)
class Listed:
    """An account with its unit and those who answer for it."""

    account: Account
    unit: str
    people: Sequence[str]


def register(
    session: Session, law: Law, now: datetime, limit: int = LIMIT, wanted: str = ""
) -> Found[Listed]:
    """The municipality's accounts and applications: those that stand red first, then those not looked at."""
    named = [col(Account.name).icontains(wanted, autoescape=True)] if wanted else []
    return listed(session, law, now, [col(Account.state).in_(LIVING), *named], limit)


def listed(session: Session, law: Law, now: datetime, which: list[Any], limit: int) -> Found[Listed]:
    which = [col(Account.municipality_id) == law.municipality_id, *which]
    total = session.execute(select(func.count()).select_from(Account).where(*which)).scalar_one()
    rows = select(Account, Unit).outerjoin(Unit, col(Unit.id) == col(Account.unit_id)).where(*which)
    worst = (col(Account.red_reason) == "", col(Account.missed_days).desc())
    found = session.execute(rows.order_by(*worst, col(Account.name), col(Account.id)).limit(limit)).all()
    people = _responsible(session, [account.id for account, _ in found], law.day_of(now))
    return Found(
        [Listed(one, unit.name if unit else "", people.get(one.id, ())) for one, unit in found], total
    )


def states(session: Session, law: Law) -> dict[AccountState, int]:
    """How many of the municipality's accounts are where in their lives."""
    rows = select(col(Account.state), func.count()).where(col(Account.municipality_id) == law.municipality_id)
    return {state: count for state, count in session.execute(rows.group_by(col(Account.state)))}


_ANSWERABLE = (AccountRoleKind.RESPONSIBLE, AccountRoleKind.ADMINISTRATOR)


def _responsible(session: Session, account_ids: Sequence[int], on: date) -> dict[int, list[str]]:
    """The responsible of each account, or those who administer it where nobody is."""
    rows = (
        select(col(AccountRole.account_id), col(AccountRole.kind), col(Person.name))
        .join(Person, col(Person.id) == col(AccountRole.person_id))
        .where(
            col(AccountRole.account_id).in_(account_ids),
            col(AccountRole.kind).in_(_ANSWERABLE),
            col(AccountRole.refused_at).is_(None),
            col(AccountRole.since_on) <= on,
            or_(col(AccountRole.until_on).is_(None), col(AccountRole.until_on) > on),
            or_(col(Person.left_on).is_(None), col(Person.left_on) > on),
        )
        .order_by(col(AccountRole.id))
    )
    found: dict[AccountRoleKind, dict[int, list[str]]] = {kind: {} for kind in _ANSWERABLE}
    for account_id, kind, name in session.execute(rows):
        found[kind].setdefault(account_id, []).append(name)
    return found[AccountRoleKind.ADMINISTRATOR] | found[AccountRoleKind.RESPONSIBLE]


@dataclass(frozen=True)
class Posted:
    """What a rule wants within its window, and what has been seen there."""

    window: Window
    seen: int
    """At least so many."""
    stand: Stand


@dataclass(frozen=True)
class PostedRow:
    """How an account stands to the rule on posting that it keeps least."""

    account: Account
    how: Posted
    known: Known
    source: AccountSource | None


_WORST = (Stand.SHORT, Stand.UNKNOWN, Stand.KEPT)


def posting(session: Session, law: Law, now: datetime) -> Found[PostedRow]:
    """Every account whose posts a rule counts: those with too few first, then those nobody could read.

    As it stood on the last day on which posts were looked for: of the days since then nobody can tell.
    """
    on = latest_posting_day(law, law.day_of(now))
    checked = accounts_to_check(session, law, on)
    ids, settings = [one.account_id for one in checked], law.policy.settings
    windows = [window_of(rule, settings).days for one in checked for rule in one.rules]
    end = law.calendar.at(law.day_of(now) + timedelta(days=1), time())
    looks = looks_at(session, ids, law.calendar.at(on - timedelta(days=max(windows, default=1)), time()), end)
    known, sources = known_of(session, ids, end), sources_of(session, ids)
    rows = []
    for one in checked:
        stands = [_stand(law, one, rule, looks.get(one.account_id, ()), on) for rule in one.rules]
        worst = min(stands or [_stand(law, one, None, (), on)], key=lambda it: _WORST.index(it.stand))
        number = one.account_id
        rows.append(PostedRow(one.account, worst, known[number], sources.get(number)))
    rows.sort(key=lambda it: (_WORST.index(it.how.stand), it.known.posted_at is not None, it.known.posted_at))
    return Found(rows, len(rows))


def _stand(law: Law, one: Checked, rule: Posting | None, looks: Sequence[GoodLook], on: date) -> Posted:
    """Nothing is held against an account whose window has not run since it began."""
    settings = law.policy.settings
    window = window_of(rule, settings) if rule else Window(settings.posting_window_days, 0)
    start = law.calendar.at(on - timedelta(days=window.days), time())
    seen, _ = posts_since(start, looks, until=law.calendar.at(on, time()))
    judged = rule is not None and window.days <= (on - one.began_on).days
    stand = posting_stands(rule, looks, on, settings, law.calendar) if rule and judged else Stand.KEPT
    return Posted(window, seen, stand)


def unit_names(session: Session, municipality_id: int) -> dict[int, str]:
    """Every unit of a municipality, by its number."""
    rows = select(col(Unit.id), col(Unit.name)).where(col(Unit.municipality_id) == municipality_id)
    return {unit_id: name for unit_id, name in session.execute(rows)}
