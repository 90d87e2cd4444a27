"""Death comes to every part of a town again and again, where it does most harm and at any moment."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event

from tests.kills.town import PORTAL, POST, PREFECT, WORKER, Town

ANYWHERE = "at any moment"
SEAMS: Mapping[str, Sequence[str]] = {
    WORKER: (
        "before_commit",
        "after_commit",
        "after_look",
        "after_claim",
        "after_create",
        "after_pause",
        "before_send",
        "after_send",
    ),
    PORTAL: ("before_commit", "after_commit"),
    POST: ("before_keep", "after_keep"),
    PREFECT: (),
}
"""By part: the named places in its own code. Prefect's code is not ours."""
SHARES = {WORKER: 0.48, PORTAL: 0.21, POST: 0.21, PREFECT: 0.1}
AT_A_SEAM = 0.92
PASSES = {WORKER: 4, PORTAL: 2, POST: 3}
"""At the most so many times a place is passed before it kills."""
SEAM_SECONDS = 6.0
"""So long a place may not be passed at all before death comes anyway."""
LIVES_SECONDS = (0.5, 3.0)
IDLE_SECONDS = 20.0
"""So long a part is let live until something is done: else a slow machine would do nothing but start."""
LOOKS_EVERY_SECONDS = 0.3
RARE = ("after_claim", "after_create", "after_pause")
"""Passed a few times in a worker's life."""


@dataclass(frozen=True)
class Death:
    part: str
    place: str

    @property
    def at_a_seam(self) -> bool:
        return self.place != ANYWHERE


Doing = Callable[[Event], list[str]]
"""Works on until the event is set; returns what it saw that was not as it must be."""


@dataclass
class Killed:
    """How it went while parts were killed."""

    deaths: list[Death] = field(default_factory=list)
    found: list[str] = field(default_factory=list)

    @property
    def at_seams(self) -> int:
        return sum(one.at_a_seam for one in self.deaths)

    def of(self, part: str) -> int:
        return sum(one.part == part for one in self.deaths)


def shared_out(kills: int) -> dict[str, int]:
    """How often each part dies."""
    parts = {part: round(kills * share) for part, share in SHARES.items()}
    return parts | {WORKER: parts[WORKER] + kills - sum(parts.values())}


def kill_while(
    town: Town, kills: int, seed: int, doings: Sequence[Doing], beside: Sequence[Doing] = ()
) -> Killed:
    """Kill so many times while all that is done goes on; in the end all parts live.

    What goes on `beside` ends when all that is done has ended.
    """
    enough, over, killed = Event(), Event(), Killed()
    shares = shared_out(kills)
    with ThreadPoolExecutor(len(doings) + len(beside) + len(shares)) as threads:
        for one in beside:
            threads.submit(one, over)
        done = [threads.submit(one, enough) for one in doings]
        killers = [
            threads.submit(_kill_often, town, part, times, random.Random(f"{seed} {part}"), done)
            for part, times in shares.items()
        ]
        try:
            for killer in killers:
                killed.deaths += killer.result()
            enough.set()
            for ended in done:
                killed.found += ended.result()
        finally:
            enough.set()
            over.set()
    return killed


def _kill_often(
    town: Town, part: str, times: int, chance: random.Random, done: Sequence[Future[list[str]]]
) -> list[Death]:
    town.kill(part)
    deaths = [Death(part, ANYWHERE)]
    for place in _places(part, times - 1, chance):
        for one in done:
            assert not one.done(), f"What was to go on while parts are killed has ended: {one.result()}"
        before = town.work_done(part)
        town.start(part, place)
        if _dies_by_itself(town, part, place, chance, before):
            deaths.append(Death(part, place.partition(":")[0]))
        else:
            town.kill(part)
            deaths.append(Death(part, ANYWHERE))
    town.start(part)
    return deaths


def _dies_by_itself(town: Town, part: str, place: str, chance: random.Random, before: int) -> bool:
    """Whether it died at its place; if not, something has been done since it was started, or will not be."""
    if place and town.dies_within(part, SEAM_SECONDS):
        return True
    time.sleep(0 if place else chance.uniform(*LIVES_SECONDS))
    deadline = time.monotonic() + IDLE_SECONDS
    while town.work_done(part) == before and time.monotonic() < deadline:
        if place and town.dies_within(part, LOOKS_EVERY_SECONDS):
            return True
        time.sleep(LOOKS_EVERY_SECONDS)
    return False


def _places(part: str, times: int, chance: random.Random) -> Iterator[str]:
    """Where it is to die next; empty: nowhere by itself."""
    seams = SEAMS[part]
    for number in range(times):
        if not seams or chance.random() > AT_A_SEAM:
            yield ""
            continue
        seam = seams[number % len(seams)]
        yield f"{seam}:{1 if seam in RARE else chance.randint(1, PASSES[part])}"


TIMES_FASTER = 20
_STEP_SECONDS = 0.5


def time_runs(town: Town) -> Doing:
    """Minutes go by in seconds: what a dead part had in hand is taken up, what was refused is tried again."""

    def run(enough: Event) -> list[str]:
        while not enough.wait(_STEP_SECONDS):
            town.clock.move_to(town.clock.now() + timedelta(seconds=TIMES_FASTER * _STEP_SECONDS))
        return []

    return run
