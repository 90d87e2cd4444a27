"""Which language is spoken right now, and texts in it.

A letter is written within `speaking`, a request is answered under a `Speech` of its own. What nobody says
anything about is Swedish. Texts that exist in Swedish only (what people wrote, and what a policy says that
nobody has translated) are marked by `swedish`, so that a page in another language can say so to those who
listen to it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_datetime

from languages import catalogue

LANGUAGES = {"sv": "Svenska", "en": "English"}
"""Each language's name in itself, by its code."""
SWEDISH = "sv"
_BEGINS, _ENDS = "\ue000", "\ue001"
_MARKED = re.compile(f"{_BEGINS}([^{_BEGINS}{_ENDS}]*){_ENDS}")
_MARKS = re.compile(f"[{_BEGINS}{_ENDS}]")
_NO_ELEMENTS = re.compile(r"<title>.*?</title>|<option.*?</option>|<[^>]*>", re.DOTALL)


@dataclass
class Speech:
    """What is spoken to one reader."""

    language: str = SWEDISH
    chosen: bool = True
    """Whether the reader has chosen the language, or must have it: then nothing else decides it."""
    wanted: str = SWEDISH
    """What the reader would have, where there is only Swedish."""
    address: str = ""
    """Where the same page is asked for in another language; empty where that cannot be."""


_speech: ContextVar[Speech | None] = ContextVar("speech", default=None)


def speech() -> Speech:
    """What is spoken now."""
    return _speech.get() or Speech()


def begin(one: Speech) -> None:
    """Speak so for the rest of what this context does."""
    _speech.set(one)


def language() -> str:
    """The code of the language that is spoken now."""
    return speech().language


def suggest(wanted: str) -> None:
    """Speak a person's own language, unless the reader has chosen."""
    now = speech()
    if not now.chosen and wanted in LANGUAGES:
        now.language = wanted


@contextmanager
def speaking(wanted: str) -> Iterator[None]:
    """Speak a language for a while; one that there is none of is Swedish."""
    before = _speech.set(Speech(wanted if wanted in LANGUAGES else SWEDISH))
    try:
        yield
    finally:
        _speech.reset(before)


def said(text: str, **values: Any) -> str:
    """A Swedish text in the language spoken, with its values."""
    translated = catalogue.translations(language()).gettext(text)
    return translated % values if values else translated


def said_many(one: str, several: str, count: int, **values: Any) -> str:
    """Likewise of a number of things; `%(num)s` is the number."""
    translated = catalogue.translations(language()).ngettext(one, several, count)
    return translated % {"num": count, **values}


def untranslated(text: str, count: int | None = None, several: str = "") -> str:
    """A text as the templates' engine asks for it: it puts in the values itself."""
    spoken = catalogue.translations(language())
    return spoken.gettext(text) if count is None else spoken.ngettext(text, several, count)


def day_words(day: date) -> str:
    """1 december 2026"""
    return format_date(day, said("d MMMM y"), locale=language())


def moment_words(at: datetime) -> str:
    """1 december 2026 kl. 14.05, by the instant's own zone."""
    return format_datetime(at, said("d MMMM y 'kl.' HH.mm"), tzinfo=at.tzinfo, locale=language())


def day_as_kept(day: date) -> str:
    """A day in a Swedish text that is kept, whoever it is kept for."""
    return format_date(day, "d MMMM y", locale=SWEDISH)


def swedish(text: str) -> str:
    """What rules and people say in their own words, of the same type: what is escaped is not escaped again.

    Where the rules' words have a translation it is that; anything else is marked as Swedish.
    """
    if language() == SWEDISH or not text.strip():
        return text
    translated = catalogue.rule_words(language()).gettext(str(text))
    return type(text)(f"{_BEGINS}{text}{_ENDS}" if translated == text else translated)


def capital(text: str) -> str:
    """With a capital first letter, and the rest as it is."""
    at = int(text.startswith(_BEGINS))
    return text[:at] + text[at : at + 1].upper() + text[at + 1 :]


def without_marks(text: str) -> str:
    """Plain text: nothing can be said of its parts."""
    return _MARKS.sub("", text)


def with_elements(html: str) -> str:
    """A page in which what is Swedish says so; not within tags and where no element may stand."""
    if language() == SWEDISH:
        return html
    plain = _NO_ELEMENTS.sub(lambda found: without_marks(found.group()), html)
    return without_marks(_MARKED.sub(r'<span lang="sv">\1</span>', plain))
