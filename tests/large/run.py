"""`make large`: the large installation filled, swept, wounded, and searched for what is lost or astray.

    python -m tests.large.run [--municipalities 290] [--accounts 50000] [--runs 5000]

Writes docs/large.md when it is run at its full size.
"""

import argparse
import signal
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from deployments.large_topology import LargeTopology, Missing
from deployments.moved_clock import MovedClock
from deployments.processes import WillNotStay
from tests import figures
from tests.large.day import Day
from tests.large.searching import Search

MORNING = datetime(2026, 12, 1, 7, 30, tzinfo=UTC)
"""A Tuesday in Sweden, half past eight: the hour of the morning letter has struck everywhere."""
INTO = figures.ROOT / "docs" / "large.md"
DESKS = 4
"""Municipalities whose overviews stand in Prefect as well; the others have theirs in the portal."""
FULL = (290, 50_000, 5_000)
MINUTES = 20.0


def main() -> int:
    asked = argparse.ArgumentParser(description="Den stora installationen, prövad.")
    for name, value in zip(("municipalities", "accounts", "runs"), FULL, strict=True):
        asked.add_argument(f"--{name}", type=int, default=value)
    asked.add_argument("--minutes", type=float, default=MINUTES, help="så lång tid får det ta i allt")
    given = asked.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Avbrutet."))
    noted = Path(tempfile.mkdtemp()) / "figures"
    figures.begin(noted)
    started = time.monotonic()
    # Under /tmp: the address of a socket has room for a hundred characters.
    with tempfile.TemporaryDirectory(prefix="kanalvakt-large-", dir="/tmp") as folder:
        try:
            day = prove(Path(folder), given, started)
        except (Missing, WillNotStay) as trouble:
            sys.exit(str(trouble))
    print()
    figures.print_proofs(noted)
    if (given.municipalities, given.accounts, given.runs) == FULL:
        figures.write_proofs(noted, INTO, "\n".join([ABOUT, *day.table(), ""]))
        print(f"\nSkrivet: {INTO.relative_to(figures.ROOT)}")
    return 1 if "**no**" in noted.read_text("utf-8") else 0


def prove(folder: Path, given: argparse.Namespace, started: float) -> Day:
    """All of it; ends what it has started."""
    clock = MovedClock.starting(folder / "clock", MORNING)
    desks = ",".join(f"qx{number:04d}q" for number in range(DESKS))
    chosen = {"KANALVAKT_DESK_MUNICIPALITIES": desks, "KANALVAKT_HEAL_EVERYTHING_SECONDS": "7200"}
    large = LargeTopology(folder, clock=clock, extra=chosen)
    day = Day(large, clock, started, until=started + given.minutes * 60 * TIME_FOR_RUNS)
    with large:
        day.took("started: two databases, Redis, two Prefect servers, four workers, the portal", started)
        day.fill(given.municipalities, given.accounts, given.runs)
        day.morning()
        search = Search(large, clock, day)
        search.all()
        day.rest_of_the_runs()
        day.evening()
        search.own_checks()
        day.tell_of_the_machine()
        day.took("all in all", started)
        figures.prove("How long it took", "minutes", (time.monotonic() - started) / 60, given.minutes)
    day.close()
    return day


TIME_FOR_RUNS = 0.92
"""Of the whole: after that, what runs there are is told, and it becomes evening."""

ABOUT = """# The large installation

What `make large` found in its last run: one machine with PostgreSQL for both databases, Redis for Prefect's
messages, two Prefect servers, four workers on one pool and the portal. 290 municipalities, each under one
of six policies, have 50,000 open accounts among them, with two administrators each; 5,000 of the accounts
have something that their own run must look at. While those runs are made, the morning's rounds are gone
for all accounts, and one worker is killed (SIGKILL) with a share of a round in its hands and is not started
again. Everything that a municipality wrote bears its own mark, and whatever leaves Kanalvakt is searched
for others'. In the evening the day's watch ends, and the product's own checks are made.
"""


if __name__ == "__main__":
    sys.exit(main())
