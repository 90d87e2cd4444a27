"""Opens one page in a browser of its own and takes a picture of it.

Run as `python -m connectors.capture_process`: a process of its own, so that a page that hangs, fills memory
or brings the browser down can be ended with all it started. It reads an order as JSON and leaves an answer as
JSON in the order's folder. It presses no button, gives no consent and logs in nowhere.
"""

import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Frame,
    Page,
    Playwright,
    Response,
    TimeoutError,
    sync_playwright,
)

from connectors.capture_order import ANSWER, PICTURE, Answer, Order
from connectors.guarded_proxy import GuardedProxy
from connectors.judging import PageFacts, Reason, Wall, judge
from connectors.processes import keep_together

WIDTH, HEIGHT = 1100, 1000
"""The window, in CSS pixels, one dot each: as wide as most pages, and still readable on A4."""
TALLEST = 15_000
"""Dots; Chromium draws no more than 16,384 in one go."""
_ARGUMENTS = [
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Nothing past the proxy.
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
]
_LOOK = (Path(__file__).parent / "look_at_page.js").read_text()
_SECONDS_TO_SETTLE = 3.0
_PAUSE = 100.0
"""Milliseconds at each place while scrolling."""
_LARGE_FRAME = 0.15


class Refused(Exception):
    """The page is no picture of the account; `scrolled` when that showed only after scrolling."""

    def __init__(self, reason: Reason, facts: PageFacts | None = None, *, scrolled: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.facts, self.scrolled = reason, facts, scrolled


def main() -> None:
    keep_together()
    order = Order(**json.load(sys.stdin))
    answer = carry_out(order)
    unfinished = Path(order.folder) / f"{ANSWER}.part"
    unfinished.write_text(json.dumps(asdict(answer)))
    unfinished.rename(Path(order.folder) / ANSWER)


def carry_out(order: Order) -> Answer:
    """Open, wait, look, scroll, look again, and keep the picture only if the page is the account's."""
    deadline = time.monotonic() + order.seconds
    with GuardedProxy(order.allowed_origins) as proxy, sync_playwright() as playwright:
        browser = _started(playwright, order, proxy.address)
        try:
            return captured(browser, order, deadline)
        except Refused as why:
            kept_in = why.reason is Reason.UNREACHABLE and bool(proxy.refused)
            seen = _seen(why.facts) if why.facts else {}
            return Answer(Reason.ADDRESS_REFUSED if kept_in else why.reason, browser=browser.version, **seen)
        except TimeoutError:
            return Answer(Reason.TOO_SLOW, browser=browser.version)
        finally:
            browser.close()


def _seen(facts: PageFacts) -> dict[str, Any]:
    return {"address": facts.address, "title": facts.title, "status": facts.status}


def _started(playwright: Playwright, order: Order, proxy: str) -> Browser:
    """Debian's Chromium. It cannot shut itself in its sandbox when it runs as root, as in a container."""
    return playwright.chromium.launch(
        executable_path=order.browser_path,
        args=_ARGUMENTS,
        chromium_sandbox=os.geteuid() != 0,
        proxy={"server": proxy},
    )


def captured(browser: Browser, order: Order, deadline: float) -> Answer:
    """The whole page, scrolled through once; where that calls up a wall, without. Raises Refused."""
    try:
        return _visited(browser, order, deadline, scrolling=True)
    except Refused as why:
        if not why.scrolled:
            raise
    return _visited(browser, order, deadline, scrolling=False)


def _visited(browser: Browser, order: Order, deadline: float, *, scrolling: bool) -> Answer:
    picture = Path(order.folder) / PICTURE
    with window(browser) as context:
        context.set_default_timeout(_milliseconds_left(deadline))
        visit = Visit(context, order.address)
        visit.open(deadline)
        _demand(visit.facts(), order)
        if scrolling:
            _scroll(visit.page, deadline)
        cut = _photograph(visit.page, picture)
        facts = replace(visit.facts(), one_colour=_is_of_one_colour(picture))
    _demand(facts, order, scrolled=scrolling)
    return Answer(None, facts.address, facts.title, facts.text, facts.status, browser.version, cut)


def _demand(facts: PageFacts, order: Order, *, scrolled: bool = False) -> None:
    reason = judge(facts, order.expected_names)
    if reason is not None:
        raise Refused(reason, facts, scrolled=scrolled)


def window(browser: Browser) -> BrowserContext:
    """A window without memory: no cookies from before, no permissions, nothing downloaded or kept."""
    return browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        locale="sv-SE",
        accept_downloads=False,
        service_workers="block",
        reduced_motion="reduce",
    )


class Visit:
    """One page, and the status of the last document that was loaded into it."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.page = context.new_page()
        self.status: int | None = None
        self.page.on("response", self._note_status)
        context.on("page", lambda popup: popup.close())

    def _note_status(self, response: Response) -> None:
        request = response.request
        with suppress(Error):
            if request.is_navigation_request() and request.frame == self.page.main_frame:
                self.status = response.status

    def open(self, deadline: float) -> None:
        """Load the page, and give what it fetches afterwards a moment. Raises Refused."""
        try:
            self.page.goto(self.address, wait_until="load")
        except TimeoutError:
            raise Refused(Reason.TOO_SLOW) from None
        except Error as error:
            is_download = "Download is starting" in error.message
            raise Refused(Reason.DOWNLOAD if is_download else Reason.UNREACHABLE) from None
        with suppress(TimeoutError):
            quiet = min(_SECONDS_TO_SETTLE * 1000, _milliseconds_left(deadline))
            self.page.wait_for_load_state("networkidle", timeout=quiet)

    def _look(self) -> dict[str, Any]:
        """Once more if the page just then went on to another one."""
        try:
            look: dict[str, Any] = self.page.evaluate(_LOOK)
        except Error:
            self.page.wait_for_load_state("load")
            look = self.page.evaluate(_LOOK)
        return look

    def facts(self) -> PageFacts:
        look = self._look()
        frames = [inner for frame in self.page.frames[1:] if (inner := _look_into(frame))]
        inner_text = "\n".join(inner["text"] for inner in frames)
        return PageFacts(
            asked=self.address,
            address=self.page.url,
            status=self.status,
            title=look["title"],
            text=f"{look['text']}\n{inner_text}".strip(),
            headings=tuple(look["headings"]),
            wall=Wall(
                share=look["share"],
                text=f"{look['wallText']}\n{inner_text}".strip(),
                log_in_field=look["wallField"] or any(inner["formShare"] for inner in frames),
            ),
            form_share=max([look["formShare"], *(inner["formShare"] * inner["share"] for inner in frames)]),
            pictures=look["pictures"],
        )


def _look_into(frame: Frame) -> dict[str, Any] | None:
    """What stands in a page within the page, if it is a large one, and its `share` of the window."""
    with suppress(Error):
        box = frame.frame_element().bounding_box()
        share = box["width"] * box["height"] / (WIDTH * HEIGHT) if box else 0.0
        if share >= _LARGE_FRAME:
            return {**frame.evaluate(_LOOK), "share": share}
    return None


def _scroll(page: Page, deadline: float) -> None:
    """Down and up again, so that pictures further down are fetched; for half of the time left at most."""
    until = time.monotonic() + _milliseconds_left(deadline) / 2000
    down = 0
    while down < TALLEST and time.monotonic() < until:
        down += int(HEIGHT * 0.8)
        page.evaluate("down => window.scrollTo(0, down)", down)
        page.wait_for_timeout(_PAUSE)
        if down >= page.evaluate("document.documentElement.scrollHeight"):
            break
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_timeout(_PAUSE)


def _photograph(page: Page, picture: Path) -> bool:
    """Take the picture; says whether the page went on below it."""
    height = int(page.evaluate("Math.max(document.documentElement.scrollHeight, window.innerHeight)"))
    page.screenshot(
        path=picture,
        full_page=True,
        clip={"x": 0, "y": 0, "width": WIDTH, "height": min(height, TALLEST)},
        animations="disabled",
    )
    return height > TALLEST


def _is_of_one_colour(picture: Path) -> bool:
    with Image.open(picture) as opened:
        return all(low == high for low, high in (band.getextrema() for band in opened.convert("RGB").split()))


def _milliseconds_left(deadline: float) -> float:
    """Raises Refused when none are left."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise Refused(Reason.TOO_SLOW)
    return left * 1000


if __name__ == "__main__":
    main()
