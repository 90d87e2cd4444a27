"""kanalvakt people … and inventory …: told in Swedish, nothing done before it is confirmed."""

import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import Result

SAMPLES = Path(__file__).parents[2] / "deployments" / "exempelby"
TO = ("--municipality", "exempelby")
LATER = (date.today() + timedelta(days=60)).isoformat()
SOON = (date.today() + timedelta(days=14)).isoformat()
Run = Callable[..., Result]


@pytest.fixture
def filled(ready: Run) -> Run:
    """The sample municipality with its people and accounts."""
    ready("import", "organisation", SAMPLES / "units.csv", SAMPLES / "people.csv", *TO)
    return ready


def value(tmp_path: Path, question: str) -> object:
    with sqlite3.connect(tmp_path / "kanalvakt.db") as connection:
        return connection.execute(question).fetchone()[0]


def leader_and_above(tmp_path: Path) -> tuple[str, str]:
    """Somebody who leads a unit, and whoever leads the one above it."""
    with sqlite3.connect(tmp_path / "kanalvakt.db") as connection:
        row = connection.execute(
            "SELECT p.email, q.email FROM unit u JOIN person p ON p.id = u.line_manager_id "
            "JOIN unit o ON o.id = (SELECT unit.parent_id FROM unit WHERE unit.id = p.unit_id) "
            "JOIN person q ON q.id = o.line_manager_id WHERE p.id != q.id LIMIT 1"
        ).fetchone()
    return row[0], row[1]


def test_what_somebody_holds_is_listed(filled: Run, tmp_path: Path) -> None:
    leader, _ = leader_and_above(tmp_path)
    told = filled("people", "holds", leader, *TO)
    assert told.exit_code == 0 and "Chef för " in told.output


def test_leaving_is_begun_and_a_letter_goes_to_the_one_who_does_it(filled: Run, tmp_path: Path) -> None:
    leader, above = leader_and_above(tmp_path)
    told = filled("people", "leaves", leader, *TO, "--last-day", SOON, "--by", above, "--to", above)
    assert told.exit_code == 0 and f"Ett brev är på väg till {above}." in told.output
    assert value(tmp_path, "SELECT count(*) FROM message WHERE notice = 'confirm_act'") == 1
    assert value(tmp_path, f"SELECT left_on FROM person WHERE email = '{leader}'") is None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--last-day", "snart", "--by", "x@example.org"), "snart är inget datum"),
        (("--last-day", SOON, "--by", "ingen@exempelby.example.org"), "Ingen anställd med adressen"),
    ],
)
def test_what_is_wrong_is_said(filled: Run, tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    leader, _ = leader_and_above(tmp_path)
    told = filled("people", "leaves", leader, *TO, *words)
    assert told.exit_code == 1 and says in told.output


def test_nobody_says_it_of_themselves(filled: Run, tmp_path: Path) -> None:
    leader, _ = leader_and_above(tmp_path)
    told = filled("people", "leaves", leader, *TO, "--last-day", SOON, "--by", leader)
    assert told.exit_code == 1 and "Ingen anger det för egen del." in told.output


def test_an_inventory_is_begun_once_and_shown(filled: Run, tmp_path: Path) -> None:
    assert filled("inventory", "show", *TO).output == "Inga konton har tagits över.\n"
    filled("import", "accounts", SAMPLES / "accounts.csv", *TO)
    told = filled("inventory", "start", *TO, "--duties-from", LATER)
    assert told.exit_code == 0 and "personer får ett brev." in told.output
    letters = value(tmp_path, "SELECT count(*) FROM message WHERE notice = 'inventory'")
    people = value(tmp_path, "SELECT count(DISTINCT person_id) FROM message WHERE notice = 'inventory'")
    assert letters == people, "one letter to each person"
    told = filled("inventory", "start", *TO, "--duties-from", LATER)
    assert told.output == "Alla konton har redan frågats om.\n"
    told = filled("inventory", "show", *TO)
    assert "väntar på svar" in told.output and "saknas: " in told.output


def test_an_inventory_from_a_day_that_has_been_is_refused(filled: Run) -> None:
    told = filled("inventory", "start", *TO, "--duties-from", "2020-01-01")
    assert told.exit_code == 1 and "Ange en dag som ligger framåt i tiden" in told.output


def test_the_import_of_accounts_can_set_the_day(filled: Run, tmp_path: Path) -> None:
    told = filled("import", "accounts", SAMPLES / "accounts.csv", *TO, "--duties-from", LATER)
    assert told.exit_code == 0
    assert value(tmp_path, "SELECT DISTINCT duties_from_on FROM account WHERE state = 'active'") == LATER
