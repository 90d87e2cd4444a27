"""Bringing accounts and their runs together: waking what has news, and healing what Prefect has lost."""

from datetime import datetime, timedelta
from uuid import UUID

from anyio import to_thread
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import State
from prefect.logging import get_logger
from sqlalchemy import Engine

from acts import waking
from acts.waking import Wake
from flows.wake import RunOrder, create_run, deployment_id, read_states, reschedule, resume

DEPLOYMENT = "account_lifecycle/konto"
LEFT_FOR = timedelta(seconds=60)
"""How long a run may be Running or Pending without a lease before it counts as left by its worker."""

log = get_logger("kanalvakt.waking")


async def wake_due(engine: Engine, client: PrefectClient, now: datetime) -> int:
    """Resume or create the runs of all accounts that have something unseen; returns how many."""
    due = await to_thread.run_sync(waking.claim_due, engine, now)
    for one in due:
        await wake(engine, client, one)
    return len(due)


async def wake(engine: Engine, client: PrefectClient, one: Wake) -> None:
    """Have one account looked at.

    A run that meets the wake-up while it is running looks once more by itself; one that has ended or
    is gone is followed by a new one.
    """
    if one.flow_run_id is None:
        await _create(engine, client, one)
        return
    woken = await resume(client, UUID(one.flow_run_id), await deployment_id(client, DEPLOYMENT))
    if woken == "gone" or (woken == "not_paused" and await _has_ended(client, one.flow_run_id)):
        await _create(engine, client, waking.next_run(engine, one.account_id, one.run_number))


async def _create(engine: Engine, client: PrefectClient, one: Wake) -> None:
    order = RunOrder(
        deployment_id=await deployment_id(client, DEPLOYMENT),
        key=one.key,
        name=one.name,
        parameters={"account_id": one.account_id},
        tags=one.tags,
    )
    run_id = await create_run(client, order)
    waking.keep_run(engine, one.account_id, one.run_number, str(run_id))
    if await _has_ended(client, str(run_id)):
        fresh = waking.next_run(engine, one.account_id, one.run_number)
        log.info("Run %s of account %s had ended; the next one is made.", run_id, fresh.account_id)
        await _create(engine, client, fresh)


async def _has_ended(client: PrefectClient, flow_run_id: str) -> bool:
    state = (await read_states(client, [UUID(flow_run_id)])).get(UUID(flow_run_id))
    return state is None or state.is_final()


async def heal(engine: Engine, client: PrefectClient, now: datetime) -> dict[str, int]:
    """Give every living account its run again, whatever was done to runs in Prefect or by a dead worker."""
    accounts = waking.living_runs(engine)
    known = {UUID(one.flow_run_id): one for one in accounts if one.flow_run_id}
    states = await read_states(client, known)
    leases = waking.live_leases(engine, now)
    counts = {"created": 0, "rescheduled": 0, "woken": await wake_due(engine, client, now)}
    for one in accounts:
        state = states.get(UUID(one.flow_run_id)) if one.flow_run_id else None
        if state is None or state.is_final():
            await _replace(engine, client, one)
            counts["created"] += 1
        elif _is_left(state, one, leases, now) and one.flow_run_id:
            counts["rescheduled"] += await reschedule(client, UUID(one.flow_run_id))
    return counts


async def _replace(engine: Engine, client: PrefectClient, one: Wake) -> None:
    current = waking.wakes(engine, [one.account_id])[0]
    if current.flow_run_id != one.flow_run_id:
        return
    if current.flow_run_id is None:
        await _create(engine, client, current)
    else:
        await _create(engine, client, waking.next_run(engine, current.account_id, current.run_number))


def _is_left(state: State[object], one: Wake, leases: set[str], now: datetime) -> bool:
    """Provably dead: Running or Pending for a while, and no worker holds a lease on it."""
    if not (state.is_running() or state.is_pending()) or one.flow_run_id in leases:
        return False
    return state.timestamp is not None and state.timestamp < now - LEFT_FOR
