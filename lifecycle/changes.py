"""Changes while an account lives: new administrators, guests, and those who leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from lifecycle.administrators import assign, faults_in, needs_assignment
from lifecycle.chains import (
    Matter,
    Place,
    Standing,
    change,
    follow_chain,
    is_deserted,
    matter_tasks,
    steps_of,
)
from lifecycle.conditions import applying, binds, facts_of
from lifecycle.events import ENGINE, By, EventKind
from lifecycle.journal import record
from lifecycle.ladder import first_reminder_at
from lifecycle.law import Law, law_in_force
from lifecycle.refusals import Refused
from lifecycle.roles import account_people, has_ended, people_now, roles_and_people
from lifecycle.setting_up import ACKNOWLEDGE_STEP, ASSIGNMENT_STEP, open_acknowledgement, open_assignment
from lifecycle.states import Act, demand
from lifecycle.tasks import holder_ids, raise_news, tasks_of, withdraw
from models import Account, AccountRole, AccountRoleKind, AuditEvent, Person, TaskKind, TaskState, UserTask

ROLE_WORDS = {
    AccountRoleKind.RESPONSIBLE: "ansvarig",
    AccountRoleKind.ADMINISTRATOR: "administratör",
    AccountRoleKind.SUBSTITUTE: "ersättare",
    AccountRoleKind.GUEST: "gäst",
}


def ask_for_administrator(
    session: Session,
    law: Law,
    account: Account,
    person: Person,
    kind: AccountRoleKind,
    by: By,
    now: datetime,
    *,
    instead_of: AccountRole | None = None,
) -> AccountRole:
    """Ask that somebody gets a role in an active account; the policy's chain decides."""
    demand(account, Act.CHANGE_ADMINISTRATOR)
    _refuse_double(session, law, account, person, kind, now)
    if instead_of is not None and instead_of.kind is not kind:
        raise Refused("not_same_role", role=ROLE_WORDS[kind])
    _refuse_too_many(session, law, account, person, kind, instead_of, now)
    return _ask(session, account, person, kind, by, now, instead_of=instead_of)


def ask_for_guest(
    session: Session,
    law: Law,
    account: Account,
    person: Person,
    since: date,
    until: date,
    by: By,
    now: datetime,
) -> AccountRole:
    """Ask that somebody runs the account from `since` until the day before `until`.

    Raises Refused `guests_unknown`, `dates_wrong` or `too_many_days`.
    """
    demand(account, Act.CHANGE_ADMINISTRATOR)
    rule = law.policy.rules.guest
    if rule is None or not applying([rule], facts_of(account), law.day_of(now)):
        raise Refused("guests_unknown")
    if until <= since or since < law.day_of(now):
        raise Refused("dates_wrong")
    if (until - since).days > rule.at_most_days:
        raise Refused("too_many_days", days=rule.at_most_days)
    role = _ask(session, account, person, AccountRoleKind.GUEST, by, now)
    role.wanted_from_on, role.until_on = since, until
    session.add(role)
    return role


def _refuse_double(
    session: Session, law: Law, account: Account, person: Person, kind: AccountRoleKind, now: datetime
) -> None:
    held = account_people(session, account, (kind,), law.day_of(now))
    if any(one.id == person.id for _, one in held):
        raise Refused("already_administrator", name=person.name, role=ROLE_WORDS[kind])


def _refuse_too_many(
    session: Session,
    law: Law,
    account: Account,
    person: Person,
    kind: AccountRoleKind,
    instead_of: AccountRole | None,
    now: datetime,
) -> None:
    held = account_people(session, account, (kind,), law.day_of(now))
    ids = {one.id for role, one in held if instead_of is None or role.id != instead_of.id} | {person.id}
    for rule in applying(law.policy.rules.headcounts, facts_of(account), law.day_of(now)):
        if rule.of == kind.value and binds(rule) and rule.at_most is not None and len(ids) > rule.at_most:
            raise Refused("too_many_people", at_most=rule.at_most, role=ROLE_WORDS[kind])


def _ask(
    session: Session,
    account: Account,
    person: Person,
    kind: AccountRoleKind,
    by: By,
    now: datetime,
    instead_of: AccountRole | None = None,
) -> AccountRole:
    assert account.id is not None and person.id is not None
    role = AccountRole(
        account_id=account.id,
        person_id=person.id,
        kind=kind,
        asked_by_id=by.person_id,
        asked_at=now,
        ends_role_id=instead_of.id if instead_of else None,
    )
    session.add(role)
    session.flush()
    facts = {"role": role.id, "person": person.id, "kind": kind.value, "instead_of": role.ends_role_id}
    record(session, EventKind.CHANGE_ASKED, now, account=account, by=by, facts=facts)
    raise_news(session, account)
    return role


def end_role(session: Session, law: Law, account: Account, role: AccountRole, by: By, now: datetime) -> None:
    """End somebody's role today. Refused `too_few_left` where the policy's number would not be kept.

    An account that has too few already may not have fewer. Only a role that has begun can end.
    """
    demand(account, Act.CHANGE_ADMINISTRATOR)
    on = law.day_of(now)
    if role.since_on is None or (role.until_on is not None and role.until_on <= on):
        raise Refused("task_gone")
    if role.kind is AccountRoleKind.RESPONSIBLE and len(people_now(session, account, [role.kind], on)) == 1:
        raise Refused("too_few_left", says="Ingen skulle ansvara för det.")
    before = {fault.says for fault in faults_in(session, law, account, on)}
    after = faults_in(session, law, account, on, without=role.id)
    short = [fault for fault in after if fault.must and fault.is_short and fault.says not in before]
    if short:
        raise Refused("too_few_left", says=" ".join(fault.says for fault in short))
    close_role(session, account, role, on, by, now)
    raise_news(session, account)


def close_role(
    session: Session, account: Account, role: AccountRole, on: date, by: By, now: datetime
) -> None:
    """From that day the person has the role no more."""
    role.until_on = on
    role.refused_at = now if role.kind is AccountRoleKind.GUEST else role.refused_at
    session.add(role)
    facts = {"role": role.id, "person": role.person_id, "kind": role.kind.value}
    record(session, EventKind.ADMINISTRATOR_ENDED, now, account=account, by=by, facts=facts)


def pending(session: Session, account: Account) -> list[AccountRole]:
    """Roles that were asked for and have neither begun, ended nor been refused."""
    roles = [role for role, _ in roles_and_people(session, account.id)]
    return [role for role in roles if role.since_on is None and role.refused_at is None]


NOBODY_ASSIGNS = "Står still: ingen kan ge uppdrag åt ny administratör"


@dataclass(frozen=True)
class Ways:
    """How far the changes of an account have come."""

    waits: list[str]
    stuck: list[str]
    """Why the account stands red for some of them."""


def follow_changes(session: Session, law: Law, account: Account, now: datetime) -> Ways:
    """Take every asked change as far as its chain allows, under the policy it was asked under."""
    end_guests(session, law, account, now)
    ways = Ways([], [])
    for role in pending(session, account):
        its_law = law_in_force(session, account.municipality_id, role.asked_at)
        matter = change(account, role)
        place = follow_chain(session, its_law, matter, steps_of(session, its_law, matter, now), now)
        if place.standing is Standing.STUCK:
            ways.stuck.append(f"no_holder:change:{role.id}")
        waits = _settle(session, its_law, account, role, place, now)
        if NOBODY_ASSIGNS in waits:
            ways.stuck.append(f"no_holder:change:{role.id}")
        ways.waits.extend(waits)
    return ways


def _settle(
    session: Session, law: Law, account: Account, role: AccountRole, place: Place, now: datetime
) -> list[str]:
    if place.standing in (Standing.STUCK, Standing.WAITING):
        return [place.waits_for]
    if place.standing is not Standing.APPROVED:
        _refuse_change(session, account, role, place, now)
        return []
    return _begin(session, law, account, role, now)


def _refuse_change(
    session: Session, account: Account, role: AccountRole, place: Place, now: datetime
) -> None:
    role.refused_at = now
    session.add(role)
    facts = {"role": role.id, "person": role.person_id, "asked_by": role.asked_by_id}
    detail = {"reason": place.task.reason if place.task else ""}
    record(
        session, EventKind.CHANGE_REFUSED, now, account=account, task=place.task, facts=facts, detail=detail
    )


def _begin(session: Session, law: Law, account: Account, role: AccountRole, now: datetime) -> list[str]:
    """A change that is approved takes effect with the assignment and the receipt that the policy asks for."""
    matter = change(account, role)
    tasks = matter_tasks(session, matter)
    assign(session, law, matter.process, tasks, [role], facts_of(account))
    asked = [task for task in tasks if task.kind is TaskKind.ACKNOWLEDGE or _is_assignment(task)]
    asked = [task for task in asked if not (_is_assignment(task) and is_deserted(session, law, task, now))]
    answers = [
        t.answered_at for t in tasks if t.answered_at and t.kind in (TaskKind.DECIDE, TaskKind.CONSULT)
    ]
    if not _is_told(session, account, role, max(answers, default=role.asked_at)):
        facts = {"role": role.id, "person": role.person_id, "asked_by": role.asked_by_id}
        decided = next((task for task in reversed(tasks) if task.kind is TaskKind.DECIDE), None)
        record(session, EventKind.CHANGE_APPROVED, now, account=account, task=decided, facts=facts)
    asked += _ask_for_what_is_needed(session, law, matter, role, asked, now)
    open_ones = [task for task in asked if task.state is TaskState.OPEN and task.modality == "must"]
    if open_ones:
        waits = "kvittering av" if open_ones[0].kind is TaskKind.ACKNOWLEDGE else "uppdrag för"
        return [f"Väntar på {waits} ny administratör"]
    rule = law.policy.rules.assignment
    if rule and binds(rule) and needs_assignment(law, role, facts_of(account), law.day_of(now)):
        return [NOBODY_ASSIGNS]
    if role.wanted_from_on and law.day_of(now) < role.wanted_from_on:
        return [f"Gäst från {role.wanted_from_on.isoformat()}"]
    begin_role(session, law, account, role, now)
    return []


def _is_assignment(task: UserTask) -> bool:
    """What somebody else gives the new person, and may be asked of another."""
    return task.kind is TaskKind.CONFIRM_ITEM


def _ask_for_what_is_needed(
    session: Session,
    law: Law,
    matter: Matter,
    role: AccountRole,
    before: Sequence[UserTask],
    now: datetime,
) -> list[UserTask]:
    """Open the assignment and the receipt that the policy wants of such a person, each once; tell them."""
    account, reminder, asked = matter.account, first_reminder_at(law, now), list[UserTask]()
    steps = {task.step for task in before}
    if ASSIGNMENT_STEP not in steps and needs_assignment(law, role, facts_of(account), law.day_of(now)):
        given = open_assignment(session, law, account, role, now, matter.process, reminder)
        asked += [given] if given else []
    if ACKNOWLEDGE_STEP not in steps and role.kind is not AccountRoleKind.SUBSTITUTE:
        asked += open_acknowledgement(session, law, account, role, now, matter.process, reminder)
    if asked:
        told = {"process": matter.process.value, "holders": holder_ids(session, asked)}
        told["tasks"] = [task.id for task in asked if task.id]
        record(session, EventKind.ITEMS_ASKED, now, account=account, facts=told)
    return asked


def _is_told(session: Session, account: Account, role: AccountRole, since: datetime) -> bool:
    """Whether the approval has been recorded: a guest may wait for the first day after it."""
    rows = select(col(AuditEvent.facts)).where(
        col(AuditEvent.account_id) == account.id,
        col(AuditEvent.kind) == EventKind.CHANGE_APPROVED.value,
        col(AuditEvent.at) >= since,
    )
    return any(facts["role"] == role.id for facts in session.execute(rows).scalars())


def begin_role(session: Session, law: Law, account: Account, role: AccountRole, now: datetime) -> None:
    """From today the person has the role, and the one replaced has not."""
    role.since_on = law.day_of(now)
    session.add(role)
    facts = {"role": role.id, "person": role.person_id, "kind": role.kind.value}
    record(session, EventKind.ADMINISTRATOR_BEGAN, now, account=account, facts=facts)
    replaced = session.get(AccountRole, role.ends_role_id) if role.ends_role_id else None
    if replaced is not None and replaced.until_on is None:
        close_role(session, account, replaced, law.day_of(now), ENGINE, now)


def end_guests(session: Session, law: Law, account: Account, now: datetime) -> None:
    """A guest's last day has passed: say so once, and drop what was still asked about it."""
    guests = [one for one, _ in roles_and_people(session, account.id) if one.kind is AccountRoleKind.GUEST]
    on = law.day_of(now)
    for role in [one for one in guests if one.refused_at is None and has_ended(one, on)]:
        role.refused_at = now
        session.add(role)
        for task in tasks_of(session, account, change(account, role).process, account_role_id=role.id):
            if task.state is TaskState.OPEN:
                withdraw(session, task, now)
        facts = {"role": role.id, "person": role.person_id, "kind": role.kind.value}
        record(session, EventKind.ADMINISTRATOR_ENDED, now, account=account, facts=facts)
