"""kanalvakt audit verify: a whole chain, what was weeded by rule, and every place where it is broken."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import Result

from acts.work import work
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from runtime.database import make_engine

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SAMPLES = Path(__file__).parents[2] / "deployments" / "exempelby"
Run = Callable[..., Result]


@pytest.fixture
def written(ready: Run) -> Run:
    """A log with two events: the policy and an import."""
    told = ready(
        "import",
        "organisation",
        SAMPLES / "units.csv",
        SAMPLES / "people.csv",
        "--municipality",
        "exempelby",
    )
    assert told.exit_code == 0
    return ready


def change(tmp_path: Path, *statements: str) -> None:
    """What someone with the database file in hand could do."""
    with sqlite3.connect(tmp_path / "kanalvakt.db") as connection:
        for verb in ("update", "delete"):
            connection.execute(f"DROP TRIGGER IF EXISTS audit_event_no_{verb}")
        for statement in statements:
            connection.execute(statement)


def test_a_whole_chain(written: Run, tmp_path: Path) -> None:
    told = written("audit", "verify", "--municipality", "exempelby")
    with sqlite3.connect(tmp_path / "kanalvakt.db") as connection:
        [last] = connection.execute("SELECT digest FROM audit_event ORDER BY number DESC LIMIT 1").fetchone()
    assert (told.exit_code, told.output) == (
        0,
        f"Exempelby kommun: 2 händelser, kedjan hel. Sista kontrollsumma: {last}\n",
    )


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE audit_event SET via = 'link' WHERE number = 1", "Händelse 1: händelsen har ändrats"),
        ("DELETE FROM audit_event WHERE number = 1", "Händelse 1: händelsen saknas"),
        ("DELETE FROM audit_event WHERE number = 2", "Händelse 2: kedjan är avkortad"),
    ],
)
def test_a_broken_chain(written: Run, tmp_path: Path, statement: str, says: str) -> None:
    change(tmp_path, statement)
    told = written("audit", "verify")
    assert told.exit_code == 1
    assert "kedjan är bruten på" in told.output
    assert says in told.output


def test_what_was_weeded_by_rule_is_no_break(written: Run, tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/kanalvakt.db")
    with work(engine, NOW) as session:
        by = By(None, "cli")
        record(session, EventKind.IMPORTED, NOW, municipality_id=1, by=by, detail={"reason": "personligt"})
    engine.dispose()
    weed = "UPDATE audit_detail SET detail = NULL"
    change(tmp_path, f"{weed}, weeded_on = '2026-11-30', weeded_by_rule = 'one_year'")
    told = written("audit", "verify")
    assert (told.exit_code, "3 händelser, kedjan hel" in told.output) == (0, True)
    assert "Händelse 3: gallrad enligt regel one_year den 2026-11-30." in told.output
    change(tmp_path, f"{weed}, weeded_on = NULL")
    assert "Händelse 3: personuppgifterna till händelsen har ändrats" in written("audit", "verify").output
    change(tmp_path, "DELETE FROM audit_detail")
    assert "Händelse 3: personuppgifterna till händelsen har tagits bort" in written("audit", "verify").output


def test_no_municipality(run: Run) -> None:
    assert run("migrate").exit_code == 0
    told = run("audit", "verify")
    assert (told.exit_code, told.output) == (0, "Det finns ingen kommun och därför ingen logg.\n")
    assert run("audit", "verify", "--municipality", "berga").exit_code == 1


COLUMNS = (
    "municipality_id, number, at, kind, via, account_id, task_id, actor_id, on_behalf_of_id, clauses, facts,"
    " detail_digest, previous, digest"
)


@pytest.mark.parametrize(
    ("statements", "says"),
    [
        (["UPDATE audit_event SET at = '2020-01-01 00:00:00' WHERE number = 2"], "Händelse 2: händelsen har"),
        (["UPDATE audit_event SET actor_id = 1 WHERE number = 3"], "Händelse 3: händelsen har ändrats"),
        (['UPDATE audit_event SET facts = \'{"outcome": "approve"}\' WHERE number = 3'], "Händelse 3:"),
        (["DELETE FROM audit_event WHERE number = 3"], "Händelse 3: händelsen saknas"),
        (
            ["DELETE FROM audit_event WHERE number = 5", "UPDATE audit_head SET number = 4"],
            "Händelse 5: kedjan",
        ),
        (
            [
                "UPDATE audit_event SET number = number + 100 WHERE number > 2",
                f"INSERT INTO audit_event ({COLUMNS}) SELECT {COLUMNS.replace('number', '3', 1)}"
                " FROM audit_event WHERE number = 2",
                "UPDATE audit_event SET number = number - 99 WHERE number > 100",
            ],
            "Händelse 3: händelsen har ändrats",
        ),
        (
            [
                "UPDATE audit_event SET number = 99 WHERE number = 2",
                "UPDATE audit_event SET number = 2 WHERE number = 4",
                "UPDATE audit_event SET number = 4 WHERE number = 99",
            ],
            "Händelse 2: händelsen har ändrats",
        ),
    ],
    ids=["a time", "an actor", "an outcome", "dropped", "dropped last", "inserted", "swapped"],
)
def test_what_is_done_to_the_log_by_hand_is_found_and_named(
    written: Run, tmp_path: Path, statements: list[str], says: str
) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/kanalvakt.db")
    for _ in range(3):
        with work(engine, NOW) as session:
            record(session, EventKind.IMPORTED, NOW, municipality_id=1, by=By(None, "cli"))
    engine.dispose()
    assert written("audit", "verify").exit_code == 0
    change(tmp_path, *statements)
    told = written("audit", "verify")
    assert told.exit_code == 1 and says in told.output, told.output


def test_a_pack_for_the_auditor(written: Run, tmp_path: Path) -> None:
    told = written("audit", "pack", "--municipality", "exempelby", "--out", str(tmp_path))
    assert told.exit_code == 0, told.output
    assert "0 konton i urvalet" in told.output
    assert list(tmp_path.glob("* revision exempelby.zip"))
    assert "3 händelser, kedjan hel" in written("audit", "verify").output
