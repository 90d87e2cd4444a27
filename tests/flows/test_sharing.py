"""A round of a large installation on a real Prefect: shares are runs, and their trouble reaches the round."""

import asyncio
import time
from datetime import UTC, datetime

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId
from prefect.client.schemas.objects import FlowRun
from prefect.states import AwaitingRetry
from sqlalchemy import Engine, select, update
from sqlmodel import col

from acts import watching
from acts.rounds import part_of
from deployments.prefect_server import PrefectServer
from deployments.warm_worker import WarmWorker
from flows import sharing
from flows.wake import RunOrder, create_run, deployment_id
from models import Heartbeat, PolicyVersion, TaskKind, UserTask
from runtime.database import reading, writing
from runtime.settings import settings
from tests.large.filling import Filled, fill

MORNING = datetime(2026, 12, 1, 8, tzinfo=UTC)


@pytest.fixture
def filled(installed: Engine, monkeypatch: pytest.MonkeyPatch) -> list[Filled]:
    """Five municipalities, two to a run, and none so little to do that it is not worth one."""
    monkeypatch.setenv("KANALVAKT_MUNICIPALITIES_A_RUN", "2")
    settings.cache_clear()
    monkeypatch.setattr(sharing, "WORTH_A_RUN_SECONDS", 0.0)
    return list(fill(installed, 5, 10, MORNING))


def watched(engine: Engine) -> list[int]:
    with reading(engine) as session:
        rows = select(col(UserTask.account_id)).where(col(UserTask.kind) == TaskKind.WATCH)
        return sorted(one or 0 for one in session.execute(rows).scalars())


async def go(key: str, worker: WarmWorker, again: bool = False) -> list[FlowRun]:
    """Go the watch as somebody starts it in Prefect; the round's run, and those of its shares."""
    async with get_client() as client:
        deployment = await deployment_id(client, "watch/bevakning")
        order = RunOrder(deployment, key, key, {"as_of": MORNING.isoformat()})
        run_id = await create_run(client, order)
        if again:
            await client.set_flow_run_state(run_id, AwaitingRetry(), force=True)
        worker.fetch_now()
        deadline = time.monotonic() + 30
        run = await client.read_flow_run(run_id)
        while not (run.state and run.state.is_final()):
            assert time.monotonic() < deadline, run.state
            await asyncio.sleep(0.05)
            run = await client.read_flow_run(run_id)
        runs = await client.read_flow_runs(
            flow_run_filter=FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[deployment]))
        )
        return [run, *(one for one in runs if (one.idempotency_key or "").startswith(f"{run.id}:"))]


def test_the_shares_are_runs_and_a_round_that_begins_anew_finds_them(
    deployed: PrefectServer, filled: list[Filled], installed: Engine, worker: WarmWorker
) -> None:
    """Nothing is done twice: one task for each account, and the runs that there were."""
    whole, *shares = asyncio.run(go("hel-rond", worker))
    ids = [one.municipality_id for one in filled]
    assert whole.state and whole.state.is_completed()
    assert sorted(one.parameters["municipalities"] for one in shares) == [ids[2:4], ids[4:]]
    assert all(one.state and one.state.is_completed() for one in shares)
    assert whole.name == "Bevakning"
    assert sorted(one.name for one in shares) == sorted(
        f"Bevakning: kommunerna {part[0]}–{part[-1]}" for part in (ids[2:4], ids[4:])
    )
    asked = watched(installed)
    assert len(asked) == len(set(asked)) == 8
    with reading(installed) as session:
        assert session.get(Heartbeat, part_of(watching.ASK)) is not None
    again, *same = asyncio.run(go("hel-rond", worker, again=True))
    assert again.id == whole.id and {one.id for one in same} == {one.id for one in shares}
    assert watched(installed) == asked


def test_what_a_share_could_not_do_is_on_the_rounds_list(
    deployed: PrefectServer, filled: list[Filled], installed: Engine, worker: WarmWorker
) -> None:
    broken = filled[4].municipality_id
    with writing(installed) as session:
        its = col(PolicyVersion.municipality_id) == broken
        session.execute(update(PolicyVersion).where(its).values(in_force_from=None))
    whole, *_ = asyncio.run(go("halv-rond", worker))
    assert whole.state and whole.state.is_failed()
    assert f"kommun {broken}: " in (whole.state.message or "")
    assert len(watched(installed)) == 6
