"""Accounts that somebody else may have by now: a platform, or those who look after them, have said so."""

from collections.abc import Collection

from sqlalchemy import Select, or_, select, union
from sqlmodel import Session, col

from lifecycle.case_steps import TAKEN_OVER
from lifecycle.identity import STEP, key_like
from models import IS_OPEN, Case, CaseState, IdentityChange, Outcome, TaskKind, UserTask


def under_investigation(
    session: Session, municipality_id: int, account_ids: Collection[int] | None = None
) -> set[int]:
    """Accounts with an open question of who has their address, or an open case of a takeover.

    What a visitor alone has reported counts when somebody who looks after the account has done a step of the
    case: else anybody could have it said of any account.
    """
    found = set(session.execute(union(_seen(municipality_id), _told(municipality_id))).scalars())
    return found if account_ids is None else found & set(account_ids)


def asks_who_has_it(task: UserTask) -> bool:
    """Whether a task is such a question: while it is open nobody is told that the account is ours."""
    return task.step == STEP and f":{IdentityChange.TAKEN_OVER.value}:" in (task.once_key or "")


def _seen(municipality_id: int) -> Select[int | None]:
    return select(col(UserTask.account_id)).where(
        col(UserTask.municipality_id) == municipality_id,
        col(UserTask.kind) == TaskKind.LOOK_INTO,
        col(UserTask.step) == STEP,
        col(UserTask.once_key).like(key_like(IdentityChange.TAKEN_OVER)),
        IS_OPEN,
    )


def _told(municipality_id: int) -> Select[int]:
    acted = select(col(UserTask.id)).where(
        col(UserTask.case_id) == col(Case.id), col(UserTask.outcome) == Outcome.CONFIRMED
    )
    return select(col(Case.account_id)).where(
        col(Case.municipality_id) == municipality_id,
        col(Case.kind) == TAKEN_OVER,
        col(Case.state) == CaseState.OPEN,
        or_(col(Case.opened_by_id).is_not(None), acted.exists()),
    )
