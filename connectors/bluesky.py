"""Bluesky, by its public interface. Needs no token.

https://docs.bsky.app/docs/api/app-bsky-actor-get-profile and …/app-bsky-feed-get-author-feed
"""

import re
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from pydantic import BaseModel, Field

from connectors.fetching import Answer
from connectors.looking import Look, identified, renamed_says, web_address, wrong_address
from connectors.sights import (
    LONGEST_ADDRESS,
    Moment,
    NotSeen,
    Observation,
    Page,
    Post,
    is_telling,
    reach,
    sight_of,
)
from models.observation import SightState

SOURCE = "bluesky"
API = "https://public.api.bsky.app/xrpc"
PAGE = 100
MOST_PAGES = 3
"""How many pages of nothing but reposts are read in search of a post."""

_HANDLE = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*")
_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]+")
_NOBODY = ("Profile not found", "Unable to resolve handle", "actor must be a valid did or a handle")


class _Profile(BaseModel):
    id: str = Field(validation_alias="did")
    handle: str = Field(max_length=LONGEST_ADDRESS)


class _Post(BaseModel):
    uri: str
    indexed_at: Moment = Field(validation_alias="indexedAt")


class _Reason(BaseModel):
    indexed_at: Moment | None = Field(default=None, validation_alias="indexedAt")


class _Item(BaseModel):
    post: _Post
    reason: _Reason | None = None


class _Feed(BaseModel):
    feed: list[_Item]
    cursor: str | None = None


class _Refusal(BaseModel):
    error: str = ""
    message: str = ""


def read(look: Look) -> Observation:
    actor = actor_of(look.subject.address)
    profile, change = identified(
        look.subject.platform_id, lambda: _profile(look, actor), lambda known: _profile(look, known)
    )
    seen = sight_of(_page(look, profile.id), source=SOURCE, since=look.since, now=look.now)
    says = " ".join(filter(None, [renamed_says(change, profile.handle), seen.says]))
    return replace(seen, platform_id=profile.id, change=change, says=says)


def occupant(look: Look) -> tuple[_Profile, str]:
    """Who has the handle, and as what. Raises NotSeen `gone` for nobody, or one shut out."""
    profile = _profile(look, actor_of(look.subject.address))
    return profile, f"@{profile.handle}"


def actor_of(address: str) -> str:
    """Handle or did, of a profile's address or of "@namn.se". Raises NeedsPerson for anything else."""
    parts = web_address(address)
    written = address.strip().removeprefix("@")
    if parts and parts.is_at("bsky.app"):
        written = parts.path[1] if parts.path[:1] == ("profile",) and len(parts.path) > 1 else ""
    elif parts and not parts.path and not _DID.fullmatch(written):
        written = parts.host
    actor = written if _DID.fullmatch(written) else written.lower()
    if not _DID.fullmatch(actor) and not _HANDLE.fullmatch(actor):
        raise wrong_address("Skriv kontots adress så här: https://bsky.app/profile/namn.bsky.social.")
    return actor


def _profile(look: Look, actor: str) -> _Profile:
    return _answer(look, f"{API}/app.bsky.actor.getProfile?actor={quote(actor, safe='')}").read_as(_Profile)


def _page(look: Look, did: str) -> Page:
    """The newest own posts; further pages are read as long as reposts hide whether there are any."""
    query = f"actor={quote(did, safe='')}&limit={PAGE}&filter=posts_and_author_threads"
    listed: list[_Item] = []
    cursor = ""
    for _ in range(MOST_PAGES):
        feed = _answer(look, f"{API}/app.bsky.feed.getAuthorFeed?{query}{cursor}").read_as(_Feed)
        listed += feed.feed
        more = bool(feed.feed and feed.cursor)
        page = _as_page(did, listed, more=more)
        if is_telling(page, look.since, look.now):
            break
        cursor = f"&cursor={quote(feed.cursor or '', safe='')}"
    return page


def _as_page(did: str, listed: list[_Item], *, more: bool) -> Page:
    own = [item.post for item in listed if item.reason is None]
    return Page(
        posts=[Post(post.indexed_at, _url(did, post.uri)) for post in own],
        reaches_to=reach(map(_listed_at, listed), more=more),
    )


def _listed_at(item: _Item) -> datetime:
    """When an item came into the feed: a repost by when it was reposted."""
    return (item.reason and item.reason.indexed_at) or item.post.indexed_at


def _url(did: str, uri: str) -> str:
    return f"https://bsky.app/profile/{did}/post/{quote(uri.rpartition('/')[2], safe='')}"


def _answer(look: Look, url: str) -> Answer:
    answer = look.get(url)
    if answer.status == 200:
        return answer
    raise _refused(answer.read_as(_Refusal), answer.status)


def _refused(why: _Refusal, status: int) -> NotSeen:
    if why.error == "AccountTakedown":
        return NotSeen(SightState.GONE, "Kontot är avstängt av Bluesky.")
    if why.error == "AccountDeactivated":
        return NotSeen(SightState.GONE, "Kontot är avaktiverat av sin ägare.")
    if why.error in ("BlockedActor", "BlockedByActor"):
        return NotSeen(SightState.PRIVATE, "Kontot visas inte för alla.")
    if status == 400 and any(text in why.message for text in _NOBODY):
        return NotSeen(SightState.GONE, "Kontot finns inte på Bluesky.")
    if status in (401, 403):
        return NotSeen(SightState.NO_PERMISSION, "Bluesky visar inte kontot för den som inte är inloggad.")
    return NotSeen(SightState.MALFORMED, f"Bluesky svarade oväntat ({status}).")
