"""A whole installation: what it takes when nothing happens, and how soon a click brings the next letter.

By hand, with as many accounts and as long as the goal says:

    .venv/bin/python -m benchmarks.at_work 1000 600
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from threading import Event, Thread

import httpx2
from sqlalchemy import Engine, select
from sqlmodel import col

from benchmarks.installed import Installed, installed, processes_of, wait_for_rest
from benchmarks.peers import stock_seconds
from benchmarks.questions import Form, opened, questions
from benchmarks.schedules import runs_a_day
from benchmarks.starting import PrefectAlone, running, wait_until_ready
from benchmarks.table import text_of
from benchmarks.taken import cpu_seconds, family, share_of_core
from benchmarks.works import Goal, Way, Work
from deployments.postbox import Postbox
from deployments.processes import free_port
from deployments.round_runs import RoundRuns
from models import Message, MessageState, UserTask
from runtime.database import reading

ACCOUNTS = 120
IDLE_SECONDS = 30.0
SETTLES_IN = 10.0
CLICKS = 30
STOCK_TIMES = 2
EMPTY_RUNS = 5
PATIENCE = 60.0
DAY_SECONDS = 24 * 3600
ROUND = "morgonbrev"
EVERY_RUN = "avstamning"
"""Gives every account its run."""
EMPTY = "inaktivitet"
"""A round that has been gone that day, and finds nothing."""


def measure(
    accounts: int = ACCOUNTS,
    idle: float = IDLE_SECONDS,
    clicks: int = CLICKS,
    stock: int = STOCK_TIMES,
) -> Iterator[Work]:
    """Both works, in one installation on SQLite."""
    alone = _prefect_alone(idle)
    with installed(accounts) as here, tempfile.TemporaryDirectory(prefix="kanalvakt-stock-") as folder:
        yield _idleness(here, accounts, idle, alone)
        yield _click_to_letter(here, accounts, clicks, stock_seconds(here.stack, Path(folder), stock))


# ---------------------------------------------------------------- idle


def _prefect_alone(seconds: float) -> float:
    """What share of a core Prefect's server takes that has nothing to do, in percent."""
    with tempfile.TemporaryDirectory(prefix="kanalvakt-prefect-") as folder:
        one = PrefectAlone(Path(folder) / "prefect", free_port())
        with running(one) as process:
            wait_until_ready(one, process)
            time.sleep(SETTLES_IN)
            return share_of_core(family(process.pid), seconds)


def _idleness(here: Installed, accounts: int, seconds: float, alone: float) -> Work:
    time.sleep(SETTLES_IN)
    share = share_of_core(processes_of(here.stack), seconds)
    runs = runs_a_day()
    each = _cpu_of_a_round(here)
    more = share - alone + 100 * each * runs / DAY_SECONDS
    return Work(
        name="Idle",
        where=f"{accounts:,} accounts, {seconds:.0f} s, SQLite",
        ways=(
            Way("Kanalvakt, seconds of processor in a minute", 1, (share * 0.6,)),
            Way("Prefect's server alone", 1, (alone * 0.6,)),
        ),
        goals=(
            Goal("percent of a core more than Prefect's server alone", more, 3.0),
            Goal("Prefect runs a day", runs, 200),
        ),
        remark=(
            f"The rounds' schedules rest meanwhile; what their {runs} runs a day take is added, {each:.2f} s"
            " of processor for each that finds nothing. The rest: the worker asks its database four times a"
            " second whether anybody waits, in one question, and Prefect every fifth, since what people"
            " wait for is fetched at once. The next idea is to hear from Prefect's stream of events that"
            " somebody has started a run, instead of asking. By hand: 1,000 accounts, ten minutes."
        ),
    )


def _cpu_of_a_round(here: Installed) -> float:
    """Seconds of processor, in all processes, for a run that finds nothing to do."""
    with _rounds(here) as rounds:
        as_of = here.world.now
        rounds.go(EMPTY, as_of)
        pids = processes_of(here.stack)
        before, began = cpu_seconds(pids), time.monotonic()
        for _ in range(EMPTY_RUNS):
            rounds.go(EMPTY, as_of)
        busy, lasted = cpu_seconds(pids) - before, time.monotonic() - began
    idle = share_of_core(pids, lasted) * lasted / 100
    return max(0.0, busy - idle) / EMPTY_RUNS


@contextmanager
def _rounds(here: Installed) -> Iterator[RoundRuns]:
    api = here.stack.prefect.address.api_url
    with httpx2.Client(base_url=api, verify=False, trust_env=False, timeout=60) as prefect:
        yield RoundRuns(prefect, time.sleep)


# ---------------------------------------------------------------- from a click to the next letter


def _click_to_letter(here: Installed, accounts: int, clicks: int, stock: Sequence[float]) -> Work:
    asked = questions(here.world, 2 * clicks + 2)
    with _rounds(here) as rounds:
        rounds.go(EVERY_RUN, here.world.now)
    wait_for_rest(here.stack, here.engine)
    with ExitStack() as open_:
        forms = [(one.account_id, opened(open_, f"{here.stack.portal_url}{one.path}")) for one in asked]
        for account_id, form in forms[:2]:
            _seconds(here, account_id, form)
        idle = [_seconds(here, *one) for one in forms[2 : clicks + 2]]
        with _going_rounds(here):
            busy = [_seconds(here, *one) for one in forms[clicks + 2 :]]
    return Work(
        name="From a click to the next letter",
        where=f"{clicks} clicks each, {accounts:,} accounts, SQLite",
        ways=(
            Way("Kanalvakt, idle", 1, tuple(idle)),
            Way("Kanalvakt, while the morning round goes", 1, tuple(busy)),
            Way("stock Prefect worker", 1, tuple(stock)),
        ),
        goals=(
            Goal("seconds idle, in the median", median(idle), 0.7),
            Goal("seconds idle, the slowest", max(idle), 2.0),
            Goal("seconds while a round goes, in the median", median(busy), 0.7),
            Goal("seconds while a round goes, the slowest", max(busy), 2.0),
            Goal(
                "times as fast as a stock Prefect worker", median(stock) / median(idle), 10.0, at_least=True
            ),
        ),
        remark=(
            "From the answer's POST until the mail server has the next decider's letter. The morning round"
            " goes again and again, for one day after another; the first day's letters leave meanwhile. One"
            " interpreter carries round, runs and letters. The next idea is a second worker on the same pool."
        ),
    )


def _seconds(here: Installed, account_id: int, form: Form) -> float:
    """Until the first letter about the account that comes of a click has been accepted."""
    known, began = _letters(here.engine, account_id), time.time()
    form.send()
    deadline = began + PATIENCE
    while not (sent := _letters(here.engine, account_id) - known):
        assert time.time() < deadline, f"no letter about account {account_id}"
        time.sleep(0.02)
    postbox = Postbox(here.stack.folder / "mail")
    letters = postbox.letters(here.world.email("disa").partition("@")[2])
    return min(one.at for one in letters if one.message_id in sent) - began


def _letters(engine: Engine, account_id: int) -> set[str]:
    """Those about an account that have left."""
    rows = (
        select(col(Message.id))
        .outerjoin(UserTask, col(UserTask.id) == col(Message.task_id))
        .where(
            col(Message.state) == MessageState.SENT,
            (col(Message.account_id) == account_id) | (col(UserTask.account_id) == account_id),
        )
    )
    with reading(engine) as session:
        return set(session.execute(rows).scalars())


@contextmanager
def _going_rounds(here: Installed) -> Iterator[None]:
    """Somebody has the morning round gone all the time, for today and the days to come."""
    enough, failed = Event(), list[Exception]()
    thread = Thread(target=partial(_go_rounds, here, enough, failed))
    thread.start()
    try:
        time.sleep(0.5)
        yield
    finally:
        enough.set()
        thread.join()
    if failed:
        raise failed[0]


def _go_rounds(here: Installed, enough: Event, failed: list[Exception]) -> None:
    try:
        with _rounds(here) as rounds:
            for day in _days(here.world.now):
                rounds.go(ROUND, day)
                if enough.is_set():
                    return
    except Exception as error:  # Raised by whoever waits for the thread.
        failed.append(error)


def _days(morning: datetime) -> Iterator[datetime]:
    """That morning and those after it."""
    while True:
        yield morning
        morning += timedelta(days=1)


if __name__ == "__main__":
    for found in measure(int(sys.argv[1]), float(sys.argv[2])):
        print(text_of(found), flush=True)
