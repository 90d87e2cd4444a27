"""Keys that no longer open a platform: one task at communications for each, not one for each account."""

from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from lifecycle.duty_tasks import open_duty, open_of_kind, withdraw_duty
from lifecycle.law import Law
from lifecycle.roles import Holder, post_holders
from models import (
    Account,
    AccountSource,
    AccountState,
    SightState,
    TaskKind,
    UserTask,
)
from policies.keys import Platform, Role
from policies.naming import PLATFORM_NAMES

STEP = "atkomst"
KEY_FAULTS = (SightState.AUTH_EXPIRED, SightState.NO_PERMISSION)


def ask_for_access(session: Session, law: Law, on: date, now: datetime) -> list[int]:
    """Ask for what has begun to fail, and take back what works again; returns the new tasks.

    Asked anew when somebody has answered and it still fails.
    """
    failing, asked = _failing(session, law), _asked(session, law)
    for platform in set(asked) - set(failing):
        withdraw_duty(session, asked[platform], now)
    people = post_holders(session, law.municipality_id, Role.COMMUNICATIONS, on)
    holders = [Holder(person.id) for person in people if person.id is not None]
    new = sorted(set(failing) - set(asked)) if holders else []
    tasks = [_ask(session, law, platform, failing[platform], holders, on, now) for platform in new]
    return [task.id for task in tasks if task is not None and task.id is not None]


def _failing(session: Session, law: Law) -> dict[str, list[Account]]:
    """Accounts that could not be read for their platform's key, by platform."""
    rows = (
        select(Account)
        .join(AccountSource, col(AccountSource.account_id) == col(Account.id))
        .where(
            col(Account.municipality_id) == law.municipality_id,
            col(Account.state) == AccountState.ACTIVE,
            col(AccountSource.problem).in_(KEY_FAULTS),
        )
    )
    found: dict[str, list[Account]] = {}
    for account in session.execute(rows.order_by(col(Account.id))).scalars():
        found.setdefault(account.platform, []).append(account)
    return found


def _asked(session: Session, law: Law) -> dict[str, UserTask]:
    asked = open_of_kind(session, law.municipality_id, TaskKind.LOOK_INTO)
    return {str(task.details["platform"]): task for task in asked if task.step == STEP}


def _ask(
    session: Session,
    law: Law,
    platform: str,
    accounts: list[Account],
    holders: list[Holder],
    on: date,
    now: datetime,
) -> UserTask | None:
    name = PLATFORM_NAMES[Platform(platform)]
    return open_duty(
        session,
        law,
        None,
        now,
        kind=TaskKind.LOOK_INTO,
        once_key=f"access:{law.municipality_id}:{platform}:{on.isoformat()}",
        step=STEP,
        label=f"Kanalvakt kommer inte längre åt {name}: förnya nyckeln",
        rule=None,
        role=Role.COMMUNICATIONS,
        holders=holders,
        details={"platform": platform, "accounts": [account.id for account in accounts]},
    )
