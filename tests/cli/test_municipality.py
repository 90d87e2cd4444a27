"""kanalvakt migrate, and kanalvakt municipality add."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from tests.cli.conftest import ADD

Run = Callable[..., Result]


def test_from_nothing_to_a_municipality_with_its_policy(run: Run, tmp_path: Path) -> None:
    told = run("migrate")
    assert (told.exit_code, told.output) == (
        0,
        f"Databasen är uppdaterad: sqlite:///{tmp_path}/kanalvakt.db\n",
    )
    told = run(*ADD, "--registry", "diariet@exempelby.example.org", "--mail-domain", "skola.example.org")
    assert told.exit_code == 0
    assert told.output.startswith("Exempelby kommun är tillagd, med reglerna i mall.yaml.\n")
    with sqlite3.connect(tmp_path / "kanalvakt.db") as connection:
        [domains, registry] = connection.execute(
            "SELECT mail_domains, registry_address FROM municipality"
        ).fetchone()
        [policy] = connection.execute("SELECT policy FROM policy_version").fetchone()
        [kind, via] = connection.execute("SELECT kind, via FROM audit_event").fetchone()
    assert json.loads(domains) == ["exempelby.example.org", "skola.example.org"]
    assert (registry, policy, kind, via) == (
        "diariet@exempelby.example.org",
        "mall",
        "policy_adopted",
        "cli",
    )


def test_migrating_again_changes_nothing(ready: Run) -> None:
    assert ready("migrate").exit_code == 0


def test_the_same_name_twice(ready: Run) -> None:
    told = ready(*ADD)
    assert (told.exit_code, told.output) == (1, "Kortnamnet exempelby används redan. Välj ett annat.\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ("Exempelby", "--name", "E", "--mail-domain", "e.se", "--sender", "a@e.se"),
            "Kortnamnet ”Exempelby”",
        ),
        (("e", "--name", " ", "--mail-domain", "e.se", "--sender", "a@e.se"), "Skriv kommunens namn"),
        (("e", "--name", "E", "--mail-domain", "e", "--sender", "a@e.se"), "ingen e-postdomän"),
        (("e", "--name", "E", "--mail-domain", "e.se", "--sender", "E <a@e.se>"), "ingen e-postadress"),
        (("e", "--name", "E", "--mail-domain", "e.se", "--sender", "a@e.se", "--policy", "mal"), "mall"),
        (("e", "--name", "E", "--sender", "a@e.se"), "--mail-domain' måste anges"),
    ],
)
def test_what_cannot_be_used(run: Run, words: tuple[str, ...], says: str) -> None:
    assert run("migrate").exit_code == 0
    told = run("municipality", "add", *words)
    assert told.exit_code in (1, 2)
    assert says in told.output


def test_an_unreachable_database(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANALVAKT_DATABASE_URL", "postgresql+psycopg://127.0.0.1:1/kanalvakt")
    for words in (("migrate",), ("audit", "verify")):
        told = run(*words)
        assert told.exit_code == 1
        assert "Databasen går inte att nå" in told.output
