"""A whole installation with so many accounts, each with its run, and people who have links in their hands."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import monotonic, sleep
from zoneinfo import ZoneInfo

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from sqlalchemy import Engine, func, select
from sqlmodel import col

from benchmarks.taken import family
from benchmarks.town import Size, fill
from deployments.moved_clock import MovedClock
from deployments.stack import ASKS_SELDOM, WANTED_PORTS, Stack
from flows.account_lifecycle import account_lifecycle
from lifecycle.working_days import local_day
from models import Account, Message, MessageState
from runtime.clock import machine_now
from runtime.database import make_engine, reading
from tests.web.world import World

PATIENCE = 1200.0
ZONE, _SATURDAY = "Europe/Stockholm", 5


@dataclass(frozen=True)
class Installed:
    """A stack that runs, its database, and the municipality in which somebody decides."""

    stack: Stack
    engine: Engine
    world: World


@contextmanager
def installed(accounts: int) -> Iterator[Installed]:
    """On free ports, on the morning of the next working day; everything rests when it is given."""
    with tempfile.TemporaryDirectory(prefix="kanalvakt-stack-") as folder:
        clock = MovedClock.starting(Path(folder) / "clock", _next_morning())
        ports, as_in_use = dict.fromkeys(WANTED_PORTS, 0), {"arbetare": ASKS_SELDOM}
        stack = Stack(Path(folder) / "stack", ports, as_in_use, clock)
        stack.migrate()
        engine = make_engine(stack.database_url)
        fill(engine, Size(accounts))
        with stack:
            wait_for_rest(stack, engine)
            yield Installed(stack, engine, World(engine, now=clock.now()))
        engine.dispose()


def _next_morning() -> datetime:
    """A little past eight on a working day to come, in Swedish winter or summer: letters may leave."""
    day = machine_now() + timedelta(days=1)
    while local_day(day, ZONE).weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return datetime.combine(local_day(day, ZONE), time(8, 1), ZoneInfo(ZONE)).astimezone(UTC)


def wait_for_rest(stack: Stack, engine: Engine) -> None:
    """Until every account has its run, no run goes, and no letter is on its way."""
    deadline = monotonic() + PATIENCE
    with stack.prefect.address.client() as client:
        while _unseen(engine) or _going(client):
            if monotonic() > deadline:
                raise TimeoutError(
                    f"{_unseen(engine)} accounts and letters, {_going(client)} runs do not rest"
                )
            sleep(1.0)


def _unseen(engine: Engine) -> int:
    account = (col(Account.news) > col(Account.seen)) | col(Account.flow_run_id).is_(None)
    letter = col(Message.state).in_((MessageState.QUEUED, MessageState.SENDING))
    accounts = select(func.count()).select_from(Account).where(account)
    letters = select(func.count()).select_from(Message).where(letter)
    with reading(engine) as session:
        return sum(int(session.execute(one).scalar_one()) for one in (accounts, letters))


def _going(client: SyncPrefectClient) -> int:
    types = [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING]
    runs = client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=[account_lifecycle.name])),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=types)),
        ),
        limit=200,
    )
    return len(runs)


def processes_of(stack: Stack) -> set[int]:
    """All that the stack has started, and what that started."""
    pids = [part.process.pid for part in stack.parts.values() if part.process is not None]
    return {one for pid in [*pids, stack.prefect.pid or 0] for one in family(pid)}
