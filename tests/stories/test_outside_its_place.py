"""REQUIREMENTS 5: every value stands where it may and nowhere else, whatever happened and whatever broke."""

import re
import sqlite3
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import func, select

from acts import targets
from acts.work import work
from deployments.demo import play_all, play_one
from deployments.demo_driver import DemoDriver, Surroundings
from deployments.stack import Stack
from deployments.storyline import load_world
from models import Account
from runtime.database import reading
from runtime.settings import InstallationSettings
from tests import figures
from tests.stories.conftest import ALARM, LIFE, REFUSED, SECRETS, TOLD
from tests.stories.marks import TOKENS, Place, Search, file_at, mark, opened, rows_of
from tests.stories.outside_acts import B, C, Life

pytestmark = pytest.mark.timeout(900)
SECTION = "Nothing outside its place"
CHANNEL = mark("channel")
BROKEN = "ZoneInfoNotFoundError"
LINKS = re.compile(r"/(?:l|kalender)/([\w-]{20,})")
NAMES_MAY_STAND = re.compile(
    r"prefect\.(artifact|artifact_collection)\.(data|description)|prefect\.flow_run\.parameters"
)
"""In artifacts, and in what people have filled in."""


def live(stack: Stack, around: Surroundings) -> Life:
    """Everything is done once; afterwards nothing runs any more."""
    with reading(around.engine) as session:
        told = session.execute(select(func.count()).select_from(Account)).scalar_one()
    if not told:
        tell_lives(around)
    with DemoDriver(around, LIFE) as driver:
        life = Life(stack, around, LIFE, driver)
        driver._settle()
        add_channel(life)
        do_everything(life)
        break_everything(life)
    stack.stop()
    return life


def tell_lives(around: Surroundings) -> None:
    """Two whole stories, and a life as far as to its end: nobody does anything with what is closed."""
    closed = next(number for number, step in enumerate(LIFE.steps) if step.asks_to_close)
    living = LIFE.model_copy(update={"steps": LIFE.steps[:closed]})
    told = [*play_all(around, TOLD, print), play_one(around, living)]
    assert [one.differences for one in told] == [[], [], []]


def add_channel(life: Life) -> None:
    chosen = InstallationSettings(_env_file=None, target_keys=SECRETS["kanalvakt_target_keys"])
    url = f"workflow://prod-00.westeurope.logic.azure.com:443/643e69f83c8944/{CHANNEL}"
    with work(life.around.engine, life.around.clock.now()) as session:
        account = session.get_one(Account, life.account_id)
        targets.add(
            session, targets.rules_of(chosen), account.municipality_id, "Nytt", url, life.around.clock.now()
        )


def do_everything(life: Life) -> None:
    life.visitor_reports()
    life.adds_evidence("elin", life.opens_case("elin"))
    life.imports("petra")
    life.is_seen_by_everybody()
    life.hands_out("petra")
    acting = life.address("petra")
    assert life.fills_in("Frånvaro", person=life.address("tove"), from_on="2028-06-01", acting=acting)
    nobody = f"{C['nobody']}@berattelse.example.org"
    assert life.fills_in("Frånvaro", person=nobody, from_on="2028-06-01", acting=acting) == "Inte utfört"
    case = {"account": "Läsarklubben", "kind": "Klagomål eller synpunkt", "acting": nobody}
    assert life.fills_in("Anmäl händelse", **case) == "Inte utfört"


def break_everything(life: Life) -> None:
    page = life.driver._open("mats", f"{life.base}/mina-uppgifter")
    life.driver._click("mats", page.form_to("/mina-uppgifter$"), {"email": life.address("mats")})
    life.driver._settle()
    own = life.own("elin")
    life.is_shown_by_the_machine()
    life.breaks_the_case()
    assert not life.opens("elin", f"{own}/idag/arende/1")
    life.breaks_everything()
    assert BROKEN in life.run_fails()
    assert [life.goes(one) for one in ("arenden", "bevakning", "morgonbrev")] == ["Failed"] * 3
    assert not life.opens("elin", f"{own}/konto/{life.account_id}")


def test_nothing_stands_outside_its_place(stack: Stack, around: Surroundings, tmp_path: Path) -> None:
    life = live(stack, around)
    search = Search(
        {"a": secrets_of(stack), TOKENS: tokens_in(stack), "b": [*B.values(), REFUSED], "c": people(life)}
    )
    folder = stack.folder
    databases = (folder / "kanalvakt.db", folder / "prefect" / "prefect.db")
    assert search.never_seen([place for one in databases for place in rows_of(one)], letters(stack)) == set()
    search.look(map(file_at, [*(folder / "log").glob("*.log"), stack.prefect.log_file]), "abc")
    for place in rows_of(folder / "prefect" / "prefect.db"):
        search.look([place], "ab" if may_name(place.name) else "abc")
    search.look(map(file_at, (folder / "prefect").glob("prefect.db*")), "ab")
    search.look(map(file_at, folder.glob("kanalvakt.db*")), "a")
    search.look([copy_of(folder / "kanalvakt.db", tmp_path)], "a")
    search.look((Place(path, content) for path, content in life.public.items()), "abc")
    for name, content in life.kept.items():
        search.look(opened(name, content), "a")
    search.look(letters(stack), "b")
    print(f"{search.planted} values, {search.searched:,} bytes", *search.found, sep="\n")
    figures.prove(SECTION, "values planted", search.planted, 50, at_least=True)
    figures.prove(SECTION, "bytes searched", search.searched, 1_000_000, at_least=True)
    figures.prove(SECTION, "found outside their place", len(search.found), 0)
    assert search.found == []
    assert all(BROKEN in (folder / "log" / f"{name}.log").read_text() for name in ("arbetare", "portal"))


def secrets_of(stack: Stack) -> list[str]:
    return [*SECRETS.values(), ALARM, CHANNEL, stack.cookie_key]


def tokens_in(stack: Stack) -> set[str]:
    """Of every link in every letter."""
    return {link for place in letters(stack) for link in LINKS.findall(place.content.decode())}


def letters(stack: Stack) -> Iterator[Place]:
    """As their recipients read them."""
    for path in (stack.folder / "mail").glob("*.eml"):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        yield Place(path.name, "\n".join([*map(str, mail.values()), *parts]).encode())


def people(life: Life) -> set[str]:
    """Names, and work addresses in every municipality."""
    world = load_world()
    names = {one["name"] for one in world["people"].values()}
    return {*C.values(), *names, *(life.address(who) for who in world["people"])}


def may_name(place: str) -> bool:
    return NAMES_MAY_STAND.fullmatch(place) is not None


def copy_of(database: Path, folder: Path) -> Place:
    """A backup, as SQLite writes it."""
    copy = folder / "copy.db"
    with sqlite3.connect(database) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    return file_at(copy)
