"""What Prefect need not keep: old runs of the clock, old forms and their results, old versions of pages."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from prefect import flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterKey,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import Artifact, StateType
from prefect.logging import get_run_logger

from acts import desk_sheets
from flows.desk import FORMS
from flows.plainly import plainly
from flows.silence import CLOCK
from runtime.clock import machine_now
from runtime.database import installation_engine
from runtime.settings import settings

CLOCK_KEPT = timedelta(days=3)
"""How long a run of the clock stays that went as it should."""
AT_ONCE = 50
"""As many as the server deletes at once."""
_A_PAGE = 200
_BULK_DELETE: Any = "/flow_runs/bulk_delete"
"""Missing in the paths that the client's types know."""
ENDED = (StateType.COMPLETED, StateType.FAILED, StateType.CRASHED, StateType.CANCELLED)


@flow(name="tidying", flow_run_name="Städning", persist_result=False)
@plainly
async def tidying() -> dict[str, int]:
    """**Städning.** Tar varje natt bort det ur Prefect som ingen behöver längre. Konton rörs aldrig.

    Klockans körningar försvinner efter tre dagar, misslyckade efter en månad. Formulär och deras resultat
    försvinner efter en månad (`KANALVAKT_DESK_KEEP_DAYS`).
    """
    async with get_client() as client:
        deleted = await tidy_up(client, machine_now(), timedelta(days=settings().desk_keep_days))
        deleted["pages"] = await drop_old_pages(client, desk_sheets.artifact_ids(installation_engine()))
    get_run_logger().info("Borttaget: %s", deleted)
    return deleted


async def tidy_up(client: PrefectClient, at: datetime, keep: timedelta) -> dict[str, int]:
    """Delete what has ended long enough before an instant, by Prefect's own clock; how much of what."""
    completed = _ended(CLOCK, [StateType.COMPLETED], at - CLOCK_KEPT)
    clock = await _delete(client, completed) + await _delete(client, _ended(CLOCK, ENDED, at - keep))
    forms = await _delete(client, _ended((FORMS,), ENDED, at - keep))
    return {"clock": clock, "forms": forms, "results": await _drop_results(client, at - keep)}


def _ended(tags: Sequence[str], states: Sequence[StateType], before: datetime) -> FlowRunFilter:
    return FlowRunFilter(
        tags=FlowRunFilterTags(any_=list(tags)),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states))),
        end_time=FlowRunFilterEndTime.model_validate({"before_": before}),
    )


async def _delete(client: PrefectClient, which: FlowRunFilter) -> int:
    """As many at once as the server likes, until none is left."""
    body: dict[str, Any] = {"flow_runs": which.model_dump(mode="json", exclude_unset=True), "limit": AT_ONCE}
    count = 0
    while True:
        answer = await client.request("POST", _BULK_DELETE, json=body)
        deleted = len(answer.json()["deleted"])
        count += deleted
        if deleted < AT_ONCE:
            return count


async def _drop_results(client: PrefectClient, before: datetime) -> int:
    """What forms came to: by its own age, since its run may have been deleted long before."""
    found = await _artifacts(client, None)
    old = [one for one in found if one.flow_run_id is not None and one.created and one.created < before]
    return await _drop(client, old)


async def drop_old_pages(client: PrefectClient, current: set[str]) -> int:
    """Versions of the desk's pages that are not the one being written to."""
    ours = await _artifacts(client, ArtifactFilter(key=ArtifactFilterKey(like_="kanalvakt-%")))
    return await _drop(
        client, [one for one in ours if one.flow_run_id is None and str(one.id) not in current]
    )


async def _artifacts(client: PrefectClient, which: ArtifactFilter | None) -> list[Artifact]:
    """All of them, page by page."""
    found: list[Artifact] = []
    while True:
        some = await client.read_artifacts(artifact_filter=which, limit=_A_PAGE, offset=len(found))
        found += some
        if len(some) < _A_PAGE:
            return found


async def _drop(client: PrefectClient, artifacts: Sequence[Artifact]) -> int:
    for one in artifacts:
        await client.delete_artifact(one.id)
    return len(artifacts)
