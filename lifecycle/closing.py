"""Closing an account in good order: its chain, its checklist, and those who are told afterwards."""

from datetime import datetime, timedelta

from sqlmodel import Session

from lifecycle.case_standing import end_cases
from lifecycle.chains import (
    Place,
    Standing,
    closing,
    follow_chain,
    is_deserted,
    matter_tasks,
    open_step,
    steps_for,
    steps_of,
)
from lifecycle.conditions import Facts, applying, binds, facts_of
from lifecycle.documenting import rule_for, wanted
from lifecycle.events import ENGINE, By, EventKind
from lifecycle.identifying import detail_of_identity, facts_of_identity
from lifecycle.journal import record
from lifecycle.ladder import first_reminder_at
from lifecycle.law import Law
from lifecycle.refusals import Refused
from lifecycle.roles import NO_BARS, account_people, common_owner, find_holders, people_now
from lifecycle.states import Act, change_state, demand
from lifecycle.tasks import holder_ids, open_task, open_tasks, raise_news, tasks_of, withdraw_open
from lifecycle.weeding import key_of, label_of
from models import (
    Account,
    AccountRoleKind,
    AccountState,
    Process,
    SnapshotReason,
    TaskKind,
    TaskState,
    UserTask,
)
from policies.duties import Weeding
from policies.keys import Rule
from policies.rules import Item, StepAct


def items_for(law: Law, facts: Facts, now: datetime) -> list[Item]:
    """The checklist for closing such an account: the policy's lines, and what is weeded at the channel's end.

    Weeding waits for the last picture, where there is one.
    """
    lines, on = applying(law.policy.rules.closing_items, facts, law.day_of(now)), law.day_of(now)
    pictures = [line.item for line in lines if line.snapshot]
    weeded = applying(law.policy.rules.weeding, facts, on)
    return lines + [_weeding_line(rule, pictures) for rule in weeded if "channel_end" in rule.at]


def _weeding_line(rule: Weeding, pictures: list[str]) -> Item:
    """A line that rests on what the rule does."""
    grounds = {name: getattr(rule, name) for name in Rule.model_fields}
    line = Item(item=f"gallring-{key_of(rule)}", label=label_of(rule), after=pictures or None, **grounds)
    return line


def is_asked(account: Account) -> bool:
    """Whether somebody has asked for the account to be closed and has not been refused."""
    return account.closing_asked_at is not None and account.closing_refused_at is None


def is_decided_by_asking(law: Law, account: Account, now: datetime) -> bool:
    """Whether the policy asks nobody to decide on a closing: then whoever asks for it has decided."""
    steps = steps_for(law, Process.CLOSING, facts_of(account), now)
    return all(one.act is not StepAct.DECIDE for one in steps)


def ask_to_close(session: Session, account: Account, reason: str, by: By, now: datetime) -> None:
    """Ask that an active account is closed, with a reason."""
    demand(account, Act.ASK_TO_CLOSE)
    if is_asked(account):
        raise Refused("already_closing")
    if not reason.strip():
        raise Refused("reason_missing")
    account.closing_reason, account.closing_asked_at = reason.strip()[:2000], now
    account.closing_asked_by_id, account.closing_refused_at = by.person_id, None
    session.add(account)
    record(
        session,
        EventKind.CLOSING_ASKED,
        now,
        account=account,
        by=by,
        facts=facts_of_identity(by.signed_in) if by.via != ENGINE.via else {},
        detail={"reason": reason.strip()[:2000]} | detail_of_identity(by.signed_in),
    )
    raise_news(session, account)


def follow_closing_chain(session: Session, law: Law, account: Account, now: datetime) -> Place | None:
    """Consult and decide as the policy says; notices come when the account is closed.

    Returns where it stands, if it waits or is stuck.
    """
    if not is_asked(account):
        return None
    matter = closing(account)
    steps = [s for s in steps_of(session, law, matter, now) if s.act is not StepAct.INFORM]
    place = follow_chain(session, law, matter, steps, now)
    return _settle(session, account, place, now)


def _settle(session: Session, account: Account, place: Place, now: datetime) -> Place | None:
    if place.standing in (Standing.STUCK, Standing.WAITING):
        return place
    if place.standing is not Standing.APPROVED:
        _refuse(session, account, place, now)
        return None
    change_state(session, account, AccountState.CLOSING, now)
    return None


def _refuse(session: Session, account: Account, place: Place, now: datetime) -> None:
    facts = {"asked_by": account.closing_asked_by_id}
    detail = {"reason": place.task.reason if place.task else ""}
    record(
        session, EventKind.CLOSING_REFUSED, now, account=account, task=place.task, facts=facts, detail=detail
    )
    account.closing_refused_at = now
    session.add(account)


def open_items(session: Session, law: Law, account: Account, now: datetime) -> list[str]:
    """Ask for the closing checklist's lines, once; returns those that nobody can be asked for.

    A line that was asked only of people who have left is asked anew, of others.
    """
    tasks = tasks_of(session, account, Process.CLOSING_ITEMS, opened_from=account.closing_asked_at)
    asked = {task.step for task in tasks if not is_deserted(session, law, task, now)}
    items = [
        item
        for item in items_for(law, facts_of(account), now)
        if item.item not in asked and _may_be_asked(session, account, item, now)
    ]
    found = {item.item: _open_item(session, law, account, item, now) for item in items}
    opened = [task for task in found.values() if task]
    if opened:
        if not tasks:
            record(session, EventKind.CLOSING_BEGUN, now, account=account)
        facts = {"process": Process.CLOSING_ITEMS.value, "holders": holder_ids(session, opened)}
        facts["tasks"] = [task.id for task in opened if task.id]
        record(session, EventKind.ITEMS_ASKED, now, account=account, facts=facts)
    return [item.item for item in items if found[item.item] is None and binds(item)]


def _done(session: Session, account: Account) -> set[str]:
    tasks = tasks_of(session, account, Process.CLOSING_ITEMS, opened_from=account.closing_asked_at)
    return {task.step for task in tasks if task.state is not TaskState.OPEN}


def _may_be_asked(session: Session, account: Account, item: Item, now: datetime) -> bool:
    """Whether what comes before a line is done, and its day has come."""
    if item.wait_days and now < account.state_since + timedelta(days=item.wait_days):
        return False
    return set(item.after or ()) <= _done(session, account)


def still_to_come(session: Session, law: Law, account: Account, now: datetime) -> list[Item]:
    """Lines that bind and that have not been asked for yet: the account is not closed before them."""
    tasks = tasks_of(session, account, Process.CLOSING_ITEMS, opened_from=account.closing_asked_at)
    asked = {task.step for task in tasks}
    return [one for one in items_for(law, facts_of(account), now) if one.item not in asked and binds(one)]


def next_item_at(session: Session, law: Law, account: Account, now: datetime) -> datetime | None:
    """When the next line that waits for its day is asked for."""
    waits = [one.wait_days for one in still_to_come(session, law, account, now) if one.wait_days]
    days = [account.state_since + timedelta(days=count) for count in waits]
    return min((day for day in days if day > now), default=None)


def _open_item(session: Session, law: Law, account: Account, item: Item, now: datetime) -> UserTask | None:
    on = law.day_of(now)
    holders = find_holders(
        session,
        account,
        item.confirmed_by,
        bars=NO_BARS,
        last_resort=law.policy.settings.last_resort,
        on=on,
        owner=common_owner(law.policy.rules.owner, account, on),
    )
    if not holders:
        return None
    return open_task(
        session,
        law,
        account,
        now,
        process=Process.CLOSING_ITEMS,
        kind=TaskKind.CONFIRM_ITEM,
        step=item.item,
        label=item.label,
        rule=item,
        role=item.confirmed_by,
        holders=holders,
        next_reminder_at=first_reminder_at(law, now),
        details=wanted(SnapshotReason.FINAL, on, rule_for(law, account, on)) if item.snapshot else None,
    )


def blocking(session: Session, account: Account) -> list[UserTask]:
    """What must be done before the account is closed: lines of its list, and steps of its cases."""
    tasks = [t for t in open_tasks(session, account) if t.process in (Process.CLOSING_ITEMS, Process.CASE)]
    return [task for task in tasks if task.modality == "must"]


def close(session: Session, law: Law, account: Account, now: datetime) -> None:
    """Close: roles end, the register entry gets its last day, and those named are told."""
    on = law.day_of(now)
    end_cases(session, account, now)
    withdraw_open(session, account, now)
    account.closed_on, account.wake_at = on, None
    told = [person.id for _, person in people_now(session, account, list(AccountRoleKind), on)]
    change_state(session, account, AccountState.CLOSED, now)
    record(
        session,
        EventKind.ACCOUNT_CLOSED,
        now,
        account=account,
        facts={"closed_on": on.isoformat(), "people": told},
    )
    for role, _ in account_people(session, account, list(AccountRoleKind), on):
        role.until_on = on
        role.refused_at = now if role.since_on is None else None
        session.add(role)
    inform_afterwards(session, law, account, now)


def inform_afterwards(session: Session, law: Law, account: Account, now: datetime) -> None:
    """Tell those whom the closing chain names to be informed, once the account is closed."""
    matter = closing(account)
    for step in steps_of(session, law, matter, now):
        if step.act is StepAct.INFORM and not matter_tasks(session, matter, step.step):
            open_step(session, law, matter, step, now)
