"""The worker's loops: one looks for what waits, and rings for whoever is to see to it."""

import asyncio
from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from acts.waiting import Waits
from deployments import loops
from flows.desk_markdown import FormLink
from notifications.delivery import anything_due
from runtime.clock import now
from runtime.database import make_engine
from tests.lifecycle.town import Town, step

SOON = 4.0
"""Before a loop would turn by itself."""


def run_until(done: asyncio.Event, *going: Coroutine[Any, Any, None]) -> None:
    """Let loops go until something has happened; one that fails fails the test."""

    async def all_of_them() -> None:
        async with asyncio.timeout(SOON), asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in going]
            await done.wait()
            for task in tasks:
                task.cancel()

    asyncio.run(all_of_them())


def turns_of(done: asyncio.Event, wanted: int) -> tuple[list[int], Callable[[], Coroutine[Any, Any, None]]]:
    turns: list[int] = []

    async def once() -> None:
        turns.append(1)
        if len(turns) == wanted:
            done.set()

    return turns, once


def test_a_bell_that_rings_makes_the_next_turn_come_at_once() -> None:
    done, bell = asyncio.Event(), asyncio.Event()
    turns, once = turns_of(done, 2)

    async def ring() -> None:
        while not turns:
            await asyncio.sleep(0)
        bell.set()

    run_until(done, loops.repeat("Prov", 60.0, once, bell=bell), ring())
    assert (len(turns), bell.is_set()) == (2, False)


def test_one_that_rang_during_a_turn_is_not_missed() -> None:
    done, bell = asyncio.Event(), asyncio.Event()
    turns, once = turns_of(done, 2)

    async def ring_and_turn() -> None:
        if not turns:
            bell.set()
        await once()

    run_until(done, loops.repeat("Prov", 60.0, ring_and_turn, bell=bell))
    assert len(turns) == 2


def test_without_a_bell_it_turns_by_itself() -> None:
    done, bell = asyncio.Event(), asyncio.Event()
    turns, once = turns_of(done, 3)
    run_until(done, loops.repeat("Prov", 0.01, once, bell=bell))
    assert len(turns) == 3


def test_trouble_is_waited_out_and_told(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    monkeypatch.setattr(loops, "PAUSE_AFTER_TROUBLE", 0.01)
    done, bell = asyncio.Event(), asyncio.Event()
    turns, once = turns_of(done, 3)

    async def fails_first() -> None:
        await once()
        if len(turns) == 1:
            raise httpx.ConnectError("nobody there")

    run_until(done, loops.repeat("Prov", 0.01, fails_first, bell=bell))
    said = [one.getMessage() for one in caplog.records if one.name == "kanalvakt.worker"]
    assert said[0].startswith("Prov: väntar. Prefect svarar inte (ConnectError).")
    assert said[1] == "Prov: går igen."


def test_a_letter_that_has_just_been_queued_is_fetched_at_once(engine: Engine) -> None:
    done, bells, turns = asyncio.Event(), loops.make_bells(), list[bool]()
    town = Town(engine, {"opening": [step("chef", "decide", "line_manager")]}, now=now())

    def deliver() -> None:
        with town.reading() as session:
            turns.append(anything_due(session, now()))

    async def apply() -> None:
        while not turns:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(town.apply)
        while not turns[-1]:
            await asyncio.sleep(0.01)
        done.set()

    run_until(
        done,
        loops.look_loop(engine, bells),
        loops.delivery_loop(engine, deliver, bells[Waits.LETTERS]),
        apply(),
    )
    assert turns[0] is False


def test_the_desk_asks_again_for_forms_until_they_are_all_deployed(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that starts with Prefect is at work before its forms are there."""
    form = FormLink("Avsluta konto", "Avslutar ett konto.", "6f")
    deployed: list[list[FormLink]] = [[], [form], [form, form], [form, form]]
    turns, asked = iter(deployed), []

    async def forms_of(client: object) -> list[FormLink]:
        asked.append(seconds.at)
        return next(turns)

    async def scenario() -> None:
        desk = loops.Desk(make_engine(sqlite_url), Any)
        while seconds.at < 600:
            await desk.once()
            seconds.at += 1

    seconds = Seconds()
    monkeypatch.setattr(loops, "forms_of", forms_of)
    monkeypatch.setattr(loops, "time", SimpleNamespace(monotonic=seconds))
    asyncio.run(scenario())
    again = loops.FORMS_AGAIN_SECONDS
    assert asked == [1, 1 + again, 1 + 2 * again, 1 + 3 * again], "and then as seldom as ever"


class Seconds:
    """The machine's clock, as far as the desk asks it."""

    def __init__(self) -> None:
        self.at = 1.0

    def __call__(self) -> float:
        return self.at
