"""No page, and nothing on a page, is fetched from the network that Kanalvakt itself stands in."""

import socket
from collections.abc import Iterator

import pytest

from connectors.addresses import AddressRefused, demand_public, is_public, place_of
from connectors.guarded_proxy import GuardedProxy
from tests.connectors.platform_pages import Platform

# RFC 1918, 1122, 3927, 6598, 6890, 5737, 5771, 4193, 4291, 6052, 4380, 3056; and how IPv6 writes IPv4.
NOT_PUBLIC = [
    *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "127.0.0.1", "127.8.8.8", "0.0.0.0"),
    *("169.254.169.254", "100.64.0.1", "192.0.2.1", "198.51.100.7", "203.0.113.9", "198.18.0.1"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::7f00:1"),
    *("2002:7f00:1::", "2001:0:1::1", "fec0::1", "4000::1"),
]
PUBLIC = ["8.8.8.8", "193.10.20.30", "172.32.0.1", "2a00:1450:400f::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_of_our_own_network(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_open_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://2130706433/", "http://0x7f.1/"),
        *("http://0177.0.0.1/", "http://127.1/", "http://[::ffff:127.0.0.1]/", "http://10.1.1.1:80/"),
        *("http://8.8.8.8:22/", "https://8.8.8.8:8443/", "http://user@8.8.8.8/", "http://8.8.8.8:0/"),
        *("ftp://8.8.8.8/", "file:///etc/passwd", "javascript:alert(1)", "https://", "http://[::1", ""),
    ],
)
def test_what_leads_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        demand_public(url)


def test_a_public_address_is_given_in_numbers() -> None:
    assert demand_public("https://8.8.8.8/path?x=1") == "8.8.8.8"
    assert place_of("8.8.4.4", 80) == "8.8.4.4"


def test_a_name_with_one_private_address_among_others_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [(2, 1, 6, "", (one, 443)) for one in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entries)
    with pytest.raises(AddressRefused):
        demand_public("https://www.example.org/")


def test_only_a_named_origin_is_let_through() -> None:
    allowed = ["http://127.0.0.1:4711"]
    assert demand_public("http://127.0.0.1:4711/x", allowed) == "127.0.0.1"
    with pytest.raises(AddressRefused):
        demand_public("http://127.0.0.1:4712/x", allowed)


@pytest.fixture
def platform() -> Iterator[Platform]:
    server = Platform()
    yield server
    server.close()


def told(proxy: GuardedProxy, request: str) -> str:
    """Everything that comes back over a connection to the proxy."""
    port = int(proxy.address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as browser:
        browser.sendall(request.encode())
        return b"".join(iter(lambda: browser.recv(4096), b"")).decode()


def test_the_proxy_fetches_from_where_it_may(platform: Platform) -> None:
    with GuardedProxy([platform.origin]) as proxy:
        answer = told(
            proxy, f"GET {platform.origin}/plain?x=1 HTTP/1.1\r\nHost: x\r\nProxy-Connection: y\r\n\r\n"
        )
    assert "200 OK" in answer and "Exempelby bibliotek" in answer and platform.asked == ["plain"]


def test_the_proxy_opens_a_tunnel_to_where_it_may(platform: Platform) -> None:
    place = platform.origin.removeprefix("http://")
    tunnelled = f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\nGET /plain HTTP/1.0\r\n\r\n"
    with GuardedProxy([platform.origin]) as proxy:
        answer = told(proxy, tunnelled)
    assert answer.startswith("HTTP/1.1 200 Connection established\r\n\r\n") and "bibliotek" in answer


@pytest.mark.parametrize("method", ["GET http://{}/plain", "CONNECT {}"])
def test_the_proxy_says_nothing_of_our_own_network(platform: Platform, method: str) -> None:
    place = platform.origin.removeprefix("http://")
    with GuardedProxy(["http://127.0.0.1:9"]) as proxy:
        assert told(proxy, f"{method.format(place)} HTTP/1.1\r\nHost: {place}\r\n\r\n") == ""
        assert proxy.refused == [place]
    assert platform.asked == []


@pytest.mark.parametrize(
    "request_", ["nonsense\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "CONNECT :443 HTTP/1.1\r\n\r\n"]
)
def test_the_proxy_survives_nonsense(platform: Platform, request_: str) -> None:
    with GuardedProxy([platform.origin]) as proxy:
        assert told(proxy, request_) == ""
        assert "200 OK" in told(proxy, f"GET {platform.origin}/plain HTTP/1.1\r\n\r\n")
