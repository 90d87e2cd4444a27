"""How fast the public register answers with 20,000 accounts, and what misspelt searches find."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from urllib.parse import quote

from fastapi.testclient import TestClient
from sqlalchemy import Engine

from benchmarks.bare import ask_again, overheard
from benchmarks.databases import filled
from benchmarks.works import Goal, Way, Work, repeated, timed
from models import Account
from runtime.database import reading
from tests.web.register_town import fill_register, misspelt, names
from tests.web.visitor import settings_for_tests
from tests.web.world import MONDAY, World
from web.app import create_app

COUNT = 20_000
TIMES = 20
SEARCHES = 50
BASE = "/exempelby/konton"
FIRST = "first page"
PAGES = {
    FIRST: "",
    "page 200": "?sida=200",
    "one platform": "?plattform=instagram",
    "search, right": "?q=Biblioteket+Bj%C3%B6rkbacken",
    "search, one common word": "?q=skolan",
    "is it official?": "/officiellt?adress=https://www.instagram.com/bjorkbackenskolan",
    "JSON": ".json",
    "Atom": ".atom",
    "embedded": "/inbaddad",
    "CSV of all": ".csv",
}


def measure() -> Iterator[Work]:
    """Each page, and fifty searches for names that are misspelt."""
    yield from _measured(COUNT, TIMES, SEARCHES)


def rehearse() -> Iterator[Work]:
    """Forty accounts."""
    yield from _measured(40, 1, 2)


def _measured(count: int, times: int, searches: int) -> Iterator[Work]:
    where = f"{count:,} accounts, SQLite"
    with filled("sqlite", partial(_fill, count=count)) as database, database.copy() as engine:
        client = TestClient(create_app(settings_for_tests(), engine, lambda: MONDAY))
        for title, path in PAGES.items():
            ways = _ways(engine, times, partial(_got, client, path))
            at_once = [_at_once(ways[0])] if title == FIRST else []
            yield Work(f"Register: {title}", where, ways, (*at_once, *_small(client, path)))
        ways = _ways(engine, times, _new_days(engine))
        yield Work(f"Register: {FIRST} of a new day", where, ways, (_at_once(ways[0]),))
        sought = [number * 383 % count for number in range(searches)]
        asked = [misspelt(names()[number], place) for place, number in enumerate(sought)]
        paths = [f"?q={quote(one)}" for one in asked]
        both = _ways(engine, 1, partial(_got, client, *paths), searches)
        found = [names()[number] in _first(client, one) for one, number in zip(asked, sought, strict=True)]
        hits = Goal("searches that find theirs among the first three", sum(found), searches, at_least=True)
        yield Work("Register: misspelt searches", where, both, (hits,))


def _at_once(ours: Way) -> Goal:
    return Goal("seconds, in the median", ours.median, 0.05)


def _small(client: TestClient, path: str) -> Iterator[Goal]:
    """A page is so small that it is there at once on a telephone too; what is handed out as data is whole."""
    answer = client.get(f"{BASE}{path}")
    if answer.headers["content-type"].startswith("text/html"):
        yield Goal("kB of the page", len(answer.content) / 1000, 150)


def _new_days(engine: Engine) -> Callable[[], object]:
    """The first visit of the next day, and of the one after it, by a portal that knows the day before."""
    day = [MONDAY]
    client = TestClient(create_app(settings_for_tests(), engine, lambda: day[0]))
    _got(client, "")

    def next_day() -> None:
        day[0] += timedelta(days=1)
        _got(client, "")

    return next_day


def _fill(engine: Engine, count: int) -> None:
    world = World(engine)
    first = world.draft()
    with reading(engine) as session:
        version = session.get_one(Account, first).policy_version_id
    fill_register(engine, world.municipality_id, version, world.now, count)


def _ways(engine: Engine, times: int, do: Callable[[], object], items: int = 1) -> tuple[Way, Way]:
    """Ours, and its statements by the driver alone."""
    ours = Way("Kanalvakt", items, repeated(times, lambda: timed(do)))
    with overheard(engine) as heard:
        do()
    return ours, Way(
        "its own statements", items, repeated(times, lambda: timed(lambda: ask_again(engine, heard)))
    )


def _got(client: TestClient, *paths: str) -> None:
    for path in paths:
        answer = client.get(f"{BASE}{path}")
        assert answer.status_code == 200, (path, answer.status_code)


def _first(client: TestClient, text: str) -> Sequence[str]:
    answer = client.get(f"{BASE}.json?q={quote(text)}")
    return [one["name"] for one in answer.json()["accounts"][:3]]
