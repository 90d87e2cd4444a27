"""Every page passes axe (WCAG 2.2 A and AA), light and dark, on telephone and desktop, and is well made."""

from itertools import pairwise
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.conftest import Site
from tests.browser.sights import SIGHTS, people_the_world

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
EVERYTHING = {"type": "tag", "values": TAGS}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
LOOKS: tuple[tuple[Literal["light", "dark"], str, dict[str, Any]], ...] = (
    ("light", "telephone", EVERYTHING),
    ("light", "desktop", EVERYTHING),
    ("dark", "telephone", COLOURS),
)
"""What is laid out the same has the same colours: the dark is not looked at twice. It differs only there."""
WIDTHS = {"telephone": 360, "desktop": 1200}
DANGLING = """() => {
    const of = (one, name) => (one.getAttribute(name) || '').split(/\\s+/);
    const named = [...document.querySelectorAll('main *')].flatMap(one =>
        [...of(one, 'aria-describedby'), ...of(one, 'aria-labelledby'), ...of(one, 'for')]);
    const led = [...document.querySelectorAll('a[href^="#"]')].map(one => one.hash.slice(1));
    return [...named, ...led].filter(id => id && !document.getElementById(id));
}"""


@pytest.mark.parametrize("name", SIGHTS)
def test_a_page(page: Page, site: Site, name: str) -> None:
    people_the_world(site.world)
    SIGHTS[name](page, site)
    faults: dict[str, Any] = {}
    page.evaluate(AXE_SCRIPT)
    for scheme, device, rules in LOOKS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": WIDTHS[device], "height": 800})
        faults |= {f"{scheme}, {device}": found for found in [violations(page, rules)] if found}
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= WIDTHS[device], f"{device}: scrolls sideways"
    assert faults == {}
    is_well_made(page, "en" if name.endswith(" in English") else "sv")


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
