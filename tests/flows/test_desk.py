"""The desk in a real Prefect: pages that change with what happens, alarms, and no more rows than needed."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import yaml
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import ArtifactCreate
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterKey,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import Artifact, State
from prefect.states import Completed, Crashed, Failed, Running, Scheduled
from pytest_httpserver import HTTPServer

from acts import desk_sheets, watching
from acts.desk_sheets import DeskOwner
from deployments import automations
from deployments.automations import FAILED, SILENT, set_alarms
from deployments.prefect_server import PrefectServer, deploy_all
from flows import desk, silence
from flows.desk import missing_sheets, write_desk
from flows.desk_markdown import FormLink, escaped
from flows.silence import failed_words
from flows.tidying import ENDED, drop_old_pages, tidy_up
from flows.wake import RunOrder, create_run, deployment_id
from runtime.database import make_engine
from tests.lifecycle.test_watching import WatchedTown
from tests.prefect_server_fixture import ROOT

FORMS = [
    FormLink("Avsluta konto", "Avslutar ett konto i god ordning.", "6f0c2a52-0000-0000-0000-000000000000")
]
PAGES = {"idag", "register", "beslut", "forsenat", "publicering", "utan-ersattare", "arenden", "regler"}
KEEP = timedelta(days=30)
_EVENTS: Any = "/events/filter"


def in_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """A test that waits for Prefect."""

    @wraps(test)
    def run(*args: Any, **given: Any) -> None:
        asyncio.run(test(*args, **given))

    return run


class Minutes:
    """The clock of the machine, as far as the desk asks it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 12, 2, 7, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def minutes(monkeypatch: pytest.MonkeyPatch) -> Minutes:
    clock = Minutes()
    monkeypatch.setattr(desk, "machine_now", clock)
    return clock


@pytest.fixture
def town(sqlite_url: str) -> WatchedTown:
    town = WatchedTown(engine=make_engine(sqlite_url))
    town.at(2, 8)
    return town


def owner_of(town: WatchedTown) -> DeskOwner:
    [owner] = desk_sheets.owners(town.engine, "")
    return owner


async def write(town: WatchedTown, client: PrefectClient) -> int:
    return await write_desk(town.engine, client, owner_of(town), FORMS, town.now)


async def pages(client: PrefectClient) -> dict[str, Artifact]:
    ours = ArtifactFilter(key=ArtifactFilterKey(like_="kanalvakt-exempelby-%"))
    found = await client.read_artifacts(artifact_filter=ours, limit=200)
    return {str(one.key).removeprefix("kanalvakt-exempelby-"): one for one in found}


@pytest.fixture(autouse=True)
def empty(prefect_server: PrefectServer) -> Iterator[None]:
    """No pages of another test."""
    yield
    with prefect_server.address.client() as client:
        for one in client.read_artifacts(limit=200):
            client.delete_artifact(one.id)


@in_a_loop
async def test_ten_pages_written_once_and_again_when_they_say_something_else(
    prefect_server: PrefectServer, town: WatchedTown, minutes: Minutes
) -> None:
    async with get_client() as client:
        assert await write(town, client) == 10
        first = await pages(client)
        assert set(first) == PAGES | {"start", "processen"}
        assert await write(town, client) == 0, "at most once a minute"
        minutes.at += timedelta(minutes=1)
        assert await write(town, client) == 8, "now they lead to the start page"
        minutes.at += timedelta(minutes=1)
        assert await write(town, client) == 0, "nothing has changed"
        town.go(watching.ASK)
        assert await write(town, client) == 4, "today, the rules, the picture and the start page"
        second = await pages(client)
        assert {name: one.id for name, one in second.items()} == {n: one.id for n, one in first.items()}
        assert "Elin, Omar" in str(second["idag"].data) and "Elin, Omar" not in str(first["idag"].data)
        said = await client.request("POST", _EVENTS, json={"filter": {"event": {"prefix": ["prefect"]}}})
        named = [one["event"] for one in said.json()["events"] if "Elin" in str(one)]
        assert named == [], "no name of a person stands in an event"


@in_a_loop
async def test_the_start_page_leads_to_all_pages_forms_and_runs_and_says_what_buttons_do(
    prefect_server: PrefectServer, town: WatchedTown, minutes: Minutes
) -> None:
    async with get_client() as client:
        await write(town, client)
        found = await pages(client)
        start = str(found["start"].data)
    for name in PAGES:
        assert f"/v2/artifacts/artifact/{found[name].id}" in start
    assert f"/v2/deployments/deployment/{FORMS[0].deployment_id}/run" in start
    assert "tags=exempelby&start=2020" in start, "an account that has not moved for years is listed"
    assert "/v2/runs?tags=formular&start=2020" in start, "a form that was sent is found the next day"
    assert all(f"| {button} | " in start for button in BUTTONS)
    assert "Inget godkänns" in start
    assert _row_of("Cancel", start).endswith(_NOT_TAKEN_BACK)
    assert _row_of("Delete", start).endswith(_NOT_TAKEN_BACK)


BUTTONS = (
    *(
        "Submit",
        "(Optional)",
        "Run Name, Additional Options",
        "Enforce Parameter Schema",
        "Start: Now, Later",
    ),
    *("Resume", "Cancel", "Delete", "Retry", "Change state", "Copy to new run"),
)
"""As Prefect 3.9.1 writes them on the pages of a form and of a run."""
_NOT_TAKEN_BACK = "Det du bad om i ett formulär tas inte tillbaka: svara nej med länken i brevet. |"


def _row_of(button: str, page: str) -> str:
    [row] = [line for line in page.splitlines() if line.startswith(f"| {button} |")]
    return row


@in_a_loop
async def test_the_way_to_the_rounds_leads_to_those_that_have_gone(
    prefect_server: PrefectServer, town: WatchedTown, minutes: Minutes
) -> None:
    """And not to dozens that are planned."""
    async with get_client() as client:
        await write(town, client)
        start = str((await pages(client))["start"].data)
    address = start.partition("[Ronderna](")[2].partition(")")[0]
    asked = {name: one[0] for name, one in parse_qs(urlsplit(address).query).items()}
    assert (asked["tags"], asked["start"][:4]) == ("rond", "2020")
    gone = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED", "RUNNING"}
    assert set(json.loads(asked["state-types"])) == gone


@in_a_loop
async def test_a_deleted_page_comes_back(
    prefect_server: PrefectServer, town: WatchedTown, minutes: Minutes
) -> None:
    async with get_client() as client:
        await write(town, client)
        lost = (await pages(client))["beslut"]
        await client.delete_artifact(lost.id)
        assert await missing_sheets(town.engine, client, owner_of(town)) == 1
        minutes.at += timedelta(minutes=1)
        await write(town, client)
        assert (await pages(client))["beslut"].id != lost.id


@in_a_loop
async def test_what_prefect_refused_is_written_the_next_time(
    prefect_server: PrefectServer, town: WatchedTown, minutes: Minutes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> str:
        raise ConnectionError("away")

    async with get_client() as client:
        with monkeypatch.context() as away:
            away.setattr(desk, "_put", refuse)
            with pytest.raises(ConnectionError):
                await write(town, client)
        assert await write(town, client) == 10


def test_a_name_cannot_draw_links_or_break_the_table() -> None:
    assert escaped("a|b [x](http://y)\n<b>") == r"a\|b \[x\]\(http://y\) \<b\>"


@in_a_loop
async def test_a_month_of_the_clock_leaves_few_rows(
    prefect_server: PrefectServer, town: WatchedTown, minutes: Minutes
) -> None:
    """Old runs, old results and old versions go; a failed run stays for a month; accounts are not touched."""
    database = prefect_server.log_file.parent / "prefect.db"
    async with get_client() as client:
        kept = await _run(client, "konto", Completed())
        for day in range(30):
            for tag in ("rond", "rond", "rond", "system"):
                await _run(client, tag, Completed())
            if day == 2:
                await _run(client, "rond", Failed())
            form = await _run(client, "formular", Completed())
            await client.create_artifact(
                ArtifactCreate(key="kanalvakt-resultat", type="markdown", data="Klart", flow_run_id=form)
            )
            town.now += timedelta(days=1)
            minutes.at += timedelta(days=1)
            await write(town, client)
            _a_day_passes(database)
            await tidy_up(client, datetime.now(UTC), KEEP)
            await drop_old_pages(client, desk_sheets.artifact_ids(town.engine))
        assert len(await pages(client)) == 10
        assert await _count(client, "rond") == 2 * 3 + 1, "two whole days, and the one that failed"
        assert await _count(client, "system") == 2, "what Kanalvakt does for itself goes as the rounds do"
        assert await _count(client, "formular") == 29
        results = ArtifactFilter(key=ArtifactFilterKey(any_=["kanalvakt-resultat"]))
        assert len(await client.read_artifacts(artifact_filter=results, limit=200)) == 29
        assert (await client.read_flow_run(kept)).id == kept


async def _run(client: PrefectClient, tag: str, state: State[Any]) -> UUID:
    order = RunOrder(await deployment_id(client, "plain/plain"), key=f"{tag}{datetime.now(UTC)}", name=tag)
    run = await client.create_flow_run_from_deployment(
        order.deployment_id, parameters={"folder": ""}, name=order.name, tags=[tag], state=state
    )
    return run.id


async def _count(client: PrefectClient, tag: str) -> int:
    """Runs that have ended; what the schedules plan is the server's own."""
    ended = FlowRunFilterState(type=FlowRunFilterStateType(any_=list(ENDED)))
    wanted = FlowRunFilter(tags=FlowRunFilterTags(any_=[tag]), state=ended)
    return len(await client.read_flow_runs(flow_run_filter=wanted, limit=200))


def _a_day_passes(database: Path) -> None:
    """For Prefect's own clock cannot be moved: everything that has ended did so a day earlier."""
    with sqlite3.connect(database, timeout=30) as connection:
        connection.execute(
            "UPDATE flow_run SET end_time = strftime('%Y-%m-%d %H:%M:%f000', end_time, '-1 day') "
            "WHERE end_time IS NOT NULL"
        )
        connection.execute(
            "UPDATE artifact SET created = strftime('%Y-%m-%d %H:%M:%f000', created, '-1 day') "
            "WHERE flow_run_id IS NOT NULL"
        )


@in_a_loop
async def test_a_failed_watch_over_the_rounds_is_an_alarm_by_another_way(
    prefect_server: PrefectServer, the_watch: None, tmp_path: Path, httpserver: HTTPServer
) -> None:
    """Communications hears of it by another way than our letters (REQUIREMENTS 4.9)."""
    httpserver.expect_oneshot_request("/larm", method="POST").respond_with_json({})
    for _ in range(2):
        await asyncio.to_thread(set_alarms, httpserver.url_for("/larm"))
    async with get_client() as client:
        assert [len(await client.read_automations_by_name(name)) for name in (FAILED, SILENT)] == [1, 1]
        order = RunOrder(await deployment_id(client, "silence/tystnad"), key=str(tmp_path), name="tystnad")
        run_id = await create_run(client, order)
        said = "Exempelby kommun: tyst för länge: Bevakning, morgon."
        with httpserver.wait(raise_assertions=True, stop_on_nohandler=False, timeout=20):
            await client.set_flow_run_state(run_id, Failed(message=said), force=True)
        [(request, _)] = httpserver.log
        assert request.json == {"subject": FAILED, "body": said}
        await asyncio.to_thread(set_alarms, "")
        assert [await client.read_automations_by_name(name) for name in (FAILED, SILENT)] == [[], []]


@pytest.fixture(scope="session")
def the_watch(prefect_server: PrefectServer, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The watch over the rounds, deployed without its schedule."""
    whole = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))
    only = [one for one in whole["deployments"] if one["name"] == "tystnad"]
    for one in only:
        del one["schedules"]
    file = tmp_path_factory.mktemp("watch") / "prefect.yaml"
    file.write_text(yaml.safe_dump({"name": "prov", "pull": [], "deployments": only}), "utf-8")
    deploy_all(file, prefect_server.address.environment() | {"PYTHONPATH": str(ROOT)})


@in_a_loop
async def test_what_failed_since_the_look_before_is_told_though_later_looks_are_planned(
    prefect_server: PrefectServer, the_watch: None
) -> None:
    """The look before began five hours ago, and nothing that failed since may fall between."""
    async with get_client() as client:
        watch = await deployment_id(client, "silence/tystnad")
        for run in await client.read_flow_runs(flow_filter=FlowFilter(name=FlowFilterName(any_=["silence"]))):
            await client.delete_flow_run(run.id)
        began = {
            await _look(client, watch, Completed()): 9,
            (before := await _look(client, watch, Failed())): 5,
            await _look(client, watch, Crashed()): 2,
            await _look(client, watch, Running()): 0,
        }
        for hours in range(1, 5):
            await _look(client, watch, Scheduled(scheduled_time=datetime.now(UTC) + timedelta(hours=hours)))
        failed = await _run(client, "rond", Failed())
        _hours_pass(prefect_server.log_file.parent / "prefect.db", began | {failed: 3})
        since = await silence.last_look(client)
        assert since == (await client.read_flow_run(before)).start_time
        assert await failed_words(client, since) == ["Har misslyckats: plain (1)."]
        for run_id in [*began, failed]:
            await client.delete_flow_run(run_id)
        assert datetime.now(UTC) - await silence.last_look(client) >= timedelta(hours=23)


async def _look(client: PrefectClient, watch: UUID, state: State[Any]) -> UUID:
    """A run of the watch over the rounds, which has begun unless it is planned."""
    run = await client.create_flow_run_from_deployment(watch)
    if not state.is_scheduled():
        await client.set_flow_run_state(run.id, Running(), force=True)
    await client.set_flow_run_state(run.id, state, force=True)
    return run.id


def _hours_pass(database: Path, hours: Mapping[UUID, int]) -> None:
    """Each run began, and ended, so many hours earlier."""
    moved = ", ".join(
        f"{name} = strftime('%Y-%m-%d %H:%M:%f000', {name}, :ago)" for name in ("start_time", "end_time")
    )
    with sqlite3.connect(database, timeout=30) as connection:
        for run, ago in hours.items():
            given = {"ago": f"-{ago} hours", "run": str(run)}
            assert connection.execute(f"UPDATE flow_run SET {moved} WHERE id = :run", given).rowcount == 1


@in_a_loop
async def test_silence_is_told_one_interval_after_the_last_sign_of_life(
    prefect_server: PrefectServer, the_watch: None, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the webhook, and never while signs of life come (REQUIREMENTS 4.9)."""
    httpserver.expect_request("/larm", method="POST").respond_with_json({})
    monkeypatch.setattr(automations, "SILENT_FOR", timedelta(seconds=INTERVAL))
    async with get_client() as client:
        watch = await deployment_id(client, "silence/tystnad")
        await asyncio.to_thread(set_alarms, httpserver.url_for("/larm"))
        for _ in range(4):
            await client.delete_flow_run(await _look(client, watch, Completed()))
            last = time.monotonic()
            await asyncio.sleep(INTERVAL / 3)
        assert httpserver.log == []
        while not httpserver.log and time.monotonic() < last + INTERVAL + PREFECT_LOOKS_EVERY:
            await asyncio.sleep(0.1)
        waited = time.monotonic() - last
        await asyncio.to_thread(set_alarms, "")
    [(request, _)] = httpserver.log
    assert (request.json["subject"], waited > INTERVAL) == (SILENT, True)


INTERVAL, PREFECT_LOOKS_EVERY = 10, 7
"""Seconds; Prefect looks for silence every five, and sends a moment later."""


@in_a_loop
async def test_failed_rounds_are_counted(prefect_server: PrefectServer) -> None:
    async with get_client() as client:
        since = datetime.now(UTC)
        await _run(client, "rond", Failed())
        await _run(client, "rond", Completed())
        assert await failed_words(client, since) == ["Har misslyckats: plain (1)."]


@in_a_loop
async def test_an_alarm_calls_a_round_what_the_list_of_runs_does(prefect_server: PrefectServer) -> None:
    """Its title, whole or share, and not the name that it has in the code."""
    async with get_client() as client:
        since = datetime.now(UTC)
        runs = [await _run(client, "rond", Running()) for _ in range(2)]
        for run, name in zip(runs, ("Bevakning", "Bevakning: kommunerna 1–5"), strict=True):
            await client.update_flow_run(run, name=name)
            await client.set_flow_run_state(run, Failed(), force=True)
        assert await failed_words(client, since) == ["Har misslyckats: Bevakning (2)."]
        for run in runs:
            await client.delete_flow_run(run)
