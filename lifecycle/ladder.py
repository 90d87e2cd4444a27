"""The ladder of an open task: reminders, and then the one who hears of it. Working days only."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from lifecycle.events import EventKind
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.tasks import holder_ids, open_tasks
from models import Account, Process, TaskKind, UserTask
from policies.keys import Modality

BY_CLOCK = (Process.DUTIES, Process.CASE)
"""What the rounds and the morning letter remind of, and an account's own look does not."""
_CHECKLISTS = (Process.SETTING_UP, Process.CLOSING_ITEMS)


def first_reminder_at(law: Law, now: datetime) -> datetime:
    """When a task opened now is first reminded of."""
    return law.calendar.working_days_after(now, law.policy.settings.ladder.first)


def climb(session: Session, law: Law, account: Account, now: datetime) -> None:
    """Remind of what is due, or tell the one at the ladder's end; several lines of a list at once.

    Does nothing the second time: the next step's instant moves with each reminder. Does nothing
    outside working hours either: the account is looked at again when they begin. What the clock has asked
    is reminded of in the morning letter (`lifecycle.morning`).
    """
    if law.calendar.working_time_from(now) > now:
        return
    open_ones = [t for t in open_tasks(session, account) if t.process not in BY_CLOCK]
    due = [t for t in open_ones if t.next_reminder_at and t.next_reminder_at <= now]
    lists = [task for task in due if task.kind in (TaskKind.CONFIRM_ITEM, TaskKind.ACKNOWLEDGE)]
    for task in due:
        if task not in lists:
            _climb_one(session, law, account, [task], EventKind.REMINDED, now)
    for process in _CHECKLISTS:
        _climb_list(session, law, account, [task for task in lists if task.process is process], now)
    _climb_list(session, law, account, [task for task in lists if task.process not in _CHECKLISTS], now)


def _climb_list(
    session: Session, law: Law, account: Account, tasks: Sequence[UserTask], now: datetime
) -> None:
    if tasks:
        _climb_one(session, law, account, tasks, EventKind.ITEMS_REMINDED, now)


def _climb_one(
    session: Session, law: Law, account: Account, tasks: Sequence[UserTask], kind: EventKind, now: datetime
) -> None:
    """Each line from where it stands: what was asked later is reminded of before anybody else hears of it."""
    ladder = law.policy.settings.ladder
    reminded = [task for task in tasks if task.reminders < ladder.at_most]
    for task in reminded:
        task.reminders += 1
        task.next_reminder_at = law.calendar.working_days_after(now, ladder.every)
        session.add(task)
    if reminded:
        facts = {
            "number": max(task.reminders for task in reminded),
            "process": reminded[0].process.value,
            "tasks": [task.id for task in reminded],
            "holders": holder_ids(session, reminded),
        }
        record(session, kind, now, account=account, task=reminded[0], facts=facts)
    past = [task for task in tasks if task not in reminded]
    if past:
        _escalate(session, law, account, past, now)


def _escalate(session: Session, law: Law, account: Account, tasks: Sequence[UserTask], now: datetime) -> None:
    """Only a *must* is escalated; a recommendation is reminded of and then left alone.

    So is a consultation: it ends in its time, whoever answers, and the matter goes on.
    """
    for task in tasks:
        task.next_reminder_at = None
        session.add(task)
    binding = [t for t in tasks if t.modality == Modality.MUST and t.kind is not TaskKind.CONSULT]
    if not binding:
        return
    for task in binding:
        task.escalated_at = now
    role = law.policy.settings.ladder.then.value
    facts = {"role": role, "step": binding[0].step, "tasks": [task.id for task in binding]}
    record(session, EventKind.ESCALATED, now, account=account, task=binding[0], facts=facts)


def restart(session: Session, law: Law, task: UserTask, now: datetime) -> None:
    """Begin the ladder anew for whoever has been given the task."""
    if task.process is Process.SETTING_UP:
        task.reminders, task.escalated_at = 0, None
        session.add(task)
    else:
        climb_from_here(session, law, task, now)


def climb_from_here(session: Session, law: Law, task: UserTask, now: datetime) -> None:
    """Remind of a task from now on, as often as the ladder says; what only *may* be done never."""
    task.reminders, task.escalated_at = 0, None
    if task.modality != Modality.MAY:
        task.next_reminder_at = first_reminder_at(law, now)
    session.add(task)
