"""The Mastodon connector against a server that others wrote: its forms are not ours.

mastodon-mock is checked against Mastodon's published schema. It wants other packages than Prefect does, so it
has an environment of its own.
"""

import json
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.fetching import Fetcher
from connectors.observing import observe
from connectors.sights import Observation, Subject
from models import SightState

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-mocks" / "bin" / "python"
ADDRESS = "https://social.example.org/@testuser"


class Server:
    """A running server with one account, `testuser`."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"

    def call(self, path: str, sent: dict | None = None, method: str | None = None) -> dict:
        body = None if sent is None else json.dumps(sent).encode()
        return self.ask(path, body, "application/json", method)

    def ask(self, path: str, body: bytes | None, content_type: str, method: str | None) -> dict:
        headers = {"Authorization": "Bearer mock_token", "Content-Type": content_type}
        asked = urllib.request.Request(f"{self.address}{path}", body, headers, method=method)
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return json.load(answer)

    def post(self, text: str, **more) -> dict:
        return self.call("/api/v1/statuses", {"status": text, **more})

    def lock(self) -> None:
        form = "application/x-www-form-urlencoded"
        self.ask("/api/v1/accounts/update_credentials", b"locked=true", form, "PATCH")

    def fault(self, path: str, **effect) -> None:
        self.call("/api/v1/_mock/faults", {"match": {"path": path}, "effect": effect})

    def is_up(self) -> bool:
        try:
            return bool(self.call("/api/v1/instance"))
        except OSError:
            return False


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    if not PYTHON.exists():
        pytest.fail("mastodon-mock is missing. Install it: scripts/install-mastodon-mock", pytrace=False)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        PYTHON,
        "-m",
        "mastodon_mock",
        "serve",
        "--in-memory",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    with subprocess.Popen([*command, "--log-level", "error"], cwd=PYTHON.parent) as process:
        try:
            yield wait_for(Server(port), process)
        finally:
            process.terminate()


def wait_for(server: Server, process: "subprocess.Popen[bytes]") -> Server:
    ends = time.monotonic() + 30
    while not server.is_up():
        assert process.poll() is None and time.monotonic() < ends, "mastodon-mock does not start"
        time.sleep(0.1)
    return server


@pytest.fixture
def server(running: Server) -> Server:
    running.call("/api/v1/_mock/faults", method="DELETE")
    running.call("/api/v1/_mock/reset", {})
    return running


def see(server: Server, ago: timedelta = timedelta(hours=1), **known) -> Observation:
    """A look, a minute from now at a server whose clock is this machine's."""
    now = datetime.now(UTC) + timedelta(minutes=1)
    stand_ins = {"https://social.example.org": server.address}
    with Fetcher(stand_ins=stand_ins, spacing=0, pauses=(0.01,)) as fetcher:
        seen = observe(Subject("mastodon", ADDRESS, **known), now - ago, now, fetcher)
    assert isinstance(seen, Observation)
    return seen


def test_what_was_posted(server: Server):
    first, second = server.post("Hej"), server.post("Hej igen", visibility="unlisted")
    seen = see(server)
    assert (seen.state, seen.count, seen.complete) == (SightState.OK, 2, True)
    assert seen.latest_at == datetime.fromisoformat(second["created_at"])
    assert (seen.latest_url, seen.platform_id) == (second["url"], first["account"]["id"])


def test_what_is_no_post_of_the_accounts_own_to_all(server: Server):
    post = server.post("Hej")
    server.call(f"/api/v1/statuses/{post['id']}/reblog", {})
    server.post("Bara för följare", visibility="private")
    server.post("Till en", visibility="direct")
    assert see(server).count == 1


def test_nothing_posted(server: Server):
    seen = see(server)
    assert (seen.state, seen.count) == (SightState.EMPTY, 0)


def test_a_post_before_the_last_look(server: Server):
    server.post("Hej")
    seen = see(server, ago=timedelta(seconds=1))
    assert (seen.state, seen.count, seen.latest_at is not None) == (SightState.EMPTY, 0, True)


def test_more_than_a_page(server: Server):
    for number in range(41):
        server.post(f"Inlägg {number}")
    seen = see(server)
    assert (seen.count, seen.complete) == (40, False)


def test_followers_only(server: Server):
    server.lock()
    server.post("Bara för följare", visibility="private")
    assert see(server).state is SightState.PRIVATE


def test_an_id_that_is_somebody_elses(server: Server):
    assert see(server, platform_id="1").state is SightState.GONE


@pytest.mark.parametrize("path", ["/api/v1/accounts/lookup", "/api/v1/accounts/*/statuses"])
@pytest.mark.parametrize(
    ("effect", "state"),
    [
        ({"type": "ratelimit"}, SightState.RATE_LIMITED),
        ({"type": "malformed"}, SightState.MALFORMED),
        ({"type": "status", "status": 401}, SightState.NO_PERMISSION),
        ({"type": "status", "status": 404}, SightState.GONE),
        ({"type": "status", "status": 410}, SightState.GONE),
        ({"type": "status", "status": 503}, SightState.UNREACHABLE),
    ],
)
def test_faults(server: Server, path: str, effect: dict, state: SightState):
    server.post("Hej")
    server.fault(path, **effect)
    seen = see(server)
    assert (seen.state, seen.count) == (state, None)
    assert (seen.retry_after is not None) == (state is SightState.RATE_LIMITED)
