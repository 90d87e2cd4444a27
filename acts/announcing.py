"""Which letter each event becomes, or why none; and which links die with it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlmodel import Session, col

from lifecycle.events import Event
from lifecycle.events import EventKind as E
from lifecycle.journal import journal_of
from lifecycle.law import law_of
from lifecycle.roles import post_holders
from models import (
    Account,
    AccountRole,
    LinkKind,
    Message,
    MessageState,
    Municipality,
    Person,
    TaskHolder,
    UserTask,
)
from notifications import links, outbox
from policies.keys import Role


@dataclass(frozen=True)
class Recipient:
    """A person at their own address, or a shared mailbox (which never gets a deciding link)."""

    email: str
    person_id: int | None = None


Recipients = Callable[[Session, Event, datetime], list[Recipient]]


@dataclass(frozen=True)
class Notice:
    """One letter to some people; `waits` holds it back for the hour of regret."""

    name: str
    to: Recipients
    waits: bool = False


@dataclass(frozen=True)
class Silent:
    """No letter, for a reason."""

    because: str


def people(session: Session, ids: Iterable[int | None]) -> list[Recipient]:
    """Persons by id, each once."""
    wanted = [one for one in dict.fromkeys(ids) if one is not None]
    found = {p.id: p for p in session.execute(select(Person).where(col(Person.id).in_(wanted))).scalars()}
    return [Recipient(found[one].email, one) for one in wanted if one in found]


def holders(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """Those who were asked."""
    return people(session, event.facts.get("holders", ()))


def applicant(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """Who applied."""
    return people(session, [_account(session, event).applicant_id])


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
    """Everybody who holds the post that the event's facts name, besides communications' own mailbox."""
    role = Role(event.facts.get("role", Role.COMMUNICATIONS.value))
    law = law_of(session, _account(session, event))
    found = post_holders(session, event.municipality_id, role, law.day_of(now))
    recipients = people(session, [person.id for person in found])
    return recipients + (_mailbox(session, event) if role is Role.COMMUNICATIONS else [])


def communications(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """The communications unit: its members and its shared mailbox."""
    law = law_of(session, _account(session, event))
    members = post_holders(session, event.municipality_id, Role.COMMUNICATIONS, law.day_of(now))
    return people(session, [person.id for person in members]) + _mailbox(session, event)


def _mailbox(session: Session, event: Event) -> list[Recipient]:
    address = session.get_one(Municipality, event.municipality_id).notice_address
    return [Recipient(address)] if address else []


def concerned(session: Session, event: Event, now: datetime) -> list[Recipient]:
    """The account's people and its applicant, as they were when it happened."""
    account = _account(session, event)
    return people(
        session, [account.applicant_id, *event.facts.get("people", ()), *_role_ids(session, account)]
    )


def _role_ids(session: Session, account: Account) -> list[int]:
    rows = select(col(AccountRole.person_id)).where(
        col(AccountRole.account_id) == account.id,
        col(AccountRole.refused_at).is_(None),
        col(AccountRole.until_on).is_(None),
    )
    return list(session.execute(rows).scalars())


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
    since = datetime.fromisoformat(event.facts["answered_at"])
    rows = select(col(Message.person_id), col(Message.email)).where(
        col(Message.account_id) == event.account_id,
        col(Message.queued_at) >= since,
        col(Message.state).in_([MessageState.SENT, MessageState.SENDING]),
    )
    found = [Recipient(email, person_id) for person_id, email in session.execute(rows)]
    return [one for one in dict.fromkeys(found) if one.person_id != event.by.person_id]


def _account(session: Session, event: Event) -> Account:
    return session.get_one(Account, event.account_id)


NOTICES: dict[E, Sequence[Notice] | Silent] = {
    E.DRAFT_BEGUN: [Notice("draft_link", applicant)],
    E.DRAFT_REMINDED: [Notice("draft_reminder", applicant)],
    E.DRAFT_ERASED: [Notice("draft_erased", applicant)],
    E.PLAN_SENT: [Notice("plan_received", applicant)],
    E.PLAN_RESENT: [Notice("plan_received", applicant)],
    E.ATTACHMENT_ADDED: Silent("the page shows it to the one who did it"),
    E.ATTACHMENT_REMOVED: Silent("the page shows it to the one who did it"),
    E.DECISION_ASKED: [Notice("decision_asked", holders)],
    E.CONSULTATION_ASKED: [Notice("consultation_asked", holders)],
    E.INFORMED: [Notice("informed", holders)],
    E.DECISION_GIVEN: Silent("what follows from it is told when it has followed"),
    E.CONSULTATION_GIVEN: Silent("it is shown to the one who decides"),
    E.CONSULTATION_UNANSWERED: Silent("it is shown to the one who decides"),
    E.CHANGES_ASKED: [Notice("changes_asked", holders)],
    E.HANDED_OVER: [Notice("handed_over", named("to")), Notice("no_longer_yours", named("from"))],
    E.TASK_WITHDRAWN: Silent("the event that withdrew it is told"),
    E.TAKEN_BACK: [Notice("taken_back", told_since)],
    E.REMINDED: [Notice("reminder", holders)],
    E.ESCALATED: [Notice("escalated", in_role)],
    E.STANDS_RED: [Notice("stands_red", communications)],
    E.RED_CLEARED: Silent("nothing is left to do"),
    E.APPLICATION_APPROVED: [Notice("application_approved", applicant)],
    E.APPLICATION_DECLINED: [Notice("application_declined", applicant, waits=True)],
    E.APPLICATION_WITHDRAWN: [Notice("application_withdrawn", asked_before)],
    E.APPLICATION_LAPSED: [
        Notice("application_lapsed", concerned),
        Notice("application_lapsed", communications),
    ],
    E.APPLICATION_ENDED: [Notice("application_ended", applicant), Notice("application_ended", asked_before)],
    E.ITEMS_ASKED: [Notice("checklist", holders)],
    E.ITEM_CONFIRMED: Silent("the checklist shows it"),
    E.ITEMS_REMINDED: [Notice("checklist_reminder", holders)],
    E.ADDRESS_SET: Silent("the checklist shows it"),
    E.ACKNOWLEDGED: Silent("the page shows it to the one who did it"),
    E.ACCOUNT_ACTIVE: [Notice("account_active", concerned), Notice("account_active", communications)],
    E.CHANGE_ASKED: Silent("the chain asks those who decide"),
    E.CHANGE_APPROVED: [Notice("change_approved", named("asked_by", "person"))],
    E.CHANGE_REFUSED: [Notice("change_refused", named("asked_by", "person"), waits=True)],
    E.ADMINISTRATOR_BEGAN: [Notice("administrator_began", named("person"))],
    E.ADMINISTRATOR_ENDED: [Notice("administrator_ended", named("person"))],
    E.CLOSING_ASKED: Silent("the chain asks those who decide"),
    E.CLOSING_REFUSED: [Notice("closing_refused", named("asked_by"), waits=True)],
    E.CLOSING_BEGUN: [Notice("closing_begun", concerned)],
    E.ACCOUNT_CLOSED: [Notice("account_closed", concerned)],
    E.REPAIRED: [Notice("repaired", asked_before)],
    E.STATE_CHANGED: Silent("the event that changed it is told"),
    E.POLICY_ADOPTED: Silent("the one who adopts it is shown what it changes"),
    E.IMPORTED: Silent("the one who imports gets a report"),
}
"""Event → letters, or silent because of a reason. A test walks all events."""

LINKS_DIE: dict[E, str] = {
    E.DECISION_GIVEN: "answered",
    E.CONSULTATION_GIVEN: "answered",
    E.CONSULTATION_UNANSWERED: "withdrawn",
    E.ITEM_CONFIRMED: "answered",
    E.ACKNOWLEDGED: "answered",
    E.TASK_WITHDRAWN: "withdrawn",
    E.HANDED_OVER: "handed_over",
    E.TAKEN_BACK: "withdrawn",
}
"""Events of one task after which every link to that task is dead."""


def announce(session: Session, now: datetime) -> None:
    """Turn what was recorded in this transaction into outbox rows and dead links."""
    journal = journal_of(session)
    while journal:
        event = journal.pop(0)
        _kill_links(session, event, now)
        for notice in _notices(event):
            for recipient in dict.fromkeys(notice.to(session, event, now)):
                _queue(session, event, notice, recipient, now)


def _notices(event: Event) -> Sequence[Notice]:
    planned = NOTICES[event.kind]
    if isinstance(planned, Silent) or event.facts.get("told") is False:
        return ()
    return planned


def _queue(session: Session, event: Event, notice: Notice, recipient: Recipient, now: datetime) -> None:
    outbox.queue(
        session,
        notice=notice.name,
        municipality_id=event.municipality_id,
        now=now,
        dedupe_key=f"{event.municipality_id}:{event.number}:{notice.name}:{recipient.email}",
        person_id=recipient.person_id,
        email=recipient.email,
        account_id=event.account_id,
        task_id=event.task_id,
        context={**event.facts, **event.detail, "event": event.kind.value, "by": event.by.person_id}
        | ({"by": event.facts["by"]} if "by" in event.facts else {}),
        not_before=_not_before(session, event, now) if notice.waits else None,
    )


def _not_before(session: Session, event: Event, now: datetime) -> datetime:
    """A letter of refusal waits out the time in which the answer may be taken back."""
    minutes = law_of(session, _account(session, event)).policy.settings.regret_minutes
    task = session.get(UserTask, event.task_id) if event.task_id else None
    answered_at = task.answered_at if task and task.answered_at else now
    return answered_at + timedelta(minutes=minutes)


_HELD_BACK = ("application_declined", "change_refused", "closing_refused")


def _kill_links(session: Session, event: Event, now: datetime) -> None:
    if event.kind in LINKS_DIE and event.task_id is not None:
        links.kill(session, now=now, why=LINKS_DIE[event.kind], task_id=event.task_id)
    if event.kind is E.PLAN_RESENT:
        links.kill(session, now=now, why="plan_changed", account_id=event.account_id, kind=LinkKind.DECIDE)
        links.kill(session, now=now, why="plan_changed", account_id=event.account_id, kind=LinkKind.CONSULT)
    if event.kind is E.TAKEN_BACK:
        session.execute(
            update(Message)
            .where(
                col(Message.account_id) == event.account_id,
                col(Message.notice).in_(_HELD_BACK),
                col(Message.state) == MessageState.QUEUED,
            )
            .values(state=MessageState.NOT_NEEDED)
        )
