"""Every page passes axe (WCAG 2.2 A and AA), light and dark, on telephone and desktop, and is well made.

Each page is fetched once and looked at twice: light and wide at everything, dark and narrow at what differs.
"""

from collections.abc import Iterator, MutableMapping
from itertools import pairwise
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from jinja2 import Environment
from playwright.sync_api import Browser, Page

from acts.work import work
from models import Municipality
from tests.browser.conftest import Site
from tests.browser.peopled import people_the_world
from tests.browser.sights import SIGHTS, Way, at_home
from web.pages import HERE, environment

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
EVERYTHING = {"type": "tag", "values": TAGS}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
SIZES = {"type": "rule", "values": [*COLOURS["values"], "target-size", "scrollable-region-focusable"]}
LOOKS: tuple[tuple[Literal["light", "dark"], str, dict[str, Any]], ...] = (
    ("light", "desktop", EVERYTHING),
    ("dark", "telephone", SIZES),
)
TEMPLATES = HERE / "templates"
SEEN: set[str] = set()
"""The sights that have been looked at."""
WIDTHS = {"telephone": 320, "desktop": 1280}
"""In CSS pixels; 320 is what WCAG 1.4.10 asks for."""
SPACED = """() => {
    const own = new CSSStyleSheet();
    own.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
        word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }`);
    document.adoptedStyleSheets = [own];
    const wide = document.documentElement.scrollWidth;
    document.adoptedStyleSheets = [];
    return wide;
}"""
"""How wide a page is with the text spacing that WCAG 1.4.12 lets a reader choose."""
DANGLING = """() => {
    const of = (one, name) => (one.getAttribute(name) || '').split(/\\s+/);
    const named = [...document.querySelectorAll('main *')].flatMap(one =>
        [...of(one, 'aria-describedby'), ...of(one, 'aria-labelledby'), ...of(one, 'for')]);
    const led = [...document.querySelectorAll('a[href^="#"]')].map(one => one.hash.slice(1));
    return [...named, ...led].filter(id => id && !document.getElementById(id));
}"""

APART = """() => {
    const has_fault = one => !!one && (one.getAttribute('aria-describedby') || '').split(/\\s+/)
        .some(id => document.getElementById(id)?.matches('.fault'));
    const field = id => document.getElementById(id)?.closest('input, select, textarea, legend, fieldset');
    const whole = one => one?.matches('legend') ? one.closest('fieldset') : one;
    const led = [...document.querySelectorAll('.summary a[href^="#"]')].map(one => one.hash.slice(1));
    const marked = [...document.querySelectorAll('[aria-invalid="true"]')];
    return [...led.filter(id => !has_fault(whole(field(id)))),
        ...marked.filter(one => !has_fault(one)).map(one => one.outerHTML.slice(0, 80))];
}"""
"""Links of a summary that lead to no field with its fault told, and fields marked without a word."""


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Page]:
    """One window for all the pages, so that what they share is fetched once."""
    cache(environment()).clear()
    context = browser.new_context(locale="sv-SE", reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def looked_at(page: Page, site: Site, way: Way) -> Page:
    """A page as somebody meets it who has not been here before."""
    page.context.clear_cookies()
    page.emulate_media(color_scheme="light", media="screen", reduced_motion="reduce")
    page.set_viewport_size({"width": 1280, "height": 800})
    people_the_world(site.world)
    way(page, site)
    page.evaluate(AXE_SCRIPT)
    return page


@pytest.mark.parametrize("name", SIGHTS)
def test_a_page(window: Page, site: Site, name: str) -> None:
    SEEN.add(name)
    page = looked_at(window, site, SIGHTS[name])
    assert faults_of(page) == {}
    is_well_made(page, "en" if name.endswith(" in English") else "sv")
    prints_well(page)


@pytest.mark.parametrize("which", ["beslut", "forsenat", "publicering", "utan-ersattare", "arenden"])
def test_an_overview(window: Page, site: Site, which: str) -> None:
    """Alike but for what their rows say: looked at once."""
    page = looked_at(window, site, at_home("disa", f"oversikt/{which}"))
    assert violations(page, EVERYTHING) == []


def test_every_template_is_a_part_of_some_page_that_was_looked_at(window: Page, site: Site) -> None:
    """Those that were not when only some tests run are visited now."""
    for name in SIGHTS.keys() - SEEN:
        looked_at(window, site, SIGHTS[name])
    all_there_are = {str(one.relative_to(TEMPLATES)) for one in TEMPLATES.rglob("*.html")}
    assert all_there_are - {name for _, name in cache(environment())} == set()


def cache(environment: Environment) -> MutableMapping[Any, Any]:
    """The templates that have been used, by where they are from and what they are called."""
    assert environment.cache is not None
    return environment.cache


@pytest.mark.parametrize("colour", ["#ffff00", "#fdfdfd", "#808080"])
def test_a_page_in_a_difficult_colour(window: Page, site: Site, colour: str) -> None:
    with work(site.world.engine, site.world.now) as session:
        municipality = session.get_one(Municipality, site.world.municipality_id)
        before, municipality.colour = municipality.colour, colour
    for name in ("own look", "no reason"):
        assert faults_of(looked_at(window, site, SIGHTS[name]), COLOURS) == {}, name
    with work(site.world.engine, site.world.now) as session:
        session.get_one(Municipality, site.world.municipality_id).colour = before


def faults_of(page: Page, only: dict[str, Any] | None = None) -> dict[str, Any]:
    """What axe finds and what scrolls sideways, by how it is looked at."""
    faults: dict[str, Any] = {}
    for scheme, device, rules in LOOKS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": WIDTHS[device], "height": 800})
        wide = [page.evaluate("document.documentElement.scrollWidth"), page.evaluate(SPACED)]
        found = violations(page, only or rules) + [("scrolls sideways", wide)] * (max(wide) > WIDTHS[device])
        faults |= {f"{scheme}, {device}": found} if found else {}
    return faults


PRINTED = """[getComputedStyle(document.body).color,
    getComputedStyle(document.documentElement).backgroundColor]"""
PRESSED = """all => all.filter(one => one.checkVisibility()).map(one => one.textContent.trim())"""


def prints_well(page: Page) -> None:
    """Black on white whatever the screen is, within the paper, with nothing on it to press."""
    page.emulate_media(color_scheme="dark", media="print")
    page.set_viewport_size({"width": 680, "height": 900})
    assert page.eval_on_selector_all("button, [type=submit], .button", PRESSED) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 680
    colours = page.evaluate(PRINTED)
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]


VIOLATIONS = """rules => axe.run({runOnly: rules, resultTypes: ['violations']}).then(
    found => found.violations.map(one => [one.id, one.nodes.map(node => node.target)]))"""


def violations(page: Page, rules: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    found: list[tuple[str, list[Any]]] = page.evaluate(VIOLATIONS, rules)
    return found


def is_well_made(page: Page, language: str = "sv") -> None:
    """In its language, titled, one first heading, no level left out, ids used once, no dangling reference."""
    assert page.get_attribute("html", "lang") == language
    assert page.title().endswith("Kanalvakt") and len(page.title()) > 20
    tags = page.eval_on_selector_all("h1,h2,h3,h4", "all => all.map(one => one.tagName)")
    levels = [int(tag[1]) for tag in tags]
    if page.locator(".summary h2").count():
        levels.remove(2)
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels)), levels
    assert page.eval_on_selector_all("[id]", "all => all.length == new Set(all.map(one => one.id)).size")
    assert page.evaluate(DANGLING) == []
    assert page.evaluate(APART) == [], "a fault is told at its field, and the summary leads there"


CIRCLES = """() => ['done', 'now', 'later'].map(one => {
    const step = document.querySelector(`.steps > .step-${one}`)?.getBoundingClientRect();
    return step && {x: step.x, y: step.y + 2, width: 18, height: 18};
})"""


def test_steps_are_told_apart_in_the_reader_s_own_colours(window: Page, site: Site) -> None:
    """As in Windows' high contrast, where the page's own backgrounds are gone (WCAG 1.4.1, 1.4.11)."""
    page = looked_at(window, site, SIGHTS["where it stands"])
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    circles = [page.screenshot(clip=one, full_page=True) for one in page.evaluate(CIRCLES) if one]
    page.emulate_media(forced_colors="none")
    assert len(circles) >= 2 and len(set(circles)) == len(circles)
