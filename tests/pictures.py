"""`make pictures`: how everything looks, in docs/pictures: every page, every letter, and the demonstration.

The demonstration is a real one, started for it. A further address there is one more line in OTHERS.
"""

import io
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright
from sqlalchemy import select
from sqlmodel import Session, col

from acts.desk_sheets import PROCESS
from acts.overview_pages import OVERVIEWS
from deployments.moved_clock import MovedClock
from deployments.seeding import seed
from deployments.stack import ROOT, WANTED_PORTS, Stack
from models import DeskSheet
from notifications.examples import CASES
from runtime.database import make_engine
from tests.browser.conftest import PROVIDER_AWAY, open_browser, serve
from tests.browser.peopled import people_the_world
from tests.browser.sights import SIGHTS
from tests.database_fixtures import create_tables
from tests.first_hour import BEGINS_AT, Newcomer, walk
from tests.notifications.test_approved_letters import written

FOLDER = ROOT / "docs" / "pictures"
PAGES, LETTERS, DEMONSTRATED = "sidor", "brev", "demonstration"
WIDTH, SHOWN_WIDTH, TALLEST = 900, 720, 1500
"""Pixels: of a window, and of its picture. What is longer is cut: nobody reads a whole page in a picture."""
PREFECT_WIDTH, PREFECT_SHOWN = 1300, 1100
LETTER_SHOWN = 560
LIMIT_BYTES = 10_000_000


Address = Callable[[Stack], str]


def _sheet(name: str, stack: Stack) -> str:
    """Where Prefect shows a page of the desk."""
    with closing(make_engine(stack.database_url).connect()) as database:
        rows = select(col(DeskSheet.artifact_id)).where(col(DeskSheet.name) == name)
        return f"{stack.prefect_url}/v2/artifacts/artifact/{database.execute(rows).scalar_one()}"


OTHERS: tuple[tuple[str, str, Address, str], ...] = (
    *(
        (f"tavlan-{name}", f"Tavlan: {one.title}", partial(_sheet, name), "text=Ändrades senast")
        for name, one in OVERVIEWS.items()
    ),
    ("tavlan-processen", "Tavlan: processen", partial(_sheet, PROCESS), "text=Ändrades senast"),
)
"""Further pages of the demonstration: a name, what it shows, its address, and what must be there first."""


def file_name(name: str) -> str:
    """A stable name in lower case without spaces."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("'", "")).strip("-")


def keep(page: Page, path: Path, shown_width: int = SHOWN_WIDTH, part: Locator | None = None) -> None:
    """The whole page, or a part of it, as a small file."""
    picture = part.screenshot() if part else page.screenshot(full_page=True)
    taken = Image.open(io.BytesIO(picture)).convert("RGB")
    height = round(taken.height * shown_width / taken.width)
    shown = taken.resize((shown_width, height), Image.Resampling.LANCZOS)
    shown = shown.crop((0, 0, shown_width, min(height, TALLEST)))
    path.parent.mkdir(parents=True, exist_ok=True)
    shown.save(path, quality=45, method=6)


@contextmanager
def window(browser: Browser, width: int = WIDTH, height: int = 700) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="sv-SE", reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    try:
        yield page
    finally:
        context.close()


def pages(browser: Browser, folder: Path) -> Iterator[tuple[str, str]]:
    """Every page that the portal can show; the file and what it shows."""
    with tempfile.TemporaryDirectory() as data, closing(serve(Path(data), **PROVIDER_AWAY)) as serving:
        site = next(serving)
        people_the_world(site.world)
        for name, way in SIGHTS.items():
            with window(browser) as page:
                way(page, site)
                file = f"{PAGES}/{file_name(name)}.webp"
                keep(page, folder / file)
                yield file, page.title().removesuffix(" – Kanalvakt")


def letters(browser: Browser, folder: Path) -> Iterator[tuple[str, str]]:
    """Every letter as a mail reader shows it."""
    for name in CASES:
        with tempfile.TemporaryDirectory() as data, window(browser, SHOWN_WIDTH, 200) as page:
            engine = make_engine(f"sqlite:///{data}/kanalvakt.db")
            create_tables(engine)
            with Session(engine) as session:
                letter = written(session, name)
            engine.dispose()
            page.set_content(letter.html)
            file = f"{LETTERS}/{file_name(name)}.webp"
            keep(page, folder / file, LETTER_SHOWN)
            yield file, letter.subject


def demonstration(browser: Browser, folder: Path) -> Iterator[tuple[str, str]]:
    """What docs/tutorial.md shows, from a started demonstration; then the addresses of OTHERS."""
    with tempfile.TemporaryDirectory(prefix="kanalvakt-pictures-") as data, started(Path(data)) as stack:
        with window(browser) as page:
            assert stack.clock is not None
            new = Newcomer(page, stack, stack.clock, partial(keep_stop, folder))
            walk(new)
            yield from ((f"{DEMONSTRATED}/{name}.webp", shows) for name, shows in new.told)
        for name, shows, address, ready in OTHERS:
            with window(browser, PREFECT_WIDTH) as page:
                page.goto(address(stack))
                page.wait_for_selector(ready)
                page.wait_for_load_state("networkidle")
                keep_stop(folder, page, name)
                yield f"{DEMONSTRATED}/{name}.webp", shows


@contextmanager
def started(folder: Path) -> Iterator[Stack]:
    """A demonstration on a morning of its own, so that the pictures differ only where the pages do."""
    clock = MovedClock.starting(folder / "clock", BEGINS_AT)
    stack = Stack(folder / "stack", wanted_ports=dict.fromkeys(WANTED_PORTS, 0), clock=clock)
    stack.migrate()
    engine = make_engine(stack.database_url)
    seed(engine, "mall", clock.now())
    engine.dispose()
    with stack:
        yield stack


def keep_stop(folder: Path, page: Page, name: str, part: Locator | None = None) -> None:
    """A picture of the demonstration; wide windows are shown wider."""
    size = page.viewport_size or {"width": WIDTH}
    shown = SHOWN_WIDTH if size["width"] == WIDTH else PREFECT_SHOWN
    keep(page, folder / DEMONSTRATED / f"{name}.webp", shown, part)


ALL: dict[str, tuple[str, Callable[[Browser, Path], Iterator[tuple[str, str]]]]] = {
    DEMONSTRATED: ("Demonstrationen", demonstration),
    PAGES: ("Portalens sidor", pages),
    LETTERS: ("Breven", letters),
}


def take(folder: Path, chosen: Sequence[str] = ()) -> None:
    """Take all pictures anew, or only the named kinds."""
    with sync_playwright() as playwright:
        browser = open_browser(playwright)
        for kind, (title, taken) in ALL.items():
            if not chosen or kind in chosen:
                write_gallery(folder, kind, title, list(taken(browser, folder)))
        browser.close()


def write_gallery(folder: Path, kind: str, title: str, shown: Sequence[tuple[str, str]]) -> None:
    """A page with all pictures of a kind, and no file that is no longer taken."""
    told = [f"## {shows}\n\n![{shows}]({Path(file).name})\n" for file, shows in shown]
    head = f"# {title}\n\n{len(shown)} bilder, tagna med `make pictures`.\n"
    (folder / kind / "README.md").write_text("\n".join([head, *told]), "utf-8")
    taken = {Path(file).name for file, _ in shown}
    for old in (folder / kind).glob("*.webp"):
        if old.name not in taken:
            old.unlink()


def main() -> None:
    """Entry point of `make pictures`."""
    unknown = sorted(set(sys.argv[1:]) - set(ALL))
    if unknown:
        sys.exit(f"No such pictures: {', '.join(unknown)}. There are {', '.join(ALL)}.")
    take(FOLDER, sys.argv[1:])
    size = sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file())
    print(f"Bilderna ligger i {FOLDER} ({size / 1e6:.1f} MB).")
    if size > LIMIT_BYTES:
        sys.exit(f"Det är mer än {LIMIT_BYTES / 1e6:.0f} MB.")


if __name__ == "__main__":
    main()
