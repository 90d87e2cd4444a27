"""`make demo`: all chains played by people with mail and a browser, in a stack of their own.

The stories' expectations are written from the guidelines, and what is seen is compared with them. Ends with 1
when something differs, or when letters come too slowly.
"""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event

import httpx2

from acts.work import work
from deployments.browsing import NotOnPage, PageBroke
from deployments.demo_diary import Diary, Measured
from deployments.demo_driver import DemoDriver, Stalled, Stopped, Surroundings
from deployments.moved_clock import MovedClock
from deployments.prefect_server import DeployFailed, ServerNotReady
from deployments.processes import WillNotStay
from deployments.round_runs import RoundWentWrong
from deployments.stack import WANTED_PORTS, Stack
from deployments.storyline import Story, build_world, load_stories, load_world, play
from runtime.database import make_engine

AT_ONCE = 2
"""Stories told side by side."""
INTERRUPTED = 130

Say = Callable[[str], None]


@dataclass(frozen=True)
class Played:
    """A story that has been told to its end, or as far as it went."""

    story: Story
    diary: Diary
    differences: Sequence[str]

    def told(self) -> list[str]:
        """Its timeline and how it agreed."""
        agreed = "  Allt stämmer med riktlinjen."
        ends = [f"  SKILJER SIG: {one}" for one in self.differences] or [agreed]
        title = f"{self.story.story}: {self.story.title}"
        return ["", title, f"  ({self.story.source})", *self.diary.told(), *ends]


def stack_in(folder: Path, stories: Sequence[Story]) -> Stack:
    """A stack on free ports, whose database has a municipality for each story; not yet started.

    Its clock shows the morning on which they begin, whatever day it is here.
    """
    clock = MovedClock.starting(folder / "clock", min(story.begins_at for story in stories))
    stack = Stack(folder, wanted_ports=dict.fromkeys(WANTED_PORTS, 0), clock=clock)
    stack.migrate()
    world, engine = load_world(), make_engine(stack.database_url)
    for story in stories:
        with work(engine, moment := clock.now()) as session:
            build_world(session, story, world, moment)
    engine.dispose()
    return stack


def play_one(around: Surroundings, story: Story) -> Played:
    """Tell one story; what stops it is a difference too."""
    with DemoDriver(around, story) as driver:
        try:
            found = play(story, driver)
        except (Stalled, NotOnPage, PageBroke, RoundWentWrong, httpx2.HTTPError) as stopped:
            number = driver.diary.steps
            found = [f"{story.story}, steg {number} ({story.steps[number - 1].who}): {stopped}"]
        return Played(story, driver.diary, found)


def play_all(around: Surroundings, stories: Sequence[Story], say: Say) -> list[Played]:
    """Tell all stories, some side by side, and those that move the clock alone after them.

    Each is printed whole, in their order.
    """
    together = [one for one in stories if not one.moves_clock]
    alone = [one for one in stories if one.moves_clock]
    return [*_play(around, together, say, AT_ONCE), *_play(around, alone, say, 1)]


def _play(around: Surroundings, stories: Sequence[Story], say: Say, at_once: int) -> list[Played]:
    with ThreadPoolExecutor(at_once) as threads:
        futures = [threads.submit(play_one, around, story) for story in stories]
        try:
            return [_said(future, say) for future in futures]
        except BaseException:
            around.stop.set()
            threads.shutdown(cancel_futures=True)
            raise


def _said(future: Future[Played], say: Say) -> Played:
    played = future.result()
    say("\n".join(played.told()))
    return played


def demonstrate(folder: Path, say: Say) -> int:
    """The whole demonstration in a folder; returns what the process ends with."""
    began = time.monotonic()
    # The longest first, so that none is left to be told alone at the end.
    stories = sorted(load_stories(), key=lambda one: -len(one.steps))
    say(f"Kanalvakt spelar upp {len(stories)} berättelser. Först startar allt (omkring en halv minut) …")
    with stack_in(folder, stories) as stack:
        started = time.monotonic() - began
        say(f"Igång efter {started:.0f} s.")
        played = play_all(Surroundings.of(stack, Event()), stories, say)
    say("\n".join(summary(played, time.monotonic() - began)))
    return 0 if _succeeded(played) else 1


def _succeeded(played: Sequence[Played]) -> bool:
    differs = any(one.differences for one in played)
    return not differs and Measured.of([one.diary for one in played]).goal_is_met


def summary(played: Sequence[Played], seconds: float) -> list[str]:
    """What it all amounted to."""
    diaries = [one.diary for one in played]
    letters = sum(len(click.letters) for diary in diaries for click in diary.clicks)
    differences = [difference for one in played for difference in one.differences]
    agreed = "Allt som sågs stämmer med riktlinjerna."
    steps = sum(diary.steps for diary in diaries)
    return [
        "",
        *Measured.of(diaries).told(),
        f"{len(played)} berättelser, {steps} steg, {letters} brev; {seconds:.0f} s från start till slut.",
        *([f"{len(differences)} skillnader:", *differences] if differences else [agreed]),
    ]


def main() -> None:
    """Entry point of `make demo`."""
    asked = argparse.ArgumentParser(prog="python -m deployments.demo", description="Spelar upp alla kedjor.")
    asked.add_argument("--output", type=Path, help="fil där allt som skrivs också sparas")
    given = asked.parse_args()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _interrupt_once)
    said: list[str] = []
    ended_with = _demonstrated(partial(_say, said))
    if given.output:
        given.output.write_text("\n".join(said) + "\n", "utf-8")
    sys.exit(ended_with)


def _interrupt_once(*_: object) -> None:
    """The first Ctrl-C ends everything in good order; further ones do not hinder that."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    raise KeyboardInterrupt


def _demonstrated(say: Say) -> int:
    try:
        with tempfile.TemporaryDirectory(prefix="kanalvakt-demo-") as folder:
            return demonstrate(Path(folder), say)
    except (KeyboardInterrupt, Stopped):
        say("\nAvbrutet. Allt är avslutat.")
        return INTERRUPTED
    except (WillNotStay, ServerNotReady, DeployFailed) as trouble:
        say(f"Det gick inte att starta: {trouble}")
        return 1


def _say(said: list[str], text: str) -> None:
    said.append(text)
    print(text, flush=True)


if __name__ == "__main__":
    main()
