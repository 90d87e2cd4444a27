"""A season's rest of an account, and an account that ends on a day set beforehand.

A rest stops checks of posting and of inactivity; never the watch, cases or snapshots (REQUIREMENTS 2.7).
"""

from datetime import date, datetime, time, timedelta

from sqlalchemy import Executable, select
from sqlmodel import Session, col

from languages.speaking import day_as_kept
from lifecycle.closing import ask_to_close, is_asked
from lifecycle.events import ENGINE, By, EventKind
from lifecycle.held_accounts import held_accounts
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.refusals import Refused
from lifecycle.roles import people_now, post_holders, units_upwards
from lifecycle.states import Act, demand
from lifecycle.tasks import raise_news
from models import Account, AccountRoleKind, AccountState, AuditEvent
from models.asking import built_once
from policies.keys import Role

LONGEST_DAYS = 366
"""A rest is for a season; what is longer is another account's purpose, or none."""


def may_decide(session: Session, account: Account, person_id: int | None, on: date) -> bool:
    """Whether somebody may let it rest and set its last day: the responsible, managers, communications."""
    responsible = {one.id for _, one in people_now(session, account, [AccountRoleKind.RESPONSIBLE], on)}
    leads = {unit.line_manager_id for unit in units_upwards(session, account.unit_id)}
    members = {one.id for one in post_holders(session, account.municipality_id, Role.COMMUNICATIONS, on)}
    return person_id in responsible | leads | members


def _demand_may(session: Session, account: Account, by: By, on: date) -> None:
    demand(account, Act.REST)
    if not may_decide(session, account, by.person_id, on):
        raise Refused("not_yours_to_rest")


def let_rest(
    session: Session, law: Law, account: Account, from_on: date, until_on: date, by: By, now: datetime
) -> None:
    """Let an account rest from a day until the day before `until_on`.

    Raises Refused `not_yours_to_rest`, `rest_dates` or `rest_too_long`.
    """
    on = law.day_of(now)
    _demand_may(session, account, by, on)
    if from_on < on or until_on <= from_on:
        raise Refused("rest_dates")
    if (until_on - from_on).days > LONGEST_DAYS:
        raise Refused("rest_too_long", days=LONGEST_DAYS)
    account.rests_from_on, account.rests_until_on, account.rest_ended_at = from_on, until_on, None
    facts = {"from": from_on.isoformat(), "until": until_on.isoformat()}
    record(session, EventKind.REST_SET, now, account=account, by=by, facts=facts)
    raise_news(session, account)


def wake(session: Session, law: Law, account: Account, by: By, now: datetime) -> None:
    """End a rest before its time; one that has not begun never was."""
    on = law.day_of(now)
    _demand_may(session, account, by, on)
    if account.rests_until_on is None or account.rest_ended_at is not None:
        raise Refused("rest_none")
    if account.rests_from_on is not None and account.rests_from_on >= on:
        account.rests_from_on = account.rests_until_on = None
    else:
        account.rests_until_on, account.rest_ended_at = on, now
    record(session, EventKind.REST_ENDED, now, account=account, by=by)
    raise_news(session, account)


def rests(account: Account, on: date) -> bool:
    """Whether the account rests on that day."""
    begun = account.rests_from_on is not None and account.rests_from_on <= on
    return begun and account.rests_until_on is not None and on < account.rests_until_on


def rested_out(session: Session, law: Law, on: date) -> list[Account]:
    """Accounts whose rest is over and has not been noticed to be."""
    return list(session.execute(*_over(law.municipality_id, on)).scalars())


@built_once
def _over(of: int, on: date) -> Executable:
    rows = select(Account).where(
        col(Account.municipality_id) == of,
        col(Account.rests_until_on) <= on,
        col(Account.rest_ended_at).is_(None),
    )
    return rows.order_by(col(Account.id))


def end_rest(session: Session, account: Account, now: datetime) -> None:
    """The rest has come to its end; the morning letter of the day says so."""
    account.rest_ended_at = now
    record(session, EventKind.REST_ENDED, now, account=account)
    raise_news(session, account)


def woken(session: Session, law: Law, on: date) -> list[Account]:
    """Open accounts whose rest was noticed to be over on that day."""
    first, last = law.calendar.at(on, time()), law.calendar.at(on + timedelta(days=1), time())
    return list(session.execute(*_woken_between(law.municipality_id, first, last)).scalars())


@built_once
def _woken_between(of: int, first: datetime, last: datetime) -> Executable:
    rows = select(Account).where(
        col(Account.municipality_id) == of,
        col(Account.state) == AccountState.ACTIVE,
        col(Account.rest_ended_at) >= first,
        col(Account.rest_ended_at) < last,
    )
    return rows.order_by(col(Account.id))


# ---------------------------------------------------------------- the account's own last day


def set_end(
    session: Session, law: Law, account: Account, ends_on: date | None, by: By, now: datetime
) -> None:
    """Say from which day the account is to be closed, or that it has no such day."""
    on = law.day_of(now)
    _demand_may(session, account, by, on)
    if ends_on is not None and ends_on <= on:
        raise Refused("end_past")
    before, account.ends_on = account.ends_on, ends_on
    facts = {
        "before": before.isoformat() if before else None,
        "ends_on": ends_on.isoformat() if ends_on else None,
    }
    record(session, EventKind.END_SET, now, account=account, by=by, facts=facts)
    raise_news(session, account)


def ending_soon(session: Session, law: Law, on: date) -> list[Account]:
    """Open accounts that end within the warning's days and whose people have not been warned of that day."""
    latest = on + timedelta(days=law.policy.settings.end_warning_days)
    return [
        account
        for account in held_accounts(session, law, on)
        if account.ends_on is not None
        and on < account.ends_on <= latest
        and account.end_warned_on != account.ends_on
    ]


def at_their_end(session: Session, law: Law, on: date) -> list[Account]:
    """Open accounts whose last day has passed and whose closing has not been asked for because of it."""
    return [
        account
        for account in held_accounts(session, law, on)
        if account.ends_on is not None and account.ends_on <= on and account.end_asked_on != account.ends_on
    ]


def warn(session: Session, account: Account, now: datetime) -> None:
    """Tell its people that the account ends soon, once for each day that it is to end on."""
    assert account.ends_on is not None
    account.end_warned_on = account.ends_on
    session.add(account)
    facts = {"ends_on": account.ends_on.isoformat()}
    record(session, EventKind.END_NEARS, now, account=account, facts=facts)


def close_at_end(session: Session, account: Account, now: datetime) -> None:
    """Ask that the account is closed, since its last day has passed; the policy's chain has its say.

    It is asked by whoever set that day, who so does not decide about it (REQUIREMENTS 4.2).
    """
    assert account.ends_on is not None
    account.end_asked_on = account.ends_on
    session.add(account)
    if not is_asked(account):
        by = By(_who_set_end(session, account), ENGINE.via)
        ask_to_close(session, account, f"Kontot hade slutdatum {day_as_kept(account.ends_on)}.", by, now)


def _who_set_end(session: Session, account: Account) -> int | None:
    """Nobody where the day stood in the plan that was decided."""
    rows = select(col(AuditEvent.actor_id)).where(
        col(AuditEvent.account_id) == account.id, col(AuditEvent.kind) == EventKind.END_SET.value
    )
    return session.execute(rows.order_by(col(AuditEvent.number).desc()).limit(1)).scalar()
