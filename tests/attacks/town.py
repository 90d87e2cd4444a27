"""A portal in which everything goes on at once, and everybody's way in: what is attacked and fuzzed."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import Engine

from models import LinkKind
from tests.browser import peopled
from tests.remembering import _restore, _stored
from tests.web.visitor import Portal
from tests.web.world import World
from web.app import PARTS
from web.limits import LinkRequests

ROUTES = [route for part in PARTS for route in part.router.routes if isinstance(route, APIRoute)]
ALIKE = 2
"""Pages of one kind that are looked at: each is shown in many places."""
MANY = LinkRequests(10**9)
PEOPLE = ("disa", "anna", "bo", "cilla", "frida", "hanna")
"""Communications, an administrator, two managers, a director, and one with little to do."""


def route_of(method: str, path: str) -> APIRoute | None:
    """The route that answers."""
    right = (one for one in ROUTES if method in (one.methods or ()) and one.path_regex.fullmatch(path))
    return next(right, None)


def kind_of(method: str, path: str) -> str:
    """The same, as its address is written in the code; nothing for what has none."""
    right = route_of(method, path)
    return right.path if right else ""


@dataclass
class Form:
    """A form as a page shows it."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    """By name, what can be chosen; nothing where anything can be written."""
    files: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        return urlsplit(self.action).path

    def filled(self) -> dict[str, str]:
        """As it is sent when nothing is chosen but the last of each."""
        return {name: (values or ["x"])[-1] for name, values in self.fields.items()}


class Reader(HTMLParser):
    """The forms of a page, and where its links lead."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._inside: Form | None = None
        self._choosing = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(urljoin(self.address, given.get("href", "")))
        elif tag == "form":
            self._inside = Form(urljoin(self.address, given.get("action") or self.address))
            if given.get("method", "").lower() == "post":
                self.forms.append(self._inside)
        elif tag == "option" and self._choosing and self._inside:
            self._inside.fields[self._choosing].append(given.get("value", ""))
        elif self._inside is not None and given.get("name"):
            self._take(self._inside, tag, given)

    def _take(self, form: Form, tag: str, given: Mapping[str, str]) -> None:
        name, kind = given["name"], given.get("type", "text")
        if kind == "file":
            form.files.append(name)
            return
        values = form.fields.setdefault(name, [])
        self._choosing = name if tag == "select" else ""
        if tag == "button" or kind in ("hidden", "radio", "checkbox", "submit"):
            values.append(given.get("value", "on"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = None
        if tag == "select":
            self._choosing = ""


@dataclass
class Way:
    """One person's way in, by one letter: the browser with its cookie, and the page that it came to."""

    who: str
    client: TestClient
    base: str


class Town:
    """The whole portal, and how it was before anybody did anything."""

    def __init__(self, engine: Engine) -> None:
        self.world = World(engine)
        self._people()
        self.portal = Portal(self.world)
        self.ways = list(self._ways())
        self.nobody = Way("", self.portal.visitor().client, "/exempelby")
        self.before = _stored(engine)
        self._cookies = [(way, list(way.client.cookies.jar)) for way in (self.nobody, *self.ways)]
        self._tokens: dict[str, str] = {}

    def _people(self) -> None:
        """The world of the pages that are looked at; what that keeps of its own world stays as it was."""
        known = (peopled.ACCOUNTS, peopled.CASES, peopled.DUTIES, peopled.TASKS)
        kept = [dict(one) for one in known]  # type: ignore[call-overload]
        for one in known:
            one.clear()
        peopled.people_the_world(self.world)
        self.accounts = dict(peopled.ACCOUNTS)
        for one, was in zip(known, kept, strict=True):
            one.clear()
            one.update(was)

    def token_of(self, way: Way) -> str:
        """The token of the forms of a way's own pages."""
        if not self._tokens:
            self._tokens = {
                one.base: form.filled()["form_token"]
                for one, form in self.forms
                if "form_token" in form.fields
            }
        return self._tokens.get(way.base, "")

    def restore(self) -> None:
        """Everything as it was, in every browser too; nobody has asked for anything yet."""
        _restore(self.world.engine, self.before)
        for way, cookies in self._cookies:
            way.client.cookies.clear()
            for cookie in cookies:
                way.client.cookies.jar.set_cookie(cookie)
        self.fresh()

    def fresh(self) -> None:
        self.portal.desk = replace(self.portal.desk, link_requests=MANY, reports=MANY)

    def _ways(self) -> Iterator[Way]:
        world = self.world
        for who in PEOPLE:
            yield self._way(who, world.link(LinkKind.MY_PAGE, who), press=True)
        yield self._way("anna", world.link(LinkKind.MORNING, "anna"))
        yield self._way("disa", world.link(LinkKind.MORNING, "disa"))
        for name in ("draft", "written", "decide", "wanted", "withdraw"):
            link = world.link(LinkKind.DRAFT, "anna", account_id=self.accounts[name])
            yield self._way("anna", link)
        for name in ("decide", "changed", "active", "guest"):
            yield self._way("bo", world.task_link(world.questions(self.accounts[name])[0].id or 0, "bo"))
        for who in ("anna", "disa"):
            link = world.link(LinkKind.DIGEST, who, account_id=self.accounts["setting_up"])
            yield self._way(who, link)
        yield self._way("anna", world.link(LinkKind.CONFIRM_ADDRESS, "anna"))

    def _way(self, who: str, link: str, *, press: bool = False) -> Way:
        visitor = self.portal.visitor()
        visitor.open(link)
        if press:
            visitor.post("oppna")
        return Way(who, visitor.client, visitor.path)

    @cached_property
    def pages(self) -> list[tuple[Way, str, Response]]:
        """Who sees which page: of each kind two at most, each seen by the first who comes to it."""
        seen: Counter[str] = Counter()
        return [found for way in (self.nobody, *self.ways) for found in self._clicked(way, seen)]

    def _clicked(self, way: Way, seen: Counter[str]) -> Iterator[tuple[Way, str, Response]]:
        """Every page below the way's own address that can be come to by clicking."""
        waiting, known = deque([way.base]), {way.base}
        while waiting:
            path = waiting.popleft()
            kind = kind_of("GET", path.partition("?")[0])
            seen[kind] += 1
            if seen[kind] > ALIKE and path != way.base:
                continue
            answer = way.client.get(path)
            if answer.headers.get("content-type", "").startswith("text/html"):
                yield way, path, answer
                new = [one for one in self._links(way, path, answer.text) if one not in known]
                waiting += new
                known |= set(new)

    def _links(self, way: Way, path: str, text: str) -> list[str]:
        reader = Reader(f"http://testserver{path}")
        reader.feed(text)
        parts = [urlsplit(one) for one in reader.links]
        inside = [
            f"{one.path}?{one.query}" if "konto=" in one.query else one.path
            for one in parts
            if one.netloc == "testserver" and "sprak=" not in one.query
        ]
        return [one for one in dict.fromkeys(inside) if one.startswith(way.base)]

    @cached_property
    def forms(self) -> list[tuple[Way, Form]]:
        """Each form once, by the first who comes to it."""
        found: dict[str, tuple[Way, Form]] = {}
        for way, path, page in self.pages:
            reader = Reader(f"http://testserver{path}")
            reader.feed(page.text)
            for form in reader.forms:
                found.setdefault(form.action, (way, form))
        return list(found.values())
