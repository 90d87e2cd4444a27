"""The register for machines: JSON, a table file, a feed of what has happened; and their description."""

from collections.abc import Iterator
from datetime import date, datetime
from heapq import nlargest
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Query, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

from acts.handing_out import as_csv
from lifecycle import register_book
from lifecycle.register import FIELDS, Entry
from lifecycle.register_book import page_of
from lifecycle.working_days import midnight
from policies.keys import Platform
from policies.naming import platform_name
from web.desk import desk_of
from web.pages import render
from web.register_query import ADDRESS, Opened, as_query, page_number, platform_of, register_at, wanted_by
from web.register_words import (
    COLUMNS,
    FILE_NAME,
    FORMER,
    OFFICIAL_DOUBTS,
    OFFICIAL_LACKS,
    OFFICIAL_SAYS,
    standing_of,
)
from web.visits import municipality_at

router = APIRouter()
JSON_SIZE = 100
FEED_SIZE = 100
"""The latest events; older ones stand on the accounts' pages."""


class FormerAddress(BaseModel):
    """An address that was the account's until a day."""

    address: str
    until: date


class Account(BaseModel):
    """One account. What the municipality does not make public is left out."""

    id: int
    name: str
    platform: Platform
    platform_name: str = Field(description="Plattformens namn på svenska")
    open: bool
    under_investigation: bool = Field(False, description="Kommunen utreder om någon annan har kontot nu")
    address: str | None = None
    unit: str | None = None
    role: str | None = None
    person: str | None = None
    purpose: str | None = None
    target_group: str | None = None
    since: date | None = Field(None, description="Första dagen")
    until: date | None = Field(None, description="Sista dagen")
    former_addresses: list[FormerAddress] = []
    page: str = Field(description="Kontots sida i förteckningen")


class Register(BaseModel):
    """One page of the accounts that were asked for."""

    municipality: str
    total: int
    page: int
    pages: int
    next: str | None = Field(None, description="Adressen till nästa sida, om det finns en")
    accounts: list[Account]


class Official(BaseModel):
    """Whether an address is one of the municipality's: "is" is the only yes.

    "Unknown" says no more than that it is not known; because of what, where there is something to say.
    """

    answer: Literal["is", "was", "unknown"]
    says: str = Field(description="Svaret med ord")
    until: date | None = Field(None, description="Sista dagen, när adressen har varit kommunens")
    because: Literal["account", "platform", "address", "sender", "takeover"] | None = Field(
        None,
        description="Varför svaret är unknown: adressen säger inte vilket konto (account) eller vilken "
        "plattform (platform) det gäller, är ingen adress (address), nämner ett av våra konton men kan leda "
        "till något som någon annan har lagt ut (sender), eller är registrerad men kan vara någon annans nu "
        "(takeover)",
    )
    judged: str | None = Field(
        None, description="Adressen som svaret gäller, när den stod inne i den adress som frågan gällde"
    )
    account: Account | None = Field(
        None, description="Kontot som adressen hör till, hörde till eller nämner. Bara answer säger vilket"
    )
    report: str = Field(description="Sidan där ett okänt konto kan anmälas")


Q = Query("", description="Ord att söka efter; felstavningar går bra")
PLATFORM = Query("", description="Plattform, t.ex. instagram")
UNIT = Query("", description="Enhetens namn")
STANDING = Query("", description="alla, oppna eller avslutade")
PAGE = Query("", description="Sida, från 1")


@router.get("/{slug}/konton.json", response_model=Register, response_model_exclude_none=True)
def as_json(
    request: Request,
    slug: str,
    q: str = Q,
    plattform: str = PLATFORM,
    enhet: str = UNIT,
    visa: str = STANDING,
    sida: str = PAGE,
) -> Register:
    """Kommunens konton, hundra åt gången."""
    asked = request.query_params
    with register_at(request, slug) as it:
        page = page_of(it.register.find(wanted_by(asked)), page_number(asked), JSON_SIZE)
        following = as_query(asked, sida=page.number + 1) if page.number < page.pages else ""
        return Register(
            municipality=it.municipality.name,
            total=page.total,
            page=page.number,
            pages=page.pages,
            next=f"{it.site}.json{following}" if following else None,
            accounts=[_account(it, entry) for entry in page.entries],
        )


def _account(it: Opened, entry: Entry) -> Account:
    return Account(
        id=entry.account_id,
        name=entry.name,
        platform=entry.platform,
        platform_name=platform_name(entry.platform),
        open=entry.is_open,
        under_investigation=entry.is_open and entry.is_investigated,
        **{name: getattr(entry, name) for name in (*FIELDS, "since", "until")},
        former_addresses=[FormerAddress(address=one.address, until=one.until) for one in entry.former],
        page=f"{it.site}/{entry.account_id}",
    )


@router.get("/{slug}/konton/officiellt.json", response_model=Official, response_model_exclude_none=True)
def official_as_json(
    request: Request,
    slug: str,
    adress: str = Query("", description="Adressen till ett konto eller ett inlägg, eller ett namn med @"),
    plattform: str = PLATFORM,
) -> Official:
    """Är adressen en av kommunens?"""
    with register_at(request, slug) as it:
        found = it.register.whose(adress, platform_of(request.query_params))
        return Official(
            answer=found.answer,
            says=_says(found),
            until=found.until,
            because=found.lacks or found.doubt or None,
            judged=found.judged or None,
            account=_account(it, found.entry) if found.entry else None,
            report=f"{it.site}/rapportera?{ADDRESS}={quote(adress[:300], safe='')}",
        )


def _says(found: register_book.Official) -> str:
    if found.doubt:
        return OFFICIAL_DOUBTS[found.doubt]
    return OFFICIAL_LACKS[found.lacks] if found.lacks else OFFICIAL_SAYS[found.answer]


class TableFile(Response):
    """A table that a spreadsheet opens."""

    media_type = "text/csv; charset=utf-8"


@router.get("/{slug}/konton.csv", response_class=TableFile)
def as_table(
    request: Request,
    slug: str,
    q: str = Q,
    plattform: str = PLATFORM,
    enhet: str = UNIT,
    visa: str = STANDING,
) -> TableFile:
    """Kommunens konton som tabell, alla på en gång."""
    with register_at(request, slug) as it:
        rows = [_row(entry) for entry in it.register.find(wanted_by(request.query_params))]
    shown = [name for name in COLUMNS if any(row.get(name) is not None for row in rows)] or list(COLUMNS)[:3]
    content = as_csv(
        [COLUMNS[name] for name in shown], ([row.get(name) or "" for name in shown] for row in rows)
    )
    name = quote(FILE_NAME.format(slug=it.municipality.slug))
    return TableFile(content, headers={"content-disposition": f"attachment; filename*=UTF-8''{name}"})


def _row(entry: Entry) -> dict[str, str]:
    former = [FORMER.format(address=one.address, until=one.until) for one in entry.former]
    standing = {"standing": standing_of(entry)}
    return {**entry.facts(), **standing, **({"former": ", ".join(former)} if former else {})}


class Feed(Response):
    """A feed that a reader follows."""

    media_type = "application/atom+xml; charset=utf-8"


@router.get("/{slug}/konton.atom", response_class=Feed)
def as_feed(
    request: Request,
    slug: str,
    q: str = Q,
    plattform: str = PLATFORM,
    enhet: str = UNIT,
    visa: str = STANDING,
) -> Feed:
    """Konton som har öppnats, avslutats eller fått ny adress, det senaste först."""
    asked = request.query_params
    with register_at(request, slug) as it:
        found = [one for entry in it.register.find(wanted_by(asked)) for one in _happened(entry)]
    latest = nlargest(FEED_SIZE, found, key=lambda one: (one[0], one[2].account_id))
    zone = it.municipality.time_zone
    return Feed(
        render(
            "register/feed.xml",
            municipality=it.municipality,
            site=it.site,
            authority=urlsplit(it.site).hostname,
            query=as_query(asked),
            happened=[(midnight(on, zone).isoformat(), on, what, entry) for on, what, entry in latest],
            updated=(midnight(latest[0][0], zone) if latest else _epoch(it.now)).isoformat(),
        )
    )


def _epoch(now: datetime) -> datetime:
    return now.replace(microsecond=0)


def _happened(entry: Entry) -> Iterator[tuple[date, str, Entry]]:
    """What is public about an account's life: it gets a new address on the old one's last day."""
    if entry.since:
        yield entry.since, "opened", entry
    for former in entry.former:
        yield former.until, "moved", entry
    if entry.until and not entry.is_open:
        yield entry.until, "closed", entry


@router.get("/{slug}/konton/openapi.json", include_in_schema=False)
def description(request: Request, slug: str) -> JSONResponse:
    """These addresses, as OpenAPI says it; the portal's other pages are no interface."""
    with desk_of(request).reads() as session:
        municipality_at(session, slug)
    routes = [one for one in router.routes if isinstance(one, APIRoute)]
    return JSONResponse(_described(routes))


def _described(routes: list[APIRoute]) -> dict[str, Any]:
    return get_openapi(
        title="Kanalvakt",
        version="1",
        description="Den offentliga förteckningen över en kommuns konton i sociala medier.",
        routes=routes,
    )
