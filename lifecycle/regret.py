"""Taking back a wrong click within the hour of regret, and undoing what had followed from it."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlmodel import Session, col

from lifecycle.answers import matter_of
from lifecycle.chains import Matter, matter_tasks
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.refusals import Refused
from lifecycle.roles import Holder
from lifecycle.states import change_state
from lifecycle.tasks import end_task, hold, holder_ids, holders_of, raise_news, tasks_of
from models import (
    Account,
    AccountRole,
    AccountState,
    Person,
    Process,
    TaskKind,
    TaskState,
    UserTask,
)

_CHECKLIST = {Process.OPENING: Process.SETTING_UP, Process.CLOSING: Process.CLOSING_ITEMS}
_UNDONE_FROM = {
    Process.OPENING: (AccountState.SETTING_UP, AccountState.DECLINED, AccountState.CHANGES_ASKED),
    Process.CLOSING: (AccountState.CLOSING,),
}
_UNDONE_TO = {Process.OPENING: AccountState.DECIDING, Process.CLOSING: AccountState.ACTIVE}


def regret_ends_at(law: Law, task: UserTask) -> datetime | None:
    """Until when the one who answered may take the answer back."""
    if task.answered_at is None:
        return None
    return task.answered_at + timedelta(minutes=law.policy.settings.regret_minutes)


def take_back(
    session: Session, law: Law, account: Account, task: UserTask, person: Person, now: datetime, *, via: str
) -> None:
    """Take back one's own answer within its time, unless somebody has already gone on from it.

    Raises Refused `not_yours_to_take_back`, `regret_too_late`, `regret_overtaken` or `task_gone`.
    """
    if task.state is not TaskState.DONE or task.kind not in (TaskKind.DECIDE, TaskKind.CONSULT):
        raise Refused("task_gone")
    if task.answered_by_id != person.id:
        raise Refused("not_yours_to_take_back")
    ends_at = regret_ends_at(law, task)
    if ends_at is None or now >= ends_at:
        raise Refused("regret_too_late", minutes=law.policy.settings.regret_minutes)
    if _is_overtaken(session, account, task):
        raise Refused("regret_overtaken")
    undo_answer(session, account, task, By(person.id, via), now)


def undo_answer(session: Session, account: Account, task: UserTask, by: By, now: datetime) -> None:
    """Mark an answer as taken back; the account's run draws the consequences."""
    end_task(session, task, TaskState.TAKEN_BACK)
    outcome = task.outcome.value if task.outcome else ""
    facts = {"step": task.step, "outcome": outcome, "answered_at": _iso(task.answered_at)}
    record(session, EventKind.TAKEN_BACK, now, account=account, task=task, by=by, facts=facts)
    raise_news(session, account)


def _iso(instant: datetime | None) -> str:
    return instant.isoformat() if instant else ""


def _is_overtaken(session: Session, account: Account, task: UserTask) -> bool:
    """Whether somebody else has answered something that rests on this answer."""
    matter = matter_of(session, account, task)
    later = [other for other in matter_tasks(session, matter) if other.id and task.id and other.id > task.id]
    checklist = _CHECKLIST.get(task.process)
    if checklist:
        later += tasks_of(session, account, checklist, opened_from=task.answered_at)
    if matter.role is not None and matter.role.since_on is not None:
        return True
    if account.state not in (AccountState.DECIDING, *_UNDONE_FROM.get(task.process, ()), AccountState.ACTIVE):
        return True
    opened = task.process is Process.OPENING and account.state is AccountState.ACTIVE
    answered = any(o.state is TaskState.DONE and o.kind is not TaskKind.INFORM for o in later)
    newer_plan = task.process is Process.OPENING and task.plan_version != account.plan_version
    return opened or answered or newer_plan


def undo_taken_back(session: Session, account: Account, now: datetime) -> None:
    """Bring the account to where it stood before each answer that was taken back, and ask again."""
    rows = select(UserTask).where(
        col(UserTask.account_id) == account.id,
        col(UserTask.state) == TaskState.TAKEN_BACK,
        col(UserTask.followed_at).is_(None),
    )
    for task in session.execute(rows.order_by(col(UserTask.id))).scalars():
        task.followed_at = now
        session.add(task)
        _undo_consequences(session, account, task, now)
        _ask_again(session, account, task, now)


def _undo_consequences(session: Session, account: Account, task: UserTask, now: datetime) -> None:
    matter = matter_of(session, account, task)
    _withdraw_later(session, matter, task)
    if account.state in _UNDONE_FROM.get(task.process, ()):
        change_state(session, account, _UNDONE_TO[task.process], now)
    if task.process is Process.OPENING:
        session.execute(delete(AccountRole).where(col(AccountRole.account_id) == account.id))
        account.approved_at = None
    if task.process is Process.CLOSING:
        account.closing_refused_at = None
    if matter.role is not None:
        matter.role.refused_at = None
        session.add(matter.role)
    session.add(account)


def _withdraw_later(session: Session, matter: Matter, task: UserTask) -> None:
    later = [other for other in matter_tasks(session, matter) if other.id and task.id and other.id > task.id]
    checklist = _CHECKLIST.get(task.process)
    if checklist:
        later += tasks_of(session, matter.account, checklist, opened_from=task.answered_at)
    revisions = tasks_of(session, matter.account, Process.OPENING, opened_from=task.answered_at)
    later += [one for one in revisions if one.kind is TaskKind.REVISE_PLAN]
    for other in later:
        other.account_role_id = None if task.process is Process.OPENING else other.account_role_id
        end_task(session, other, TaskState.WITHDRAWN)
    session.flush()


def _ask_again(session: Session, account: Account, task: UserTask, now: datetime) -> None:
    """The same question to the same people, as a task of its own, so that the old answer stays on record."""
    kept = task.model_dump(
        include={
            "municipality_id",
            "account_id",
            "process",
            "kind",
            "step",
            "account_role_id",
            "plan_version",
            "role",
            "label",
            "clauses",
            "modality",
            "details",
        }
    )
    again = UserTask(**kept, opened_at=now, due_at=task.due_at)
    session.add(again)
    session.flush()
    hold(session, again, [Holder(h.person_id, h.instead_of_id, h.why) for h in holders_of(session, task.id)])
    kind = EventKind.DECISION_ASKED if task.kind is TaskKind.DECIDE else EventKind.CONSULTATION_ASKED
    facts = {"step": again.step, "role": again.role, "holders": holder_ids(session, [again]), "again": True}
    record(session, kind, now, account=account, task=again, facts=facts)
