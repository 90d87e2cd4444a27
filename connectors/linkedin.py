"""LinkedIn organisations, with a token of a member who has a role in the organisation's page.

https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api
LinkedIn's terms let nothing be kept of a post but when it was published.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import quote

from pydantic import BaseModel, Field

from connectors.fetching import Answer
from connectors.looking import Look, bearer, web_address, wrong_address
from connectors.sights import NotSeen, Observation, Page, Post, is_telling, reach, sight_of
from connectors.versions import LINKEDIN
from models.observation import SightState

SOURCE = "linkedin"
API = "https://api.linkedin.com/rest/posts"
PAGE = 50
MOST_PAGES = 3
"""How many pages of nothing but changed old posts are read in search of a new one."""

_NUMBER = re.compile(r"(?:urn:li:organization:)?([0-9]{1,20})", re.ASCII)
_PUBLISHED = "PUBLISHED"


_Milliseconds = Annotated[int, Field(ge=0, lt=253_402_300_800_000)]
"""Since 1970, and before the year 10000."""


class _Element(BaseModel):
    id: str
    published_at: _Milliseconds | None = Field(default=None, validation_alias="publishedAt")
    last_modified_at: _Milliseconds = Field(validation_alias="lastModifiedAt")
    lifecycle_state: str = Field(default=_PUBLISHED, validation_alias="lifecycleState")


class _Elements(BaseModel):
    elements: list[_Element]


def read(look: Look) -> Observation:
    number = organisation_of(look)
    headers = {
        **bearer(look.tokens.linkedin, "LinkedIn"),
        "LinkedIn-Version": LINKEDIN,
        "X-Restli-Protocol-Version": "2.0.0",
        "X-RestLi-Method": "FINDER",
    }
    page = _page(look, quote(f"urn:li:organization:{number}", safe=""), headers)
    seen = sight_of(page, source=SOURCE, since=look.since, now=look.now)
    return replace(seen, platform_id=number)


def organisation_of(look: Look) -> str:
    """The organisation's number, as known or from its address. Raises NeedsPerson if neither has it."""
    parts = web_address(look.subject.address)
    named = parts.path[1] if parts and parts.is_at("linkedin.com") and len(parts.path) > 1 else ""
    for text in (look.subject.platform_id or "", named):
        number = _NUMBER.fullmatch(text)
        if number:
            return number[1]
    raise wrong_address(
        "Sidan kan läsas när dess nummer är känt: den som administrerar sidan ser numret i adressfältet, "
        "https://www.linkedin.com/company/NUMMER/admin/. Skriv adressen med numret."
    )


def _page(look: Look, author: str, headers: dict[str, str]) -> Page:
    """Listed by when they were last changed: the newest published may stand anywhere among them."""
    listed: list[_Element] = []
    for number in range(MOST_PAGES):
        query = f"q=author&author={author}&start={number * PAGE}&count={PAGE}&sortBy=LAST_MODIFIED"
        elements = _answer(look, f"{API}?{query}", headers).read_as(_Elements).elements
        listed += elements
        page = _as_page(listed, more=len(elements) >= PAGE)
        if is_telling(page, look.since, look.now):
            break
    return page


def _as_page(listed: list[_Element], *, more: bool) -> Page:
    return Page(
        posts=[post for element in listed if (post := _post(element))],
        reaches_to=reach((_instant(element.last_modified_at) for element in listed), more=more),
    )


def _post(element: _Element) -> Post | None:
    if element.published_at is None or element.lifecycle_state != _PUBLISHED:
        return None
    url = f"https://www.linkedin.com/feed/update/{quote(element.id, safe=':')}/"
    return Post(_instant(element.published_at), url)


def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _answer(look: Look, url: str, headers: dict[str, str]) -> Answer:
    try:
        answer = look.get(url, headers)
    except NotSeen as why:
        raise _until_midnight(why, look) from None
    _demand_allowed(answer.status)
    return answer


def _until_midnight(why: NotSeen, look: Look) -> NotSeen:
    """LinkedIn's limits are per day and begin anew at midnight UTC; it does not say so in its answer."""
    if why.state is SightState.RATE_LIMITED and why.retry_after is None:
        today = look.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        why.retry_after = today + timedelta(days=1)
        look.fetcher.rest(API, why.retry_after)
    return why


def _demand_allowed(status: int) -> None:
    if status == 401:
        raise NotSeen(SightState.AUTH_EXPIRED, "Nyckeln till LinkedIn måste förnyas: den gäller inte längre.")
    if status == 403:
        says = "Den som nyckeln tillhör har ingen roll på sidan som ger rätt att läsa den."
        raise NotSeen(SightState.NO_PERMISSION, says)
    if status in (404, 410):
        raise NotSeen(SightState.GONE, "Organisationen finns inte på LinkedIn.")
    if status == 426:
        says = f"LinkedIn har tagit versionen {LINKEDIN} ur bruk. Kanalvakt behöver uppdateras."
        raise NotSeen(SightState.MALFORMED, says)
    if status != 200:
        raise NotSeen(SightState.MALFORMED, f"LinkedIn svarade oväntat ({status}).")
