"""Which addresses a page may be fetched from: the open internet's, never those of our own network."""

import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

_PORTS = {"http": 80, "https": 443}
_OPEN_INTERNET = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


class AddressRefused(ValueError):
    """An address that leads elsewhere than to the open internet, or is no web address."""


def demand_public(url: str, allowed_origins: Collection[str] = ()) -> str:
    """The address in numbers to connect to. Raises AddressRefused; OSError where the name has none.

    `allowed_origins`, such as "http://127.0.0.1:4711", are let through besides: for tests and demonstrations.
    """
    parts = _web_address(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    return place_of(host, port, allowed_origins)


def place_of(host: str, port: int, allowed_origins: Collection[str] = ()) -> str:
    """The address in numbers of a host, every one of whose addresses is public. Raises as demand_public."""
    numbers = _numbers(host, port)
    if (host.lower(), port) in _allowed(allowed_origins):
        return numbers[0]
    if port not in _PORTS.values() or not all(is_public(one) for one in numbers):
        raise AddressRefused(f"{host}:{port}")
    return numbers[0]


def is_public(numbers: str) -> bool:
    """Whether an address in numbers is on the open internet; IPv4 written as IPv6 counts as IPv4."""
    address = _plain(ip_address(numbers.partition("%")[0]))
    if isinstance(address, IPv6Address):
        tunnelled = address.teredo is not None or address.sixtofour is not None
        return address in _OPEN_INTERNET and address.is_global and not tunnelled
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address


def _web_address(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        wrong = parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc or parts.port == 0
    except ValueError:
        raise AddressRefused(url[:200]) from None
    if wrong:
        raise AddressRefused(url[:200])
    return parts


def _numbers(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(f"{host} är inget namn") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _allowed(origins: Collection[str]) -> set[tuple[str, int]]:
    parts = [_web_address(origin) for origin in origins]
    return {(part.hostname or "", part.port or _PORTS[part.scheme]) for part in parts}
