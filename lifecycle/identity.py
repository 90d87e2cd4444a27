"""Accounts whose address no longer leads where it did: renamed, moved, gone, or somebody else's by now."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from lifecycle.duty_tasks import open_duty, open_of_kind, withdraw_duty
from lifecycle.events import EventKind
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.presence import people_present
from lifecycle.roles import Holder, post_holders
from lifecycle.sights import Sight
from models import (
    Account,
    AccountSource,
    IdentityChange,
    SightState,
    TaskKind,
    UserTask,
    WatchedAs,
    WatchedHandle,
)
from policies.keys import Platform, Role

STEP = "adress"
GONE_LOOKS = 2
"""So many looks, on days of their own, must find nobody before an account or an address counts as gone."""
COMPARING_NAMES = (Platform.MASTODON, Platform.BLUESKY)
"""Where anybody may ask who has a name, and a look at posts begins with that; elsewhere it goes by a feed or
an id, and says nothing of who has the name."""
_LABELS = {
    IdentityChange.RENAMED: "Kontot har bytt namn: rätta adressen i Kanalvakt",
    IdentityChange.MOVED: "Kontot har flyttats: rätta adressen i Kanalvakt",
    IdentityChange.TAKEN_OVER: "Adressen hör till någon annans konto: ta reda på vad som har hänt",
    IdentityChange.DISAPPEARED: "Kontot går inte att hitta längre: ta reda på vad som har hänt",
}


def asked_about_identity(session: Session, law: Law) -> dict[int, list[UserTask]]:
    """By account: what is asked about its address."""
    found: dict[int, list[UserTask]] = {}
    for task in open_of_kind(session, law.municipality_id, TaskKind.LOOK_INTO):
        if task.step == STEP and task.account_id is not None:
            found.setdefault(task.account_id, []).append(task)
    return found


def ask_about_sight(
    session: Session,
    law: Law,
    account: Account,
    source: AccountSource,
    sight: Sight,
    asked: Sequence[UserTask],
    now: datetime,
) -> None:
    """Ask about what a look at an account's posts has shown of its address.

    What is `asked` is taken back when the address leads to the account again: no failed look says so.
    """
    change, since_at = sight.change, None
    gone = sight.observation is not None and sight.observation.state is SightState.GONE
    if change is None and gone and source.gone_looks >= GONE_LOOKS:
        change, since_at = IdentityChange.DISAPPEARED, source.gone_since_at
    if change is not None:
        on = law.day_of(now)
        ask_about_identity(session, law, account, change, sight.says, on, now, since_at=since_at)
    elif asked and not sight.problem and not _name_is_lost(session, account):
        take_back(session, asked, now)


def _name_is_lost(session: Session, account: Account) -> bool:
    """Whether the look at the name itself, where posts are read without it, has found nobody or another."""
    if account.platform in COMPARING_NAMES:
        return False
    rows = select(WatchedHandle).where(
        col(WatchedHandle.account_id) == account.id,
        col(WatchedHandle.watched_as) == WatchedAs.OWN,
        col(WatchedHandle.address_key) == (account.address_key or "")[:300],
    )
    row = session.execute(rows).scalars().first()
    return row is not None and (row.gone_looks >= GONE_LOOKS or is_anothers(row))


def is_anothers(row: WatchedHandle) -> bool:
    """Whether an address belongs to another than it did."""
    return bool(row.occupant and row.known) and row.occupant != row.known


def take_back(session: Session, asked: Iterable[UserTask], now: datetime) -> None:
    """The address leads to the account again."""
    for task in asked:
        withdraw_duty(session, task, now)


def ask_about_identity(
    session: Session,
    law: Law,
    account: Account,
    change: IdentityChange,
    says: str,
    on: date,
    now: datetime,
    *,
    since_at: datetime | None = None,
) -> UserTask | None:
    """Ask what has become of an account, once for each address; of a disappearance once each time.

    Those who administer it are asked what to correct; communications of a takeover too, and alone of an
    account that is gone: no clause makes that anybody else's duty.
    The event names the account, so that what the public is told of it changes at once.
    """
    holders = _holders(session, law, account, change, on)
    since = f":{law.day_of(since_at)}" if since_at is not None else ""
    if not holders:
        return None
    task = open_duty(
        session,
        law,
        account,
        now,
        kind=TaskKind.LOOK_INTO,
        once_key=_once_key(account, change, since),
        step=STEP,
        label=_LABELS[change],
        rule=None,
        role=Role.COMMUNICATIONS if change is IdentityChange.DISAPPEARED else Role.ADMINISTRATOR,
        holders=holders,
        details={"says": says},
    )
    if task is not None:
        facts = {"kind": task.kind.value, "count": 1, "change": change.value}
        record(session, EventKind.DUTIES_ASKED, now, account=account, task=task, facts=facts)
    return task


def _once_key(account: Account, change: IdentityChange, since: str) -> str:
    return f"identity:{account.id}:{change.value}{since}:{account.address_key or ''}"[:120]


def key_like(change: IdentityChange) -> str:
    """The pattern, for SQL's "like", of what a question about such a change is asked once for."""
    return f"identity:%:{change.value}:%"


def _holders(session: Session, law: Law, account: Account, change: IdentityChange, on: date) -> list[Holder]:
    holders: list[Holder] = []
    if change is not IdentityChange.DISAPPEARED:
        holders += people_present(session, law, [account], on)[account.id or 0]
    if change in (IdentityChange.TAKEN_OVER, IdentityChange.DISAPPEARED):
        people = post_holders(session, law.municipality_id, Role.COMMUNICATIONS, on)
        holders += [Holder(person.id) for person in people if person.id is not None]
    return list({holder.person_id: holder for holder in holders}.values())
