"""Every story with its runs in a real Prefect: what the run list shows is what the story says."""

import asyncio
import time
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.orchestration import PrefectClient, get_client
from prefect.states import Cancelled
from sqlalchemy import Engine, select
from sqlmodel import col

from acts import looking
from deployments.prefect_server import PrefectServer
from deployments.storyline import Story, load_stories, play
from deployments.warm_worker import WarmWorker
from flows.wake import deployment_id, read_states
from flows.waking import DEPLOYMENT, heal, wake_due
from models import Account
from runtime.clock import now
from runtime.database import reading
from tests.flows.installation import deploy_ours
from tests.stories.plain import PlainDriver

PATIENCE_SECONDS = 20
TOLD = [one for one in load_stories() if not one.moves_clock]
"""The one that goes on to later days is told in a stack whose clock can be moved (tests/stories)."""


class PrefectDriver(PlainDriver):
    """Acts are the same functions; what follows is done by the account's run, at the real time."""

    def __init__(self, engine: Engine, story: Story, worker: WarmWorker) -> None:
        super().__init__(engine, story)
        self.worker, self.now = worker, now()

    def pass_time(self) -> None:
        self.now = now()

    def follow(self) -> None:
        asyncio.run(self._woken())

    async def _woken(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        async with get_client() as client:
            while looking.has_news(self.engine, self.account_id):
                if await wake_due(self.engine, client, now()):
                    self.worker.fetch_now()
                assert time.monotonic() < deadline, f"{self.story.story}: nobody looked"
                await asyncio.sleep(0.02)
            await self._shown(client, deadline)
        self.now = now()

    async def _shown(self, client: PrefectClient, deadline: float) -> None:
        """The name may be the same as before, and the run must have been left all the same."""
        while (name := await self._read_name(client)) != super().state():
            assert time.monotonic() < deadline, f"{name}, not {super().state()}"
            await asyncio.sleep(0.02)

    async def _read_name(self, client: PrefectClient) -> str:
        run_id = self._run_id()
        states = await read_states(client, [run_id]) if run_id else {}
        return str(states[run_id].name) if run_id in states else ""

    def _run_id(self) -> UUID | None:
        with reading(self.engine) as session:
            run_id = session.get_one(Account, self.account_id).flow_run_id
        return UUID(run_id) if run_id else None

    def state(self) -> str:
        async def read() -> str:
            async with get_client() as client:
                return await self._read_name(client)

        return asyncio.run(read())


@pytest.mark.parametrize("story", TOLD, ids=lambda story: story.story)
def test_story_through_prefect(
    installed: Engine, deployed: PrefectServer, worker: WarmWorker, story: Story, tmp_path: Path
) -> None:
    assert play(story, PrefectDriver(installed, story, worker)) == []


def test_nothing_done_to_runs_changes_an_account(
    installed: Engine, deployed: PrefectServer, worker: WarmWorker
) -> None:
    story = next(one for one in load_stories() if one.story == "haninge")
    driver = PrefectDriver(installed, story, worker)
    driver.do(story.steps[0])
    for harm in ("cancel", "delete", "resume", "delete the deployment"):
        asyncio.run(_harmed_and_healed(driver, harm, deployed))
    with reading(installed) as session:
        assert session.get_one(Account, driver.account_id).run_number == 4
    driver.do(story.steps[1])
    assert driver.state() == story.steps[1].then.state


async def _harmed_and_healed(driver: PrefectDriver, harm: str, deployed: PrefectServer) -> None:
    async with get_client() as client:
        await _harm(client, driver, harm, deployed)
        await heal(driver.engine, client, now())
        driver.worker.fetch_now()
        await _settled(client, driver)


async def _harm(client: PrefectClient, driver: PrefectDriver, harm: str, deployed: PrefectServer) -> None:
    run_id = driver._run_id()
    assert run_id is not None
    if harm == "cancel":
        await client.set_flow_run_state(run_id, Cancelled(), force=True)
    elif harm == "delete":
        await client.delete_flow_run(run_id)
    elif harm == "delete the deployment":
        await client.delete_deployment(await deployment_id(client, DEPLOYMENT))
        await asyncio.to_thread(deploy_ours, deployed)
    else:
        await client.resume_flow_run(run_id)


async def _settled(client: PrefectClient, driver: PrefectDriver) -> None:
    wanted = PlainDriver.state(driver)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while await driver._read_name(client) != wanted:
        assert time.monotonic() < deadline, f"never again {wanted}"
        await asyncio.sleep(0.05)


def test_the_run_is_named_by_unit_and_platform(
    installed: Engine, deployed: PrefectServer, worker: WarmWorker
) -> None:
    story = next(one for one in load_stories() if one.story == "haninge")
    driver = PrefectDriver(installed, story, worker)
    driver.do(story.steps[0])

    async def read() -> tuple[str, set[str]]:
        async with get_client() as client:
            run_id = driver._run_id()
            assert run_id is not None
            run = await client.read_flow_run(run_id)
            return run.name, set(run.tags)

    name, tags = asyncio.run(read())
    assert name == "Kultur- och fritidsförvaltningen · YouTube"
    with reading(installed) as session:
        assert session.execute(select(col(Account.waits_for))).scalar_one() == story.steps[0].then.state
    assert tags == {"konto", "haninge", "Kultur- och fritidsförvaltningen", "YouTube"}
