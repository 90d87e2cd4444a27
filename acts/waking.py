"""Which accounts have something that no look has seen, and which run is to look."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, Executable, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from acts.faces import name_of, tags_of
from lifecycle.states import FINAL
from models import Account, Municipality, RunLease, Unit
from models.asking import built_once
from runtime.database import reading, writing

AT_ONCE = 50
PATIENCE = timedelta(seconds=20)
"""How long a woken run has to look before it is woken again."""


@dataclass(frozen=True)
class Wake:
    """An account to be looked at, and its run."""

    account_id: int
    run_number: int
    run_seed: str
    flow_run_id: str | None
    name: str
    tags: tuple[str, ...]
    shown: str
    """What the run list must show while the account rests."""
    has_news: bool
    lives: bool

    @property
    def is_to_run(self) -> bool:
        """Whether a run has anything to do: an account that has ended and been looked at needs none."""
        return self.lives or self.has_news

    @property
    def key(self) -> str:
        """Prefect's idempotency key: one run for each account and number."""
        return self.key_of(self.run_number)

    def key_of(self, run_number: int) -> str:
        """The key that this account's run of a number has."""
        return f"account:{self.account_id}:{self.run_seed}:{run_number}"


def claim_due(engine: Engine, now: datetime, at_most: int = AT_ONCE) -> list[Wake]:
    """Claim accounts with unseen news or something due, by a conditional update: one waker gets each."""
    with reading(engine) as session:
        due = _due(session, now)[:at_most]
    if not due:
        return []
    with writing(engine) as session:
        claimed = [account.id for account in due if _claim(session, account, now)]
    return wakes(engine, [one for one in claimed if one is not None])


def _due(session: Session, now: datetime) -> Sequence[Account]:
    # Two questions, since each has its index and "or" would read every account.
    asked = (now, now - PATIENCE, now + PATIENCE)
    found = [session.execute(*one(*asked)).scalars() for one in (_with_news, _by_clock)]
    due = {account.id: account for rows in found for account in rows}
    return list(due.values())[:AT_ONCE]


@built_once
def _with_news(now: datetime, in_vain_before: datetime, set_back_after: datetime) -> Executable:
    return select(Account).where(has_news(in_vain_before, set_back_after)).limit(AT_ONCE)


@built_once
def _by_clock(now: datetime, in_vain_before: datetime, set_back_after: datetime) -> Executable:
    return select(Account).where(is_due(now, in_vain_before, set_back_after)).limit(AT_ONCE)


def has_news(in_vain_before: datetime, set_back_after: datetime) -> ColumnElement[bool]:
    """Something has happened to the account that no look has seen, and nobody is on the way to it."""
    woken_in_vain = _in_vain(in_vain_before, set_back_after)
    return (col(Account.news) > col(Account.seen)) & (
        (col(Account.news) > col(Account.woken_news)) | woken_in_vain
    )


def is_due(now: datetime, in_vain_before: datetime, set_back_after: datetime) -> ColumnElement[bool]:
    """The account's next date has come, and nobody is on the way to it."""
    woken = (
        col(Account.woken_at).is_(None)
        | (col(Account.woken_at) < col(Account.wake_at))
        | _in_vain(in_vain_before, set_back_after)
    )
    return (col(Account.wake_at) <= now) & woken


def _in_vain(before: datetime, set_back_after: datetime) -> ColumnElement[bool]:
    """Woken, and nobody has looked for so long; or woken before the clock was set back."""
    return (col(Account.woken_at) < before) | (col(Account.woken_at) > set_back_after)


def _claim(session: Session, account: Account, now: datetime) -> bool:
    same_claim = (
        col(Account.woken_at).is_(None)
        if account.woken_at is None
        else col(Account.woken_at) == account.woken_at
    )
    claimed = session.execute(
        update(Account)
        .where(col(Account.id) == account.id, col(Account.woken_news) == account.woken_news, same_claim)
        .values(woken_news=account.news, woken_at=now)
    )
    return bool(claimed.rowcount == 1)  # type: ignore[attr-defined]


def give_back(engine: Engine, account_ids: Collection[int], claimed_at: datetime) -> None:
    """Undo claims that led to nothing, so that the next round makes them again and not only after a while."""
    with writing(engine) as session:
        session.execute(
            update(Account)
            .where(col(Account.id).in_(account_ids), col(Account.woken_at) == claimed_at)
            .values(woken_news=0, woken_at=None)
        )


def wakes(engine: Engine, account_ids: Collection[int]) -> list[Wake]:
    """The runs of some accounts, with the names and tags they are found by."""
    with reading(engine) as session:
        rows = (
            select(Account, Municipality, Unit)
            .join(Municipality, col(Municipality.id) == col(Account.municipality_id))
            .outerjoin(Unit, col(Unit.id) == col(Account.unit_id))
            .where(col(Account.id).in_(account_ids))
            .order_by(col(Account.id))
        )
        found = [(account, municipality, unit) for account, municipality, unit in session.execute(rows)]
    return [_wake(account, municipality, unit) for account, municipality, unit in found]


def _wake(account: Account, municipality: Municipality, unit: Unit | None) -> Wake:
    assert account.id is not None
    return Wake(
        account_id=account.id,
        run_number=account.run_number,
        run_seed=account.run_seed,
        flow_run_id=account.flow_run_id,
        name=name_of(account, unit),
        tags=tags_of(account, municipality, unit),
        shown=account.waits_for,
        has_news=account.news > account.seen,
        lives=account.state not in FINAL,
    )


def keep_run(engine: Engine, account_id: int, run_number: int, flow_run_id: str) -> None:
    """Remember which run an account has."""
    with writing(engine) as session:
        session.execute(
            update(Account)
            .where(col(Account.id) == account_id, col(Account.run_number) == run_number)
            .values(flow_run_id=flow_run_id)
        )


def next_run(engine: Engine, account_id: int, run_number: int) -> Wake:
    """The last run has ended or is gone: count on, in our own database first, so that a new key is used."""
    with writing(engine) as session:
        session.execute(
            update(Account)
            .where(col(Account.id) == account_id, col(Account.run_number) == run_number)
            .values(run_number=run_number + 1, flow_run_id=None)
        )
    return wakes(engine, [account_id])[0]


def living_runs(engine: Engine) -> list[Wake]:
    """Every account whose life goes on."""
    with reading(engine) as session:
        rows = select(col(Account.id)).where(col(Account.state).not_in(FINAL))
        ids = list(session.execute(rows).scalars())
    return wakes(engine, ids)


def accounts_of_runs(engine: Engine, flow_run_ids: Collection[str]) -> list[Wake]:
    """The accounts whose present runs these are."""
    with reading(engine) as session:
        rows = select(col(Account.id)).where(col(Account.flow_run_id).in_(flow_run_ids))
        ids = list(session.execute(rows).scalars())
    return wakes(engine, ids)


def leases(engine: Engine, now: datetime) -> tuple[set[str], set[str]]:
    """Flow runs that a worker provably executes, and those whose worker has fallen silent."""
    with reading(engine) as session:
        rows = list(session.execute(select(RunLease)).scalars())
    live = {one.flow_run_id for one in rows if one.expires_at > now}
    return live, {one.flow_run_id for one in rows} - live


def take_over(engine: Engine, flow_run_id: str, now: datetime, lasts: timedelta) -> bool:
    """Take a dead worker's lease, or one that nobody has; of several who try, one gets it."""
    until, healer = now + lasts, "avstämning"
    lapsed = (col(RunLease.flow_run_id) == flow_run_id, col(RunLease.expires_at) <= now)
    try:
        with writing(engine) as session:
            taken = session.execute(update(RunLease).where(*lapsed).values(worker=healer, expires_at=until))
            if taken.rowcount == 1:  # type: ignore[attr-defined]
                return True
            session.add(RunLease(flow_run_id=flow_run_id, worker=healer, expires_at=until))
    except IntegrityError:
        return False
    return True


def end_lease(engine: Engine, flow_run_id: str) -> None:
    """Nobody carries the run any more."""
    with writing(engine) as session:
        session.execute(delete(RunLease).where(col(RunLease.flow_run_id) == flow_run_id))
