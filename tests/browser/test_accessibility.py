"""Every page passes axe (WCAG 2.2 A and AA), light and dark, on telephone and desktop, and is well made."""

from itertools import pairwise
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Site
from tests.browser.sights import SIGHTS, people_the_world

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOKS: tuple[tuple[Literal["light", "dark"], str], ...] = (
    ("light", "telephone"),
    ("light", "desktop"),
    ("dark", "telephone"),
)
"""What is laid out the same has the same colours: the dark is not looked at twice."""
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
    for scheme, device in LOOKS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": WIDTHS[device], "height": 800})
        faults |= {f"{scheme}, {device}": found for found in [violations(page)] if found}
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= WIDTHS[device], f"{device}: scrolls sideways"
    assert faults == {}
    is_well_made(page)


def violations(page: Page) -> list[tuple[str, list[Any]]]:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


def is_well_made(page: Page) -> None:
    """Swedish, titled, one first heading, no level left out, ids used once, no dangling reference."""
    assert page.get_attribute("html", "lang") == "sv"
    assert page.title().endswith("Kanalvakt") and len(page.title()) > 20
    tags = page.eval_on_selector_all("h1,h2,h3,h4", "all => all.map(one => one.tagName)")
    levels = [int(tag[1]) for tag in tags]
    if page.locator(".summary h2").count():
        levels.remove(2)
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels)), levels
    assert page.eval_on_selector_all("[id]", "all => all.length == new Set(all.map(one => one.id)).size")
    assert page.evaluate(DANGLING) == []
