"""Addresses that people and platforms write: none leads into our own network, and no password of one stays.

Addresses are written as in RFC 3986, 6890, 4291, 6052 and 3056, and as `inet_aton` and browsers take them.
"""

import json
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

import pytest
from cryptography.fernet import Fernet
from pytest_httpserver import HTTPServer
from sqlalchemy import Engine
from werkzeug import Request, Response

from acts import caring
from acts.cases import Report, open_case
from acts.importing import import_accounts
from acts.spreadsheets import read_table
from acts.work import work
from connectors.addresses import AddressRefused, demand_public, place_of
from connectors.feeds import feed_address
from connectors.fetching import Fetcher
from connectors.guarded_proxy import GuardedProxy
from connectors.guarding import PublicNetwork
from connectors.sights import NeedsPerson, NotSeen
from lifecycle.events import By
from lifecycle.refusals import Refused
from lifecycle.secrets import without_log_in
from models import Municipality
from notifications.targets import PostRoom, TargetRefused, TargetRules, add_target, channel_at
from runtime.database import reading, writing
from runtime.plain_logs import redacted
from tests.attacks.tally import demand_none_through
from tests.connectors.test_guarding import Wire, dress
from tests.connectors.world import NOW
from tests.notifications.test_targets import NoMail, _letter, _municipality
from tests.web.visitor import Portal, everything_in
from tests.web.world import World

NETWORKS = ("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0")
"""This machine, private networks, and where clouds tell their machines their secrets."""


def within_six(address: str) -> list[str]:
    """The ways in which IPv6 writes an IPv4 address."""
    number = int(IPv4Address(address))
    tunnelled = (
        IPv6Address((0x2002 << 112) | (number << 80)),
        IPv6Address((0x2001 << 112) | (~number & 0xFFFFFFFF)),
    )
    return [f"[{one}]" for one in (f"::ffff:{address}", f"64:ff9b::{address}", f"::{address}", *tunnelled)]


OWN_HOSTS = [
    *(one for address in NETWORKS for one in dress(IPv4Address(address))),
    *(one for address in NETWORKS for one in within_six(address)),
    *("[::1]", "[::]", "[fe80::1]", "[fe80::1%25eth0]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]"),
    *("localhost", "LOCALHOST", "localhost.", "①②⑦.⓪.⓪.①", "127。0。0。1", "0", "127.1", "0x7f.1", "0177.1"),
]
WRITTEN = [
    *(f"http://{host}/" for host in OWN_HOSTS),
    *(f"https://{host}/" for host in OWN_HOSTS),
    *(f"http://example.org{sign}127.0.0.1/" for sign in ("@", ":80@", "\\@", "%40@", "%2f@")),
    *(f"http://127.0.0.1{sign}example.org/" for sign in ("@", "\\@", "%2f@", ";@", "\t@")),
    *(f"http://8.8.8.8:{port}/" for port in (22, 25, 3306, 4200, 5432, 6379, 8080, 65535)),
    *("file:///etc/passwd", "file://localhost/etc/passwd", "FILE:/etc/passwd", "file:/etc/passwd"),
    *("gopher://8.8.8.8/", "ftp://8.8.8.8/", "dict://8.8.8.8/", "ldap://8.8.8.8/", "data:text/html,x"),
    *("javascript:alert(1)", "view-source:http://127.0.0.1/", "blob:http://127.0.0.1/x", "http:127.0.0.1"),
]


def leads_nowhere_else(name: str, port: int) -> list[str]:
    """Numbers in any dress are what they are; a name in letters is somebody's whose server stands here."""
    with suppress(OSError, UnicodeError):
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        return [str(entry[4][0]) for entry in found]
    return ["127.0.0.1"]


def test_no_way_of_writing_an_address_leads_into_our_own_network(httpserver: HTTPServer) -> None:
    """Of an account or a feed; asked for posts or for a picture (SSRF)."""
    wire = Wire(httpserver)
    through: list[str] = []
    with Fetcher(spacing=0, pauses=(), network=PublicNetwork(wire, leads_nowhere_else)) as fetcher:
        for url in WRITTEN:
            with suppress(NotSeen):
                through.append(f"fetched {url} {fetcher.get(url, NOW)}")
            with suppress(AddressRefused, OSError):
                through.append(f"opened {url} {demand_public(url)}")
            with suppress(NeedsPerson, NotSeen):
                through.append(f"feed {url} {fetcher.get(feed_address(url), NOW)}")
    through += [f"connected {one}" for one in wire.connected]
    assert not httpserver.log
    demand_none_through("Addresses of our own network (SSRF)", 3 * len(WRITTEN), through)


def test_no_answer_leads_into_our_own_network(httpserver: HTTPServer) -> None:
    """Redirects, one after another, by every status there is for them."""
    wire, through, tried = Wire(httpserver), [], 0
    targets = iter([])  # type: ignore[var-annotated]

    def answer(request: Request) -> Response:
        return Response("", next(targets), {"Location": request.args["to"], "Connection": "close"})

    httpserver.expect_request("/").respond_with_handler(answer)

    def resolve(name: str, port: int) -> list[str]:
        return ["8.8.8.8"] if name == "example.org" else leads_nowhere_else(name, port)

    with Fetcher(spacing=0, pauses=(), network=PublicNetwork(wire, resolve)) as fetcher:
        for number, url in enumerate(one for one in WRITTEN if one.isascii() and one.isprintable()):
            tried, targets = tried + 1, iter([(301, 302, 303, 307, 308)[number % 5]])
            with suppress(NotSeen):
                through.append(fetcher.get(f"http://example.org/?to={quote(url, safe='')}", NOW))
    through += [one for one in wire.connected if one != ("8.8.8.8", 80)]
    demand_none_through("Redirects into our own network (SSRF)", tried, through)


@pytest.fixture
def changing_name(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int]]]:
    """A name that is on the open internet when it is looked at, and here ever after."""
    answers, connected = iter(["8.8.8.8"]), []

    def look_up(name: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", (next(answers, "127.0.0.1"), port))]

    def connect(place: tuple[str, int], *_: object, **__: object) -> socket.socket:
        connected.append(place)
        raise OSError("nobody there")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    yield connected


def test_a_name_that_changes_its_meaning_is_connected_to_where_it_was_checked(
    changing_name: list[tuple[str, int]],
) -> None:
    """DNS rebinding, before the browser that takes pictures; `test_guarding.py` has the other door."""
    proxy = GuardedProxy()
    for _ in range(2):
        with pytest.raises((OSError, AddressRefused)):
            proxy._connected("changing.example.org", 443)
    assert changing_name == [("8.8.8.8", 443)] and proxy.refused == ["changing.example.org:443"]
    with pytest.raises(AddressRefused):
        place_of("changing.example.org", 443)
    demand_none_through("Names that change their meaning (DNS rebinding)", 3, changing_name[1:])


# ---------------------------------------------------------------- channels

RULES = TargetRules(
    keys=[Fernet.generate_key().decode()], schemes=["json", "workflows", "slack"], hosts=["example.org"]
)
CHANNELS = (
    *("json://{}/x", "json://example.org@{}/x", "json://u:p@{}@example.org/x", "json://{}#@example.org/"),
    *("json://{}?@example.org/", "json://{}/@example.org", "json://{}:80@{}/", "workflows://{}/w/s"),
    *(
        "json://example.org/a,json://{}/b",
        "json://example.org/a, json://{}/b",
        "json://example.org/a json://{}/b",
    ),
    *("json://example.org/a\njson://{}/b", "jsons://{}/", "file://{}/etc/passwd", "json://example.org.{}/"),
    *("json://example.org.attacker.example/{}", "json://notexample.org/{}", "json://[::1]/{}", "json://{}"),
    *(
        "slack://{}/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "slack://example.org@{}/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
    ),
    *("slack://T1JJ3T3L2/{}/TIiajkdnlazkcOXrIdevi7FQ", "slack://example.org/{}"),
)


def test_no_channel_leads_elsewhere_than_to_the_chosen_services(httpserver: HTTPServer) -> None:
    """Apprise reads addresses in its own way, and takes several in one text."""
    addresses = [
        one.replace("{}", host) for one in CHANNELS for host in ("127.0.0.1", "[::1]", "localhost", "1")
    ]
    through = []
    for url in addresses:
        with suppress(TargetRefused):
            host = str(getattr(channel_at(RULES, url), "host", ""))
            through += [] if host == "example.org" or host.endswith(".example.org") else [(url, host)]
    demand_none_through("Channels to elsewhere (apprise)", len(addresses), through)


def test_a_channel_s_server_sends_the_news_on_to_nowhere_else(
    sqlite_engine: Engine, httpserver: HTTPServer
) -> None:
    """Not even where the address itself asks for it."""
    inside = httpserver.url_for("/inside")
    for status in (301, 302, 303, 307, 308):
        httpserver.expect_request(f"/{status}").respond_with_data("", status, {"Location": inside})
    httpserver.expect_request("/inside").respond_with_data("")
    here = replace(RULES, hosts=["localhost"])
    with writing(sqlite_engine) as session:
        municipality = _municipality(session)
        sent = [
            add_target(
                session, here, municipality, "x", f"json://localhost:{httpserver.port}/{status}{asked}", NOW
            )
            for status in (301, 302, 303, 307, 308)
            for asked in ("", "?redirect=yes")
        ]
    room = PostRoom(NoMail(), here, lambda: reading(sqlite_engine))
    for target in sent:
        with suppress(Exception):
            room.send(_letter(target))
    asked_inside = [request for request, _ in httpserver.log if request.path == "/inside"]
    assert len(httpserver.log) == len(sent) + len(asked_inside)
    demand_none_through("Channels that send on (redirects)", len(sent), asked_inside)


# ---------------------------------------------------------------- secrets in addresses

SECRET = "q7vinbar"
WITH_LOG_IN = (
    f"https://anna:{SECRET}@www.instagram.com/biblioteket",
    f"https://:{SECRET}@www.instagram.com/biblioteket",
    f"https://{SECRET}@www.instagram.com/biblioteket",
    f"anna:{SECRET}@www.instagram.com/biblioteket",
    f"http://anna:{SECRET}@www.instagram.com:80/biblioteket",
    f"//anna:{SECRET}@www.instagram.com/biblioteket",
    f"https://anna%40example.org:{SECRET}@www.instagram.com/biblioteket",
    f"HTTPS://anna:{SECRET}%21@www.instagram.com/biblioteket",
    f"https:\\\\anna:{SECRET}@www.instagram.com\\biblioteket",
)


@pytest.fixture
def world(sqlite_engine: Engine) -> World:
    return World(sqlite_engine)


def _draft(world: World, address: str) -> None:
    world.write(world.draft(), address=address)


def _moved(world: World, address: str) -> None:
    account_id = world.active()
    with work(world.engine, world.now) as session:
        caring.change_address(
            session,
            world.now,
            account_id=account_id,
            person_id=world.people["anna"],
            address=address,
            via="portal",
        )


def _case(world: World, address: str) -> None:
    account_id = world.active()
    report = Report("forbidden", world.now, address, "En kommentar.", [])
    with work(world.engine, world.now) as session:
        open_case(
            session,
            world.now,
            account_id=account_id,
            person_id=world.people["anna"],
            report=report,
            via="portal",
        )


def _reported(world: World, address: str) -> None:
    client = Portal(world).visitor().client
    said = {"adress": address, "vad": "Är det här ert?"}
    assert client.post("/exempelby/konton/rapportera", data=said).status_code == 303


def _imported(world: World, address: str) -> None:
    people = world.email("anna")
    header = "namn;plattform;adress;enhet;ansvariga;administratörer"
    rows = f"{header}\nX;instagram;{address};library;{people};{people}"
    with work(world.engine, world.now) as session:
        municipality = session.get_one(Municipality, world.municipality_id)
        table = read_table("konton.csv", rows.encode())
        report = import_accounts(session, municipality, table, By(None, "cli"), world.now)
    assert SECRET not in repr(report)


DOORS: tuple[Callable[[World, str], None], ...] = (_draft, _moved, _case, _reported, _imported)


@pytest.mark.parametrize("door", DOORS)
def test_no_password_in_an_address_stays(
    world: World, caplog: pytest.LogCaptureFixture, door: Callable[[World, str], None]
) -> None:
    """Neither in the database nor in what is said or logged, whichever way the address comes in."""
    caplog.set_level(logging.DEBUG)
    through = []
    for address in WITH_LOG_IN:
        try:
            door(world, address)
        except Refused as refused:
            through += [f"said: {refused.says()}"] if SECRET in refused.says() else []
        kept = json.dumps(everything_in(world.engine), default=repr)
        through += [f"kept: {address}"] if SECRET in kept else []
    through += [one for one in caplog.messages if SECRET in one]
    demand_none_through(f"Passwords in addresses ({door.__name__.strip('_')})", len(WITH_LOG_IN), through)


def test_the_access_log_holds_no_password_of_an_address() -> None:
    asked = [
        *WITH_LOG_IN[:3],
        *(quote(one, safe="") for one in WITH_LOG_IN[:3]),
        *map(quote, WITH_LOG_IN[:3]),
    ]
    before, behind = '127.0.0.1 - "GET /exempelby/konton/officiellt', ' HTTP/1.1" 200'
    written = [redacted(f"{before}{sign}{one}{behind}") for sign in ("?adress=", "/") for one in asked]
    assert written[: len(asked)] == [before + behind] * len(asked), "nothing of what was asked for"
    assert all(one.endswith(behind) for one in written), "and no more than the address is left out"
    through = [one for one in written if SECRET in one]
    demand_none_through("Passwords in addresses (access log)", len(written), through)


@pytest.mark.parametrize(
    "address",
    ["https://social.example.org/@namn", "@namn@social.example.org", "namn@example.org", "x.com/a:b@c.se"],
)
def test_a_sign_that_is_no_password_stays(address: str) -> None:
    assert without_log_in(address) == address
