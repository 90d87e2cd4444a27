"""Sets values into a template of ours and writes it as a paper."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from papers.pdfa import Profile, write

_TEMPLATES = Path(__file__).parent / "templates"


def render(
    template: str,
    values: Mapping[str, object],
    profile: Profile,
    *,
    title: str,
    created_at: datetime,
    identifier: str,
    images: Mapping[str, bytes] | None = None,
) -> bytes:
    """The paper of a template in papers/templates, e.g. `"decision.html"`.

    Each extends base.html, which wants `municipality` and `kind` (what sort of paper) among the values;
    `title` is the paper's heading and its name in the metadata. A missing value raises jinja2.UndefinedError.
    Values are escaped. Raises CannotWrite as papers.pdfa.write does.
    """
    html = _environment().get_template(template).render(title=title, **values)
    return write(html, profile, title=title, created_at=created_at, identifier=identifier, images=images)


def moment(at: datetime, zone: str) -> str:
    """25 november 2026 kl. 09.14.05 (Europe/Stockholm, UTC+01:00); `at` is aware."""
    if at.utcoffset() is None:
        raise ValueError(f"no time zone: {at}")
    local = at.astimezone(ZoneInfo(zone)).replace(microsecond=0)
    written = format_datetime(local, "d MMMM y 'kl.' HH.mm.ss", tzinfo=ZoneInfo(zone), locale="sv")
    return f"{written} ({zone}, UTC{local.isoformat()[-6:]})"


def day(value: date | datetime, zone: str) -> str:
    """25 november 2026; an instant's day in the zone."""
    local = value.astimezone(ZoneInfo(zone)).date() if isinstance(value, datetime) else value
    return format_date(local, "d MMMM y", locale="sv")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = {"moment": moment}
    environment.filters.update(filters)
    return environment
