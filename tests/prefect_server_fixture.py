"""One Prefect server for all tests of a session, with the probe flows deployed; a worker beside a test."""

import asyncio
import atexit
import functools
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from prefect.client.orchestration import PrefectClient
from prefect.settings import temporary_settings

from deployments.prefect_server import PrefectAddress, PrefectServer, deploy_all, ensure_warm_pool
from deployments.processes import free_port
from deployments.warm_worker import Leases, WarmWorker
from flows.wake import RunOrder, create_run, deployment_id, read_states
from tests import prefect_database

ROOT = Path(__file__).resolve().parent.parent
PROBES = ("probe", "interrupted", "slow", "plain", "failing", "leaving")
AUTH = "kanalvakt:provning"


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[PrefectServer]:
    """The server of the session, which this process' Prefect client talks to."""
    server = _server_of_this_process()
    settings = {
        "api.url": server.address.api_url,
        "api.auth_string": server.address.auth,
        "client.csrf_support_enabled": False,
        "worker.query_seconds": 1,
        "worker.prefetch_seconds": 0,
        "logging.to_api.enabled": False,
    }
    with temporary_settings(settings):
        yield server


@functools.cache
def _server_of_this_process() -> PrefectServer:
    """Started by the first folder of tests that asks, stopped when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="kanalvakt-prefect-"))
    prefect_database.lay_out(folder)
    server = PrefectServer(folder, PrefectAddress(port=free_port(), auth=AUTH))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.stop)
    server.start()
    with server.address.client() as client:
        ensure_warm_pool(client)
    _deploy_probes(server, folder / "prefect.yaml")
    return server


def _deploy_probes(server: PrefectServer, prefect_yaml: Path) -> None:
    deployments = [
        {"name": name, "entrypoint": f"tests.flows.probe.{name}", "work_pool": {"name": "warm"}}
        for name in PROBES
    ]
    prefect_yaml.write_text(yaml.safe_dump({"name": "prov", "pull": [], "deployments": deployments}))
    deploy_all(prefect_yaml, server.address.environment() | {"PYTHONPATH": str(ROOT)})


@pytest.fixture
def worker(prefect_server: PrefectServer) -> Iterator[WarmWorker]:
    with working("prövare") as at_work:
        yield at_work


@contextmanager
def working(name: str, leases: Leases | None = None, **options: Any) -> Iterator[WarmWorker]:
    """A warm worker on a thread of the test's process; at the end it is stopped as by a signal."""
    started: Future[tuple[WarmWorker, Callable[[], object]]] = Future()

    async def work() -> None:
        worker = WarmWorker("warm", name=name, leases=leases, **options)
        loop, at_work = asyncio.get_running_loop(), asyncio.create_task(worker.start())
        started.set_result((worker, lambda: loop.call_soon_threadsafe(at_work.cancel)))
        await asyncio.wait([at_work])

    thread = threading.Thread(target=copy_context().run, args=(asyncio.run, work()))
    thread.start()
    worker, cancel = started.result(timeout=10)
    _wait_until(lambda: worker.is_setup)
    try:
        yield worker
    finally:
        cancel()
        thread.join(timeout=30)


async def order_of(client: PrefectClient, probe: str, folder: Path, **parameters: Any) -> RunOrder:
    """A run of one of the probe flows, with its folder as its key."""
    return RunOrder(
        await deployment_id(client, f"{probe}/{probe}"),
        key=str(folder),
        name=folder.name,
        parameters={"folder": str(folder), **parameters},
    )


async def started(client: PrefectClient, worker: WarmWorker, order: RunOrder) -> UUID:
    flow_run_id = await create_run(client, order)
    worker.fetch_now()
    return flow_run_id


async def reached(client: PrefectClient, flow_run_id: UUID, name: str, seconds: float = 15.0) -> float:
    """Wait until the run is in the state of that name; the seconds it took."""
    return await all_reached(client, [flow_run_id], name, seconds)


async def all_reached(client: PrefectClient, runs: list[UUID], name: str, seconds: float = 15.0) -> float:
    began, seen = time.monotonic(), {"unknown"}
    while seen != {name}:
        assert time.monotonic() - began < seconds, f"{seen}, not {name}, after {seconds} s"
        await asyncio.sleep(0.02)
        seen = {str(state.name) for state in (await read_states(client, runs)).values()}
    return time.monotonic() - began


def _wait_until(fulfilled: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not fulfilled():
        assert time.monotonic() < deadline, f"Not fulfilled after {seconds} s"
        time.sleep(0.02)
