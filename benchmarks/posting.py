"""The posting round: every account is looked at on a platform that takes its time, and then judged."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, insert, select
from sqlmodel import col

from acts.posting import AT_ONCE, looking
from acts.rounds import go_round
from benchmarks.databases import Filled, filled
from benchmarks.town import MORNING, Size, fill
from benchmarks.works import Way, Work, timed, within
from connectors.sights import Observation, Subject
from models import Account, AccountSource, SightState
from models import Observation as Kept
from runtime.database import reading, writing

ACCOUNTS = 10_000
HOSTS = 10
ANSWERS_IN = 0.05
TIMES = 2
NIGHT = MORNING + timedelta(days=6, hours=-3)
"""A Monday morning a little past five in Stockholm."""
REMARK = (
    "The platform stands at the seam of the connectors. A real one is asked by one at a time for each server,"
    " with a second between two questions, which no round may hurry; that comes on top and is theirs."
    " Beside the answers, accounts and how they are read are read as mapped rows, judged and written."
    " Next idea: to judge an account as soon as its platform has answered, while others are waited for."
)


def measure(accounts: int = ACCOUNTS, at_once: int = AT_ONCE, times: int = TIMES) -> Iterator[Work]:
    """One municipality's round, on SQLite."""
    with filled("sqlite", lambda engine: _fill(engine, accounts)) as full:
        seconds = tuple(_seconds(full, accounts, at_once) for _ in range(times))
    ours = Way("Kanalvakt", accounts, seconds)
    limit = Way("the answers alone, reckoned", accounts, (accounts * ANSWERS_IN / at_once,))
    yield Work(
        name="Posting round",
        where=f"{accounts:,} accounts on {HOSTS} hosts that answer in 50 ms, {at_once} at a time, SQLite",
        ways=(ours, limit),
        goals=(within(1.3, ours, limit),),
        remark=REMARK,
    )


def rehearse() -> Iterator[Work]:
    """With hardly anything."""
    yield from measure(accounts=10, at_once=5, times=1)


def _fill(engine: Engine, accounts: int) -> None:
    """Accounts that have been looked at before."""
    fill(engine, Size(accounts))
    with writing(engine) as session:
        ids = session.execute(select(col(Account.id))).scalars()
        session.execute(insert(AccountSource), [{"account_id": one, "platform_id": str(one)} for one in ids])


def _seconds(full: Filled, accounts: int, at_once: int) -> float:
    round_ = looking(lambda _: _answer, at_once)
    with full.copy() as engine:
        seconds = timed(lambda: _go(lambda: go_round(engine, round_, NIGHT).failures))
        assert _looks(engine) == accounts
    return seconds


def _go(failures: Callable[[], Sequence[object]]) -> None:
    assert not failures()


def _looks(engine: Engine) -> int:
    with reading(engine) as session:
        counted = select(func.count()).where(col(Kept.checked_at) >= NIGHT)
        found: int = session.execute(counted).scalar_one()
    return found


def _answer(subject: Subject, since: datetime | None, now: datetime) -> Observation:
    """As a platform answers on which something was posted yesterday; each host has a place of its own."""
    time.sleep(ANSWERS_IN)
    host = f"https://{hash(subject.address) % HOSTS}.example.org"
    yesterday = now - timedelta(days=1)
    return Observation(
        SightState.OK, now, "bench", count=1, complete=True, latest_at=yesterday, latest_url=f"{host}/1"
    )
