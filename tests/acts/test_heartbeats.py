"""Silence is found part by part, told once an hour past our own letters, and told when it is over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from acts.alarms import OVER, SILENT, tell_of_silence
from acts.heartbeats import (
    DELIVERY,
    HEAL,
    PARTS,
    PORTAL,
    WAKE,
    WORKER,
    beat,
    beats,
    leave,
    silent_parts,
    take_turn,
)
from runtime.database import reading
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import Town


@pytest.fixture
def town() -> Town:
    """An installation that began a minute ago."""
    town = Town(memory_engine())
    town.now += timedelta(minutes=1)
    return town


def silent(town: Town) -> list[str]:
    with town.reading() as session:
        return [one.part for one in silent_parts(session, town.now)]


def all_beat(town: Town, *but: str) -> None:
    for part in {*PARTS, PORTAL, "worker:ett", "worker:två"} - set(but):
        beat(town.engine, part, town.now)


def test_what_has_never_been_heard_is_missed_once_there_is_something_to_do(town: Town) -> None:
    assert silent(town) == []
    town.now += timedelta(minutes=11)
    assert set(silent(town)) == {WORKER, WAKE, HEAL, DELIVERY}


@pytest.mark.parametrize("part", [*PARTS, PORTAL, "worker:två"])
def test_each_part_is_missed_by_itself(town: Town, part: str) -> None:
    all_beat(town)
    for _ in range(11):
        town.now += timedelta(minutes=1)
        all_beat(town, part)
    assert silent(town) == [part]


def test_a_worker_that_was_stopped_on_purpose_or_gone_for_a_week_is_not_missed(town: Town) -> None:
    all_beat(town)
    leave(town.engine, "worker:ett")
    town.now += timedelta(days=8)
    all_beat(town, "worker:ett", "worker:två")
    assert silent(town) == []


def test_it_is_told_once_an_hour_and_when_it_is_over(town: Town) -> None:
    told: list[tuple[str, str]] = []

    def look() -> None:
        with town.reading() as session:
            found = silent_parts(session, town.now)
        tell_of_silence(town.engine, found, town.now, lambda subject, text: told.append((subject, text)))

    all_beat(town)
    look()
    assert told == []
    town.now += timedelta(minutes=4)
    all_beat(town, "worker:två")
    look()
    look()
    assert [subject for subject, _ in told] == [SILENT]
    assert told[0][1].startswith("Arbetaren två har inte hörts av sedan 2026-")
    town.now += timedelta(minutes=61)
    all_beat(town, "worker:två")
    look()
    assert [subject for subject, _ in told] == [SILENT, SILENT]
    all_beat(town)
    look()
    look()
    assert [subject for subject, _ in told] == [SILENT, SILENT, OVER]


def test_an_alarm_that_nobody_took_is_sent_again(town: Town) -> None:
    town.now += timedelta(minutes=20)
    with town.reading() as session:
        found = silent_parts(session, town.now)

    def fails(_subject: str, _text: str) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        tell_of_silence(town.engine, found, town.now, fails)
    told: list[str] = []
    tell_of_silence(town.engine, found, town.now, lambda subject, _: told.append(subject))
    assert told == [SILENT]


def test_of_several_workers_one_does_what_has_not_been_begun_since(engine: Engine) -> None:
    """Nobody twice, also when several ask for the first time; after trouble since then, somebody again."""
    began = datetime(2026, 12, 1, 8, tzinfo=UTC)

    def takes(minutes: int, since: int) -> bool:
        moments = (began + timedelta(minutes=one) for one in (minutes, since))
        return take_turn(engine, "loop:heal:everything", *moments)

    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(lambda _: takes(1, 0), range(4))) == 1
    assert not takes(2, since=1)
    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(lambda _: takes(16, since=2), range(4))) == 1
    assert takes(18, since=17)


def test_workers_that_start_together_give_their_first_sign_together(engine: Engine) -> None:
    """What all of them have in common is one row, and each of them may be the first to write it."""
    now = datetime(2026, 12, 1, 8, tzinfo=UTC)
    with ThreadPoolExecutor(4) as workers:
        for number in range(25):
            again = [f"part {number}"] * 4
            list(workers.map(lambda part: beat(engine, part, now), again))
    with reading(engine) as session:
        assert len(beats(session)) == 25
        assert set(beats(session).values()) == {now}
