"""A real browser before a real portal."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from runtime.database import make_engine
from tests.database_fixtures import create_tables
from tests.web.visitor import settings_for_tests
from tests.web.world import World
from web.app import create_app

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--lang=sv",
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


PROVIDER_AWAY = {
    "sign_in_issuer": "http://127.0.0.1:9",
    "sign_in_client_id": "kanalvakt",
    "sign_in_client_secret": "hemligheten",
}
"""Settings of a portal whose provider of sign-ins does not answer."""


@dataclass(frozen=True)
class Site:
    """A portal that answers on this computer."""

    url: str
    world: World


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    if not Path(CHROMIUM).exists():
        pytest.fail("The browser tests need Chromium: apt-get install chromium fonts-dejavu-core")
    with sync_playwright() as playwright:
        browser = open_browser(playwright)
        yield browser
        browser.close()


def open_browser(playwright: Playwright) -> Browser:
    """The browser of a Swede, whose own words and dates are Swedish too."""
    return playwright.chromium.launch(
        executable_path=CHROMIUM, args=ARGUMENTS, env={**os.environ, "LANGUAGE": "sv"}
    )


def serve(folder: Path, **settings: Any) -> Iterator[Site]:
    """A portal on a database of its own, until the caller is done."""
    engine = make_engine(f"sqlite:///{folder / 'kanalvakt.db'}")
    create_tables(engine)
    world = World(engine)
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = create_app(settings_for_tests(portal_url=url, **settings), engine, lambda: world.now)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield Site(url, world)
    server.should_exit = True
    thread.join(timeout=10)
    engine.dispose()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One portal whose pages are looked at."""
    yield from serve(tmp_path_factory.mktemp("site"), **PROVIDER_AWAY)


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Site]:
    """A portal for one test that does things."""
    yield from serve(tmp_path)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh window, as wide as a desktop's."""
    context = browser.new_context(
        viewport={"width": 1200, "height": 800}, locale="sv-SE", reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()
