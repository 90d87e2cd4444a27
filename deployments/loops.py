"""What the worker does beside its flow runs: wakes accounts, heals runs, delivers letters, tells it lives."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import httpx
from anyio import to_thread
from prefect.client.orchestration import PrefectClient, get_client
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from sqlalchemy import Engine

from acts import desk_sheets
from acts.desk_sheets import DeskOwner
from acts.heartbeats import DELIVERY, HEAL, ONE_WORKER, WAKE, WORKER, beat, leave, take_turn
from acts.waiting import Waits, what_waits
from deployments.automations import set_alarms
from flows.desk import forms_of, missing_sheets, write_desk
from flows.desk_markdown import FormLink
from flows.waking import NotHealed, heal, set_going, wake_due, wake_forms
from runtime.clock import machine_now, now
from runtime.database import AWAY, why_away
from runtime.settings import settings

LOOK_SECONDS = 0.25
UNASKED_SECONDS = 5.0
"""A loop that waits for its bell turns as often without it, and so gives its sign of life."""
PAUSE_AFTER_TROUBLE = 3.0
WHOLE = f"{HEAL}:everything"
"""The turn to heal everything, among the signs of life."""
RETRIES = 1
"""The loops try again by themselves; Prefect's client would sleep for up to a minute on the way."""

TROUBLE = (httpx.HTTPError, ObjectNotFound, *AWAY, OSError)
"""What passes by itself: Prefect away or not deployed yet, a database locked or restarting, no network."""

log = logging.getLogger("kanalvakt.worker")


class Alive:
    """The sign of life of one loop: given after a turn that went well, and not more often than needed."""

    def __init__(self, engine: Engine, part: str) -> None:
        self._engine, self._part, self._next = engine, part, 0.0

    async def __call__(self) -> None:
        if time.monotonic() >= self._next:
            await to_thread.run_sync(beat, self._engine, self._part, now())
            self._next = time.monotonic() + settings().beat_seconds


async def repeat(
    name: str,
    seconds: float,
    once: Callable[[], Awaitable[object]],
    alive: Alive | None = None,
    bell: asyncio.Event | None = None,
) -> None:
    """Do something every so many seconds, and at once when its bell rings.

    Trouble that passes is logged, waited out and told when it is over.
    """
    in_trouble = False
    while True:
        try:
            await once()
            if alive:
                await alive()
            if in_trouble:
                log.warning("%s: går igen.", name)
            in_trouble = False
            await _pause(seconds, bell)
        except TROUBLE as error:
            if not in_trouble:
                log.warning("%s: väntar. %s", name, why_waiting(error))
            in_trouble = True
            await asyncio.sleep(PAUSE_AFTER_TROUBLE)


async def _pause(seconds: float, bell: asyncio.Event | None) -> None:
    """A bell that rang meanwhile is answered at once, and has then been heard."""
    if bell is None:
        await asyncio.sleep(seconds)
        return
    with suppress(TimeoutError):
        await asyncio.wait_for(bell.wait(), seconds)
    bell.clear()


def why_waiting(error: Exception) -> str:
    """What is away, in the words of those who run Kanalvakt."""
    if isinstance(error, AWAY):
        return why_away(error)
    if isinstance(error, httpx.HTTPStatusError):
        return f"Prefect tog inte emot frågan: {error.response.status_code}."
    if isinstance(error, httpx.HTTPError):
        return f"Prefect svarar inte ({type(error).__name__}). Inget går förlorat: det går igen sedan."
    if isinstance(error, ObjectNotFound):
        return "Prefect känner inte till våra körningar: kör prefect deploy --all."
    return f"{type(error).__name__}: {error}"


@asynccontextmanager
async def _impatient_client() -> AsyncIterator[PrefectClient]:
    """A client of Prefect that soon says when the server is away."""
    with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: RETRIES}):
        async with get_client() as client:
            yield client


Bells = Mapping[Waits, asyncio.Event]


def make_bells() -> Bells:
    """One for each thing that may wait, rung by `look_loop`."""
    return {one: asyncio.Event() for one in Waits}


async def look_loop(engine: Engine, bells: Bells) -> None:
    """Several times a second: whoever has something to see to is told."""

    async def once() -> None:
        for one in await to_thread.run_sync(what_waits, engine, now()):
            bells[one].set()

    await repeat("Bevakning", LOOK_SECONDS, once)


async def wake_loop(
    engine: Engine, fetch_now: Callable[[], None], bell: asyncio.Event, room: Callable[[], int]
) -> None:
    """Runs with something to see are resumed, as many as the worker has room for, and fetched at once.

    The others are left to a worker that has room: of a long queue all would fetch the same first runs.
    """
    async with _impatient_client() as client:

        async def once() -> None:
            if await wake_due(engine, client, now(), room()):
                fetch_now()

        await repeat("Väckning", UNASKED_SECONDS, once, Alive(engine, WAKE), bell)


async def forms_loop(engine: Engine, fetch_now: Callable[[], None], bell: asyncio.Event) -> None:
    """Runs of forms whose act has been answered go on."""
    async with _impatient_client() as client:

        async def once() -> None:
            if await wake_forms(engine, client, now()):
                fetch_now()

        await repeat("Formulär", UNASKED_SECONDS, once, bell=bell)


class Healing:
    """What must be healed next: everything, or only what a dead worker has left.

    Everything at the start, after trouble (Prefect may have come back empty) and every quarter of an hour,
    whatever has been done to the schedule of `reconcile`. Of several workers one does it.
    """

    def __init__(self, engine: Engine, client: PrefectClient, fetch_now: Callable[[], None]) -> None:
        self._engine, self._client, self._fetch_now = engine, client, fetch_now
        self._wanted_since: datetime | None = machine_now()
        """Since when everything is to have been healed, beside every quarter of an hour."""

    async def once(self) -> None:
        """Heal; what does not succeed makes everything due."""
        try:
            if await self._is_our_turn():
                await self._heal_everything()
            elif count := await set_going(self._engine, self._client):
                log.info("Avstämning: %d körningar sattes igång igen.", count)
                self._fetch_now()
        except Exception:
            self._wanted_since = machine_now()
            raise
        self._wanted_since = None

    async def _is_our_turn(self) -> bool:
        at = machine_now()
        lately = at - timedelta(seconds=settings().heal_everything_seconds)
        since = max(self._wanted_since or lately, lately)
        return await to_thread.run_sync(take_turn, self._engine, WHOLE, at, since)

    async def _heal_everything(self) -> None:
        try:
            log.info("Avstämning: %s", await heal(self._engine, self._client, now()))
        except NotHealed as error:
            log.error("Avstämning: %s", error)
        self._fetch_now()


async def heal_loop(engine: Engine, fetch_now: Callable[[], None], seconds: float) -> None:
    """Now and then: accounts and their runs agree again."""
    async with _impatient_client() as client:
        await repeat("Avstämning", seconds, Healing(engine, client, fetch_now).once, Alive(engine, HEAL))


async def delivery_loop(engine: Engine, deliver: Callable[[], object], bell: asyncio.Event) -> None:
    """What is due in the outbox is sent."""

    async def once() -> None:
        await to_thread.run_sync(deliver)

    await repeat("Utskick", UNASKED_SECONDS, once, Alive(engine, DELIVERY), bell)


async def heartbeat_loop(engine: Engine, name: str) -> None:
    """Say that this worker lives, and that there is one; one that is stopped on purpose is not missed."""
    own = f"{ONE_WORKER}{name}"

    async def once() -> None:
        for part in (WORKER, own):
            await to_thread.run_sync(beat, engine, part, now())

    try:
        await repeat("Livstecken", settings().beat_seconds, once)
    finally:
        leave(engine, own)


DESK_SECONDS = 2.0
FORMS_EVERY_SECONDS = 15 * 60.0
FORMS_AGAIN_SECONDS = 15.0
"""While they are being deployed: a worker is often at work before the first of them is there."""


class Desk:
    """The overviews in Prefect: looked at when something has happened, or a quarter of an hour has passed.

    Deadlines run out by themselves, so that a page may change although nothing has happened.
    """

    def __init__(self, engine: Engine, client: PrefectClient) -> None:
        self._engine, self._client = engine, client
        self._seen: dict[int, str] = {}
        self._looked_at: dict[int, float] = {}
        self._forms: Sequence[FormLink] = ()
        self._whole_at = 0.0

    async def once(self) -> None:
        """Write what has changed."""
        stamps = await to_thread.run_sync(desk_sheets.stamps, self._engine)
        whole = time.monotonic() >= self._whole_at
        owners = await to_thread.run_sync(desk_sheets.owners, self._engine, settings().desk_municipalities)
        if whole:
            known, self._forms = self._forms, await forms_of(self._client)
            for owner in owners:
                await missing_sheets(self._engine, self._client, owner)
            all_there = bool(known) and known == self._forms
            self._whole_at = time.monotonic() + (FORMS_EVERY_SECONDS if all_there else FORMS_AGAIN_SECONDS)
        for owner in owners:
            if whole or self._is_due(owner.municipality_id, stamps):
                await self._write(owner)
                self._seen[owner.municipality_id] = stamps.get(owner.municipality_id, "")
                self._looked_at[owner.municipality_id] = time.monotonic()

    async def _write(self, owner: DeskOwner) -> None:
        """A municipality whose pages cannot be made stops neither the others nor the worker."""
        try:
            await write_desk(self._engine, self._client, owner, self._forms, now())
        except TROUBLE:
            self._whole_at = 0.0
            raise
        except Exception:
            log.exception("Tavlan: sidorna för %s kunde inte skrivas.", owner.slug)

    def _is_due(self, municipality_id: int, stamps: Mapping[int, str]) -> bool:
        """Whether something has happened there, and its pages have rested since they were looked at."""
        since = time.monotonic() - self._looked_at.get(municipality_id, 0.0)
        rested = since > settings().desk_seconds + 1
        return rested and self._seen.get(municipality_id) != stamps.get(municipality_id)


async def desk_loop(engine: Engine) -> None:
    """Now and then: the desk shows what is so."""
    async with _impatient_client() as client:
        await repeat("Tavlan", DESK_SECONDS, Desk(engine, client).once)


ALARMS_EVERY_SECONDS = 15 * 60.0


async def alarm_loop(to: str) -> None:
    """Now and then: Prefect knows where its alarms go, whatever has been done to them there."""

    async def once() -> None:
        try:
            await to_thread.run_sync(set_alarms, to)
        except TROUBLE:
            raise
        except Exception:  # No alarm is worth a worker that does not work.
            log.exception("Larmen kunde inte ställas in.")

    await repeat("Larm", ALARMS_EVERY_SECONDS, once)
