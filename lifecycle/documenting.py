"""Snapshots: which accounts are to be pictured, by whom, and what became of each picture.

A picture is first tried by a browser of ours, at night. Where that shows no account, the one whom the rule
names is asked to hand one in, with the reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Executable, or_, select
from sqlmodel import Session, col

from lifecycle.conditions import Facts, applying, facts_of
from lifecycle.duty_tasks import keys_asked_for, open_duty
from lifecycle.events import ENGINE, By, EventKind
from lifecycle.held_accounts import held_accounts
from lifecycle.journal import record
from lifecycle.ladder import first_reminder_at
from lifecycle.law import Law
from lifecycle.refusals import Refused
from lifecycle.roles import NO_BARS, Holder, common_owner, find_holders
from lifecycle.tasks import complete, raise_news
from models import (
    IS_OPEN,
    Account,
    AccountState,
    Outcome,
    Process,
    Snapshot,
    SnapshotReason,
    SnapshotState,
    TaskKind,
    TaskState,
    UserTask,
)
from models.asking import built_once
from policies.duties import Documentation
from policies.keys import Modality, Role

STEP = "ogonblicksbild"
ASKED_WITHIN = timedelta(days=45)
"""A window that nobody could be asked in for longer is left: the next one comes."""
CAPTURE, WANTED, REFUSED = "capture", "wanted", "refused"
PROFILES = {"picture": "pdfa-2b", "pdf": "pdfa-2b", "pdfa-1b": "pdfa-1b", "pdfa-2b": "pdfa-2b"}
"""What a picture is kept as: a PDF/A-2 is a PDF and holds the picture, and lasts where less is asked for."""


@dataclass(frozen=True)
class Due:
    """An account that is to be pictured, by which rule and for which window."""

    account: Account
    rule: Documentation
    window_on: date
    """The first day of the window's month."""


def window_of(law: Law, rule: Documentation, on: date) -> date | None:
    """The first day of the latest month that has begun, among those in which pictures are taken."""
    months = law.policy.settings.snapshot_months
    chosen = sorted(months)[:1] if rule.every == "year" else months
    begun = [
        first
        for year in (on.year - 1, on.year)
        for month in chosen
        if month not in (rule.excluded_months or ())
        and law.calendar.working_day_from(first := date(year, month, 1)) <= on
    ]
    latest = max(begun, default=None)
    return latest if latest is not None and on - latest <= ASKED_WITHIN else None


def accounts_due_for_snapshot(session: Session, law: Law, on: date) -> list[Due]:
    """Open accounts whose window has come and that have not been put down for it.

    One that was opened in the window waits for the next.
    """
    due = list(_in_window(session, law, on))
    asked = keys_asked_for(session, [_once_key(one) for one in due])
    return [one for one in due if _once_key(one) not in asked]


def _in_window(session: Session, law: Law, on: date) -> Iterator[Due]:
    windows_of = cache(lambda facts: list(_windows(law, facts, on)))
    for account in held_accounts(session, law, on, duty="documentation"):
        for rule, window in windows_of(facts_of(account)):
            if (account.opened_on or date.min) < window:
                yield Due(account, rule, window)


def _windows(law: Law, facts: Facts, on: date) -> Iterator[tuple[Documentation, date]]:
    """By which rules such accounts are to be pictured now, and from when."""
    for rule in applying(law.policy.rules.documentation, facts, on):
        window = window_of(law, rule, on)
        if window is not None:
            yield rule, window


def _once_key(due: Due) -> str:
    return f"snapshot:{due.account.id}:{due.window_on.isoformat()}"


def want_snapshot(session: Session, law: Law, due: Due, now: datetime) -> UserTask | None:
    """Put an account among those to be pictured; None when it has been for that window."""
    return _want(
        session,
        law,
        due.account,
        due.rule,
        SnapshotReason.PLANNED,
        due.window_on,
        _once_key(due),
        "Spara en bild av kontot",
        now,
    )


def pictured_at_change(law: Law, account: Account, on: date) -> bool:
    """Whether such an account is to be pictured when it has changed much."""
    rules = applying(law.policy.rules.documentation, facts_of(account), on)
    return any(rule.at_major_change for rule in rules)


def tell_major_change(session: Session, law: Law, account: Account, by: By, now: datetime) -> list[UserTask]:
    """The account has changed much: picture it where the rule asks for that. Refused `no_snapshot_asked`."""
    on = law.day_of(now)
    rules = [
        rule
        for rule in applying(law.policy.rules.documentation, facts_of(account), on)
        if rule.at_major_change
    ]
    if account.state is not AccountState.ACTIVE or not rules:
        raise Refused("no_snapshot_asked")
    reason, label = SnapshotReason.MAJOR_CHANGE, "Spara en bild av kontot efter den stora förändringen"
    key = f"snapshot:{account.id}:change:{on.isoformat()}"
    wanted = [_want(session, law, account, rule, reason, on, key, label, now) for rule in rules[:1]]
    record(session, EventKind.MAJOR_CHANGE_TOLD, now, account=account, by=by, clauses=_refs(law, rules[0]))
    return [task for task in wanted if task]


def _refs(law: Law, rule: Documentation) -> list[str]:
    return [one["ref"] for one in law.cite(rule)]


def _want(
    session: Session,
    law: Law,
    account: Account,
    rule: Documentation,
    reason: SnapshotReason,
    due_on: date,
    once_key: str,
    label: str,
    now: datetime,
) -> UserTask | None:
    """Nobody is told of it until the browser has tried."""
    task = open_duty(
        session,
        law,
        account,
        now,
        kind=TaskKind.TAKE_SNAPSHOT,
        once_key=once_key,
        step=STEP,
        label=label,
        rule=rule,
        role=rule.taken_by,
        holders=takers(session, law, account, rule.taken_by, now),
        details=wanted(reason, due_on, rule),
    )
    if task is not None:
        task.told_at, task.next_reminder_at = now, None
        session.add(task)
    return task


def wanted(reason: SnapshotReason, due_on: date, rule: Documentation | None) -> dict[str, str]:
    """What is kept with a task that asks for a picture, until the browser has tried."""
    return {
        CAPTURE: WANTED,
        "reason": reason.value,
        "due_on": due_on.isoformat(),
        "profile": PROFILES[rule.format] if rule else "pdfa-2b",
        "sent_to": rule.sent_to.value if rule and rule.sent_to else "",
        "folder": rule.folder or "" if rule else "",
    }


def rule_for(law: Law, account: Account, on: date) -> Documentation | None:
    """The rule by which such an account is pictured, where there is one."""
    return next(iter(applying(law.policy.rules.documentation, facts_of(account), on)), None)


def takers(session: Session, law: Law, account: Account, role: Role, now: datetime) -> list[Holder]:
    """Those who hand a picture in."""
    on = law.day_of(now)
    return find_holders(
        session,
        account,
        role,
        bars=NO_BARS,
        last_resort=law.policy.settings.last_resort,
        on=on,
        owner=common_owner(law.policy.rules.owner, account, on),
    )


# ---------------------------------------------------------------- what the browser is to try


def to_capture(session: Session, law: Law) -> list[tuple[UserTask, Account]]:
    """Open tasks and closing lines that a browser is to try first, the oldest first."""
    return [(task, account) for task, account in session.execute(*_to_capture(law.municipality_id))]


@built_once
def _to_capture(of: int) -> Executable:
    return (
        select(UserTask, Account)
        .join(Account, col(Account.id) == col(UserTask.account_id))
        .where(
            col(UserTask.municipality_id) == of,
            IS_OPEN,
            col(UserTask.details)[CAPTURE].as_string() == WANTED,
            or_(
                col(UserTask.kind) == TaskKind.TAKE_SNAPSHOT,
                col(UserTask.process) == Process.CLOSING_ITEMS,
            ),
        )
        .order_by(col(UserTask.id))
    )


def ask_for_picture(
    session: Session, law: Law, account: Account, task: UserTask, code: str, says: str, now: datetime
) -> None:
    """The browser saw no account: whoever the rule names is asked and told why in the next morning letter."""
    if task.state is not TaskState.OPEN or task.details.get(CAPTURE) != WANTED:
        return
    task.details = {**task.details, CAPTURE: REFUSED, "code": code, "says": says}
    session.add(task)
    if task.process is Process.CLOSING_ITEMS:
        _ask_for_final_picture(session, law, account, task, now)
    else:
        task.told_at = None
        may = task.modality == Modality.MAY.value
        task.next_reminder_at = None if may else first_reminder_at(law, now)
    raise_news(session, account)
    facts = {"code": code}
    record(session, EventKind.SNAPSHOT_REFUSED, now, account=account, task=task, facts=facts)


def _ask_for_final_picture(
    session: Session, law: Law, account: Account, item: UserTask, now: datetime
) -> None:
    open_duty(
        session,
        law,
        account,
        now,
        kind=TaskKind.TAKE_SNAPSHOT,
        once_key=f"snapshot:{account.id}:final:{item.id}",
        step=STEP,
        label="Spara en sista bild av kontot",
        rule=None,
        role=Role(item.role),
        holders=takers(session, law, account, Role(item.role), now),
        details={**item.details, "item": item.id},
    )


# ---------------------------------------------------------------- keeping it


@dataclass(frozen=True)
class Picture:
    """A finished file and where it comes from."""

    content: bytes
    profile: str
    original: bytes
    original_type: str
    address: str
    taken_at: datetime
    browser: str = ""
    faults: tuple[str, ...] = ()
    checked_by: str = ""


def keep_snapshot(
    session: Session, law: Law, account: Account, task: UserTask, picture: Picture, by: By, now: datetime
) -> Snapshot:
    """Keep a picture with its hash and answer the task it was for."""
    complete(session, task, now, by=by, outcome=Outcome.CONFIRMED, details={CAPTURE: "done"})
    snapshot = _row(account, task, picture, by)
    session.add(snapshot)
    session.flush()
    facts: dict[str, Any] = {"snapshot": snapshot.id, "sha256": snapshot.sha256, "profile": snapshot.profile}
    facts |= {"reason": snapshot.reason.value, "role": task.details.get("sent_to") or None}
    record(session, EventKind.SNAPSHOT_KEPT, now, account=account, task=task, by=by, facts=facts)
    _confirm_item(session, account, task, by, now)
    raise_news(session, account)
    return snapshot


def _row(account: Account, task: UserTask, picture: Picture, by: By) -> Snapshot:
    assert account.id is not None
    return Snapshot(
        account_id=account.id,
        task_id=task.id,
        state=SnapshotState.CAPTURED if by == ENGINE else SnapshotState.UPLOADED,
        reason=SnapshotReason(task.details.get("reason", SnapshotReason.PLANNED)),
        due_on=date.fromisoformat(task.details["due_on"]),
        taken_at=picture.taken_at,
        by_id=by.person_id,
        browser=picture.browser,
        address=picture.address[:300],
        profile=picture.profile,
        clauses=task.clauses,
        content=picture.content,
        sha256=sha256(picture.content).hexdigest(),
        original=picture.original,
        original_type=picture.original_type,
        original_sha256=sha256(picture.original).hexdigest(),
        faults=list(picture.faults),
        checked_by=picture.checked_by,
    )


def _confirm_item(session: Session, account: Account, task: UserTask, by: By, now: datetime) -> None:
    """The line of the closing checklist that the picture was for is confirmed with it."""
    item = session.get(UserTask, task.details["item"]) if "item" in task.details else None
    if item is not None and item.state is TaskState.OPEN:
        complete(session, item, now, by=by, outcome=Outcome.CONFIRMED)
    confirmed = task if task.process is Process.CLOSING_ITEMS else item
    if confirmed is not None:
        facts = {"step": confirmed.step}
        record(session, EventKind.ITEM_CONFIRMED, now, account=account, task=confirmed, by=by, facts=facts)
