"""Truths about what is told and kept: letters, links, the audit log, and that municipalities are apart."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import String, cast, or_, select
from sqlmodel import Session, col

from lifecycle.events import EventKind
from lifecycle.invariants.truth import subjects, truth
from lifecycle.journal import verify
from lifecycle.law import Law, law_in_force, laws_of
from models import (
    Account,
    AccountRole,
    AuditEvent,
    AuditHead,
    Link,
    LinkKind,
    Message,
    MessageState,
    Person,
    TaskHolder,
    TaskState,
    UserTask,
)

_LOOKED_BACK = timedelta(days=40)
"""So far back letters are looked at: those before were looked at in their time."""
_BY_THE_CLOCK = (
    EventKind.REMINDED,
    EventKind.ITEMS_REMINDED,
    EventKind.DUTIES_REMINDED,
    EventKind.DRAFT_REMINDED,
    EventKind.ESCALATED,
    EventKind.MORNING_TOLD,
)
_ASKED_FOR = ("fresh", "apply", "my_page")
"""Letters that answer a click and tell of no event: a link that somebody asked for."""


@truth("Ingen får mer än ett morgonbrev om dagen.")
def one_morning_letter(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """One digest per person with all accounts (REQUIREMENTS 3, watch)."""
    law = law_in_force(session, municipality_id, now)
    rows = select(col(Message.person_id), col(Message.queued_at)).where(
        col(Message.municipality_id) == municipality_id,
        col(Message.notice) == "morning",
        col(Message.queued_at) > now - _LOOKED_BACK,
    )
    letters = Counter((person_id, law.day_of(at)) for person_id, at in session.execute(rows))
    return [f"person {who} {on.isoformat()}" for (who, on), count in sorted(letters.items()) if count > 1]


@truth("Klockan skriver bara till folk på arbetsdagar och i arbetstid.")
def told_in_working_hours(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """Reminders, digests and escalations: working days, working hours (REQUIREMENTS 3), or from the hour that
    the municipality has set for the morning letter; by any version of the policy's calendar."""
    laws = laws_of(session, municipality_id).values()
    rows = select(col(AuditEvent.number), col(AuditEvent.at)).where(
        col(AuditEvent.municipality_id) == municipality_id,
        col(AuditEvent.kind).in_([one.value for one in _BY_THE_CLOCK]),
        col(AuditEvent.at) > now - _LOOKED_BACK,
    )
    found = session.execute(rows.order_by(col(AuditEvent.number)))
    return [f"händelse {number}" for number, at in found if not _is_working_hour(laws, at)]


def _is_working_hour(laws: Iterable[Law], at: datetime) -> bool:
    return any(
        law.calendar.is_working_day(law.day_of(at))
        and law.calendar.at(law.day_of(at), min(law.calendar.work_begins, law.policy.settings.digest_at))
        <= at
        < law.calendar.at(law.day_of(at), law.calendar.work_ends)
        for law in laws
    )


@truth("Varje brev hör till något som har hänt.")
def every_letter_tells_an_event(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """A notice is queued in the transaction of the change it announces (DESIGN 4); the others answer a
    click."""
    since = now - _LOOKED_BACK
    told = select(col(AuditEvent.at)).where(
        col(AuditEvent.municipality_id) == municipality_id,
        col(AuditEvent.kind) == EventKind.MORNING_TOLD.value,
    )
    mornings = set(session.execute(told.where(col(AuditEvent.at) >= since)).scalars())
    last = session.get(AuditHead, municipality_id, populate_existing=True)
    rows = select(col(Message.id), col(Message.dedupe_key), col(Message.queued_at)).where(
        col(Message.municipality_id) == municipality_id, col(Message.queued_at) >= since
    )
    return [
        f"brev {letter}"
        for letter, key, at in session.execute(rows.order_by(col(Message.queued_at), col(Message.id)))
        if not _tells(key, at, mornings, last.number if last else 0)
    ]


def _tells(key: str, at: datetime, mornings: set[datetime], last: int) -> bool:
    """Whether a letter with that key tells of something; a number is an event, and none is missing."""
    word = key.split(":")[1]
    if word == "morning":
        return at in mornings
    return word in _ASKED_FOR or (word.isdecimal() and 1 <= int(word) <= last)


@truth("Ett brev är om det konto som dess fråga hör till, och går till mottagarens egen adress.")
def letters_go_where_they_should(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """A deciding link goes only to a personal address of its holder (REQUIREMENTS 2.2)."""
    rows = (
        select(col(Message.id))
        .outerjoin(UserTask, col(UserTask.id) == col(Message.task_id))
        .outerjoin(Person, col(Person.id) == col(Message.person_id))
        .where(
            col(Message.municipality_id) == municipality_id,
            or_(
                col(UserTask.account_id).is_distinct_from(col(Message.account_id))
                & col(UserTask.id).is_not(None),
                (col(Person.email) != col(Message.email)) & (col(Message.state) == MessageState.QUEUED),
            ),
        )
    )
    return subjects(session, "brev", rows.order_by(col(Message.queued_at), col(Message.id)))


@truth("Inget brev har gått innan det fick.")
def sent_when_it_might(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """A letter of decline waits out the hour of regret (REQUIREMENTS 2.2), and what is said to be sent has a
    time (4.10)."""
    early = (col(Message.sent_at).is_(None)) | (col(Message.sent_at) < col(Message.not_before))
    rows = select(col(Message.id)).where(
        col(Message.municipality_id) == municipality_id, col(Message.state) == MessageState.SENT, early
    )
    return subjects(session, "brev", rows.order_by(col(Message.queued_at), col(Message.id)))


@truth("En länk dör med sin fråga, och den som svarar med den har fått frågan.")
def links_die_with_their_question(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """Several letters about one thing carry different tokens, and all die together (REQUIREMENTS 4.1)."""
    its = select(col(TaskHolder.id)).where(
        col(TaskHolder.task_id) == col(Link.task_id), col(TaskHolder.person_id) == col(Link.person_id)
    )
    rows = (
        select(col(Link.id))
        .join(UserTask, col(UserTask.id) == col(Link.task_id))
        .where(
            col(Link.municipality_id) == municipality_id,
            col(Link.kind).in_([LinkKind.DECIDE, LinkKind.CONSULT]),
            col(Link.dead_at).is_(None),
            col(Link.expires_at) > now,
            or_(col(UserTask.state) != TaskState.OPEN, ~its.exists()),
        )
    )
    return subjects(session, "länk", rows.order_by(col(Link.id)))


@truth("Händelseloggen är hel.")
def log_is_whole(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """Append-only and chained, so that a change shows (REQUIREMENTS 4.8)."""
    return [f"händelse {one.number} ({one.code})" for one in verify(session, municipality_id).breaks]


@truth("I loggens kedja står inga adresser: det personliga går att gallra.")
def log_keeps_people_apart(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """Personal detail stands in rows that can be weeded; in the chain are ids and codes
    (REQUIREMENTS 4.8)."""
    rows = select(col(AuditEvent.number)).where(
        col(AuditEvent.municipality_id) == municipality_id,
        cast(col(AuditEvent.facts), String).contains("@"),
    )
    return subjects(session, "händelse", rows.order_by(col(AuditEvent.number)))


@truth("En kommuns konton, uppgifter och brev rör ingen annan kommuns.")
def municipalities_apart(session: Session, municipality_id: int, now: datetime) -> list[str]:
    """Strictly apart in database, portal and letters (REQUIREMENTS 4.11)."""
    of_account = select(col(UserTask.id)).join(Account, col(Account.id) == col(UserTask.account_id))
    held = (
        select(col(UserTask.id))
        .join(TaskHolder, col(TaskHolder.task_id) == col(UserTask.id))
        .join(Person, col(Person.id) == col(TaskHolder.person_id))
    )
    roles = (
        select(col(AccountRole.id))
        .join(Account, col(Account.id) == col(AccountRole.account_id))
        .join(Person, col(Person.id) == col(AccountRole.person_id))
    )
    letters = select(col(Message.id)).join(Person, col(Person.id) == col(Message.person_id))
    theirs = (
        ("uppgift", of_account, col(UserTask.municipality_id), col(Account.municipality_id)),
        ("uppgift", held, col(UserTask.municipality_id), col(Person.municipality_id)),
        ("roll", roles, col(Account.municipality_id), col(Person.municipality_id)),
        ("brev", letters, col(Message.municipality_id), col(Person.municipality_id)),
    )
    return [
        one
        for word, rows, ours, other in theirs
        for one in subjects(session, word, rows.where(ours == municipality_id, other != municipality_id))
    ]


TRUTHS = (
    one_morning_letter,
    told_in_working_hours,
    every_letter_tells_an_event,
    letters_go_where_they_should,
    sent_when_it_might,
    links_die_with_their_question,
    log_is_whole,
    log_keeps_people_apart,
    municipalities_apart,
)
