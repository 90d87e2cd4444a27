"""A crisis that communications has declared: who is told, and how the watch tightens while it lasts."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from lifecycle.answers import REASON_LIMIT
from lifecycle.conditions import applying, facts_of
from lifecycle.duty_tasks import open_duty
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.presence import people_present
from lifecycle.refusals import Refused
from lifecycle.roles import Holder, holders_of_post, post_holders
from lifecycle.tasks import withdraw
from lifecycle.watching import ask_again, open_watch, withdraw_beyond
from models import (
    IS_OPEN,
    Account,
    AccountState,
    Crisis,
    Municipality,
    Process,
    TaskKind,
    UserTask,
)
from policies.duties import Crisis as CrisisRule
from policies.keys import Modality, Role

ACCESS_STEP = "krisatkomst"
_OPEN = (AccountState.ACTIVE, AccountState.CLOSING)


def crisis_now(session: Session, municipality_id: int) -> Crisis | None:
    """The crisis that lasts, if there is one."""
    rows = select(Crisis).where(
        col(Crisis.municipality_id) == municipality_id, col(Crisis.ended_at).is_(None)
    )
    found: Crisis | None = session.execute(rows.order_by(col(Crisis.id))).scalars().first()
    return found


def begin_crisis(session: Session, law: Law, message: str, by: By, now: datetime) -> Crisis:
    """Declare a crisis: everybody who looks after an account today is told at once, on any day.

    Whoever the policy says uses the accounts then is asked whether they can reach them. Today's watch is
    asked for again, as tightly as the policy says. Raises Refused `crisis_already` or `text_too_long`.
    """
    session.get_one(Municipality, law.municipality_id, with_for_update=True)
    if crisis_now(session, law.municipality_id) is not None:
        raise Refused("crisis_already")
    if len(message) > REASON_LIMIT // 2:
        raise Refused("text_too_long", length=len(message), limit=REASON_LIMIT // 2)
    crisis = Crisis(
        municipality_id=law.municipality_id, began_at=now, began_by_id=by.person_id, message=message.strip()
    )
    session.add(crisis)
    session.flush()
    on = law.day_of(now)
    ask_again(session, law, now)
    open_watch(session, law, on, now)
    _ask_for_access(session, law, crisis, on, now)
    _wake(session, law)
    facts = {"crisis": crisis.id, "people": len(told_of(session, law, on))}
    detail = {"message": crisis.message} if crisis.message else {}
    record(
        session,
        EventKind.CRISIS_BEGUN,
        now,
        municipality_id=law.municipality_id,
        by=by,
        facts=facts,
        detail=detail,
    )
    return crisis


def end_crisis(session: Session, law: Law, by: By, now: datetime) -> None:
    """End it: the same people are told, and the watch is as it was. Raises Refused `crisis_none`."""
    session.get_one(Municipality, law.municipality_id, with_for_update=True)
    crisis = crisis_now(session, law.municipality_id)
    if crisis is None:
        raise Refused("crisis_none")
    crisis.ended_at, crisis.ended_by_id = now, by.person_id
    session.add(crisis)
    session.flush()
    withdraw_beyond(session, law, law.day_of(now))
    _drop_access(session, law, by, now)
    _wake(session, law)
    facts = {"crisis": crisis.id}
    record(session, EventKind.CRISIS_ENDED, now, municipality_id=law.municipality_id, by=by, facts=facts)


def told_of(session: Session, law: Law, on: date) -> list[int]:
    """Whoever looks after an open account that day, whoever uses them in a crisis, and communications."""
    accounts = _open_accounts(session, law)
    ids = [one.person_id for found in people_present(session, law, accounts, on).values() for one in found]
    ids += [one.person_id for user in users(session, law, on) for one in user.holders]
    members = post_holders(session, law.municipality_id, Role.COMMUNICATIONS, on)
    ids += [one.id for one in members if one.id is not None]
    return sorted(set(ids))


@dataclass(frozen=True)
class User:
    """A role that uses the accounts in a crisis, by which rule, and who holds it today."""

    role: Role
    rule: CrisisRule
    holders: list[Holder]


def users(session: Session, law: Law, on: date) -> list[User]:
    """Those whom the policy says use the accounts in a crisis, where it names any."""
    accounts, found = _open_accounts(session, law), dict[Role, User]()
    for account in accounts:
        for rule in applying(law.policy.rules.crisis, facts_of(account), on):
            if rule.used_by is not None and rule.used_by not in found and rule.modality is not Modality.MAY:
                found[rule.used_by] = User(rule.used_by, rule, _holders(session, law, rule.used_by, on))
    return list(found.values())


def _holders(session: Session, law: Law, role: Role, on: date) -> list[Holder]:
    last_resort = law.policy.settings.last_resort
    return holders_of_post(session, law.municipality_id, role, last_resort=last_resort, on=on)


def _open_accounts(session: Session, law: Law) -> list[Account]:
    rows = select(Account).where(
        col(Account.municipality_id) == law.municipality_id, col(Account.state).in_(_OPEN)
    )
    return list(session.execute(rows.order_by(col(Account.id))).scalars())


def _ask_for_access(session: Session, law: Law, crisis: Crisis, on: date, now: datetime) -> None:
    for user in users(session, law, on):
        open_duty(
            session,
            law,
            None,
            now,
            kind=TaskKind.LOOK_INTO,
            once_key=f"crisis:{crisis.id}:{user.role.value}",
            step=ACCESS_STEP,
            label="Kontrollera att ni kommer åt kommunens konton, och säg till vilka som inte går att nå",
            rule=user.rule,
            role=user.role,
            holders=user.holders,
            details={"crisis": crisis.id},
        )


def _drop_access(session: Session, law: Law, by: By, now: datetime) -> None:
    """Whether they can be reached does not matter any more."""
    rows = select(UserTask).where(
        col(UserTask.municipality_id) == law.municipality_id,
        col(UserTask.process) == Process.DUTIES,
        col(UserTask.step) == ACCESS_STEP,
        IS_OPEN,
    )
    for task in session.execute(rows).scalars().all():
        withdraw(session, task, now, by=by)


def _wake(session: Session, law: Law) -> None:
    """Every open account shows in the run list whether there is a crisis."""
    session.execute(
        update(Account)
        .where(col(Account.municipality_id) == law.municipality_id, col(Account.state).in_(_OPEN))
        .values(news=col(Account.news) + 1)
    )
