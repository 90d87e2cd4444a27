"""The hourly look for what is silent or has failed: its own failure is what the alarm is sent for."""

from datetime import datetime, timedelta

from anyio import to_thread
from prefect import flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from sqlalchemy import Engine

from acts.alarms import said_of
from acts.heartbeats import PORTAL, silent_parts
from acts.silence import silent_rounds
from backups.nightly import silent_backup
from flows.plainly import plainly
from flows.sharing import round_of
from models.plain_errors import Tellable
from runtime.clock import machine_now, now
from runtime.database import installation_engine, reading
from runtime.settings import settings

LONGEST = timedelta(days=1)
CLOCK = ("rond", "system")
"""Tags of what goes by the clock."""


class SomethingIsWrong(Tellable):
    """Rounds that are silent or have failed; the words are the alarm's."""


@flow(name="silence", flow_run_name="Tystnad", persist_result=False)
@plainly
async def silence() -> None:
    """**Tystnad.** Ser efter varje timme om någon rond har varit tyst för länge eller har misslyckats.

    Då misslyckas den här körningen, och Prefect larmar kommunikationsenheten på ett annat sätt än med
    Kanalvakts egna brev. Om den här körningen själv tystnar larmar Prefect också.
    """
    wrong = await to_thread.run_sync(silent_words, installation_engine(), now())
    if settings().backup_folder is not None:
        wrong += await to_thread.run_sync(silent_backup, installation_engine(), now())
    async with get_client() as client:
        wrong += await failed_words(client, await last_look(client))
    if wrong:
        raise SomethingIsWrong(" ".join(wrong))


async def last_look(client: PrefectClient) -> datetime:
    """When the look before this one began, so that nothing falls between two; at most a day back.

    Only a run that has ended has told what it found; one that crashed, or is planned, has not looked.
    """
    looked = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.COMPLETED, StateType.FAILED]))
    )
    own = FlowFilter(name=FlowFilterName(any_=[silence.name]))
    newest = FlowRunSort.START_TIME_DESC
    runs = await client.read_flow_runs(flow_filter=own, flow_run_filter=looked, sort=newest, limit=1)
    began = [run.start_time for run in runs if run.start_time is not None]
    return max([machine_now() - LONGEST, *began])


def silent_words(engine: Engine, at: datetime) -> list[str]:
    """A sentence for each municipality with silent rounds, and for what a living portal tells of itself."""
    with reading(engine) as session:
        silent = silent_parts(session, at)
    portal_is_dead = any(one.part == PORTAL for one in silent)
    return ([said_of(silent)] if portal_is_dead else []) + [
        f"{name}: tyst för länge: {', '.join(rounds)}." for name, rounds in silent_rounds(engine, at).items()
    ]


async def failed_words(client: PrefectClient, since: datetime) -> list[str]:
    """Which rounds have failed since an instant, and how often."""
    wanted = FlowRunFilter(
        tags=FlowRunFilterTags(any_=list(CLOCK)),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.FAILED, StateType.CRASHED])),
        end_time=FlowRunFilterEndTime.model_validate({"after_": since}),
    )
    runs = await client.read_flow_runs(flow_run_filter=wanted, limit=200)
    flows = {run.flow_id: (await client.read_flow(run.flow_id)).name for run in runs}
    names = [_told(run, flows[run.flow_id]) for run in runs if flows[run.flow_id] != silence.name]
    counted = {name: names.count(name) for name in dict.fromkeys(names)}
    return [f"Har misslyckats: {name} ({count})." for name, count in counted.items()]


def _told(run: FlowRun, flow_name: str) -> str:
    """The round as the list of runs calls it; a run gets that name only when it begins."""
    return round_of(run.name) if run.run_count else flow_name
