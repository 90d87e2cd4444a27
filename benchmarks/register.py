"""How fast the public register answers with 20,000 accounts, and what misspelt searches find.

    .venv/bin/python -m benchmarks.register [database address]

Without an address a SQLite file of its own is made. PostgreSQL: give an empty database.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from fastapi.testclient import TestClient

from models import Account
from runtime.database import make_engine, reading
from tests.database_fixtures import create_tables
from tests.web.register_town import fill_register, misspelt
from tests.web.visitor import settings_for_tests
from tests.web.world import World
from web.app import create_app

COUNT = 20_000
TIMES = 40
SEARCHES = 50


def main(url: str) -> None:
    engine = make_engine(url)
    create_tables(engine)
    world = World(engine)
    first = world.draft()
    with reading(engine) as session:
        version = session.get_one(Account, first).policy_version_id
    names = fill_register(engine, world.municipality_id, version, world.now, COUNT)
    client = TestClient(create_app(settings_for_tests(), engine, lambda: world.now))
    begun = time.process_time()
    client.get("/exempelby/konton")
    print(
        f"{engine.dialect.name}, {COUNT} accounts; first reading {time.process_time() - begun:.1f} s of CPU\n"
    )
    print(f"{'page':<26}{'median ms':>10}{'of it CPU':>11}{'slowest':>9}{'kB':>7}")
    for title, path in PAGES.items():
        told(title, client, [path.format(base="/exempelby/konton")] * TIMES)
    sought = [number * 383 + 3 for number in range(SEARCHES)]
    asked = [misspelt(names[number], place) for place, number in enumerate(sought)]
    told("50 misspelt searches", client, [f"/exempelby/konton?q={quote(one)}" for one in asked])
    found = [names[number] in first_three(client, one) for one, number in zip(asked, sought, strict=True)]
    print(f"\nright account among the first three: {sum(found)} of {SEARCHES}")
    for one, number, is_found in zip(asked, sought, found, strict=True):
        if not is_found:
            print(f"  {one!r} did not find {names[number]!r} but {first_three(client, one)}")


PAGES = {
    "first page": "{base}",
    "page 200": "{base}?sida=200",
    "one platform": "{base}?plattform=instagram",
    "search, right": "{base}?q=Biblioteket+Bj%C3%B6rkbacken",
    "search, one common word": "{base}?q=skolan",
    "an account": "{base}/4711",
    "is it official?": "{base}/officiellt?adress=https://www.instagram.com/bjorkbackenskolan",
    "JSON": "{base}.json",
    "Atom": "{base}.atom",
    "embedded": "{base}/inbaddad",
    "CSV of all": "{base}.csv",
}


def told(title: str, client: TestClient, paths: list[str]) -> None:
    """CPU time is what the page takes on a machine that nobody else uses."""
    spent, worked, sizes = [], [], []
    for path in paths:
        started, begun = time.perf_counter(), time.process_time()
        answer = client.get(path)
        spent.append((time.perf_counter() - started) * 1000)
        worked.append((time.process_time() - begun) * 1000)
        sizes.append(len(answer.content))
        assert answer.status_code == 200, (path, answer.status_code)
    median = statistics.median
    print(
        f"{title:<26}{median(spent):>10.1f}{median(worked):>11.1f}{max(spent):>9.1f}{max(sizes) / 1000:>7.0f}"
    )


def first_three(client: TestClient, text: str) -> list[str]:
    answer = client.get(f"/exempelby/konton.json?q={quote(text)}")
    return [one["name"] for one in answer.json()["accounts"][:3]]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(sys.argv[1])
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(f"sqlite:///{Path(folder) / 'register.db'}")
