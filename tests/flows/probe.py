"""Flows as small as can be, to try Prefect with; their database is a folder."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext

from flows.suspension import suspend

WAITING_FOR = ("Väntar på chefens beslut", "Åtgärdas av förvaltningen", "Överlämnad till en ersättare")


class Desk:
    """What flow and test know of one account: the answers given, and the looks taken at them."""

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)

    def answer(self) -> None:
        self.note("answers", "ja")

    def answers(self) -> int:
        return len(self.notes("answers"))

    def look(self) -> int:
        """Note that the flow looked, and give the number of answers."""
        self.note("looks", str(os.getpid()))
        return self.answers()

    def looks(self) -> int:
        return len(self.notes("looks"))

    def note(self, book: str, line: str) -> None:
        with (self._folder / book).open("a") as file:
            file.write(f"{line}\n")

    def notes(self, book: str) -> list[str]:
        file = self._folder / book
        return file.read_text().splitlines() if file.exists() else []


@flow(persist_result=False)
async def probe(folder: str, wanted: int) -> None:
    """Waits for `wanted` answers, under a name of its own for each."""
    desk = Desk(folder)
    seen = desk.look()
    if seen < wanted:
        await suspend(WAITING_FOR[seen], lambda: desk.answers() == seen)


@flow(persist_result=False)
async def interrupted(folder: str) -> None:
    """Waits for an answer that comes between its question and its pause, with a wake-up that is refused."""
    desk = Desk(folder)
    if desk.look() == 0:
        await suspend(WAITING_FOR[0], _waiting_until_interrupted(desk))


def _waiting_until_interrupted(desk: Desk) -> Callable[[], bool]:
    def still_waiting() -> bool:
        if desk.answers():
            return False
        desk.answer()
        desk.note("refusals", _resume_from_inside())
        return True

    return still_waiting


def _resume_from_inside() -> str:
    context = FlowRunContext.get()
    assert context is not None and context.flow_run is not None
    with get_client(sync_client=True) as client:
        return str(client.resume_flow_run(context.flow_run.id).status.value)


@flow(persist_result=False)
async def slow(folder: str, seconds: float) -> None:
    """Holds its thread for a while, unless it is looked at for the second time."""
    desk = Desk(folder)
    desk.look()
    if desk.looks() == 1:
        time.sleep(seconds)
    desk.note("ends", "slut")


@flow(persist_result=False)
def plain(folder: str) -> None:
    """A flow that is not async."""
    Desk(folder).look()


@flow(persist_result=False)
async def failing(folder: str) -> None:
    Desk(folder).look()
    raise ValueError("Så här ska det gå.")


@flow(persist_result=False)
async def leaving(folder: str) -> None:
    """Tries to take the whole process with it."""
    Desk(folder).look()
    sys.exit(3)
