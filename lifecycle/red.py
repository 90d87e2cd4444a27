"""An account that stands red at communications: something only a person can put right."""

from datetime import datetime

from sqlmodel import Session

from lifecycle.events import EventKind
from lifecycle.journal import record
from models import Account


def stand_red(session: Session, account: Account, reason: str, now: datetime, *, told: bool = True) -> None:
    """Mark an account red, once per reason. `told` False when another letter already says it."""
    if account.red_reason == reason:
        return
    account.red_reason = reason
    session.add(account)
    record(session, EventKind.STANDS_RED, now, account=account, facts={"reason": reason, "told": told})


def clear_red(session: Session, account: Account, now: datetime, prefix: str = "") -> None:
    """The reason is gone."""
    if account.red_reason and account.red_reason.startswith(prefix):
        record(session, EventKind.RED_CLEARED, now, account=account, facts={"reason": account.red_reason})
        account.red_reason = ""
        session.add(account)
