"""Going a round as a flow run: done off the event loop, told in the log, failed with the list."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from anyio import to_thread
from prefect.logging import get_run_logger

from acts.overview_words import ROUNDS
from acts.rounds import Report as RoundReport
from acts.rounds import Round, RoundFailed, beat_round, go_round
from acts.shares import Share, shared_out
from flows.sharing import go_shares, this_deployment
from lifecycle.rounds import Failure
from runtime.clock import now
from runtime.database import installation_engine
from runtime.settings import settings

AsOf = date | datetime | None


async def go(*rounds: Round, as_of: AsOf, only: Collection[int] | None = None) -> dict[str, int]:
    """Go some rounds one after another, for all municipalities or `only` some.

    In an installation with more of them than one run takes, the rest are gone by runs of their own, on
    whichever worker is free. Raises RoundFailed when something could not be done, by any of them.
    """
    shares = [] if only is not None or this_deployment() is None else await _shared_out(rounds, as_of)
    if not shares:
        found, failures = await _go(rounds, as_of, only)
    else:
        found, failures = await _go_shared(rounds, as_of, shares)
    if failures:
        raise RoundFailed(RoundReport(failures=failures))
    return found


async def _shared_out(rounds: Sequence[Round], as_of: AsOf) -> list[Share]:
    engine, at_most = installation_engine(), settings().municipalities_a_run
    return await to_thread.run_sync(shared_out, engine, rounds, now(), as_of, at_most)


async def _go(
    rounds: Sequence[Round], as_of: AsOf, only: Collection[int] | None
) -> tuple[dict[str, int], list[Failure]]:
    """All at one instant: the hour of two may strike between them, and the second go without the first."""
    found: dict[str, int] = {}
    failures: list[Failure] = []
    at = now()
    for one in rounds:
        report = await to_thread.run_sync(go_round, installation_engine(), one, at, as_of, only)
        found[one.name] = report.found
        get_run_logger().info("%s: %d kommuner, %d att göra.", ROUNDS[one.name], report.done, report.found)
        failures += report.failures
    return found, failures


async def _go_shared(
    rounds: Sequence[Round], as_of: AsOf, shares: Sequence[Share]
) -> tuple[dict[str, int], list[Failure]]:
    """Gone for all when every share has been gone: only then do the rounds give their sign of life."""
    found = dict.fromkeys((one.name for one in rounds), 0)
    failures: list[Failure] = []

    async def go_here(share: Share) -> None:
        counted, met = await _go(rounds, as_of, share)
        failures.extend(met)
        for name, count in counted.items():
            found[name] += count

    failures += await go_shares(shares, as_of, go_here)
    for one in rounds:
        await to_thread.run_sync(beat_round, installation_engine(), one, now())
    return found, failures
