"""Papers for the diary."""

from datetime import date, datetime

from anyio import to_thread
from prefect import flow
from prefect.logging import get_run_logger

from acts import chain_digest
from acts.diary import make_papers
from acts.rounds import RoundFailed
from flows.going_rounds import go
from flows.plainly import plainly
from flows.sharing import called
from runtime.clock import now
from runtime.database import installation_engine


@flow(name="diary", flow_run_name=called("Diariet"), persist_result=False)
@plainly
async def diary(
    as_of: date | datetime | None = None, municipalities: list[int] | None = None
) -> dict[str, int]:
    """**Diariet.** Skriver varje beslut som en handling (PDF/A) och skickar den till registratorn.

    En handling skrivs när tiden för att ångra svaret har gått, på arbetstid. Kan datorn inte skriva PDF
    väntar handlingarna, och körningen säger vad som ska installeras. Den första arbetsdagen varje månad
    räknas händelseloggen om, och registratorn får dess sista kontrollsumma.
    """
    found = await go(chain_digest.TELL, as_of=as_of, only=municipalities)
    made = await to_thread.run_sync(make_papers, installation_engine(), now(), as_of, municipalities)
    get_run_logger().info("%d handlingar väntade, %d skrevs.", made.found, made.done)
    if made.failures:
        raise RoundFailed(made)
    return found | {"papers": made.done}
