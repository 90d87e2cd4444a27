"""Accounts that are not kept up: a warning in time, a review, and what follows when nobody answers it.

Only what is known counts: an account whose posts could not be read is never found to be without any, and no
account is found inactive that was not warned of it so many days before as the municipality has set.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import Executable, select
from sqlmodel import Session, col

from lifecycle.closing import is_asked
from lifecycle.conditions import applying, facts_of
from lifecycle.duty_tasks import open_duty, open_of_kind, withdraw_duty
from lifecycle.events import EventKind
from lifecycle.held_accounts import held_accounts
from lifecycle.idle import Idle, day_words, idles_of, silence_words
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.presence import people_present
from lifecycle.roles import NO_BARS, Holder, common_owner, find_holders
from lifecycle.rounds import Findings
from lifecycle.sights import known_of, looks_at
from lifecycle.tasks import end_task, raise_news
from models import IS_OPEN, Account, Process, TaskKind, TaskState, UserTask
from models.asking import built_once
from policies.duties import Inactivity
from policies.keys import Role

WARN_STEP = "forvarning"
STEP = "bedomning"
_ASKS = {
    "assess": "bedöm om kontot ska vara kvar",
    "close": "avsluta kontot, eller skriv varför det ska vara kvar",
}


def settle_inactivity(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> int:
    """Warn of and ask about accounts that are not kept up, and take back what is no longer so.

    Returns how many tasks it opened; does nothing the second time.
    """
    accounts = _accounts(session, law, on)
    known = known_of(session, list(accounts), _end_of(law, on))
    open_ones, asked_on = _open_tasks(session, law, on), _asked_on(session, law)

    def settle(account_id: int) -> int:
        account, rule = accounts[account_id]
        idles = idles_of(law, account, rule, known[account_id], on)
        return _settle(session, law, idles, open_ones.get(account_id, ()), asked_on, on, now)

    opened = findings.each(session, list(accounts), lambda account_id: f"konto {account_id}", settle)
    for task in [task for account_id in set(open_ones) - set(accounts) for task in open_ones[account_id]]:
        withdraw_duty(session, task, now)
    return sum(opened)


def _end_of(law: Law, on: date) -> datetime:
    return law.calendar.at(on + timedelta(days=1), time())


def _accounts(session: Session, law: Law, on: date) -> dict[int, tuple[Account, Inactivity]]:
    """Active accounts that the rule concerns, and that nobody has asked to close or let off."""
    rule = law.policy.rules.inactivity
    accounts = held_accounts(session, law, on, duty="inactivity") if rule else ()
    return {
        account.id or 0: (account, found)
        for account in accounts
        if not is_asked(account)
        for found in applying([rule] if rule else [], facts_of(account), on)
    }


def _open_tasks(session: Session, law: Law, on: date) -> dict[int, list[UserTask]]:
    """Warnings and reviews by account; for a past day those that were open by then."""
    found: dict[int, list[UserTask]] = {}
    for task in session.execute(*_open_before(law.municipality_id, _end_of(law, on))).scalars():
        found.setdefault(task.account_id or 0, []).append(task)
    return found


@built_once
def _open_before(of: int, instant: datetime) -> Executable:
    rows = select(UserTask).where(
        col(UserTask.municipality_id) == of,
        col(UserTask.process) == Process.DUTIES,
        IS_OPEN,
        col(UserTask.kind).in_([TaskKind.WARN, TaskKind.REVIEW]),
        col(UserTask.opened_at) < instant,
    )
    return rows.order_by(col(UserTask.id))


def _asked_on(session: Session, law: Law) -> dict[str, date]:
    """When each stretch of silence was warned of or asked about, by the task's key, whatever became of it."""
    rows = session.execute(*_asked_before(law.municipality_id))
    return {key: law.day_of(opened_at) for key, opened_at in rows if key is not None}


@built_once
def _asked_before(of: int) -> Executable:
    return select(col(UserTask.once_key), col(UserTask.opened_at)).where(
        col(UserTask.municipality_id) == of, col(UserTask.kind).in_([TaskKind.WARN, TaskKind.REVIEW])
    )


def _settle(
    session: Session,
    law: Law,
    idles: Sequence[Idle],
    open_ones: Sequence[UserTask],
    asked_on: Mapping[str, date],
    on: date,
    now: datetime,
) -> int:
    """One account: what is asked and no longer so is taken back; one review at a time."""
    found = next((idle for idle in idles if _is_found(law, idle, asked_on.get(_warn_key(idle)), on)), None)
    keys = {_review_key(idle) for idle in idles} | {_warn_key(idle) for idle in idles if found is None}
    for task in open_ones:
        if task.once_key not in keys:
            withdraw_duty(session, task, now)
    if found is not None:
        under_review = any(task.once_key in keys for task in open_ones)
        if under_review or _review_key(found) in asked_on:
            return 0
        _ask_for_review(session, law, found, on, now)
        return 1
    due = [idle for idle in idles if _warn_key(idle) not in asked_on and _is_known(idle, idle.warn_on, on)]
    for idle in due:
        _warn(session, law, idle, on, now)
    return len(due)


def _warn_key(idle: Idle) -> str:
    return f"warn:{idle.key}"


def _review_key(idle: Idle) -> str:
    return f"review:{idle.key}"


def _is_known(idle: Idle, mark_on: date, on: date) -> bool:
    """Whether a day has come, and it is known that nothing had happened by then."""
    return mark_on <= on and idle.known_on is not None and idle.known_on >= mark_on


def _is_found(law: Law, idle: Idle, warned_on: date | None, on: date) -> bool:
    days = timedelta(days=law.policy.settings.inactivity_warning_days)
    return warned_on is not None and warned_on + days <= on and _is_known(idle, idle.due_on, on)


# ---------------------------------------------------------------- warning and asking


def _warn(session: Session, law: Law, idle: Idle, on: date, now: datetime) -> None:
    """Those who administer and answer for the account read of it once; nobody is reminded."""
    days = law.policy.settings.inactivity_warning_days
    from_on = max(idle.due_on, on + timedelta(days=days))
    task = open_duty(
        session,
        law,
        idle.account,
        now,
        kind=TaskKind.WARN,
        once_key=_warn_key(idle),
        step=WARN_STEP,
        label=f"{silence_words(idle, on)}: den {day_words(from_on, on)} prövas om kontot ska vara kvar",
        rule=idle.rule,
        role=Role.ADMINISTRATOR,
        holders=_warned_people(session, law, idle.account, on),
        details=_facts(idle) | {"from_on": from_on.isoformat()},
    )
    if task is not None:
        task.next_reminder_at = None
        record(session, EventKind.INACTIVITY_WARNED, now, task=task, facts=_facts(idle))


def _warned_people(session: Session, law: Law, account: Account, on: date) -> list[Holder]:
    present = people_present(session, law, [account], on)[account.id or 0]
    everybody = [*present, *_in_role(session, law, account, Role.RESPONSIBLE, on)]
    return list({holder.person_id: holder for holder in everybody}.values())


def _ask_for_review(session: Session, law: Law, idle: Idle, on: date, now: datetime) -> None:
    """Raises LookupError when there is nobody to ask, not even as the last resort."""
    role, facts = idle.rule.reviewed_by, _facts(idle) | {"looks": _looks_behind(session, law, idle, on)}
    holders = _in_role(session, law, idle.account, role, on)
    if not holders:
        raise LookupError("ingen finns att fråga om kontot ska vara kvar")
    task = open_duty(
        session,
        law,
        idle.account,
        now,
        kind=TaskKind.REVIEW,
        once_key=_review_key(idle),
        step=STEP,
        label=f"{silence_words(idle, on)}: {_ASKS[idle.rule.outcome]}",
        rule=idle.rule,
        role=role,
        holders=holders,
        details=facts,
    )
    if task is not None:
        record(session, EventKind.INACTIVITY_FOUND, now, task=task, facts=facts)


def _in_role(session: Session, law: Law, account: Account, role: Role, on: date) -> list[Holder]:
    return find_holders(
        session,
        account,
        role,
        bars=NO_BARS,
        last_resort=law.policy.settings.last_resort,
        on=on,
        owner=common_owner(law.policy.rules.owner, account, on),
    )


def _facts(idle: Idle) -> dict[str, object]:
    """What was known and reckoned when it was asked: dates only."""
    return {
        "cause": idle.cause,
        "since_on": idle.since_on.isoformat(),
        "due_on": idle.due_on.isoformat(),
        "known_on": idle.known_on.isoformat() if idle.known_on else None,
    }


def _looks_behind(session: Session, law: Law, idle: Idle, on: date) -> list[int]:
    """The looks that the finding rests on, by number."""
    if idle.cause == "watch":
        return []
    account_id, start = idle.account.id or 0, law.calendar.at(idle.since_on, time())
    looks = looks_at(session, [account_id], start, _end_of(law, on)).get(account_id, ())
    return [look.id for look in looks]


# ---------------------------------------------------------------- nobody answers


def end_unanswered(session: Session, law: Law, on: date, now: datetime) -> int:
    """End reviews that nobody answered, though it was told at the ladder's end, where closing follows.

    The account's own run then asks to close it (`lifecycle.reviewing`). Where the rule leaves it at that, the
    account stands red until somebody answers.
    """
    accounts, ended = _accounts(session, law, on), 0
    for task in _given_up(session, law, now):
        account, rule = accounts.get(task.account_id or 0, (None, None))
        if account is not None and rule is not None and _closes_unanswered(rule):
            end_task(session, task, TaskState.NO_ANSWER)
            record(session, EventKind.INACTIVITY_UNANSWERED, now, task=task, facts={"step": task.step})
            raise_news(session, account)
            ended += 1
    return ended


def _closes_unanswered(rule: Inactivity) -> bool:
    return (rule.if_no_answer or ("close" if rule.outcome == "close" else "red")) == "close"


def _given_up(session: Session, law: Law, now: datetime) -> list[UserTask]:
    """Reviews whose ladder has ended, and whoever was told then has had their own time to see to it."""
    every, calendar = law.policy.settings.ladder.every, law.calendar
    return [
        task
        for task in open_of_kind(session, law.municipality_id, TaskKind.REVIEW)
        if task.escalated_at and calendar.working_days_after(task.escalated_at, every) <= now
    ]
