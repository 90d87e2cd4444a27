"""Leases: held, renewed and dropped, also while runs end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import Engine

from acts import waking
from deployments.leases import DatabaseLeases
from runtime.clock import machine_now

RUNS = 20
TIMES = 25


def live(engine: Engine) -> set[str]:
    return waking.leases(engine, machine_now())[0]


def test_it_is_held_until_it_is_dropped(engine: Engine) -> None:
    run, other = uuid4(), uuid4()
    leases = DatabaseLeases(engine, "en", seconds=40)
    leases.take(run)
    leases.take(other)
    leases.renew([run, other])
    leases.drop(run)
    assert live(engine) == {str(other)}


def test_it_runs_out_when_nobody_renews_it(engine: Engine) -> None:
    run = uuid4()
    DatabaseLeases(engine, "en", seconds=0.001).take(run)
    later = machine_now() + timedelta(seconds=1)
    assert waking.leases(engine, later) == (set(), {str(run)})
    DatabaseLeases(engine, "en", seconds=40).renew([run])
    assert live(engine) == {str(run)}


def test_another_workers_is_taken_over_and_not_the_first_ones_to_end(engine: Engine) -> None:
    run = uuid4()
    first, second = (DatabaseLeases(engine, name, seconds=40) for name in ("en", "två"))
    first.take(run)
    second.take(run)
    first.drop(run)
    assert live(engine) == {str(run)}
    second.drop(run)
    assert live(engine) == set()


def test_renewing_many_is_not_hindered_by_those_that_end_meanwhile(engine: Engine) -> None:
    runs = [uuid4() for _ in range(RUNS)]
    stays, leases = uuid4(), DatabaseLeases(engine, "en", seconds=40)

    def renew() -> None:
        for _ in range(TIMES):
            leases.renew([*runs, stays])

    def end_and_begin(some: list[UUID]) -> None:
        for _ in range(TIMES):
            for run in some:
                leases.drop(run)
                leases.take(run)

    with ThreadPoolExecutor(2) as pool:
        for done in (pool.submit(renew), pool.submit(end_and_begin, runs)):
            done.result()
    assert live(engine) == {str(one) for one in [*runs, stays]}
