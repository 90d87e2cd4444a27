"""How the morning grows with the accounts: its seconds, and the memory of the process that goes the rounds.

By hand, with any number of accounts (about 20 minutes and 5 GB of disk for a million):

    .venv/bin/python -m benchmarks.growth 1000000
"""

import json
import math
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from acts import watching
from acts.rounds import go_round
from benchmarks.databases import filled
from benchmarks.processes import found_by
from benchmarks.town import MORNING, Size, fill
from benchmarks.works import Goal, Way, Work, timed
from runtime.database import make_engine
from runtime.starting import keep_what_is_loaded

EACH = 345
"""Accounts of a municipality, when Sweden's 290 have 100,000 together."""
SWEDEN = tuple(Size(count, max(1, round(count / EACH))) for count in (1_000, 10_000, 100_000))
"""More municipalities."""
ONE = tuple(Size(count) for count in (1_000, 3_000, 10_000))
"""A municipality that is larger; no Swedish one has as many as the last."""
MEGABYTES = 400
EXPONENT = 1.1


def measure() -> Iterator[Work]:
    """With more municipalities, and with more accounts in one."""
    yield _grown("Growth, more municipalities", SWEDEN)
    yield _grown("Growth, one municipality", ONE)


def rehearse() -> Iterator[Work]:
    """Ten accounts, and twice as many."""
    yield _grown("Growth, more municipalities", (Size(10, 1), Size(20, 2)))


def _grown(name: str, sizes: Sequence[Size]) -> Work:
    ways, megabytes = [], []
    for size in sizes:
        seconds, peak = _in_a_process(size)
        ways.append(Way(f"Kanalvakt, {size}", size.accounts, (seconds,)))
        megabytes.append(peak)
    goals = (
        Goal("is the exponent", exponent(ways), EXPONENT),
        Goal("MB at the most, of the process", max(megabytes), MEGABYTES),
    )
    where = f"{sizes[0].accounts:,} to {sizes[-1].accounts:,} accounts, SQLite"
    return Work(name, where, tuple(ways), goals)


def exponent(ways: Sequence[Way]) -> float:
    """The slope from the smallest to the largest, in logarithms: 1 is twice the time for twice as many."""
    few, many = ways[0], ways[-1]
    return math.log(many.median / few.median) / math.log(many.items / few.items)


def _in_a_process(size: Size) -> tuple[float, float]:
    """Seconds of the watch round and the morning letter, and megabytes of the process that went them."""
    with filled("sqlite", partial(fill, size=size)) as database, database.copy() as engine:
        seconds, megabytes = found_by("growth", str(engine.url))
    return float(seconds), float(megabytes)


def _go(url: str) -> None:
    """As in the worker: what is loaded is kept, then the rounds are gone; first of a few accounts, to warm."""
    keep_what_is_loaded()
    with filled("sqlite", partial(fill, size=Size(20, 2))) as few, few.copy() as engine:
        _morning(engine)
    print(json.dumps([timed(partial(_morning, make_engine(url))), _peak()]))


def _morning(engine: Engine) -> None:
    for one in (watching.ASK, watching.TELL):
        assert not go_round(engine, one, MORNING).failures


def _peak() -> float:
    """The most that this process has had in memory, in megabytes; `getrusage` counts its parent's too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    [peak] = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(peak) / 1024


if __name__ == "__main__":
    [given] = sys.argv[1:]
    if given.isdigit():
        count = int(given)
        size = Size(count, max(1, round(count / EACH)))
        print("{1:.0f} MB, {0:.0f} seconds".format(*_in_a_process(size)))
    else:
        _go(given)
