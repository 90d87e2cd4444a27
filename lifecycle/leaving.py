"""Somebody leaves: everything they hold is found, and given to those who take over.

Roles in open accounts are asked for at once, in the name of the one who moves them, since the policy's chain
may want to decide. The rest moves on the first day the person no longer works here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Executable, or_, select
from sqlmodel import Session, col

from lifecycle.administrators import faults_in
from lifecycle.answers import bars_of_task, give_to, is_personal
from lifecycle.changes import ask_for_administrator, close_role, pending
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import Law, law_of_task
from lifecycle.own_matters import decides_own_matter
from lifecycle.refusals import Refused
from lifecycle.roles import Holder, has_left, people_now, roles_and_people
from lifecycle.standing_in import others_for
from lifecycle.states import PERMITS, Act
from lifecycle.tasks import raise_news, replace_holders, tasks_of, withdraw
from models import (
    IS_OPEN,
    Absence,
    Account,
    AccountRole,
    AccountRoleKind,
    AccountState,
    Person,
    PostHolder,
    Process,
    TaskHolder,
    TaskKind,
    TaskState,
    Unit,
    UserTask,
)
from models.asking import built_once

_LIVED_IN = (AccountState.SETTING_UP, AccountState.ACTIVE, AccountState.CLOSING)
_DECIDED = (TaskKind.DECIDE, TaskKind.CONSULT)
_BY_ITSELF = (TaskKind.WATCH, TaskKind.CONFIRM_ACT, TaskKind.INVENTORY)
"""What is not moved: the day's watch finds its people anew, and nobody says for another what they began."""


class HeldKind(StrEnum):
    """What a person can hold."""

    ROLE = "role"
    TASK = "task"
    UNIT = "unit"
    POST = "post"
    STANDS_IN = "stands_in"
    """They are somebody's usual substitute."""
    ABSENCE = "absence"
    """They stand in during somebody's absence."""


Row = AccountRole | UserTask | Unit | PostHolder | Person | Absence


@dataclass(frozen=True)
class Held:
    """One thing that a person holds."""

    kind: HeldKind
    row: Row

    @property
    def key(self) -> str:
        """Its name in a form, e.g. "role-12"."""
        return f"{self.kind.value}-{self.row.id}"


def holdings(session: Session, law: Law, person: Person, on: date) -> list[Held]:
    """Everything that somebody holds and that somebody else has to take over, in the order it is shown."""
    return [
        *(Held(HeldKind.ROLE, one) for one in _roles(session, person, on)),
        *(Held(HeldKind.UNIT, one) for one in _units(session, person)),
        *(Held(HeldKind.POST, one) for one in _posts(session, person)),
        *(Held(HeldKind.TASK, one) for one in _tasks(session, person, on)),
        *(Held(HeldKind.STANDS_IN, one) for one in _stood_in_for(session, person, on)),
        *(Held(HeldKind.ABSENCE, one) for one in _absences(session, person, on)),
    ]


def _roles(session: Session, person: Person, on: date) -> list[AccountRole]:
    rows = (
        select(AccountRole)
        .join(Account, col(Account.id) == col(AccountRole.account_id))
        .where(
            col(AccountRole.person_id) == person.id,
            col(AccountRole.refused_at).is_(None),
            or_(col(AccountRole.until_on).is_(None), col(AccountRole.until_on) > on),
            col(Account.state).in_(_LIVED_IN),
        )
    )
    return list(session.execute(rows.order_by(col(AccountRole.id))).scalars())


def _units(session: Session, person: Person) -> list[Unit]:
    rows = select(Unit).where(col(Unit.line_manager_id) == person.id)
    return list(session.execute(rows.order_by(col(Unit.id))).scalars())


def _posts(session: Session, person: Person) -> list[PostHolder]:
    rows = select(PostHolder).where(col(PostHolder.person_id) == person.id)
    return list(session.execute(rows.order_by(col(PostHolder.id))).scalars())


def _tasks(session: Session, person: Person, on: date) -> list[UserTask]:
    """What is asked of them alone; where others who are here hold it as well nothing has to be done."""
    held = select(col(TaskHolder.task_id))
    own = held.where(col(TaskHolder.person_id) == person.id)
    others = (
        held.join(Person, col(Person.id) == col(TaskHolder.person_id))
        .where(col(TaskHolder.person_id) != person.id)
        .where(or_(col(Person.left_on).is_(None), col(Person.left_on) > on))
    )
    rows = select(UserTask).where(
        IS_OPEN,
        col(UserTask.kind).not_in(_BY_ITSELF),
        col(UserTask.id).in_(own),
        col(UserTask.id).not_in(others),
    )
    found = session.execute(rows.order_by(col(UserTask.id))).scalars()
    return [task for task in found if not is_personal(task)]


def _stood_in_for(session: Session, person: Person, on: date) -> list[Person]:
    rows = select(Person).where(col(Person.substitute_id) == person.id).order_by(col(Person.id))
    return [one for one in session.execute(rows).scalars() if not has_left(one, on)]


def _absences(session: Session, person: Person, on: date) -> list[Absence]:
    rows = select(Absence).where(
        col(Absence.substitute_id) == person.id,
        col(Absence.ended_at).is_(None),
        or_(col(Absence.until_on).is_(None), col(Absence.until_on) > on),
    )
    return list(session.execute(rows.order_by(col(Absence.id))).scalars())


# ---------------------------------------------------------------- four eyes


def demand_may_move(session: Session, person: Person, by: Person, now: datetime) -> None:
    """Nobody says who decides instead of another in a matter of their own, or that they have decided in."""
    if decides_own_matter(session, person, by, now):
        raise Refused("four_eyes_leaving", name=person.name)


# ---------------------------------------------------------------- moving


Successors = Mapping[str, Person | None]
"""Who takes over what, by the thing's key; what is not named goes where the rules send it."""


def plan_leave(
    session: Session, law: Law, person: Person, last_on: date, successors: Successors, by: By, now: datetime
) -> None:
    """The person's last day is known: their roles are asked for at once, in the mover's name."""
    on = law.day_of(now)
    person.left_on = day_after(last_on)
    session.add(person)
    for held in holdings(session, law, person, on):
        to = successors.get(held.key)
        if isinstance(held.row, AccountRole) and to is not None:
            _ask_for_role(session, law, held.row, to, by, now)
    facts = {"person": person.id, "left_on": person.left_on.isoformat()}
    record(session, EventKind.LEAVE_PLANNED, now, municipality_id=law.municipality_id, by=by, facts=facts)


def day_after(last_on: date) -> date:
    """The first day somebody is not here, from the last one they are."""
    return date.fromordinal(last_on.toordinal() + 1)


def _ask_for_role(session: Session, law: Law, role: AccountRole, to: Person, by: By, now: datetime) -> None:
    """By the policy's chain, where there is one. A guest is not replaced: their days are over."""
    account = session.get_one(Account, role.account_id)
    if role.kind is AccountRoleKind.GUEST or _has_it(session, account, role, to, law.day_of(now)):
        return
    if Act.CHANGE_ADMINISTRATOR in PERMITS[account.state] and role.since_on is not None:
        ask_for_administrator(session, law, account, to, role.kind, by, now, instead_of=role)
    elif account.state is AccountState.SETTING_UP:
        _put_in_place(session, account, role, to, by, now)


def _has_it(session: Session, account: Account, role: AccountRole, to: Person, on: date) -> bool:
    held = people_now(session, account, [role.kind], on)
    asked = {one.person_id for one in pending(session, account) if one.kind is role.kind}
    return to.id in asked or any(person.id == to.id for _, person in held)


def _put_in_place(
    session: Session, account: Account, role: AccountRole, to: Person, by: By, now: datetime
) -> None:
    """Before the account is open the checklist asks the new person for what the old one was asked."""
    assert account.id is not None and to.id is not None
    new = AccountRole(
        account_id=account.id, person_id=to.id, kind=role.kind, asked_by_id=by.person_id, asked_at=now
    )
    session.add(new)
    session.flush()
    facts = {"role": new.id, "person": to.id, "kind": role.kind.value, "instead_of": role.id}
    record(session, EventKind.CHANGE_ASKED, now, account=account, by=by, facts=facts)
    raise_news(session, account)


def carry_out(
    session: Session, law: Law, person: Person, successors: Successors, by: By, now: datetime
) -> list[Held]:
    """The person is gone: everything they still hold moves. Returns what nobody has taken over."""
    on, left, taken = law.day_of(now), list[Held](), dict[str, list[tuple[int | str | None, int | None]]]()
    everything = holdings(session, law, person, on)
    for held in everything:
        to = successors.get(held.key)
        if to is not None and has_left(to, on):
            to = None
        if not _MOVES[held.kind](session, law, held.row, person, to, by, now):
            left.append(held)
        elif to is not None:
            taken.setdefault(held.kind.value, []).append((_about(held.row), to.id))
    if len(left) < len(everything):
        facts = {"person": person.id, "taken": taken, "people": _told(taken)}
        record(session, EventKind.PERSON_LEFT, now, municipality_id=law.municipality_id, by=by, facts=facts)
    return left


def _about(row: Row) -> int | str | None:
    """What the one who takes over is told of: the unit, the post, the person stood in for."""
    if isinstance(row, PostHolder):
        return row.role
    return row.person_id if isinstance(row, Absence) else row.id


def _told(taken: Mapping[str, list[tuple[int | str | None, int | None]]]) -> list[int]:
    """Roles and questions have letters of their own."""
    kinds = (HeldKind.UNIT, HeldKind.POST, HeldKind.STANDS_IN, HeldKind.ABSENCE)
    return sorted({to for kind in kinds for _, to in taken.get(kind.value, []) if to is not None})


def _move_role(
    session: Session, law: Law, row: Row, person: Person, to: Person | None, by: By, now: datetime
) -> bool:
    """The role ends; who takes it over has been asked for when the last day became known."""
    assert isinstance(row, AccountRole)
    account = session.get_one(Account, row.account_id)
    if row.since_on is None:
        row.refused_at = now
        session.add(row)
        for process in (Process.ADMINISTRATOR_CHANGE, Process.GUEST, Process.SETTING_UP):
            for task in tasks_of(session, account, process, states=(TaskState.OPEN,), account_role_id=row.id):
                withdraw(session, task, now, by=by)
    else:
        close_role(session, account, row, person.left_on or law.day_of(now), by, now)
    raise_news(session, account)
    return True


def _move_task(
    session: Session, law: Law, row: Row, person: Person, to: Person | None, by: By, now: datetime
) -> bool:
    """To the named person, else to whoever answers for its role; nobody moves a decision to themselves."""
    assert isinstance(row, UserTask)
    account = session.get_one(Account, row.account_id) if row.account_id is not None else None
    decided = row.kind in _DECIDED
    if account is not None and to is not None:
        its_law = law_of_task(session, account, row, now)
        bars = bars_of_task(session, its_law, account, row, now)
        own = decided and (to.id == by.person_id or by.person_id in bars.initiators | bars.deciders)
        if not own and bars.against(to, law.day_of(now)) is None:
            give_to(session, its_law, account, row, person, to, "", by, now)
            return True
    if decided and account is not None:
        raise_news(session, account)  # Its chain takes back what only those who left were asked.
        return True
    found = [Holder(to.id)] if to is not None and to.id else others_for(session, law, account, row, now)
    if found:
        replace_holders(session, row, found)
        row.told_at = None
        session.add(row)
    return bool(found)


def _move_unit(
    session: Session, law: Law, row: Row, person: Person, to: Person | None, by: By, now: datetime
) -> bool:
    assert isinstance(row, Unit)
    if to is not None:
        row.line_manager_id = to.id
        session.add(row)
    return to is not None


def _move_post(
    session: Session, law: Law, row: Row, person: Person, to: Person | None, by: By, now: datetime
) -> bool:
    """Somebody who holds the post already needs no second row."""
    assert isinstance(row, PostHolder)
    if to is None or to.id is None:
        others = select(col(PostHolder.id)).where(
            col(PostHolder.municipality_id) == row.municipality_id,
            col(PostHolder.role) == row.role,
            col(PostHolder.id) != row.id,
        )
        if session.execute(others).first() is None:
            return False
        session.delete(row)
        return True
    double = select(PostHolder).where(
        col(PostHolder.municipality_id) == row.municipality_id,
        col(PostHolder.role) == row.role,
        col(PostHolder.person_id) == to.id,
    )
    if session.execute(double).first():
        session.delete(row)
    else:
        row.person_id = to.id
        session.add(row)
    session.flush()
    return True


def _move_substitution(
    session: Session, law: Law, row: Row, person: Person, to: Person | None, by: By, now: datetime
) -> bool:
    """Nobody stands in for themselves; without anybody else the place is empty, as it was before them."""
    assert isinstance(row, Person | Absence)
    own = row.id if isinstance(row, Person) else row.person_id
    row.substitute_id = to.id if to is not None and to.id != own else None
    session.add(row)
    return True


Move = Callable[[Session, Law, Row, Person, Person | None, By, datetime], bool]
_MOVES: dict[HeldKind, Move] = {
    HeldKind.ROLE: _move_role,
    HeldKind.TASK: _move_task,
    HeldKind.UNIT: _move_unit,
    HeldKind.POST: _move_post,
    HeldKind.STANDS_IN: _move_substitution,
    HeldKind.ABSENCE: _move_substitution,
}
"""Whether it has found its new place."""


# ---------------------------------------------------------------- who has gone, and what they left behind


def gone(session: Session, law: Law, on: date) -> list[Person]:
    """Those who no longer work here and have still not been taken over from."""
    found = session.execute(*_still_holding(law.municipality_id, on)).scalars()
    return [one for one in found if holdings(session, law, one, on)]


@built_once
def _still_holding(of: int, on: date) -> Executable:
    # Asked of each who has left, who are few; what everybody holds in all municipalities is much.
    person = col(Person.id)
    held = (
        select(col(AccountRole.id)).where(
            col(AccountRole.person_id) == person,
            col(AccountRole.refused_at).is_(None),
            col(AccountRole.until_on).is_(None),
        ),
        select(col(TaskHolder.id))
        .join(UserTask, col(UserTask.id) == col(TaskHolder.task_id))
        .where(col(TaskHolder.person_id) == person, IS_OPEN, col(UserTask.kind).not_in(_BY_ITSELF)),
        select(col(Unit.id)).where(col(Unit.line_manager_id) == person),
        select(col(PostHolder.id)).where(col(PostHolder.person_id) == person),
        select(col(Absence.id)).where(col(Absence.substitute_id) == person),
    )
    holds = or_(*(one.exists() for one in held))
    rows = select(Person).where(col(Person.municipality_id) == of, col(Person.left_on) <= on, holds)
    return rows.order_by(col(Person.id))


def left_with_too_few(session: Session, law: Law, account: Account, now: datetime) -> list[str]:
    """Code of why an open account stands red: somebody left, and the policy's number is not kept.

    Not while somebody else is on the way in, and not before the day an account that was taken over is held
    to its rules; from that day it stands red though nobody has left.
    """
    on = law.day_of(now)
    if account.duties_from_on is not None and account.duties_from_on > on:
        return []
    short = [one for one in faults_in(session, law, account, on) if one.must and one.is_short]
    if not short:
        return []
    coming = {role.kind.value for role in pending(session, account)}
    kinds = {one.rule.of for one in short} - coming
    if kinds and account.duties_from_on is not None:
        return ["too_few_left"]
    ended = [
        role
        for role, person in roles_and_people(session, account.id)
        if role.kind.value in kinds
        and (has_left(person, on) or (role.until_on is not None and role.until_on <= on))
    ]
    return ["too_few_left"] if ended else []
