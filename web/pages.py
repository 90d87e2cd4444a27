"""The templates, and how dates and times are written in them, in the language spoken."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from languages.speaking import (
    LANGUAGES,
    capital,
    day_words,
    language,
    moment_words,
    said,
    speech,
    swedish,
    untranslated,
    with_elements,
)
from models import AccountClass
from policies.keys import AccountKind, Platform
from policies.naming import PROFILE_NAMES, class_name, platform_name
from web.blame import field_blamed
from web.register_words import unit_word

HERE = Path(__file__).parent


def day(value: date | datetime | str, zone: str) -> str:
    """1 december 2026"""
    return day_words(_local(value, zone))


def weekday(value: date | datetime | str, zone: str) -> str:
    """tisdag 1 december 2026"""
    return format_date(_local(value, zone), said("EEEE d MMMM y"), locale=language())


def moment(value: datetime, zone: str) -> str:
    """1 december 2026 kl. 14.05"""
    return moment_words(value.astimezone(ZoneInfo(zone)))


def hour(value: datetime, zone: str) -> str:
    """14.05"""
    return format_datetime(value, said("HH.mm"), tzinfo=ZoneInfo(zone), locale=language())


def _last_day(until: date) -> date:
    """The last day of a role that ends on `until`."""
    return until - timedelta(days=1)


def _local(value: date | datetime | str, zone: str) -> date:
    if isinstance(value, str):
        return date.fromisoformat(value)
    return value.astimezone(ZoneInfo(zone)).date() if isinstance(value, datetime) else value


def platform_word(platform: str) -> str:
    """A platform's name, or nothing when none is chosen yet."""
    return platform_name(Platform(platform)) if platform else ""


def class_word(account_class: AccountClass | str) -> str:
    """What kind of account it is, e.g. "enhetens konto"."""
    return class_name(AccountKind(str(account_class)))


def paragraphs(text: str) -> list[str]:
    """What somebody wrote, line by line, without empty lines."""
    return [line.strip() for line in str(text).splitlines() if line.strip()]


def web_address(text: str) -> str:
    """An account's address as a browser takes it: nothing but the web is linked to."""
    return text if re.match(r"https?://", text, re.IGNORECASE) else f"https://{text}"


def xml_text(text: str) -> str:
    """The text without the signs that no XML may hold."""
    return "".join(one for one in text if one >= " " and one not in "\ufffe\uffff")


def size_words(count: int) -> str:
    """120 kB, 1,4 MB"""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} kB"
    return f"{format_decimal(count / 1_000_000, '0.0', locale=language())} MB"


FILTERS: dict[str, Callable[..., Any]] = {
    "platform": platform_word,
    "account_class": class_word,
    "paragraphs": paragraphs,
    "capitalize_first": capital,
    "size": size_words,
    "web_address": web_address,
    "xml_text": xml_text,
    "profile": PROFILE_NAMES.__getitem__,
    "at_sign": "@{}".format,
    "sv": swedish,
    "unit": unit_word,
}


@cache
def environment() -> Environment:
    """The templates; whatever people wrote is escaped, and a missing value is an error."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        untranslated, lambda one, several, count: untranslated(one, count, several), newstyle=True
    )
    environment.filters |= FILTERS
    environment.globals["blamed"] = field_blamed
    return environment


def render(template: str, **values: Any) -> str:
    """A page as HTML, with dates in the municipality's zone."""
    municipality = values.setdefault("municipality", None)
    zone = municipality.time_zone if municipality else "Europe/Stockholm"
    page = (
        environment()
        .get_template(template)
        .render(**values, **_dates(zone), spoken=speech(), languages=LANGUAGES)
    )
    return with_elements(page)


def _dates(zone: str) -> dict[str, Callable[[Any], Any]]:
    return {
        "day": partial(day, zone=zone),
        "weekday": partial(weekday, zone=zone),
        "moment": partial(moment, zone=zone),
        "hour": partial(hour, zone=zone),
        "last_day": _last_day,
    }
