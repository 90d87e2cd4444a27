"""When those who hold a task are all away, somebody else holds it as well.

Nothing is taken from anybody: a link already sent still answers, and so does the substitute's. What is asked
while somebody is away goes past them from the beginning (`lifecycle.roles`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Executable, Select, or_, select, update
from sqlmodel import Session, col

from lifecycle.absences import away, away_in_matter
from lifecycle.answers import bars_of_task, is_personal, matter_of
from lifecycle.chains import holders_for, why_of
from lifecycle.conditions import facts_of
from lifecycle.events import EventKind
from lifecycle.exempting import exempted
from lifecycle.journal import record
from lifecycle.law import Law, law_of_task
from lifecycle.presence import AS_ROW, people_present
from lifecycle.roles import (
    NO_BARS,
    Bars,
    Holder,
    common_owner,
    find_holders,
    holders_of_post,
    person_or_substitute,
)
from lifecycle.rounds import Findings
from lifecycle.tasks import hold, holders_of, open_tasks, raise_news
from lifecycle.watching import is_crisis, needs_somebody
from models import IS_OPEN, Account, AccountState, Person, Process, TaskHolder, TaskKind, UserTask
from models.asking import built_once
from policies.keys import Modality, Role

_DECIDED = (TaskKind.DECIDE, TaskKind.CONSULT)
_OWN = (TaskKind.CONFIRM_ACT, TaskKind.INVENTORY)
"""What nobody can say for somebody else."""
_OPEN = (AccountState.ACTIVE, AccountState.CLOSING)


def uncovered(
    session: Session, law: Law, on: date, *, person_id: int | None = None, account_id: int | None = None
) -> list[UserTask]:
    """Open tasks whose holders are all away on that day: one person's, one account's, or all."""
    absent = away(session, law.municipality_id, on)
    if not absent or (person_id is not None and person_id not in absent):
        return []
    about = (law.municipality_id, [person_id] if person_id else list(absent), list(absent), on)
    asked = _uncovered(*about) if account_id is None else _uncovered_in(account_id, *about)
    return list(session.execute(*asked).scalars())


def _only_away(of: Any, some: Any, absent: Any, on: Any) -> Select[UserTask]:
    """Open tasks that some of those who are absent hold, and nobody who is there."""
    held = select(col(TaskHolder.task_id)).where(col(TaskHolder.task_id) == col(UserTask.id))
    there = (
        held.join(Person, col(Person.id) == col(TaskHolder.person_id))
        .where(col(TaskHolder.person_id).not_in(absent))
        .where(or_(col(Person.left_on).is_(None), col(Person.left_on) > on))
    )
    rows = select(UserTask).where(
        col(UserTask.municipality_id) == of,
        IS_OPEN,
        held.where(col(TaskHolder.person_id).in_(some)).exists(),
        ~there.exists(),
    )
    return rows.order_by(col(UserTask.id))


@built_once
def _uncovered(of: int, some: Sequence[int], absent: Sequence[int], on: date) -> Executable:
    return _only_away(of, some, absent, on)


@built_once
def _uncovered_in(account: int, of: int, some: Sequence[int], absent: Sequence[int], on: date) -> Executable:
    return _only_away(of, some, absent, on).where(col(UserTask.account_id) == account)


def cover(
    session: Session, law: Law, on: date, now: datetime, findings: Findings, person_id: int | None = None
) -> None:
    """Give what only those who are away hold to those who stand in, and tell these. Once for each."""
    lines: dict[tuple[int, int], list[UserTask]] = {}
    for task in uncovered(session, law, on, person_id=person_id):
        with findings.trying(session, f"uppgift {task.id}"):
            for holder in _stand_in(session, law, task, on, now):
                findings.found += 1
                if task.kind is TaskKind.CONFIRM_ITEM and task.account_id is not None:
                    lines.setdefault((task.account_id, holder.person_id), []).append(task)
    for (account_id, stands_in_id), tasks in lines.items():
        _tell_of_lines(session, session.get_one(Account, account_id), stands_in_id, tasks, now)
    findings.found += wake_undeputised(session, law, on)


def _stand_in(session: Session, law: Law, task: UserTask, on: date, now: datetime) -> list[Holder]:
    account = session.get_one(Account, task.account_id) if task.account_id is not None else None
    if task.kind in _OWN or is_personal(task):
        return []
    held = holders_of(session, task.id)
    found = _those_standing_in(session, law, account, task, held, on, now) or others_for(
        session, law, account, task, now
    )
    new = [one for one in found if one.person_id not in {row.person_id for row in held}]
    if not new:
        if account is not None and _waits_for_others(task):
            raise_news(session, account)
        return []
    hold(session, task, new)
    _tell(session, account, task, new, now)
    return new


def _those_standing_in(
    session: Session,
    law: Law,
    account: Account | None,
    task: UserTask,
    held: Iterable[TaskHolder],
    on: date,
    now: datetime,
) -> list[Holder]:
    """The substitutes of those who hold it, where they may answer it."""
    bars = _bars(session, law, account, task, now)
    absent = replace(bars, absent=away_in_matter(session, law.municipality_id, on, bars.bound))
    found: dict[int, Holder] = {}
    for row in held:
        person = session.get_one(Person, row.person_id)
        holder, _ = person_or_substitute(session, person, absent, [], on)
        if holder is not None:
            found.setdefault(holder.person_id, holder)
    return list(found.values())


def _bars(session: Session, law: Law, account: Account | None, task: UserTask, now: datetime) -> Bars:
    if account is None:
        return NO_BARS
    return bars_of_task(session, law_of_task(session, account, task, now), account, task, now)


def others_for(
    session: Session, law: Law, account: Account | None, task: UserTask, now: datetime
) -> list[Holder]:
    """Whoever answers for a task's role today."""
    on = law.day_of(now)
    role, last_resort = Role(task.role), law.policy.settings.last_resort
    if account is None:
        return holders_of_post(session, law.municipality_id, role, last_resort=last_resort, on=on)
    bars = _bars(session, law, account, task, now)
    if task.kind in _DECIDED:
        its_law, matter = law_of_task(session, account, task, now), matter_of(session, account, task)
        return holders_for(session, its_law, matter, role, bars, now)
    owner = common_owner(law.policy.rules.owner, account, on)
    return find_holders(session, account, role, bars=bars, last_resort=last_resort, on=on, owner=owner)


def _tell(
    session: Session, account: Account | None, task: UserTask, new: Sequence[Holder], now: datetime
) -> None:
    """A question has a letter of its own; what the clock asks stands in the next morning letter."""
    if task.process in (Process.DUTIES, Process.CASE):
        task.told_at = None
        session.add(task)
    if account is not None:
        raise_news(session, account)
    told = {} if task.kind in _DECIDED else {"told": False}
    facts = {
        "holders": [one.person_id for one in new],
        "away": sorted({one.instead_of_id for one in new if one.instead_of_id is not None}),
        "why": why_of(session, task),
        "step": task.step,
    }
    facts |= told
    record(session, EventKind.STOOD_IN, now, task=task, facts=facts)


def _tell_of_lines(
    session: Session, account: Account, person_id: int, tasks: Sequence[UserTask], now: datetime
) -> None:
    """The lines of a list in one letter."""
    instead = {row.instead_of_id for task in tasks for row in holders_of(session, task.id)}
    facts = {
        "holders": [person_id],
        "tasks": [task.id for task in tasks],
        "away": sorted(one for one in instead if one is not None),
    }
    record(session, EventKind.STOOD_IN, now, account=account, facts=facts)


def nobody_there(session: Session, law: Law, account: Account, now: datetime) -> list[str]:
    """Codes of why an account stands red: what must be answered and only those who are away can answer."""
    on = law.day_of(now)
    if account.duties_from_on is not None and account.duties_from_on > on:
        return []
    if not any(_waits_for_others(task) for task in open_tasks(session, account)):
        return []
    waiting = uncovered(session, law, on, account_id=account.id)
    return [f"no_holder:{task.step}" for task in waiting if _waits_for_others(task)]


def _waits_for_others(task: UserTask) -> bool:
    own = task.kind in _OWN or is_personal(task)
    return task.modality == Modality.MUST and task.kind is not TaskKind.WATCH and not own


def wake_undeputised(session: Session, law: Law, on: date) -> int:
    """News for accounts that stand red for having nobody there and need not, or that should and do not."""
    crisis, off = is_crisis(session, law, on), exempted(session, law.municipality_id, "watch", on)
    needs = cache(lambda facts, watched: needs_somebody(law, facts, on, crisis=crisis, watched=watched))
    rows: Iterable[Any] = session.execute(*_open_accounts(law.municipality_id))
    accounts = [one for one in rows if needs(facts_of(one), one.id not in off)]
    present: Mapping[int, Collection[Holder]] = people_present(session, law, accounts, on)
    changed = [one.id for one in accounts if _stands_wrongly(one, bool(present[one.id or 0]))]
    if changed:
        session.execute(
            update(Account).where(col(Account.id).in_(changed)).values(news=col(Account.news) + 1)
        )
    return len(changed)


def _stands_wrongly(account: Account, somebody: bool) -> bool:
    """Whether it is red for having nobody there and has, or has not and is not red for anything."""
    return account.red_reason == "no_deputy" if somebody else not account.red_reason


@built_once
def _open_accounts(of: int) -> Executable:
    return select(*AS_ROW).where(col(Account.municipality_id) == of, col(Account.state).in_(_OPEN))
