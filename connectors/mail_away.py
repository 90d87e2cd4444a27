"""Answers that machines give: out of office, in Swedish or English, and other receipts (RFC 3834).

Of why somebody is away nothing is kept: only the days, as far as they can be read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from connectors.mail_parts import Mail
from models import ReturnedAs

_FURTHEST = timedelta(days=400)
_SUBJECT_AWAY = re.compile(
    r"^(re:\s*|sv:\s*)*(automatic reply|autosvar|automatiskt svar|autoreply|auto[- ]?reply|auto:"
    r"|out of (the )?office|frånvaro|frånvarande|ej på plats|inte på plats|ledig|semester"
    r"|on (vacation|leave|holiday)|vacation|away from)",
    re.I,
)
_AWAY = re.compile(
    r"\b(semester|ledig|ledighet|tjänstledig|föräldraledig|frånvarande|frånvaro|sjukskriven|vård av barn|vab"
    r"|inte på plats|ej på plats|inte i tjänst|tillbaka (den|på|i tjänst|igen)|åter (den|på|i tjänst|igen)"
    r"|är åter|slutat (min|mitt|på|hos)|tjänsteresa|out of (the )?office|on (annual |parental |sick )?leave"
    r"|on vacation|on holiday|away (from|until)|back (on|in the office)|return(ing)? (on|to the office)"
    r"|not in the office|parental leave|limited access to (my )?e-?mail)\b",
    re.I,
)
_CASE_SYSTEM = re.compile(
    r"\b(ärende(nummer|id)?|ticket|case (number|id)|request (number|id)|vi har tagit emot|har mottagits"
    r"|we have received|has been received|support(ärende)?|servicedesk|kundtjänst|kontaktcenter)\b"
    r"|\[[A-Z]{2,}-\d+\]",
    re.I,
)
_MARKS = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-Vacation", "X-AutoReply-From", "Auto-Reply")


def is_automatic(mail: Mail) -> bool:
    """Whether a machine answers; many do without saying so, and then the subject tells it."""
    submitted = mail.header("Auto-Submitted").lower().partition(";")[0].strip()
    if submitted and submitted != "no":
        return True
    if any(mail.header(one) for one in _MARKS):
        return True
    if mail.header("Precedence").lower() in ("auto_reply", "auto-reply", "autoreply", "junk"):
        return True
    suppressed = mail.header("X-Auto-Response-Suppress").lower()
    by_exchange = any(one in suppressed for one in ("all", "oof", "autoreply"))
    return by_exchange or bool(_SUBJECT_AWAY.match(mail.header("Subject")))


def automatic_kind(mail: Mail) -> ReturnedAs:
    """Whether somebody is away, or a case system has received something."""
    subject, text = mail.header("Subject"), mail.text[:6000]
    if _CASE_SYSTEM.search(f"{subject}\n{text}") and not _AWAY.search(text):
        return ReturnedAs.AUTOMATIC
    away = _AWAY.search(text) or _AWAY.search(subject) or _SUBJECT_AWAY.match(subject)
    return ReturnedAs.AWAY if away else ReturnedAs.AUTOMATIC


# ---------------------------------------------------------------- days

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari jan january",
            "februari feb february",
            "mars mar march",
            "april apr",
            "maj may",
            "juni jun june",
            "juli jul july",
            "augusti aug august",
            "september sep sept",
            "oktober okt october oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "måndag monday",
            "tisdag tuesday",
            "onsdag wednesday",
            "torsdag thursday",
            "fredag friday",
            "lördag saturday",
            "söndag sunday",
        )
    )
    for name in names.split()
}
_M = "|".join(sorted(_MONTHS, key=len, reverse=True))
_W = "|".join(_WEEKDAYS)
_TH = r"(?:st|nd|rd|th|:?e|:?a)?"
_DAY = re.compile(
    rf"(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)"
    rf"|\b(?P<d1>\d{{1,2}}){_TH}\s*(?:[-–—]|till|to)\s*(?=\d{{1,2}}{_TH}\s+(?:of\s+)?(?:{_M})\b)"
    rf"|\b(?P<d2>\d{{1,2}}){_TH}\s+(?:of\s+)?(?P<m2>{_M})\b\.?(?:,?\s+(?P<y2>20\d\d))?"
    rf"|\b(?P<m3>{_M})\s+(?P<d3>\d{{1,2}}){_TH}\b(?:,?\s+(?P<y3>20\d\d))?"
    rf"|(?<![\d/.-])(?P<d4>\d{{1,2}})/(?P<m4>\d{{1,2}})(?:[-/ ](?P<y4>20\d\d))?(?![\d/])"
    rf"|\b(?P<wd>{_W})(?:en)?\b",
    re.I,
)
_WEEK = re.compile(
    r"\b(?:vecka|veckorna|v\.?|week|weeks)\s*(?P<from>\d{1,2})(?:\s*(?:[-–—]|till|to|och|and)\s*(?P<to>\d{1,2}))?\b",
    re.I,
)
_GAP = r"\W*(?:(?:den|the|of|on|i|in|my|kontoret|office|work|igen|again|tjänst|jobbet|arbetet|to|på|again"
_CUE_GAP = rf"{_GAP}|{_W})\W+){{0,5}}$"
_BACK = re.compile(
    rf"\b(?:åter|tillbaka|återkommer|back|return|returning|resume|at work again){_CUE_GAP}", re.I
)
_LAST = re.compile(
    r"(?:\bt\.?\s?o\.?\s?m\b\.?|\btill och med|\btill|\buntil|\bthrough|\bto|\boch|\band|[-–—])"
    rf"{_CUE_GAP}",
    re.I,
)
_FIRST = re.compile(
    rf"\b(?:fr\.?\s?o\.?\s?m\b\.?|från och med|från|from|mellan|between|starting|som börjar){_CUE_GAP}", re.I
)


@dataclass(frozen=True)
class Away:
    """The days that somebody says they are away, as far as they could be read."""

    from_on: date | None = None
    until_on: date | None = None
    """First day back."""


@dataclass(frozen=True)
class _Said:
    """A day in a text, and the words before it."""

    on: date
    before: str
    by_weekday: bool


def days_away(text: str, sent_on: date) -> Away:
    """From when to when, as a text says; a day that has passed, or is too far off, says nothing."""
    weeks = _weeks(text, sent_on)
    if weeks is not None:
        return _sound(weeks, sent_on)
    first: date | None = None
    last: date | None = None
    back: date | None = None
    weekday: date | None = None
    for one in _days(text[:4000], sent_on):
        if one.by_weekday:
            weekday = weekday or (one.on if _BACK.search(one.before) or _LAST.search(one.before) else None)
        elif _BACK.search(one.before):
            back = back or one.on
        elif _FIRST.search(one.before) or _begins_range(one):
            first = first or one.on
        elif _LAST.search(one.before):
            last = last or one.on
    until_on = back or (last + timedelta(days=1) if last else weekday)
    return _sound(Away(first, until_on), sent_on)


def _begins_range(one: _Said) -> bool:
    return one.before.endswith("\x00")


def _sound(found: Away, sent_on: date) -> Away:
    until_on, from_on = found.until_on, found.from_on
    if until_on is None or not sent_on < until_on <= sent_on + _FURTHEST:
        return Away()
    if from_on is not None and not sent_on - _FURTHEST < from_on < until_on:
        from_on = None
    return Away(from_on, until_on)


def _days(text: str, sent_on: date) -> Iterator[_Said]:
    for found in _DAY.finditer(text):
        on = _day_of(found, text, sent_on)
        if on is not None:
            follows = re.match(r"\s*[-–—]\s*", text[found.end() :])
            begins = found["d1"] or (follows and _DAY.match(text, found.end() + follows.end()))
            before = text[max(0, found.start() - 40) : found.start()].replace("\n", " ")
            yield _Said(on, f"{before}\x00" if begins else before, bool(found["wd"]))


def _day_of(found: re.Match[str], text: str, sent_on: date) -> date | None:
    if found["wd"]:
        return _next_weekday(found, text, sent_on)
    if found["y"]:
        return _date(int(found["y"]), int(found["m"]), int(found["d"]))
    if found["d1"]:
        later = _DAY.match(text, found.end())
        month = _MONTHS[later["m2"].lower()] if later and later["m2"] else 0
        return _nearest(month, int(found["d1"]), later["y2"] if later else None, sent_on)
    if found["d2"]:
        return _nearest(_MONTHS[found["m2"].lower()], int(found["d2"]), found["y2"], sent_on)
    if found["d3"]:
        return _nearest(_MONTHS[found["m3"].lower()], int(found["d3"]), found["y3"], sent_on)
    day, month = int(found["d4"]), int(found["m4"])
    if month > 12 >= day:
        day, month = month, day
    return _nearest(month, day, found["y4"], sent_on)


def _next_weekday(found: re.Match[str], text: str, sent_on: date) -> date | None:
    """A day of the week, where no date follows it."""
    after = re.match(r"\W*(?:den|the)?\W*", text[found.end() :])
    if after and _DAY.match(text, found.end() + after.end()):
        return None
    ahead = (_WEEKDAYS[found["wd"].lower()] - sent_on.weekday()) % 7 or 7
    return sent_on + timedelta(days=ahead)


def _nearest(month: int, day: int, year: str | None, sent_on: date) -> date | None:
    """A day without a year is the nearest that has not long passed."""
    if year:
        return _date(int(year), month, day)
    this = _date(sent_on.year, month, day)
    if this is None:
        return None
    if this < sent_on - timedelta(days=120):
        return _date(sent_on.year + 1, month, day)
    return this if this < sent_on + timedelta(days=245) else _date(sent_on.year - 1, month, day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _weeks(text: str, sent_on: date) -> Away | None:
    found = _WEEK.search(text[:4000])
    if found is None:
        return None
    first, last = int(found["from"]), int(found["to"] or found["from"])
    year, week, _ = sent_on.isocalendar()
    begins = _monday(year + (first < week - 8), first)
    ends = _monday(begins.isocalendar()[0] + (last < first), last) if begins else None
    return Away(begins, ends + timedelta(days=7)) if begins and ends else None


def _monday(year: int, week: int) -> date | None:
    try:
        return date.fromisocalendar(year, week, 1)
    except ValueError:
        return None
