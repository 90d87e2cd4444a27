"""The same flows on Prefect's own process worker, which polls and forks: slower, and nothing else."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from sqlalchemy import Engine

from acts import looking
from deployments.prefect_server import PrefectServer, deploy_all
from deployments.storyline import Story, load_stories
from flows.wake import RunOrder, create_run, deployment_id, read_states, resume
from runtime.database import make_engine
from tests.prefect_server_fixture import ROOT
from tests.stories.plain import PlainDriver

POOL = "stock"


class AnswersOnly(PlainDriver):
    """Acts are done; what follows is left to whoever looks."""

    def follow(self) -> None:
        return None


@pytest.fixture
def stock_worker(prefect_server: PrefectServer, sqlite_url: str, tmp_path: Path) -> Iterator[None]:
    """A worker as a municipality would start it, with our settings in its environment."""
    with prefect_server.address.client() as client:
        client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
    environment = prefect_server.address.environment() | {
        "PYTHONPATH": str(ROOT),
        "KANALVAKT_DATABASE_URL": sqlite_url,
    }
    deploy_all(_for_pool(tmp_path), environment)
    command = ["-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process", "--name", "stock"]
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    yield
    process.kill()
    process.wait()


def _for_pool(folder: Path) -> Path:
    described = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))
    described.pop("definitions")
    account = described["deployments"][0] | {"name": "konto-stock", "work_pool": {"name": POOL}}
    file = folder / "prefect.yaml"
    file.write_text(yaml.safe_dump(described | {"deployments": [account]}, allow_unicode=True))
    return file


def test_an_account_goes_its_way_on_a_stock_worker(
    prefect_server: PrefectServer, stock_worker: None, sqlite_url: str
) -> None:
    engine = make_engine(sqlite_url)
    story = next(one for one in load_stories() if one.story == "haninge")
    asyncio.run(_two_looks(engine, story))
    engine.dispose()


async def _two_looks(engine: Engine, story: Story) -> None:
    driver = await asyncio.to_thread(AnswersOnly, engine, story)
    await asyncio.to_thread(driver.do, story.steps[0])
    async with get_client() as client:
        order = RunOrder(
            await deployment_id(client, "account_lifecycle/konto-stock"),
            key="stock",
            name="stock",
            parameters={"account_id": driver.account_id},
        )
        run_id = await create_run(client, order)
        await _reached(run_id, story.steps[0].then.state)
        await asyncio.to_thread(driver.do, story.steps[1])
        assert looking.has_news(engine, driver.account_id)
        assert await resume(client, run_id, order.deployment_id) == "resumed"
        await _reached(run_id, story.steps[1].then.state)


async def _reached(run_id: UUID, name: str | None, seconds: float = 45) -> None:
    deadline, seen = time.monotonic() + seconds, None
    async with get_client() as client:
        while seen != name:
            assert time.monotonic() < deadline, f"{seen}, not {name}"
            await asyncio.sleep(0.2)
            states = await read_states(client, [run_id])
            seen = states[run_id].name
