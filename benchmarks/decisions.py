"""A decision recorded and followed, beside its own statements and SpiffWorkflow's complete-and-store."""

from collections.abc import Iterator
from functools import partial

from sqlalchemy import Engine, select
from sqlmodel import col

from acts import answering
from acts.looking import look
from acts.work import work
from benchmarks.bare import ask_again, overheard
from benchmarks.databases import KINDS, filled
from benchmarks.peers import peer
from benchmarks.works import Way, Work, ahead, timed, within
from models import Outcome, TaskHolder, TaskKind, UserTask
from runtime.database import reading
from tests.web.world import MONDAY, World

DECISIONS = 100
TIMES = 3
REMARK = (
    "The manager approves, and the account's run asks the next step. Two transactions write the answer, "
    "events of the audit chain with their detail, the next question, its holders and their letters."
)


def measure() -> Iterator[Work]:
    """On both kinds of database; SpiffWorkflow stores in SQLite."""
    for kind in KINDS:
        peers = [peer("spiff", "sqlite://")] if kind == "sqlite" else []
        yield _measured(kind, DECISIONS, TIMES, peers)


def rehearse() -> Iterator[Work]:
    """Two decisions."""
    yield _measured("sqlite", 1, 1, [])


def _measured(kind: str, count: int, times: int, peers: list[Way]) -> Work:
    plans = partial(_apply, count=count * (times + 1))
    with filled(kind, plans) as database, database.copy() as engine, database.copy("bare") as bare:
        waiting = _waiting(engine)
        batches = [waiting[number * count : (number + 1) * count] for number in range(times + 1)]
        both = [_both(engine, bare, batch) for batch in batches][1:]
    ours = Way("Kanalvakt", count, tuple(seconds for seconds, _ in both))
    limit = Way("its own statements", count, tuple(seconds for _, seconds in both))
    goals = (within(8, ours, limit), *(ahead(1, ours, one) for one in peers))
    return Work("Decision recorded and followed", database.name, (ours, limit, *peers), goals, REMARK)


def _apply(engine: Engine, count: int) -> None:
    """So many plans that wait for the manager."""
    world = World(engine)
    for number in range(count):
        account_id = world.draft()
        name = f"bibliotek-{number}"
        world.write(account_id, name=name, address=f"https://www.instagram.com/{name}")
        world.send(account_id)


Waiting = tuple[int, int, int]
"""An account, its question and who is asked."""


def _waiting(engine: Engine) -> list[Waiting]:
    rows = (
        select(col(UserTask.account_id), col(UserTask.id), col(TaskHolder.person_id))
        .join(TaskHolder, col(TaskHolder.task_id) == col(UserTask.id))
        .where(col(UserTask.kind) == TaskKind.DECIDE)
        .order_by(col(UserTask.id))
    )
    with reading(engine) as session:
        return [
            (account_id or 0, task_id, person_id) for account_id, task_id, person_id in session.execute(rows)
        ]


def _both(engine: Engine, bare: Engine, batch: list[Waiting]) -> tuple[float, float]:
    """Ours, and then its statements in another copy that has come as far."""
    with overheard(engine) as heard:
        ours = timed(partial(_decide, engine, batch))
    return ours, timed(partial(ask_again, bare, heard))


def _decide(engine: Engine, batch: list[Waiting]) -> None:
    for account_id, task_id, person_id in batch:
        with work(engine, MONDAY) as session:
            answering.answer(
                session, MONDAY, task_id=task_id, person_id=person_id, outcome=Outcome.APPROVE, via="portal"
            )
        look(engine, account_id, MONDAY)
