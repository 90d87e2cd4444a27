"""Fetching: limits, politeness, redirects and what may be told of a fault."""

import gzip
import itertools
import logging
import socket
import threading
import time
import traceback
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.fetching import LARGEST_BODY, Fetcher
from connectors.guarding import PublicNetwork
from connectors.sights import NotSeen
from models import SightState
from tests.connectors.certificates import trusted_server
from tests.connectors.test_guarding import Wire
from tests.connectors.world import NOW, iso, quick_fetcher

BLOG = "https://blogg.example.org/x"
OTHER = "https://social.example.org/x"


def not_seen(fetcher: Fetcher, url: str = BLOG, now=NOW, headers=None) -> NotSeen:
    with pytest.raises(NotSeen) as why:
        fetcher.get(url, now, headers or {})
    return why.value


def test_who_is_asking(httpserver: HTTPServer, fetcher: Fetcher):
    httpserver.expect_request("/x").respond_with_data("")
    fetcher.get(BLOG, NOW)
    assert "Kanalvakt" in httpserver.log[0][0].headers["User-Agent"]


def test_no_cookie_is_kept(httpserver: HTTPServer, fetcher: Fetcher):
    httpserver.expect_request("/x").respond_with_data("", headers={"Set-Cookie": "a=b"})
    fetcher.get(BLOG, NOW)
    fetcher.get(BLOG, NOW)
    assert "Cookie" not in httpserver.log[1][0].headers


def test_passing_faults_are_tried_again(httpserver: HTTPServer, fetcher: Fetcher):
    for status in (503, 502):
        httpserver.expect_ordered_request("/x").respond_with_data("", status=status)
    httpserver.expect_ordered_request("/x").respond_with_data("hej")
    assert fetcher.get(BLOG, NOW).body == b"hej"


def test_there_is_an_end_to_trying(httpserver: HTTPServer, fetcher: Fetcher):
    httpserver.expect_request("/x").respond_with_data("", status=500)
    why = not_seen(fetcher)
    assert (why.state, len(httpserver.log)) == (SightState.UNREACHABLE, 3)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418])
def test_an_answer_that_will_not_change_is_not_asked_for_again(
    httpserver: HTTPServer, fetcher: Fetcher, status
):
    httpserver.expect_request("/x").respond_with_data("", status=status)
    assert fetcher.get(BLOG, NOW).status == status
    assert len(httpserver.log) == 1


WAITS = {
    "seconds": ({"Retry-After": "120"}, timedelta(seconds=120)),
    "a date": ({"Retry-After": "Wed, 25 Nov 2026 12:30:00 GMT"}, timedelta(minutes=30)),
    "a date that has been": ({"Retry-After": "Wed, 25 Nov 2026 11:00:00 GMT"}, timedelta(0)),
    "too long": ({"Retry-After": "99999999999999"}, timedelta(days=1)),
    "a far date": ({"Retry-After": "Wed, 25 Nov 2099 11:00:00 GMT"}, timedelta(days=1)),
    "nonsense": ({"Retry-After": "snart"}, None),
    "negative": ({"Retry-After": "-5"}, None),
    "no zone": ({"Retry-After": "Wed, 25 Nov 2026 12:30:00 -0000"}, None),
    "nothing": ({}, None),
    "Mastodon's": ({"X-RateLimit-Reset": iso(NOW + timedelta(minutes=2))}, timedelta(minutes=2)),
    "Bluesky's": ({"RateLimit-Reset": str(int(NOW.timestamp()) + 90)}, timedelta(seconds=90)),
    "Bluesky's nonsense": ({"RateLimit-Reset": "9" * 40}, None),
}


@pytest.mark.parametrize("name", WAITS)
def test_the_wish_to_wait_is_told(httpserver: HTTPServer, fetcher: Fetcher, name):
    headers, wait = WAITS[name]
    httpserver.expect_request("/x").respond_with_data("", status=429, headers=headers)
    why = not_seen(fetcher)
    assert (why.state, why.retry_after) == (SightState.RATE_LIMITED, None if wait is None else NOW + wait)


def test_a_server_that_wants_rest_is_left_alone_until_then(httpserver: HTTPServer, fetcher: Fetcher):
    httpserver.expect_ordered_request("/x").respond_with_data("", status=429, headers={"Retry-After": "600"})
    not_seen(fetcher)
    why = not_seen(fetcher, "https://blogg.example.org/y", NOW + timedelta(minutes=9))
    assert (why.state, why.retry_after) == (SightState.RATE_LIMITED, NOW + timedelta(minutes=10))
    assert len(httpserver.log) == 1
    httpserver.expect_ordered_request("/x").respond_with_data("hej")
    assert fetcher.get(BLOG, NOW + timedelta(minutes=11)).body == b"hej"


def test_an_unavailable_server_that_names_a_time_is_left_alone_too(httpserver: HTTPServer, fetcher: Fetcher):
    httpserver.expect_request("/x").respond_with_data("", status=503, headers={"Retry-After": "600"})
    assert not_seen(fetcher).state is SightState.UNREACHABLE
    assert not_seen(fetcher).retry_after == NOW + timedelta(minutes=10)
    assert len(httpserver.log) == 1


def test_others_are_asked_meanwhile(httpserver: HTTPServer, fetcher: Fetcher):
    httpserver.expect_ordered_request("/x").respond_with_data("", status=429, headers={"Retry-After": "600"})
    httpserver.expect_ordered_request("/x").respond_with_data("hej")
    not_seen(fetcher, BLOG)
    assert fetcher.get(OTHER, NOW).body == b"hej"


def test_a_rest_ends_when_the_clock_is_set_back(httpserver: HTTPServer, fetcher: Fetcher):
    httpserver.expect_ordered_request("/x").respond_with_data("", status=429, headers={"Retry-After": "600"})
    httpserver.expect_ordered_request("/x").respond_with_data("hej")
    not_seen(fetcher)
    assert fetcher.get(BLOG, NOW - timedelta(days=300)).body == b"hej"


def test_a_short_wish_is_waited_for(httpserver: HTTPServer, fetcher: Fetcher):
    httpserver.expect_ordered_request("/x").respond_with_data("", status=429, headers={"Retry-After": "1"})
    httpserver.expect_ordered_request("/x").respond_with_data("hej")
    started = time.monotonic()
    assert fetcher.get(BLOG, NOW).body == b"hej"
    assert time.monotonic() - started >= 1


@pytest.fixture
def busy_server() -> Iterator[HTTPServer]:
    """Answers several at once, so that who asks decides how many that are."""
    with HTTPServer(host="127.0.0.1", port=0, threaded=True) as server:
        yield server


def test_one_server_is_asked_by_one_at_a_time_with_space_between(busy_server: HTTPServer):
    at: list[float] = []
    busy = threading.Lock()

    def answer(request: Request) -> Response:
        assert busy.acquire(blocking=False), "two at once"
        at.append(time.monotonic())
        time.sleep(0.02)
        busy.release()
        return Response("hej")

    busy_server.expect_request("/x").respond_with_handler(answer)
    with quick_fetcher(busy_server, spacing=0.1) as fetcher:
        asking = [threading.Thread(target=fetcher.get, args=(BLOG, NOW)) for _ in range(4)]
        for one in asking:
            one.start()
        for one in asking:
            one.join()
    busy_server.check()
    assert len(at) == 4
    assert all(later - earlier >= 0.1 for earlier, later in itertools.pairwise(at))


def test_different_servers_are_asked_side_by_side(busy_server: HTTPServer):
    both = threading.Barrier(2, timeout=20)

    def answer(request: Request) -> Response:
        both.wait()
        return Response("hej")

    busy_server.expect_request("/x").respond_with_handler(answer)
    with quick_fetcher(busy_server) as fetcher:
        asking = [threading.Thread(target=fetcher.get, args=(url, NOW)) for url in (BLOG, OTHER)]
        for one in asking:
            one.start()
        for one in asking:
            one.join()
    busy_server.check()
    assert len(busy_server.log) == 2


def test_redirects_are_followed(httpserver: HTTPServer, fetcher: Fetcher):
    httpserver.expect_request("/x").respond_with_data("", status=308, headers={"Location": "/y"})
    there = "https://social.example.org/z?a=1"
    httpserver.expect_request("/y").respond_with_data("", status=302, headers={"Location": there})
    httpserver.expect_request("/z", query_string="a=1").respond_with_data("hej")
    answer = fetcher.get(BLOG, NOW)
    assert (answer.body, answer.url) == (b"hej", there)


def test_a_ring_of_redirects(httpserver: HTTPServer, fetcher: Fetcher):
    httpserver.expect_request("/x").respond_with_data("", status=302, headers={"Location": "/x"})
    assert not_seen(fetcher).state is SightState.UNREACHABLE
    assert len(httpserver.log) == 5


def test_a_redirect_to_nowhere_is_an_answer(httpserver: HTTPServer, fetcher: Fetcher):
    httpserver.expect_request("/x").respond_with_data("", status=302)
    assert fetcher.get(BLOG, NOW).status == 302


@pytest.mark.parametrize("target", ["http://[", "http://\x01/", "mailto:a@example.org"])
def test_a_redirect_to_what_is_no_address(httpserver: HTTPServer, fetcher: Fetcher, target: str):
    httpserver.expect_request("/x").respond_with_data("", status=302, headers={"Location": target})
    assert not_seen(fetcher).state is SightState.UNREACHABLE


def test_a_token_goes_to_no_other_address(httpserver: HTTPServer, fetcher: Fetcher):
    httpserver.expect_request("/x").respond_with_data("", status=302, headers={"Location": OTHER})
    assert fetcher.get(BLOG, NOW, {"Authorization": "Bearer hemlig"}).status == 302
    assert len(httpserver.log) == 1


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_packed_answers(httpserver: HTTPServer, fetcher: Fetcher, pack):
    coding = "gzip" if pack is gzip.compress else "deflate"
    httpserver.expect_request("/x").respond_with_data(
        pack(b"hej" * 999), headers={"Content-Encoding": coding}
    )
    assert fetcher.get(BLOG, NOW).body == b"hej" * 999


UNREADABLE = {
    "too large": (lambda: b"x" * (LARGEST_BODY + 1), "identity"),
    "too large when unpacked": (lambda: gzip.compress(b"x" * (LARGEST_BODY * 3)), "gzip"),
    "not packed": (lambda: b"no gzip", "gzip"),
    "cut off": (lambda: gzip.compress(b"hej" * 999)[:-9], "gzip"),
    "twice": (lambda: gzip.compress(b"hej") + gzip.compress(b"mer"), "gzip"),
    "packed in a way not asked for": (lambda: b"hej", "br"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_answers_that_are_too_large_or_packed_wrongly(httpserver: HTTPServer, fetcher: Fetcher, name):
    make, coding = UNREADABLE[name]
    httpserver.expect_request("/x").respond_with_data(make(), headers={"Content-Encoding": coding})
    assert not_seen(fetcher).state is SightState.MALFORMED


def test_a_packed_bomb_is_never_unpacked_whole(httpserver: HTTPServer, fetcher: Fetcher):
    bomb = gzip.compress(b"\0" * (LARGEST_BODY * 20))
    httpserver.expect_request("/x").respond_with_data(bomb, headers={"Content-Encoding": "gzip"})
    tracemalloc.start()
    try:
        assert not_seen(fetcher).state is SightState.MALFORMED
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < LARGEST_BODY * 5


@contextmanager
def raw_server(answer: bytes, drip: float = 0.0) -> Iterator[str]:
    """Sends what it is told to whoever connects, byte by byte if it is to drip; then hangs up."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(20)

    def serve() -> None:
        while True:
            try:
                peer, _ = listening.accept()
            except OSError:
                return
            with peer:
                peer.recv(65536)
                for byte in answer if drip else ():
                    try:
                        peer.sendall(bytes([byte]))
                    except OSError:
                        break
                    time.sleep(drip)
                else:
                    peer.sendall(b"" if drip else answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (b"", SightState.UNREACHABLE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhej", SightState.UNREACHABLE),
        (b"SSH-2.0-OpenSSH_9.2\r\n", SightState.UNREACHABLE),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", SightState.UNREACHABLE),
    ],
)
def test_servers_that_do_not_speak_properly(answer: bytes, state: SightState):
    with (
        raw_server(answer) as address,
        Fetcher(stand_ins={"http://example.org": address}, spacing=0, pauses=()) as fetcher,
    ):
        assert not_seen(fetcher, "http://example.org/").state is state


@pytest.mark.parametrize(
    "sent", [b"HTTP/1.1 200 OK\r\nX: " + b"x" * 500, b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 500]
)
def test_a_server_that_drips_is_given_up(sent: bytes):
    """Every byte comes in time, the whole never: head and body alike."""
    started = time.monotonic()
    options = {"spacing": 0, "pauses": (), "seconds": 0.6}
    with (
        raw_server(sent, drip=0.05) as address,
        Fetcher(stand_ins={"http://example.org": address}, **options) as fetcher,
    ):
        why = not_seen(fetcher, "http://example.org/")
        took = time.monotonic() - started
    assert (why.state, "i tid" in why.says) == (SightState.UNREACHABLE, True)
    assert 0.5 < took < 10


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Fetcher(
        stand_ins={"http://example.org": f"http://127.0.0.1:{port}"}, spacing=0, pauses=(0.01,)
    ) as fetcher:
        assert not_seen(fetcher, "http://example.org/").state is SightState.UNREACHABLE


@pytest.mark.parametrize("asked", ["blogg.example.org", "annan.example.org"])
def test_a_certificate_is_checked_against_the_name_and_not_the_address(monkeypatch, tmp_path, asked):
    """The connection is made to a number, but the server must prove the name."""
    with trusted_server("blogg.example.org", tmp_path, monkeypatch) as server:
        server.expect_request("/").respond_with_data("hej")
        wire = Wire(server)
        network = PublicNetwork(wire, lambda name, port: ["93.184.215.14"])
        with Fetcher(spacing=0, pauses=(0.01, 0.01), network=network) as fetcher:
            if asked == "blogg.example.org":
                assert fetcher.get(f"https://{asked}/", NOW).body == b"hej"
            else:
                assert "certifikat" in not_seen(fetcher, f"https://{asked}/").says
        assert len(wire.connected) == 1, "a certificate does not get better by asking again"


def test_a_fault_tells_nothing_of_a_token(httpserver: HTTPServer, fetcher: Fetcher, caplog):
    """Not even the fullest log of the client: the text of a fault may quote the header."""
    caplog.set_level(logging.DEBUG)
    httpserver.expect_request("/x").respond_with_data("")
    fetcher.get(BLOG, NOW, {"Authorization": "Bearer hemlig"})
    assert "hemlig" not in caplog.text
    why = not_seen(fetcher, headers={"Authorization": "Bearer hemlig\nX: y"})
    assert "hemlig" not in "".join(traceback.format_exception(why))
