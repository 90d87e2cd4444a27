"""Who has an address on a platform: asked of the platform's own look-up, without a key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors import bluesky, mastodon, youtube
from connectors.feeds import feed_address
from connectors.fetching import Answer, Fetcher
from connectors.judging import PageFacts, wall_before
from connectors.looking import Identified, Look, web_address
from connectors.page_words import words_of
from connectors.sights import NotSeen, Subject, Tokens
from models.observation import SightState
from policies.keys import Platform


@dataclass(frozen=True)
class Occupant:
    """The one who has an address."""

    id: str
    """The platform's own id; of a web page the server that the address leads to."""
    name: str


def who_has(platform: str, address: str, now: datetime, fetcher: Fetcher) -> Occupant | None:
    """The one who has an address now, or None when the platform says that nobody has.

    Raises NotSeen when it could not be told: an error is never "nobody". Raises NeedsPerson for an address
    that cannot be looked up, and KeyError for a platform that is none of READABLE.
    """
    look = Look(Subject(platform, address), None, now, fetcher, Tokens())
    try:
        found, name = _LOOK_UPS[platform](look)
    except NotSeen as why:
        if why.state is not SightState.GONE:
            raise
        return None
    return Occupant(found.id[:120], name[:200])


def _page(look: Look) -> tuple[Identified, str]:
    """A page of one's own: where it leads, whoever made it."""
    answer = look.get(feed_address(look.subject.address))
    if answer.status in (404, 410):
        raise NotSeen(SightState.GONE, "Det finns ingen sida på adressen.")
    leads_to = web_address(answer.url)
    if answer.status != 200 or leads_to is None:
        raise NotSeen(SightState.MALFORMED, f"Sidans server svarade oväntat ({answer.status}).")
    host = leads_to.host.removeprefix("www.")
    _demand_open(look.subject.address, answer, host)
    return Occupant(host, host), host


def _demand_open(asked: str, answer: Answer, host: str) -> None:
    """A page that is led to a log-in, or to a question about cookies, has not been taken over."""
    own = web_address(asked)
    if own is not None and own.host.removeprefix("www.") == host:
        return
    title, heading, text = words_of(answer.body[:_READ].decode(errors="replace"))
    if wall_before(PageFacts(feed_address(asked), answer.url, title=title, text=text, headings=[heading])):
        says = f"Adressen leder till {host}, där en inloggning, en fråga eller ett meddelande står i vägen."
        raise NotSeen(SightState.MALFORMED, says)


_READ = 200_000
"""Bytes of a page."""


_LOOK_UPS: Mapping[str, Callable[[Look], tuple[Identified, str]]] = {
    Platform.MASTODON: mastodon.occupant,
    Platform.BLUESKY: bluesky.occupant,
    Platform.YOUTUBE: youtube.occupant,
    Platform.BLOG: _page,
    Platform.PODCAST: _page,
}
READABLE = frozenset(_LOOK_UPS)
"""Platforms on which anybody may ask who has an address."""
