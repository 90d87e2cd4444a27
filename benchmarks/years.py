"""A year played: the small municipality whole, of the large one some weeks. By hand, all of that too:

.venv/bin/python -m benchmarks.years
"""

from collections.abc import Iterator
from datetime import date

from benchmarks.table import text_of
from benchmarks.works import Goal, Way, Work, timed
from policies.loading import content_of, load_policy
from simulation.simulating import Order, simulate

YEAR_DAYS = 365
LARGE_DAYS = 15
SETTLES_IN = 8
"""Days after which one is like another: all have then been asked what is asked at the start."""
FIRST = date(2026, 12, 1)
POLICY = "mall"
"""The template, which asks most."""


def measure(days: int = YEAR_DAYS, large_days: int = LARGE_DAYS) -> Iterator[Work]:
    """In memory, with everybody who could do something there."""
    _played(accounts=6, people=12, days=7)
    yield _work(accounts=40, people=20, days=days, wanted=15.0)
    yield _work(accounts=1000, people=300, days=large_days, wanted=360.0)


def rehearse() -> Iterator[Work]:
    """With hardly anything."""
    yield from [_work(accounts=4, people=12, days=2, wanted=15.0)]


def _work(accounts: int, people: int, days: int, wanted: float) -> Work:
    seconds = _played(accounts, people, days)
    year = seconds if days == YEAR_DAYS else _reckoned(accounts, people, days, seconds)
    part = f"Reckoned from the first {days} days of {YEAR_DAYS}; `python -m benchmarks.years` plays all. "
    return Work(
        name="A year played",
        where=f"{accounts:,} accounts, {people} persons, the template's rules",
        ways=(Way("Kanalvakt, days", days, (seconds,)),),
        goals=(Goal("seconds for a year", year, wanted),),
        remark=(part if days < YEAR_DAYS else "")
        + "The days are flat: three hundred short statements each, none of which stands out, and eight"
        " tenths of the time are SQLAlchemy's and ours, not the database's. Next idea: what an account's look"
        " asks, asked for all accounts that are woken at once.",
    )


def _reckoned(accounts: int, people: int, days: int, seconds: float) -> float:
    """A whole year: it goes on as the days did that came after the first ones."""
    first = _played(accounts, people, days=SETTLES_IN)
    return first + (seconds - first) / (days - SETTLES_IN) * (YEAR_DAYS - SETTLES_IN)


def _played(accounts: int, people: int, days: int) -> float:
    order = Order(content_of(load_policy(POLICY)), people, accounts, FIRST, days, seed=1)
    return timed(lambda: simulate(order))


if __name__ == "__main__":
    for found in measure(large_days=YEAR_DAYS):
        print(text_of(found), flush=True)
