"""The yearly report as files: a PDF/A to read and keep, and a workbook to count on with."""

import io
import re
from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from acts.handing_out import FORMULA_SIGNS
from acts.yearly_tables import Cell, YearReport, YearTable, words
from papers.bar_chart import bar_chart
from papers.documents import moment
from papers.report_paper import Figure, Report, Summary, write_report

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NOT_IN_A_CELL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NOT_IN_A_NAME = re.compile(r"[\\/*?:\[\]]")
_WIDEST = 60


# ---------------------------------------------------------------- to read


def as_pdf(report: YearReport, now: datetime, zone: str) -> bytes:
    """PDF/A-2b. Raises CannotWrite when this machine lacks a part."""
    written = moment(now, zone)
    paper = Report(
        municipality=report.municipality,
        kind="Årsrapport",
        title=f"Sociala medier {report.year.number}",
        lead=f"{report.period}. Sammanställd {written}.",
        facts=report.headlines,
        figures=[_figure(report)] if report.months else [],
        tables=[_summary(one) for one in report.tables],
    )
    which = f"kanalvakt:year:{report.municipality}:{report.year.number}:{now.isoformat()}"
    return write_report(paper, created_at=now, identifier=uuid5(NAMESPACE_URL, which).hex)


def _summary(table: YearTable) -> Summary:
    rows = [[words(one) for one in row] for row in table.rows]
    return Summary(table.title, table.note, table.columns, rows, [words(one) for one in table.total])


def _figure(report: YearReport) -> Figure:
    months = [_MONTHS[one.first_on.month - 1] for one in report.months]
    values = [one.open for one in report.months]
    says = (
        f"Stapeldiagram över {report.year.number}: {values[0]} öppna konton i slutet av {months[0]} och "
        f"{values[-1]} i slutet av {months[-1]}, som mest {max(values)} "
        f"({months[values.index(max(values))]}). Siffrorna står i tabellen Konton månad för månad."
    )
    return Figure("Öppna konton vid varje månads slut", says, bar_chart(months, values))


_MONTHS = ("jan", "feb", "mars", "april", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec")


# ---------------------------------------------------------------- to count on with


def as_workbook(report: YearReport, now: datetime, zone: str) -> bytes:
    """A sheet for each table, and a first one that says what it is."""
    book = Workbook()
    book.properties.title = f"Sociala medier {report.year.number}: {report.municipality}"
    book.properties.creator = "Kanalvakt"
    book.properties.language = "sv"
    book.properties.created = book.properties.modified = now.replace(tzinfo=None)
    about = book.active
    assert isinstance(about, Worksheet)
    _write_about(about, report, moment(now, zone))
    for table in report.tables:
        _write_table(book.create_sheet(_sheet_name(table.title)), table)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _sheet_name(title: str) -> str:
    return _NOT_IN_A_NAME.sub(" ", title)[:31]


def _write_about(sheet: Worksheet, report: YearReport, written: str) -> None:
    sheet.title = "Om rapporten"
    rows: list[Sequence[Cell]] = [
        [f"Sociala medier {report.year.number}", report.municipality],
        ["Period", report.period],
        ["Sammanställd", written],
        *report.headlines,
    ]
    for number, row in enumerate(rows, start=1):
        _write_row(sheet, number, row)
        sheet.cell(number, 1).font = Font(bold=True)
    _set_widths(sheet, rows)


def _write_table(sheet: Worksheet, table: YearTable) -> None:
    """The note, the header and the rows, and the total last."""
    _write_row(sheet, 1, [table.note])
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(table.columns))
    sheet.cell(1, 1).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.row_dimensions[1].height = 80
    rows = [table.columns, *table.rows, table.total]
    for number, row in enumerate(rows, start=3):
        _write_row(sheet, number, row)
    for number in (3, 2 + len(rows)):
        for place in range(1, len(table.columns) + 1):
            sheet.cell(number, place).font = Font(bold=True)
    sheet.freeze_panes = "B4"
    _set_widths(sheet, rows)


def _write_row(sheet: Worksheet, number: int, row: Sequence[Cell]) -> None:
    for place, value in enumerate(row, start=1):
        if value is not None:
            _write(sheet.cell(number, place), value)


def _write(cell: SheetCell, value: Cell) -> None:
    """A text is a text, whatever it begins with: no program takes "=…" or "@…" for something to work out."""
    if not isinstance(value, str):
        cell.value = round(value, 1) if isinstance(value, float) else value
        return
    cell.value = _NOT_IN_A_CELL.sub("", value)
    cell.data_type = "s"
    cell.quotePrefix = value.startswith(FORMULA_SIGNS)


def _set_widths(sheet: Worksheet, rows: Sequence[Sequence[Cell]]) -> None:
    for place in range(max(map(len, rows))):
        longest = max(len(words(row[place])) for row in rows if place < len(row))
        sheet.column_dimensions[get_column_letter(place + 1)].width = min(longest + 3, _WIDEST)
