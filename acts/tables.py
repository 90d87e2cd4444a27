"""What a table file is once it is read: rows of texts, and cells named as the spreadsheet names them."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

FILE_LIMIT = 5_000_000
"""Bytes."""
ROWS_LIMIT = 20_000
"""Rows below the header."""
COLUMNS_LIMIT = 50
CELL_LIMIT = 2_000
"""Characters."""
SHOWN_LIMIT = 80
"""Characters of a cell that a report repeats."""

Grid = list[list[str]]
"""All rows from the first one of the sheet, as they stand."""

_EDGES = " \t\r\n\u00a0\u200b\ufeff"
_UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffd]")
_READ_AS_ANOTHER_ENCODING = re.compile("Ã[¤¥¶„…–\u0084\u0085\u0096]")


@dataclass(frozen=True)
class RowFault:
    """What is wrong in one cell, and how to write it. `row` 0 is the file as a whole."""

    row: int
    column: str
    cell: str
    """As the spreadsheet names it, e.g. "B7"."""
    value: str
    """What stands there, shortened; empty when it must not be repeated."""
    says: str
    file: str = ""


class NotReadable(Exception):
    """A file that is no table that can be imported; nothing of it has been used."""

    def __init__(self, faults: Sequence[RowFault]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(fault.says for fault in faults))


@dataclass(frozen=True)
class Row:
    """One row, its texts trimmed. `number` counts as the spreadsheet does, from 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A header and the rows below it; empty rows are left out."""

    file_name: str
    sha256: str
    """Of the file's bytes."""
    header: Row
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    """What the reader chose, in Swedish, e.g. which sheet."""


def column_letters(place: int) -> str:
    """The spreadsheet's name of a column, counted from 0: A … Z, AA …"""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_name(row: int, place: int) -> str:
    """E.g. "B7" for row 7 and place 1."""
    return f"{column_letters(place)}{row}"


def shown(text: str) -> str:
    """A cell's text as a report repeats it: on one line, shortened."""
    line = " ".join(text.split())
    return f"{line[: SHOWN_LIMIT - 1]}…" if len(line) > SHOWN_LIMIT else line


def refusal(file_name: str, says: str) -> NotReadable:
    """The file as a whole cannot be used."""
    return NotReadable([RowFault(0, "", "", "", says, file_name)])


def table_of(file_name: str, content: bytes, grid: Grid, notes: Iterable[str] = ()) -> Table:
    """The grid as header and rows. Raises NotReadable with every cell that is too long or not text."""
    rows = [Row(number, _trimmed(cells)) for number, cells in enumerate(grid, 1)]
    filled = [row for row in rows if any(row.cells)]
    if not filled:
        raise refusal(file_name, "Filen är tom. Första raden ska ha kolumnernas namn.")
    faults = [fault for row in filled for fault in _cell_faults(file_name, row)]
    if len(filled) - 1 > ROWS_LIMIT:
        says = f"Filen har {len(filled) - 1} rader. Högst {ROWS_LIMIT} går bra: dela den i flera filer."
        faults.insert(0, RowFault(0, "", "", "", says, file_name))
    if faults:
        raise NotReadable(faults)
    header, *below = filled
    return Table(file_name, sha256(content).hexdigest(), header, tuple(below), tuple(notes))


def _trimmed(cells: list[str]) -> tuple[str, ...]:
    """Texts without blanks at their edges or empty cells at the end; letters composed (å, not a and ring)."""
    texts = [unicodedata.normalize("NFC", cell).replace("\r\n", "\n").strip(_EDGES) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _cell_faults(file_name: str, row: Row) -> list[RowFault]:
    if len(row.cells) > COLUMNS_LIMIT:
        says = f"Raden har {len(row.cells)} kolumner. Högst {COLUMNS_LIMIT} går bra: ta bort de överflödiga."
        return [RowFault(row.number, "", cell_name(row.number, COLUMNS_LIMIT), "", says, file_name)]
    faults = []
    for place, text in enumerate(row.cells):
        wrong = _wrong_with(text)
        if wrong:
            value, cell = shown(_UNREADABLE.sub("", text)), cell_name(row.number, place)
            faults.append(RowFault(row.number, "", cell, value, wrong, file_name))
    return faults


def _wrong_with(text: str) -> str | None:
    if len(text) > CELL_LIMIT:
        return f"Texten har {len(text)} tecken. Korta den till högst {CELL_LIMIT}."
    if _UNREADABLE.search(text):
        return "Cellen innehåller tecken som inte är text. Skriv om den för hand."
    if _READ_AS_ANOTHER_ENCODING.search(text):
        return (
            "Å, ä och ö har blivit fel (”Ã¥”) när filen öppnades eller sparades. Rätta dem i originalet "
            "och spara som ”CSV UTF-8” eller XLSX."
        )
    return None
