"""Mail that comes back."""

from datetime import date, datetime

from anyio import to_thread
from prefect import flow
from prefect.logging import get_run_logger

from acts import returned_mail as acts
from connectors.mailboxes import NotReachable
from flows.going_rounds import go
from flows.plainly import plainly
from flows.sharing import called
from runtime.clock import now
from runtime.database import installation_engine
from runtime.settings import settings


@flow(name="returned_mail", flow_run_name=called("Post som kommer tillbaka"), persist_result=False)
@plainly
async def returned_mail(
    as_of: date | datetime | None = None, municipalities: list[int] | None = None
) -> dict[str, int]:
    """**Post som kommer tillbaka.** Läser brevlådan för returer och gör det som följer.

    Ett brev som inte kom fram blir en uppgift hos kommunikation, ett frånvarosvar ett förslag, och ett svar
    skickas vidare. Inget i ett brev avgör något. Går brevlådan inte att nå görs ändå det som följer av det
    som redan är läst, och körningen säger sedan varför. För en annan dag än i dag läses brevlådan inte.
    """
    unreachable: Exception | None = None
    found: dict[str, int] = {}
    try:
        reads = as_of is None and municipalities is None
        found = dict(await to_thread.run_sync(_read)) if reads else {}
    except NotReachable as error:
        unreachable = error
    followed = await go(acts.FOLLOW, as_of=as_of, only=municipalities)
    if unreachable is not None:
        raise unreachable
    get_run_logger().info("Lästa brev: %s.", found or "inga nya")
    return followed | found


def _read() -> dict[str, int]:
    engine, at = installation_engine(), now()
    acts.forget_counted(engine, at)
    return acts.read_mailbox(engine, settings(), at)
