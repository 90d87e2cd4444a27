"""kanalvakt simulate, and kanalvakt preview."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Run = Callable[..., Result]

FEW = ("--from", "2026-12-01", "--days", "7", "--accounts", "2", "--people", "10")


def test_a_week_is_played_and_written(run: Run, tmp_path: Path) -> None:
    told = run("simulate", "--policy", "tibro", *FEW, "--out", tmp_path / "ut", "--timing")
    assert told.exit_code == 0
    assert told.output.startswith("Tibro")
    assert "2 konton och 10 personer i en påhittad kommun, frö 1." in told.output
    assert "Ingen fick mer än ett morgonbrev om dagen" in told.output
    assert "Uppskattat klickande i minuter" in told.output
    page = (tmp_path / "ut" / "rapport.html").read_text("utf-8")
    assert page.count('role="img" aria-label="') == 3
    assert "<script" not in page
    assert (tmp_path / "ut" / "per-vecka.csv").read_text("utf-8-sig").startswith("vecka från;roll;brev;")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--policy", "tibbro", *FEW), "tibro"),
        (("--policy", "tibro", "--from", "i morgon"), "2024-01-31"),
        (("--policy", "tibro", *FEW[:-1], "9"), "--people"),
        (("--policy", "tibro", *FEW, "--letters", "2"), "Säg med --out i vilken mapp"),
    ],
)
def test_what_cannot_be_played(run: Run, words: tuple[str, ...], says: str) -> None:
    told = run("simulate", *words)
    assert told.exit_code != 0
    assert says in told.output


def test_an_account_that_is_not_there(ready: Run) -> None:
    told = ready("preview", "Biblioteket")
    assert (told.exit_code, told.output) == (
        1,
        "Inget levande konto heter ”Biblioteket”. Skriv kontots nummer, adress eller hela namn.\n",
    )


def test_the_coming_letters_of_an_account(ready: Run, tmp_path: Path) -> None:
    imported(ready, tmp_path)
    told = ready("preview", "https://www.facebook.com/biblioteket", "--days", "14")
    assert told.exit_code == 0
    assert told.output.startswith("Biblioteket (1): ")
    assert "på 14 dagar, om ingen svarar" in told.output
    assert "Anna Ek: titta till kontot" in told.output
    answered = ready("preview", "1", "--days", "14", "--everybody-answers", "--letters", tmp_path / "brev")
    assert "om alla svarar samma dag" in answered.output
    assert "missad bevakning" not in answered.output
    assert [path.name for path in (tmp_path / "brev").iterdir()] == ["01-morning.txt"]


def imported(run: Run, folder: Path) -> None:
    files = {
        "enheter.csv": "kod;namn;nivå;chef\nBIB;Biblioteket;enhet;per@exempelby.example.org\n",
        "personer.csv": "namn;e-post;enhet\nAnna Ek;anna@exempelby.example.org;BIB\n"
        "Per Ås;per@exempelby.example.org;BIB\n",
        "konton.csv": "namn;plattform;adress;enhet;ansvariga;administratörer\n"
        "Biblioteket;Facebook;https://www.facebook.com/biblioteket;BIB;per@exempelby.example.org;"
        "anna@exempelby.example.org\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    slug = ("--municipality", "exempelby")
    organisation = run("import", "organisation", folder / "enheter.csv", folder / "personer.csv", *slug)
    assert organisation.exit_code == 0, organisation.output
    accounts = run("import", "accounts", folder / "konton.csv", *slug)
    assert accounts.exit_code == 0, accounts.output
