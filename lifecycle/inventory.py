"""Taking stock of the accounts that were taken over: whose each is, and what it lacks (REQUIREMENTS 2.8).

Before the municipality's set day (`Account.duties_from_on`) everything is asked without a ladder and nothing
is closed; from that day it is asked as anything else is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Executable, select
from sqlmodel import Session, col

from lifecycle.administrators import administering, documents_for, faults_in, needs_assignment
from lifecycle.conditions import applying, binds, facts_of
from lifecycle.duty_tasks import answer_duty, open_duty
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.ladder import climb_from_here
from lifecycle.law import Law
from lifecycle.refusals import Refused
from lifecycle.roles import NO_BARS, Holder, common_owner, find_holders, holders_of_post, people_now
from lifecycle.setting_up import items_for, open_acknowledgement, open_assignment
from lifecycle.tasks import open_task, raise_news
from models import (
    IS_OPEN,
    Account,
    AccountRole,
    AccountRoleKind,
    AccountState,
    Outcome,
    Person,
    Process,
    TaskHolder,
    TaskKind,
    TaskState,
    UserTask,
)
from models.asking import asked_once, built_once
from policies.keys import Modality, Role
from policies.rules import Item

STEP = "inventering"
LOOK_STEP = "inventering-oklart"
ANSWERS = (Outcome.CONFIRMED, Outcome.DECLINE, Outcome.CLOSE)
"""Mine; not mine; closed already."""
_GAP = "gap:"
_LATELY = 14
"""Days for which a round that was not gone is caught up with."""


def taken_over(session: Session, law: Law) -> list[Account]:
    """The open accounts that came by import."""
    return list(_taken_over(session, law.municipality_id))


@asked_once(Account)
def _taken_over(session: Session, municipality_id: int) -> Sequence[Account]:
    return session.execute(*_imported(municipality_id)).scalars().all()


@built_once
def _imported(of: int) -> Executable:
    rows = select(Account).where(
        col(Account.municipality_id) == of,
        col(Account.imported).is_(True),
        col(Account.state) == AccountState.ACTIVE,
    )
    return rows.order_by(col(Account.name), col(Account.id))


def begin(session: Session, law: Law, duties_from_on: date, by: By, now: datetime) -> list[int]:
    """Ask whose each account is that has not been asked about. Returns whom: one letter to each.

    Raises Refused `inventory_past` for a day that is not to come.
    """
    on = law.day_of(now)
    if duties_from_on <= on:
        raise Refused("inventory_past")
    asked: dict[int, None] = {}
    for account in taken_over(session, law):
        asked |= dict.fromkeys(_ask(session, law, account, duties_from_on, on, now))
    if asked:
        facts = {"people": list(asked), "duties_from": duties_from_on.isoformat()}
        record(
            session, EventKind.INVENTORY_ASKED, now, municipality_id=law.municipality_id, by=by, facts=facts
        )
    return list(asked)


def _ask(
    session: Session, law: Law, account: Account, duties_from_on: date, on: date, now: datetime
) -> list[int]:
    holders = _owners(session, law, account, on)
    task = open_duty(
        session,
        law,
        account,
        now,
        kind=TaskKind.INVENTORY,
        once_key=f"inventory:{account.id}",
        step=STEP,
        label="Är kontot ditt?",
        rule=None,
        role=Role.RESPONSIBLE,
        holders=holders,
    )
    if task is None:
        return []
    account.duties_from_on = duties_from_on
    task.told_at, task.next_reminder_at, task.modality = now, None, Modality.SHOULD.value
    session.add_all([account, task])
    return [holder.person_id for holder in holders]


def _owners(session: Session, law: Law, account: Account, on: date) -> list[Holder]:
    """Those who answer for it, else who runs it, else who leads its unit, else communications."""
    people = people_now(session, account, list(AccountRoleKind), on)
    role = Role.RESPONSIBLE if people or account.unit_id is None else Role.LINE_MANAGER
    found = find_holders(
        session,
        account,
        role,
        bars=NO_BARS,
        last_resort=Role.COMMUNICATIONS,
        on=on,
        owner=common_owner(law.policy.rules.owner, account, on),
    )
    return found or _communications(session, law, on)


def _communications(session: Session, law: Law, on: date) -> list[Holder]:
    last_resort = law.policy.settings.last_resort
    return holders_of_post(session, law.municipality_id, Role.COMMUNICATIONS, last_resort=last_resort, on=on)


def open_inventory(session: Session, person: Person) -> list[UserTask]:
    """What a person has still to say about accounts."""
    held = select(col(TaskHolder.task_id)).where(col(TaskHolder.person_id) == person.id)
    rows = select(UserTask).where(
        col(UserTask.kind) == TaskKind.INVENTORY,
        IS_OPEN,
        col(UserTask.id).in_(held),
    )
    return list(session.execute(rows.order_by(col(UserTask.id))).scalars())


def answer(
    session: Session,
    task: UserTask,
    person: Person,
    outcome: Outcome,
    says: str,
    now: datetime,
    *,
    via: str,
) -> None:
    """Say whose an account is. What is not one's own needs a word on whose it may be, if one knows."""
    if outcome not in ANSWERS:
        raise Refused("outcome_unknown")
    if len(says) > 2000:
        raise Refused("text_too_long", length=len(says), limit=2000)
    answer_duty(session, task, person, now, via=via, outcome=outcome, reason=says)


def follow_inventory(session: Session, law: Law, account: Account, task: UserTask, now: datetime) -> None:
    """One's own: what it lacks is asked for. Not one's own, or closed: communications finds out."""
    if task.outcome is Outcome.CONFIRMED:
        ask_for_gaps(session, law, account, now)
        return
    closed = task.outcome is Outcome.CLOSE
    label = (
        "Avsluta kontot: det uppges inte finnas kvar" if closed else "Ta reda på vem som ansvarar för kontot"
    )
    open_duty(
        session,
        law,
        account,
        now,
        kind=TaskKind.LOOK_INTO,
        once_key=f"inventory:{account.id}:oklart",
        step=LOOK_STEP,
        label=label,
        rule=None,
        role=Role.COMMUNICATIONS,
        holders=_communications(session, law, law.day_of(now)),
        details={"said_by": task.answered_by_id, "says": task.reason},
    )


# ---------------------------------------------------------------- what an account lacks


@dataclass(frozen=True)
class Gap:
    """Something that the policy asks of an account and that it has not."""

    code: str
    """people, place, assignment, acknowledgement, purpose, target_group or address."""
    says: str
    must: bool


def gaps_of(session: Session, law: Law, account: Account, on: date) -> list[Gap]:
    """Everything that an account lacks, the people first."""
    found = [Gap("people", one.says, one.must) for one in faults_in(session, law, account, on)]
    if not people_now(session, account, list(AccountRoleKind), on):
        found.append(Gap("people", "Ingen sköter kontot.", True))
    found += [_unsaid(item) for item in _places(law, account, on)]
    facts, names = facts_of(account), _names(session, account, on)
    for role, name in names:
        if needs_assignment(law, role, facts, on):
            found.append(Gap("assignment", f"{name} har inget daterat uppdrag.", True))
        if documents_for(law, facts, on) and role.acknowledged_at is None:
            found.append(Gap("acknowledgement", f"{name} har inte kvitterat det som ska läsas.", True))
    return found + _missing_words(law, account, on)


def _unsaid(item: Item) -> Gap:
    return Gap("place", f"Inte bekräftat: {item.label}.", binds(item))


def _places(law: Law, account: Account, on: date) -> list[Item]:
    """Lines that want to know where the log-in is kept, while nobody has said."""
    items = items_for(law, facts_of(account), on)
    return [] if account.log_in_kept_at else [item for item in items if item.place]


def _names(session: Session, account: Account, on: date) -> list[tuple[AccountRole, str]]:
    roles = administering(session, account, on)
    return [(role, session.get_one(Person, role.person_id).name) for role in roles]


_WORDS = {"purpose": "Syfte saknas.", "target_group": "Målgrupp saknas."}


def _missing_words(law: Law, account: Account, on: date) -> list[Gap]:
    asked = {one.field: one for one in applying(law.policy.rules.plan, facts_of(account), on)}
    missing = [
        Gap(field, says, binds(asked[field]))
        for field, says in _WORDS.items()
        if field in asked and asked[field].modality is not Modality.MAY and not getattr(account, field)
    ]
    return missing + ([Gap("address", "Adress saknas.", True)] if not account.address else [])


def ask_for_gaps(session: Session, law: Law, account: Account, now: datetime) -> int:
    """Ask those concerned for what a line of a list can mend, once each; the morning letter tells them."""
    on, asked = law.day_of(now), _asked_before(session, account)
    opened: list[UserTask] = []
    for item in _places(law, account, on):
        if _key(account, item.item) not in asked:
            opened += _open_place(session, law, account, item, on, now)
    for role, _ in _names(session, account, on):
        opened += _open_for_role(session, law, account, role, asked, on, now)
    if opened:
        raise_news(session, account)
    return len(opened)


def _key(account: Account, step: str, role: AccountRole | None = None) -> str:
    return f"{_GAP}{account.id}:{step}" + (f":{role.id}" if role else "")


def _asked_before(session: Session, account: Account) -> set[str | None]:
    rows = select(col(UserTask.once_key)).where(
        col(UserTask.account_id) == account.id, col(UserTask.once_key).startswith(_GAP)
    )
    return set(session.execute(rows).scalars())


def _open_place(
    session: Session, law: Law, account: Account, item: Item, on: date, now: datetime
) -> list[UserTask]:
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
        return []
    task = open_task(
        session,
        law,
        account,
        now,
        process=Process.SETTING_UP,
        kind=TaskKind.CONFIRM_ITEM,
        step=item.item,
        label=item.label,
        rule=item,
        role=item.confirmed_by,
        holders=holders,
    )
    task.once_key = _key(account, item.item)
    return [task]


def _open_for_role(
    session: Session,
    law: Law,
    account: Account,
    role: AccountRole,
    asked: set[str | None],
    on: date,
    now: datetime,
) -> list[UserTask]:
    opened: list[UserTask] = []
    facts = facts_of(account)
    if needs_assignment(law, role, facts, on) and _key(account, "uppdrag", role) not in asked:
        given = open_assignment(session, law, account, role, now)
        if given is not None:
            given.once_key = _key(account, "uppdrag", role)
            opened.append(given)
    if role.acknowledged_at is None and _key(account, "kvittering", role) not in asked:
        for task in open_acknowledgement(session, law, account, role, now):
            task.once_key = _key(account, "kvittering", role)
            opened.append(task)
    return opened


# ---------------------------------------------------------------- the set day


def begun_to_count(session: Session, law: Law, on: date) -> list[UserTask]:
    """What an inventory asked for without a ladder, of accounts whose day has come."""
    return list(session.execute(*_uncounted(law.municipality_id, on)).scalars())


@built_once
def _uncounted(of: int, on: date) -> Executable:
    day_has_come = select(col(Account.id)).where(
        col(Account.municipality_id) == of,
        col(Account.imported).is_(True),
        col(Account.duties_from_on) <= on,
    )
    rows = select(UserTask).where(
        col(UserTask.account_id).in_(day_has_come),
        IS_OPEN,
        col(UserTask.next_reminder_at).is_(None),
        col(UserTask.escalated_at).is_(None),
        col(UserTask.reminders) == 0,
        col(UserTask.once_key).startswith(_GAP) | (col(UserTask.kind) == TaskKind.INVENTORY),
    )
    return rows.order_by(col(UserTask.id))


def let_count(session: Session, law: Law, task: UserTask, now: datetime) -> None:
    """From now on it is asked as anything else is: reminded of, and told to others in the end."""
    if task.kind is TaskKind.INVENTORY:
        task.modality = Modality.MUST.value
    climb_from_here(session, law, task, now)
    raise_news(session, session.get_one(Account, task.account_id))


def short_from_now(session: Session, law: Law, on: date) -> list[Account]:
    """Accounts whose day has come of late and that have too few people: their runs let them stand red."""
    since = on - timedelta(days=_LATELY)
    accounts = [
        one
        for one in taken_over(session, law)
        if one.duties_from_on is not None and since <= one.duties_from_on <= on
    ]
    return [
        one
        for one in accounts
        if one.red_reason != "too_few_left"
        and any(fault.must and fault.is_short for fault in faults_in(session, law, one, on))
    ]


def answered_as_own(session: Session, law: Law) -> list[Account]:
    """Accounts that somebody has said are theirs and that are open."""
    ids = set(session.execute(*_own(law.municipality_id)).scalars())
    return [one for one in taken_over(session, law) if one.id in ids]


@built_once
def _own(of: int) -> Executable:
    return select(col(UserTask.account_id)).where(
        col(UserTask.municipality_id) == of,
        col(UserTask.kind) == TaskKind.INVENTORY,
        col(UserTask.state) == TaskState.DONE,
        col(UserTask.outcome) == Outcome.CONFIRMED,
    )


def inventory_answers(session: Session, law: Law) -> Mapping[int, UserTask]:
    """By account, the question of whose it is."""
    rows = select(UserTask).where(
        col(UserTask.municipality_id) == law.municipality_id, col(UserTask.kind) == TaskKind.INVENTORY
    )
    found: dict[int, UserTask] = {}
    for task in session.execute(rows).scalars():
        found[task.account_id or 0] = task
    return found
