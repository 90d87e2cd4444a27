"""Fifty managers answer by their links within a second, over HTTP, beside an endpoint that writes one row."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
from sqlalchemy import Engine, func, select
from sqlmodel import col

from benchmarks.questions import Form, opened, questions
from benchmarks.works import Goal, Way, Work, timed
from deployments.processes import Part, answers, free_port, wait_until
from migrations import upgrade
from models import UserTask
from runtime.clock import now
from runtime.database import make_engine, reading
from tests.web.world import World

MANAGERS = 50
ROUNDS = 6
"""The first warms."""
WITHIN = 1.0
"""Seconds in which all of them click, evenly spread."""
REMARK = (
    "Measured is the answer's POST until its redirect comes; links were opened and pages read before. Ours"
    " checks the link, the form's token and four-eyes, and writes answer, audit event, news and dead links."
    " It takes one writer at a time, so that who comes at the same moment waits for all of that. The next"
    " idea is to check what can be checked before the writing begins."
)
Click = Callable[[], None]


def measure(managers: int = MANAGERS, rounds: int = ROUNDS) -> Iterator[Work]:
    """On SQLite, which takes one writer at a time."""
    with tempfile.TemporaryDirectory(prefix="kanalvakt-bench-") as folder:
        ours = _ours(Path(folder), managers, rounds)
        limit = _limit(Path(folder), managers, rounds)
    yield Work(
        name="Managers answer within one second",
        where=f"{managers} managers, {rounds - 1} times, SQLite",
        ways=(Way("Kanalvakt", 1, ours), Way("FastAPI, one row by SQLModel", 1, limit)),
        goals=(
            Goal("seconds for the slowest answer", max(ours), 1.0),
            Goal("times the limit's p99", _p99(ours) / _p99(limit), 2.0),
        ),
        remark=f"{REMARK} p99: {_p99(ours) * 1000:.0f} ms, the limit's {_p99(limit) * 1000:.0f} ms.",
    )


def rehearse() -> Iterator[Work]:
    """With hardly anything."""
    yield from measure(managers=3, rounds=2)


def _p99(seconds: Sequence[float]) -> float:
    return sorted(seconds)[max(0, round(len(seconds) * 0.99) - 1)]


# ---------------------------------------------------------------- the load


def _clicked(clicks: Sequence[Click]) -> list[float]:
    """Seconds that each took, when they are begun evenly within a second, each by somebody else."""
    begins = time.perf_counter() + 0.1

    def click(number: int) -> float:
        time.sleep(max(0.0, begins + number * WITHIN / len(clicks) - time.perf_counter()))
        return timed(clicks[number])

    with ThreadPoolExecutor(len(clicks)) as managers:
        return list(managers.map(click, range(len(clicks))))


def _rounds(ready: Sequence[Click], managers: int) -> tuple[float, ...]:
    """All clicks in turn, without those of the first second."""
    seconds = [_clicked(ready[first : first + managers]) for first in range(0, len(ready), managers)]
    return tuple(one for each in seconds[1:] for one in each)


# ---------------------------------------------------------------- ours


def _ours(folder: Path, managers: int, rounds: int) -> tuple[float, ...]:
    url, port = f"sqlite:///{folder / 'kanalvakt.db'}", free_port()
    upgrade(url)
    engine, count = make_engine(url), managers * rounds
    asked = questions(World(engine, now=now()), count)
    environment = {
        "KANALVAKT_DATABASE_URL": url,
        "KANALVAKT_PORTAL_URL": f"http://127.0.0.1:{port}",
        "KANALVAKT_COOKIE_KEY": "k" * 40,
        "KANALVAKT_DEMONSTRATION": "true",
    }
    command = ["-m", "web", "--port", str(port)]
    with _served(Part("portal", command, environment, folder / "portal.log"), port), ExitStack() as open_:
        forms = [opened(open_, f"http://127.0.0.1:{port}{one.path}") for one in asked]
        seconds = _rounds([one.send for one in forms], managers)
    assert _answered(engine) == count
    engine.dispose()
    return seconds


def _answered(engine: Engine) -> int:
    with reading(engine) as session:
        rows = select(func.count()).where(col(UserTask.answered_by_id).is_not(None))
        found: int = session.execute(rows.select_from(UserTask)).scalar_one()
    return found


# ---------------------------------------------------------------- the limit


def _limit(folder: Path, managers: int, rounds: int) -> tuple[float, ...]:
    url, port = f"sqlite:///{folder / 'bare.db'}", free_port()
    command = ["-m", "benchmarks.bare_endpoint", url, str(port)]
    address = f"http://127.0.0.1:{port}/svar"
    with _served(Part("bare endpoint", command, {}, folder / "bare.log"), port), ExitStack() as open_:
        clients = [
            open_.enter_context(httpx2.Client(verify=False, trust_env=False))
            for _ in range(managers * rounds)
        ]
        forms = [Form(client, address, {"outcome": "approve"}) for client in clients]
        return _rounds([one.send for one in forms], managers)


@contextmanager
def _served(part: Part, port: int) -> Iterator[None]:
    part.start()
    try:
        wait_until(lambda: answers(port), part)
        yield
    finally:
        part.stop()
