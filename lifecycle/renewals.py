"""What is confirmed anew while accounts are open: lines of the checklist, and documents in a new edition.

A line is asked about per account, or per administrator where each confirms for oneself. A new edition is
asked of a person once, whatever number of accounts they look after.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Executable, func, or_, select
from sqlmodel import Session, col

from lifecycle.absences import away
from lifecycle.administrators import (
    acknowledge,
    administering,
    document_facts,
    documents_for,
    edition_words,
    has_acknowledged,
)
from lifecycle.conditions import facts_of
from lifecycle.duty_tasks import (
    answer_duty,
    demand_holder,
    open_duty,
    open_of_kind,
    record_asked,
    withdraw_duty,
)
from lifecycle.held_accounts import held_accounts
from lifecycle.law import Law
from lifecycle.plans import TEXT_LIMIT
from lifecycle.refusals import Refused
from lifecycle.roles import NO_BARS, Holder, common_owner, find_holders
from lifecycle.rounds import Failure, Findings
from lifecycle.setting_up import (
    ACKNOWLEDGE_STEP,
    cited_by_all,
    faults_in_confirmation,
    items_for,
    keep_place,
)
from lifecycle.working_days import add_months
from models import (
    Account,
    AccountRole,
    AccountRoleKind,
    Outcome,
    Person,
    Process,
    TaskKind,
    TaskState,
    UserTask,
)
from models.asking import built_once
from policies.keys import Modality, Role
from policies.rules import Document, Item

Place = tuple[int, str, int | None]
"""An account, a line of its checklist, and the administrator's role where each confirms for oneself."""


def months_between(law: Law, item: Item) -> int | None:
    """After how many months a line is confirmed anew; None where it is not."""
    if item.renewed_every_months is not None:
        return item.renewed_every_months
    return law.policy.settings.renewal_months if item.renewed else None


@dataclass(frozen=True)
class DueItem:
    """A line that is to be confirmed anew."""

    account: Account
    item: Item
    role: AccountRole | None
    due_on: date

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.account.id or 0, self.item.item, self.role.id if self.role else None


def open_renewals(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    """Ask for everything that is to be confirmed anew, and drop what is not any more."""
    accounts = held_accounts(session, law, on)
    due, anew = list(due_items(session, law, accounts, on)), new_editions(session, law, accounts, on)
    _drop_needless(session, law, due, anew, now)
    absent = away(session, law.municipality_id, on)
    opened = _open_items(session, law, due, absent, on, now, findings)
    opened += _open_documents(session, law, anew, absent, now, findings)
    record_asked(session, law, opened, now)
    findings.found += len(opened)


# ---------------------------------------------------------------- lines of the checklist


def due_items(session: Session, law: Law, accounts: Sequence[Account], on: date) -> Iterator[DueItem]:
    """The lines of these accounts whose time has come."""
    steps = [one.item for one in law.policy.rules.setting_up if months_between(law, one) is not None]
    confirmed = _last_confirmed(session, law, steps) if steps else {}
    for account in accounts if steps else ():
        for item in items_for(law, facts_of(account), on):
            if (months := months_between(law, item)) is not None:
                yield from _due_of(session, law, account, item, months, confirmed, on)


def _due_of(
    session: Session,
    law: Law,
    account: Account,
    item: Item,
    months: int,
    confirmed: Mapping[Place, date],
    on: date,
) -> Iterator[DueItem]:
    began_on = account.opened_on or law.day_of(account.state_since)
    for role in administering(session, account, on) if item.each_administrator else [None]:
        since_on = role.since_on or began_on if role else began_on
        last_on = confirmed.get((account.id or 0, item.item, role.id if role else None), since_on)
        due = DueItem(account, item, role, add_months(last_on, months))
        if due.due_on <= on:
            yield due


def _last_confirmed(session: Session, law: Law, steps: Sequence[str]) -> dict[Place, date]:
    """When each line was last confirmed, in one question for the whole municipality."""
    place = (col(UserTask.account_id), col(UserTask.step), col(UserTask.account_role_id))
    rows = (
        select(*place, func.max(col(UserTask.answered_at)))
        .where(
            col(UserTask.municipality_id) == law.municipality_id,
            col(UserTask.process).in_([Process.SETTING_UP, Process.DUTIES]),
            col(UserTask.step).in_(steps),
            col(UserTask.state) == TaskState.DONE,
            col(UserTask.outcome) == Outcome.CONFIRMED,
        )
        .group_by(*place)
    )
    return {(account, step, role): law.day_of(at) for account, step, role, at in session.execute(rows)}


def _open_items(
    session: Session,
    law: Law,
    due_ones: Sequence[DueItem],
    absent: Mapping[int, int | None],
    on: date,
    now: datetime,
    findings: Findings,
) -> list[UserTask]:
    waiting = {_place_of(task) for task in _open_of(session, law)}
    opened: list[UserTask] = []
    for due in due_ones:
        if due.place in waiting or (due.role is not None and due.role.person_id in absent):
            continue
        with findings.trying(session, f"konto {due.account.id}"):
            opened += _open_item(session, law, due, on, now, findings)
    return opened


def _open_item(
    session: Session, law: Law, due: DueItem, on: date, now: datetime, findings: Findings
) -> list[UserTask]:
    account, item, role = due.account, due.item, due.role
    holders = [Holder(role.person_id)] if role else _find(session, law, account, item.confirmed_by, on)
    if not holders:
        findings.failures.append(Failure(f"konto {account.id}", f"ingen finns som kan bekräfta {item.item}"))
        return []
    task = open_duty(
        session,
        law,
        account,
        now,
        kind=TaskKind.RENEW,
        once_key=f"renew:{account.id}:{item.item}:{role.id if role else 0}:{due.due_on.isoformat()}",
        step=item.item,
        label=f"Bekräfta på nytt: {item.label}",
        rule=item,
        role=item.confirmed_by,
        holders=holders,
    )
    if task is not None:
        task.account_role_id = role.id if role else None
        session.add(task)
    return [task] if task else []


def _find(session: Session, law: Law, account: Account, role: Role, on: date) -> list[Holder]:
    return find_holders(
        session,
        account,
        role,
        bars=NO_BARS,
        last_resort=law.policy.settings.last_resort,
        on=on,
        owner=common_owner(law.policy.rules.owner, account, on),
    )


def _place_of(task: UserTask) -> Place:
    return task.account_id or 0, task.step, task.account_role_id


def _open_of(session: Session, law: Law) -> list[UserTask]:
    return list(open_of_kind(session, law.municipality_id, TaskKind.RENEW))


# ---------------------------------------------------------------- documents in a new edition


@dataclass
class NewEditions:
    """What one person is to acknowledge anew."""

    person_id: int
    documents: list[Document]
    since: list[str] = field(default_factory=list)
    """When they acknowledged earlier editions, so that an edition which comes back is asked about again."""

    @property
    def once_key(self) -> str:
        """The same for the same editions after the same acknowledgements."""
        said = [*(f"{one.document}={one.edition}" for one in self.documents), max(self.since)]
        return f"acknowledge:{self.person_id}:{sha256('|'.join(said).encode()).hexdigest()[:24]}"


def new_editions(session: Session, law: Law, accounts: Sequence[Account], on: date) -> list[NewEditions]:
    """Everybody who has acknowledged something, and has not acknowledged all that is in force for it.

    Those who have never acknowledged anything are asked otherwise: when they begin.
    """
    by_id = {account.id: account for account in accounts}
    found: dict[tuple[int, tuple[str, ...]], NewEditions] = {}
    for role in _acknowledged_roles(session, by_id, on):
        documents = [
            one
            for one in documents_for(law, facts_of(by_id[role.account_id]), on)
            if not has_acknowledged(role, one)
        ]
        if documents:
            key = (role.person_id, tuple(one.document for one in documents))
            one = found.setdefault(key, NewEditions(role.person_id, documents))
            one.since.append(role.acknowledged_at.isoformat() if role.acknowledged_at else "")
    return list(found.values())


def _acknowledged_roles(
    session: Session, account_ids: Iterable[int | None], on: date
) -> Sequence[AccountRole]:
    return session.execute(*_have_acknowledged(list(account_ids), on)).scalars().all()


@built_once
def _have_acknowledged(account_ids: Iterable[int], on: date) -> Executable:
    return (
        select(AccountRole)
        .join(Person, col(Person.id) == col(AccountRole.person_id))
        .where(
            col(AccountRole.account_id).in_(account_ids),
            col(AccountRole.kind).in_([AccountRoleKind.ADMINISTRATOR, AccountRoleKind.RESPONSIBLE]),
            col(AccountRole.acknowledged_at).is_not(None),
            col(AccountRole.since_on) <= on,
            or_(col(AccountRole.until_on).is_(None), col(AccountRole.until_on) > on),
            or_(col(Person.left_on).is_(None), col(Person.left_on) > on),
        )
        .order_by(col(AccountRole.id))
    )


def _open_documents(
    session: Session,
    law: Law,
    anew: Sequence[NewEditions],
    absent: Mapping[int, int | None],
    now: datetime,
    findings: Findings,
) -> list[UserTask]:
    opened: list[UserTask] = []
    for one in anew:
        if one.person_id not in absent:
            with findings.trying(session, f"person {one.person_id}"):
                opened += _ask_to_acknowledge(session, law, one, now)
    return opened


def _ask_to_acknowledge(session: Session, law: Law, one: NewEditions, now: datetime) -> list[UserTask]:
    strongest = min(one.documents, key=lambda document: list(Modality).index(document.modality))
    task = open_duty(
        session,
        law,
        None,
        now,
        kind=TaskKind.RENEW,
        once_key=one.once_key,
        step=ACKNOWLEDGE_STEP,
        label=f"Läs och kvittera ny utgåva: {edition_words(one.documents)}",
        rule=strongest,
        role=Role.ADMINISTRATOR,
        holders=[Holder(one.person_id)],
        details={"documents": document_facts(one.documents)},
    )
    if task is not None:
        task.clauses = cited_by_all(law, one.documents)
        session.add(task)
    return [task] if task else []


# ---------------------------------------------------------------- no longer asked


def _drop_needless(
    session: Session, law: Law, due_ones: Sequence[DueItem], anew: Sequence[NewEditions], now: datetime
) -> None:
    """What the policy in force does not ask any more, or not of them, is withdrawn."""
    wanted, keys = {due.place for due in due_ones}, {one.once_key for one in anew}
    for task in _open_of(session, law):
        if task.once_key not in keys if task.step == ACKNOWLEDGE_STEP else _place_of(task) not in wanted:
            withdraw_duty(session, task, now)


# ---------------------------------------------------------------- answering


def confirm_anew(
    session: Session,
    law: Law,
    account: Account | None,
    task: UserTask,
    person: Person,
    now: datetime,
    *,
    given: Mapping[str, str],
    via: str,
) -> None:
    """Confirm a line anew, or acknowledge the documents as they were shown."""
    demand_holder(session, task, person)
    if task.step == ACKNOWLEDGE_STEP:
        _acknowledge_everywhere(session, law, task, person, now)
    elif account is not None:
        faults_in_confirmation(law, account, task, given, now)
        keep_place(session, account, given)
    answer_duty(session, task, person, now, via=via, outcome=Outcome.CONFIRMED, details=given)


def deny(session: Session, task: UserTask, person: Person, what: str, now: datetime, *, via: str) -> None:
    """Say that a line does not hold any more, and what is wrong: that is looked into."""
    if task.step == ACKNOWLEDGE_STEP:
        raise Refused("outcome_unknown")
    if not what.strip():
        raise Refused("reason_missing")
    if len(what) > TEXT_LIMIT:
        raise Refused("text_too_long", length=len(what), limit=TEXT_LIMIT)
    answer_duty(session, task, person, now, via=via, outcome=Outcome.CHANGE, reason=what)


def _acknowledge_everywhere(
    session: Session, law: Law, task: UserTask, person: Person, now: datetime
) -> None:
    """For each account in which the person has acknowledged an earlier edition of what was shown."""
    on = law.day_of(now)
    accounts = {account.id: account for account in held_accounts(session, law, on)}
    shown: list[dict[str, str]] = task.details["documents"]
    for role in _acknowledged_roles(session, accounts, on):
        if role.person_id == person.id:
            documents = documents_for(law, facts_of(accounts[role.account_id]), on)
            kept = [one for one in documents if has_acknowledged(role, one)]
            names = {one.document for one in documents}
            acknowledge(role, [*document_facts(kept), *_of_these(shown, names)], now)
            session.add(role)


def _of_these(shown: Sequence[dict[str, str]], names: set[str]) -> list[dict[str, str]]:
    return [one for one in shown if one["document"] in names]


def follow_renewal(session: Session, law: Law, account: Account, task: UserTask, now: datetime) -> None:
    """A line that does not hold any more is put right by the responsible; that counts as its confirmation."""
    if task.outcome is not Outcome.CHANGE:
        return
    details: dict[str, Any] = {"what": task.reason}
    put_right = open_duty(
        session,
        law,
        account,
        now,
        kind=TaskKind.LOOK_INTO,
        once_key=f"put_right:{task.id}",
        step=task.step,
        label=f"Rätta det som inte stämmer: {task.label.removeprefix('Bekräfta på nytt: ')}",
        rule=None,
        role=Role.RESPONSIBLE,
        holders=_find(session, law, account, Role.RESPONSIBLE, law.day_of(now)),
        details=details,
    )
    if put_right is not None:
        put_right.clauses, put_right.modality = task.clauses, task.modality
        put_right.account_role_id = task.account_role_id
        session.add(put_right)
