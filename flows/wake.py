"""Waking flow runs from outside: create, resume, look, set going again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import ObjectNotFound
from prefect.states import AwaitingRetry

# The most rows that one question to the Prefect server may ask for.
IDS_PER_QUESTION = 200

Resumed = Literal["resumed", "not_paused", "gone"]

_RESUMED: Mapping[SetStateStatus, Resumed] = {
    SetStateStatus.ACCEPT: "resumed",
    # Another was quicker.
    SetStateStatus.ABORT: "not_paused",
    # It has no deployment.
    SetStateStatus.REJECT: "gone",
}


@dataclass(frozen=True)
class RunOrder:
    """A flow run to be created: one run only has the `key`; `state` is Scheduled for now if none is named."""

    deployment_id: UUID
    key: str
    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tags: Sequence[str] = ()
    state: State[Any] | None = None


async def deployment_id(client: PrefectClient, name: str) -> UUID:
    """The id of the deployment `flow/deployment`. Raises ObjectNotFound if it was never deployed."""
    return (await client.read_deployment_by_name(name)).id


async def create_run(client: PrefectClient, order: RunOrder) -> UUID:
    """Create the run, or find the one that has its key, in whatever state that is."""
    return (await created_run(client, order)).id


async def created_run(client: PrefectClient, order: RunOrder) -> FlowRun:
    """As `create_run`, for whoever wants to know in what state it is.

    Busy answers (429, 502, 503) and lost connections have been tried again before an error comes out.
    """
    return await client.create_flow_run_from_deployment(
        order.deployment_id,
        parameters=dict(order.parameters),
        idempotency_key=order.key,
        name=order.name,
        tags=order.tags,
        state=order.state,
    )


async def resume(client: PrefectClient, flow_run_id: UUID, deployment_id: UUID | None = None) -> Resumed:
    """Wake a suspended run.

    `not_paused`: it is running, scheduled or ended, and knows nothing of this call. `gone`: it was deleted,
    or is not of the deployment named; a run whose deployment was deleted, Prefect resumes and never runs.

    The run is read first: to be told to resume an unknown one costs the server two seconds and a 500.
    """
    try:
        run = await client.read_flow_run(flow_run_id)
    except ObjectNotFound:
        return "gone"
    if deployment_id is not None and run.deployment_id != deployment_id:
        return "gone"
    if run.state is None or not run.state.is_paused():
        return "not_paused"
    answer = await client.resume_flow_run(flow_run_id)
    return _RESUMED[answer.status]


async def read_states(
    client: PrefectClient, flow_run_ids: Collection[UUID], of: UUID | None = None
) -> dict[UUID, State[Any]]:
    """The state of each run, if need be only `of` a deployment; one that is missing in the answer is gone."""
    ids = list(flow_run_ids)
    states: dict[UUID, State[Any]] = {}
    deployment = FlowRunFilterDeploymentId(any_=[of]) if of else None
    for start in range(0, len(ids), IDS_PER_QUESTION):
        one_of = FlowRunFilterId(any_=ids[start : start + IDS_PER_QUESTION])
        some = FlowRunFilter(id=one_of, deployment_id=deployment)
        runs = await client.read_flow_runs(flow_run_filter=some, limit=IDS_PER_QUESTION)
        states |= {run.id: run.state for run in runs if run.state is not None}
    return states


async def reschedule(client: PrefectClient, flow_run_id: UUID) -> bool:
    """Set a run going again that its worker left Running or Pending; False if it is in neither state now.

    Only for a run that is provably dead: a live one would be run twice at once.
    """
    run = await client.read_flow_run(flow_run_id)
    if run.state is None or not (run.state.is_running() or run.state.is_pending()):
        return False
    again: State[Any] = AwaitingRetry(message="Dess arbetare försvann.")
    answer = await client.set_flow_run_state(flow_run_id, again)
    return answer.status == SetStateStatus.ACCEPT
