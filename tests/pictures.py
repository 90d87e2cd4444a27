"""`make pictures`: how everything looks, in docs/pictures: every page, every letter, and the demonstration.

The demonstration is a real one, started for it. A further address there is one more line in DEMONSTRATION.
"""

import io
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from sqlmodel import Session

from deployments.processes import wait_until
from deployments.seeding import seed
from deployments.stack import ROOT, WANTED_PORTS, Stack
from runtime.clock import now
from runtime.database import make_engine
from tests.browser.conftest import ARGUMENTS, CHROMIUM, serve
from tests.browser.sights import SIGHTS, people_the_world
from tests.database_fixtures import create_tables
from tests.notifications.cases import CASES
from tests.notifications.test_approved_letters import written

FOLDER = ROOT / "docs" / "pictures"
PAGES, LETTERS, DEMONSTRATED = "sidor", "brev", "demonstration"
WIDTH, SHOWN_WIDTH, TALLEST = 900, 720, 1500
"""Pixels: of a window, and of a picture. What is longer is cut: nobody reads a whole page in a picture."""
PREFECT_WIDTH, PREFECT_SHOWN = 1300, 1100
LIMIT_BYTES = 6_000_000


@dataclass(frozen=True)
class Stop:
    """One picture of the demonstration: what it is called, what it shows, and where it is."""

    name: str
    shows: str
    address: Callable[[Stack], str]
    clicks: tuple[str, ...] = ()
    """Pressed one after another before the picture is taken."""
    width: int = WIDTH
    """Pixels of the window; what is wider than the portal's pages is shown wider too."""
    ready: str = "body"
    """What must be there first."""


def mailbox(path: str = "") -> Callable[[Stack], str]:
    return lambda stack: f"{stack.mailbox_url}{path}"


def portal(path: str) -> Callable[[Stack], str]:
    return lambda stack: f"{stack.portal_url}{path}"


def prefect(path: str) -> Callable[[Stack], str]:
    return lambda stack: f"{stack.prefect_url}{path}"


RUNS = "/v2/runs?tags=konto&range=past-30-days"
WAITS_FOR_MANAGER = 'a:has-text("Beslut behövs")'
DEMONSTRATION: tuple[Stop, ...] = (
    Stop("brevladan", "Brevlådan med alla brev, en hög för varje mottagare", mailbox()),
    Stop("ansok", "Portalens förstasida för den som vill ansöka om ett konto", portal("/exempelby")),
    Stop(
        "prefect-konton",
        "Prefects lista: en rad för varje konto, med det som kontot väntar på",
        prefect(RUNS),
        width=PREFECT_WIDTH,
        ready="text=Biblioteket",
    ),
    Stop(
        "prefect-ronder",
        "Prefects lista över allt som går: konton och ronder, med när de går nästa gång",
        prefect("/v2/deployments"),
        width=PREFECT_WIDTH,
        ready="text=morgonbrev",
    ),
)
"""In order, each in a window of its own. Pages of the desk in Prefect are added here."""


def file_name(name: str) -> str:
    """A stable name in lower case without spaces."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("'", "")).strip("-")


def keep(page: Page, path: Path, shown_width: int = SHOWN_WIDTH) -> None:
    """The whole page as a small file."""
    taken = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
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
    with tempfile.TemporaryDirectory() as data, closing(serve(Path(data))) as serving:
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
            keep(page, folder / file)
            yield file, letter.subject


def demonstration(browser: Browser, folder: Path) -> Iterator[tuple[str, str]]:
    """What a started demonstration shows."""
    with tempfile.TemporaryDirectory(prefix="kanalvakt-pictures-") as data:
        stack = Stack(Path(data), wanted_ports=dict.fromkeys(WANTED_PORTS, 0))
        stack.migrate()
        engine = make_engine(stack.database_url)
        seed(engine, "mall", now())
        engine.dispose()
        with stack:
            wait_until(lambda: len(list((stack.folder / "mail").glob("*.eml"))) > 3, stack.parts["arbetare"])
            for stop in DEMONSTRATION:
                yield looked_at(browser, folder, stack, stop)


def looked_at(browser: Browser, folder: Path, stack: Stack, stop: Stop) -> tuple[str, str]:
    """Take the picture of one stop."""
    with window(browser, stop.width) as page:
        page.goto(stop.address(stack))
        for click in stop.clicks:
            page.locator(click).first.click()
        page.wait_for_selector(stop.ready)
        page.wait_for_load_state("networkidle")
        file = f"{DEMONSTRATED}/{stop.name}.webp"
        keep(page, folder / file, SHOWN_WIDTH if stop.width == WIDTH else PREFECT_SHOWN)
        return file, stop.shows


ALL: dict[str, tuple[str, Callable[[Browser, Path], Iterator[tuple[str, str]]]]] = {
    DEMONSTRATED: ("Demonstrationen", demonstration),
    PAGES: ("Portalens sidor", pages),
    LETTERS: ("Breven", letters),
}


def take(folder: Path, chosen: Sequence[str] = ()) -> None:
    """Take all pictures anew, or only the named kinds."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
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
