"""The desk: the overviews as artifacts in Prefect, written when what they say has changed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from http.client import NOT_FOUND
from uuid import UUID

from anyio import to_thread
from prefect import flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import ArtifactCreate
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterId,
    DeploymentFilter,
    DeploymentFilterTags,
)
from prefect.exceptions import PrefectHTTPStatusError
from sqlalchemy import Engine

from acts import desk_sheets
from acts.desk_sheets import PROCESS, START, DeskOwner
from acts.overview_words import moment_words
from flows.desk_markdown import FormLink, as_markdown, picture_page, start_page
from flows.plainly import plainly
from runtime.clock import machine_now, now
from runtime.database import installation_engine
from runtime.settings import settings

FORMS = "formular"
"""The tag of the deployments that are forms."""


def key_of(owner: DeskOwner, name: str) -> str:
    """An artifact's key: the municipality and the page."""
    return f"kanalvakt-{owner.slug}-{name}"


async def forms_of(client: PrefectClient) -> list[FormLink]:
    """The forms that are deployed, by name."""
    tagged = DeploymentFilter(tags=DeploymentFilterTags(all_=[FORMS]))
    found = await client.read_deployments(deployment_filter=tagged, limit=200)
    links = [FormLink(_title(one.name), one.description or "", str(one.id)) for one in found]
    return sorted(links, key=lambda one: one.name)


def _title(name: str) -> str:
    return name[:1].upper() + name[1:].replace("-", " ")


async def write_desk(
    engine: Engine, client: PrefectClient, owner: DeskOwner, forms: Sequence[FormLink], at: datetime
) -> int:
    """Write the pages of a municipality that have changed; returns how many.

    The start page comes last, since it leads to the others.
    """
    pages = await to_thread.run_sync(desk_sheets.pages_of, engine, owner, at)
    start_id, portal = _artifact_ids(engine, owner).get(START, ""), settings().portal_url
    texts = {name: as_markdown(name, page, owner, portal, start_id) for name, page in pages.items()}
    written = sum([await _write(engine, client, owner, name, text, at) for name, text in texts.items()])
    picture = await to_thread.run_sync(desk_sheets.picture_of_owner, engine, owner, at)
    draw = partial(picture_page, picture, owner, portal, start_id)
    written += await _write(engine, client, owner, PROCESS, picture.says(), at, draw)
    start = start_page(owner, pages, _artifact_ids(engine, owner), forms, portal, picture)
    return written + await _write(engine, client, owner, START, start, at)


def _artifact_ids(engine: Engine, owner: DeskOwner) -> Mapping[str, str]:
    return {name: one.artifact_id for name, one in desk_sheets.sheets(engine, owner).items()}


async def _write(
    engine: Engine,
    client: PrefectClient,
    owner: DeskOwner,
    name: str,
    text: str,
    at: datetime,
    draw: Callable[[], str] | None = None,
) -> bool:
    """Write one page if its text has changed, as `draw` makes it then; whether it was.

    What cannot be written is given back.
    """
    digest = sha256(text.encode()).hexdigest()
    at_most_every = timedelta(seconds=settings().desk_seconds)
    if not desk_sheets.claim(engine, owner, name, digest, machine_now(), at_most_every):
        return False
    changed = f"\n\nÄndrades senast {moment_words(at, owner.zone, at.date())}."
    try:
        whole = (draw() if draw else text) + changed
        artifact_id = await _put(client, owner, name, whole, _artifact_ids(engine, owner)[name])
    except BaseException:
        desk_sheets.give_back(engine, owner, name)
        raise
    desk_sheets.keep_written(engine, owner, name, artifact_id, digest)
    return True


async def _put(client: PrefectClient, owner: DeskOwner, name: str, text: str, artifact_id: str) -> str:
    """Into the artifact that holds the page, whose address stays; or into a new one if it was deleted."""
    if artifact_id and await _updated(client, artifact_id, text):
        return artifact_id
    empty = ArtifactCreate(key=key_of(owner, name), type="markdown", description="", data="")
    made = await client.create_artifact(empty)
    await _updated(client, str(made.id), text)
    return str(made.id)


async def _updated(client: PrefectClient, artifact_id: str, text: str) -> bool:
    """Write into an artifact; False when it is gone.

    By the server's own path: the client's method also sends an event that holds all of the text, as the
    server does of a page that is born with one, and events are kept where no name may stand.
    """
    try:
        await client.request("PATCH", "/artifacts/{id}", path_params={"id": artifact_id}, json={"data": text})
    except PrefectHTTPStatusError as refused:
        if refused.response.status_code != NOT_FOUND:
            raise
        return False
    return True


async def missing_sheets(engine: Engine, client: PrefectClient, owner: DeskOwner) -> int:
    """Have written again what somebody has deleted in Prefect, or what a new Prefect never had."""
    known = {name: one for name, one in _artifact_ids(engine, owner).items() if one}
    wanted = ArtifactFilter(id=ArtifactFilterId(any_=[UUID(one) for one in known.values()]))
    found = await client.read_artifacts(artifact_filter=wanted, limit=len(known)) if known else []
    there = {str(one.id) for one in found}
    gone = [name for name, one in known.items() if one not in there]
    for name in gone:
        desk_sheets.give_back(engine, owner, name)
    return len(gone)


@flow(name="desk", flow_run_name="Tavlan", persist_result=False)
@plainly
async def desk() -> int:
    """**Tavlan.** Skriver översikterna i Prefect när de har ändrats. Den varma arbetaren gör det själv."""
    engine = installation_engine()
    async with get_client() as client:
        forms = await forms_of(client)
        owners = await to_thread.run_sync(desk_sheets.owners, engine, settings().desk_municipalities)
        for owner in owners:
            await missing_sheets(engine, client, owner)
        return sum([await write_desk(engine, client, owner, forms, now()) for owner in owners])
