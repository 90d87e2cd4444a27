"""The rounds of a morning, beside the same rows by bare statements, and what one could use instead."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from sqlalchemy import Engine

from acts import watching
from acts.round_list import ROUNDS
from acts.rounds import Round, go_round
from benchmarks.bare import ask_again, overheard, write_watch
from benchmarks.databases import KINDS, Filled, filled
from benchmarks.peers import peer
from benchmarks.town import MORNING, Size, fill
from benchmarks.works import Way, Work, ahead, timed, within

SWEDEN = Size(100_000, 290)
"""As many municipalities as there are, each with three times the accounts that one has."""
WATCH = (watching.ASK, watching.TELL)
LOOK_OUTSIDE = ("posting", "handles")
"""What they take is what the platforms take; the posting round is measured with one that answers."""
TIMES = {"sqlite": 3, "postgresql": 2}
IDLE = (
    "Next to nothing is due, and what is left is a transaction for each municipality, of some ten short "
    "statements through SQLAlchemy. The next idea is one question for all: who has anything due at all."
)
ONE_PROCESS = (
    "Ours goes municipality by municipality, in one process that waits for the database, while its peers "
    "have many threads and connections. An installation of many shares the round out among its workers. "
    "The next idea is holders and letters by INSERT … SELECT as well, where nobody is away."
)
CHECKING = (
    "Some seventy questions for each municipality, which are built anew each time. The next idea is to "
    "build each once (`models.asking.built_once`)."
)


def measure() -> Iterator[Work]:
    """The watch on both kinds of database, beside its peers; the other rounds on SQLite."""
    for kind in KINDS:
        with filled(kind, partial(fill, size=SWEDEN)) as database:
            peers = [_peer(database, name) for name in ("dbos", "prefect")]
            yield _watch(database, SWEDEN, TIMES[kind], peers)
            if kind == "sqlite":
                yield from _others(database, SWEDEN)


def rehearse() -> Iterator[Work]:
    """Six accounts, on SQLite."""
    size = Size(6, 2)
    with filled("sqlite", partial(fill, size=size)) as database:
        yield _watch(database, size, 1, [])
        yield from _others(database, size)


def go(rounds: Iterable[Round], engine: Engine) -> None:
    """Go rounds in the morning, as their flows do; none may meet trouble."""
    for one in rounds:
        report = go_round(engine, one, MORNING)
        assert not report.failures, (one.name, report.failures[:3])


def _watch(database: Filled, size: Size, times: int, peers: Sequence[Way]) -> Work:
    ours = Way("Kanalvakt", size.accounts, _each(database, times, partial(go, WATCH)))
    limit = Way("INSERT … SELECT", size.accounts, _each(database, times, write_watch))
    goals = [within(6, ours, limit), *(ahead(100, ours, one) for one in peers)]
    where = f"{size}, {database.name}"
    remark = "" if all(goal.is_reached for goal in goals) else ONE_PROCESS
    return Work("Watch round and morning letter", where, (ours, limit, *peers), tuple(goals), remark)


def _each(database: Filled, times: int, do: Callable[[Engine], None]) -> tuple[float, ...]:
    """Each time on a copy of its own, which is as large as on the day; a few accounts come first, to warm."""
    with filled(database.kind, partial(fill, size=Size(20, 2))) as few, few.copy() as engine:
        do(engine)

    def once() -> float:
        with database.copy() as engine:
            return timed(partial(do, engine))

    return tuple(once() for _ in range(times))


def _peer(database: Filled, name: str) -> Way:
    with database.copy() as engine:
        return peer(name, engine.url.render_as_string(hide_password=False))


def _others(database: Filled, size: Size) -> Iterator[Work]:
    """All rounds in the order of a day, once, and each one's statements in another copy at the same pace."""
    with database.copy() as engine, database.copy("bare") as bare:
        for one in ROUNDS.values():
            if one.name in LOOK_OUTSIDE:
                continue
            with overheard(engine) as heard:
                ours = Way("Kanalvakt", size.accounts, (timed(partial(go, [one], engine)),))
            limit = Way("its own statements", size.accounts, (timed(partial(ask_again, bare, heard)),))
            if one not in WATCH:
                where, goal = f"{size}, {database.name}", within(10, ours, limit)
                why = CHECKING if one.name == "invariants" else IDLE
                yield Work(
                    f"Round: {one.name}", where, (ours, limit), (goal,), "" if goal.is_reached else why
                )
