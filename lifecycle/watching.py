"""The watch: who is asked to look at which accounts today, and who did.

One task for each account and day, held by everybody who administers it and is there; the first to confirm
counts. A day that passes unconfirmed is missed (`missed_days`).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    Executable,
    Select,
    String,
    bindparam,
    case,
    cast,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from lifecycle.administrators import demands_deputy
from lifecycle.conditions import Facts, applying, binds, facts_of
from lifecycle.events import By, EventKind
from lifecycle.exempting import exempted
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.presence import AS_ROW, watchers_present
from lifecycle.roles import Holder
from models import (
    IS_OPEN,
    Account,
    AccountState,
    Crisis,
    Outcome,
    Person,
    Process,
    TaskHolder,
    TaskKind,
    TaskState,
    UserTask,
    metadata,
)
from models.asking import asked_once, built_once
from policies.duties import Watch
from policies.keys import Modality, Role

STEP = "bevakning"
LABEL = "Titta till kontot"


@dataclass(frozen=True)
class Watched:
    """An account that is to be looked at on a day, by which rule and how often."""

    account: Account
    rule: Watch
    times: int


def watch_of(law: Law, account: Account, on: date, *, crisis: bool = False) -> Watched | None:
    """What the policy asks about watching an account on that day; None when it asks nothing.

    In a crisis an account that is watched is watched as tightly as the policy says for that.
    """
    asked = _asked_of(law, facts_of(account), on, crisis)
    return Watched(account, *asked) if asked else None


def _asked_of(law: Law, facts: Facts, on: date, crisis: bool) -> tuple[Watch, int] | None:
    """By which rule such an account is watched, and how often."""
    tighter = _in_crisis(law, facts, on) if crisis else _AS_USUAL
    rules = [
        rule
        for rule in applying(law.policy.rules.watch, facts, on)
        if rule.modality is not Modality.MAY and (tighter.every_day or _is_day(law, rule, on))
    ]
    if not rules:
        return None
    strongest = min(rules, key=lambda rule: not binds(rule))
    return strongest, max([tighter.times, *(rule.times_a_day or 1 for rule in rules)])


@dataclass(frozen=True)
class Tighter:
    """How much more an account is watched in a crisis."""

    times: int
    every_day: bool


_AS_USUAL = Tighter(1, False)


def _in_crisis(law: Law, facts: Facts, on: date) -> Tighter:
    """The rules' own numbers, else the setting's. A rule that only permits tightens nothing by itself."""
    rules = applying(law.policy.rules.crisis, facts, on)
    said = [rule for rule in rules if rule.modality is not Modality.MAY]
    times = [rule.watch_times_a_day for rule in said if rule.watch_times_a_day is not None]
    every_day = any(rule.watch_days == "all_days" for rule in said)
    return Tighter(max(times, default=law.policy.settings.crisis_watch_times_a_day), every_day)


def is_crisis(session: Session, law: Law, on: date) -> bool:
    """Whether a crisis lasts on that day; on its last day the watch is as usual again."""
    return any(
        law.day_of(began_at) <= on and (ended_at is None or law.day_of(ended_at) > on)
        for began_at, ended_at in _crises(session, law.municipality_id)
    )


@asked_once(Crisis, values=True)
def _crises(session: Session, municipality_id: int) -> Sequence[tuple[datetime, datetime | None]]:
    return [(began_at, ended_at) for began_at, ended_at in session.execute(*_crises_of(municipality_id))]


@built_once
def _crises_of(of: int) -> Executable:
    return select(col(Crisis.began_at), col(Crisis.ended_at)).where(col(Crisis.municipality_id) == of)


def needs_somebody(law: Law, facts: Facts, on: date, *, crisis: bool = False, watched: bool = True) -> bool:
    """Whether such an account stands red when nobody is there; `watched` False when it is let off."""
    asked = watched and _asked_of(law, facts, on, crisis) is not None
    return asked or demands_deputy(law, facts, on)


def _is_day(law: Law, rule: Watch, on: date) -> bool:
    days = rule.days or law.policy.settings.watch_days
    return days == "all_days" or law.calendar.is_working_day(on)


def accounts_to_watch(session: Session, law: Law, on: date) -> list[Watched]:
    """Every open account that somebody is to look at on that day, unless it has been let off."""
    return _watched(session, law, on, _to_watch(session, law.municipality_id, on))


def missed_accounts(session: Session, law: Law, on: date) -> list[Account]:
    """Those of them that nobody has looked at for some days in a row."""
    missed = session.execute(*_missed_by(law.municipality_id, on)).scalars().all()
    return [one.account for one in _watched(session, law, on, missed)]


def _watched(session: Session, law: Law, on: date, accounts: Iterable[Any]) -> list[Watched]:
    off, crisis = exempted(session, law.municipality_id, "watch", on), is_crisis(session, law, on)
    # Many accounts are alike to the policy, which is asked once about each kind of them.
    asked_of = cache(lambda facts: _asked_of(law, facts, on, crisis))
    return [
        Watched(account, *asked)
        for account in accounts
        if account.id not in off and (asked := asked_of(facts_of(account)))
    ]


@asked_once(Account)
def _to_watch(session: Session, municipality_id: int, on: date) -> Sequence[Account]:
    return session.execute(*_open_on(municipality_id, on)).scalars().all()


def _open_by(of: Any, on: Any, *asked: Any) -> Select[Any]:
    rows = select(*asked or (Account,)).where(
        col(Account.municipality_id) == of,
        col(Account.state).in_([AccountState.ACTIVE, AccountState.CLOSING]),
        or_(col(Account.duties_from_on).is_(None), col(Account.duties_from_on) <= on),
        or_(col(Account.opened_on).is_(None), col(Account.opened_on) <= on),
    )
    return rows.order_by(col(Account.id))


@built_once
def _open_on(of: int, on: date) -> Executable:
    return _open_by(of, on)


@built_once
def _as_rows(of: int, on: date) -> Executable:
    return _open_by(of, on, *AS_ROW)


@built_once
def _missed_by(of: int, on: date) -> Executable:
    return _open_by(of, on).where(col(Account.missed_days) > 0)


def open_watch(session: Session, law: Law, on: date, now: datetime) -> int:
    """Ask for the day's watch. Returns how many tasks were opened; the second time none is.

    An account that nobody can be asked for gets news: its own run lets it stand red.
    """
    watched = _watched(session, law, on, session.execute(*_as_rows(law.municipality_id, on)))
    holders = watchers_present(session, law, [one.account for one in watched], on)
    covered = [one for one in watched if holders[one.account.id or 0]]
    nobody = [one.account for one in watched if not holders[one.account.id or 0]]
    _raise_news(session, [account.id for account in nobody if not account.red_reason])
    if not law.policy.settings.watch_confirmed:
        return len(covered)
    opened = _open_tasks(session, law, covered, on, now)
    _hold(session, opened, holders)
    if opened:
        record_list(session, law, EventKind.WATCH_ASKED, opened, now)
    return len(opened)


# Past the mapped classes: of nothing else is as much written at once.
_TASKS, _HOLDERS = metadata.tables["user_task"], metadata.tables["task_holder"]
_Opened = list[tuple[int, int]]
"""New tasks, each with its account."""


def _open_tasks(session: Session, law: Law, watched: Sequence[Watched], on: date, now: datetime) -> _Opened:
    """A task for each time an account is to be looked at that day; what is over is not asked for."""
    alike: dict[tuple[int, int], list[Watched]] = {}
    for one in watched:
        alike.setdefault((id(one.rule), one.times), []).append(one)
    opened: _Opened = []
    for group in alike.values():
        ids = [one.account.id for one in group]
        for number, (begins_at, ends_at) in enumerate(_parts(law, on, group[0].times), start=1):
            if ends_at > now:
                opened_at = max(begins_at, now) if number == 1 else begins_at
                values = _values(law, group[0].rule, now, opened_at, ends_at)
                opened += _insert_new(session, values, ids, _key_ends(on, number))
    return opened


def _parts(law: Law, on: date, times: int) -> list[tuple[datetime, datetime]]:
    """The day from the morning letter to the evening, in as many equal parts."""
    settings = law.policy.settings
    return law.calendar.parts_of(on, settings.digest_at, settings.watch_ends_at, times)


def once_key(account_id: int | None, on: date, number: int) -> str:
    """The day's first watch of an account has a key without number, whatever else is asked that day."""
    return f"{_KEY}{account_id}{_key_ends(on, number)}"


_KEY = "watch:"


def _key_ends(on: date, number: int) -> str:
    return f":{on.isoformat()}" + (f"/{number}" if number > 1 else "")


def _values(law: Law, rule: Watch, now: datetime, opened_at: datetime, due_at: datetime) -> dict[str, Any]:
    """What is the same in the tasks of accounts that are alike."""
    return {
        "municipality_id": law.municipality_id,
        "process": Process.DUTIES,
        "kind": TaskKind.WATCH,
        "step": STEP,
        "role": Role.ADMINISTRATOR.value,
        "label": LABEL,
        "clauses": law.cite(rule),
        "modality": rule.modality.value,
        "state": TaskState.OPEN,
        "opened_at": opened_at,
        "due_at": due_at,
        "told_at": now,
        "reminders": 0,
        "reason": "",
        "details": {},
    }


def _insert_new(
    session: Session, values: dict[str, Any], account_ids: Sequence[int | None], key_ends: str
) -> _Opened:
    """Ask it of some accounts, where it has not been asked before."""
    new = _insert_select(session.get_bind().dialect.name, tuple(values))
    asked = session.execute(new, {**values, "key_ends": key_ends, "accounts": account_ids})
    return [(task_id, account_id) for task_id, account_id in asked]


@cache
def _insert_select(dialect: str, alike: tuple[str, ...]) -> Executable:
    """The database makes the rows itself: the values that are `alike` in all of them are given once."""
    into = sqlite.insert(_TASKS) if dialect == "sqlite" else postgresql.insert(_TASKS)
    key = _KEY + cast(col(Account.id), String) + bindparam("key_ends", type_=String)
    given = [bindparam(name, type_=_TASKS.c[name].type) for name in alike]
    rows = select(col(Account.id), col(Account.plan_version), key, *given)
    rows = rows.where(col(Account.id).in_(bindparam("accounts"))).order_by(col(Account.id))
    new = into.from_select(["account_id", "plan_version", "once_key", *alike], rows)
    once = new.on_conflict_do_nothing(index_elements=["once_key"])
    return once.returning(_TASKS.c.id, _TASKS.c.account_id)


def _hold(session: Session, opened: _Opened, holders: dict[int, list[Holder]]) -> None:
    own: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for task_id, account_id in opened:
        for holder in holders[account_id]:
            if holder.instead_of_id is None and not holder.why:
                own.append({"task_id": task_id, "person_id": holder.person_id})
            else:
                others.append({"task_id": task_id, **vars(holder)})
    for statement, rows in ((_HOLD, own), (_STAND_IN, others)):
        if rows:
            session.execute(statement, rows)


_STAND_IN = insert(_HOLDERS)
_HOLD = insert(_HOLDERS).values(why=literal_column("'[]'"))
"""Nearly everybody holds it for themselves: why they do is then said once, not in each row."""


def _raise_news(session: Session, account_ids: Collection[int | None]) -> None:
    if account_ids:
        session.execute(
            update(Account).where(col(Account.id).in_(account_ids)).values(news=col(Account.news) + 1)
        )


def record_list(
    session: Session,
    law: Law,
    kind: EventKind,
    tasks: Iterable[tuple[int, int]],
    now: datetime,
) -> None:
    """One event for all tasks of a round: how many, and a hash of which."""
    ids = sorted(task_id for task_id, _ in tasks)
    facts = {"count": len(ids), "sha256": sha256(",".join(map(str, ids)).encode()).hexdigest()}
    record(session, kind, now, municipality_id=law.municipality_id, facts=facts)


# ---------------------------------------------------------------- confirming


def confirm_watch(
    session: Session,
    law: Law,
    person: Person,
    account_ids: Collection[int],
    now: datetime,
    *,
    via: str,
) -> list[int]:
    """Confirm that one has looked at some accounts; returns those whose task was still open.

    Of several people the first counts: what somebody else has confirmed meanwhile is left as it is.
    """
    confirmed = list(session.execute(*_confirm(person.id, list(account_ids), now)).scalars())
    if not confirmed:
        return []
    session.execute(*_keep_watched(confirmed, law.day_of(now)))
    record(
        session,
        EventKind.WATCH_CONFIRMED,
        now,
        municipality_id=law.municipality_id,
        by=By(person.id, via),
        facts={"on": law.day_of(now).isoformat(), "accounts": sorted(set(confirmed))},
    )
    return confirmed


@built_once
def _confirm(person: int, account_ids: Collection[int], at: datetime) -> Executable:
    """Write a person's confirmation to what they hold and is open; a substitute's says for whom."""
    held = select(col(TaskHolder.id)).where(
        col(TaskHolder.task_id) == col(UserTask.id), col(TaskHolder.person_id) == person
    )
    on_behalf_of = select(col(TaskHolder.instead_of_id)).where(
        col(TaskHolder.task_id) == col(UserTask.id), col(TaskHolder.person_id) == person
    )
    return (
        update(UserTask)
        .where(
            col(UserTask.kind) == TaskKind.WATCH,
            IS_OPEN,
            col(UserTask.account_id).in_(account_ids),
            held.exists(),
            col(UserTask.opened_at) <= at,
            col(UserTask.due_at) > at,
        )
        .values(
            state=TaskState.DONE,
            outcome=Outcome.CONFIRMED,
            answered_by_id=person,
            on_behalf_of_id=on_behalf_of.scalar_subquery(),
            answered_at=at,
        )
        .returning(col(UserTask.account_id))
        .execution_options(synchronize_session=False)
    )


@built_once
def _keep_watched(account_ids: Collection[int], on: date) -> Executable:
    """The accounts have been looked at that day; one whose missed days are shown has news."""
    shown = case((col(Account.missed_days) > 0, 1), else_=0)
    return (
        update(Account)
        .where(col(Account.id).in_(account_ids))
        .values(news=col(Account.news) + shown, watched_on=on, missed_days=0, missed_rungs=0)
        .execution_options(synchronize_session=False)
    )


def withdraw_beyond(session: Session, law: Law, on: date) -> None:
    """Take back what a crisis asked for today beyond the usual, since it is over."""
    rows = select(UserTask).where(
        col(UserTask.municipality_id) == law.municipality_id,
        col(UserTask.process) == Process.DUTIES,
        col(UserTask.kind) == TaskKind.WATCH,
        IS_OPEN,
    )
    for task in session.execute(rows).scalars().all():
        account = session.get_one(Account, task.account_id)
        usual = watch_of(law, account, on)
        keys = {once_key(account.id, on, number) for number in range(1, usual.times + 1 if usual else 1)}
        if task.once_key not in keys and task.due_at is not None and law.day_of(task.due_at) == on:
            task.state = TaskState.WITHDRAWN
            session.add(task)


def ask_again(session: Session, law: Law, now: datetime) -> None:
    """What was taken back today because a crisis was over is asked after all: there is another."""
    open_accounts = select(col(Account.id)).where(
        col(Account.municipality_id) == law.municipality_id,
        col(Account.state).in_([AccountState.ACTIVE, AccountState.CLOSING]),
    )
    session.execute(
        update(UserTask)
        .where(
            col(UserTask.kind) == TaskKind.WATCH,
            col(UserTask.state) == TaskState.WITHDRAWN,
            col(UserTask.account_id).in_(open_accounts),
            col(UserTask.due_at) > now,
        )
        .values(state=TaskState.OPEN)
        .execution_options(synchronize_session=False)
    )
