"""Applying for an account: the address confirmed, the plan written, sent, changed or withdrawn."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from languages.speaking import language
from lifecycle import drafts
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import Law, law_in_force, law_of
from lifecycle.plans import attachment_count, attachments_of
from lifecycle.process import account_for_look
from lifecycle.red import clear_red
from lifecycle.refusals import Refused
from lifecycle.roles import has_left
from lifecycle.states import Act, change_state, demand
from lifecycle.tasks import raise_news, withdraw_open
from models import Account, AccountState, Attachment, Message, Municipality, Person
from notifications import links, outbox

FILE_LIMIT = 10_000_000
"""Bytes of one attachment."""
FILES_LIMIT = 10
EMAIL_LIMIT = 254
"""Characters that an address can have at the most (RFC 5321)."""
LINKS_A_DAY = 20
"""Letters that prove an address, to the same one within 24 hours."""
STRANGERS_AN_HOUR = 300
"""Letters within an hour to addresses that nobody known has, in all: whoever makes addresses up fills no mail
server, from however many connections and at however many portals. Who is known is never kept waiting."""
ADDRESS = re.compile(r"[a-z0-9._'-]{1,64}@(?:[a-z0-9-]+\.)+[a-z]{2,}", re.ASCII)
"""A work address and nothing else: what a mail server could read as somebody else's, or as the same
person's under another name (a tag after a plus sign), is refused."""
KINDS = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MAGIC = {".pdf": b"%PDF", ".png": b"\x89PNG", ".jpg": b"\xff\xd8", ".jpeg": b"\xff\xd8"}
_ZIPPED = b"PK\x03\x04"


def is_address(text: str) -> bool:
    """Whether a text, trimmed and in small letters, is one whole address."""
    return len(text) <= EMAIL_LIMIT and ADDRESS.fullmatch(text) is not None


def address_is_allowed(municipality: Municipality, email: str) -> bool:
    """Whether an address belongs to one of the municipality's work-mail domains."""
    wanted = email.strip().lower()
    return is_address(wanted) and wanted.rpartition("@")[2] in municipality.mail_domains


def ask_for_link(session: Session, municipality: Municipality, email: str, page: str, now: datetime) -> None:
    """Mail a link that proves the address: `page` is "apply" or "my_page".

    Says nothing about whether the address is known. At most one letter a minute and address for each page,
    and `LINKS_A_DAY` in all; to addresses that nobody has, `STRANGERS_AN_HOUR` together.
    """
    assert municipality.id is not None
    wanted = email.strip().lower()
    if not is_address(wanted):
        return
    person = find_person(session, municipality.id, wanted)
    known = person is not None and not has_left(
        person, law_in_force(session, municipality.id, now).day_of(now)
    )
    if not known and (
        person is not None or page == "my_page" or not address_is_allowed(municipality, wanted)
    ):
        return
    if _has_enough(session, municipality.id, wanted, now):
        return
    if not known and _strangers_have_enough(session, municipality.id, now):
        return
    outbox.queue(
        session,
        notice="confirm_address" if page == "apply" else "my_page",
        municipality_id=municipality.id,
        now=now,
        dedupe_key=f"{municipality.id}:{page}:{now:%Y%m%d%H%M}:{hashlib.sha256(wanted.encode()).hexdigest()}",
        person_id=person.id if person else None,
        email=wanted,
        context={"language": language()},
    )


def _has_enough(session: Session, municipality_id: int, email: str, now: datetime) -> bool:
    asked = select(func.count()).where(
        col(Message.municipality_id) == municipality_id,
        col(Message.email) == email,
        col(Message.notice).in_(["confirm_address", "my_page"]),
        col(Message.queued_at) > now - timedelta(days=1),
    )
    count: int = session.execute(asked).scalar_one()
    return count >= LINKS_A_DAY


def _strangers_have_enough(session: Session, municipality_id: int, now: datetime) -> bool:
    asked = select(func.count()).where(
        col(Message.municipality_id) == municipality_id,
        col(Message.person_id).is_(None),
        col(Message.notice) == "confirm_address",
        col(Message.queued_at) > now - timedelta(hours=1),
    )
    count: int = session.execute(asked).scalar_one()
    return count >= STRANGERS_AN_HOUR


def find_person(session: Session, municipality_id: int, email: str) -> Person | None:
    """The person with a work address, if known."""
    rows = select(Person).where(
        col(Person.municipality_id) == municipality_id, col(Person.email) == email.strip().lower()
    )
    return session.execute(rows).scalars().first()


def begin_draft(
    session: Session, municipality: Municipality, email: str, name: str, now: datetime, by: By | None = None
) -> Account:
    """Begin an application for a confirmed address; a newcomer is entered by name and the language spoken.

    `by` is who begins it when that is not the applicant, who then gets the link to go on with it.
    """
    assert municipality.id is not None
    person = find_person(session, municipality.id, email)
    if person is None:
        person = Person(
            municipality_id=municipality.id,
            name=name.strip()[:120],
            email=email.strip().lower(),
            language=language(),
        )
        session.add(person)
        session.flush()
    return drafts.begin(session, law_in_force(session, municipality.id, now), person, now, by)


def save_draft(session: Session, account: Account, answers: Mapping[str, Any], now: datetime) -> None:
    """Keep what has been written so far; the draft's link lives on from now."""
    account = _locked(session, account)
    law = law_of(session, account)
    drafts.save(session, law, account, answers, now)
    _extend_links(session, law, account, now)


def send_plan(session: Session, account: Account, person_id: int, now: datetime) -> None:
    """Send the plan to be decided. Raises PlanIncomplete with everything that is missing."""
    account = _locked(session, account)
    law = law_of(session, account)
    drafts.send(session, law, account, person_id, now)
    _extend_links(session, law, account, now)


def _locked(session: Session, account: Account) -> Account:
    """The account as it is now, kept from others until the transaction ends."""
    assert account.id is not None
    return account_for_look(session, account.id)


def _extend_links(session: Session, law: Law, account: Account, now: datetime) -> None:
    assert account.id is not None
    links.extend_drafts(session, account.id, now, law.policy.settings.draft_days)


def withdraw(session: Session, account: Account, person_id: int, reason: str, now: datetime) -> None:
    """Withdraw an application; what was asked about it is no longer asked. Only the one who applied may.

    Of a plan that was never sent nothing is kept.
    """
    account = _locked(session, account)
    demand(account, Act.WITHDRAW)
    if person_id != account.applicant_id:
        raise Refused("not_concerned")
    by = By(person_id, "portal")
    was_draft = account.state is AccountState.DRAFT
    withdraw_open(session, account, now, by=by)
    clear_red(session, account, now)
    change_state(session, account, AccountState.WITHDRAWN, now, by)
    detail = {"reason": reason.strip()[:2000]} if reason.strip() else {}
    facts = {"was_draft": was_draft}
    record(session, EventKind.APPLICATION_WITHDRAWN, now, account=account, by=by, facts=facts, detail=detail)
    if was_draft:
        drafts.erase_written(session, account)
    raise_news(session, account)


def attach(
    session: Session,
    account: Account,
    field: str,
    file_name: str,
    content: bytes,
    person_id: int,
    now: datetime,
) -> Attachment:
    """Attach a file to the plan. Raises Refused for what is empty, too large, too many or of another kind."""
    account = _locked(session, account)
    demand(account, Act.SAVE_PLAN)
    name = PurePath(file_name.replace("\\", "/")).name[:200] or "bilaga"
    _refuse_file(session, account, name, content)
    assert account.id is not None
    attachment = Attachment(
        account_id=account.id,
        field=field[:60],
        file_name=name,
        media_type=KINDS[PurePath(name).suffix.lower()],
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        added_at=now,
    )
    session.add(attachment)
    session.flush()
    facts = {"attachment": attachment.id, "sha256": attachment.sha256, "size": attachment.size}
    by = By(person_id, "portal")
    record(
        session, EventKind.ATTACHMENT_ADDED, now, account=account, by=by, facts=facts, detail={"name": name}
    )
    return attachment


def _refuse_file(session: Session, account: Account, name: str, content: bytes) -> None:
    suffix = PurePath(name).suffix.lower()
    if not content:
        raise Refused("file_empty")
    if len(content) > FILE_LIMIT:
        raise Refused("file_too_large", size=round(len(content) / 1_000_000), limit=FILE_LIMIT // 1_000_000)
    if suffix not in KINDS or not content.startswith(_MAGIC.get(suffix, _ZIPPED)):
        raise Refused("file_kind")
    if attachment_count(session, account) >= FILES_LIMIT:
        raise Refused("too_many_files", limit=FILES_LIMIT)


def remove_attachment(
    session: Session, account: Account, attachment_id: int, person_id: int, now: datetime
) -> None:
    """Take a file away from the plan; a sent plan's file stays in the records."""
    account = _locked(session, account)
    demand(account, Act.SAVE_PLAN)
    for attachment in attachments_of(session, account):
        if attachment.id == attachment_id:
            attachment.removed_at = now
            session.add(attachment)
            by, facts = By(person_id, "portal"), {"attachment": attachment.id}
            record(session, EventKind.ATTACHMENT_REMOVED, now, account=account, by=by, facts=facts)
