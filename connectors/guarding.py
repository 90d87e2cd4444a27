"""Where a request may go: to the open internet, never into the network that Kanalvakt itself stands in.

Account and feed addresses are written by people, and a server may redirect anywhere. So the name is resolved
here, every address it has is checked, and the connection is made to a checked address: what a name means
cannot change between the check and the connection.
"""

import socket
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from ssl import SSLContext
from typing import Any

import httpcore2

from connectors.addresses import is_public

Resolve = Callable[[str, int], list[str]]
"""A name and a port to the addresses it has, as numbers."""

deadline: ContextVar[float] = ContextVar("deadline")
"""When the request under way must have ended, by the monotonic clock."""


class Forbidden(Exception):
    """The name leads to an address that is not on the open internet."""


def resolved(name: str, port: int) -> list[str]:
    """Every address of a name. Raises OSError if it has none."""
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Network(httpcore2.NetworkBackend):
    """Sockets that give up when the request's time is out, however slowly the other side drips."""

    def __init__(self, inner: httpcore2.NetworkBackend | None = None) -> None:
        self._inner = inner or httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        stream = self._inner.connect_tcp(host, port, remaining(timeout), local_address, socket_options)
        return _TimedStream(stream)


class PublicNetwork(Network):
    """Sockets to the open internet only. Raises Forbidden for a name that leads anywhere else."""

    def __init__(self, inner: httpcore2.NetworkBackend | None = None, resolve: Resolve = resolved) -> None:
        super().__init__(inner)
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        *others, last = self._checked(host, port)
        for address in others:
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return super().connect_tcp(last, port, timeout, local_address, socket_options)

    def _checked(self, host: str, port: int) -> list[str]:
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError):
            raise httpcore2.ConnectError("the name has no address") from None
        if not addresses or not all(is_public(address) for address in addresses):
            raise Forbidden
        return addresses


class _TimedStream(httpcore2.NetworkStream):
    """A stream whose every step is bounded by the request's deadline."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, remaining(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, remaining(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def remaining(timeout: float | None) -> float | None:
    """The step's own timeout, or what is left of the request's time if that is shorter."""
    ends = deadline.get(None)
    if ends is None:
        return timeout
    left = ends - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("the request took too long")
    return left if timeout is None else min(timeout, left)
