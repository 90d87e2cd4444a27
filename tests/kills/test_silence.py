"""Each part is stopped: /health turns red for it, and an alarm goes past our letters."""

import time
from collections.abc import Iterator
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import select

from acts.alarms import OVER, SILENT
from acts.heartbeats import DELIVERY, HEAL, ONE_WORKER, PORTAL, WAKE, WORKER
from deployments.mailbox import ALARMS
from flows.silence import silent_words
from models import Heartbeat
from runtime.database import writing
from tests.kills import town as towns
from tests.kills.town import PATIENCE_SECONDS, Town

pytestmark = pytest.mark.timeout(600)

QUICKLY = {"KANALVAKT_BEAT_SECONDS": "0.5", "KANALVAKT_WORKER_NAME": "ett"}
LATER = timedelta(minutes=11)
"""Longer than any part may be silent."""


@pytest.fixture(scope="module")
def watched(town: Town) -> Iterator[Town]:
    """The town, whose parts say that they live twice a second."""
    for name in (towns.WORKER, towns.PORTAL):
        part = town.stack.parts[name]
        if part.process is not None:
            part.stop()
        part.environment = {**part.environment, **QUICKLY}
        town.start(name)
    town.portal_is_back()
    yield town


def health(town: Town) -> set[str]:
    """What /health finds silent; the answer's code agrees with it."""
    answer = httpx2.get(f"{town.stack.portal_url}/health", trust_env=False)
    silent = set(answer.json()["silent"])
    assert answer.status_code == (503 if silent else 200)
    return silent


def becomes(town: Town, silent: set[str]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := health(town)) != silent:
        assert time.monotonic() < deadline, f"{found} instead of {silent}"
        time.sleep(0.2)


def time_passes(town: Town) -> None:
    """Every sign of life becomes eleven minutes older; who lives gives a new one at once."""
    with writing(town.engine) as session:
        for one in session.execute(select(Heartbeat)).scalars():
            one.at -= LATER


def alarms(town: Town) -> list[str]:
    """Subjects of the alarms that have come, the first first."""
    return [one.subject for one in town.postbox.letters(ALARMS.split("@")[1])]


def told(town: Town, subjects: list[str]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while alarms(town) != subjects:
        assert time.monotonic() < deadline, alarms(town)
        time.sleep(0.2)


def test_a_dead_worker_is_told_by_the_portal(watched: Town) -> None:
    becomes(watched, set())
    before = alarms(watched)
    watched.kill(towns.WORKER)
    time_passes(watched)
    becomes(watched, {WORKER, f"{ONE_WORKER}ett", WAKE, HEAL, DELIVERY})
    told(watched, [*before, SILENT])
    watched.start(towns.WORKER)
    becomes(watched, set())
    told(watched, [*before, SILENT, OVER])


def test_a_dead_prefect_is_told_and_letters_leave_all_the_same(watched: Town) -> None:
    before = alarms(watched)
    watched.kill(towns.PREFECT)
    time.sleep(3)
    time_passes(watched)
    becomes(watched, {HEAL})
    told(watched, [*before, SILENT])
    watched.start(towns.PREFECT)
    becomes(watched, set())
    told(watched, [*before, SILENT, OVER])


def words(town: Town) -> list[str]:
    """What the clock in Prefect would tell of, one line for each part."""
    return [line for said in silent_words(town.engine, town.clock.now()) for line in said.splitlines()]


def test_a_dead_portal_is_told_by_the_clock_in_prefect(watched: Town) -> None:
    assert words(watched) == []
    watched.kill(towns.PORTAL)
    time_passes(watched)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(said := words(watched)) != 1:  # The others have a few seconds between their turns.
        assert time.monotonic() < deadline, said
        time.sleep(0.2)
    assert said[0].startswith("Portalen har inte hörts av sedan")
    watched.start(towns.PORTAL)
    watched.portal_is_back()
    assert PORTAL not in health(watched)
