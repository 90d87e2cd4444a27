"""What we rely on in Prefect without its promise: private names, and what states do."""

import asyncio
import inspect
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import prefect
import pytest
from prefect import results
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import State
from prefect.context import AsyncClientContext, FlowRunContext
from prefect.exceptions import Abort, Pause
from prefect.flow_engine import AsyncFlowRunEngine, run_flow
from prefect.flows import load_flow_from_flow_run
from prefect.server.database.configurations import AioSqliteConfiguration
from prefect.utilities.engine import propose_state
from prefect.workers.base import BaseWorker

from deployments.prefect_server import PrefectServer
from deployments.warm_worker import WarmWorker
from flows.suspension import suspended_state
from flows.wake import RunOrder, create_run, read_states, reschedule, resume
from tests.flows.probe import WAITING_FOR, Desk
from tests.prefect_server_fixture import order_of, reached, started


@contextmanager
def contract(promise: str) -> Iterator[None]:
    """Say which Prefect it is that no longer keeps the promise."""
    try:
        yield
    except Exception as broken:
        raise AssertionError(f"Prefect {prefect.__version__} no longer keeps this: {promise}") from broken


@pytest.mark.parametrize(
    ("call", "parameters"),
    [
        (run_flow, ["flow", "flow_run", "return_type"]),
        (load_flow_from_flow_run, ["flow_run", "ignore_storage"]),
        (propose_state, ["client", "state", "flow_run_id"]),
        (Pause.__init__, ["state"]),
        (BaseWorker._submit_run, ["self", "flow_run"]),
        (AsyncClientContext.get_or_create, []),
        (AioSqliteConfiguration.begin_transaction, ["self", "session", "with_for_update"]),
    ],
)
def test_calls_take_what_we_give(call: Callable[..., Any], parameters: list[str]) -> None:
    with contract(f"{call.__qualname__} takes {parameters}"):
        assert set(parameters) <= set(inspect.signature(call).parameters)


def test_a_worker_keeps_the_ids_it_is_submitting() -> None:
    with contract("BaseWorker has a set _submitting_flow_run_ids, and a limiter by flow run id"):
        assert WarmWorker("warm")._submitting_flow_run_ids == set()
        assert "acquire_on_behalf_of_nowait(flow_run.id)" in inspect.getsource(
            BaseWorker._submit_scheduled_flow_runs
        )


def test_where_results_lie_is_asked_by_the_function_we_spare() -> None:
    with contract("results._get_default_result_storage asks _read_server_default_result_storage_block_id()"):
        asked = inspect.getsource(results._get_default_result_storage)
        assert "_read_server_default_result_storage_block_id()" in asked
        assert callable(results._read_server_default_result_storage_block_id)


def test_no_flow_catches_a_pause_by_accident() -> None:
    with contract("Pause and Abort are no Exception, and a flow run has a context"):
        assert not issubclass(Pause, Exception) and not issubclass(Abort, Exception)
        assert FlowRunContext.get() is None


def test_a_run_waits_under_our_name_and_goes_on_to_its_end(worker: WarmWorker, tmp_path: Path) -> None:
    async def scenario() -> None:
        desk = Desk(tmp_path)
        async with get_client() as client:
            run = await started(client, worker, await order_of(client, "probe", tmp_path, wanted=2))
            await reached(client, run, WAITING_FOR[0])
            await _answered(client, worker, run, desk)
            await reached(client, run, WAITING_FOR[1])
            await _answered(client, worker, run, desk)
            await reached(client, run, "Completed")
            assert desk.looks() == 3

    with contract("a run suspends under a name with å, ä and ö, is resumed, suspends again, and ends"):
        asyncio.run(scenario())


async def _answered(client: PrefectClient, worker: WarmWorker, run: UUID, desk: Desk) -> None:
    desk.answer()
    await resume(client, run)
    worker.fetch_now()


def test_a_pause_never_ends_by_itself(worker: WarmWorker, tmp_path: Path) -> None:
    async def scenario() -> State[Any]:
        async with get_client() as client:
            run = await started(client, worker, await order_of(client, "probe", tmp_path, wanted=1))
            await reached(client, run, WAITING_FOR[0])
            return (await read_states(client, [run]))[run]

    with contract("a pause may have no timeout, and is rescheduled when resumed"):
        state = asyncio.run(scenario())
        assert state.is_paused() and state.state_details.pause_reschedule
        assert state.state_details.pause_timeout is None


def test_a_wake_up_that_met_a_running_run_is_made_up_for(worker: WarmWorker, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with get_client() as client:
            run = await started(client, worker, await order_of(client, "interrupted", tmp_path))
            await reached(client, run, "Completed")

    with contract(
        "resuming a running run is refused, and the run may resume itself after its pause is stored"
    ):
        asyncio.run(scenario())
        assert Desk(tmp_path).notes("refusals") == ["ABORT"]
        assert Desk(tmp_path).looks() == 2


def test_several_wake_ups_at_once_are_harmless(worker: WarmWorker, tmp_path: Path) -> None:
    async def scenario() -> None:
        desk = Desk(tmp_path)
        async with get_client() as client:
            run = await started(client, worker, await order_of(client, "probe", tmp_path, wanted=2))
            await reached(client, run, WAITING_FOR[0])
            desk.answer()
            woken = await asyncio.gather(*(resume(client, run) for _ in range(4)))
            worker.fetch_now()
            assert "resumed" in woken
            await reached(client, run, WAITING_FOR[1])
            assert await resume(client, run) == "resumed"
            worker.fetch_now()
            await asyncio.sleep(0.5)
            await reached(client, run, WAITING_FOR[1])
            await _answered(client, worker, run, desk)
            await reached(client, run, "Completed")

    with contract("a wake-up too many costs no more than a look"):
        asyncio.run(scenario())


def test_waiting_is_not_logged_as_an_error() -> None:
    log = logging.getLogger("prefect.flow_runs")
    ended = f"Finished in state {suspended_state('Aktiv')}"
    record = log.makeRecord(log.name, logging.ERROR, __file__, 1, ended, (), None)
    with contract("a pause is logged by prefect.flow_runs as 'Finished in state …'"):
        assert 'f"Finished in state {display_state}"' in inspect.getsource(AsyncFlowRunEngine)
        assert log.filter(record)
        assert record.levelname == "INFO"


def test_a_run_can_be_created_waiting(worker: WarmWorker, tmp_path: Path) -> None:
    """So that a lost Prefect database is filled again without running every account's flow."""

    async def scenario() -> None:
        desk = Desk(tmp_path)
        async with get_client() as client:
            order = await order_of(client, "probe", tmp_path, wanted=1)
            waiting = replace(order, name="Tandvården på Facebook", state=suspended_state("Aktiv"))
            run = await create_run(client, waiting)
            await reached(client, run, "Aktiv")
            assert desk.looks() == 0
            desk.answer()
            assert await resume(client, run, waiting.deployment_id) == "resumed"
            worker.fetch_now()
            await reached(client, run, "Completed")

    with contract("a run may be created in a paused state, and resumed from it"):
        asyncio.run(scenario())


def test_a_key_gives_back_its_run_even_when_that_has_ended(worker: WarmWorker, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with get_client() as client:
            order = await order_of(client, "probe", tmp_path, wanted=0)
            run = await started(client, worker, order)
            await reached(client, run, "Completed")
            assert await create_run(client, order) == run
            assert await resume(client, run) == "not_paused"
            assert not await reschedule(client, run)

    with contract("one key, one run, whatever became of it"):
        asyncio.run(scenario())


def test_a_deleted_run_is_gone(prefect_server: PrefectServer, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with get_client() as client:
            order = await order_of(client, "probe", tmp_path, wanted=1)
            deleted = await create_run(client, replace(order, state=suspended_state("Aktiv")))
            await client.delete_flow_run(deleted)
            assert [await resume(client, run) for run in (deleted, uuid4())] == ["gone", "gone"]
            assert await read_states(client, [deleted]) == {}

    with contract("a run that is unknown is told from one that is not paused"):
        asyncio.run(scenario())


def test_a_run_of_an_earlier_deployment_is_gone(prefect_server: PrefectServer, tmp_path: Path) -> None:
    """Prefect would resume it, and never run it again."""

    async def scenario() -> None:
        async with get_client() as client:
            order = await order_of(client, "probe", tmp_path, wanted=1)
            flow_id = (await client.read_deployment(order.deployment_id)).flow_id
            earlier = await client.create_deployment(flow_id, "tidigare", work_pool_name="warm")
            waiting = replace(order, deployment_id=earlier, state=suspended_state("Aktiv"))
            run = await create_run(client, waiting)
            await client.delete_deployment(earlier)
            assert await resume(client, run, order.deployment_id) == "gone"

    with contract("a run keeps the id of its deployment when that is deleted"):
        asyncio.run(scenario())


def batched(orders: list[RunOrder]) -> list[list[RunOrder]]:
    return [orders[place : place + 2] for place in range(0, len(orders), 2)]


async def created(client: PrefectClient, orders: list[RunOrder]) -> list[UUID]:
    return list(await asyncio.gather(*(create_run(client, one) for one in orders)))


def test_many_runs_are_created_without_a_lock_error(prefect_server: PrefectServer, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with get_client() as client:
            order = await order_of(client, "probe", tmp_path, wanted=1)
            waiting = replace(order, state=suspended_state("Aktiv"))
            orders = [replace(waiting, key=f"{tmp_path}:{number}") for number in range(20)]
            runs = [run for pair in batched(orders) for run in await created(client, pair)]
            assert len(await read_states(client, runs)) == 20

    with contract("SQLite takes its write lock when a transaction begins"):
        asyncio.run(scenario())
        assert "database is locked" not in prefect_server.log_file.read_text()
