"""Files as people really save them, and files that would harm whoever opens them."""

import datetime
import io
import re
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook

from acts.spreadsheets import read_table
from acts.tables import NotReadable, RowFault, Table, column_letters

TEXT = "kod;namn;nivå\nKS;Kommunstyrelsen på Ö;förvaltning\nBIB;Biblioteket;enhet\n"


def cells(table: Table) -> list[tuple[str, ...]]:
    return [table.header.cells, *(row.cells for row in table.rows)]


def faults_of(content: bytes, name: str = "fil.csv", sheet: str | None = None) -> list[RowFault]:
    with pytest.raises(NotReadable) as refused:
        read_table(name, content, sheet)
    return refused.value.faults


def saved(book: Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "iso-8859-1"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_csv_as_programs_save_it(encoding: str, delimiter: str, line_end: str) -> None:
    text = TEXT.replace(";", delimiter).replace("\n", line_end)
    assert cells(read_table("enheter.csv", text.encode(encoding))) == [
        ("kod", "namn", "nivå"),
        ("KS", "Kommunstyrelsen på Ö", "förvaltning"),
        ("BIB", "Biblioteket", "enhet"),
    ]


def test_rows_have_the_numbers_that_the_spreadsheet_shows() -> None:
    text = '\nkod;namn\nA;"två\nrader"\n;\n\nB;b\n'
    table = read_table("fil.csv", text.encode())
    assert (table.header.number, [row.number for row in table.rows]) == (2, [3, 6])
    assert table.rows[0].cells == ("A", "två\nrader")


def test_the_delimiter_can_be_told_in_the_first_line() -> None:
    assert cells(read_table("fil.csv", b"sep=,\r\nkod,namn\r\nA,b;c;d\r\n")) == [
        ("kod", "namn"),
        ("A", "b;c;d"),
    ]


def test_letters_are_composed_and_blanks_trimmed() -> None:
    decomposed = "kod;namn\nA;\u00a0A\u030akesson \n"
    assert cells(read_table("fil.csv", decomposed.encode()))[1] == ("A", "Åkesson")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "tom"),
        (b" \n ;;\n", "tom"),
        (b";;;\n;;;\n", "tom"),
        (TEXT.encode("utf-16"), "UTF-16"),
        (TEXT.encode("utf-16-le"), "ingen texttabell"),
        (TEXT.encode("cp850"), "teckenkodning"),
        (TEXT.encode("mac_roman"), "teckenkodning"),
        (bytes(range(256)) * 8, "ingen texttabell"),
        (bytes(range(1, 256)) * 8, "teckenkodning"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(1, 200)), "teckenkodning"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "lösenord"),
        (b"PK\x03\x04" + b"x" * 100, "skadad"),
        (b'kod;namn\nA;"b\nC;d\n', "citattecken"),
        (b"kod\n" + b"A\n" * 20_001, "20001 rader"),
        (b"kod\n" + b"A" * 5_000_000, "5,0 MB"),
    ],
)
def test_files_that_are_no_tables(content: bytes, says: str) -> None:
    [fault] = faults_of(content)
    assert says in fault.says
    assert (fault.row, fault.cell, fault.file) == (0, "", "fil.csv")


@pytest.mark.parametrize(
    ("text", "cell", "says"),
    [
        ("kod;namn\nA;" + "x" * 2001, "B2", "2001 tecken"),
        ("kod;namn\n\nA;a\x07b", "B3", "inte är text"),
        ("kod;namn\nA;GÃ¥ngby", "B2", "Å, ä och ö"),
        (";".join("x" * 51) + "\n", "AY1", "51 kolumner"),
    ],
)
def test_cells_that_cannot_be_used(text: str, cell: str, says: str) -> None:
    [fault] = faults_of(text.encode())
    assert fault.cell == cell
    assert says in fault.says


def test_values_of_a_workbook_are_as_typed(xlsx: Callable[..., bytes]) -> None:
    content = xlsx(
        Blad1=[
            ["kod", "värde"],
            [100, 1.5],
            [datetime.date(2026, 3, 1), datetime.datetime(2026, 3, 1, 8, 30)],
            [True, " åäö "],
        ]
    )
    assert cells(read_table("fil.xlsx", content))[1:] == [
        ("100", "1.5"),
        ("2026-03-01", "2026-03-01 08:30:00"),
        ("ja", "åäö"),
    ]


def test_the_first_sheet_with_something_in_it_is_read_and_named(xlsx: Callable[..., bytes]) -> None:
    content = xlsx(Tomt=[], Enheter=[["kod"], ["A"]], Personer=[["namn"], ["B"]])
    table = read_table("fil.xlsx", content)
    assert cells(table) == [("kod",), ("A",)]
    assert table.notes == ("Filen har 3 blad. Bladet ”Enheter” är läst.",)
    assert cells(read_table("fil.xlsx", content, "personer")) == [("namn",), ("B",)]
    assert 'Menade du "Personer"' in faults_of(content, sheet="Personner")[0].says


def test_hidden_sheets_are_read_only_by_name() -> None:
    book = Workbook()
    book.active.append(["gammalt"])
    book.active.title, book.active.sheet_state = "Gömt", "hidden"
    book.create_sheet("Nytt").append(["kod"])
    assert read_table("fil.xlsx", saved(book)).header.cells == ("kod",)
    assert read_table("fil.xlsx", saved(book), "Gömt").header.cells == ("gammalt",)


def test_a_sheet_cannot_be_chosen_in_csv() -> None:
    assert "inga blad" in faults_of(TEXT.encode(), sheet="Enheter")[0].says


def test_merged_cells_errors_and_formulas_without_value_are_named() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["kod", "namn"])
    sheet["A2"], sheet["B3"], sheet["A5"] = "A", "#N/A", "=1+1"
    sheet.merge_cells("A2:A3")
    found = {fault.cell: fault.says for fault in faults_of(saved(book), "fil.xlsx")}
    assert set(found) == {"A2:A3", "B3", "A5"}
    assert "sammanfogade" in found["A2:A3"] and "fel" in found["B3"] and "värde" in found["A5"]


def test_a_formula_gives_its_value() -> None:
    sheet = '<row r="1"><c r="A1" t="str"><f>x</f><v>kod</v></c><c r="B1" t="str"><f>y</f><v></v></c></row>'
    assert read_table("fil.xlsx", workbook(sheet)).header.cells == ("kod",)


def workbook(rows: str, before: str = "") -> bytes:
    """A workbook written by hand, with what no program would write."""
    book = Workbook()
    with zipfile.ZipFile(io.BytesIO(saved(book))) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    sheet = re.sub(r"<sheetData\s*/>|<sheetData>.*</sheetData>", f"<sheetData>{rows}</sheetData>", sheet)
    parts["xl/worksheets/sheet1.xml"] = (before + sheet).encode()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return content.getvalue()


def test_one_cell_far_away_does_not_make_room_for_all_between() -> None:
    """Calamine would end the process, for want of memory."""
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    [fault] = faults_of(workbook(far), "fil.xlsx")
    assert fault.cell == "XFD1048576"
    assert "20000 rader" in fault.says


def test_formatted_cells_without_value_may_lie_far_away() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="0"/></row><row r="1048576"/>'
    assert read_table("fil.xlsx", workbook(rows)).header.cells == ("1",)


def test_xml_with_entities_is_refused() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]>'
    [fault] = faults_of(workbook('<row r="1"><c r="A1"><v>1</v></c></row>', bomb), "fil.xlsx")
    assert "skadad" in fault.says


def test_a_zip_bomb_is_refused_by_what_it_says_of_itself() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", " " * 61_000_000)
    assert len(content.getvalue()) < 100_000
    assert "uppackad" in faults_of(content.getvalue(), "fil.xlsx")[0].says


def test_a_zip_bomb_that_lies_is_never_unpacked() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", " " * 61_000_000)
        packed.writestr("xl/_rels/workbook.xml.rels", "<Relationships/>")
    raw = bytearray(content.getvalue())
    at = raw.index(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (100).to_bytes(4, "little")
    assert "skadad" in faults_of(bytes(raw), "fil.xlsx")[0].says


def test_other_workbooks_are_told_apart(xlsx: Callable[..., bytes]) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert "XLSX" in faults_of(content.getvalue(), "fil.ods")[0].says
    whole = xlsx(Blad=[["kod"], ["A"]])
    for length in range(5, len(whole), 97):
        faults_of(whole[:length], "fil.xlsx")


def test_column_letters() -> None:
    assert [column_letters(place) for place in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]
