"""Trying every door in ways that must come to nothing."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select
from sqlmodel import col

from acts.work import work
from models import Link, LinkKind, Person
from notifications import links
from runtime.database import reading
from tests.attacks.doors import Door, Only
from tests.attacks.inside import Found, Guest, Inside, door_at
from tests.attacks.peopled import NOBODY
from tests.web.visitor import cookie_at

Values = Mapping[str, Sequence[str]]
ELSEWHERE: Sequence[Mapping[str, str]] = (
    {"origin": "https://example.net"},
    {"sec-fetch-site": "cross-site", "origin": "https://example.net"},
    {"sec-fetch-site": "same-site", "origin": "https://granne.example.org"},
    {"sec-fetch-site": "cross-site"},
)
"""What browsers say of a form that stands on somebody else's page."""


@dataclass(frozen=True)
class Tried:
    """One attempt, and what came of it."""

    how: str
    door: Door
    address: str
    status: int

    def __str__(self) -> str:
        return f"{self.how}: {self.door.method} {self.address} gave {self.status}"


def unguarded(inside: Inside, guest: Guest, found: Found) -> list[tuple[str, Callable[[], Response]]]:
    """Ways to post a form without one of its guards, everything else as it should be."""
    token, stranger = _token_of(inside, guest), inside.portal.visitor().client
    whole = {**found.values, **({"form_token": [token]} if guest.kind else {})}
    ways = [
        (f"from elsewhere {number}", _posting(guest.client, found, whole, headers))
        for number, headers in enumerate(ELSEWHERE, start=1)
    ]
    if guest.kind is None:
        return ways
    for how, wrong in (("without", ""), ("with another's", token[::-1]), ("with half a", token[:32])):
        wrongly = {**whole, "form_token": [wrong]}
        ways.append((f"{how} form token", _posting(guest.client, found, wrongly, {})))
    return [*ways, ("without its cookie", _posting(stranger, found, whole, {}))]


def _posting(
    client: TestClient, found: Found, values: Values, headers: Mapping[str, str]
) -> Callable[[], Response]:
    return lambda: client.post(found.action, data=dict(values), headers=dict(headers))


def _token_of(inside: Inside, guest: Guest) -> str:
    """The genuine one, as every page of the link has it."""
    if guest.kind is None:
        return ""
    with reading(inside.world.engine) as session:
        return inside.portal.desk.signer.form_token(session.get_one(Link, int(guest.base.rsplit("/", 1)[1])))


def wrong_way_in(inside: Inside, guest: Guest, doors: Iterable[Door]) -> Iterator[Tried]:
    """Doors that are for other links, tried with this one: its own cookie, number and form token."""
    token, number = _token_of(inside, guest), guest.base.rsplit("/", 1)[1]
    for door in doors:
        if not door.kinds or guest.kind in door.kinds:
            continue
        address = re.sub(
            r"\{\w+\}", "1", door.path.replace("{slug}", "exempelby").replace("{link_id}", number)
        )
        cookie = {"cookie": f"{cookie_at(guest.base)}={_cookie(guest)}"}
        data = {"form_token": token} if door.method == "POST" else None
        answer = inside.portal.visitor().client.request(door.method, address, data=data, headers=cookie)
        yield Tried(f"by a link to {guest.kind}", door, address, answer.status_code)


def _cookie(guest: Guest) -> str:
    """The link's own, whatever addresses the browser keeps it for."""
    name = cookie_at(guest.base)
    return next(one.value or "" for one in guest.client.cookies.jar if one.name == name)


def nobodys_visit(inside: Inside, kind: LinkKind) -> Guest:
    """Somebody who works there, and whom nothing concerns."""
    world = inside.world
    with work(world.engine, world.now) as session:
        person = session.execute(select(Person).where(col(Person.email) == NOBODY)).scalar_one()
        token = links.mint(
            session,
            kind=kind,
            municipality_id=world.municipality_id,
            email=NOBODY,
            now=world.now,
            until=links.expires_at(LinkKind.MY_PAGE, world.now, 0),
            person_id=person.id,
        )
    guest = inside.come_in("ingen", kind, f"/l/{token}", press=kind is LinkKind.MY_PAGE)
    inside.guests.remove(guest)
    return guest


def as_nobody(inside: Inside, at_most: int) -> Iterator[Tried]:
    """What others found that is not for everybody, at an address of one's own and with one's own token."""
    nobody = {kind: nobodys_visit(inside, kind) for kind in (LinkKind.MY_PAGE, LinkKind.MORNING)}
    tokens = {kind: _token_of(inside, guest) for kind, guest in nobody.items()}
    counted: dict[Door, int] = {}
    for guest, method, address, values in _found(inside):
        door, own = door_at(method, address), nobody.get(guest.kind or LinkKind.DECIDE)
        if own is None or door is None or door.only is Only.ALL or counted.get(door, 0) >= at_most:
            continue
        counted[door] = counted.get(door, 0) + 1
        mine = address.replace(guest.base, own.base, 1)
        data = {**values, "form_token": [tokens[own.kind or LinkKind.MY_PAGE]]} if method == "POST" else None
        answer = own.client.request(method, mine, data=data, follow_redirects=method == "GET")
        yield Tried("by somebody else", door, mine, answer.status_code)


def _found(inside: Inside) -> Iterator[tuple[Guest, str, str, Values]]:
    for guest in inside.guests:
        for address in guest.seen:
            yield guest, "GET", address, {}
        for found in guest.forms.values():
            yield guest, "POST", found.action, found.values
