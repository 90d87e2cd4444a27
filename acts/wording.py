"""Own words in a letter: written by communications, every version kept, and the way back always open."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from acts.appearance import municipality_of_member
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.refusals import Refused
from models import LetterWording
from notifications.letters import languages_of
from notifications.wording import Fault, Words, faults_in, in_force


class Faulty(Refused):
    """Words that cannot stand in a letter, with everything that is wrong with them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("wording_faulty")
        self.faults = faults


def write(
    session: Session, now: datetime, *, by_id: int, notice: str, language: str, own: Words, via: str
) -> None:
    """Let a letter say this from now on; nothing at all is the way back to the product's own words.

    Raises Faulty, or Refused `only_communications`.
    """
    municipality = municipality_of_member(session, by_id, now)
    if faults := [*_faults_of(notice, language), *faults_in(notice, own)]:
        raise Faulty(faults)
    before = in_force(session, municipality.id or 0, notice, language)
    if own == (Words(before.subject, before.introduction, before.closing) if before else Words()):
        return
    version = LetterWording(
        municipality_id=municipality.id or 0,
        notice=notice,
        language=language,
        subject=own.subject,
        introduction=own.introduction,
        closing=own.closing,
        written_at=now,
        written_by_id=by_id,
    )
    session.add(version)
    session.flush()
    record(
        session,
        EventKind.LETTER_WORDED,
        now,
        municipality_id=municipality.id,
        by=By(by_id, via),
        facts={"wording": version.id, "notice": notice, "language": language, "own": version.is_own},
    )


def _faults_of(notice: str, language: str) -> list[Fault]:
    """Words in a language that the letter is never sent in would never be read."""
    if language in languages_of(notice):
        return []
    return [Fault("introduction", "Det här brevet skickas bara på svenska. Skriv texten på svenska.")]
