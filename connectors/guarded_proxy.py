"""The only way out for the browser that takes pictures of pages.

A browser asked not to visit some addresses still follows redirects to them, opens sockets and looks names up
again later. So it is given no other way than this proxy, which looks each name up itself, refuses what is not
on the open internet, and connects to the very address it checked.
"""

import contextlib
import socket
import threading
from collections.abc import Collection
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from connectors.addresses import AddressRefused, place_of

_LONGEST_HEAD = 64 * 1024
_SECONDS_TO_CONNECT = 10.0
_PIECE = 64 * 1024
_CLOSED = (OSError, ValueError)


class GuardedProxy:
    """Listens on this machine, while in a `with`, for one browser."""

    def __init__(self, allowed_origins: Collection[str] = ()) -> None:
        self._allowed = tuple(allowed_origins)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.refused: list[str] = []
        """Hosts with ports that the browser was not let out to."""

    def __enter__(self) -> Self:
        threading.Thread(target=self._receive, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, why: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closing alone would not wake the one who waits.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _receive(self) -> None:
        while True:
            try:
                browser, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(browser,), daemon=True).start()

    def _serve(self, browser: socket.socket) -> None:
        """One connection. What cannot be reached or may not be is closed without an answer."""
        with browser, contextlib.suppress(*_CLOSED):
            browser.settimeout(_SECONDS_TO_CONNECT)
            head, rest = _head(browser)
            method, target, version = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
            host, port = _host_and_port(method, target)
            with self._connected(host, port) as outside:
                if method == "CONNECT":
                    browser.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    outside.sendall(_for_the_server(head, method, target, version))
                outside.sendall(rest)
                _join(browser, outside)

    def _connected(self, host: str, port: int) -> socket.socket:
        """A connection to the address that was checked; raises OSError or ValueError for none."""
        try:
            numbers = place_of(host, port, self._allowed)
        except AddressRefused:
            self.refused.append(f"{host}:{port}")
            raise
        return socket.create_connection((numbers, port), timeout=_SECONDS_TO_CONNECT)


def _head(browser: socket.socket) -> tuple[bytes, bytes]:
    """The request's head, and what came after it. Raises ValueError for one without end."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = browser.recv(_PIECE)
        received += piece
        if not piece or len(received) > _LONGEST_HEAD:
            raise ValueError("no request")
    head, _, rest = received.partition(b"\r\n\r\n")
    return head, rest


def _host_and_port(method: str, target: str) -> tuple[str, int]:
    parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
    return parts.hostname or "", parts.port or (443 if method == "CONNECT" else 80)


def _for_the_server(head: bytes, method: str, target: str, version: str) -> bytes:
    """The head as a server wants it; one request a connection, so that the next is looked at too."""
    parts = urlsplit(target)
    path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    lines = head.split(b"\r\n")[1:]
    kept = [line for line in lines if not line.lower().startswith((b"proxy-", b"connection:"))]
    return b"\r\n".join(
        [f"{method} {path} {version}".encode("latin-1"), *kept, b"Connection: close", b"", b""]
    )


def _join(browser: socket.socket, outside: socket.socket) -> None:
    """Pass on what either says until both have ended."""
    browser.settimeout(None)
    outside.settimeout(None)
    upwards = threading.Thread(target=_pass_on, args=(browser, outside), daemon=True)
    upwards.start()
    _pass_on(outside, browser)
    upwards.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(*_CLOSED):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
    with contextlib.suppress(*_CLOSED):
        target.shutdown(socket.SHUT_WR)
