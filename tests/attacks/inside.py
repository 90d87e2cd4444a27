"""A portal with every kind of matter in it, and whoever comes into it by a link and looks round."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from re import Pattern
from urllib.parse import urljoin, urlsplit

from fastapi.testclient import TestClient
from httpx2 import Response
from starlette.routing import compile_path

from models import LinkKind
from tests.attacks.doors import DOORS, Door
from tests.web.visitor import Portal
from tests.web.world import World
from web.app import PARTS


@dataclass(frozen=True)
class Found:
    """A form on a page, with what its fields hold."""

    action: str
    values: Mapping[str, Sequence[str]]


@dataclass
class Guest:
    """Somebody with a browser who has come in by one link."""

    name: str
    kind: LinkKind | None
    client: TestClient
    home: str
    """The address that the link led to."""
    seen: dict[str, Response] = field(default_factory=dict)
    forms: dict[str, Found] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """The address of the link's own pages."""
        return "/".join(self.home.split("/")[:4])

    def look_round(self, at_most: int, also: Iterable[str] = ()) -> None:
        """Follow every link to every page of one's own, so many of each kind, and press nothing."""
        counted = Counter[Door | None]()
        waiting = [self.home, *(led for one in also for led in self._look_at(one, at_most, counted))]
        while waiting:
            waiting += self._look_at(waiting.pop(), at_most, counted)

    def _look_at(self, address: str, at_most: int, counted: Counter[Door | None]) -> list[str]:
        """Where a page leads that has not been looked at, unless so many of its kind have been."""
        door = door_at("GET", address)
        if address in self.seen or counted[door] >= at_most or not self._is_for(door):
            return []
        counted[door] += 1
        answer = self.seen[address] = self.client.get(address)
        page = read(answer, address)
        self.forms |= {f"{one.action} {sorted(one.values)}": one for one in page.forms}
        return [*page.leads_to, *_led_on(answer)]

    def _is_for(self, door: Door | None) -> bool:
        """What is for anybody is looked at by somebody who has no link."""
        return door is not None and bool(door.kinds) == (self.kind is not None)


def _led_on(answer: Response) -> list[str]:
    return [answer.headers["location"]] if answer.is_redirect else []


class Page(HTMLParser):
    """What a page leads to, and what can be posted from it."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address
        self.leads_to: list[str] = []
        self.forms: list[Found] = []
        self._fields: dict[str, list[str]] | None = None
        self._select = ""

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        """Links, and forms with their fields as they stand."""
        attributes = {name: value or "" for name, value in given}
        if tag == "form" and attributes.get("method", "get").lower() == "post":
            self._fields = {}
            self.forms.append(Found(self._whole(attributes.get("action", "")), self._fields))
        elif tag == "form":
            self.leads_to.append(self._whole(attributes.get("action", "")))
        elif tag in ("a", "link", "script", "img", "iframe"):
            to = attributes.get("href") or attributes.get("src") or ""
            self.leads_to += [self._whole(to)] if _is_ours(to) else []
        elif self._fields is not None:
            self._field(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        """A form ends."""
        if tag == "form":
            self._fields = None

    def _field(self, tag: str, given: Mapping[str, str]) -> None:
        assert self._fields is not None
        self._select = given.get("name", "") if tag == "select" else self._select
        name = self._select if tag == "option" else given.get("name", "")
        unticked = given.get("type") in ("radio", "checkbox") and name in self._fields
        if name and tag in ("input", "textarea", "select", "option", "button") and not unticked:
            value = given.get("value", "") or ("Ett svar." if tag == "textarea" else "")
            kept = self._fields.setdefault(name, [])
            kept[:] = [value or (kept[0] if kept else "")]

    def _whole(self, to: str) -> str:
        parts = urlsplit(urljoin(self._address, to))
        return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _is_ours(to: str) -> bool:
    return to.startswith("/") and not to.startswith(("//", "/static/"))


def read(answer: Response, address: str) -> Page:
    """A page as a browser reads it; of what is no page, nothing."""
    page = Page(address)
    if answer.headers.get("content-type", "").startswith("text/html"):
        page.feed(answer.text)
    return page


@cache
def _patterns() -> list[tuple[Door, Pattern[str]]]:
    """In the order in which the portal tries its addresses."""
    listed = {(door.method, door.path): door for door in DOORS}
    routes = [route for part in PARTS for route in part.router.routes]
    return [
        (listed[method, route.path], compile_path(route.path)[0])
        for route in routes
        for method in route.methods
    ]


@cache
def door_at(method: str, address: str) -> Door | None:
    """The door in the list that an address belongs to."""
    path = urlsplit(address).path
    fits = (door for door, pattern in _patterns() if door.method == method and pattern.fullmatch(path))
    return next(fits, None)


@dataclass
class Inside:
    """The portal, and everybody who has come in."""

    world: World
    portal: Portal
    guests: list[Guest] = field(default_factory=list)
    calendar: str = ""
    receipt: str = ""

    def come_in(self, name: str, kind: LinkKind, path: str, *, press: bool = False) -> Guest:
        """Open a letter's link; `press` the only button of one's own page, which is where a visit begins."""
        visitor = self.portal.visitor()
        visitor.open(path)
        if press:
            visitor.post(f"{visitor.path}/oppna")
        guest = Guest(name, kind, visitor.client, visitor.path)
        self.guests.append(guest)
        return guest

    def guest(self, name: str, kind: LinkKind) -> Guest:
        """Who came in by that name and kind of link."""
        return next(one for one in self.guests if (one.name, one.kind) == (name, kind))

    def forms(self) -> Iterable[tuple[Guest, Found, Door]]:
        """Everything that anybody can post from a page they have come to."""
        for guest in self.guests:
            for found in guest.forms.values():
                door = door_at("POST", found.action)
                assert door is not None, f"{found.action} stands on a page and belongs to no door"
                yield guest, found, door
