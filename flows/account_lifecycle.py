"""One account, from plan to closure: the process that everything else serves."""

from typing import Any
from uuid import UUID

from prefect import flow, runtime
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Completed

from acts import looking
from acts.faces import face_of
from flows.plainly import plainly
from flows.suspension import suspend
from lifecycle import process
from runtime.clock import now
from runtime.database import installation_engine as engine


@flow(name="account_lifecycle", persist_result=False)
@plainly
async def account_lifecycle(account_id: int) -> State[Any]:
    """**Ett konto, från plan till avslut.**

    Ansökan → beslut enligt riktlinjens kedja → iordningställande → aktivt → avslut. Körningen väntar
    på människor under ett namn som säger vad som väntas. Allt som händer kontot står i Kanalvakts egen
    databas: att pausa, återuppta, avbryta eller ta bort körningen här ändrar ingenting för kontot.
    """
    if not looking.takes_run(engine(), account_id, runtime.flow_run.id):
        return Completed(name="Ersatt", message="Kontot har en annan körning.")
    while True:
        saw = looking.news_of(engine(), account_id)
        waits_for = (
            application_plan(account_id)
            or decisions(account_id)
            or setting_up(account_id)
            or active_life(account_id)
            or closure(account_id)
        )
        shown = looking.finish(engine(), account_id, waits_for, saw, now())
        await _keep_face(account_id)
        get_run_logger().info(shown)
        if waits_for is None:
            return Completed(name=shown)
        await suspend(shown, still_waiting=lambda: not looking.has_news(engine(), account_id))


async def _keep_face(account_id: int) -> None:
    """The run is called and found by the account's unit and platform, also when they have changed."""
    name, wanted = face_of(engine(), account_id)
    if name != runtime.flow_run.name or not set(wanted) <= set(runtime.flow_run.tags):
        async with get_client() as client:
            tags = sorted({*wanted, "konto"})
            await client.update_flow_run(UUID(runtime.flow_run.id), name=name, tags=tags)


def application_plan(account_id: int) -> str | None:
    """The applicant writes the plan and sends it."""
    return looking.take(engine(), account_id, process.application_plan, now())


def decisions(account_id: int) -> str | None:
    """Decisions, consultations and approvals, as the policy chains them."""
    return looking.take(engine(), account_id, process.decisions, now())


def setting_up(account_id: int) -> str | None:
    """The checklist before the account is opened."""
    return looking.take(engine(), account_id, process.setting_up, now())


def active_life(account_id: int) -> str | None:
    """The account is active; its people change."""
    return looking.take(engine(), account_id, process.active_life, now())


def closure(account_id: int) -> str | None:
    """The account is closed in good order."""
    return looking.take(engine(), account_id, process.closure, now())
