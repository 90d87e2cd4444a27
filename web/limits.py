"""No more is read of a request than its page has use for, and no more links are mailed than people need."""

from collections import Counter
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from threading import Lock

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ORDINARY_LIMIT = 1_000_000
"""Bytes of a form with texts."""
UPLOAD_LIMIT = 25_000_000
"""Bytes of a form with files."""
_POURED_AWAY = 100_000_000
"""Bytes read and forgotten of what is too large, so that the browser gets to show the answer."""

LINKS_AN_HOUR = 60
"""Letters with a link that one client may ask for within an hour by the clock.

A portal behind a proxy that does not say whom it speaks for takes a whole municipality for one client.
"""
REPORTS_AN_HOUR = 20
"""Reports that one client may send from the public register in that time."""


class LinkRequests:
    """How many links each client has asked for this hour: in this process only, and forgotten with it.

    Or how many reports, of which each may send fewer.
    """

    def __init__(self, at_most: int = LINKS_AN_HOUR) -> None:
        self._at_most = at_most
        self._hour = datetime.min
        self._asked: Counter[str] = Counter()
        self._lock = Lock()

    def full_until(self, client: str, now: datetime) -> datetime | None:
        """Count one more; when it is one too many, the instant from which there is room again."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        with self._lock:
            if hour != self._hour:
                self._hour, self._asked = hour, Counter()
            one = _subscriber(client)
            self._asked[one] += 1
            return hour + timedelta(hours=1) if self._asked[one] > self._at_most else None


def _subscriber(client: str) -> str:
    """Who is behind an address: of IPv6 every home and server has a whole /64 to send from."""
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if isinstance(address, IPv4Address) or address.ipv4_mapped:
        return str(getattr(address, "ipv4_mapped", None) or address)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"


class TooLarge(Exception):
    """The request's body goes beyond its limit (in bytes)."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"more than {limit} bytes")


def limit_for(path: str) -> int:
    """Bytes that may be posted to a path: plans, answers to duties, cases, imports and looks take files."""
    endings = ("/plan", "/handelse", "/bevis", "/import", "/utseende")
    takes_files = path.endswith(endings) or "/uppgift/" in path
    return UPLOAD_LIMIT if takes_files else ORDINARY_LIMIT


class BodyLimit:
    """Counts what comes in, whatever the request says its length is, and stops it at the limit."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counting `receive`."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await self.app(scope, counted(receive, limit_for(scope["path"])), send)


def counted(receive: Receive, limit: int) -> Receive:
    """The same `receive`, which raises TooLarge when more than `limit` bytes have come."""
    count = 0

    async def _receive() -> Message:
        nonlocal count
        message = await receive()
        count += len(message.get("body", b""))
        if count > limit:
            await _pour_away(receive, message)
            raise TooLarge(limit)
        return message

    return _receive


async def _pour_away(receive: Receive, message: Message) -> None:
    poured = 0
    while message.get("more_body") and poured < _POURED_AWAY:
        message = await receive()
        poured += len(message.get("body", b""))
