"""Words and dates as letters write them in the language spoken, and what foreign text may not break."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from languages.speaking import LANGUAGES, language, said
from models import Account, AccountRoleKind, Outcome, Person
from policies.naming import listed

_ACCOUNT_NOUNS = {
    "facebook": ("en Facebooksida", "Facebooksidan"),
    "instagram": ("ett Instagramkonto", "Instagramkontot"),
    "linkedin": ("en LinkedIn-sida", "LinkedIn-sidan"),
    "youtube": ("en YouTube-kanal", "YouTube-kanalen"),
    "x": ("ett X-konto", "X-kontot"),
    "tiktok": ("ett TikTok-konto", "TikTok-kontot"),
    "threads": ("ett Threads-konto", "Threads-kontot"),
    "mastodon": ("ett Mastodonkonto", "Mastodonkontot"),
    "bluesky": ("ett Bluesky-konto", "Bluesky-kontot"),
    "flickr": ("ett Flickr-konto", "Flickr-kontot"),
    "vimeo": ("en Vimeo-kanal", "Vimeo-kanalen"),
    "podcast": ("en podd", "podden"),
    "blog": ("en blogg", "bloggen"),
    "snapchat": ("ett Snapchat-konto", "Snapchat-kontot"),
}
_ANY_ACCOUNT = ("ett konto", "kontot")
NUMBERS = ("noll", "en", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv")
OUTCOMES = {
    Outcome.APPROVE: "godkänt",
    Outcome.DECLINE: "avslag",
    Outcome.ASK_FOR_CHANGES: "ändringar begärda",
    Outcome.ANSWERED: "svar lämnat",
    Outcome.CONFIRMED: "bekräftat",
    Outcome.TOLD: "underrättad",
    Outcome.SKIPPED: "överhoppat",
    Outcome.KEEP: "behålls",
    Outcome.CONTINUE: "fortsätter",
    Outcome.CHANGE: "ändras",
    Outcome.REST: "vilar",
    Outcome.CLOSE: "avslutas",
}
ROLES = {
    AccountRoleKind.RESPONSIBLE: "ansvarig",
    AccountRoleKind.ADMINISTRATOR: "administratör",
    AccountRoleKind.SUBSTITUTE: "ersättare",
    AccountRoleKind.GUEST: "gäst",
}
DUTIES = {
    "watch": "bevakning",
    "posting": "publicering",
    "inactivity": "bedömning när kontot inte sköts",
    "documentation": "bild av kontot",
    "weeding": "gallring",
    "evaluation": "utvärdering",
}
"""What an account can be let off."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u0085\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_EDGE = re.compile(r"(> |- |  )*")
_WIDTH = 72
_BOUND = "\x00"
"""In the place of a space at which no line may end; `line` lets none through."""


def account_words(account: Account) -> str:
    """The account as a sentence names it: Instagramkontot ”Biblioteket”, or ett Instagramkonto."""
    indefinite, definite = _ACCOUNT_NOUNS.get(account.platform, _ANY_ACCOUNT)
    name = line(account.name, 80)
    return said("%(account)s ”%(name)s”", account=said(definite), name=name) if name else said(indefinite)


def person_words(person: Person | None) -> str:
    """Name and title of somebody in their role; Kanalvakt for what followed from the process."""
    if person is None:
        return "Kanalvakt"
    return f"{line(person.name)} ({line(person.title)})" if person.title else line(person.name)


def names(people: Iterable[Person]) -> str:
    """Anna Ek, Per Ås och Sara Lind"""
    return listed([line(one.name) for one in people])


def day(value: date | datetime | str, zone: str) -> str:
    """tisdag 1 december 2026"""
    if isinstance(value, str):
        value = date.fromisoformat(value)
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(zone)).date()
    return format_date(value, said("EEEE d MMMM y"), locale=language())


def moment(value: datetime, zone: str) -> str:
    """tisdag 1 december 2026 kl. 14.05"""
    pattern = said("EEEE d MMMM y 'kl.' HH.mm")
    return format_datetime(value, pattern, tzinfo=ZoneInfo(zone), locale=language())


def number(count: int) -> str:
    """12 345: with spaces that do not break."""
    return format_decimal(count, locale="sv")


def number_words(count: int) -> str:
    """Small numbers as they are spelled."""
    return said(NUMBERS[count]) if count < len(NUMBERS) else str(count)


def line(text: object, limit: int = 300) -> str:
    """The text on one line, without control characters, shortened at a word if need be."""
    flat = " ".join(_CONTROL.sub(" ", str(text)).split())
    if len(flat) <= limit:
        return flat
    return textwrap.shorten(flat, limit, placeholder=" …") if " " in flat[:limit] else f"{flat[: limit - 1]}…"


def paragraphs(text: object, limit: int = 4000) -> list[str]:
    """What somebody wrote, line by line, without control characters and empty lines."""
    lines = [line(one, limit) for one in str(text)[:limit].splitlines()]
    return [one for one in lines if one]


def is_web_address(text: str) -> bool:
    """Whether an address may be led to: on the web, of a reasonable length, on one line."""
    return text == line(text) and re.match(r"https?://[^\s/?#]", text) is not None


def subject_line(text: str) -> str:
    """One line of at most 119 characters, whatever stands in it."""
    flat = line(text, 1000)
    return flat if len(flat) < 120 else f"{flat[:118].rstrip()}…"


def wrapped(text: str) -> str:
    """Text in lines of at most 72 characters; addresses stay whole, lists and quotes keep their edge."""
    lines = [piece for one in text.strip().splitlines() for piece in _wrapped_line(one.rstrip())]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def _wrapped_line(text: str) -> Sequence[str]:
    """Dates, hours and what is numbered stay together."""
    found = _EDGE.match(text)
    edge = found.group() if found else ""
    whole = textwrap.wrap(
        _together().sub(lambda found: found.group().replace(" ", _BOUND), text[len(edge) :]),
        _WIDTH,
        initial_indent=edge,
        subsequent_indent=edge.replace("-", " "),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [one.replace(_BOUND, " ") for one in whole] or [""]


@cache
def _together() -> re.Pattern[str]:
    """tisdag 1 december 2026, kl. 17.00, avsnitt 3, § 82"""
    spoken = [Locale(one) for one in LANGUAGES]
    weekday = _any_of(name for one in spoken for name in one.days["format"]["wide"].values())
    month = _any_of(name for one in spoken for name in one.months["format"]["wide"].values())
    numbered = r"kl\.|at|avsnitt|section|punkt|point|kapitel|chapter|artikel|article|sidan|page|[Kk]rav|§"
    return re.compile(
        rf"(?:\b{weekday} )?\b\d{{1,2}} {month}\b(?: \d{{4}}\b)?|(?:\b|(?=§))(?:{numbered}) \d\S*"
    )


def _any_of(names: Iterable[str]) -> str:
    return f"(?:{'|'.join(names)})"
