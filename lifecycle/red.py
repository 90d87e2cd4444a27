"""An account that stands red at communications: something only a person can put right."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from lifecycle.events import EventKind
from lifecycle.journal import record
from lifecycle.tasks import open_tasks
from models import Account

_TOLD_OTHERWISE = ("not_watched", "taken_over", "case_late")


def settle_red(session: Session, account: Account, stuck: Sequence[str], now: datetime) -> None:
    """Let an account stand red for what is so now: what hinders it (`stuck`), else what nobody answers.

    A reason that still holds is kept, so that two of them never take turns and nobody is told twice. What
    nobody answers has been told by the ladder.
    """
    standing = list(stuck) or _unanswered(session, account)
    if not standing:
        clear_red(session, account, now)
    elif account.red_reason not in standing:
        _stand_red(session, account, standing[0], now, told=_is_told(stuck))


def _is_told(reasons: Sequence[str]) -> bool:
    """Whether communications is written to: not of what alarms and the morning letter tell."""
    return bool(reasons) and reasons[0] not in _TOLD_OTHERWISE


def _unanswered(session: Session, account: Account) -> list[str]:
    return [
        f"no_answer:{task.step}" for task in open_tasks(session, account) if task.escalated_at is not None
    ]


def _stand_red(session: Session, account: Account, reason: str, now: datetime, *, told: bool) -> None:
    account.red_reason = reason
    session.add(account)
    record(session, EventKind.STANDS_RED, now, account=account, facts={"reason": reason, "told": told})


def clear_red(session: Session, account: Account, now: datetime) -> None:
    """Nothing hinders the account any more."""
    if account.red_reason:
        record(session, EventKind.RED_CLEARED, now, account=account, facts={"reason": account.red_reason})
        account.red_reason = ""
        session.add(account)
