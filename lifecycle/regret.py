"""Taking back a wrong click within the hour of regret, and undoing what had followed from it."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from lifecycle.addresses import address_key, demand_free
from lifecycle.answers import matter_of
from lifecycle.chains import CHAIN_KINDS, Matter, matter_tasks
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.ladder import first_reminder_at
from lifecycle.law import Law, law_of_task
from lifecycle.plans import sent_plan
from lifecycle.refusals import Refused
from lifecycle.roles import Holder
from lifecycle.states import FINAL, change_state
from lifecycle.tasks import end_task, hold, holder_ids, holders_of, raise_news, tasks_of, unfinished, withdraw
from models import (
    Account,
    AccountClass,
    AccountRole,
    AccountState,
    Attachment,
    Outcome,
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
    if is_overtaken(session, account, task):
        raise Refused("regret_overtaken")
    demand_undoable(session, account)
    undo_answer(session, account, task, By(person.id, via), now)


def demand_undoable(session: Session, account: Account) -> None:
    """A declined application held no address: another may have been given it since."""
    if account.state is AccountState.DECLINED:
        demand_free(session, account, account.address)


def undo_answer(session: Session, account: Account, task: UserTask, by: By, now: datetime) -> None:
    """Mark an answer as taken back; the account's run draws the consequences."""
    end_task(session, task, TaskState.TAKEN_BACK)
    outcome = task.outcome.value if task.outcome else ""
    facts = {"step": task.step, "outcome": outcome, "answered_at": _iso(task.answered_at)}
    record(session, EventKind.TAKEN_BACK, now, account=account, task=task, by=by, facts=facts)
    raise_news(session, account)


def _iso(instant: datetime | None) -> str:
    return instant.isoformat() if instant else ""


def is_overtaken(session: Session, account: Account, task: UserTask) -> bool:
    """Whether somebody else has answered something that rests on this answer."""
    matter = matter_of(session, account, task)
    if matter.since is not None and task.opened_at < matter.since:
        return True
    if _was_withdrawn(matter, task):
        return True
    later = _later(session, matter, task)
    if matter.role is not None and (matter.role.since_on is not None or _asked_anew(session, matter.role)):
        return True
    if account.state not in (AccountState.DECIDING, *_UNDONE_FROM.get(task.process, ()), AccountState.ACTIVE):
        return True
    opened = task.process is Process.OPENING and account.state is AccountState.ACTIVE
    answered = any(o.state is TaskState.DONE and o.kind is not TaskKind.INFORM for o in later)
    newer_plan = task.process is Process.OPENING and task.plan_version != account.plan_version
    return opened or answered or newer_plan


def _was_withdrawn(matter: Matter, task: UserTask) -> bool:
    """Whether what was asked has been taken back by the one who asked, or has ended since."""
    if task.process is Process.CLOSING:
        return matter.account.closing_asked_at is None
    refused = matter.role is not None and matter.role.refused_at is not None
    return refused and task.outcome is not Outcome.DECLINE


def _asked_anew(session: Session, role: AccountRole) -> bool:
    """Whether the same has been asked for the same person once more since."""
    rows = select(col(AccountRole.id)).where(
        col(AccountRole.account_id) == role.account_id,
        col(AccountRole.person_id) == role.person_id,
        col(AccountRole.kind) == role.kind,
        col(AccountRole.id) > role.id,
        col(AccountRole.refused_at).is_(None),
    )
    return session.execute(rows.limit(1)).first() is not None


def _later(session: Session, matter: Matter, task: UserTask) -> list[UserTask]:
    """What rests on an answer: later steps and the list that followed, not what others answered beside it."""
    later = [
        other
        for other in matter_tasks(session, matter)
        if (other.step != task.step or other.kind not in CHAIN_KINDS)
        and other.id
        and task.id
        and other.id > task.id
    ]
    checklist = _CHECKLIST.get(task.process)
    if checklist:
        later += tasks_of(session, matter.account, checklist, opened_from=task.answered_at)
    return later


def undo_taken_back(session: Session, account: Account, now: datetime) -> None:
    """Bring the account to where it stood before each answer that was taken back, and ask again.

    An application that was withdrawn or ended meanwhile stays so.
    """
    for task in [one for one in unfinished(session, account.id) if one.state is TaskState.TAKEN_BACK]:
        task.followed_at = now
        session.add(task)
        if account.state not in FINAL or account.state is AccountState.DECLINED:
            beside = _ended_beside(session, matter_of(session, account, task), task)
            _undo_consequences(session, account, task, now)
            for one in [task, *beside]:
                _ask_again(session, account, one, now)


def _ended_beside(session: Session, matter: Matter, task: UserTask) -> list[UserTask]:
    """Others who were asked in the same step and whose question the answer ended."""
    withdrawn = tasks_of(
        session,
        matter.account,
        task.process,
        states=(TaskState.WITHDRAWN,),
        step=task.step,
        account_role_id=task.account_role_id,
        plan_version=task.plan_version if task.process is Process.OPENING else None,
        opened_from=task.opened_at,
    )
    asked_with = [one for one in withdrawn if one.kind is task.kind and one.opened_at == task.opened_at]
    return list({tuple(holder_ids(session, [one])): one for one in asked_with}.values())


def _undo_consequences(session: Session, account: Account, task: UserTask, now: datetime) -> None:
    matter = matter_of(session, account, task)
    _withdraw_later(session, matter, task, now)
    if account.state is AccountState.CHANGES_ASKED:
        _restore_plan(session, account, now)
    if account.state is AccountState.DECLINED:
        _give_up_address(session, account)
    if account.state in _UNDONE_FROM.get(task.process, ()):
        change_state(session, account, _UNDONE_TO[task.process], now)
    if task.process is Process.OPENING:
        _forget_roles(session, account)
        account.approved_at = None
    if task.process is Process.CLOSING:
        account.closing_refused_at = None
    if matter.role is not None:
        matter.role.refused_at = None
        matter.role.assigned_by_id, matter.role.assigned_on = None, None
        session.add(matter.role)
    session.add(account)


def _withdraw_later(session: Session, matter: Matter, task: UserTask, now: datetime) -> None:
    for other in _later(session, matter, task):
        withdraw(session, other, now)
    session.flush()


def _restore_plan(session: Session, account: Account, now: datetime) -> None:
    """What the applicant has changed since is not what is decided on: the account is as in the sent plan."""
    plan = sent_plan(session, account)
    if plan is None or "platform" not in plan.answers:
        return
    if plan.sent_at is not None:
        _restore_files(session, account, plan.sent_at, now)
    said = plan.answers
    account.name, account.platform = said["name"], said["platform"]
    account.unit_id = int(said["unit"]) if said["unit"] else None
    account.account_class, account.address = AccountClass(said["account_class"]), said["address"]
    account.address_key = address_key(account.address)
    _give_up_address(session, account)


def _restore_files(session: Session, account: Account, sent_at: datetime, now: datetime) -> None:
    since = update(Attachment).where(col(Attachment.account_id) == account.id)
    added = (col(Attachment.added_at) > sent_at) & col(Attachment.removed_at).is_(None)
    session.execute(since.where(added).values(removed_at=now))
    taken = (col(Attachment.added_at) <= sent_at) & (col(Attachment.removed_at) > sent_at)
    session.execute(since.where(taken).values(removed_at=None))


def _give_up_address(session: Session, account: Account) -> None:
    """If another was given the address meanwhile, this one is asked for a new one before it is opened."""
    try:
        demand_free(session, account, account.address)
    except Refused:
        account.address, account.address_key = "", None
    session.add(account)
    session.flush()


def _forget_roles(session: Session, account: Account) -> None:
    for task in tasks_of(session, account, Process.SETTING_UP, states=list(TaskState)):
        task.account_role_id = None
        session.add(task)
    session.flush()
    session.execute(delete(AccountRole).where(col(AccountRole.account_id) == account.id))


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
    reminder = first_reminder_at(law_of_task(session, account, task, now), now)
    again = UserTask(**kept, opened_at=now, due_at=task.due_at, next_reminder_at=reminder)
    session.add(again)
    session.flush()
    hold(session, again, [Holder(h.person_id, h.instead_of_id, h.why) for h in holders_of(session, task.id)])
    kind = EventKind.DECISION_ASKED if task.kind is TaskKind.DECIDE else EventKind.CONSULTATION_ASKED
    facts = {"step": again.step, "role": again.role, "holders": holder_ids(session, [again]), "again": True}
    record(session, kind, now, account=account, task=again, facts=facts)
