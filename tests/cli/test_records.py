"""kanalvakt handout and about-me, and the digest of an earlier letter."""

import json
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from papers import pdfa
from papers.refusing import CannotWrite
from runtime import clock
from runtime.database import make_engine
from tests.web.world import World

Run = Callable[..., Result]


@pytest.fixture
def open_account(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Exempelby with one open account, and the command line an hour later."""
    assert run("migrate").exit_code == 0
    engine = make_engine(f"sqlite:///{tmp_path}/kanalvakt.db")
    world = World(engine)
    world.active()
    monkeypatch.setattr(clock, "now", lambda: world.now)
    (tmp_path / "ut").mkdir()
    return world


ONE = ("--municipality", "exempelby")


@pytest.mark.parametrize("account", ["1", "https://www.instagram.com/Biblioteket/"])
def test_an_account_s_records_are_saved_in_a_folder(
    run: Run,
    open_account: World,
    tmp_path: Path,
    account: str,
) -> None:
    told = run("handout", account, *ONE, "--out", tmp_path / "ut")
    assert told.exit_code == 0, told.output
    [file] = (tmp_path / "ut").glob("*.zip")
    assert str(file) in told.output and stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as opened:
        assert "händelser.csv" in opened.namelist()
    with sqlite3.connect(tmp_path / "kanalvakt.db") as connection:
        rows = connection.execute("SELECT via, facts FROM audit_event WHERE kind = 'handed_out'").fetchall()
    [(via, facts)] = rows
    assert via == "cli" and json.loads(facts)["sha256"] in told.output
    again = run("handout", account, *ONE, "--out", tmp_path / "ut")
    assert again.exit_code == 1 and "finns redan" in again.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("999",), "har inget konto 999"),
        (("https://example.org/x",), "har inget konto"),
        (("1", "--from", "igår"), "Slutdatum ska ligga efter startdatum."),
        (("1", "--from", "2030-01-01"), "Det finns inga handlingar från den tiden."),
    ],
)
def test_what_cannot_be_handed_out_is_told(
    run: Run,
    open_account: World,
    tmp_path: Path,
    words: tuple[str, ...],
    says: str,
) -> None:
    told = run("handout", *words, *ONE, "--out", tmp_path / "ut")
    assert told.exit_code == 1 and says in told.output
    assert list((tmp_path / "ut").iterdir()) == []


def test_a_copy_about_a_person_is_saved_as_two_files(
    run: Run,
    open_account: World,
    tmp_path: Path,
) -> None:
    email = open_account.email("bo")
    told = run("about-me", email.upper(), *ONE, "--out", tmp_path / "ut")
    assert told.exit_code == 0, told.output
    assert json.loads((tmp_path / "ut" / f"om {email}.json").read_text())["me"]["name"] == "Bo Ceder"
    assert (tmp_path / "ut" / f"om {email}.pdf").read_bytes().startswith(b"%PDF-")
    with sqlite3.connect(tmp_path / "kanalvakt.db") as connection:
        rows = connection.execute("SELECT facts FROM audit_event WHERE kind = 'person_copied'").fetchall()
    assert [json.loads(one) for [one] in rows] == [{"person": open_account.people["bo"]}]


def test_a_person_whom_nobody_knows_is_told(
    run: Run,
    open_account: World,
    tmp_path: Path,
) -> None:
    told = run("about-me", "ingen@example.org", *ONE, "--out", tmp_path / "ut")
    assert told.exit_code == 1 and "ingen person med adressen ingen@example.org" in told.output


@pytest.mark.parametrize("words", [("handout", "1"), ("about-me", "bo.ceder@exempelby.example.org")])
def test_without_pango_the_line_that_installs_it_is_told(
    run: Run,
    open_account: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
) -> None:
    def lacking() -> None:
        raise CannotWrite("Installera med: apt-get install libpango-1.0-0")

    monkeypatch.setattr(pdfa, "_weasyprint", lacking)
    told = run(*words, *ONE, "--out", tmp_path / "ut")
    assert told.exit_code == 1 and "apt-get install" in told.output
    assert list((tmp_path / "ut").iterdir()) == []


# ---------------------------------------------------------------- the digest of an earlier letter


def digest_of(tmp_path: Path, number: int) -> str:
    with sqlite3.connect(tmp_path / "kanalvakt.db") as connection:
        row = connection.execute("SELECT digest FROM audit_event WHERE number = ?", [number]).fetchone()
    return str(row[0])


def test_an_earlier_digest_is_found_in_the_log(
    run: Run,
    open_account: World,
    tmp_path: Path,
) -> None:
    told = run("audit", "verify", *ONE, "--digest", digest_of(tmp_path, 3))
    assert told.exit_code == 0 and "Kontrollsumman hör till händelse 3, 2026-03-02." in told.output


def test_a_digest_that_no_event_has_means_that_the_log_was_rewritten(
    run: Run,
    open_account: World,
) -> None:
    told = run("audit", "verify", *ONE, "--digest", "ab" * 32)
    assert told.exit_code == 1 and "har skrivits om" in told.output
    told = run("audit", "verify", "--digest", "ab" * 32)
    assert told.exit_code == 1 and "--municipality" in told.output
