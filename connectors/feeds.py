"""RSS, Atom and podcast feeds. Need no token.

A server tells that a feed is unchanged by ETag and Last-Modified (RFC 9110, section 13). The cursor keeps
them, and the newest post that the feed had then.
"""

import calendar
import hashlib
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import feedparser

from connectors.fetching import Answer
from connectors.looking import Look, web_address, wrong_address
from connectors.sights import NotSeen, Observation, Page, Post, joined, reach, shown_url, sight_of
from models.observation import SightState

SOURCE = "feed"
_ACCEPTED = "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5"
_BROKEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What feedparser lets through when a feed is broken in a way that it has not thought of."""
_FEED_TYPES = ("application/rss+xml", "application/atom+xml")


def read(look: Look) -> Observation:
    return read_feed(look, feed_address(look.subject.feed or look.subject.address), SOURCE)


def feed_address(address: str) -> str:
    """The address as it can be fetched. Raises NeedsPerson for what is none."""
    text = address.strip()
    if web_address(text) is None:
        raise wrong_address("Skriv flödets adress, till exempel https://www.example.org/blogg/feed.")
    return text if "://" in text else f"https://{text}"


def read_feed(look: Look, address: str, source: str) -> Observation:
    """How much of a feed there once was is not known: "all" is what reaches back to the last look."""
    known = _known(look, address)
    condition = _unless_unchanged(known)
    answer = look.get(address, {"Accept": _ACCEPTED, **condition})
    _demand_same_site(answer, address, look.subject.address)
    if answer.status == 304 and condition:
        page, cursor = _page_as_it_was(known), known
    else:
        page = _page(answer)
        cursor = _cursor(address, answer, page, look.now)
    seen = sight_of(page, source=source, since=look.since, now=look.now)
    return replace(seen, cursor=cursor, platform_id=look.subject.platform_id)


def _demand_same_site(answer: Answer, *asked: str) -> None:
    """Raises NotSeen for what redirects have led away to: another's posts are not the account's.

    It may be where the feed has moved, or what has become of a name that was let go: a person knows.
    """
    if answer.status in (200, 304) and _site(answer.url) not in map(_site, asked):
        where = web_address(answer.url)
        says = f"Flödets adress leder till en annan webbplats, {where.host if where else 'okänd'}. "
        raise NotSeen(SightState.MALFORMED, f"{says}Rätta adressen om flödet har flyttat dit.")


def _site(address: str) -> str:
    """The end of the host, which its owner shares with nobody but a web hotel's other guests."""
    where = web_address(address)
    return ".".join(where.host.split(".")[-2:]) if where else ""


def _known(look: Look, address: str) -> Mapping[str, str]:
    """The cursor, if it is about this feed and there is a last look that it could be unchanged since."""
    cursor = look.subject.cursor
    try:
        _page_as_it_was(cursor)
    except ValueError:
        return {}
    return cursor if look.since is not None and cursor.get("feed") == _mark(address) else {}


def _unless_unchanged(known: Mapping[str, str]) -> dict[str, str]:
    asked = {"If-None-Match": known.get("etag", ""), "If-Modified-Since": known.get("last_modified", "")}
    return {name: value for name, value in asked.items() if value and value.isascii() and value.isprintable()}


def _page_as_it_was(known: Mapping[str, str]) -> Page:
    """The newest post of the feed as it was, which it still is. Raises ValueError for a damaged cursor."""
    if not known.get("latest_at"):
        return Page([], None)
    latest_at = datetime.fromisoformat(known["latest_at"])
    if latest_at.tzinfo is None:
        raise ValueError("The cursor's time has no zone.")
    return Page([Post(latest_at, known.get("latest_url") or None)], latest_at)


def _cursor(address: str, answer: Answer, page: Page, now: datetime) -> dict[str, str]:
    """Nothing of a feed that can show something new without being changed: dated ahead, or undated."""
    if page.undated or any(post.at > now for post in page.posts):
        return {}
    latest = max(page.posts, key=lambda post: post.at, default=None)
    kept = {
        "feed": _mark(address),
        "etag": answer.headers.get("etag", ""),
        "last_modified": answer.headers.get("last-modified", ""),
        "latest_at": latest.at.isoformat() if latest else "",
        "latest_url": (shown_url(latest.url) if latest else None) or "",
    }
    return {key: value for key, value in kept.items() if value}


def _mark(address: str) -> str:
    """Tells a feed from another without its address, which may hold a key of its own."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def _page(answer: Answer) -> Page:
    _demand_found(answer)
    parsed = _parsed(answer.body)
    _demand_feed(parsed, answer.url)
    posts = [post for entry in parsed.entries if (post := _post(entry, answer.url))]
    undated = len(parsed.entries) - len(posts)
    if undated and not posts:
        raise NotSeen(SightState.MALFORMED, "Flödets inlägg säger inte när de publicerades.")
    return Page(posts, reach((post.at for post in posts), more=bool(posts)), undated)


def _parsed(body: bytes) -> Any:
    try:
        # As a stream: feedparser would take bytes for the name of a file and open it.
        return feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    except _BROKEN:
        raise NotSeen(SightState.MALFORMED, "Flödet går inte att läsa: det är trasigt.") from None


def _demand_found(answer: Answer) -> None:
    if answer.status in (404, 410):
        raise NotSeen(SightState.GONE, "Det finns inget flöde på adressen.")
    if answer.status in (401, 403):
        raise NotSeen(SightState.NO_PERMISSION, "Flödet kräver inloggning.")
    if answer.status != 200:
        raise NotSeen(SightState.MALFORMED, f"Flödets server svarade oväntat ({answer.status}).")


def _demand_feed(parsed: Any, address: str) -> None:
    """A web page is parsed without complaint, as a feed of no version and without entries."""
    if not parsed.get("version"):
        raise NotSeen(SightState.MALFORMED, f"Adressen leder inte till ett flöde.{_hint(parsed, address)}")
    if parsed.bozo and not parsed.entries:
        raise NotSeen(SightState.MALFORMED, "Flödet går inte att läsa: det är trasigt.")


def _hint(parsed: Any, address: str) -> str:
    """The feed that a web page names, if it does."""
    links = [link for link in parsed.feed.get("links", []) if link.get("type") in _FEED_TYPES]
    feed = shown_url(joined(address, links[0].get("href", ""))) if links else None
    return f" Sidan säger att flödet finns på {feed}" if feed else " Ange flödets adress."


def _post(entry: Any, address: str) -> Post | None:
    """None for an entry without a date that can be read."""
    published: Any = entry.get("published_parsed") or (
        None if entry.get("published") else entry.get("updated_parsed")
    )
    try:
        at = datetime.fromtimestamp(calendar.timegm(published), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    link = entry.get("link")
    return Post(at, joined(address, link) if link else None)
