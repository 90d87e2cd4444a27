"""Requests leave for the open internet only (IANA's registers of special addresses; RFC 6052, 6890)."""

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import httpcore2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from connectors.addresses import is_public
from connectors.fetching import Fetcher
from connectors.guarding import PublicNetwork, Resolve, resolved
from connectors.sights import NotSeen
from models import SightState
from tests.connectors.world import NOW

CLOSED_4 = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/29",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "255.255.255.255/32",
]
CLOSED_6 = [
    "::/128",
    "::1/128",
    "::/96",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
    "2001:db8::/32",
    "100::/64",
    "2001::/32",
    "2002::/16",
    "64:ff9b:1::/48",
    "4000::/3",
    "8000::/1",
]
OPEN = ["93.184.215.14", "8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450:400f::1", "64:ff9b::808:808"]


def within4(network: str) -> st.SearchStrategy[IPv4Address]:
    net = IPv4Network(network)
    return st.integers(int(net.network_address), int(net.broadcast_address)).map(IPv4Address)


def within6(network: str) -> st.SearchStrategy[IPv6Address]:
    net = IPv6Network(network)
    return st.integers(int(net.network_address), int(net.broadcast_address)).map(IPv6Address)


closed4 = st.sampled_from(CLOSED_4).flatmap(within4)
closed6 = st.sampled_from(CLOSED_6).flatmap(within6)


@pytest.mark.parametrize("address", OPEN)
def test_open_addresses(address: str):
    assert is_public(address)


@given(closed4)
def test_no_closed_ipv4_address_is_public(address: IPv4Address):
    assert not is_public(str(address))


@given(closed6)
def test_no_closed_ipv6_address_is_public(address: IPv6Address):
    assert not is_public(str(address))


@given(closed4, st.sampled_from(["::ffff:", "64:ff9b::", "::"]))
def test_no_closed_ipv4_address_is_public_in_the_dress_of_ipv6(address: IPv4Address, prefix: str):
    assert not is_public(f"{prefix}{address}")


@given(closed4)
def test_no_closed_ipv4_address_is_public_in_6to4_or_teredo(address: IPv4Address):
    number = int(address)
    assert not is_public(str(IPv6Address((0x2002 << 112) | (number << 80))))
    assert not is_public(str(IPv6Address((0x20010000 << 96) | (~number & 0xFFFFFFFF))))


def test_a_zone_does_not_open_a_link_local_address():
    assert not is_public("fe80::1%eth0")


def dress(address: IPv4Address) -> list[str]:
    """The ways of writing an IPv4 address that inet_aton knows."""
    first, *rest = address.packed
    number, tail = int(address), int.from_bytes(bytes(rest))
    return [
        str(address),
        str(number),
        hex(number),
        f"0{number:o}",
        ".".join(f"0{byte:o}" for byte in address.packed),
        ".".join(hex(byte) for byte in address.packed),
        f"{first}.{tail}",
    ]


class Wire(httpcore2.NetworkBackend):
    """The cable: tells where a connection was made to, and makes it to a server on this machine instead."""

    def __init__(self, server: HTTPServer, refusing: tuple[str, ...] = ()) -> None:
        self.server, self.refusing = server, refusing
        self.connected: list[tuple[str, int]] = []

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        self.connected.append((host, port))
        if host in self.refusing:
            raise httpcore2.ConnectError("refused")
        return httpcore2.SyncBackend().connect_tcp(self.server.host, self.server.port, timeout)


def leading_here(name: str, port: int) -> list[str]:
    """Every name leads to this machine; a number in any dress is what it is. Nobody is asked for names."""
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        return [str(entry[4][0]) for entry in found]
    except (OSError, UnicodeError):
        return ["127.0.0.1"]


@pytest.fixture(scope="module")
def wire(make_httpserver: HTTPServer) -> Wire:
    return Wire(make_httpserver)


@pytest.fixture(scope="module")
def trapped(wire: Wire) -> Iterator[Fetcher]:
    """A fetcher for which every name leads to this machine."""
    with Fetcher(spacing=0, pauses=(), network=PublicNetwork(wire, leading_here)) as fetcher:
        yield fetcher


def refused(fetcher: Fetcher, url: str) -> NotSeen:
    with pytest.raises(NotSeen) as why:
        fetcher.get(url, NOW)
    assert why.value.state is SightState.UNREACHABLE
    return why.value


def through(wire: Wire, resolve: Resolve) -> Fetcher:
    return Fetcher(spacing=0, pauses=(), network=PublicNetwork(wire, resolve))


LOOPBACK_AND_PRIVATE = st.sampled_from(["127.0.0.0/8", "10.0.0.0/8", "192.168.0.0/16", "169.254.0.0/16"])


@given(LOOPBACK_AND_PRIVATE.flatmap(within4), st.integers(0, 6), st.sampled_from(["http", "https"]))
def test_no_way_of_writing_a_closed_address_gets_through(
    trapped: Fetcher, wire: Wire, address: IPv4Address, way: int, scheme: str
):
    refused(trapped, f"{scheme}://{dress(address)[way]}/")
    assert wire.connected == []


@given(closed6)
def test_no_closed_ipv6_literal_gets_through(trapped: Fetcher, wire: Wire, address: IPv6Address):
    refused(trapped, f"http://[{address}]/")
    assert wire.connected == []


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/",
        "http://localhost./",
        "http://example.org@127.0.0.1/",
        "http://127.0.0.1@example.org/",
        "http://user:secret@example.org/",
        "http://example.org\\@127.0.0.1/",
        "http://127.0.0.1%2f@example.org/",
        "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::]/",
        "http://0/",
        "http://example.org:22/",
        "https://example.org:8443/",
        "http://example.org:99999/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "//example.org/",
        "example.org",
        "http://",
        "http:///path",
        "http://exam ple.org/",
        "http://exam\nple.org/",
        "http://[::1/",
        "",
    ],
)
def test_addresses_that_are_not_asked(trapped: Fetcher, wire: Wire, url: str):
    """Userinfo, other names for this machine, other schemes and ports, and what is no address."""
    why = refused(trapped, url)
    assert wire.connected == []
    assert "secret" not in why.says


@given(st.text(max_size=60))
def test_no_text_reaches_this_machine(trapped: Fetcher, wire: Wire, text: str):
    """Whatever a person writes as host: with every name leading here, nothing is connected to."""
    refused(trapped, f"http://{text}/")
    assert wire.connected == []


@pytest.mark.parametrize(
    "url",
    [
        "http://user:secret@example.org/",
        "http://user@example.org/",
        "http://example.org:22/",
        "ftp://example.org/",
    ],
)
def test_addresses_that_are_not_asked_though_their_name_is_open(httpserver: HTTPServer, url: str):
    open_wire = Wire(httpserver)
    with through(open_wire, lambda name, port: ["93.184.215.14"]) as fetcher:
        refused(fetcher, url)
    assert open_wire.connected == []


def test_a_name_that_leads_to_a_closed_address(trapped: Fetcher, wire: Wire):
    why = refused(trapped, "https://intern.example.org/")
    assert wire.connected == []
    assert "intern.example.org" in why.says


def test_a_name_with_one_closed_address_among_open_ones(wire: Wire):
    with through(wire, lambda name, port: ["93.184.215.14", "192.168.0.1"]) as fetcher:
        refused(fetcher, "https://example.org/")
    assert wire.connected == []


def test_a_name_that_means_something_else_the_second_time(httpserver: HTTPServer):
    """DNS rebinding: the connection goes to the address that was checked; a second one is checked anew."""
    httpserver.expect_request("/").respond_with_data("hej", headers={"Connection": "close"})
    wire, answers = Wire(httpserver), iter([["93.184.215.14"], ["127.0.0.1"]])
    with through(wire, lambda name, port: next(answers)) as fetcher:
        assert fetcher.get("http://example.org/", NOW).body == b"hej"
        with pytest.raises(NotSeen):
            fetcher.get("http://example.org/", NOW)
    assert wire.connected == [("93.184.215.14", 80)]


def test_the_next_address_is_tried_when_one_does_not_answer(httpserver: HTTPServer):
    httpserver.expect_request("/").respond_with_data("hej")
    wire = Wire(httpserver, refusing=("2606:4700::1111",))
    with through(wire, lambda name, port: ["2606:4700::1111", "93.184.215.14"]) as fetcher:
        assert fetcher.get("http://example.org/", NOW).body == b"hej"
    assert wire.connected == [("2606:4700::1111", 80), ("93.184.215.14", 80)]


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1/", "http://[::1]/", "//10.0.0.1/", "http://example.org:8080/", "ftp://example.org/"],
)
def test_a_redirect_is_checked_like_the_first_address(httpserver: HTTPServer, target: str):
    httpserver.expect_request("/").respond_with_data("", status=302, headers={"Location": target})
    wire = Wire(httpserver)
    with through(
        wire, lambda n, port: ["93.184.215.14"] if n == "example.org" else resolved(n, port)
    ) as fetcher:
        refused(fetcher, "http://example.org/")
    assert wire.connected == [("93.184.215.14", 80)]


def test_a_name_without_an_address(wire: Wire):
    def nothing(name: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with through(wire, nothing) as fetcher:
        assert "går inte att nå" in refused(fetcher, "https://finns-inte.example.org/").says


def test_only_the_named_stand_ins_of_this_machine_can_be_reached(httpserver: HTTPServer):
    httpserver.expect_request("/").respond_with_data("hej")
    with Fetcher(stand_ins={"https://example.org": httpserver.url_for("")}, spacing=0, pauses=()) as fetcher:
        assert fetcher.get("https://example.org/", NOW).body == b"hej"
        for url in (
            httpserver.url_for("/"),
            "http://127.0.0.1/",
            f"https://annan.example.org:{httpserver.port}/",
        ):
            with pytest.raises(NotSeen):
                fetcher.get(url, NOW)
    assert len(httpserver.log) == 1


@pytest.mark.parametrize("elsewhere", ["http://93.184.215.14:80", "http://10.0.0.1:80", "http://example.org"])
def test_a_stand_in_is_on_this_machine(elsewhere: str):
    with pytest.raises(ValueError):
        Fetcher(stand_ins={"https://example.org": elsewhere})
