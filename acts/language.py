"""In which language somebody is written to."""

from datetime import datetime

from sqlmodel import Session

from languages.speaking import LANGUAGES
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.refusals import Refused
from models import Person


def choose(session: Session, now: datetime, *, person_id: int, language: str, via: str) -> None:
    """A person's own choice, for letters and pages from now on. Raises Refused `language_unknown`."""
    if language not in LANGUAGES:
        raise Refused("language_unknown")
    person = session.get_one(Person, person_id)
    if person.language == language:
        return
    facts = {"person": person.id, "from": person.language, "to": language}
    person.language = language
    session.add(person)
    by = By(person.id, via)
    record(session, EventKind.LANGUAGE_SET, now, municipality_id=person.municipality_id, by=by, facts=facts)
