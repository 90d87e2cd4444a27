"""What is measured: a work, the ways of doing it side by side, and the goals that ours is held to."""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Way:
    """One way of doing a work: seconds of each repetition, for so many items."""

    who: str
    """Kanalvakt, the limit, or a peer, as the table says it."""
    items: int
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def per_second(self) -> float:
        """Items a second, so that ways that were given unlike numbers of items can be compared."""
        return self.items / self.median


@dataclass(frozen=True)
class Goal:
    """What ours has to reach, and what it came to in this run."""

    says: str
    found: float
    wanted: float
    at_least: bool = False

    @property
    def is_reached(self) -> bool:
        return self.found >= self.wanted if self.at_least else self.found <= self.wanted


@dataclass(frozen=True)
class Work:
    """A row of the table."""

    name: str
    where: str
    """How many of what, on which database: "100,000 accounts, SQLite"."""
    ways: tuple[Way, ...]
    goals: tuple[Goal, ...]
    remark: str = ""
    """What a reader must know to read the figures right; why a goal was not reached, and the next idea."""


def within(times: float, ours: Way, limit: Way) -> Goal:
    """Ours takes at most so many times as long as the limit, for each item."""
    return Goal(f"times as long as {limit.who}", limit.per_second / ours.per_second, times)


def ahead(times: float, ours: Way, peer: Way) -> Goal:
    """Ours does at least so many times as many items a second as a peer."""
    return Goal(f"times as fast as {peer.who}", ours.per_second / peer.per_second, times, at_least=True)


Measure = Callable[[], Iterator[Work]]
"""What each module of works offers as `measure`: it prepares, warms, measures, and gives each row when it is
done. `rehearse` does the same with hardly anything, in a second or two, for the tests; without peers."""


def repeated(times: int, once: Callable[[], float]) -> tuple[float, ...]:
    """Seconds of so many repetitions, after one that warms."""
    once()
    return tuple(once() for _ in range(times))


def timed(do: Callable[[], object]) -> float:
    """Seconds that it takes."""
    started = time.perf_counter()
    do()
    return time.perf_counter() - started
