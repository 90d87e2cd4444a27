"""Every letter as a mail program shows it: it fits a telephone, is read in light and dark, and passes axe."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine
from sqlmodel import Session

from notifications.examples import CASES
from tests.browser.test_accessibility import COLOURS, EVERYTHING, violations
from tests.notifications import test_approved_letters, test_languages
from tests.notifications.test_languages import BILINGUAL, engine

__all__ = ["engine"]
WIDTHS = (320, 1000)
FIRST = {name.partition("-")[0]: name for name in reversed(CASES)}.values()
LETTERS = [f"{name} in Swedish" for name in CASES] + [
    f"{name} in English" for name in BILINGUAL if name in FIRST
]
LOOKED_AT = {f"{name} in Swedish" for name in FIRST} | {"decision_asked in English"}
"""By axe: one letter of each kind, since the others are made of the same parts."""


@pytest.fixture(scope="module")
def reader(browser: Browser) -> Iterator[Page]:
    """One window for all the letters, in which axe is there from the first."""
    page = browser.new_page()
    page.evaluate(AXE_SCRIPT)
    yield page
    page.close()


def html_of(engine: Engine, letter: str) -> str:
    name, _, language = letter.partition(" in ")
    with Session(engine) as session:
        if language == "English":
            return test_languages.written(session, CASES[name]).html
        return test_approved_letters.written(session, name).html


@pytest.mark.parametrize("letter", LETTERS)
def test_a_letter(reader: Page, engine: Engine, letter: str) -> None:
    reader.emulate_media(color_scheme="light")
    reader.set_content(html_of(engine, letter))
    for width in WIDTHS:
        reader.set_viewport_size({"width": width, "height": 800})
        assert reader.evaluate("document.documentElement.scrollWidth") <= width
    if letter in LOOKED_AT:
        passes_axe(reader)


def passes_axe(reader: Page) -> None:
    assert violations(reader, EVERYTHING) == []
    reader.emulate_media(color_scheme="dark")
    assert violations(reader, COLOURS) == []
