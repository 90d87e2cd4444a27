"""Returned mail: the mailbox is read and each mail kept once; then each municipality's round goes on.

1. Read a mail from the mailbox, which leaves it there.
2. Keep what it is, in a transaction of its own, under a key that its content makes.
3. Put it away.

Killed between 2 and 3, the mail is read again, found to be known, and put away. What follows from it is
another transaction, which is done once for each row.
"""

from collections import Counter
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from acts.rounds import Round
from acts.work import work
from connectors.mailboxes import ImapAccount, Returns, opened_folder, opened_imap
from connectors.returned_mail import Returned, told_apart
from lifecycle.law import Law
from lifecycle.returned_mail import follow_returned
from lifecycle.rounds import Findings
from models import Message, Municipality, Person, ReturnedAs, ReturnedMail
from models.seams import seam
from runtime.settings import InstallationSettings

_COUNTED_FOR = timedelta(days=90)
"""How long a mail that is nobody's is counted."""
_REPORTS = (
    ReturnedAs.BOUNCED,
    ReturnedAs.FAILED_FOR_NOW,
    ReturnedAs.DELAYED,
    ReturnedAs.RECEIPT,
)


def mailbox_of(chosen: InstallationSettings) -> AbstractContextManager[Returns] | None:
    """The mailbox that the settings name; None when there is none. Opening it raises NotReachable."""
    if chosen.returned_mail_files is not None:
        return opened_folder(chosen.returned_mail_files)
    if not chosen.returned_mail_host:
        return None
    secret = chosen.returned_mail_password
    return opened_imap(
        ImapAccount(
            host=chosen.returned_mail_host,
            port=chosen.returned_mail_port,
            user=chosen.returned_mail_user or "",
            password=secret.get_secret_value() if secret else "",
            security=chosen.returned_mail_security,
            folder=chosen.returned_mail_folder,
        )
    )


def read_mailbox(engine: Engine, chosen: InstallationSettings, now: datetime) -> Counter[str]:
    """Keep and put away everything that waits; how many of each kind were new. Raises NotReachable."""
    with mailbox_of(chosen) or nullcontext() as box:
        return read_all(engine, box, now) if box is not None else Counter()


def read_all(engine: Engine, box: Returns, now: datetime) -> Counter[str]:
    """Each mail in its own transaction, and put away when that is over."""
    found: Counter[str] = Counter()
    for name in box.waiting():
        content = box.read(name)
        if content is None:
            continue
        told = told_apart(content, now.date())
        if kept := _kept(engine, told, now):
            found[kept] += 1
        seam("mail_kept")
        box.put_away(name)
    return found


def _kept(engine: Engine, told: Returned, now: datetime) -> str:
    """The kind of a new mail, "unknown" for one that is nobody's; empty when it has been read before."""
    with suppress(IntegrityError), work(engine, now) as session:  # Another that reads it at once was faster.
        row = keep(session, told, now)
        if row is not None:
            return row.kind.value if row.municipality_id else "unknown"
    return ""


def keep(session: Session, told: Returned, now: datetime) -> ReturnedMail | None:
    """Keep what a mail is, and whose; None when it has been kept before."""
    known = select(col(ReturnedMail.id)).where(col(ReturnedMail.once_key) == told.once_key)
    if session.execute(known).first() is not None:
        return None
    row = _row(session, told, now)
    session.add(row)
    session.flush()
    return row


def _row(session: Session, told: Returned, now: datetime) -> ReturnedMail:
    letter = _letter(session, told)
    email = _address(told, letter)
    person = _person(session, told, letter, email)
    municipality_id = _municipality(session, letter, person, email)
    row = ReturnedMail(once_key=told.once_key, kind=told.kind, read_at=now, municipality_id=municipality_id)
    if municipality_id is None:
        row.followed_at = now
        return row
    row.letter_id = letter.id if letter else ""
    row.person_id = person.id if person else None
    row.status, row.says = told.status[:12], told.says
    row.email = email if told.kind in (*_REPORTS, ReturnedAs.ANSWER) else ""
    row.from_on, row.until_on = told.away.from_on, told.away.until_on
    return row


def _letter(session: Session, told: Returned) -> Message | None:
    """The first that it names and that is ours: its number is random, and nobody guesses one."""
    found = {
        one.id: one
        for one in session.execute(select(Message).where(col(Message.id).in_(told.letters))).scalars()
    }
    return next((found[one] for one in told.letters if one in found), None)


def _address(told: Returned, letter: Message | None) -> str:
    """Which address it is about: that of the letter, else the one that a report names, else the sender's."""
    if told.kind in _REPORTS:
        return letter.email if letter else told.failed
    return told.sender


def _person(session: Session, told: Returned, letter: Message | None, email: str) -> Person | None:
    """Who has the address. An answer to a letter that comes from elsewhere is its recipient's."""
    rows = select(Person).where(col(Person.email) == email)
    if letter is not None:
        rows = rows.where(col(Person.municipality_id) == letter.municipality_id)
    people = session.execute(rows.order_by(col(Person.id)).limit(2)).scalars().all()
    if len(people) == 1:
        found: Person | None = people[0]
        return found
    return session.get(Person, letter.person_id) if letter and letter.person_id else None


def _municipality(session: Session, letter: Message | None, person: Person | None, email: str) -> int | None:
    if letter is not None:
        return letter.municipality_id
    if person is not None:
        return person.municipality_id
    rows = select(col(Municipality.id)).where(
        or_(col(Municipality.notice_address) == email, col(Municipality.registry_address) == email)
    )
    found = session.execute(rows).scalars().all() if email else []
    return found[0] if len(found) == 1 else None


def forget_counted(engine: Engine, now: datetime) -> None:
    """Mail that is nobody's is erased here; the others go with their municipality's letters."""
    old = (col(ReturnedMail.municipality_id).is_(None), col(ReturnedMail.read_at) < now - _COUNTED_FOR)
    with work(engine, now) as session:
        session.execute(delete(ReturnedMail).where(*old))


# ---------------------------------------------------------------- the round


def _follow(session: Session, law: Law, on: object, now: datetime, findings: Findings) -> None:
    follow_returned(session, law, now, findings)


FOLLOW = Round(
    "returned_mail",
    when=lambda law, now: law.day_of(now),
    do=_follow,
    repeats=True,
)
"""What follows from mail that has been read; and what need not be looked into any more."""
