"""The clock: the machine's, and in a demonstration a moved one, which no real installation can be given."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, select

from acts import waking
from deployments.leases import DatabaseLeases
from deployments.moved_clock import MovedClock
from models import RunLease
from runtime.clock import machine_now, now
from runtime.database import reading
from runtime.settings import InstallationSettings, settings

LATER = datetime(2031, 5, 2, 6, tzinfo=UTC)
EARLIER = datetime(2001, 5, 2, 6, tzinfo=UTC)
SOON = timedelta(minutes=1)


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MovedClock]:
    """The clock of this process, in a demonstration."""
    monkeypatch.setenv("KANALVAKT_DEMONSTRATION", "true")
    monkeypatch.setenv("KANALVAKT_CLOCK_FILE", str(tmp_path / "clock"))
    settings.cache_clear()
    yield MovedClock.starting(tmp_path / "clock", LATER)
    settings.cache_clear()


def test_without_a_clock_file_it_is_the_machines() -> None:
    assert machine_now() <= now() <= machine_now()
    assert now().tzinfo is UTC


def test_every_process_of_a_demonstration_sees_the_moved_time(clock: MovedClock) -> None:
    assert LATER <= now() < LATER + SOON
    clock.move_to(LATER + timedelta(days=400))
    assert LATER + timedelta(days=400) <= now() < LATER + timedelta(days=400) + SOON
    assert abs(machine_now() - datetime.now(UTC)) < SOON


@pytest.mark.parametrize("at", [EARLIER, LATER], ids=["long ago", "to come"])
def test_it_starts_wherever_the_demonstration_begins(tmp_path: Path, at: datetime) -> None:
    assert at <= MovedClock.starting(tmp_path / "clock", at).now() < at + SOON


def test_it_never_goes_back(clock: MovedClock) -> None:
    with pytest.raises(ValueError, match="the clock is past"):
        clock.move_to(LATER - timedelta(seconds=1))
    assert now() >= LATER


def test_a_real_installation_refuses_it(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="bara anges i en demonstration"):
        InstallationSettings(clock_file=tmp_path / "clock")


def test_whoever_starts_with_it_is_warned(clock: MovedClock, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        settings()
    assert "klockan går som" in caplog.text


def test_a_moved_clock_ends_no_lease(clock: MovedClock, engine: Engine) -> None:
    run_id = uuid4()
    DatabaseLeases(engine, "worker", seconds=40).take(run_id)
    clock.move_to(LATER + timedelta(days=1))
    live, silent = waking.leases(engine, machine_now())
    assert (live, silent) == ({str(run_id)}, set())
    with reading(engine) as session:
        assert session.execute(select(RunLease)).scalar_one().expires_at < machine_now() + SOON
