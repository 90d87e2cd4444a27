"""The warm worker at work: flow runs on threads, and beside them the loops."""

import asyncio
import logging
import os
import socket
import time
from functools import partial

import httpx
from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
from prefect.settings import (
    PREFECT_CLIENT_MAX_RETRIES,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    temporary_settings,
)

from acts.waiting import Waits
from deployments import loops
from deployments.leases import RENEWALS, DatabaseLeases
from deployments.prefect_door import door_loop
from deployments.warm_worker import WarmWorker, work_until_signalled
from flows.deliver_outbox import deliver_once
from runtime.database import installation_engine
from runtime.settings import settings

BEGINS_WITHIN = 30.0
"""Seconds that Prefect's server has to answer in, when it is started at the same time."""

NO_HEARTBEATS = {PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}
"""To Prefect, from each run, by a thread of its own: what a dead worker has left shows by its lease."""

log = logging.getLogger("kanalvakt.worker")


async def run_worker(pool: str = WarmWorker.type) -> None:
    """Work until told to stop, however long Prefect is away: letters leave all the same."""
    await _wait_for_prefect(pool)
    while True:
        try:
            with temporary_settings(NO_HEARTBEATS):
                await _work(pool)
            return
        except BaseExceptionGroup as ended:
            if ended.split(_gave_prefect_up)[1] is not None:
                raise
            log.warning("Prefect har varit borta länge. Arbetaren börjar om.")


async def _wait_for_prefect(pool: str) -> None:
    """Until the work pool is there, but not for long: a loop that meets trouble pauses for some seconds."""
    deadline = time.monotonic() + BEGINS_WITHIN
    with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}):
        async with get_client() as client:
            while time.monotonic() < deadline:
                try:
                    await client.read_work_pool(pool)
                    return
                except (httpx.HTTPError, ObjectNotFound):
                    await asyncio.sleep(0.1)


def _gave_prefect_up(error: BaseException) -> bool:
    """Prefect's own loops end after some minutes of failures in a row."""
    return isinstance(error, RuntimeError) and str(error) == "Service exceeded error threshold."


async def _work(pool: str) -> None:
    engine, chosen = installation_engine(), settings()
    name = f"{socket.gethostname()}-{os.getpid()}"
    worker = WarmWorker(
        pool,
        name=name,
        leases=DatabaseLeases(engine, name, chosen.lease_seconds),
        renewal_seconds=chosen.lease_seconds / RENEWALS,
    )
    bells = loops.make_bells()
    await work_until_signalled(
        worker,
        partial(loops.look_loop, engine, bells),
        partial(loops.wake_loop, engine, worker.fetch_now, bells[Waits.ACCOUNTS], worker.room),
        partial(loops.forms_loop, engine, worker.fetch_now, bells[Waits.FORMS]),
        partial(loops.heal_loop, engine, worker.fetch_now, chosen.heal_seconds),
        partial(loops.delivery_loop, engine, deliver_once, bells[Waits.LETTERS]),
        partial(loops.desk_loop, engine),
        partial(loops.alarm_loop, chosen.alarm_url.get_secret_value()),
        partial(loops.heartbeat_loop, engine, chosen.worker_name or socket.gethostname()),
        *([] if chosen.demonstration else [door_loop]),
    )
