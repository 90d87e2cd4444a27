"""The morning letter: one to each person on a working day, with all that the clock asks of them.

The ladder of what the clock has asked is climbed here, so that a reminder is a line of that letter. What
each line says is read when the letter leaves: nobody is reminded of what is done.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any, TypeVar

from sqlalchemy import Executable, Select, select, update
from sqlmodel import Session, col

from lifecycle.absences import away, left_by
from lifecycle.case_standing import is_late
from lifecycle.events import EventKind
from lifecycle.journal import record
from lifecycle.law import Law, law_in_force
from lifecycle.missed_days import Rung, rung_of
from lifecycle.presence import people_present, watchers_present
from lifecycle.resting import woken
from lifecycle.roles import NO_BARS, common_owner, find_holders, post_holders
from lifecycle.rounds import Findings, is_done
from lifecycle.tasks import raise_news
from lifecycle.watching import accounts_to_watch, missed_accounts
from models import IS_OPEN, Account, Process, TaskHolder, TaskKind, UserTask
from models.asking import built_once
from policies.keys import Modality, Role


@dataclass
class Morning:
    """What one person is told this morning: ids of tasks and accounts."""

    watch: list[int] = field(default_factory=list)
    """Accounts to look at and confirm."""
    look: list[int] = field(default_factory=list)
    """Accounts to look at, where nothing is confirmed."""
    asked: list[int] = field(default_factory=list)
    """Tasks that are new."""
    reminded: list[int] = field(default_factory=list)
    """Tasks that have waited."""
    late: list[int] = field(default_factory=list)
    """Steps of cases whose time has run out."""
    escalated: list[int] = field(default_factory=list)
    """Tasks of others that nobody has answered."""
    missed: list[int] = field(default_factory=list)
    """Accounts of theirs whose missed days in a row are reminded of."""
    neglected: list[int] = field(default_factory=list)
    """Accounts that others have not looked at, and that end here."""
    lists: list[int] = field(default_factory=list)
    """Accounts that lack something which a line of a list can mend, and that are newly asked about."""
    rested: list[int] = field(default_factory=list)
    """Accounts of theirs whose rest is over."""
    informed: list[int] = field(default_factory=list)
    """What has happened of itself, and asks nothing of anybody."""

    def told(self) -> dict[str, list[int]]:
        """What is not empty, each once."""
        return {name: list(dict.fromkeys(ids)) for name, ids in vars(self).items() if ids}


Mornings = defaultdict[int, Morning]
"""By person."""
Held = tuple[int, UserTask]
"""A person, and an open task of theirs."""
What = TypeVar("What")


def gather(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> Mornings:
    """Climb the ladder of every duty, and say who is to be told what today."""
    mornings = Mornings(Morning)
    held = _held(session, law, on)
    _gather_watch(session, law, on, mornings)
    _gather_new(session, held, now, mornings)
    _gather_informed(session, law, now, mornings)
    _climb(session, law, held, on, now, mornings, findings)
    _gather_late(session, law, held, on, now, mornings, findings)
    _gather_missed(session, law, on, mornings, findings)
    _gather_rested(session, law, on, mornings)
    _gather_lists(session, law, now, mornings)
    for gone in left_by(session, mornings, on):
        del mornings[gone]
    return mornings


# ---------------------------------------------------------------- today's watch


def _gather_watch(session: Session, law: Law, on: date, mornings: Mornings) -> None:
    if not law.policy.settings.watch_confirmed:
        watched = [one.account for one in accounts_to_watch(session, law, on)]
        for account_id, holders in watchers_present(session, law, watched, on).items():
            for holder in holders:
                mornings[holder.person_id].look.append(account_id)
        return
    day = (law.calendar.at(one, time()) for one in (on, on + timedelta(days=1)))
    asked = session.execute(*_watch_with_holders(law.municipality_id, *day)).all()
    for person_id, account_id in _spared(session, law, on, asked):
        mornings[person_id].watch.append(account_id)


@built_once
def _watch_with_holders(of: int, begins: datetime, ends: datetime) -> Executable:
    """The day's watch as numbers alone: of nothing else is there as much."""
    rows = select(col(TaskHolder.person_id), col(UserTask.id), col(UserTask.account_id))
    return _of_holders(rows, of).where(
        col(UserTask.process) == Process.DUTIES,
        col(UserTask.kind) == TaskKind.WATCH,
        IS_OPEN,
        col(UserTask.due_at) >= begins,
        col(UserTask.due_at) < ends,
    )


def _held(session: Session, law: Law, on: date) -> list[Held]:
    """Open duties with each of their holders, save the watch."""
    return _spared(session, law, on, session.execute(*_open_with_holders(law.municipality_id)).all())


def _spared(
    session: Session, law: Law, on: date, held: Iterable[tuple[int, int, What]]
) -> list[tuple[int, What]]:
    """Who holds what; who is away is spared what somebody else holds as well. Given: person, task, what."""
    rows, absent = list(held), away(session, law.municipality_id, on)
    covered = {task_id for person_id, task_id, _ in rows if person_id not in absent}
    return [
        (person_id, what)
        for person_id, task_id, what in rows
        if person_id not in absent or task_id not in covered
    ]


def _of_holders(rows: Any, of: Any) -> Select[Any]:
    """Of a municipality's tasks with each of their holders."""
    held: Select[Any] = (
        rows.join(UserTask, col(UserTask.id) == col(TaskHolder.task_id))
        .where(col(UserTask.municipality_id) == of)
        .order_by(col(UserTask.id), col(TaskHolder.id))
    )
    return held


def _with_holders(of: Any) -> Select[Any]:
    return _of_holders(select(col(TaskHolder.person_id), UserTask), of)


@built_once
def _open_with_holders(of: int) -> Executable:
    rows = _of_holders(select(col(TaskHolder.person_id), col(UserTask.id), UserTask), of)
    asked = col(UserTask.process).in_([Process.DUTIES, Process.CASE])
    return rows.where(asked, col(UserTask.kind) != TaskKind.WATCH, IS_OPEN)


# ---------------------------------------------------------------- what is new, and what has waited


def _gather_new(session: Session, held: Sequence[Held], now: datetime, mornings: Mornings) -> None:
    new = [(person_id, task) for person_id, task in held if task.told_at is None]
    for person_id, task in new:
        mornings[person_id].asked.append(task.id or 0)
    if new:
        session.execute(*_tell({task.id for _, task in new}, now))


@built_once
def _tell(ids: Collection[int], at: datetime) -> Executable:
    told = update(UserTask).where(col(UserTask.id).in_(ids)).values(told_at=at)
    return told.execution_options(synchronize_session="fetch")


def _gather_informed(session: Session, law: Law, now: datetime, mornings: Mornings) -> None:
    """What nobody is asked about (`duty_tasks.tell`): told once, and then only seen in the account's log."""
    for person_id, task in session.execute(*_untold(law.municipality_id)).all():
        mornings[person_id].informed.append(task.id or 0)
        task.told_at = now
        session.add(task)


@built_once
def _untold(of: int) -> Executable:
    return _with_holders(of).where(
        col(UserTask.process) == Process.DUTIES,
        col(UserTask.kind) == TaskKind.INFORM,
        col(UserTask.told_at).is_(None),
    )


def _goes_by_hours(task: UserTask) -> bool:
    """Whether it is reminded of within its hours, as a case's steps are that have any (`case_rounds`)."""
    asked = task.due_at is not None or (task.advised_at is not None and task.reminders == 0)
    return task.process is Process.CASE and asked


def _climb(
    session: Session,
    law: Law,
    held: Sequence[Held],
    on: date,
    now: datetime,
    mornings: Mornings,
    findings: Findings,
) -> None:
    """One rung for each duty that has waited its time; the last one is told to somebody else."""
    ladder, climbed = law.policy.settings.ladder, dict[int, UserTask]()
    for person_id, task in held:
        if task.next_reminder_at is None or task.next_reminder_at > now or _goes_by_hours(task):
            continue
        if task.reminders < ladder.at_most:
            mornings[person_id].reminded.append(task.id or 0)
        climbed[task.id or 0] = task
    reminded = [task for task in climbed.values() if task.reminders < ladder.at_most]
    for task in reminded:
        task.reminders += 1
        task.next_reminder_at = law.calendar.working_days_after(now, ladder.every)
        session.add(task)
    if reminded:
        facts = {"count": len(reminded), "sha256": _list_hash(task.id for task in reminded)}
        record(session, EventKind.DUTIES_REMINDED, now, municipality_id=law.municipality_id, facts=facts)
    for task in climbed.values():
        if task not in reminded:
            with findings.trying(session, f"uppgift {task.id}"):
                _escalate(session, law, task, on, now, mornings)


def _gather_late(
    session: Session,
    law: Law,
    held: Sequence[Held],
    on: date,
    now: datetime,
    mornings: Mornings,
    findings: Findings,
) -> None:
    """Steps of cases whose time has run out: told every morning, and once to the role at the ladder's end."""
    late: dict[int, UserTask] = {}
    for person_id, task in held:
        if task.process is Process.CASE and is_late(task, now):
            mornings[person_id].late.append(task.id or 0)
            late[task.id or 0] = task
    for task in late.values():
        if task.escalated_at is None:
            with findings.trying(session, f"uppgift {task.id}"):
                _escalate(session, law, task, on, now, mornings)


def _escalate(
    session: Session, law: Law, task: UserTask, on: date, now: datetime, mornings: Mornings
) -> None:
    """Only a *must* is told to somebody else; a recommendation is then left alone."""
    task.next_reminder_at = None
    session.add(task)
    if task.modality != Modality.MUST.value:
        return
    task.escalated_at, role = now, law.policy.settings.ladder.then
    account = session.get(Account, task.account_id) if task.account_id else None
    for person_id in in_role(session, law, account, role, on):
        mornings[person_id].escalated.append(task.id or 0)
    if account is not None:
        raise_news(session, account)
        session.add(account)
    facts = {"role": role.value, "step": task.step, "tasks": [task.id], "told": False}
    record(session, EventKind.ESCALATED, now, task=task, facts=facts)


def in_role(session: Session, law: Law, account: Account | None, role: Role, on: date) -> list[int]:
    """Who answers for a role, about an account or about the municipality as a whole."""
    if account is None:
        people = post_holders(session, law.municipality_id, role, on)
        return [person.id for person in people if person.id is not None]
    found = find_holders(
        session,
        account,
        role,
        bars=NO_BARS,
        last_resort=law.policy.settings.last_resort,
        on=on,
        owner=common_owner(law.policy.rules.owner, account, on),
    )
    return [holder.person_id for holder in found]


def _gather_missed(
    session: Session,
    law: Law,
    on: date,
    mornings: Mornings,
    findings: Findings,
) -> None:
    """Days in a row on which nobody looked: reminded of, and then told to the one at that ladder's end."""
    accounts = missed_accounts(session, law, on)
    present = people_present(session, law, accounts, on)
    for account in accounts:
        account_id, rung = account.id or 0, rung_of(law, account.missed_days, account.missed_rungs)
        if rung is None or (rung is Rung.REMINDS and not present[account_id]):
            continue  # Where nobody is there to be reminded, the account stands red for that.
        for holder in present[account_id] if rung is Rung.REMINDS else ():
            mornings[holder.person_id].missed.append(account_id)
        with findings.trying(session, f"konto {account_id}"):
            account.missed_rungs += 1
            session.add(account)
            for person_id in _told_of_neglect(session, law, account, rung, on):
                mornings[person_id].neglected.append(account_id)


def _told_of_neglect(session: Session, law: Law, account: Account, rung: Rung, on: date) -> list[int]:
    ends_at = law.policy.settings.watch_ladder.then
    return in_role(session, law, account, ends_at, on) if rung is Rung.ESCALATES else []


def _gather_rested(session: Session, law: Law, on: date, mornings: Mornings) -> None:
    for account_id, holders in people_present(session, law, woken(session, law, on), on).items():
        for holder in holders:
            mornings[holder.person_id].rested.append(account_id)


def _gather_lists(session: Session, law: Law, now: datetime, mornings: Mornings) -> None:
    """What an inventory asks for, told once; its ladder comes with the municipality's set day."""
    for person_id, task in session.execute(*_untold_gaps(law.municipality_id)).all():
        mornings[person_id].lists.append(task.account_id or 0)
        task.told_at = now
        session.add(task)


@built_once
def _untold_gaps(of: int) -> Executable:
    return _with_holders(of).where(
        col(UserTask.process) == Process.SETTING_UP,
        IS_OPEN,
        col(UserTask.once_key).startswith("gap:"),
        col(UserTask.told_at).is_(None),
    )


def _list_hash(ids: Iterable[int | None]) -> str:
    return sha256(",".join(str(one) for one in sorted(one or 0 for one in ids)).encode()).hexdigest()


ROUND = "morning"
_LOOKED_FOR_AGAIN = timedelta(minutes=15)


def told_until(law: Law) -> time:
    """When it is too late for the day's letter: the watch ends with its day, and work with what waited.

    What is left of the working day is for letters that waited for this one in vain (`may_leave_at`).
    """
    work_ends = datetime.combine(date.min, law.policy.settings.work_ends) - _LOOKED_FOR_AGAIN
    return min(work_ends.time(), law.policy.settings.watch_ends_at)


def may_leave_at(session: Session, municipality_id: int, of_day: date | None, now: datetime) -> datetime:
    """When a letter that the clock has brought about may leave: in working hours.

    A morning letter (`of_day`) that has had to wait for another day lets that day's own be written first, so
    that they leave as one: nobody gets two in a day (REQUIREMENTS 3).
    """
    law = law_in_force(session, municipality_id, now)
    begins = law.calendar.working_time_from(now)
    day = law.day_of(begins)
    if of_day is None or of_day >= day or is_done(session, law, ROUND, day):
        return begins
    own_until = law.calendar.at(day, told_until(law))
    own_at = max(law.calendar.at(day, law.policy.settings.digest_at), now + _LOOKED_FOR_AGAIN)
    return max(begins, min(own_at, own_until))


def record_told(session: Session, law: Law, person_ids: Collection[int], now: datetime) -> None:
    """One event for all letters of the morning, to these persons."""
    if person_ids:
        facts = {"count": len(person_ids), "sha256": _list_hash(person_ids)}
        record(session, EventKind.MORNING_TOLD, now, municipality_id=law.municipality_id, facts=facts)
