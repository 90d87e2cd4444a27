"""A decision recorded and followed, beside its own statements and SpiffWorkflow's complete-and-store."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice

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

DECISIONS = 50
TIMES = 3
RECORDED = (
    "One transaction: the answer and its reason, the event of the audit chain, the links that die. Two"
    " thirds of the time are SQLAlchemy's, for seventeen statements. SpiffWorkflow stores one row, and asks"
    " of nobody whether they may answer. The next idea is account, question and policy read by one statement."
)
FOLLOWED = (
    "Two transactions: the manager's approval, and then the account's own run, which asks the next step: "
    "another event, question, holders and letters. Most of the time is SQLAlchemy's, for forty statements; "
    "the next idea is one question for all that a look reads of an account."
)


def measure() -> Iterator[Work]:
    """On both kinds of database; SpiffWorkflow stores in SQLite."""
    for kind in KINDS:
        yield from _measured(kind, DECISIONS, TIMES, [peer("spiff", "sqlite://")] if kind == "sqlite" else [])


def rehearse() -> Iterator[Work]:
    """Two decisions of each kind."""
    yield from _measured("sqlite", 1, 1, [])


def _measured(kind: str, count: int, times: int, peers: Sequence[Way]) -> Iterator[Work]:
    plans = partial(_apply, count=2 * count * (times + 1))
    with filled(kind, plans) as database, database.copy() as engine, database.copy("bare") as bare:
        waiting = iter(_waiting(engine))
        for name, decide, remark in KIND_OF_WORK:
            both = [_both(engine, bare, decide, list(islice(waiting, count))) for _ in range(times + 1)][1:]
            ours = Way("Kanalvakt", count, tuple(seconds for seconds, _ in both))
            limit = Way("its own statements", count, tuple(seconds for _, seconds in both))
            goals = (within(8, ours, limit), *(ahead(1, ours, one) for one in peers))
            yield Work(name, database.name, (ours, limit, *peers), goals, remark)


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


Decide = Callable[[Engine, Waiting], None]


def _both(engine: Engine, bare: Engine, decide: Decide, batch: Sequence[Waiting]) -> tuple[float, float]:
    """Ours, and then its statements in another copy that has come as far."""

    def all_of_them() -> None:
        for one in batch:
            decide(engine, one)

    with overheard(engine) as heard:
        ours = timed(all_of_them)
    return ours, timed(partial(ask_again, bare, heard))


def _decline(engine: Engine, waiting: Waiting) -> None:
    _answer(engine, waiting, Outcome.DECLINE, "Enheten har redan ett konto för de unga.")


def _approve(engine: Engine, waiting: Waiting) -> None:
    _answer(engine, waiting, Outcome.APPROVE)
    look(engine, waiting[0], MONDAY)


def _answer(engine: Engine, waiting: Waiting, outcome: Outcome, reason: str = "") -> None:
    _, task_id, person_id = waiting
    with work(engine, MONDAY) as session:
        answering.answer(
            session,
            MONDAY,
            task_id=task_id,
            person_id=person_id,
            outcome=outcome,
            reason=reason,
            via="portal",
        )


KIND_OF_WORK: Sequence[tuple[str, Decide, str]] = (
    ("Decision recorded", _decline, RECORDED),
    ("Decision recorded and followed", _approve, FOLLOWED),
)
