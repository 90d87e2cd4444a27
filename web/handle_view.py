"""What an account's page shows of the watch over its name and addresses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from connectors.look_alikes import look_alikes
from connectors.occupying import READABLE
from lifecycle.handles import handles_of, is_gone, is_somebody_elses, own_ids
from lifecycle.law import Law
from models import (
    Account,
    AccountSource,
    AccountState,
    TaskState,
    UserTask,
    WatchedAs,
    WatchedHandle,
)


@dataclass(frozen=True)
class HandleLine:
    """One address under watch, and what the last look at it found."""

    row: WatchedHandle
    stands: str
    """Code: failed, gone, ours, free, other, asked, done or harmless."""
    reason: str = ""
    """What communications has said of it."""


@dataclass(frozen=True)
class HandleWatch:
    """The state of one account's watch."""

    seen_at: datetime | None
    """When the account was last found by its address."""
    problem: str
    """Why the last look at it told nothing, or what it told."""
    addresses: Sequence[HandleLine]
    """Those that were or are official."""
    found: Sequence[HandleLine]
    """Look-alikes that somebody has."""
    alike: int
    """Names that can be taken for it."""
    alike_tried: int
    """How many of them have been looked at."""
    looked_at: datetime | None
    """When the last of them was."""
    readable: bool
    """Whether the platform answers such questions without a key."""


def handle_watch(session: Session, law: Law, account: Account) -> HandleWatch:
    """Last looks and what they found."""
    source, ours = session.get(AccountSource, account.id), own_ids(session, account.municipality_id)
    lines = [_line(session, row, ours) for row in handles_of(session, account)]
    alike = [one for one in lines if one.row.watched_as is WatchedAs.LOOK_ALIKE]
    looks = [one.row.looked_at for one in alike if one.row.looked_at is not None]
    is_active = account.state is AccountState.ACTIVE
    return HandleWatch(
        seen_at=account.seen_at,
        problem=source.says if source and source.problem else "",
        addresses=[one for one in lines if one not in alike],
        found=[one for one in alike if one.row.occupant],
        alike=len(look_alikes(account.platform, account.address)) if is_active else 0,
        alike_tried=len(looks),
        looked_at=max(looks, default=None),
        readable=account.platform in READABLE and law.policy.settings.handle_looks_a_day > 0,
    )


def _line(session: Session, row: WatchedHandle, ours: set[str]) -> HandleLine:
    if row.looked_at is None:
        return HandleLine(row, "failed")
    if not is_somebody_elses(row, ours):
        return HandleLine(row, "gone" if is_gone(row) else "ours" if row.occupant else "free")
    task = session.get(UserTask, row.task_id) if row.task_id else None
    if task is None or task.state is not TaskState.DONE:
        return HandleLine(row, "asked" if task else "other")
    return HandleLine(row, "harmless" if task.details.get("harmless") else "done", task.reason)
