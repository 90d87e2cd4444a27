"""kanalvakt check: what must always hold, and everything of which it does not."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from lifecycle.invariants import TRUTHS

Run = Callable[..., Result]
NEIGHBOUR = (
    "municipality",
    "add",
    "granne",
    "--name",
    "Granne kommun",
    "--mail-domain",
    "granne.example.org",
    "--sender",
    "kanalvakt@granne.example.org",
)


def change(tmp_path: Path, *statements: str) -> None:
    """What someone with the database file in hand could do."""
    with sqlite3.connect(tmp_path / "kanalvakt.db") as connection:
        for statement in statements:
            connection.execute(statement)


def crises(count: int) -> list[str]:
    """So many at once, of which there may be one."""
    entered = "INSERT INTO crisis (municipality_id, began_at, message) VALUES (1, '2026-11-23 09:00:00', '')"
    return [entered] * count


def test_all_is_well(ready: Run) -> None:
    told = ready("check")
    assert (told.exit_code, told.output) == (
        0,
        f"Exempelby kommun: {len(TRUTHS)} villkor prövade, alla uppfyllda.\n",
    )


def test_what_does_not_hold_is_listed_by_municipality(ready: Run, tmp_path: Path) -> None:
    assert ready(*NEIGHBOUR).exit_code == 0
    change(tmp_path, *crises(3), "UPDATE audit_head SET digest = '' WHERE municipality_id = 1")
    told = ready("check")
    assert told.exit_code == 1
    assert told.output.splitlines() == [
        f"Exempelby kommun: 2 av {len(TRUTHS)} villkor är inte uppfyllda.",
        f"  {TRUTHS['one_crisis_at_a_time'].says} (one_crisis_at_a_time)",
        "    krisläge 2, krisläge 3",
        f"  {TRUTHS['log_is_whole'].says} (log_is_whole)",
        "    händelse 2 (cut_off)",
        f"Granne kommun: {len(TRUTHS)} villkor prövade, alla uppfyllda.",
        "Det här ska inte kunna hända. Ta hjälp av den som sköter systemet innan något rättas för hand.",
    ]
    assert ready("check", "--municipality", "granne").exit_code == 0


@pytest.mark.parametrize(
    ("count", "ends"), [(21, "krisläge 20, krisläge 21"), (22, "krisläge 21 och 1 till")]
)
def test_a_long_list_is_cut(ready: Run, tmp_path: Path, count: int, ends: str) -> None:
    change(tmp_path, *crises(count))
    assert ready("check").output.splitlines()[2].endswith(ends)


def test_no_municipality(run: Run) -> None:
    assert run("migrate").exit_code == 0
    told = run("check")
    assert (told.exit_code, told.output) == (0, "Det finns ingen kommun och därför inget att pröva.\n")
    assert run("check", "--municipality", "berga").exit_code == 1
