"""The safety net under everything: accounts and their runs agree again."""

from datetime import datetime

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.logging import get_run_logger

from flows.plainly import plainly
from flows.waking import heal
from runtime.clock import now
from runtime.database import installation_engine


@flow(name="reconcile", flow_run_name="Avstämning", persist_result=False)
@plainly
async def reconcile(as_of: datetime | None = None) -> dict[str, int]:
    """**Avstämning.** Ser till att varje konto har sin körning och att ingen nyhet blir liggande.

    Körningar som avbrutits, tagits bort eller lämnats av en död arbetare ersätts; kontot fortsätter
    där det står enligt Kanalvakts egen databas.
    """
    async with get_client() as client:
        counts = await heal(installation_engine(), client, as_of or now())
    get_run_logger().info("Skapade %(created)d, återupptog %(rescheduled)d, väckte %(woken)d.", counts)
    return counts
