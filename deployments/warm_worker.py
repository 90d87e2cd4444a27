"""A Prefect worker that carries flow runs on threads inside itself: no run waits for a process to start."""

import asyncio
import inspect
import signal
import ssl
from collections.abc import Callable, Collection, Coroutine
from functools import cache
from typing import Any, Protocol
from uuid import UUID

import anyio
import anyio.abc
import anyio.to_thread
import certifi
from prefect import Flow, results
from prefect.client.schemas.objects import FlowRun
from prefect.context import AsyncClientContext
from prefect.exceptions import Abort, Pause
from prefect.flow_engine import run_flow
from prefect.flows import load_flow_from_flow_run
from prefect.settings import PREFECT_API_SSL_CERT_FILE, PREFECT_API_TLS_INSECURE_SKIP_VERIFY
from prefect.states import Crashed, Pending
from prefect.utilities.engine import propose_state
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult

from models.plain_errors import Tellable, told_of

THREADS = 8
RENEWAL_SECONDS = 10.0


def keep_no_results() -> None:
    """Spare each run two questions to the server, of where its result is to lie; our flows keep none."""
    setattr(results, "_read_server_default_result_storage_block_id", lambda: None)  # noqa: B010


@cache
def trusted() -> ssl.SSLContext:
    """Whom Prefect's clients trust, by its own settings; to read it anew would take half of a run's time."""
    found = ssl.create_default_context(cafile=PREFECT_API_SSL_CERT_FILE.value() or certifi.where())
    if PREFECT_API_TLS_INSECURE_SKIP_VERIFY.value():
        found.check_hostname, found.verify_mode = False, ssl.CERT_NONE
    return found


class RunClient(AsyncClientContext):
    """The client of one run, which its flow finds by `get_client()`."""

    def __init__(self) -> None:
        super().__init__(httpx_settings={"verify": trusted()})
        self._httpx_settings = None


class FlowLeft(Tellable):
    """A flow would have ended the process that carries it."""


class Leases(Protocol):
    """Who carries which flow run, so that a run left Running by a dead worker can be told from a live one.

    Called on threads, several at once. A lease that has missed some renewals is over.
    """

    def take(self, flow_run_id: UUID) -> None: ...

    def renew(self, flow_run_ids: Collection[UUID]) -> None: ...

    def drop(self, flow_run_id: UUID) -> None: ...


class NoLeases:
    """For trials: nothing is written, so no run can be proved dead."""

    def take(self, flow_run_id: UUID) -> None:
        return None

    def renew(self, flow_run_ids: Collection[UUID]) -> None:
        return None

    def drop(self, flow_run_id: UUID) -> None:
        return None


class WarmWorkerResult(BaseWorkerResult):
    """That a run was carried; how it went is its state on the server."""


class WarmWorker(BaseWorker[BaseJobConfiguration, BaseVariables, WarmWorkerResult]):
    """Carries each flow run on a thread of this process, with the code this process has loaded.

    Deployments name their flow by module path; pull steps, job variables and infrastructure are ignored. New
    code, or another entrypoint, needs a new worker.
    """

    type = "warm"
    _description = "Runs flow runs on threads inside the worker."

    @classmethod
    def get_default_base_job_template(cls) -> dict[str, Any]:
        """Nothing to choose: the server looks the choices through for each run."""
        return {"job_configuration": {"env": {}}, "variables": {"type": "object", "properties": {}}}

    def __init__(
        self,
        work_pool_name: str,
        *,
        limit: int | None = None,
        leases: Leases | None = None,
        renewal_seconds: float = RENEWAL_SECONDS,
        **kwargs: Any,
    ) -> None:
        """`limit` is the number of threads, and so of flow runs at once."""
        keep_no_results()
        self._at_once = limit or THREADS
        super().__init__(work_pool_name, limit=self._at_once, **kwargs)
        self._leases: Leases = leases or NoLeases()
        self._renewal_seconds = renewal_seconds
        self._flows: dict[UUID | None, Flow[..., Any]] = {}
        self._carried: set[UUID] = set()
        self._fetch_wanted = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loops: list[asyncio.Task[None]] = []

    async def setup(self) -> None:
        await super().setup()
        self._threads = anyio.CapacityLimiter(self._at_once)
        self._loop = asyncio.get_running_loop()
        self._loops = [
            asyncio.create_task(self._fetch_when_asked()),
            asyncio.create_task(self._renew_leases()),
        ]

    async def teardown(self, *exc_info: Any) -> None:
        """Fetch no more, and wait for the runs in hand, whose leases are renewed until they have ended."""
        fetching, renewing = self._loops
        self._loop = None
        fetching.cancel()
        try:
            await super().teardown(*exc_info)
        finally:
            renewing.cancel()

    def fetch_now(self) -> None:
        """Ask for a poll at once instead of at the next tick. From any thread; once too often is harmless."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._fetch_wanted.set)

    def room(self) -> int:
        """How many more flow runs this worker can carry just now."""
        return int(self._limiter.available_tokens) if self._limiter else 0

    async def run(
        self,
        flow_run: FlowRun,
        configuration: BaseJobConfiguration,
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> WarmWorkerResult:
        """What every Prefect worker must have; runs come in by `_submit_run`."""
        if task_status is not None:
            task_status.started(0)
        await self._carry(flow_run)
        return WarmWorkerResult(identifier=str(flow_run.id), status_code=0)

    async def _submit_run(self, flow_run: FlowRun) -> None:
        """Carry one fetched run to its end or its next pause; nothing that happens in it stops the worker.

        In place of Prefect's own, which asks the server seven times more, about infrastructure that is not
        there. A shutdown waits for it: a run claimed is a run carried.
        """
        try:
            with anyio.CancelScope(shield=True):
                if await self._claim(flow_run):
                    await self._carry(flow_run)
        finally:
            others_waited = self.limiter.available_tokens == 0
            self.limiter.release_on_behalf_of(flow_run.id)
            self._submitting_flow_run_ids.discard(flow_run.id)
            if others_waited:
                self.fetch_now()

    async def _claim(self, flow_run: FlowRun) -> bool:
        """Set the run Pending, which the server grants to one worker only."""
        try:
            state = await propose_state(self.client, Pending(), flow_run_id=flow_run.id)
        except (Abort, Pause):
            return False
        except Exception:
            self._logger.exception("Could not claim flow run %s; it will be fetched again.", flow_run.id)
            return False
        return state.is_pending()

    async def _carry(self, flow_run: FlowRun) -> None:
        self._carried.add(flow_run.id)
        try:
            await anyio.to_thread.run_sync(self._carry_on_thread, flow_run, limiter=self._threads)
        except Exception as error:
            self._logger.exception("Flow run %s (%s) crashed.", flow_run.name, flow_run.id)
            await self._report_crash(flow_run, told_of(error))
        finally:
            self._carried.discard(flow_run.id)

    def _carry_on_thread(self, flow_run: FlowRun) -> None:
        self._leases.take(flow_run.id)
        try:
            asyncio.run(self._execute(flow_run))
        finally:
            self._drop_lease(flow_run.id)

    async def _execute(self, flow_run: FlowRun) -> None:
        """Run the flow until it ends, fails or pauses; its state is then on the server.

        Raises only what kept the flow from being run: what the flow itself raises becomes its Failed state.
        """
        try:
            async with RunClient():
                flow = await self._flow_of(flow_run)
                outcome = run_flow(flow, flow_run=_unwatched(flow_run), return_type="state")
                if inspect.isawaitable(outcome):
                    await outcome
        except (Pause, Abort):
            return
        except (SystemExit, KeyboardInterrupt) as leaving:
            raise FlowLeft(f"The flow tried to end the worker: {type(leaving).__name__}") from leaving

    async def _flow_of(self, flow_run: FlowRun) -> Flow[..., Any]:
        flow = self._flows.get(flow_run.deployment_id)
        if flow is None:
            flow = await load_flow_from_flow_run(flow_run, ignore_storage=True)
            self._flows[flow_run.deployment_id] = flow
        return flow

    def _drop_lease(self, flow_run_id: UUID) -> None:
        try:
            self._leases.drop(flow_run_id)
        except Exception:
            self._logger.exception("Could not drop the lease of flow run %s; it will lapse.", flow_run_id)

    async def _report_crash(self, flow_run: FlowRun, message: str) -> None:
        """Store Crashed, if the run was left as it was; one that paused or ended before has its state."""
        try:
            state = (await self.client.read_flow_run(flow_run.id)).state
            if state is not None and (state.is_pending() or state.is_running()):
                await propose_state(self.client, Crashed(message=message), flow_run_id=flow_run.id)
        except (Abort, Pause):
            return
        except Exception:
            self._logger.exception("Could not store that flow run %s crashed.", flow_run.id)

    async def _fetch_when_asked(self) -> None:
        while True:
            await self._fetch_wanted.wait()
            self._fetch_wanted.clear()
            try:
                await self.get_and_submit_flow_runs()
            except Exception:
                self._logger.exception("A poll that was asked for failed; the next tick makes up for it.")

    async def _renew_leases(self) -> None:
        while True:
            await asyncio.sleep(self._renewal_seconds)
            try:
                await anyio.to_thread.run_sync(self._leases.renew, frozenset(self._carried))
            except Exception:
                self._logger.exception("Could not renew the leases of %d flow runs.", len(self._carried))


def _unwatched(flow_run: FlowRun) -> FlowRun:
    """The run without its deployment, so that the engine does not watch whether others suspend it.

    It would open a websocket on a thread of its own for that, and a short run would take more than twice as
    long. The engine reads the run anew before the flow begins, so the flow sees its deployment.
    """
    return flow_run.model_copy(update={"deployment_id": None})


async def work_until_signalled(worker: WarmWorker, *beside: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run the worker, and `beside` it loops of ours, until SIGTERM or SIGINT; then finish the runs in hand.

    A loop that fails ends the whole: better restarted than half alive. A second SIGTERM ends the process at
    once; what it carried is then for others to find by its leases.
    """
    async with anyio.create_task_group() as group:
        group.start_soon(_cancel_on_signal, group.cancel_scope)
        for loop in beside:
            group.start_soon(loop)
        await worker.start()


async def _cancel_on_signal(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for _ in signals:
            scope.cancel()
            return
