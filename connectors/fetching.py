"""Fetching from the open internet, politely and within limits: the only place that opens a connection.

No cookies are kept, no address is asked faster than its spacing, and whoever says "later" is left alone until
then. A wish to wait is counted from the `now` of the one who asks; the seconds of a request are monotonic.
"""

import math
import ssl
import threading
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from types import MappingProxyType, TracebackType
from typing import NamedTuple, Self, TypeVar

import httpcore2
import httpx2
from pydantic import BaseModel, ValidationError

from connectors.guarding import Forbidden, Network, PublicNetwork, deadline
from connectors.politeness import Host, wish_to_wait
from connectors.sights import NotSeen, joined
from models.observation import SightState

USER_AGENT = "Kanalvakt/0.1 (looks after a public body's own accounts)"
LARGEST_BODY = 8 * 1024 * 1024
"""Bytes, also when unpacked: a long podcast's feed has a few million."""
LONGEST_PAUSE = 5.0
"""Seconds that are waited on the spot when a server wishes it; a longer wait is for a later look."""
MOST_HOPS = 5

_PORTS = {"http": 80, "https": 443}
_REDIRECTS = (301, 302, 303, 307, 308)
_PASSING = (500, 502, 503, 504)
_PASSING_FAULTS = (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.RemoteProtocolError)
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})

Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(frozen=True)
class Answer:
    """What a server answered; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str
    """Where it came from, after redirects."""

    def read_as(self, shape: type[Shape]) -> Shape:
        """The answer's JSON. Raises NotSeen `malformed`, without the content, if it has another form."""
        try:
            return shape.model_validate_json(self.body)
        except ValidationError:
            raise NotSeen(
                SightState.MALFORMED, "Svaret går inte att läsa: det har en oväntad form."
            ) from None


class _Place(NamedTuple):
    """An address that may be asked, and where to connect for it."""

    name: str
    address: str
    url: httpcore2.URL
    pool: httpcore2.ConnectionPool


class _Again(Exception):
    """What may go better at the next attempt, and what to say if it does not."""

    def __init__(self, not_seen: NotSeen, *, may_hurry: bool) -> None:
        super().__init__()
        self.not_seen, self.may_hurry = not_seen, may_hurry

    def pause(self, pauses: Sequence[float], now: datetime) -> float:
        """Seconds to the next attempt: as the server wishes, else as we see fit; infinite if not at all."""
        until = self.not_seen.retry_after
        if not pauses or (until is None and not self.may_hurry):
            return math.inf
        return pauses[0] if until is None else (until - now).total_seconds()


class Fetcher:
    """Fetches for all connectors, from any number of threads. Close it, or use it in a `with`.

    `stand_ins` is for tests and demonstrations only: origin → a loopback origin that is asked in its place
    ("https://graph.facebook.com" → "http://127.0.0.1:4711"). Nothing else on this machine can be reached.
    """

    def __init__(
        self,
        *,
        stand_ins: Mapping[str, str] = _NO_HEADERS,
        spacing: float = 1.0,
        pauses: Sequence[float] = (0.5, 2.0),
        seconds: float = 20.0,
        network: PublicNetwork | None = None,
    ) -> None:
        self._stand_ins = {origin: _loopback(address) for origin, address in stand_ins.items()}
        self._spacing, self._pauses, self._seconds = spacing, pauses, seconds
        trust = httpx2.create_ssl_context()
        self._open = _pool(network or PublicNetwork(), trust)
        self._here = _pool(Network(), trust)
        self._hosts: dict[str, Host] = {}
        self._hosts_lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, why: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._open.close()
        self._here.close()

    def get(self, url: str, now: datetime, headers: Mapping[str, str] = _NO_HEADERS) -> Answer:
        """Fetch, following redirects; with an Authorization header nothing is followed.

        Raises NotSeen `unreachable`, `rate_limited` or `malformed`. Every other status is the caller's.
        """
        for _ in range(MOST_HOPS):
            answer = self._in_turn(url, now, headers)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not target or "Authorization" in headers:
                return answer
            url = joined(url, target) or target
        raise NotSeen(SightState.UNREACHABLE, "Adressen leder runt i en ring av hänvisningar.")

    def rest(self, url: str, until: datetime) -> None:
        """Leave the server of an address alone until then: it said so in its own way."""
        self._host(self._place(url).name).rests_until = until

    def _in_turn(self, url: str, now: datetime, headers: Mapping[str, str]) -> Answer:
        place = self._place(url)
        host = self._host(place.name)
        with host.turn(self._spacing):
            host.demand_awake(now)
            try:
                return self._tried(place, now, headers, self._pauses)
            except NotSeen as why:
                host.rests_until = why.retry_after or host.rests_until
                raise

    def _tried(
        self, place: _Place, now: datetime, headers: Mapping[str, str], pauses: Sequence[float]
    ) -> Answer:
        try:
            return self._once(place, now, headers)
        except _Again as why:
            pause = why.pause(pauses, now)
            if pause > LONGEST_PAUSE:
                raise why.not_seen from None
            time.sleep(max(0.0, pause))
        return self._tried(place, now, headers, pauses[1:])

    def _once(self, place: _Place, now: datetime, headers: Mapping[str, str]) -> Answer:
        """One attempt. A fault's own text goes no further: it may quote a header, and that may be a token."""
        try:
            answer = self._exchanged(place, headers)
        except Forbidden:
            raise NotSeen(SightState.UNREACHABLE, _says_forbidden(place.name)) from None
        except _PASSING_FAULTS as fault:
            why = NotSeen(SightState.UNREACHABLE, _says(fault, place.name))
            raise _Again(why, may_hurry=not _is_distrust(fault)) from None
        except httpcore2.ProtocolError:
            raise NotSeen(SightState.MALFORMED, f"{place.name} svarade inte som en webbserver.") from None
        _demand_served(answer, place.name, now)
        return answer

    def _exchanged(self, place: _Place, headers: Mapping[str, str]) -> Answer:
        asked = [("User-Agent", USER_AGENT), ("Accept-Encoding", "gzip"), *headers.items()]
        limits = {"timeout": {"connect": 5.0, "read": 10.0, "write": 10.0, "pool": 10.0}}
        ends = deadline.set(time.monotonic() + self._seconds)
        try:
            with place.pool.stream("GET", place.url, headers=asked, extensions=limits) as response:
                got = _readable(response.headers)
                body = _unpacked(_whole(response), got.get("content-encoding", ""))
        finally:
            deadline.reset(ends)
        return Answer(response.status, got, body, place.address)

    def _host(self, name: str) -> Host:
        with self._hosts_lock:
            return self._hosts.setdefault(name, Host())

    def _place(self, url: str) -> _Place:
        """Raises NotSeen for an address that is none of the open web's."""
        try:
            asked = httpx2.URL(url)
        except (httpx2.InvalidURL, ValueError):
            raise NotSeen(SightState.UNREACHABLE, "Adressen är ingen webbadress.") from None
        if asked.scheme not in _PORTS or not asked.raw_host or asked.userinfo:
            raise NotSeen(SightState.UNREACHABLE, "Adressen är ingen öppen webbadress.")
        if asked.port not in (None, *_PORTS.values()):
            raise NotSeen(SightState.UNREACHABLE, "Adressen har en port som inte hör till den öppna webben.")
        name = asked.raw_host.decode("ascii")
        stand_in = self._stand_ins.get(f"{asked.scheme}://{name}")
        pool = self._open if stand_in is None else self._here
        return _Place(name, url, _core_url(stand_in or asked, asked.raw_path), pool)


def _pool(network: Network, trust: ssl.SSLContext) -> httpcore2.ConnectionPool:
    return httpcore2.ConnectionPool(
        ssl_context=trust,
        max_connections=None,
        max_keepalive_connections=10,
        keepalive_expiry=30.0,
        network_backend=network,
    )


def _loopback(address: str) -> httpx2.URL:
    """Raises ValueError for a stand-in that is not on this machine."""
    url = httpx2.URL(address)
    if not ip_address(url.host).is_loopback:
        raise ValueError(f"A stand-in is a loopback address, not {address}.")
    return url


def _core_url(origin: httpx2.URL, path: bytes) -> httpcore2.URL:
    return httpcore2.URL(
        scheme=origin.raw_scheme, host=origin.raw_host, port=origin.port, target=path or b"/"
    )


def _readable(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def _whole(response: httpcore2.Response) -> bytes:
    body = bytearray()
    for part in response.iter_stream():
        body += part
        _demand_small(body)
    return bytes(body)


def _unpacked(body: bytes, coding: str) -> bytes:
    """The body as it was before it was packed for the way; never more of it than the limit."""
    if coding.lower() in ("", "identity") or not body:
        return body
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        unpacked = unpacker.decompress(body, LARGEST_BODY + 1)
    except zlib.error:
        raise NotSeen(SightState.MALFORMED, "Svaret är packat på ett sätt som inte går att läsa.") from None
    _demand_small(unpacked)
    if not unpacker.eof or unpacker.unused_data:
        raise NotSeen(SightState.MALFORMED, "Svaret är packat på ett sätt som inte går att läsa.")
    return unpacked


def _demand_small(body: bytes | bytearray) -> None:
    if len(body) > LARGEST_BODY:
        raise NotSeen(SightState.MALFORMED, f"Svaret är större än {LARGEST_BODY // 1024 // 1024} megabyte.")


def _demand_served(answer: Answer, name: str, now: datetime) -> None:
    """Raises _Again for a server that cannot answer now."""
    wish = wish_to_wait(answer.headers, now)
    if answer.status == 429:
        says = f"{name} vill inte bli frågad så ofta. Kontot läses vid nästa avläsning."
        raise _Again(NotSeen(SightState.RATE_LIMITED, says, retry_after=wish), may_hurry=False)
    if answer.status in _PASSING:
        says = f"{name} kunde inte svara (fel {answer.status})."
        raise _Again(NotSeen(SightState.UNREACHABLE, says, retry_after=wish), may_hurry=True)


def _says_forbidden(name: str) -> str:
    return f"{name} leder härifrån till ett internt nät. Kanalvakt läser bara på det öppna internet."


def _is_distrust(fault: Exception) -> bool:
    """A certificate that is refused once is refused the next moment too."""
    return any(isinstance(why, ssl.SSLCertVerificationError) for why in fault.args)


def _says(fault: Exception, name: str) -> str:
    if _is_distrust(fault):
        return f"{name} har ett certifikat som inte går att lita på."
    if isinstance(fault, httpcore2.TimeoutException):
        return f"{name} svarade inte i tid."
    return f"{name} går inte att nå."
