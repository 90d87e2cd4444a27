"""One question to the register, the same for the page and every other format."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import get_args
from urllib.parse import urlencode

from fastapi import Request
from sqlmodel import Session

from lifecycle.law import Law, law_in_force
from lifecycle.register import Entry
from lifecycle.register_book import Register, Standing, Wanted
from models import Municipality
from policies.keys import Platform
from web.desk import Desk, desk_of
from web.turning import not_found
from web.visits import id_in, municipality_at

TEXT, PLATFORM, UNIT, STANDING, PAGE, ADDRESS = "q", "plattform", "enhet", "visa", "sida", "adress"
"""What the parts of a question are called in addresses."""
STANDING_WORDS: Mapping[str, Standing] = dict(
    zip(("alla", "oppna", "avslutade"), ("all", "open", "closed"), strict=True)
)
assert set(STANDING_WORDS.values()) == set(get_args(Standing))
_LONGEST = 200
"""Characters of a search."""


@dataclass(frozen=True)
class Opened:
    """A municipality's register, as it is now."""

    desk: Desk
    session: Session
    municipality: Municipality
    law: Law
    register: Register
    now: datetime

    @property
    def base(self) -> str:
        """The register's own address."""
        return f"/{self.municipality.slug}/konton"

    @property
    def site(self) -> str:
        """The same, whole: for what is read elsewhere."""
        return f"{self.desk.settings.portal_url.rstrip('/')}{self.base}"


@contextmanager
def register_at(request: Request, slug: str) -> Iterator[Opened]:
    """The register of the municipality in the address."""
    desk = desk_of(request)
    now = desk.now()
    with desk.reads() as session:
        municipality = municipality_at(session, slug)
        number = municipality.id or 0
        law = law_in_force(session, number, now)
        with desk.registers.open(session, number, now) as register:
            yield Opened(desk, session, municipality, law, register, now)


def wanted_by(asked: Mapping[str, str]) -> Wanted:
    """What is asked for; what is not understood does not matter."""
    return Wanted(
        text=asked.get(TEXT, "").strip()[:_LONGEST],
        platform=platform_of(asked),
        unit=asked.get(UNIT, "").strip()[:_LONGEST],
        standing=STANDING_WORDS.get(asked.get(STANDING, ""), "all"),
    )


def platform_of(asked: Mapping[str, str]) -> Platform | None:
    """The platform that is named."""
    named = asked.get(PLATFORM, "")
    return Platform(named) if named in list(Platform) else None


def page_number(asked: Mapping[str, str]) -> int:
    """The page that is asked for, else the first."""
    number = asked.get(PAGE, "")
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 7 else 1


def as_query(asked: Mapping[str, str], **changed: object) -> str:
    """The same question, with something changed, as it stands after an address; empty for none."""
    words = {name: asked[name] for name in (TEXT, PLATFORM, UNIT, STANDING) if asked.get(name)}
    written = urlencode({**words, **{name: value for name, value in changed.items() if value}})
    return f"?{written}" if written else ""


def entry_at(opened: Opened, request: Request) -> Entry:
    """The entry in the address."""
    entry = opened.register.entry(id_in(request, "account_id"))
    if entry is None:
        raise not_found()
    return entry
