"""Snapshots."""

from datetime import date, datetime

from anyio import to_thread
from prefect import flow
from prefect.logging import get_run_logger

from acts import documenting
from acts.rounds import RoundFailed
from flows.going_rounds import go
from flows.plainly import plainly
from flows.sharing import called
from runtime.clock import now
from runtime.database import installation_engine
from runtime.settings import settings


@flow(name="documentation", flow_run_name=called("Ögonblicksbilder"), persist_result=False)
@plainly
async def documentation(
    as_of: date | datetime | None = None, municipalities: list[int] | None = None
) -> dict[str, int]:
    """**Ögonblicksbilder.** Sparar en bild av de konton vars tid har kommit, i den form riktlinjen kräver.

    Webbläsaren försöker först. Visar sidan en inloggning, en fråga om samtycke, ett fel eller ett annat
    konto sparas ingen bild: i stället får den som riktlinjen pekar ut frågan i nästa morgonbrev.
    """
    found = await go(documenting.WANT, as_of=as_of, only=municipalities)
    engine, folder = installation_engine(), settings().archive_folder
    taken = await to_thread.run_sync(
        documenting.capture_wanted, engine, documenting.by_browser, now, municipalities
    )
    get_run_logger().info("%d bilder försöktes, %d sparades.", taken.found, taken.done)
    if folder is not None and municipalities is None:
        left = await to_thread.run_sync(documenting.leave_in_archive, engine, folder, now())
        taken.failures += left.failures
    if taken.failures:
        raise RoundFailed(taken)
    return found | {"captured": taken.done}
