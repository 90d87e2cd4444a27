"""How the morning grows with the accounts: its seconds, and the memory of the process that goes the rounds.

By hand, with any number of accounts (about 12 minutes and 5 GB of disk for a million):

    .venv/bin/python -m benchmarks.growth 1000000
"""

import json
import math
import sys
from collections.abc import Callable, Iterator, Sequence
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
from runtime.starting import keep_what_is_loaded, look_seldom_for_garbage

EACH = 345
"""Accounts of a municipality, when Sweden's 290 have 100,000 together."""
SWEDEN = tuple(Size(count, max(1, round(count / EACH))) for count in (1_000, 10_000, 100_000))
"""More municipalities."""
ONE = tuple(Size(count) for count in (1_000, 3_000, 10_000))
"""A municipality that is larger; no Swedish one has as many as the last."""
Measured = Callable[[str], Sequence[float]]
"""Seconds of the watch round and the morning letter in a database, and the process's megabytes."""
IN_A_PROCESS: Measured = partial(found_by, "growth")
MEGABYTES = 400
EXPONENT = 1.1


def measure() -> Iterator[Work]:
    """With more municipalities, and with more accounts in one."""
    yield _grown("Growth, more municipalities", SWEDEN)
    yield _grown("Growth, one municipality", ONE)


def rehearse() -> Iterator[Work]:
    """Ten accounts and twice as many, in this process."""
    yield _grown("Growth, more municipalities", (Size(10, 1), Size(20, 2)), _here)


def _grown(name: str, sizes: Sequence[Size], measured: Measured = IN_A_PROCESS) -> Work:
    ways, megabytes = [], []
    for size in sizes:
        seconds, peak = _found(size, measured)
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


def _found(size: Size, measured: Measured) -> Sequence[float]:
    with filled("sqlite", partial(fill, size=size)) as database, database.copy() as engine:
        return measured(str(engine.url))


def _here(url: str) -> Sequence[float]:
    """Seconds of the watch round and the morning letter, and the most megabytes of the process.

    As in the worker, what is loaded is kept. The same of a few accounts comes first, to warm.
    """
    keep_what_is_loaded()
    look_seldom_for_garbage()
    with filled("sqlite", partial(fill, size=Size(20, 2))) as few, few.copy() as engine:
        _morning(engine)
    return timed(partial(_morning, make_engine(url))), _peak()


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
        size = Size(int(given), max(1, round(int(given) / EACH)))
        seconds, megabytes = _found(size, IN_A_PROCESS)
        print(f"{seconds:.0f} seconds, {megabytes:.0f} MB")
    else:
        print(json.dumps(_here(given)))
