"""Mastodon, and servers that speak as it does. Needs no token.

https://docs.joinmastodon.org/methods/accounts/ (lookup, statuses)
"""

import re
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import quote

from pydantic import BaseModel, Field, RootModel

from connectors.fetching import Answer
from connectors.looking import Look, identified, renamed_says, web_address, wrong_address
from connectors.sights import (
    LONGEST_ADDRESS,
    Moment,
    NotSeen,
    Observation,
    Page,
    Post,
    reach,
    shown_url,
    sight_of,
)
from models.observation import IdentityChange, SightState

SOURCE = "mastodon"
PAGE = 40
"""The most that a server gives at once."""

_NAME = re.compile(r"@?([\w.-]+)(?:@([\w-]+(?:\.[\w-]+)+))?", re.ASCII)
_BEFORE_NAME = ("web", "users")


class Handle(NamedTuple):
    server: str
    name: str


class _Elsewhere(BaseModel):
    url: str | None = None


class _Account(BaseModel):
    id: str
    acct: str = Field(max_length=LONGEST_ADDRESS)
    locked: bool | None = None
    statuses_count: int | None = None
    suspended: bool | None = None
    limited: bool | None = None
    moved: _Elsewhere | None = None


class _Status(BaseModel):
    created_at: Moment
    url: str | None = None
    reblog: object = None


class _Statuses(RootModel[list[_Status]]):
    pass


class _Refusal(BaseModel):
    error: str


def read(look: Look) -> Observation:
    server, name = handle_of(look.subject.address)
    accounts = f"https://{server}/api/v1/accounts"
    account, change = identified(
        look.subject.platform_id,
        lambda: _answer(look, f"{accounts}/lookup?acct={quote(name, safe='')}").read_as(_Account),
        lambda known: _answer(look, f"{accounts}/{quote(known, safe='')}").read_as(_Account),
    )
    _demand_living(account)
    query = f"limit={PAGE}&exclude_reblogs=true&exclude_replies=true"
    page = _page(_answer(look, f"{accounts}/{quote(account.id, safe='')}/statuses?{query}"))
    _demand_open(account, page)
    seen = sight_of(page, source=SOURCE, since=look.since, now=look.now)
    says = " ".join(filter(None, [renamed_says(change, account.acct), _limited_says(account), seen.says]))
    return replace(seen, platform_id=account.id, change=change, says=says)


def occupant(look: Look) -> tuple[_Account, str]:
    """Who has the name on its server, and as what. Raises NotSeen `gone` for nobody, or one shut out."""
    server, name = handle_of(look.subject.address)
    url = f"https://{server}/api/v1/accounts/lookup?acct={quote(name, safe='')}"
    account = _answer(look, url).read_as(_Account)
    if account.suspended:
        raise NotSeen(SightState.GONE, "Kontot är avstängt av serverns ägare.")
    return account, f"@{account.acct}"


def handle_of(address: str) -> Handle:
    """Server and name, of a profile's address or of "@namn@server". Raises NeedsPerson for anything else.

    A profile shown by another server ("https://min.se/@namn@hemma.se") is read at its own.
    """
    parts = web_address(address)
    path = [part for part in parts.path if part not in _BEFORE_NAME] if parts else [address.strip()]
    name = _NAME.fullmatch(path[0]) if path else None
    server = (name[2] or (parts.host if parts else "")).lower() if name else ""
    if name is None or "." not in server:
        raise wrong_address("Skriv kontots adress så här: https://server.se/@namn.")
    return Handle(server, name[1])


def _answer(look: Look, url: str) -> Answer:
    answer = look.get(url)
    if answer.status in (404, 410):
        answer.read_as(_Refusal)
        raise NotSeen(SightState.GONE, "Kontot finns inte på servern.")
    if answer.status in (401, 403):
        raise NotSeen(SightState.NO_PERMISSION, "Servern visar inte konton för den som inte är inloggad.")
    if answer.status != 200:
        raise NotSeen(SightState.MALFORMED, f"Servern svarade oväntat ({answer.status}).")
    return answer


def _demand_living(account: _Account) -> None:
    if account.suspended:
        raise NotSeen(SightState.GONE, "Kontot är avstängt av serverns ägare.")
    if account.moved is not None:
        says = f"Kontot har flyttat till {shown_url(account.moved.url) or 'en annan server'}. Rätta adressen."
        raise NotSeen(SightState.GONE, says, change=IdentityChange.MOVED)


def _demand_open(account: _Account, page: Page) -> None:
    """An account that only followers may read looks empty to others."""
    if account.locked and account.statuses_count and not page.posts:
        raise NotSeen(SightState.PRIVATE, "Kontots inlägg visas bara för godkända följare.")


def _limited_says(account: _Account) -> str:
    return "Servern har begränsat kontots synlighet." if account.limited else ""


def _page(answer: Answer) -> Page:
    statuses = answer.read_as(_Statuses).root
    more = len(statuses) >= PAGE or 'rel="next"' in answer.headers.get("link", "")
    return Page(
        posts=[Post(one.created_at, one.url) for one in statuses if one.reblog is None],
        reaches_to=reach((one.created_at for one in statuses), more=more),
    )
