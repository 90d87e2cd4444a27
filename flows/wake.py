"""Waking flow runs from outside: create, resume, look, set going again. No other module asks Prefect for these."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal
from uuid import UUID

import httpx
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import State
from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import ObjectNotFound
from prefect.states import AwaitingRetry

# A Prefect server on SQLite locks itself out with more.
CREATIONS_AT_ONCE = 2
# The most rows that one question to the Prefect server may ask for.
IDS_PER_QUESTION = 200

Resumed = Literal["resumed", "not_paused", "gone"]
Woken = Literal["created"] | Resumed


@dataclass(frozen=True)
class RunOrder:
    """A flow run to be created: `key` is given to one run only, `state` is Scheduled for now unless another is named."""

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
    """Create the run, or find the one that has its key, in whatever state that is.

    Busy answers (429, 502, 503) and lost connections have been tried again some times before an error comes out.
    """
    run = await client.create_flow_run_from_deployment(
        order.deployment_id,
        parameters=dict(order.parameters),
        idempotency_key=order.key,
        name=order.name,
        tags=order.tags,
        state=order.state,
    )
    return run.id


async def create_runs(client: PrefectClient, orders: Sequence[RunOrder]) -> list[UUID | BaseException]:
    """Create many runs, two at a time; in the place of each, its id or what hindered it, so that none stops another."""
    at_once = asyncio.Semaphore(CREATIONS_AT_ONCE)

    async def create(order: RunOrder) -> UUID:
        async with at_once:
            return await create_run(client, order)

    return await asyncio.gather(*(create(order) for order in orders), return_exceptions=True)


async def resume(client: PrefectClient, flow_run_id: UUID) -> Resumed:
    """Wake a suspended run.

    `not_paused`: it is running, scheduled or ended, and knows nothing of this call. `gone`: it, or its deployment,
    has been deleted, and it can never be woken.
    """
    try:
        answer = await client.resume_flow_run(flow_run_id)
    except httpx.HTTPStatusError as error:
        await _reraise_unless_gone(client, flow_run_id, error)
        return "gone"
    if answer.status == SetStateStatus.ACCEPT:
        return "resumed"
    return "gone" if answer.status == SetStateStatus.REJECT else "not_paused"


async def _reraise_unless_gone(client: PrefectClient, flow_run_id: UUID, error: httpx.HTTPStatusError) -> None:
    """To resume an unknown run is answered 500, the same as a fault of the server: only reading it tells."""
    if error.response.status_code not in (HTTPStatus.NOT_FOUND, HTTPStatus.INTERNAL_SERVER_ERROR):
        raise error
    try:
        await client.read_flow_run(flow_run_id)
    except ObjectNotFound:
        return
    raise error


async def create_or_resume(
    client: PrefectClient, flow_run_id: UUID | None, order: RunOrder
) -> tuple[UUID, Woken]:
    """Resume the run an account has, or create its first. After `gone` an order with a new key is called for."""
    if flow_run_id is None:
        return await create_run(client, order), "created"
    return flow_run_id, await resume(client, flow_run_id)


async def read_states(client: PrefectClient, flow_run_ids: Collection[UUID]) -> dict[UUID, State[Any]]:
    """The state of each run; one that is missing in the answer is gone."""
    ids = list(flow_run_ids)
    states: dict[UUID, State[Any]] = {}
    for start in range(0, len(ids), IDS_PER_QUESTION):
        some = FlowRunFilter(id=FlowRunFilterId(any_=ids[start : start + IDS_PER_QUESTION]))
        runs = await client.read_flow_runs(flow_run_filter=some, limit=IDS_PER_QUESTION)
        states |= {run.id: run.state for run in runs if run.state is not None}
    return states


async def reschedule(client: PrefectClient, flow_run_id: UUID) -> bool:
    """Set a run going again that its worker left Running or Pending; False if it is in neither state any more.

    Only for a run that is provably dead: Prefect would take this for a live one too, and run its flow twice at once.
    """
    run = await client.read_flow_run(flow_run_id)
    if run.state is None or not (run.state.is_running() or run.state.is_pending()):
        return False
    answer = await client.set_flow_run_state(flow_run_id, AwaitingRetry(message="Dess arbetare försvann."))
    return answer.status == SetStateStatus.ACCEPT
