"""States, allowed moves and what each state permits: three adjacent tables and one setter."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from lifecycle.events import ENGINE, By, EventKind
from lifecycle.journal import record
from lifecycle.refusals import Refused
from models import Account
from models import AccountState as S

MOVES: dict[S, frozenset[S]] = {
    S.DRAFT: frozenset({S.DECIDING, S.WITHDRAWN}),
    S.DECIDING: frozenset({S.CHANGES_ASKED, S.SETTING_UP, S.DECLINED, S.WITHDRAWN}),
    S.CHANGES_ASKED: frozenset({S.DECIDING, S.WITHDRAWN}),
    S.SETTING_UP: frozenset({S.ACTIVE, S.DECIDING, S.WITHDRAWN, S.LAPSED}),
    S.ACTIVE: frozenset({S.CLOSING}),
    S.CLOSING: frozenset({S.CLOSED, S.ACTIVE}),
    S.CLOSED: frozenset(),
    S.DECLINED: frozenset({S.DECIDING}),
    S.WITHDRAWN: frozenset(),
    S.LAPSED: frozenset({S.SETTING_UP}),
}
"""Declined → deciding is a decision taken back; lapsed → setting up is a repair."""


class Act(StrEnum):
    """What people can do with an account; which state permits it stands below."""

    SAVE_PLAN = "save_plan"
    SEND_PLAN = "send_plan"
    WITHDRAW = "withdraw"
    ANSWER = "answer"
    HAND_OVER = "hand_over"
    CONFIRM_ITEM = "confirm_item"
    CHANGE_ADMINISTRATOR = "change_administrator"
    ASK_TO_CLOSE = "ask_to_close"
    WITHDRAW_REQUEST = "withdraw_request"
    MOVE = "move"
    OPEN_CASE = "open_case"
    REPAIR = "repair"
    REST = "rest"
    """To let an account rest, set its last day, or let it off a duty."""


_WHILE_OPEN = frozenset(
    {
        Act.ANSWER,
        Act.HAND_OVER,
        Act.CONFIRM_ITEM,
        Act.CHANGE_ADMINISTRATOR,
        Act.WITHDRAW_REQUEST,
        Act.OPEN_CASE,
        Act.REPAIR,
    }
)
PERMITS: dict[S, frozenset[Act]] = {
    S.DRAFT: frozenset({Act.SAVE_PLAN, Act.SEND_PLAN, Act.WITHDRAW}),
    S.DECIDING: frozenset({Act.ANSWER, Act.HAND_OVER, Act.WITHDRAW, Act.REPAIR}),
    S.CHANGES_ASKED: frozenset({Act.SAVE_PLAN, Act.SEND_PLAN, Act.WITHDRAW, Act.ANSWER, Act.REPAIR}),
    S.SETTING_UP: frozenset({Act.ANSWER, Act.HAND_OVER, Act.CONFIRM_ITEM, Act.WITHDRAW, Act.REPAIR}),
    S.ACTIVE: _WHILE_OPEN | {Act.ASK_TO_CLOSE, Act.MOVE, Act.REST},
    S.CLOSING: _WHILE_OPEN,
    S.CLOSED: frozenset(),
    S.DECLINED: frozenset({Act.ANSWER, Act.REPAIR}),
    S.WITHDRAWN: frozenset(),
    S.LAPSED: frozenset({Act.REPAIR}),
}
"""Answer in `declined` is only the taking back of the answer that declined."""

FINAL = frozenset({S.CLOSED, S.DECLINED, S.WITHDRAWN, S.LAPSED})


def demand(account: Account, act: Act) -> None:
    """Refuse an act that the account's state does not permit."""
    if act not in PERMITS[account.state]:
        raise Refused("state_forbids", act=act.value, state=account.state.value)


def change_state(session: Session, account: Account, to: S, now: datetime, by: By = ENGINE) -> None:
    """Move an account, or fail loudly: a move outside the table is a fault of ours."""
    if to not in MOVES[account.state]:
        raise ValueError(f"account {account.id} may not go from {account.state} to {to}")
    before = account.state
    account.state, account.state_since = to, now
    session.add(account)
    record(
        session,
        EventKind.STATE_CHANGED,
        now,
        account=account,
        by=by,
        facts={"from": before.value, "to": to.value},
    )
