"""Bringing accounts and their runs together: waking what has news, and healing what Prefect has lost."""

from collections.abc import Awaitable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from anyio import to_thread
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterIdempotencyKey,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_logger
from prefect.states import Cancelled
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from acts import by_form, waking
from acts.waking import Wake
from flows.forms import FORM_FLOW
from flows.strays import put_strays_away
from flows.wake import (
    IDS_PER_QUESTION,
    RunOrder,
    created_run,
    deployment_id,
    read_states,
    reschedule,
    resume,
)
from models.plain_errors import Tellable
from models.seams import seam
from runtime import clock
from runtime.settings import settings

FLOW = "account_lifecycle"
DEPLOYMENT = f"{FLOW}/konto"
LEASES_UNTIL_LEFT = 1.5
"""So many times a lease's time a run may be Running or Pending without one before it counts as left."""
FAILURES_BEFORE_REST = 3
REST = timedelta(minutes=15)
"""An account whose runs fail one after another gets its next one after a rest: it is red, not a flood."""
ENDED_LATELY = timedelta(hours=1)
CARRIED = (StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)
ENDED_WRONGLY = (StateType.FAILED, StateType.CRASHED, StateType.CANCELLED)

EVERYBODYS_TROUBLE = (httpx.TransportError, ObjectNotFound, DBAPIError)
"""What no account is to blame for: Prefect away or not deployed yet, the database away."""

States = dict[UUID, State[Any]]

log = get_logger("kanalvakt.waking")


class NotHealed(Tellable):
    """Some accounts could not be brought together with their runs; the others were."""


async def wake_due(
    engine: Engine, client: PrefectClient, now: datetime, at_most: int = waking.AT_ONCE
) -> int:
    """Resume or create the runs of accounts that have something unseen; returns how many.

    One that cannot be woken stops no other, and is tried again after a while. In everybody's trouble the
    claims are given back, so that all are woken as soon as it is over.
    """
    due = await to_thread.run_sync(waking.claim_due, engine, now, at_most)
    if not due:
        return 0
    seam("after_claim")
    left = [one.account_id for one in due]
    try:
        of = await deployment_id(client, DEPLOYMENT)
        for one in due:
            await _alone(f"Account {one.account_id}", wake(engine, client, one, of))
            left.remove(one.account_id)
    except EVERYBODYS_TROUBLE:
        waking.give_back(engine, left, now)
        raise
    return len(due)


async def wake_forms(engine: Engine, client: PrefectClient, now: datetime) -> int:
    """Resume the runs of forms whose act has been answered, or whose time has run out; returns how many.

    One that has ended, or that was deleted, has nobody to tell: what it waited for is settled all the same.
    """
    answered = await to_thread.run_sync(by_form.claim_answered, engine, now)
    woken = [await _alone(f"Form {one}", _wake_form(engine, client, one, now)) for one in answered]
    return sum(map(bool, woken))


async def _wake_form(engine: Engine, client: PrefectClient, flow_run_id: str, now: datetime) -> bool:
    woken = await resume(client, UUID(flow_run_id))
    if woken == "gone" or (woken == "not_paused" and await _has_ended(client, flow_run_id)):
        await to_thread.run_sync(by_form.end, engine, flow_run_id, now)
    return woken == "resumed"


async def _alone(whose: str, doing: Awaitable[bool]) -> bool | None:
    """Do something for one account or run; trouble of its own is logged, gives None and stops no other."""
    try:
        return await doing
    except EVERYBODYS_TROUBLE:
        raise
    except Exception:
        log.exception("%s could not be brought into order.", whose)
        return None


async def wake(engine: Engine, client: PrefectClient, one: Wake, of: UUID) -> bool:
    """Have one account looked at; whether its run was resumed or a new one made.

    `of`: the deployment of the accounts' runs.
    A run that meets the wake-up while it is running looks once more by itself; one that has ended or
    is gone is followed by a new one.
    """
    if one.flow_run_id is None:
        await _create(engine, client, one, of)
        return True
    woken = await resume(client, UUID(one.flow_run_id), of)
    if woken == "gone" or (woken == "not_paused" and await _has_ended(client, one.flow_run_id)):
        return await _follow(engine, client, one, of)
    return woken == "resumed"


async def _follow(engine: Engine, client: PrefectClient, one: Wake, of: UUID) -> bool:
    """Put a new run in the place of one that has ended or is gone; False while a failing account rests."""
    if await _rests(client, one):
        return False
    await _create(engine, client, waking.next_run(engine, one.account_id, one.run_number), of)
    if one.flow_run_id is not None:
        await _put_away(client, UUID(one.flow_run_id))
    return True


async def _rests(client: PrefectClient, one: Wake) -> bool:
    """Whether the account's last runs have all failed, the last of them not long ago."""
    if one.run_number < FAILURES_BEFORE_REST:
        return False
    numbers = range(one.run_number - FAILURES_BEFORE_REST + 1, one.run_number + 1)
    keys = FlowRunFilterIdempotencyKey(any_=[one.key_of(number) for number in numbers])
    runs = await client.read_flow_runs(flow_run_filter=FlowRunFilter(idempotency_key=keys))
    states = [run.state for run in runs if run.state is not None]
    failed = [state.timestamp for state in states if state.is_failed() or state.is_crashed()]
    return len(failed) == FAILURES_BEFORE_REST and max(failed) > clock.machine_now() - REST


async def _put_away(client: PrefectClient, flow_run_id: UUID) -> None:
    """A run that is no account's any more does not stand in the run list as if it were."""
    state = (await read_states(client, [flow_run_id])).get(flow_run_id)
    if state is not None and not state.is_final():
        await _cancel(client, flow_run_id, "Ersatt")


async def _cancel(client: PrefectClient, flow_run_id: UUID, name: str) -> None:
    await client.set_flow_run_state(flow_run_id, Cancelled(name=name), force=True)


async def _create(engine: Engine, client: PrefectClient, one: Wake, of: UUID) -> None:
    """Create the account's run, or find the one that has its key; one that has ended is followed."""
    order = RunOrder(
        deployment_id=of,
        key=one.key,
        name=one.name,
        parameters={"account_id": one.account_id},
        tags=one.tags,
    )
    run = await created_run(client, order)
    seam("after_create")
    waking.keep_run(engine, one.account_id, one.run_number, str(run.id))
    if _is_over(run.state) and waking.wakes(engine, [one.account_id])[0].is_to_run:
        log.info("Run %s of account %s had ended; the next one is made.", run.id, one.account_id)
        await _follow(engine, client, one, of)


async def _has_ended(client: PrefectClient, flow_run_id: str) -> bool:
    return _is_over((await read_states(client, [UUID(flow_run_id)])).get(UUID(flow_run_id)))


def _is_over(state: State[Any] | None) -> bool:
    """Of a run that has ended, or that is gone."""
    return state is None or state.is_final()


async def heal(engine: Engine, client: PrefectClient, now: datetime) -> dict[str, int]:
    """Give every living account its run again, whatever was done to runs in Prefect or by a dead worker.

    A run whose deployment was deleted is as good as gone: no worker would ever fetch it. Raises NotHealed
    at the end, when all others are healed, for those that could not be.
    """
    accounts = await to_thread.run_sync(waking.living_runs, engine)
    runs = {UUID(one.flow_run_id) for one in accounts if one.flow_run_id}
    of = await deployment_id(client, DEPLOYMENT)
    states = await read_states(client, runs, of)
    await wake_forms(engine, client, now)
    counts = {"created": 0, "rescheduled": 0, "woken": await wake_due(engine, client, now)}
    failed: list[int] = []
    for one in accounts:
        state = states.get(UUID(one.flow_run_id)) if one.flow_run_id else None
        made = await _alone(f"Account {one.account_id}", _brought_together(engine, client, one, state, of))
        counts["created"] += bool(made)
        failed += [one.account_id] if made is None else []
    counts["rescheduled"] = await set_going(engine, client)
    counts["strays"] = await put_strays_away(engine, client, FLOW)
    if failed:
        raise NotHealed(f"Accounts without their run: {failed}")
    return counts


async def _brought_together(
    engine: Engine, client: PrefectClient, one: Wake, state: State[Any] | None, of: UUID
) -> bool:
    """Whether a new run was needed. One that rests under another name than the account's looks once more."""
    if state is None or state.is_final():
        return await _replace(engine, client, one, of)
    if state.is_paused() and state.name != one.shown and not one.has_news and one.flow_run_id:
        await resume(client, UUID(one.flow_run_id))
    return False


async def _replace(engine: Engine, client: PrefectClient, one: Wake, of: UUID) -> bool:
    """A new run for the account, unless somebody else has given it one meanwhile."""
    current = waking.wakes(engine, [one.account_id])[0]
    if current.flow_run_id != one.flow_run_id or current.run_number != one.run_number:
        return False
    if current.flow_run_id is not None:
        return await _follow(engine, client, current, of)
    await _create(engine, client, current, of)
    return True


async def set_going(engine: Engine, client: PrefectClient) -> int:
    """Set going again what a dead worker left in the middle, and follow up what ended wrongly; how many.

    A run is left when the lease of its worker has lapsed, or when it has had none for longer than a worker
    takes to get one. Whoever heals takes the lease over first: of several, one sets the run going. Two
    questions to Prefect, however many accounts there are.
    """
    live, silent = await to_thread.run_sync(waking.leases, engine, clock.machine_now())
    carried = await _runs_in(client, CARRIED)
    others = silent - {str(one) for one in carried}
    carried |= await read_states(client, [UUID(one) for one in others])
    for gone in others - {str(one) for one in carried}:
        waking.end_lease(engine, gone)
    left = [one for one, state in carried.items() if str(one) not in live and _is_left(one, state, silent)]
    set_again = [
        await _alone(f"Run {one}", _set_going_again(engine, client, one, carried[one])) for one in left
    ]
    return sum(map(bool, set_again)) + await _followed_up(engine, client)


async def _runs_in(
    client: PrefectClient, types: Sequence[StateType], ended_after: datetime | None = None
) -> States:
    """The runs of accounts and forms in some states; the longest there first, when they are too many."""
    wanted = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types))),
        end_time=FlowRunFilterEndTime.model_validate({"after_": ended_after}) if ended_after else None,
    )
    runs = await client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=[FLOW, FORM_FLOW])),
        flow_run_filter=wanted,
        sort=FlowRunSort.END_TIME_DESC if ended_after else FlowRunSort.START_TIME_ASC,
        limit=IDS_PER_QUESTION,
    )
    return {run.id: run.state for run in runs if run.state is not None}


def _is_left(flow_run_id: UUID, state: State[Any], silent: Collection[str]) -> bool:
    """Provably dead: its worker's lease has lapsed, or nobody has taken one in good time."""
    patience = timedelta(seconds=LEASES_UNTIL_LEFT * settings().lease_seconds)
    return str(flow_run_id) in silent or state.timestamp < clock.machine_now() - patience


async def _set_going_again(
    engine: Engine, client: PrefectClient, flow_run_id: UUID, state: State[Any]
) -> bool:
    """What was being cancelled when its worker died is cancelled; the account's next run follows it."""
    lasts = timedelta(seconds=settings().lease_seconds)
    if not waking.take_over(engine, str(flow_run_id), clock.machine_now(), lasts):
        return False
    if state.is_cancelling():
        await _cancel(client, flow_run_id, "Cancelled")
    elif await reschedule(client, flow_run_id):
        return True
    waking.end_lease(engine, str(flow_run_id))
    return False


async def _followed_up(engine: Engine, client: PrefectClient) -> int:
    """New runs for accounts whose own has lately failed, crashed or been cancelled."""
    ended = await _runs_in(client, ENDED_WRONGLY, ended_after=clock.machine_now() - ENDED_LATELY)
    accounts = waking.accounts_of_runs(engine, [str(one) for one in ended])
    if not accounts:
        return 0
    of = await deployment_id(client, DEPLOYMENT)
    replaced = [
        await _alone(f"Account {one.account_id}", _replace(engine, client, one, of)) for one in accounts
    ]
    return sum(map(bool, replaced))
