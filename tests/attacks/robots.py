"""A real browser, scripts and all, that follows every link it comes to and presses nothing."""

from collections import Counter
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Error, Page, Request

from tests.attacks.doors import Door
from tests.attacks.inside import door_at
from tests.attacks.peopled import letters
from tests.attacks.within import SECTION
from tests.browser.conftest import Site
from tests.figures import prove
from tests.web.visitor import everything_in

LINKS = "all => all.map(one => one.href)"
STIRRED = """() => {
    document.querySelectorAll('details').forEach(one => one.open = true);
    for (const one of document.querySelectorAll('a, button, input, textarea, select, summary'))
        for (const what of ['mouseover', 'mouseenter', 'focus', 'touchstart'])
            one.dispatchEvent(new Event(what, {bubbles: true}));
    window.scrollTo(0, document.body.scrollHeight);
}"""
"""What a robot does to have a page show all it has: unfolds, points at and scrolls, and presses nothing."""


def a_browser_that_presses_nothing_changes_nothing(
    browser: Browser, site: Site, of_each: int, kinds: int
) -> None:
    """From a letter's link of so many kinds; every page it reaches, so many of each."""
    world, sent, reached = site.world, Counter[str](), 0
    paths = {kind: path for (_, kind), path in letters(world).items()}
    before = everything_in(world.engine)
    for path in list(paths.values())[-kinds:]:
        context = browser.new_context(locale="sv-SE")
        page = context.new_page()
        page.on("request", lambda request: sent.update([_method(request)]))
        reached += _follow(page, site, path, of_each)
        context.close()
    changed = [table for table, rows in everything_in(world.engine).items() if rows != before[table]]
    prove(
        SECTION,
        f"tables changed by a real browser that followed every link ({reached} pages)",
        len(changed),
        0,
    )
    prove(SECTION, "anything but GET that its scripts sent", sent.total() - sent["GET"], 0)
    assert not changed and set(sent) == {"GET"} and reached >= kinds


def _method(request: Request) -> str:
    return request.method


def _follow(page: Page, site: Site, path: str, of_each: int) -> int:
    waiting, counted = [f"{site.url}{path}"], Counter[Door | None]()
    seen: set[str] = set()
    while waiting:
        address = waiting.pop()
        door = door_at("GET", address)
        if address in seen or not address.startswith(site.url) or counted[door] >= of_each:
            continue
        seen.add(address)
        counted[door] += 1
        waiting += _looked_at(page, address)
    return len(seen)


def _looked_at(page: Page, address: str) -> list[str]:
    """Its links; a file is fetched and left."""
    try:
        page.goto(address, wait_until="load")
    except Error as error:
        assert "Download is starting" in str(error) or "ERR_ABORTED" in str(error), error
        return []
    page.evaluate(STIRRED)
    links: list[str] = page.eval_on_selector_all("a[href]", LINKS)
    return [urlsplit(one)._replace(fragment="").geturl() for one in links]
