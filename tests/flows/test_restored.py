"""The database is put back under a Prefect that knows the time after it: nothing is stuck or left over."""

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from alembic import command
from prefect.client.orchestration import PrefectClient, get_client
from sqlalchemy import Engine, select
from sqlmodel import col

import migrations
from acts.restored import restored_at
from backups.restoring import restore
from backups.taking import take
from deployments.prefect_server import PrefectServer
from deployments.storyline import Story, load_stories
from deployments.warm_worker import WarmWorker
from flows.forms import FORM_FLOW
from flows.suspension import suspended_state
from flows.wake import RunOrder, create_run, deployment_id, read_states
from flows.waking import heal
from models import Account, AuditEvent
from runtime.clock import now
from runtime.database import reading
from tests.figures import prove
from tests.flows.test_stories import PrefectDriver, _harmed_and_healed, _settled
from tests.stories.plain import PlainDriver

FORM = f"{FORM_FLOW}/Avsluta krisläge"


def story(name: str) -> Story:
    return next(one for one in load_stories() if one.story == name)


def its_run(driver: PrefectDriver) -> UUID:
    run = driver._run_id()
    assert run is not None
    return run


def row(driver: PrefectDriver) -> Account:
    with reading(driver.engine) as session:
        return session.get_one(Account, driver.account_id)


def test_accounts_go_on_where_the_copy_has_them(
    installed: Engine, deployed: PrefectServer, worker: WarmWorker, tmp_path: Path
) -> None:
    url = str(installed.url)
    command.stamp(migrations.config_for(url), "head")
    mine = PrefectDriver(installed, story("haninge"), worker)
    mine.do(mine.story.steps[0])
    copy = take(installed, tmp_path / "kopior", 3, now()).copy
    in_copy = row(mine)

    # What the copy does not know: an answer, newer runs under the next keys, an account, a form that waits.
    for harm in ("cancel", "delete", "cancel"):
        asyncio.run(_harmed_and_healed(mine, harm, deployed))
    mine.do(mine.story.steps[1])
    later = PrefectDriver(installed, story("nassjo"), worker)
    later.do(later.story.steps[0])
    newer = [its_run(mine), its_run(later), asyncio.run(a_form_that_waits(tmp_path))]
    assert row(mine).run_number == 4 and row(mine).waits_for != in_copy.waits_for

    installed.dispose()
    restore(url, copy, now())
    assert row(mine).waits_for == in_copy.waits_for and row(mine).run_seed != in_copy.run_seed
    states, healed_again = asyncio.run(healed(mine, newer))
    mine.now = now()
    prove("Backup and restore", "runs left in Prefect that no account has", Counter(states)["PAUSED"], 0)
    assert states == ["CANCELLED"] * 3 and healed_again["strays"] == 0
    assert restored_at(installed) is None
    assert row(mine).flow_run_id not in {str(one) for one in newer}
    assert mine.state() == PlainDriver.state(mine) == in_copy.waits_for

    # The answer that was lost is given again, and the account's own run follows it.
    mine.do(mine.story.steps[1])
    assert mine.state() == mine.story.steps[1].then.state
    with reading(installed) as session:
        kinds = Counter(session.execute(select(col(AuditEvent.kind))).scalars())
    assert kinds["consultation_given"] == 1 and kinds["restored"] == 1


async def a_form_that_waits(folder: Path) -> UUID:
    async with get_client() as client:
        given = {"acting": "eva@example.org"}
        order = RunOrder(await deployment_id(client, FORM), str(folder), "Avsluta krisläge", given)
        return await create_run(client, replace(order, state=suspended_state("Väntar")))


async def healed(driver: PrefectDriver, newer: list[UUID]) -> tuple[list[str], dict[str, int]]:
    """What became of the runs of the time that is gone, and what a second healing finds to do."""
    async with get_client() as client:
        await heal(driver.engine, client, now())
        driver.worker.fetch_now()
        await _settled(client, driver)
        again = await heal(driver.engine, client, now())
        return await _types(client, newer), again


async def _types(client: PrefectClient, runs: list[UUID]) -> list[str]:
    states = await read_states(client, runs)
    return [states[one].type.value for one in runs]
