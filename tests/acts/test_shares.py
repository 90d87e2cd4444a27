"""Rounds shared out among several runs: the same shares each time, nothing twice, true signs of life."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select, update
from sqlmodel import col

from acts import watching
from acts.rounds import go_round, part_of
from acts.shares import shared_out
from models import Heartbeat, PolicyVersion, TaskKind, UserTask
from runtime.database import reading, writing
from tests.large.filling import Filled, fill

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
"""A Tuesday morning in Sweden, after the hour of the morning letter."""


@pytest.fixture
def filled(sqlite_engine: Engine) -> list[Filled]:
    return list(fill(sqlite_engine, 5, 10, NOW))


def watched(engine: Engine) -> int:
    with reading(engine) as session:
        rows = select(func.count()).where(col(UserTask.kind) == TaskKind.WATCH)
        count: int = session.execute(rows).scalar_one()
        return count


def test_an_installation_that_one_run_takes_is_not_shared_out(
    sqlite_engine: Engine, filled: list[Filled]
) -> None:
    assert shared_out(sqlite_engine, [watching.ASK], NOW, None, at_most=5) == []


def test_what_is_due_is_shared_out_in_the_same_shares_each_time(
    sqlite_engine: Engine, filled: list[Filled]
) -> None:
    ids = [one.municipality_id for one in filled]
    shares = [(ids[0], ids[1]), (ids[2], ids[3]), (ids[4],)]
    assert shared_out(sqlite_engine, [watching.ASK], NOW, None, at_most=2) == shares
    go_round(sqlite_engine, watching.ASK, NOW, only=shares[0][:1])
    assert shared_out(sqlite_engine, [watching.ASK], NOW, None, at_most=2) == shares
    go_round(sqlite_engine, watching.ASK, NOW, only=shares[0])
    assert shared_out(sqlite_engine, [watching.ASK], NOW, None, at_most=2) == shares[1:]
    go_round(sqlite_engine, watching.ASK, NOW, only=shares[1])
    assert shared_out(sqlite_engine, [watching.ASK], NOW, None, at_most=2) == [(ids[4],)]
    go_round(sqlite_engine, watching.ASK, NOW, only=shares[2])
    assert shared_out(sqlite_engine, [watching.ASK], NOW, None, at_most=2) == [()]
    tomorrow = NOW + timedelta(days=1)
    assert shared_out(sqlite_engine, [watching.ASK], NOW, tomorrow.date(), at_most=2) == shares


def test_before_its_hour_nobody_is_asked_to_go_it(sqlite_engine: Engine, filled: list[Filled]) -> None:
    night = NOW.replace(hour=3)
    assert shared_out(sqlite_engine, [watching.ASK], night, None, at_most=2) == [()]
    assert len(shared_out(sqlite_engine, [watching.ASK, watching.END], night, None, at_most=2)) == 3


def test_trouble_with_the_rules_is_left_to_whoever_goes_the_round(
    sqlite_engine: Engine, filled: list[Filled]
) -> None:
    for one in filled:
        go_round(sqlite_engine, watching.ASK, NOW, only=[one.municipality_id])
    broken = filled[4].municipality_id
    with writing(sqlite_engine) as session:
        its = col(PolicyVersion.municipality_id) == broken
        session.execute(update(PolicyVersion).where(its).values(in_force_from=None))
    assert shared_out(sqlite_engine, [watching.ASK], NOW, None, at_most=2) == [(broken,)]
    [failure] = go_round(sqlite_engine, watching.ASK, NOW, only=[broken]).failures
    assert failure.subject == f"kommun {broken}"


def test_shares_together_do_the_whole_and_only_the_whole_is_a_sign_of_life(
    sqlite_engine: Engine, filled: list[Filled]
) -> None:
    """Two accounts each, and the guideline of one of them asks for no watch."""
    for share in shared_out(sqlite_engine, [watching.ASK], NOW, None, at_most=2) * 2:
        go_round(sqlite_engine, watching.ASK, NOW, only=share)
    assert watched(sqlite_engine) == sum(one.accounts for one in filled if one.is_watched) == 8
    with reading(sqlite_engine) as session:
        assert session.get(Heartbeat, part_of(watching.ASK)) is None
    go_round(sqlite_engine, watching.ASK, NOW)
    with reading(sqlite_engine) as session:
        assert session.get_one(Heartbeat, part_of(watching.ASK)).at == NOW
