"""Delivery without any mail: what is due is checked once more, written down, and counts as sent."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Executable, select
from sqlmodel import Session, col

from acts.letterheads import digest_until
from lifecycle.working_days import Calendar
from models import MAY_LEAVE, Message, MessageState
from models.asking import built_once
from notifications.letters import Letterhead, compose
from notifications.needs import are_needed
from notifications.registry import NOTICES
from simulation.ledger import Ledger, LetterSeen

OF_THE_CLOCK = frozenset(name for name, notice in NOTICES.items() if notice.by_clock)
"""Letters that nobody's act has brought about: they go on working days, in working hours."""


@dataclass
class Samples:
    """Some letters as they would be read: the first of each kind, until there are so many."""

    folder: Path
    at_most: int
    written: list[Path] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def take(self, session: Session, message: Message, now: datetime) -> None:
        """Write the letter down, if one of its kind has not been."""
        if len(self.written) >= self.at_most or message.notice in self._seen:
            return
        self._seen.add(message.notice)
        letter = compose(session, message, _HEAD, now)
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{len(self.written) + 1:02}-{message.notice}.txt"
        head = f"Till: {letter.to_name} <{letter.to}>\nÄmne: {letter.subject}\nDatum: {now.isoformat()}\n\n"
        path.write_text(head + letter.text, "utf-8")
        self.written.append(path)


_HEAD = Letterhead("https://kanalvakt.example.org", digest_until, lambda _session, _id, _day, now: now)
"""Links of samples lead nowhere."""


@built_once
def _due(now: datetime) -> Executable:
    rows = select(Message).where(MAY_LEAVE, col(Message.not_before) <= now)
    return rows.order_by(col(Message.not_before), col(Message.queued_at), col(Message.dedupe_key))


def deliver(session: Session, ledger: Ledger, now: datetime, samples: Samples | None = None) -> None:
    """Send what is due; a letter that is not needed any more ends here, as it does in earnest."""
    letters = session.execute(*_due(now)).scalars().all()
    for message, needed in zip(letters, are_needed(session, letters), strict=True):
        message.state = MessageState.SENT if needed else MessageState.NOT_NEEDED
        message.sent_at = now if needed else None
        if needed and samples is not None:
            samples.take(session, message, now)
        if needed:
            ledger.letters.append(_seen(message, now))


def _seen(message: Message, now: datetime) -> LetterSeen:
    return LetterSeen(
        at=now,
        notice=message.notice,
        person_id=message.person_id,
        email=message.email,
        account_id=message.account_id,
        task_id=message.task_id,
        context=dict(message.context),
    )


def broken_promises(letters: list[LetterSeen], calendar: Calendar) -> list[str]:
    """Where the clock wrote twice to somebody in a morning, or outside working hours."""
    found, mornings = [], set[tuple[str, int | None]]()
    for letter in letters:
        on = calendar.day_of(letter.at)
        if letter.notice == "morning":
            if (on.isoformat(), letter.person_id) in mornings:
                found.append(f"Två morgonbrev {on.isoformat()} till person {letter.person_id}.")
            mornings.add((on.isoformat(), letter.person_id))
        if letter.notice in OF_THE_CLOCK and calendar.working_time_from(letter.at) != letter.at:
            found.append(f"Brevet {letter.notice} gick {letter.at.isoformat()}, utanför arbetstid.")
    return found
