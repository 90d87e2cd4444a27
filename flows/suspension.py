"""How a flow run waits for people: suspended, for years if need be, under a name they understand."""

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.exceptions import Abort, Pause
from prefect.states import Paused
from prefect.utilities.engine import propose_state

from models.seams import seam


def suspended_state(name: str) -> State[Any]:
    """A pause without an end: Prefect turns one that has expired into a failure.

    The key is new each time, since Prefect takes a key it has seen for a pause that is already over.
    """
    return Paused(name=name, reschedule=True, pause_key=uuid4().hex)


async def suspend(name: str, still_waiting: Callable[[], bool]) -> None:
    """Leave the flow here, and wait under `name`; return at once if there is nothing left to wait for.

    1. Ask `still_waiting`: for news that came while the flow worked, no pause is needed.
    2. Store the pause.
    3. Ask once more: a wake-up between 1 and 2 met a running run, which Prefect refuses, so it would be lost.
       The run then resumes itself, as anyone else would have.
    4. Leave, by an exception that no flow may catch. The next wake-up starts the flow from the top.

    A wake-up too many costs one look. If the run was cancelled, or scheduled anew by someone else while this
    execution was at work, this execution ends and leaves the run as it is.
    """
    if not still_waiting():
        return
    flow_run_id = _this_flow_run()
    async with get_client() as client:
        state = await _store_pause(client, flow_run_id, name)
        seam("after_pause")
        if not still_waiting():
            await client.resume_flow_run(flow_run_id)
    raise Pause(state=state)


def _this_flow_run() -> UUID:
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        raise RuntimeError("Only a flow run can be suspended.")
    return context.flow_run.id


async def _store_pause(client: PrefectClient, flow_run_id: UUID, name: str) -> State[Any]:
    state = await propose_state(client, suspended_state(name), flow_run_id=flow_run_id)
    if not state.is_paused():
        raise Abort(f"Flow run {flow_run_id} is now {state.name}; this execution of it ends.")
    return state


class _WaitingIsNoError(logging.Filter):
    """Prefect logs every end but Completed as an error; each wait for people would be red in its pages."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = str(record.msg)
        if message.startswith("Finished in state") and message.endswith("type=PAUSED)"):
            record.levelno, record.levelname = logging.INFO, "INFO"
        return True


logging.getLogger("prefect.flow_runs").addFilter(_WaitingIsNoError())
