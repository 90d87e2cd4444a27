"""A refusal is told when its letter leaves: when the answer can no longer be taken back."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from lifecycle.law import law_of_task
from lifecycle.regret import regret_ends_at
from models import Account, AccountState, Outcome, TaskState, UserTask

Untold = Mapping[int, datetime]
"""Tasks that were answered with no, and when those who asked are told at the latest."""


def untold(session: Session, account: Account, visitor_id: int | None, now: datetime) -> Untold:
    """The refusals that a visitor is not told of yet; the one who gave one knows it."""
    rows = select(UserTask).where(
        col(UserTask.account_id) == account.id,
        col(UserTask.state) == TaskState.DONE,
        col(UserTask.outcome) == Outcome.DECLINE,
        col(UserTask.answered_by_id) != visitor_id,
    )
    told_at = {
        task.id or 0: regret_ends_at(law_of_task(session, account, task, now), task)
        for task in session.execute(rows).scalars()
    }
    return {task_id: at for task_id, at in told_at.items() if at is not None and now < at}


def told_state(account: Account, held: Untold) -> AccountState:
    """The account's state, as far as it may be told."""
    declined = account.state is AccountState.DECLINED
    return AccountState.DECIDING if declined and held else account.state
