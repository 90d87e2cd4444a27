"""A year in numbers, counted by hand in `tests/lifecycle/reported_year.py`; as a paper and a workbook."""

import io
from collections.abc import Mapping
from datetime import date
from xml.etree import ElementTree

import pikepdf
from openpyxl import load_workbook
from sqlalchemy import Engine

from acts.yearly_report import as_pdf, as_workbook
from acts.yearly_tables import Cell, YearReport, YearTable, report_of
from lifecycle.law import law_in_force
from lifecycle.yearly_report import years_of
from models import AccountState
from papers.bar_chart import bar_chart
from tests.lifecycle.reported_year import ReportedYear

ZONE = "Europe/Stockholm"


def report(town: ReportedYear, number: int = 2027) -> YearReport:
    year = town.year(number)
    with town.reading() as session:
        law = law_in_force(session, town.municipality_id, town.now)
        return report_of(session, law, "Exempelby kommun", year)


def tables(town: ReportedYear, number: int = 2027) -> Mapping[str, YearTable]:
    return {one.title: one for one in report(town, number).tables}


def shown(table: YearTable) -> list[list[Cell]]:
    rows = [list(row) for row in [*table.rows, table.total]]
    return [[round(one, 3) if isinstance(one, float) else one for one in row] for row in rows]


def test_every_number_of_the_year(engine: Engine) -> None:
    town = ReportedYear(engine)
    assert [one.state for one in town.accounts()] == [
        AccountState.CLOSED,
        AccountState.ACTIVE,
        AccountState.ACTIVE,
    ]
    found = tables(town)
    assert shown(found["Konton per plattform"]) == [
        ["Facebook", 0, 1, 0, 1],
        ["Instagram", 1, 1, 1, 1],
        ["Totalt", 1, 2, 1, 2],
    ]
    assert shown(found["Konton per enhet"]) == [
        ["Bibliotek", 1, 1, 1, 1],
        ["Stab", 0, 1, 0, 1],
        ["Totalt", 1, 2, 1, 2],
    ]
    assert [row[3] for row in found["Konton månad för månad"].rows] == [2, *[1] * 9, 2, 2]
    assert shown(found["Konton månad för månad"])[-1] == ["Totalt", 2, 1, 2]
    assert shown(found["Tid till beslut"]) == [
        ["Avslut: Steget beslut", 2, 2.0, 3.0, 0],
        ["Avslut: Steget samrad", 2, 1.5, 2.0, 0],
        ["Totalt", 4, 1.5, 3.0, 0],
    ]
    assert shown(found["Bevakning"]) == [
        ["Bibliotek", 3, 1, 2, 1],
        ["Stab", 3, 2, 1, 0],
        ["Totalt", 6, 3, 3, 1],
    ]
    assert shown(found["Ärenden och svar"]) == [
        ["Fråga", 3, 2, 1, 2, 1],
        ["Hets", 1, 0, 0, 0, 0],
        ["Totalt", 4, 2, 1, 2, 1],
    ]
    assert shown(found["Publicering"]) == [
        ["Facebook", 1, 2, 0, 2, 1],
        ["Instagram", 1, 2, 1, 3, 0],
        ["Totalt", 2, 4, 1, 5, 1],
    ]
    assert shown(found["Ögonblicksbilder"]) == [
        ["Vid avslut", 0, 1, 1],
        ["Enligt plan", 1, 1, 2],
        ["Totalt", 1, 2, 2],
    ]
    assert shown(found["Utvärderingar"]) == [
        ["Fortsätter som nu", 2, 1],
        ["Inget svar än", 1, 0],
        ["Totalt", 3, 1],
    ]
    assert all(one.note.endswith(".") for one in found.values())
    town.fold()
    assert shown(tables(town)["Bevakning"]) == shown(found["Bevakning"]), "folded into rows by now"


def test_the_years_before_and_after() -> None:
    town = ReportedYear()
    before = tables(town, 2026)
    assert shown(before["Konton per plattform"]) == [["Instagram", 0, 1, 0, 1], ["Totalt", 0, 1, 0, 1]]
    assert shown(before["Ärenden och svar"])[-1] == ["Totalt", 1, 0, 0, 0, 0], "what came of it came later"
    this = report(town, 2028)
    assert this.period == "1 januari–1 februari 2028" and len(this.months) == 2
    assert {one.title: one for one in this.tables}["Konton per plattform"].total == ["Totalt", 2, 0, 0, 2]
    with town.reading() as session:
        law = law_in_force(session, town.municipality_id, town.now)
        assert years_of(session, law, town.now) == [2028, 2027, 2026]
    town.at("2027-07-01 09:00")
    unfinished = report(town)
    assert unfinished.year.until_on == date(2027, 7, 2) and len(unfinished.months) == 7


def test_the_workbook_has_each_table_and_no_formula() -> None:
    """A unit's name is a text, whatever it begins with."""
    town = ReportedYear()
    town.rename("bibliotek", '=HYPERLINK("https://example.org")')
    town.rename("stab", "@SUM(1;1)\x07")
    written = report(town)
    book = load_workbook(io.BytesIO(as_workbook(written, town.now, ZONE)))
    assert book.sheetnames == ["Om rapporten", *(one.title for one in written.tables)]
    sheet = book["Konton per enhet"]
    assert sheet["A1"].value == {one.title: one for one in written.tables}["Konton per enhet"].note
    assert [cell.value for cell in sheet[3]][:2] == ["Enhet", "Vid början"]
    named = [sheet.cell(row, 1) for row in (4, 5)]
    assert [one.value for one in named] == ['=HYPERLINK("https://example.org")', "@SUM(1;1)"]
    assert all(one.quotePrefix for one in named)
    cells = [cell for one in book for row in one.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}, "no formula anywhere"
    assert [cell.value for cell in sheet[6]] == ["Totalt", 1, 2, 1, 2]


def test_the_paper_is_pdfa_with_a_chart_in_words() -> None:
    town = ReportedYear()
    pdf = as_pdf(report(town), town.now, ZONE)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.docinfo["/Title"] == "Sociala medier 2027"
        metadata = document.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")
        said = [
            str(one["/Alt"])
            for one in document.objects
            if isinstance(one, pikepdf.Dictionary) and "/Alt" in one
        ]
    assert said == [
        "Stapeldiagram över 2027: 2 öppna konton i slutet av jan och 2 i slutet av dec, som mest 2 (jan). "
        "Siffrorna står i tabellen Konton månad för månad."
    ]
    assert as_pdf(report(town), town.now, ZONE) == pdf, "the same values give the same bytes"


def test_the_chart_s_bars_are_as_tall_as_their_numbers() -> None:
    drawn = ElementTree.fromstring(bar_chart(["jan", "feb", "mars"], [2, 4, 0]))
    bars = [float(one.attrib["height"]) for one in drawn if one.tag.endswith("rect")]
    assert bars[1] == 2 * bars[0] > 0 and bars[2] == 0
    assert [one.text for one in drawn if one.tag.endswith("text")] == ["2", "jan", "4", "feb", "0", "mars"]
    assert bar_chart([], []).startswith(b"<svg")
