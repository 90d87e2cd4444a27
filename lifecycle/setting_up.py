"""The checklist before an account is opened: what blocks, who confirms, and when an approval lapses."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from lifecycle.addresses import set_address
from lifecycle.administrators import (
    acknowledge,
    administering,
    document_facts,
    documents_for,
    edition_words,
    needs_assignment,
)
from lifecycle.chains import is_deserted
from lifecycle.conditions import Facts, applying, binds, facts_of
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.plans import LINE_LIMIT
from lifecycle.refusals import Refused
from lifecycle.roles import NO_BARS, Bars, Holder, account_people, common_owner, find_holders
from lifecycle.secrets import looks_like_secret
from lifecycle.states import Act, change_state, demand
from lifecycle.tasks import complete, holder_ids, open_task, raise_news, tasks_of, withdraw, withdraw_open
from models import (
    Account,
    AccountRole,
    AccountRoleKind,
    AccountState,
    Outcome,
    Process,
    TaskKind,
    TaskState,
    UserTask,
)
from policies.keys import Modality, Role
from policies.rules import Document, Item

ADDRESS_STEP = "kontots-adress"
ASSIGNMENT_STEP = "uppdrag"
ADDRESS_LABEL = "Ange kontots adress när det har skapats"
ASSIGNMENT_LABEL = "Ge administratören ett daterat uppdrag"
DOCUMENTS_LABEL = "Läs och kvittera"
ACKNOWLEDGE_STEP = "kvittering"


def items_for(law: Law, facts: Facts, on: date) -> list[Item]:
    """The lines of the checklist for such an account."""
    return applying(law.policy.rules.setting_up, facts, on)


def open_items(session: Session, law: Law, account: Account, now: datetime) -> list[str]:
    """Ask for every line that has not been asked for, and tell each person once. Harmless to repeat.

    Returns the lines that bind and that nobody can be asked for.
    """
    on, facts = law.day_of(now), facts_of(account)
    asked = {(t.step, t.account_role_id) for t in tasks_of(session, account, Process.SETTING_UP)}
    wanted: list[tuple[str, bool, UserTask | None]] = []
    roles = administering(session, account, on)
    for item in items_for(law, facts, on):
        for role in roles if item.each_administrator else [None]:
            if (item.item, role.id if role else None) not in asked:
                task = _open_item(session, law, account, item, role, now)
                wanted.append((item.item, binds(item), task))
    for role in roles:
        wanted += [(step, True, t) for step, t in _open_for_role(session, law, account, role, asked, now)]
    if not account.address and (ADDRESS_STEP, None) not in asked:
        wanted.append((ADDRESS_STEP, True, _open_address(session, law, account, now)))
    opened = [task for _, _, task in wanted if task]
    if opened:
        facts_told = {"process": Process.SETTING_UP.value, "holders": holder_ids(session, opened)}
        facts_told["tasks"] = [task.id for task in opened if task.id]
        facts_told["lapses_on"] = lapses_on(law, account).isoformat()
        record(session, EventKind.ITEMS_ASKED, now, account=account, facts=facts_told)
    return list(dict.fromkeys(step for step, must, task in wanted if must and task is None))


def drop_items_of_those_gone(session: Session, law: Law, account: Account, now: datetime) -> None:
    """What was asked of an administrator who has left is asked of nobody any more; the rest is asked anew."""
    here = {role.id for role, _ in account_people(session, account, list(AccountRoleKind), law.day_of(now))}
    for task in tasks_of(session, account, Process.SETTING_UP, states=(TaskState.OPEN,)):
        if task.account_role_id is not None and task.account_role_id not in here:
            withdraw(session, task, now)
        else:
            is_deserted(session, law, task, now)


def _open_item(
    session: Session, law: Law, account: Account, item: Item, role: AccountRole | None, now: datetime
) -> UserTask | None:
    holders = [Holder(role.person_id)] if role else _confirmers(session, law, account, item.confirmed_by, now)
    return _open(session, law, account, item.item, item.label, item, item.confirmed_by, holders, role, now)


def _confirmers(
    session: Session, law: Law, account: Account, role: Role, now: datetime, bars: Bars = NO_BARS
) -> list[Holder]:
    on = law.day_of(now)
    return find_holders(
        session,
        account,
        role,
        bars=bars,
        last_resort=law.policy.settings.last_resort,
        on=on,
        owner=common_owner(law.policy.rules.owner, account, on),
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
) -> UserTask | None:
    if not holders:
        return None
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
) -> list[tuple[str, UserTask | None]]:
    opened: list[tuple[str, UserTask | None]] = []
    if (ASSIGNMENT_STEP, role.id) not in asked and needs_assignment(
        law, role, facts_of(account), law.day_of(now)
    ):
        opened.append((ASSIGNMENT_STEP, open_assignment(session, law, account, role, now)))
    if (ACKNOWLEDGE_STEP, role.id) not in asked:
        acknowledgements = open_acknowledgement(session, law, account, role, now)
        opened += [(ACKNOWLEDGE_STEP, task) for task in acknowledgements]
    return opened


def open_assignment(
    session: Session,
    law: Law,
    account: Account,
    role: AccountRole,
    now: datetime,
    process: Process = Process.SETTING_UP,
    next_reminder_at: datetime | None = None,
) -> UserTask | None:
    """Ask for the dated assignment that the policy wants; None when nobody can give it."""
    rule = law.policy.rules.assignment
    assert rule is not None
    bars = Bars(initiators=frozenset({role.person_id}))
    holders = _confirmers(session, law, account, rule.given_by, now, bars)
    if not holders:
        return None
    return open_task(
        session,
        law,
        account,
        now,
        process=process,
        kind=TaskKind.CONFIRM_ITEM,
        step=ASSIGNMENT_STEP,
        label=ASSIGNMENT_LABEL,
        rule=rule,
        role=rule.given_by,
        holders=holders,
        account_role_id=role.id,
        next_reminder_at=next_reminder_at,
    )


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
        label=f"{DOCUMENTS_LABEL}: {edition_words(documents)}"[:300],
        rule=documents[0],
        role=Role.ADMINISTRATOR,
        holders=[Holder(role.person_id)],
        account_role_id=role.id,
        next_reminder_at=next_reminder_at,
        details={"documents": document_facts(documents)},
    )
    task.clauses = cited_by_all(law, documents)
    task.modality = min((one.modality for one in documents), key=list(Modality).index).value
    session.flush()
    return [task]


def cited_by_all(law: Law, documents: Sequence[Document]) -> list[dict[str, str]]:
    """What several documents rest on, each clause once."""
    cited = {one["ref"] + one["cite"]: one for document in documents for one in law.cite(document)}
    return list(cited.values())


def _open_address(session: Session, law: Law, account: Account, now: datetime) -> UserTask | None:
    holders = _confirmers(session, law, account, Role.RESPONSIBLE, now)
    return _open(
        session, law, account, ADDRESS_STEP, ADDRESS_LABEL, None, Role.RESPONSIBLE, holders, None, now
    )


def faults_in_confirmation(
    law: Law, account: Account, task: UserTask, given: Mapping[str, str], now: datetime
) -> None:
    """Refuse a confirmation that lacks its way or place, or that holds what looks like a password."""
    if any(looks_like_secret(text, alone=name == "place") for name, text in given.items()):
        raise Refused("looks_like_secret")
    for text in given.values():
        if len(text) > LINE_LIMIT:
            raise Refused("text_too_long", length=len(text), limit=LINE_LIMIT)
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
    if task.kind not in (TaskKind.CONFIRM_ITEM, TaskKind.ACKNOWLEDGE):
        raise Refused("outcome_unknown")
    faults_in_confirmation(law, account, task, given, now)
    if task.step == ADDRESS_STEP:
        if not given.get("address", "").strip():
            raise Refused("address_wrong", address="(tom)")
        set_address(session, account, given["address"])
        record(session, EventKind.ADDRESS_SET, now, account=account, task=task, by=by)
    complete(session, task, now, by=by, outcome=Outcome.CONFIRMED, details=dict(given))
    keep_place(session, account, given)
    role = session.get(AccountRole, task.account_role_id) if task.account_role_id else None
    if role is not None:
        _keep_in_role(session, law, role, task, by, now)
    kind = EventKind.ACKNOWLEDGED if task.kind is TaskKind.ACKNOWLEDGE else EventKind.ITEM_CONFIRMED
    record(session, kind, now, account=account, task=task, by=by, facts={"step": task.step})
    raise_news(session, account)


def keep_place(session: Session, account: Account, given: Mapping[str, str]) -> None:
    if given.get("place", "").strip():
        account.log_in_kept_at = given["place"].strip()[:300]
        session.add(account)


def _keep_in_role(
    session: Session, law: Law, role: AccountRole, task: UserTask, by: By, now: datetime
) -> None:
    if task.step == ASSIGNMENT_STEP:
        role.assigned_by_id, role.assigned_on = by.person_id, law.day_of(now)
    if task.kind is TaskKind.ACKNOWLEDGE:
        acknowledge(role, task.details["documents"], now)
    session.add(role)


def blocking(session: Session, account: Account) -> list[UserTask]:
    """Lines that must be confirmed before the account is active."""
    tasks = tasks_of(session, account, Process.SETTING_UP, states=(TaskState.OPEN,))
    return [task for task in tasks if task.modality == "must"]


def late_at(session: Session, law: Law, account: Account) -> datetime:
    """When the next reminder goes, or when the approval lapses.

    Reminders keep their distance, also when one went late: nobody gets two in a row and then loses the
    approval. Where no line is left that somebody could be reminded of, the approval lapses in its time.
    """
    open_ones, days = blocking(session, account), _late_days(law)
    reminders = max((task.reminders for task in open_ones), default=len(days) - 1)
    planned = _after_approval(law, account, days[min(reminders, len(days) - 1)])
    return max([planned, *(task.next_reminder_at for task in open_ones if task.next_reminder_at)])


def lapses_on(law: Law, account: Account) -> date:
    """The day on which an approval lapses, if no reminder goes late."""
    return law.day_of(_after_approval(law, account, law.policy.settings.setting_up_days))


def _late_days(law: Law) -> list[int]:
    return [*law.policy.settings.setting_up_reminders, law.policy.settings.setting_up_days]


def _after_approval(law: Law, account: Account, days: int) -> datetime:
    assert account.approved_at is not None
    return law.calendar.working_days_after(account.approved_at, days)


def lapse_if_late(session: Session, law: Law, account: Account, now: datetime) -> bool:
    """Remind of an approved account that is not set up, and let the approval lapse in the end."""
    if now < late_at(session, law, account) or law.calendar.working_time_from(now) > now:
        return False
    open_ones, days = blocking(session, account), _late_days(law)
    reminders = max((task.reminders for task in open_ones), default=len(days) - 1)
    if reminders >= len(days) - 1:
        withdraw_open(session, account, now)
        change_state(session, account, AccountState.LAPSED, now)
        record(session, EventKind.APPLICATION_LAPSED, now, account=account)
        return True
    for task in open_ones:
        task.reminders = reminders + 1
        task.next_reminder_at = _kept_apart(law, account, days, reminders, reminders + 1, now)
        session.add(task)
    lapses_at = _kept_apart(law, account, days, reminders, len(days) - 1, now)
    facts: dict[str, Any] = {"number": reminders + 1, "process": Process.SETTING_UP.value}
    facts |= {"holders": holder_ids(session, open_ones), "tasks": [task.id for task in open_ones]}
    facts["lapses_on"] = law.day_of(lapses_at).isoformat()
    record(session, EventKind.ITEMS_REMINDED, now, account=account, task=open_ones[0], facts=facts)
    return False


def _kept_apart(
    law: Law, account: Account, days: Sequence[int], sent: int, then: int, now: datetime
) -> datetime:
    """The planned day of a later reminder, or as long after this one as was planned."""
    after_this = law.calendar.working_days_after(now, days[then] - days[sent])
    return max(_after_approval(law, account, days[then]), after_this)
