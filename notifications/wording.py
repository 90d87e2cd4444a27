"""A municipality's own words in its letters: a subject, and a text before and after the product's own.

The product's text stays: what is asked, the link, the answers, the clause and what follows from doing
nothing cannot be written away. Own words may hold a few words in braces, {konto} or {dag}, that are filled
in when the letter is written. There is nothing else to the language: no conditions, no addresses, no code.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Executable, select
from sqlmodel import Session, col

from languages.speaking import said
from models import LetterWording
from models.asking import asked_once, built_once
from notifications import words
from notifications.about import About
from notifications.registry import NOTICES, Goes

LANGUAGES = ("sv", "en")
SUBJECT_LIMIT = 100
TEXT_LIMIT = 2000


@dataclass(frozen=True)
class Placeholder:
    """A word in braces: what it means, and what stands there when the letter is written."""

    means: str
    """Swedish."""
    fill: Callable[[About], str]
    needs_account: bool = False
    needs_person: bool = False


def _unit(about: About) -> str:
    unit = about.unit if about.account_id is not None else None
    return words.line(unit.name) if unit else said("hela kommunen")


def _line_manager(about: About) -> str:
    unit = about.unit if about.account_id is not None else None
    leads = about.person(unit.line_manager_id) if unit else None
    return words.line(leads.name) if leads else said("chefen")


def _account(about: About) -> str:
    return words.account_words(about.account) if about.account_id is not None else said("kontot")


def _name(about: About) -> str:
    return words.line(about.recipient.name) if about.recipient else said("du")


PLACEHOLDERS: Mapping[str, Placeholder] = {
    "kommun": Placeholder("kommunens namn", lambda about: words.line(about.municipality.called)),
    "dag": Placeholder("dagen då brevet skrivs", lambda about: about.day(about.now)),
    "namn": Placeholder("mottagarens namn", _name, needs_person=True),
    "konto": Placeholder("kontot brevet gäller", _account, needs_account=True),
    "enhet": Placeholder("kontots enhet", _unit, needs_account=True),
    "chef": Placeholder("chefen för kontots enhet", _line_manager, needs_account=True),
}

_OF_ALL = ("chain_digest", "crisis", "guideline_change_wanted", "policy_decided", "policy_proposed")
_OF_A_PERSON = ("absence", "confirm_act", "confirm_address", "draft_erased", "my_page", "took_over")
_OF_MAIL = ("absence_suggested", "answer_by_mail", "answer_not_counted")
WITHOUT_ACCOUNT = frozenset((*_OF_ALL, *_OF_A_PERSON, *_OF_MAIL, "fresh_link", "inventory", "morning"))
"""Letters that are not about one account, or not always."""


def placeholders_of(notice: str) -> Mapping[str, Placeholder]:
    """The words in braces that have something to stand for in a letter."""
    has_account, to_person = notice not in WITHOUT_ACCOUNT, NOTICES[notice].goes is Goes.PERSON
    return {
        name: one
        for name, one in PLACEHOLDERS.items()
        if (has_account or not one.needs_account) and (to_person or not one.needs_person)
    }


@dataclass(frozen=True)
class Words:
    """Own words for one kind of letter, each of them empty where the product's own will do."""

    subject: str = ""
    introduction: str = ""
    closing: str = ""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a field, in Swedish."""

    field: str
    says: str


_LIMITS = {"subject": SUBJECT_LIMIT, "introduction": TEXT_LIMIT, "closing": TEXT_LIMIT}
_IN_BRACES = re.compile(r"\{([^{}\n]*)\}")


def faults_in(notice: str, own: Words) -> list[Fault]:
    """Everything that is wrong with somebody's words, all at once."""
    return [
        Fault(field, says)
        for field, limit in _LIMITS.items()
        for says in _faults(notice, getattr(own, field), limit)
    ]


def _faults(notice: str, text: str, limit: int) -> Sequence[str]:
    known = placeholders_of(notice)
    faults = []
    if len(text) > limit:
        faults.append(f"Texten är för lång: {len(text)} tecken. Högst {limit} tecken går bra.")
    for name in dict.fromkeys(_IN_BRACES.findall(text)):
        if name not in known:
            faults.append(_unknown(name[:40], known))
    if re.search(r"[{}]", _IN_BRACES.sub("", text)):
        faults.append("En klammer saknar sin andra hälft. Skriv till exempel {dag}, eller ta bort klammern.")
    if any(re.fullmatch(r"[-–—_]{2,}", one) for one in words.paragraphs(text)):
        faults.append("En rad med bara streck döljer resten av brevet i en del e-postprogram. Ta bort den.")
    return faults


def _unknown(name: str, known: Mapping[str, Placeholder]) -> str:
    meant = ", ".join(f"{{{one}}}" for one in known)
    if name in PLACEHOLDERS:
        return f"{{{name}}} finns inte i det här brevet. Det som finns är {meant}."
    return f"{{{name}}} är inget som Kanalvakt kan fylla i. Det som finns är {meant}."


@asked_once(LetterWording)
def in_force(session: Session, municipality_id: int, notice: str, language: str) -> LetterWording | None:
    """The newest version, if it says anything of its own."""
    newest = next(iter(versions(session, municipality_id, notice, language, at_most=1)), None)
    return newest if newest is not None and newest.is_own else None


def versions(
    session: Session, municipality_id: int, notice: str, language: str, at_most: int = 50
) -> Sequence[LetterWording]:
    """The newest first."""
    return session.execute(*_newest_of(municipality_id, notice, language, at_most)).scalars().all()


@built_once
def _newest_of(of: int, notice: str, language: str, at_most: int) -> Executable:
    rows = select(LetterWording).where(
        col(LetterWording.municipality_id) == of,
        col(LetterWording.notice) == notice,
        col(LetterWording.language) == language,
    )
    return rows.order_by(col(LetterWording.id).desc()).limit(at_most)


def filled(about: About, own: LetterWording | None) -> Words:
    """Own words as they stand in this letter. What cannot be filled in stands as a plain word."""
    if own is None:
        return Words()
    fill = partial(_IN_BRACES.sub, lambda found: _filled(about, found.group(1)))
    return Words(fill(own.subject), fill(own.introduction), fill(own.closing))


def _filled(about: About, name: str) -> str:
    found = PLACEHOLDERS.get(name)
    return found.fill(about) if found else name
