"""Whether a page that was opened is the account's page: a function of what was seen, and nothing else.

A picture of a log-in form, a consent wall, an error page or somebody else's page is no snapshot of an
account (REQUIREMENTS 3). A page wrongly refused costs a person an upload; a page wrongly taken stands in the
archive. So doubt refuses, except where an ordinary account page would be refused again and again.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from connectors.phrases import (
    CHALLENGE,
    CONSENT_ANSWER,
    CONSENT_PLACES,
    CONSENT_WORD,
    ERROR,
    LOG_IN,
    LOG_IN_HEADLINE,
    LOG_IN_PLACES,
    MAINTENANCE,
)


class Reason(StrEnum):
    """Why there is no snapshot."""

    LOG_IN = "log_in"
    LOG_IN_REDIRECT = "log_in_redirect"
    CONSENT = "consent"
    HTTP_ERROR = "http_error"
    ERROR_PAGE = "error_page"
    CHALLENGE = "challenge"
    OTHER_PAGE = "other_page"
    EMPTY = "empty"
    DOWNLOAD = "download"
    TOO_SLOW = "too_slow"
    TOO_HEAVY = "too_heavy"
    UNREACHABLE = "unreachable"
    ADDRESS_REFUSED = "address_refused"
    BROWSER_BROKE = "browser_broke"


@dataclass(frozen=True)
class Wall:
    """What lies over the page, in the middle of the window: dialogs, and layers that do not scroll."""

    share: float = 0.0
    """Of the window's middle, 0 to 1."""
    text: str = ""
    log_in_field: bool = False


@dataclass(frozen=True)
class PageFacts:
    """What was seen of a page."""

    asked: str
    """The address that was asked for."""
    address: str
    """Where it ended."""
    status: int | None = None
    title: str = ""
    text: str = ""
    """What can be read on the page, also behind a wall."""
    headings: Sequence[str] = field(default_factory=tuple)
    """Visible headings of the first level, and the title the page gives to those who share it."""
    wall: Wall = Wall()
    form_share: float = 0.0
    """Of the window, taken by a visible form that asks for a password."""
    pictures: int = 0
    """Visible pictures of some size."""
    one_colour: bool = False


_COVERS = 0.5
_FORM_DOMINATES = 0.35
_FORM_IS_SMALL_PAGE = 0.08
_SHORT = 1500
_SOME_TEXT = 400
_VERY_SHORT = 20
_LONGEST_LINE = 120
_BETWEEN = re.compile(r"\s+[|•·/–—-]\s+|\s*[|•·()]\s*")


def judge(facts: PageFacts, expected_names: Sequence[str]) -> Reason | None:
    """Why the page is no picture of the account, or None when it is one.

    `expected_names` are what the account is called: its name, its handle. Raises ValueError without any.
    """
    names = [name for name in map(_plain, expected_names) if name]
    if not names:
        raise ValueError("expected_names")
    return next((reason for reason, holds in _QUESTIONS if holds(facts, names)), None)


Question = Callable[[PageFacts, Sequence[str]], bool]


def _is_http_error(facts: PageFacts, names: Sequence[str]) -> bool:
    return facts.status is not None and facts.status >= 400


def _was_sent_to_log_in(facts: PageFacts, names: Sequence[str]) -> bool:
    return _sent_to(facts, LOG_IN_PLACES)


def _shows_log_in_form(facts: PageFacts, names: Sequence[str]) -> bool:
    """A form on top of the page or larger than all else; a small one in a header or hidden is no matter."""
    if facts.wall.share >= _COVERS and facts.wall.log_in_field and not _is_the_page(facts.wall, facts):
        return True
    is_all_there_is = facts.form_share >= _FORM_IS_SMALL_PAGE and len(facts.text) < _SHORT
    return facts.form_share >= _FORM_DOMINATES or is_all_there_is


def _shows_consent_wall(facts: PageFacts, names: Sequence[str]) -> bool:
    """Covered by a question about cookies, or nothing but one. Nobody's consent is given for them."""
    if _sent_to(facts, CONSENT_PLACES):
        return True
    if facts.wall.share >= _COVERS and not _is_the_page(facts.wall, facts):
        return _asks_for_consent(facts.wall.text)
    if _named_in([facts.text], names):
        return False
    return _asks_for_consent(facts.text) and _is_mostly_about_consent(facts.text)


def _invites_to_log_in(facts: PageFacts, names: Sequence[str]) -> bool:
    """No field for a password yet, but nothing to see either before one logs in."""
    wall = facts.wall
    if wall.share >= _COVERS and not _is_the_page(wall, facts) and len(wall.text) < _SHORT:
        return bool(LOG_IN.search(_lower(wall.text)))
    parts = _parts(facts)
    headlines = [part for part in parts if LOG_IN_HEADLINE.fullmatch(_lower(part))]
    others = [part for part in parts if part not in headlines]
    return bool(headlines) and not _named_in(others, names)


def _is_challenge(facts: PageFacts, names: Sequence[str]) -> bool:
    return _says(facts, CHALLENGE)


def _is_error_page(facts: PageFacts, names: Sequence[str]) -> bool:
    return _says(facts, ERROR)


def _is_empty(facts: PageFacts, names: Sequence[str]) -> bool:
    return facts.one_colour or (len(facts.text.strip()) < _VERY_SHORT and facts.pictures == 0)


def _is_of_another(facts: PageFacts, names: Sequence[str]) -> bool:
    """The name stands neither in the title nor in a main heading; a mention in a text is not enough.

    A page that has neither is judged by how its text begins.
    """
    parts = _parts(facts) or [facts.text.strip()[:300]]
    return not _named_in(parts, names)


_QUESTIONS: tuple[tuple[Reason, Question], ...] = (
    (Reason.HTTP_ERROR, _is_http_error),
    (Reason.LOG_IN_REDIRECT, _was_sent_to_log_in),
    (Reason.LOG_IN, _shows_log_in_form),
    (Reason.CONSENT, _shows_consent_wall),
    (Reason.LOG_IN, _invites_to_log_in),
    (Reason.CHALLENGE, _is_challenge),
    (Reason.ERROR_PAGE, _is_error_page),
    (Reason.EMPTY, _is_empty),
    (Reason.OTHER_PAGE, _is_of_another),
)


def wall_before(facts: PageFacts) -> Reason | None:
    """What stands between a visitor and a page, whoever's it is: it says nothing of whose it is."""
    of_somebody = (Reason.OTHER_PAGE, Reason.EMPTY)
    walls = [*(one for one in _QUESTIONS if one[0] not in of_somebody), (Reason.ERROR_PAGE, _is_maintained)]
    return next((reason for reason, holds in walls if holds(facts, ())), None)


def _is_maintained(facts: PageFacts, names: Sequence[str]) -> bool:
    return _says(facts, MAINTENANCE)


def _sent_to(facts: PageFacts, places: frozenset[str]) -> bool:
    """Whether the page ended at such a place although it was not asked for one."""
    return bool(_places(facts.address) & places) and not _places(facts.asked) & places


def _places(address: str) -> set[str]:
    parts = urlsplit(address.lower())
    return {*parts.path.split("/"), (parts.hostname or "").partition(".")[0]}


def _is_the_page(wall: Wall, facts: PageFacts) -> bool:
    """Some pages lie whole in a layer that does not scroll: then it is no wall."""
    return len(facts.text) >= _SOME_TEXT and len(wall.text) >= 0.7 * len(facts.text)


def _asks_for_consent(text: str) -> bool:
    lower = _lower(text)
    return bool(CONSENT_WORD.search(lower) and CONSENT_ANSWER.search(lower))


def _is_mostly_about_consent(text: str) -> bool:
    """At least one such word in 250 characters."""
    return len(CONSENT_WORD.findall(_lower(text))) * 250 >= len(text)


def _says(facts: PageFacts, words: re.Pattern[str]) -> bool:
    """Whether the title, the first heading, a wall or a short page begins a line with the words."""
    first = [*_BETWEEN.split(facts.title), *list(facts.headings)[:1]]
    lines = facts.text.splitlines() if len(facts.text) < _SHORT else []
    covered = facts.wall.share >= _COVERS and len(facts.wall.text) < _SHORT
    wall = facts.wall.text.splitlines() if covered else []
    return any(words.match(_lower(line)) for line in [*first, *lines, *wall] if len(line) <= _LONGEST_LINE)


def _parts(facts: PageFacts) -> list[str]:
    """The title's parts and the headings: "(3) Biblioteket | Facebook" has three."""
    parts = [part for text in (facts.title, *facts.headings) for part in (text, *_BETWEEN.split(text))]
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _named_in(texts: Iterable[str], names: Sequence[str]) -> bool:
    plain = [_plain(text) for text in texts]
    whole = any(f" {name} " in f" {text} " for text in plain for name in names)
    return whole or bool(
        {text.replace(" ", "") for text in plain} & {name.replace(" ", "") for name in names}
    )


def _plain(text: str) -> str:
    """Letters and digits in words, without case, signs and emoji."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(one if one.isalnum() else " " for one in folded).split())


def _lower(text: str) -> str:
    return " ".join(text.replace("’", "'").split()).lower()
