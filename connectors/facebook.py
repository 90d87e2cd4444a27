"""Facebook pages, by Graph with a token that may read them.

https://developers.facebook.com/docs/graph-api/reference/page/published_posts
"""

import re
from dataclasses import replace
from urllib.parse import parse_qs, quote, urlsplit

from pydantic import BaseModel, Field

from connectors.graph import graph
from connectors.looking import Look, bearer, identified, renamed_says, web_address, wrong_address
from connectors.sights import LONGEST_ADDRESS, Moment, Observation, Page, Post, reach, sight_of

SOURCE = "facebook"
PAGE = 25

_BEFORE_NAME = ("pages", "p", "people", "pg", "profile.php")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_ID = re.compile(r"(?:.*[-_])?([0-9]{5,})", re.ASCII)


class _FacebookPage(BaseModel):
    id: str
    username: str = Field(default="", max_length=LONGEST_ADDRESS)
    access_token: str | None = Field(default=None, repr=False)


class _PagePost(BaseModel):
    created_time: Moment
    permalink_url: str | None = None


class _Paging(BaseModel):
    next: str | None = Field(default=None, repr=False)
    """There is more; the address itself holds the token and is never used."""


class _Posts(BaseModel):
    data: list[_PagePost]
    paging: _Paging = _Paging()


def read(look: Look) -> Observation:
    """Posts are read with the page's own token, which Graph gives to the token of one who runs it."""
    named, given = page_of(look.subject.address), bearer(look.tokens.facebook, "Facebook")
    page, change = identified(
        look.subject.platform_id, lambda: _page(look, named, given), lambda known: _page(look, known, given)
    )
    own = bearer(page.access_token, "Facebook") if page.access_token else given
    query = f"fields=created_time,permalink_url&limit={PAGE}"
    posts = graph(look, f"{quote(page.id, safe='')}/published_posts?{query}", own).read_as(_Posts)
    seen = sight_of(_sight(posts), source=SOURCE, since=look.since, now=look.now)
    says = " ".join(filter(None, [renamed_says(change, page.username or page.id), seen.says]))
    return replace(seen, platform_id=page.id, change=change, says=says)


def page_of(address: str) -> str:
    """The page's name or number, from its address. Raises NeedsPerson for what is no page's."""
    parts = web_address(address)
    if parts is None or not (parts.is_at("facebook.com") or parts.is_at("fb.com")) or not parts.path:
        raise _wrong()
    if parts.path[0] == "profile.php":
        named = parse_qs(urlsplit(address.strip()).query).get("id", [""])[0]
    elif parts.path[0] in _BEFORE_NAME:
        number = _ID.fullmatch(parts.path[-1])
        named = number[1] if number else parts.path[1] if len(parts.path) == 2 else ""
    else:
        named = parts.path[0]
    if not _NAME.fullmatch(named) or named in ("groups", "events", "watch"):
        raise _wrong()
    return named


def _wrong() -> Exception:
    return wrong_address("Skriv sidans adress så här: https://www.facebook.com/namn. Grupper kan inte läsas.")


def _page(look: Look, named: str, headers: dict[str, str]) -> _FacebookPage:
    return graph(look, f"{quote(named, safe='')}?fields=id,username,access_token", headers).read_as(
        _FacebookPage
    )


def _sight(posts: _Posts) -> Page:
    """No post at all may as well be a token that is shown none, so it is not taken for the beginning."""
    more = not 0 < len(posts.data) < PAGE or posts.paging.next is not None
    return Page(
        posts=[Post(post.created_time, post.permalink_url) for post in posts.data],
        reaches_to=reach((post.created_time for post in posts.data), more=more),
    )
