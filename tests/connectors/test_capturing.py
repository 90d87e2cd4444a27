"""REQUIREMENTS 3, Snapshots, each in a process of its own: what is no account's page gives no picture."""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

import connectors.capturing
from connectors.capture_process import TALLEST, WIDTH
from connectors.capturing import BROWSER, INSTALL_BROWSER, Captured, NoBrowser, NotCaptured, capture
from tests.connectors.platform_pages import NAME, Platform


@pytest.fixture(scope="module")
def inside() -> Iterator[Platform]:
    """A server of our own network, which no page may lead to."""
    server = Platform()
    yield server
    server.close()


@pytest.fixture(scope="module")
def platform(inside: Platform) -> Iterator[Platform]:
    if not BROWSER.exists():
        pytest.fail(f"These tests need Chromium: {INSTALL_BROWSER}")
    server = Platform(elsewhere=f"{inside.origin}/plain")
    yield server
    server.close()


def take(platform: Platform, page: str, into: Path, *, seconds: float = 40.0) -> Captured | NotCaptured:
    origins = [platform.origin]
    return capture(
        f"{platform.origin}/{page}", [NAME], into=into, time_limit=seconds, allowed_origins=origins
    )


def taken(platform: Platform, page: str, into: Path) -> Captured:
    captured = take(platform, page, into)
    assert isinstance(captured, Captured), captured
    return captured


def refusal(platform: Platform, page: str, into: Path, *, seconds: float = 40.0) -> NotCaptured:
    refused = take(platform, page, into, seconds=seconds)
    assert isinstance(refused, NotCaptured), refused
    assert not list(into.iterdir())
    return refused


def processes_of(folder: Path) -> list[str]:
    """What runs on this machine with a folder within this one as its home, or in its command."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            if str(folder).encode() in words:
                found.append((process / "stat").read_text()[:60])
    return found


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where captures of this test have their folders. Chromium wants a short path."""
    with tempfile.TemporaryDirectory(prefix="k") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def test_an_account_page_becomes_a_picture(platform: Platform, tmp_path: Path) -> None:
    captured = taken(platform, "plain", tmp_path)
    assert captured.final_address == f"{platform.origin}/plain"
    assert captured.title == f"{NAME} | Platsen" and captured.status == 200
    assert captured.browser.startswith("Chromium 1") and not captured.cut
    assert "Inlägg 11" in captured.text
    with Image.open(captured.picture) as picture:
        assert picture.format == "PNG" and picture.mode == "RGB"
        assert picture.width == WIDTH and 2500 < picture.height < TALLEST
    assert captured.picture.parent == tmp_path


@pytest.mark.parametrize(("page", "code"), [("log-in", "log_in"), ("other", "other_page")])
def test_what_is_no_account_page_is_refused(platform: Platform, tmp_path: Path, page: str, code: str) -> None:
    refused = refusal(platform, page, tmp_path)
    assert refused.code == code
    assert "ladda upp" in refused.says or "Kontrollera" in refused.says


def test_a_page_that_hangs_is_ended_in_time_and_nothing_is_left(
    platform: Platform, tmp_path: Path, scratch: Path
) -> None:
    seen: set[str] = set()
    looking = threading.Timer(4, lambda: seen.update(processes_of(scratch)))
    looking.start()
    started = time.monotonic()
    assert refusal(platform, "busy", tmp_path, seconds=7).code == "too_slow"
    assert time.monotonic() - started < 9
    assert len(seen) > 4, "the browser was not seen while it ran"
    assert processes_of(scratch) == [] and list(scratch.iterdir()) == []


def test_a_page_that_fills_the_memory_is_ended(
    platform: Platform, tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connectors.capturing, "MOST_MEMORY", 900_000_000)
    assert refusal(platform, "greedy", tmp_path).code == "too_heavy"
    assert processes_of(scratch) == []


def test_no_page_leads_into_our_own_network(platform: Platform, inside: Platform, tmp_path: Path) -> None:
    assert refusal(platform, "to-elsewhere", tmp_path).code == "address_refused"
    taken(platform, "looks-inside", tmp_path)
    assert inside.asked == []


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:80/", "http://[::1]/", "file:///etc/passwd", "http://localhost/"]
)
def test_an_address_of_our_own_network_is_not_opened(tmp_path: Path, address: str) -> None:
    refused = capture(address, [NAME], into=tmp_path)
    assert isinstance(refused, NotCaptured) and refused.code == "address_refused"


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    closed = "http://127.0.0.1:9"
    refused = capture(closed, [NAME], into=tmp_path, allowed_origins=[closed])
    assert isinstance(refused, NotCaptured) and refused.code == "unreachable"


def test_without_a_browser_the_line_that_installs_it_is_told(platform: Platform, tmp_path: Path) -> None:
    with pytest.raises(NoBrowser, match=r"apt-get install .*chromium"):
        capture(
            f"{platform.origin}/plain",
            [NAME],
            into=tmp_path,
            browser_path=tmp_path / "no-chromium",
            allowed_origins=[platform.origin],
        )


def test_an_address_that_leads_nowhere_needs_no_browser(tmp_path: Path) -> None:
    missing = tmp_path / "no-chromium"
    nowhere = capture("https://kontot.invalid/", [NAME], into=tmp_path, browser_path=missing)
    assert isinstance(nowhere, NotCaptured) and nowhere.code == "unreachable"


def test_a_browser_that_does_not_start_is_told_with_its_last_words(
    platform: Platform, tmp_path: Path
) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho cannot open display >&2; exit 3\n")
    broken.chmod(0o755)
    refused = capture(
        f"{platform.origin}/plain",
        [NAME],
        into=tmp_path,
        browser_path=broken,
        allowed_origins=[platform.origin],
    )
    assert isinstance(refused, NotCaptured) and refused.code == "browser_broke"
    assert "cannot open display" in refused.errors


def test_the_browser_gets_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANALVAKT_MAIL_PASSWORD", "hemligt")
    assert "hemligt" not in connectors.capturing._environment("/tmp/x").values()
