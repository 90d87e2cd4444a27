"""The nightly check: done once when all holds, and gone again with the list as long as something does not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text
from sqlmodel import Session, col

from acts.checking import CHECK
from acts.round_list import ROUNDS
from acts.rounds import Do, Report, RoundFailed, go_round
from lifecycle.invariants import TRUTHS
from lifecycle.law import Law
from models import RoundDone
from runtime.database import reading, writing
from tests.lifecycle.lived_in import LivedInTown


@pytest.fixture
def town(sqlite_engine: Engine) -> LivedInTown:
    return LivedInTown(sqlite_engine)


def go(town: LivedInTown, as_of: datetime | date | None = None) -> Report:
    return go_round(town.engine, CHECK, town.now, as_of)


def change(town: LivedInTown, statement: str) -> None:
    with writing(town.engine) as session:
        session.execute(text(statement))


def rounds_done(town: LivedInTown) -> int:
    with reading(town.engine) as session:
        rows = select(col(RoundDone.id)).where(col(RoundDone.round) == CHECK.name)
        return len(session.execute(rows).all())


def test_what_holds_is_checked_once_a_day_in_every_municipality(town: LivedInTown) -> None:
    report = go(town)
    assert (report.done, report.found, report.failures) == (2, 0, [])
    assert go(town).done == 0
    town.now += timedelta(days=1)
    assert (go(town).done, rounds_done(town)) == (2, 4)


def test_what_does_not_hold_is_told_each_time_until_it_does(town: LivedInTown) -> None:
    """By kind and number only: the list is shown in Prefect."""
    change(town, "UPDATE crisis SET ended_at = NULL")
    for _ in range(2):
        report = go(town)
        [failure] = report.failures
        assert (failure.subject, failure.says) == (
            f"kommun {town.municipality_id}, krisläge 2",
            TRUTHS["one_crisis_at_a_time"].says,
        )
    assert str(RoundFailed(report)).startswith("1 gick inte: kommun ")
    assert rounds_done(town) == 1, "the neighbour's"
    change(town, "UPDATE crisis SET ended_at = began_at WHERE id = 2")
    assert (go(town).failures, rounds_done(town)) == ([], 2)


def test_for_another_day_it_looks_at_what_is_so_now(town: LivedInTown) -> None:
    """On 3 December the days that were missed since lay ahead."""
    assert go(town, date(2026, 12, 3)).failures == []


def test_a_round_that_only_looks_cannot_write(engine: Engine) -> None:
    """So that it hinders nobody, however long it takes."""
    town = LivedInTown(engine)

    def write(session: Session, law: Law, on: date, now: datetime) -> Callable[[], Do]:
        session.execute(text("UPDATE crisis SET message = 'x'"))
        return lambda: CHECK.do

    report = go_round(town.engine, replace(CHECK, look_first=write), town.now)
    assert (report.done, len(report.failures)) == (0, 2)


def test_it_is_a_round_of_the_day() -> None:
    assert ROUNDS["invariants"] is CHECK
