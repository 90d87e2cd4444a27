"""kanalvakt report."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import Result

from runtime import clock

Run = Callable[..., Result]
ONE = ("--municipality", "exempelby")


def test_a_year_is_saved_as_two_files(ready: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 2, 8, tzinfo=UTC))
    told = ready("report", "2025", *ONE, "--out", tmp_path)
    assert told.exit_code == 0, told.output
    paper, book = tmp_path / "exempelby 2025.pdf", tmp_path / "exempelby 2025.xlsx"
    assert str(paper) in told.output and str(book) in told.output
    assert paper.read_bytes().startswith(b"%PDF")
    assert load_workbook(book)["Konton per plattform"]["A4"].value == "Totalt"
    again = ready("report", "2025", *ONE, "--out", tmp_path)
    assert again.exit_code == 1 and "finns redan" in again.output


def test_what_cannot_be_reported_is_told(ready: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 2, 8, tzinfo=UTC))
    later = ready("report", "2027", *ONE, "--out", tmp_path)
    assert later.exit_code == 1 and "2027 har inte börjat än." in later.output
    elsewhere = ready("report", "2025", "--municipality", "annanby", "--out", tmp_path)
    assert elsewhere.exit_code == 1 and "Ingen kommun" in elsewhere.output
    assert not list(tmp_path.glob("*.pdf"))
