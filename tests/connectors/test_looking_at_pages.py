"""What a browser sees of a page and what is made of it: pages by their structure, in one browser for all."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from connectors.capture_process import (
    PICTURE,
    TALLEST,
    WIDTH,
    Answer,
    Order,
    Refused,
    Visit,
    captured,
    window,
)
from connectors.capturing import BROWSER, INSTALL_BROWSER
from connectors.judging import judge
from tests.connectors.platform_pages import BAD, GOOD, NAME, Platform


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not BROWSER.exists():
        pytest.fail(f"These tests need Chromium: {INSTALL_BROWSER}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    server = Platform()
    yield server
    server.close()


def reason(browser: Browser, page: str) -> str | None:
    with window(browser) as context:
        visit = Visit(context, "https://www.example.org/exempelby")
        visit.page.set_content(page)
        return judge(visit.facts(), [NAME])


@pytest.mark.parametrize("name", GOOD)
def test_an_account_page_is_taken(browser: Browser, name: str) -> None:
    assert reason(browser, GOOD[name]) is None


@pytest.mark.parametrize("name", BAD)
def test_a_page_that_is_none_is_refused(browser: Browser, name: str) -> None:
    expected, page = BAD[name]
    assert reason(browser, page) == expected


def take(browser: Browser, platform: Platform, page: str, folder: Path, seconds: float = 20) -> Answer:
    order = Order(f"{platform.origin}/{page}", [NAME], str(folder), str(BROWSER), seconds, [platform.origin])
    return captured(browser, order, time.monotonic() + seconds)


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ("status-404", "http_error"),
        ("to-log-in", "log_in_redirect"),
        ("log-in-later", "log_in_redirect"),
        ("file", "download"),
    ],
)
def test_how_a_page_answers_is_judged_too(
    browser: Browser, platform: Platform, tmp_path: Path, page: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        take(browser, platform, page, tmp_path)
    assert refused.value.reason == code


def test_a_page_that_is_never_loaded_is_refused(browser: Browser, platform: Platform, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        take(browser, platform, "never-loaded", tmp_path, seconds=2)
    assert refused.value.reason == "too_slow"


def test_dialogs_and_new_windows_do_not_stand_in_the_way(
    browser: Browser, platform: Platform, tmp_path: Path
) -> None:
    assert take(browser, platform, "pops-up", tmp_path).address == f"{platform.origin}/pops-up"


def test_a_wall_for_those_who_scroll_is_not_called_up(
    browser: Browser, platform: Platform, tmp_path: Path
) -> None:
    before = platform.asked.count("wall-on-scroll")
    assert take(browser, platform, "wall-on-scroll", tmp_path).reason is None
    assert platform.asked.count("wall-on-scroll") == before + 2


def test_pictures_further_down_are_fetched(browser: Browser, platform: Platform, tmp_path: Path) -> None:
    take(browser, platform, "lazy", tmp_path)
    assert "picture-far-down" in platform.asked


def test_a_page_without_end_is_cut_and_says_so(browser: Browser, platform: Platform, tmp_path: Path) -> None:
    answer = take(browser, platform, "tall", tmp_path)
    with Image.open(tmp_path / PICTURE) as picture:
        assert answer.cut and picture.size == (WIDTH, TALLEST)
