"""Runs that no account and no form has: from the time that a database which was put back does not know."""

from collections.abc import Sequence
from uuid import UUID

from anyio import to_thread
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.logging import get_logger
from prefect.states import Cancelled
from sqlalchemy import Engine

from acts.restored import followed_up, restored_at, unknown_runs
from flows.forms import FORM_FLOW
from flows.wake import IDS_PER_QUESTION

PUT_AWAY = "Ersatt"
WAITING = (StateType.PAUSED, StateType.SCHEDULED, StateType.PENDING)
"""One that runs asks itself whether it is its account's, and ends."""
ANSWERED_LATER = (StateType.PAUSED,)
"""A form that waits for a worker is new, and nobody has noted it yet."""

log = get_logger("kanalvakt.strays")


async def put_strays_away(engine: Engine, client: PrefectClient, of_accounts: str) -> int:
    """Once after the database was put back, when every account has its run again; how many were put away.

    `of_accounts` is the name of their flow.

    They would stand in the run list as if they were accounts, and wait for ever for what nobody will answer.
    """
    at = await to_thread.run_sync(restored_at, engine)
    if at is None:
        return 0
    waiting = await _waiting(client, of_accounts, WAITING)
    waiting += await _waiting(client, FORM_FLOW, ANSWERED_LATER)
    strays = await to_thread.run_sync(unknown_runs, engine, waiting)
    for one in strays:
        await client.set_flow_run_state(UUID(one), Cancelled(name=PUT_AWAY), force=True)
    await to_thread.run_sync(followed_up, engine, at)
    log.info("%d runs from before the database was put back are put away.", len(strays))
    return len(strays)


async def _waiting(client: PrefectClient, flow: str, states: Sequence[StateType]) -> list[str]:
    """All that wait, page by page, before any of them is changed."""
    wanted = FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states)))
    found: list[str] = []
    while True:
        some = await client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[flow])),
            flow_run_filter=FlowRunFilter(state=wanted),
            sort=FlowRunSort.ID_DESC,
            limit=IDS_PER_QUESTION,
            offset=len(found),
        )
        found += [str(one.id) for one in some]
        if len(some) < IDS_PER_QUESTION:
            return found
