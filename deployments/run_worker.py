"""The warm worker's process: flow runs on threads, and beside them the loops."""

import asyncio
import logging
import os
import socket
from functools import partial

from deployments import loops
from deployments.leases import DatabaseLeases
from deployments.warm_worker import WarmWorker, work_until_signalled
from flows.deliver_outbox import deliver_once
from runtime.database import installation_engine


async def run_worker(pool: str = WarmWorker.type) -> None:
    """Work until told to stop."""
    engine = installation_engine()
    name = f"{socket.gethostname()}-{os.getpid()}"
    worker = WarmWorker(pool, name=name, leases=DatabaseLeases(engine, name))
    await work_until_signalled(
        worker,
        partial(loops.heal_once, engine, worker.fetch_now),
        partial(loops.wake_loop, engine, worker.fetch_now),
        partial(loops.delivery_loop, deliver_once),
        partial(loops.heartbeat_loop, engine, "worker"),
    )


def main() -> None:
    """Entry point of `python -m deployments.run_worker`."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    asyncio.run(run_worker())


if __name__ == "__main__":
    main()
