"""What the worker does beside its flow runs: wakes accounts, delivers letters, says that it lives."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import httpx
from anyio import to_thread
from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from flows.waking import heal, wake_due
from models import Heartbeat
from runtime.clock import now
from runtime.database import writing

WAKE_SECONDS = 0.2
DELIVER_SECONDS = 0.2
BEAT_SECONDS = 30.0
PAUSE_AFTER_TROUBLE = 3.0
HEAL_AFTER_SECONDS = 5.0

TROUBLE = (httpx.HTTPError, ObjectNotFound, OperationalError, OSError)
"""What passes by itself: Prefect away or not deployed yet, a database locked or restarting, no network."""

log = logging.getLogger("kanalvakt.worker")


async def repeat(name: str, seconds: float, once: Callable[[], Awaitable[object]]) -> None:
    """Do something over and over; trouble that passes is logged, waited out and told when it is over."""
    in_trouble = False
    while True:
        try:
            await once()
            if in_trouble:
                log.warning("%s: går igen.", name)
            in_trouble = False
            await asyncio.sleep(seconds)
        except TROUBLE as error:
            if not in_trouble:
                log.warning("%s: väntar (%s: %s).", name, type(error).__name__, error)
            in_trouble = True
            await asyncio.sleep(PAUSE_AFTER_TROUBLE)


async def wake_loop(engine: Engine, fetch_now: Callable[[], None]) -> None:
    """Several times a second: runs of accounts with news are resumed, and the worker fetches them at once."""
    async with get_client() as client:

        async def once() -> None:
            if await wake_due(engine, client, now()):
                fetch_now()

        await repeat("Väckning", WAKE_SECONDS, once)


async def heal_once(engine: Engine, fetch_now: Callable[[], None]) -> None:
    """At the start: every account gets its run, as after a lost Prefect database; tried until it is done."""
    async with get_client() as client:
        while True:
            try:
                counts = await heal(engine, client, now())
                log.info("Avstämning vid start: %s", counts)
                fetch_now()
                return
            except TROUBLE as error:
                log.warning("Avstämning vid start: väntar (%s).", error)
                await asyncio.sleep(PAUSE_AFTER_TROUBLE)


async def delivery_loop(deliver: Callable[[], object]) -> None:
    """Several times a second: what is due in the outbox is sent."""

    async def once() -> None:
        await to_thread.run_sync(deliver)

    await repeat("Utskick", DELIVER_SECONDS, once)


async def heartbeat_loop(engine: Engine, part: str) -> None:
    """Say that this part of the installation lives."""

    def beat() -> None:
        with writing(engine) as session:
            heartbeat = session.get(Heartbeat, part) or Heartbeat(part=part, at=now())
            heartbeat.at = now()
            session.add(heartbeat)

    async def once() -> None:
        await to_thread.run_sync(beat)

    await repeat("Livstecken", BEAT_SECONDS, once)
