"""The warm worker at work: flow runs on threads, and beside them the loops."""

import logging
import os
import socket
from functools import partial

from deployments import loops
from deployments.leases import RENEWALS, DatabaseLeases
from deployments.prefect_door import door_loop
from deployments.warm_worker import WarmWorker, work_until_signalled
from flows.deliver_outbox import deliver_once
from runtime.database import installation_engine
from runtime.settings import settings

log = logging.getLogger("kanalvakt.worker")


async def run_worker(pool: str = WarmWorker.type) -> None:
    """Work until told to stop, however long Prefect is away: letters leave all the same."""
    while True:
        try:
            await _work(pool)
            return
        except BaseExceptionGroup as ended:
            if ended.split(_gave_prefect_up)[1] is not None:
                raise
            log.warning("Prefect har varit borta länge. Arbetaren börjar om.")


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
    await work_until_signalled(
        worker,
        partial(loops.wake_loop, engine, worker.fetch_now),
        partial(loops.heal_loop, engine, worker.fetch_now, chosen.heal_seconds),
        partial(loops.delivery_loop, engine, deliver_once),
        partial(loops.desk_loop, engine),
        partial(loops.alarm_loop, chosen.alarm_url.get_secret_value()),
        partial(loops.heartbeat_loop, engine, chosen.worker_name or socket.gethostname()),
        *([] if chosen.demonstration else [door_loop]),
    )
