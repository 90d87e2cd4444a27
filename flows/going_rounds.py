"""Going a round as a flow run: done off the event loop, told in the log, failed with the list."""

from datetime import date, datetime

from anyio import to_thread
from prefect.logging import get_run_logger

from acts.rounds import Round, RoundFailed, go_round
from runtime.clock import now
from runtime.database import installation_engine


async def go(*rounds: Round, as_of: date | datetime | None) -> dict[str, int]:
    """Go some rounds one after another; raises RoundFailed when something could not be done."""
    found: dict[str, int] = {}
    failed: list[RoundFailed] = []
    for one in rounds:
        report = await to_thread.run_sync(go_round, installation_engine(), one, now(), as_of)
        found[one.name] = report.found
        get_run_logger().info("%s: %d kommuner, %d att göra.", one.name, report.done, report.found)
        if report.failures:
            failed.append(RoundFailed(report))
    if failed:
        raise failed[0]
    return found
