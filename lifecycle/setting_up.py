"""The checklist before an account is opened: what blocks, who confirms, and when an approval lapses."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from lifecycle.addresses import set_address
from lifecycle.administrators import administering, documents_for, edition_words, needs_assignment
from lifecycle.conditions import Facts, applying, facts_of
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.refusals import Refused
from lifecycle.roles import NO_BARS, Holder, find_holders
from lifecycle.states import Act, change_state, demand
from lifecycle.tasks import complete, holder_ids, open_task, raise_news, tasks_of, withdraw_open
from models import (
    Account,
    AccountRole,
    AccountState,
    Outcome,
    Process,
    TaskKind,
    TaskState,
    UserTask,
)
from policies.keys import Role
from policies.rules import Item

ADDRESS_STEP = "kontots-adress"
ASSIGNMENT_STEP = "uppdrag"
ACKNOWLEDGE_STEP = "kvittering"
_SECRET = re.compile(r"(l[öo]sen(ord)?|password|pwd|pin)\s*[:=]\s*\S+", re.IGNORECASE)


def items_for(law: Law, facts: Facts, on: date) -> list[Item]:
    """The lines of the checklist for such an account."""
    return applying(law.policy.rules.setting_up, facts, on)


def open_items(session: Session, law: Law, account: Account, now: datetime) -> list[UserTask]:
    """Ask for every line that has not been asked for, and tell each person once. Harmless to repeat."""
    on, facts = law.day_of(now), facts_of(account)
    asked = {(t.step, t.account_role_id) for t in tasks_of(session, account, Process.SETTING_UP)}
    opened: list[UserTask] = []
    roles = administering(session, account, on)
    for item in items_for(law, facts, on):
        for role in roles if item.each_administrator else [None]:
            if (item.item, role.id if role else None) not in asked:
                opened.append(_open_item(session, law, account, item, role, now))
    for role in roles:
        opened += _open_for_role(session, law, account, role, asked, now)
    if not account.address and (ADDRESS_STEP, None) not in asked:
        opened.append(_open_address(session, law, account, now))
    if opened:
        facts_told = {"process": Process.SETTING_UP.value, "holders": holder_ids(session, opened)}
        facts_told["tasks"] = [task.id for task in opened if task.id]
        record(session, EventKind.ITEMS_ASKED, now, account=account, facts=facts_told)
    return opened


def _open_item(
    session: Session, law: Law, account: Account, item: Item, role: AccountRole | None, now: datetime
) -> UserTask:
    holders = [Holder(role.person_id)] if role else _confirmers(session, law, account, item.confirmed_by, now)
    return _open(session, law, account, item.item, item.label, item, item.confirmed_by, holders, role, now)


def _confirmers(session: Session, law: Law, account: Account, role: Role, now: datetime) -> list[Holder]:
    return find_holders(
        session,
        account,
        role,
        bars=NO_BARS,
        last_resort=law.policy.settings.last_resort,
        on=law.day_of(now),
    )


def _open(
    session: Session,
    law: Law,
    account: Account,
    step: str,
    label: str,
    rule: Any,
    by: Role,
    holders: Sequence[Holder],
    role: AccountRole | None,
    now: datetime,
    kind: TaskKind = TaskKind.CONFIRM_ITEM,
    details: Mapping[str, Any] | None = None,
) -> UserTask:
    return open_task(
        session,
        law,
        account,
        now,
        process=Process.SETTING_UP,
        kind=kind,
        step=step,
        label=label,
        rule=rule,
        role=by,
        holders=holders,
        account_role_id=role.id if role else None,
        details=details,
    )


def _open_for_role(
    session: Session,
    law: Law,
    account: Account,
    role: AccountRole,
    asked: set[tuple[str, int | None]],
    now: datetime,
) -> list[UserTask]:
    on, facts, opened = law.day_of(now), facts_of(account), []
    assignment = law.policy.rules.assignment
    if assignment and needs_assignment(law, role, facts, on) and (ASSIGNMENT_STEP, role.id) not in asked:
        holders = _confirmers(session, law, account, assignment.given_by, now)
        label = "Ge administratören ett daterat uppdrag"
        opened.append(
            _open(
                session,
                law,
                account,
                ASSIGNMENT_STEP,
                label,
                assignment,
                assignment.given_by,
                holders,
                role,
                now,
            )
        )
    if (ACKNOWLEDGE_STEP, role.id) not in asked:
        opened += open_acknowledgement(session, law, account, role, now)
    return opened


def open_acknowledgement(
    session: Session,
    law: Law,
    account: Account,
    role: AccountRole,
    now: datetime,
    process: Process = Process.SETTING_UP,
    next_reminder_at: datetime | None = None,
) -> list[UserTask]:
    """Ask a person to acknowledge what the policy's documents say, in their edition."""
    documents = documents_for(law, facts_of(account), law.day_of(now))
    if not documents:
        return []
    task = open_task(
        session,
        law,
        account,
        now,
        process=process,
        kind=TaskKind.ACKNOWLEDGE,
        step=ACKNOWLEDGE_STEP,
        label=f"Läs och kvittera: {edition_words(documents)}"[:300],
        rule=documents[0],
        role=Role.ADMINISTRATOR,
        holders=[Holder(role.person_id)],
        account_role_id=role.id,
        next_reminder_at=next_reminder_at,
        details={
            "documents": [{"label": d.label, "edition": d.edition, "address": d.address} for d in documents]
        },
    )
    return [task]


def _open_address(session: Session, law: Law, account: Account, now: datetime) -> UserTask:
    holders = _confirmers(session, law, account, Role.RESPONSIBLE, now)
    label = "Ange kontots adress när det har skapats"
    return _open(session, law, account, ADDRESS_STEP, label, None, Role.RESPONSIBLE, holders, None, now)


def faults_in_confirmation(
    law: Law, account: Account, task: UserTask, given: Mapping[str, str], now: datetime
) -> None:
    """Refuse a confirmation that lacks its way or place, or that holds what looks like a password."""
    if _SECRET.search(" ".join(given.values())):
        raise Refused("looks_like_secret")
    rules = [*law.policy.rules.setting_up, *law.policy.rules.closing_items]
    item = next((one for one in rules if one.item == task.step), None)
    if item is None:
        return
    if item.ways and given.get("way") not in {way.way for way in item.ways}:
        raise Refused("way_missing", label=item.label)
    if item.place and not given.get("place", "").strip():
        raise Refused("place_missing", label=item.label)


def confirm(
    session: Session,
    law: Law,
    account: Account,
    task: UserTask,
    given: Mapping[str, str],
    by: By,
    now: datetime,
) -> None:
    """Confirm one line by name and date: an item, the address, an assignment or an acknowledgement."""
    demand(account, Act.CONFIRM_ITEM)
    faults_in_confirmation(law, account, task, given, now)
    if task.step == ADDRESS_STEP:
        if not given.get("address", "").strip():
            raise Refused("address_wrong", address="(tom)")
        set_address(session, account, given["address"])
        record(session, EventKind.ADDRESS_SET, now, account=account, task=task, by=by)
    complete(session, task, now, by=by, outcome=Outcome.CONFIRMED, details=dict(given))
    _keep_place(session, account, given)
    role = session.get(AccountRole, task.account_role_id) if task.account_role_id else None
    if role is not None:
        _keep_in_role(session, law, role, task, by, now)
    kind = EventKind.ACKNOWLEDGED if task.kind is TaskKind.ACKNOWLEDGE else EventKind.ITEM_CONFIRMED
    record(session, kind, now, account=account, task=task, by=by, facts={"step": task.step})
    raise_news(session, account)


def _keep_place(session: Session, account: Account, given: Mapping[str, str]) -> None:
    if given.get("place", "").strip():
        account.log_in_kept_at = given["place"].strip()[:300]
        session.add(account)


def _keep_in_role(
    session: Session, law: Law, role: AccountRole, task: UserTask, by: By, now: datetime
) -> None:
    if task.step == ASSIGNMENT_STEP:
        role.assigned_by_id, role.assigned_on = by.person_id, law.day_of(now)
    if task.kind is TaskKind.ACKNOWLEDGE:
        role.acknowledged_at = now
        documents = documents_for(law, facts_of(session.get_one(Account, role.account_id)), law.day_of(now))
        role.acknowledged = edition_words(documents)[:1000]
    session.add(role)


def blocking(session: Session, account: Account) -> list[UserTask]:
    """Lines that must be confirmed before the account is active."""
    tasks = tasks_of(session, account, Process.SETTING_UP, states=(TaskState.OPEN,))
    return [task for task in tasks if task.modality == "must"]


def next_date(law: Law, account: Account, reminders: int) -> datetime:
    """When the next reminder goes, or when the approval lapses."""
    settings = law.policy.settings
    days = [*settings.setting_up_reminders, settings.setting_up_days]
    assert account.approved_at is not None
    return law.calendar.working_days_after(account.approved_at, days[min(reminders, len(days) - 1)])


def lapse_if_late(session: Session, law: Law, account: Account, now: datetime) -> bool:
    """Remind of an approved account that is not set up, and let the approval lapse in the end."""
    settings = law.policy.settings
    open_ones = blocking(session, account)
    reminders = max((task.reminders for task in open_ones), default=0)
    if account.approved_at is None or not open_ones or now < next_date(law, account, reminders):
        return False
    if law.calendar.working_time_from(now) > now:
        return False
    if reminders >= len(settings.setting_up_reminders):
        withdraw_open(session, account, now)
        change_state(session, account, AccountState.LAPSED, now)
        record(session, EventKind.APPLICATION_LAPSED, now, account=account)
        return True
    for task in open_ones:
        task.reminders = reminders + 1
        session.add(task)
    facts: dict[str, Any] = {"number": reminders + 1, "process": Process.SETTING_UP.value}
    facts |= {"holders": holder_ids(session, open_ones), "tasks": [task.id for task in open_ones]}
    facts["lapses_on"] = law.calendar.add_working_days(
        law.day_of(account.approved_at), settings.setting_up_days
    ).isoformat()
    record(session, EventKind.ITEMS_REMINDED, now, account=account, task=open_ones[0], facts=facts)
    return False
