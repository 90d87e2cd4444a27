"""The same seed gives the same year: on another day, in another process, with other hashes."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from simulation.charts import as_page
from simulation.reporting import as_text, report_of, tables_of
from simulation.simulating import simulate
from tests.simulation.playing import order

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(300)


def played_in_its_own_process(folder: Path, hash_seed: str, zone: str, seed: str = "7") -> str:
    words = [
        "simulate",
        "--policy",
        "mall",
        "--from",
        "2026-12-01",
        "--days",
        "25",
        "--accounts",
        "6",
        "--people",
        "12",
    ]
    told = subprocess.run(
        [sys.executable, "-m", "cli.main", *words, "--seed", seed, "--out", str(folder), "--letters", "3"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout


def test_two_processes_print_and_write_the_same_bytes(tmp_path: Path) -> None:
    first = played_in_its_own_process(tmp_path / "a", "1", "UTC")
    second = played_in_its_own_process(tmp_path / "b", "2", "Asia/Tokyo")
    files = sorted(path.name for path in (tmp_path / "a").iterdir() if path.is_file())
    assert first == second
    assert files == sorted(path.name for path in (tmp_path / "b").iterdir() if path.is_file())
    assert len([name for name in files if name.endswith(".csv")]) == 6
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    assert len(list((tmp_path / "a" / "brev").iterdir())) == 3


def everything(seed: int = 1) -> list[str]:
    report = report_of(simulate(order(days=12, seed=seed)))
    return [as_text(report), as_page(report), *tables_of(report).values()]


@pytest.mark.parametrize(
    "as_if",
    [
        datetime(2026, 11, 28, 12, tzinfo=UTC),
        datetime(2026, 12, 24, 14, tzinfo=UTC),
        datetime(2027, 1, 5, 2, tzinfo=UTC),
    ],
    ids=["saturday", "christmas-eve", "night"],
)
def test_it_does_not_matter_when_it_is_played(as_if: datetime) -> None:
    with time_machine.travel(as_if):
        assert everything() == everything_now()


def everything_now() -> list[str]:
    with time_machine.travel(datetime(2026, 12, 1, 10, tzinfo=UTC)):
        return everything()


def test_another_seed_is_another_year() -> None:
    assert everything(seed=2) != everything(seed=3)
