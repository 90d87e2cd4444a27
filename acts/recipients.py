"""Whom a letter is for: persons, and the communications unit's mailbox and channels."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Executable, select
from sqlmodel import Session, col

from lifecycle import crises
from lifecycle.conditions import applying, facts_of
from lifecycle.events import Event
from lifecycle.law import law_in_force, law_of
from lifecycle.roles import NO_BARS, find_holders, people_now, post_holders
from lifecycle.working_days import local_day
from models import (
    Account,
    AccountRoleKind,
    Message,
    MessageState,
    Municipality,
    Person,
    TaskHolder,
    UserTask,
)
from models.asking import built_once
from notifications.targets import active_targets, address_of
from policies.keys import Role
from policies.rules import StepAct


@dataclass(frozen=True)
class Recipient:
    """A person at their own address, or a shared mailbox or channel, which never gets a deciding link."""

    email: str
    person_id: int | None = None


Recipients = Callable[[Session, Event, datetime], list[Recipient]]


def people(session: Session, ids: Iterable[int | None]) -> list[Recipient]:
    """Persons by id, each once."""
    wanted = [one for one in dict.fromkeys(ids) if one is not None]
    found = {person.id: person for person in session.execute(*_persons(wanted)).scalars()}
    return [Recipient(found[one].email, one) for one in wanted if one in found]


@built_once
def _persons(ids: Sequence[int]) -> Executable:
    return select(Person).where(col(Person.id).in_(ids))


def holders(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """Those who were asked."""
    return people(session, event.facts.get("holders", ()))


def applicant(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """Who applied."""
    return people(session, [account_of(session, event).applicant_id])


def named(*keys: str) -> Recipients:
    """The persons that the event's facts name."""

    def _named(session: Session, event: Event, now: datetime) -> list[Recipient]:
        ids: list[int | None] = []
        for one in keys:
            value = event.facts.get(one)
            ids += value if isinstance(value, list) else [value]
        return people(session, ids)

    return _named


def in_role(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """Those whom the ladder names at its end."""
    return _of_role(session, event, Role(event.facts["role"]), now)


def sent_to(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """Whoever the rule sends something to: those in the role, or the registry's own mailbox."""
    role = Role(event.facts["role"]) if event.facts.get("role") else None
    found = _of_role(session, event, role, now) if role else []
    mailbox = session.get_one(Municipality, event.municipality_id).registry_address
    if role is Role.REGISTRY and mailbox is not None:
        return [Recipient(mailbox)]
    return found


def registry(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """The registry: its own mailbox, else whoever holds its post."""
    municipality = session.get_one(Municipality, event.municipality_id)
    if municipality.registry_address:
        return [Recipient(municipality.registry_address)]
    on = local_day(now, municipality.time_zone)
    return people(
        session, [one.id for one in post_holders(session, event.municipality_id, Role.REGISTRY, on)]
    )


def verified(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """The registry; and communications too, when the log does not hold."""
    told = registry(session, event, now)
    return told + (_shared(session, event) if event.facts["breaks"] else [])


def communications(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """The communications unit: its members, its shared mailbox and its channels."""
    return _of_role(session, event, Role.COMMUNICATIONS, now)


def alarmed(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """The same, but for those who have been asked and so have a letter of their own."""
    return [one for one in communications(session, event, now) if one.person_id not in event.facts["asked"]]


def group(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """What the communications unit shares, when one of its members is asked or told something."""
    task = session.get_one(UserTask, event.task_id)
    return _shared(session, event) if task.role == Role.COMMUNICATIONS.value else []


def in_crisis(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """Everybody who looks after an account today or uses them in a crisis, and what communications shares."""
    law = law_in_force(session, event.municipality_id, now)
    return people(session, crises.told_of(session, law, law.day_of(now))) + _shared(session, event)


def informed_of_changes(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """Those whom the policy wants told of who runs the account, also of who no longer does (Han F4)."""
    account = account_of(session, event)
    law = law_in_force(session, account.municipality_id, now)
    chain = applying(law.policy.rules.administrator_change, facts_of(account), law.day_of(now))
    roles = [role for step in chain if step.act is StepAct.INFORM for role in step.roles]
    return [one for role in roles for one in _of_role(session, event, role, now)]


def _of_role(session: Session, event: Event, role: Role, now: datetime) -> list[Recipient]:
    """Whoever answers for a role, wherever the policy looks for it; an empty post is not told in vain."""
    account = account_of(session, event)
    law = law_of(session, account)
    found = find_holders(
        session,
        account,
        role,
        bars=NO_BARS,
        last_resort=law.policy.settings.last_resort,
        on=law.day_of(now),
    )
    shared = _shared(session, event) if role is Role.COMMUNICATIONS else []
    return people(session, [holder.person_id for holder in found]) + shared


def _shared(session: Session, event: Event) -> list[Recipient]:
    """The communications unit's mailbox and channels."""
    mailbox = session.get_one(Municipality, event.municipality_id).notice_address
    channels = [address_of(one.id) for one in active_targets(session, event.municipality_id)]
    return [Recipient(one) for one in [mailbox, *channels] if one]


def concerned(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """The account's people as they were when it happened, its applicant, and who asked to close it."""
    account = account_of(session, event)
    on = law_of(session, account).day_of(now)
    ids = [person.id for _, person in people_now(session, account, list(AccountRoleKind), on)]
    return people(session, [account.applicant_id, *event.facts.get("people", ()), *ids, _closer(account)])


def _closer(account: Account) -> int | None:
    refused = account.closing_refused_at is not None
    return None if refused else account.closing_asked_by_id


def asked_before(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """Everybody who was asked something about the account, besides the one who acts."""
    rows = (
        select(col(TaskHolder.person_id))
        .join(UserTask, col(UserTask.id) == col(TaskHolder.task_id))
        .where(col(UserTask.account_id) == event.account_id)
        .order_by(col(TaskHolder.id))
    )
    ids = [one for one in session.execute(rows).scalars() if one != event.by.person_id]
    return people(session, ids)


def told_since(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """Everybody who was written to because of what is now undone."""
    since = undone_from(event)
    rows = select(col(Message.person_id), col(Message.email)).where(
        col(Message.account_id) == event.account_id,
        col(Message.queued_at) >= since,
        col(Message.state).in_([MessageState.SENT, MessageState.SENDING]),
    )
    found = [Recipient(email, person_id) for person_id, email in session.execute(rows)]
    return [one for one in dict.fromkeys(found) if one.person_id != event.by.person_id]


def undone_from(event: Event) -> datetime:
    return datetime.fromisoformat(event.facts["answered_at"])


def office(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """The communications unit, in what is about the municipality as a whole."""
    zone = session.get_one(Municipality, event.municipality_id).time_zone
    members = post_holders(session, event.municipality_id, Role.COMMUNICATIONS, local_day(now, zone))
    return people(session, [one.id for one in members]) + _shared(session, event)


def shared_if_told(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """What the communications unit shares, when the event says that the unit is told."""
    return _shared(session, event) if event.facts["communications"] else []


def account_of(session: Session, event: Event) -> Account:
    return session.get_one(Account, event.account_id)
