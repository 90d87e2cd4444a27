"""kanalvakt import …: read, told in Swedish, and an exit code that a script can trust."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import Result

SAMPLES = Path(__file__).parents[2] / "deployments" / "exempelby"
TO = ("--municipality", "exempelby")
Run = Callable[..., Result]


def rows_of(tmp_path: Path, table: str) -> int:
    with sqlite3.connect(tmp_path / "kanalvakt.db") as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_the_sample_municipality_from_nothing(ready: Run) -> None:
    told = ready("import", "organisation", SAMPLES / "units.csv", SAMPLES / "people.csv", *TO)
    assert told.output == (
        "Enheter ur units.csv: 13 nya, 0 ändrade, 0 oförändrade.\n"
        "Personer ur people.csv: 26 nya, 0 ändrade, 0 oförändrade.\n"
    )
    told = ready("import", "accounts", SAMPLES / "accounts.csv", *TO)
    assert (told.exit_code, told.output) == (
        0,
        "Konton ur accounts.csv: 10 nya, 0 ändrade, 0 oförändrade.\n",
    )
    told = ready("import", "people", SAMPLES / "people.csv", *TO)
    assert (told.exit_code, told.output) == (
        0,
        "Personer ur people.csv: 0 nya, 0 ändrade, 26 oförändrade.\n",
    )


def test_faults_are_told_and_nothing_is_imported(ready: Run, tmp_path: Path) -> None:
    file = tmp_path / "enheter.csv"
    file.write_text("kod;namn;nivå\nA;Arkivet;enhet\nB;;enhet\nC;Caféet;kafé\n", "utf-8")
    told = ready("import", "units", file, *TO)
    assert (told.exit_code, told.output) == (
        1,
        "enheter.csv, rad 3, cell B3, namn: Cellen är tom. Skriv namn.\n"
        "enheter.csv, rad 4, cell C4, nivå ”kafé”: ”kafé” går inte. Skriv ett av: enhet, verksamhet, "
        "förvaltning, kommun.\n"
        "\n"
        "2 fel i enheter.csv.\n"
        "Inget har lästs in. Rätta felen och kör igen.\n"
        "Med --partial läses de rader in som är rätt.\n",
    )
    assert rows_of(tmp_path, "unit") == 0
    told = ready("import", "units", file, *TO, "--partial")
    assert told.exit_code == 1
    assert told.output.endswith("Enheter ur enheter.csv: 1 nya, 0 ändrade, 0 oförändrade, 2 med fel.\n")
    assert rows_of(tmp_path, "unit") == 1


def test_a_dry_run_changes_nothing(ready: Run, tmp_path: Path) -> None:
    told = ready("import", "units", SAMPLES / "units.csv", *TO, "--dry-run")
    assert told.exit_code == 1
    assert "Ingen person har adressen margareta.lindqvist@exempelby.example.org" in told.output
    told = ready("import", "organisation", SAMPLES / "units.csv", SAMPLES / "people.csv", *TO, "--dry-run")
    assert told.exit_code == 0
    assert "Provkörning: inget har ändrats." in told.output
    assert "Personer ur people.csv: 26 nya" in told.output
    assert (rows_of(tmp_path, "unit"), rows_of(tmp_path, "person")) == (0, 0)


def workbook(file: Path) -> Path:
    book = Workbook()
    book.remove(book.active)
    units, people = book.create_sheet("Enheter"), book.create_sheet("Personer")
    units.append(["kod", "namn", "nivå", "chef"])
    units.append(["A", "Arkivet", "enhet", "bo.ek@exempelby.example.org"])
    people.append(["namn", "e-post", "enhet"])
    people.append(["Bo Ek", "bo.ek@exempelby.example.org", "A"])
    book.save(file)
    return file


def test_one_workbook_with_both_sheets(ready: Run, tmp_path: Path) -> None:
    file = workbook(tmp_path / "allt.xlsx")
    told = ready("import", "organisation", file, *TO)
    assert (told.exit_code, told.output.count("1 nya")) == (0, 2)
    told = ready("import", "people", file, *TO, "--sheet", "Personer")
    assert told.output == "Personer ur allt.xlsx: 0 nya, 0 ändrade, 1 oförändrade.\n"
    told = ready("import", "organisation", file, *TO, "--sheet", "Blad1")
    assert "Bladet ”Blad1” finns inte" in told.output
    told = ready("import", "units", file, *TO)
    assert "Upplysning, allt.xlsx: Filen har 2 blad. Bladet ”Enheter” är läst." in told.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("units", "finns-inte.csv", *TO), "Filen finns-inte.csv går inte att läsa"),
        (("units", SAMPLES / "units.csv", "--municipality", "exempelb"), 'Menade du "exempelby"?'),
        (("units", SAMPLES / "units.csv"), "--municipality' måste anges"),
        (("organisation", *[SAMPLES / "units.csv"] * 3, *TO), "högst två filer"),
    ],
)
def test_what_cannot_be_done_is_told(ready: Run, words: tuple[object, ...], says: str) -> None:
    told = ready("import", *words)
    assert told.exit_code in (1, 2)
    assert says in told.output


def test_a_file_that_is_no_table(ready: Run, tmp_path: Path) -> None:
    file = tmp_path / "enheter.csv"
    file.write_bytes("kod;namn".encode("utf-16"))
    told = ready("import", "units", file, *TO)
    assert told.exit_code == 1
    assert told.output == (
        "enheter.csv: Filen är sparad som UTF-16 (”Unicode-text”). Spara den som ”CSV UTF-8” eller XLSX.\n\n"
        "1 fel i enheter.csv.\nInget har lästs in.\n"
    )
    file.write_bytes(b"x" * 6_000_000)
    assert "Högst 5 MB" in ready("import", "units", file, *TO).output


def test_before_there_is_a_database_none_is_made(run: Run, tmp_path: Path) -> None:
    told = run("import", "units", SAMPLES / "units.csv", *TO)
    assert told.exit_code == 1
    assert told.output.startswith("Ingen databas finns i ")
    assert "KANALVAKT_DATABASE_URL" in told.output and "kanalvakt migrate" in told.output
    assert not (tmp_path / "kanalvakt.db").exists()


def test_accounts_of_a_municipality_without_policy(ready: Run, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "kanalvakt.db") as connection:
        connection.execute("DELETE FROM policy_version")
    told = ready("import", "accounts", SAMPLES / "accounts.csv", *TO)
    assert (told.exit_code, "inga regler" in told.output) == (1, True)


def test_help_is_swedish(run: Run) -> None:
    told = run("import", "accounts", "--help")
    assert "inloggning förvaras" in told.output
    assert "Usage" not in told.output
