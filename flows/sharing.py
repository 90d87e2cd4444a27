"""A round's shares as flow runs of the same deployment, for whichever worker is free.

The run that shares out is a free hand as well: it goes a share first, and later each that nobody has begun.
So it never waits for a share that waits for a worker, however few of them there are.
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import anyio
from anyio import to_thread
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.responses import SetStateStatus
from prefect.context import FlowRunContext
from prefect.states import Completed

from acts import waking
from acts.rounds import CLAIM_LASTS, RoundFailed
from acts.shares import Share
from flows.wake import RunOrder, create_run, read_states
from lifecycle.rounds import Failure
from runtime.clock import machine_now
from runtime.database import installation_engine
from runtime.settings import settings

LOOKS_EVERY_SECONDS = 0.5
WORTH_A_RUN_SECONDS = 0.5
"""How long a share has to take before others are asked to take some."""
LEASES_UNTIL_LEFT = 1.5
"""So many times a lease's time a worker may need from claiming a share to beginning with it."""
TAKEN = "Gången av ronden"
_IS_SHARE = ": kommunerna "
"""In the name of a share's run, between the round's and the municipalities' numbers."""

GoHere = Callable[[Share], Awaitable[None]]


def this_deployment() -> UUID | None:
    """The deployment of the flow run that goes on here; None of one that somebody calls himself."""
    run = _this_run()
    return run.deployment_id if run is not None else None


def _this_run() -> FlowRun | None:
    context = FlowRunContext.get()
    return context.flow_run if context is not None else None


async def go_shares(shares: Sequence[Share], as_of: date | datetime | None, go_here: GoHere) -> list[Failure]:
    """Have every share gone, here or on another worker; what the others could not do.

    A share whose run was cancelled or deleted, or whose worker died and nobody took over, is gone here.
    """
    others = await _go_the_light(shares, go_here)
    failures: list[Failure] = []
    async with get_client() as client:
        waiting = await _hand_out(client, others, as_of)
        while waiting:
            states = await read_states(client, waiting)
            for gone in [one for one, state in states.items() if _has_gone(state)]:
                failures += _failure(waiting.pop(gone), states[gone])
            taken = await _taken(client, waiting, states)
            if taken is not None:
                await go_here(waiting.pop(taken))
            elif waiting:
                await anyio.sleep(LOOKS_EVERY_SECONDS)
    return failures


async def _go_the_light(shares: Sequence[Share], go_here: GoHere) -> Sequence[Share]:
    """Most rounds of a day find nothing, in less time than a run takes to begin; what is left of others."""
    for place, share in enumerate(shares, start=1):
        began = time.monotonic()
        await go_here(share)
        if time.monotonic() - began >= WORTH_A_RUN_SECONDS:
            return shares[place:]
    return ()


async def _hand_out(
    client: PrefectClient, shares: Sequence[Share], as_of: date | datetime | None
) -> dict[UUID, Share]:
    """A run for each share. One key for each, so that a round that begins anew finds them again."""
    run = _this_run()
    assert run is not None and run.deployment_id is not None
    orders = [
        RunOrder(
            run.deployment_id,
            key=f"{run.id}:{share[0]}",
            name=f"{run.name}{_IS_SHARE}{_span(share)}",
            parameters={"as_of": as_of.isoformat() if as_of else None, "municipalities": list(share)},
        )
        for share in shares
    ]
    return {await create_run(client, order): share for order, share in zip(orders, shares, strict=True)}


def called(title: str) -> Callable[[], str]:
    """What a round's run is called in Prefect: its title, and a share of one what it was given."""

    def name() -> str:
        run = _this_run()
        return run.name if run is not None and _IS_SHARE in run.name else title

    return name


def round_of(name: str) -> str:
    """The round that a run's name tells of, be it the whole or a share."""
    return name.partition(_IS_SHARE)[0]


def _span(share: Share) -> str:
    return f"{share[0]}–{share[-1]}" if share else "–"


def _has_gone(state: State[Any]) -> bool:
    """To its end, and by another: what a run before this one took, and died with, has not been gone."""
    return (state.is_completed() and state.name != TAKEN) or state.is_failed()


def _failure(share: Share, state: State[Any]) -> list[Failure]:
    """The list of a share, as its run ended with it; it names numbers only, as every round's does."""
    if state.is_completed():
        return []
    says = (state.message or "").rpartition(f"{RoundFailed.__name__}: ")[2]
    return [Failure(f"kommunerna {_span(share)}", says)]


async def _taken(
    client: PrefectClient, waiting: Mapping[UUID, Share], states: Mapping[UUID, State[Any]]
) -> UUID | None:
    """A share that is gone here from now on: nobody has begun it, or nobody ever will.

    Its run is told so; one that a worker had just claimed then ends by itself, before it does anything.
    """
    for one in reversed(list(waiting)):
        state = states.get(one)
        if state is None or state.is_final():
            return one
        if (state.is_scheduled() or await _is_left(one, state)) and await _take(client, one):
            return one
    return None


async def _is_left(flow_run_id: UUID, state: State[Any]) -> bool:
    """Claimed by a worker that died before it began; or running for long where workers keep no leases."""
    patience = timedelta(seconds=LEASES_UNTIL_LEFT * settings().lease_seconds)
    if state.timestamp > machine_now() - (patience if state.is_pending() else CLAIM_LASTS):
        return False
    live, _ = await to_thread.run_sync(waking.leases, installation_engine(), machine_now())
    return str(flow_run_id) not in live


async def _take(client: PrefectClient, flow_run_id: UUID) -> bool:
    state: State[Any] = Completed(name=TAKEN)
    answer = await client.set_flow_run_state(flow_run_id, state)
    return answer.status == SetStateStatus.ACCEPT
