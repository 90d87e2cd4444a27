"""What the clock does with cases: reminds within their hours, tells when they have passed, ends what ends."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Executable, select
from sqlmodel import Session, col

from lifecycle.case_standing import is_late
from lifecycle.cases import (
    ENDS_BY_ITSELF,
    AtHand,
    at_hand,
    close,
    facts_in,
    finish_step,
    is_put_by_name,
    note,
    open_steps,
    raise_alarm,
    tasks_of_case,
)
from lifecycle.events import ENGINE, EventKind
from lifecycle.journal import record
from lifecycle.ladder import first_reminder_at
from lifecycle.law import Law, law_in_force
from lifecycle.presence import people_present
from lifecycle.roles import people_now
from lifecycle.rounds import Findings
from lifecycle.tasks import end_task, hold, holder_ids, raise_news
from models import Account, AccountRoleKind, Case, CaseState, TaskState, UserTask
from models.asking import built_once
from policies.duties import CaseStep


def go_through_cases(session: Session, law: Law, now: datetime, findings: Findings) -> None:
    """Do what has fallen due in every open case, each for itself; the second time there is nothing.

    All accounts are locked before anything is written, in order: nobody who acts meanwhile waits for the log
    while holding what is waited for here.
    """
    for case, account in session.execute(*_open_cases(law.municipality_id)).all():
        with findings.trying(session, f"ärende {case.id}"):
            its_law = law_in_force(session, law.municipality_id, case.opened_at)
            findings.found += _go_through(session, its_law, at_hand(its_law, account, case), now)


@built_once
def _open_cases(of: int) -> Executable:
    return (
        select(Case, Account)
        .join(Account, col(Account.id) == col(Case.account_id))
        .where(col(Case.municipality_id) == of, col(Case.state) == CaseState.OPEN)
        .order_by(col(Account.id), col(Case.id))
        .with_for_update(of=Account, key_share=True)
    )


def _go_through(session: Session, law: Law, it: AtHand, now: datetime) -> int:
    open_ones = [one for one in tasks_of_case(session, it.case) if one.state is TaskState.OPEN]
    done = sum(_end(session, it, task, now) for task in open_ones)
    done += sum(_remind(session, law, it, task, now) for task in open_ones)
    done += _tell_late(session, law, it, open_ones, now)
    if done:
        open_steps(session, law, it, now)
    if all(one.state is not TaskState.OPEN for one in tasks_of_case(session, it.case)):
        close(session, it.account, it.case, ENGINE, now)
        done += 1
    return done


def _end(session: Session, it: AtHand, task: UserTask, now: datetime) -> bool:
    """Advice that nobody gave in its time, and watch over a post whose days are over."""
    step = CaseStep(task.step)
    if step not in ENDS_BY_ITSELF or task.due_at is None or task.due_at > now:
        return False
    if step is CaseStep.WATCH:
        note(it.case, task.step, "watched", ENGINE, now)
        finish_step(session, it, task, "watched", ENGINE, now)
        return True
    end_task(session, task, TaskState.NO_ANSWER)
    note(it.case, task.step, "no_answer", ENGINE, now)
    facts = facts_in(it.case) | {"step": task.step}
    record(session, EventKind.CASE_STEP_UNANSWERED, now, account=it.account, task=task, facts=facts)
    raise_news(session, it.account)
    return True


def _remind(session: Session, law: Law, it: AtHand, task: UserTask, now: datetime) -> bool:
    """Remind those who are there today of a step's hours; at night only of hours that run by the clock."""
    if not is_reminded_by_hours(task) or task.next_reminder_at is None or task.next_reminder_at > now:
        return False
    if task.due_at is not None and task.due_at <= now:
        task.next_reminder_at = None
        return False
    passed = [one for one in it.limits.reminders if task.next_reminder_at <= one.at <= now]
    if not any(one.by_clock for one in passed) and law.calendar.working_time_from(now) > now:
        return False
    task.reminders += 1
    task.next_reminder_at = it.limits.next_reminder_at(now)
    if task.next_reminder_at is None and task.due_at is None:
        task.next_reminder_at = first_reminder_at(law, now)
    facts = facts_in(it.case) | {"step": task.step, "holders": _on_duty(session, law, it, task, now)}
    record(session, EventKind.CASE_REMINDED, now, account=it.account, task=task, facts=facts)
    return True


def is_reminded_by_hours(task: UserTask) -> bool:
    """Whether a step is reminded of by its hours, instead of by the ladder in the morning letter."""
    return task.due_at is not None or (task.advised_at is not None and task.reminders == 0)


def _on_duty(session: Session, law: Law, it: AtHand, task: UserTask, now: datetime) -> list[int]:
    """Who is told today: whoever is there to look after the account, put to it now if not before.

    Others have it who were given it, or where nobody was there when it was asked.
    """
    held = holder_ids(session, [task])
    if is_put_by_name(it.kind, CaseStep(task.step)) or task.details.get("forwarded"):
        return held
    there = people_present(session, law, [it.account], law.day_of(now))[it.account.id or 0]
    hold(session, task, [one for one in there if one.person_id not in held])
    own = {one.id for _, one in people_now(session, it.account, list(AccountRoleKind), law.day_of(now))}
    others = [one for one in held if one not in own]
    return list(dict.fromkeys([*(one.person_id for one in there), *others])) or held


def _tell_late(session: Session, law: Law, it: AtHand, open_ones: Iterable[UserTask], now: datetime) -> bool:
    """A case is late once. By the clock that is an alarm; else the morning letter tells it."""
    late = [one for one in open_ones if is_late(one, now)]
    if not late or it.case.late_at is not None:
        return False
    it.case.late_at = now
    session.add(it.case)
    facts = facts_in(it.case) | {"step": late[0].step, "told": it.limits.by_clock}
    facts["holders"] = _on_duty(session, law, it, late[0], now)
    record(session, EventKind.CASE_LATE, now, account=it.account, task=late[0], facts=facts)
    if it.limits.by_clock:
        raise_alarm(session, it, late, now)
    raise_news(session, it.account)
    return True
