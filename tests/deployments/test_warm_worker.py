"""The warm worker: how fast it is, and that nothing that happens to one run happens to another."""

import asyncio
import os
import signal
import ssl
import statistics
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.workers.base import BaseWorker

from deployments.prefect_server import PrefectServer, ensure_warm_pool
from deployments.warm_worker import NoLeases, RunClient, WarmWorker, trusted
from flows.suspension import suspended_state
from flows.wake import create_run, reschedule, resume
from tests.deployments.file_leases import FileLeases
from tests.flows.probe import WAITING_FOR, Desk
from tests.prefect_server_fixture import ROOT, all_reached, order_of, reached, started, working

RENEWAL_SECONDS = 0.2
LEASE_SECONDS = 1.0


def test_prefect_finds_the_worker_by_its_type() -> None:
    assert BaseWorker.get_worker_class_from_type("warm") is WarmWorker


def test_the_pool_is_made_once(prefect_server: PrefectServer) -> None:
    with prefect_server.address.client() as client:
        name = f"varm-{uuid4()}"
        assert ensure_warm_pool(client, name).id == ensure_warm_pool(client, name).id


def test_a_run_is_told_whom_to_trust_and_reads_no_certificates(
    prefect_server: PrefectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def told() -> None:
        async with RunClient() as run:
            assert get_client() is run.client

    trusted()
    monkeypatch.setattr(ssl, "create_default_context", lambda **_: pytest.fail("read anew"))
    asyncio.run(told())


def test_seconds_from_resume_to_the_next_wait(worker: WarmWorker, tmp_path: Path) -> None:
    """Printed, not judged: it depends on the machine and on what else it does."""

    async def once(client: PrefectClient, folder: Path) -> float:
        folder.mkdir()
        run = await started(client, worker, await order_of(client, "probe", folder, wanted=2))
        await reached(client, run, WAITING_FOR[0])
        # Beyond the second look of the run, which would otherwise resume it itself.
        await asyncio.sleep(0.2)
        Desk(folder).answer()
        assert await resume(client, run) == "resumed"
        worker.fetch_now()
        return await reached(client, run, WAITING_FOR[1])

    async def scenario() -> list[float]:
        async with get_client() as client:
            return [await once(client, tmp_path / str(number)) for number in range(4)]

    took = asyncio.run(scenario())
    seconds = ", ".join(f"{one:.2f}" for one in sorted(took))
    print(f"\nresume → next wait: {seconds} s, median {statistics.median(took):.2f} s; {_resident_mb()} MB")


def _resident_mb() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000


def test_one_crash_stops_neither_the_worker_nor_another_run(worker: WarmWorker, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with get_client() as client:
            for probe, end in (("failing", "Failed"), ("leaving", "Crashed"), ("plain", "Completed")):
                (tmp_path / probe).mkdir()
                run = await started(client, worker, await order_of(client, probe, tmp_path / probe))
                await reached(client, run, end)
                assert Desk(tmp_path / probe).looks() == 1

    asyncio.run(scenario())


def test_a_run_whose_flow_cannot_be_loaded_is_crashed(worker: WarmWorker, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with get_client() as client:
            order = await order_of(client, "slow", tmp_path, seconds=0)
            await client.update_deployment(
                order.deployment_id, DeploymentUpdate(entrypoint="tests.flows.gone.flow")
            )
            try:
                run = await started(client, worker, order)
                await reached(client, run, "Crashed")
            finally:
                entrypoint = "tests.flows.probe.slow"
                await client.update_deployment(order.deployment_id, DeploymentUpdate(entrypoint=entrypoint))

    asyncio.run(scenario())


def test_a_run_that_waits_again_is_not_claimed(prefect_server: PrefectServer, tmp_path: Path) -> None:
    """An answer to an older poll may name it, and Prefect then raises what no `except Exception` catches."""

    async def scenario() -> bool:
        async with get_client() as client, WarmWorker("warm", name="sen") as worker:
            order = await order_of(client, "probe", tmp_path, wanted=1)
            run = await create_run(client, replace(order, state=suspended_state("Aktiv")))
            return await worker._claim(await client.read_flow_run(run))

    assert not asyncio.run(scenario())


class UnsteadyLeases(NoLeases):
    """Leases whose database is away half of the time."""

    def __init__(self) -> None:
        self.taken: list[UUID] = []
        self.renewed: set[UUID] = set()

    def take(self, flow_run_id: UUID) -> None:
        self.taken.append(flow_run_id)

    def renew(self, flow_run_ids: Collection[UUID]) -> None:
        self.renewed |= set(flow_run_ids)
        raise OSError("Databasen svarar inte.")

    def drop(self, flow_run_id: UUID) -> None:
        raise OSError("Databasen svarar inte.")


def test_leases_that_fail_spoil_no_run(prefect_server: PrefectServer, tmp_path: Path) -> None:
    async def scenario(worker: WarmWorker) -> UUID:
        async with get_client() as client:
            run = await started(client, worker, await order_of(client, "slow", tmp_path, seconds=0.5))
            await reached(client, run, "Completed")
            return run

    leases = UnsteadyLeases()
    with working("ostadig", leases, renewal_seconds=0.1) as worker:
        run = asyncio.run(scenario(worker))
    assert leases.taken == [run] and run in leases.renewed


def test_more_runs_than_threads_wait_for_no_tick(prefect_server: PrefectServer, tmp_path: Path) -> None:
    async def scenario(worker: WarmWorker) -> None:
        async with get_client() as client:
            runs = []
            for number in range(6):
                (tmp_path / str(number)).mkdir()
                order = await order_of(client, "slow", tmp_path / str(number), seconds=0)
                runs.append(await create_run(client, order))
            worker.fetch_now()
            await all_reached(client, runs, "Completed")

    with working("trång", limit=2) as worker:
        asyncio.run(scenario(worker))
    assert all(Desk(tmp_path / str(number)).looks() == 1 for number in range(6))


def test_a_signalled_worker_ends_its_run_first(prefect_server: PrefectServer, tmp_path: Path) -> None:
    async def scenario(process: subprocess.Popen[bytes]) -> None:
        async with get_client() as client:
            run = await create_run(client, await order_of(client, "slow", tmp_path, seconds=1.5))
            await reached(client, run, "Running")
            process.send_signal(signal.SIGTERM)
            await reached(client, run, "Completed")

    with _lone_worker(prefect_server, tmp_path) as process:
        asyncio.run(scenario(process))
        assert process.wait(timeout=20) == 0


def test_a_killed_worker_loses_its_run_to_another_once(prefect_server: PrefectServer, tmp_path: Path) -> None:
    leases, desk = FileLeases(tmp_path), Desk(tmp_path)

    async def killed(process: subprocess.Popen[bytes]) -> UUID:
        async with get_client() as client:
            run = await create_run(client, await order_of(client, "slow", tmp_path, seconds=60))
            await reached(client, run, "Running")
            await asyncio.sleep(2 * LEASE_SECONDS)
            assert leases.is_held(run, LEASE_SECONDS), "A live worker renews its lease."
            process.kill()
            return run

    async def made_up_for(run: UUID) -> None:
        async with get_client() as client:
            await asyncio.sleep(LEASE_SECONDS)
            assert not leases.is_held(run, LEASE_SECONDS)
            assert await reschedule(client, run)
            assert not await reschedule(client, run), "It is Scheduled by now."
            with working("efterträdare", leases, renewal_seconds=RENEWAL_SECONDS):
                await reached(client, run, "Completed")

    with _lone_worker(prefect_server, tmp_path) as process:
        run = asyncio.run(killed(process))
    asyncio.run(made_up_for(run))
    assert desk.looks() == 2 and len(desk.notes("ends")) == 1


@contextmanager
def _lone_worker(server: PrefectServer, leases: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.deployments.file_leases", str(leases), str(RENEWAL_SECONDS)],
        cwd=ROOT,
        env=os.environ | server.address.environment(),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
