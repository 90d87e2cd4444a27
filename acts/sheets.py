"""A table under the columns it should have: finding them by name, and blaming cells that cannot be used."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TypeVar

from acts.applying import is_address
from acts.tables import RowFault, Table, cell_name, shown
from policies.wording import nearest

T = TypeVar("T")

_SECRET_COLUMN = re.compile(r"losen|password|pinkod|\bpin\b|passwd|pwd")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
"""Staff systems write 9999-12-31 for no end at all."""
_BETWEEN = re.compile(r"[,;\n]")


@dataclass(frozen=True)
class Column:
    """One column that a file may have, by its Swedish names."""

    key: str
    title: str
    also: tuple[str, ...] = ()
    required: bool = False
    """The column must be there and every row have a value."""
    limit: int = 120
    """Characters."""


@dataclass(frozen=True)
class Line:
    """One row by column; a key is missing when the file has no such column."""

    number: int
    texts: Mapping[str, str]

    def text(self, key: str) -> str:
        """What stands there, or nothing."""
        return self.texts.get(key, "")


@dataclass
class Sheet:
    """The lines of a table, and everything that is wrong with them, once per cell."""

    table: Table
    columns: Sequence[Column]
    places: dict[str, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    _blamed: set[tuple[int, str]] = field(default_factory=set)
    _faulty: set[int] = field(default_factory=set)

    def blame(self, line: Line, key: str, says: str, *, repeat: bool = True) -> None:
        """Say what is wrong in a cell. `repeat` False where its text must not be shown again."""
        if (line.number, key) in self._blamed:
            return
        self._blamed.add((line.number, key))
        self._faulty.add(line.number)
        cell = cell_name(line.number, self.places[key]) if key in self.places else ""
        value = shown(line.text(key)) if repeat else ""
        self.faults.append(RowFault(line.number, self.title(key), cell, value, says, self.table.file_name))

    def blame_whole(self, says: str, row: int = 0, place: int | None = None, value: str = "") -> None:
        """Say what is wrong with the file or its header; then no row of it is used."""
        cell = cell_name(row, place) if place is not None else ""
        self.faults.append(RowFault(row, value, cell, value, says, self.table.file_name))
        self._faulty |= {line.number for line in self.lines}

    def is_sound(self, line: Line) -> bool:
        """Whether nothing has been found wrong with the line so far."""
        return line.number not in self._faulty

    def title(self, key: str) -> str:
        """A column's Swedish name."""
        return next(column.title for column in self.columns if column.key == key)

    def cell(self, line: Line, key: str) -> str:
        """The name of a line's cell."""
        return cell_name(line.number, self.places[key])


@lru_cache(maxsize=2000)
def folded(text: str) -> str:
    """Letters and digits alone, without case, dots and rings: how names and words are compared."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if letter.isalnum() and letter.isascii())


def sheet_of(table: Table, columns: Sequence[Column]) -> Sheet:
    """The table's lines by column. With a wrong header there are faults and no lines."""
    sheet = Sheet(table, columns)
    _place_columns(sheet)
    if not sheet.faults:
        sheet.lines = [_line(sheet, row.number, row.cells) for row in table.rows]
        for line, row in zip(sheet.lines, table.rows, strict=True):
            _check_width(sheet, line, row.cells)
            _check_texts(sheet, line)
    return sheet


def _place_columns(sheet: Sheet) -> None:
    known = {folded(name): column for column in sheet.columns for name in (column.title, *column.also)}
    header = sheet.table.header
    for place, name in enumerate(header.cells):
        column = known.get(folded(name))
        if column is not None and column.key not in sheet.places:
            sheet.places[column.key] = place
        elif says := _wrong_name(sheet, name, column, place):
            sheet.blame_whole(says, header.number, place, shown(name))
    for column in sheet.columns:
        if column.required and column.key not in sheet.places:
            sheet.blame_whole(
                f"Kolumnen ”{column.title}” saknas. Lägg till den i rubrikraden.", header.number
            )


def _wrong_name(sheet: Sheet, name: str, column: Column | None, place: int) -> str | None:
    if not name:
        filled = any(place < len(row.cells) and row.cells[place] for row in sheet.table.rows)
        return "Kolumnen saknar namn. Skriv det i rubrikraden, eller ta bort kolumnen." if filled else None
    if _SECRET_COLUMN.search(folded(name)):
        return "Kolumnen ser ut att innehålla lösenord. Ta bort den ur filen: de ska aldrig importeras."
    titles = [one.title for one in sheet.columns]
    if column is not None:
        return f"Kolumnen ”{column.title}” finns två gånger. Ta bort den ena."
    near = nearest(name.casefold(), titles) or f" Kolumner som kan finnas: {', '.join(titles)}."
    return f"Kolumnen ”{shown(name)}” är okänd.{near} Döp om den eller ta bort den."


def _line(sheet: Sheet, number: int, cells: Sequence[str]) -> Line:
    texts = {key: cells[place] if place < len(cells) else "" for key, place in sheet.places.items()}
    return Line(number, texts)


def _check_width(sheet: Sheet, line: Line, cells: Sequence[str]) -> None:
    for place in range(len(sheet.table.header.cells), len(cells)):
        if cells[place]:
            says = (
                "Raden har fler värden än det finns kolumner. Står ett skiljetecken inne i en text? Sätt då "
                "texten inom citattecken."
            )
            name = cell_name(line.number, place)
            sheet.faults.append(RowFault(line.number, "", name, "", says, sheet.table.file_name))
            sheet._faulty.add(line.number)
            return


def _check_texts(sheet: Sheet, line: Line) -> None:
    for column in sheet.columns:
        text = line.text(column.key)
        if column.required and not text:
            sheet.blame(line, column.key, f"Cellen är tom. Skriv {column.title}.")
        elif len(text) > column.limit:
            sheet.blame(line, column.key, f"Texten har {len(text)} tecken. Korta den till {column.limit}.")


def choice(sheet: Sheet, line: Line, key: str, words: Mapping[str, T]) -> T | None:
    """The value whose Swedish word stands in a cell; None when it is empty or wrong, and then blamed."""
    text = line.text(key)
    by_word = {folded(word): value for word, value in words.items()}
    if text and folded(text) not in by_word:
        sheet.blame(line, key, f"”{shown(text)}” går inte. Skriv ett av: {', '.join(words)}.")
    return by_word.get(folded(text)) if text else None


def day(sheet: Sheet, line: Line, key: str) -> date | None:
    """The date in a cell; None when it is empty or wrong, and then blamed."""
    text = line.text(key)
    if not text:
        return None
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        sheet.blame(line, key, "Skriv datumet som ÅÅÅÅ-MM-DD, till exempel 2027-03-01.")
    elif not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        says = f"Årtalet kan inte stämma. Skriv ett från {_FIRST_YEAR} till {_LAST_YEAR}, eller inget datum."
        sheet.blame(line, key, says)
        return None
    return found


def email(sheet: Sheet, line: Line, key: str) -> str:
    """The address in a cell, lower case; empty when it is empty or wrong, and then blamed."""
    found = emails(sheet, line, key)
    if len(found) > 1:
        sheet.blame(line, key, "Här får bara en adress stå. Ta bort de andra.")
    return found[0] if len(found) == 1 else ""


def emails(sheet: Sheet, line: Line, key: str) -> tuple[str, ...]:
    """The addresses in a cell, each once, in order; those that are none are blamed."""
    found = tuple(dict.fromkeys(one.lower() for one in words(line.text(key))))
    for one in found:
        if not is_address(one):
            says = f"”{shown(one)}” är ingen e-postadress. Skriv bara adressen, till exempel namn@exempel.se"
            several = ", och komma mellan flera." if len(found) > 1 else "."
            sheet.blame(line, key, says + several)
            return ()
    return found


def words(text: str) -> list[str]:
    """What stands between commas, semicolons or line breaks."""
    return [one.strip() for one in _BETWEEN.split(text) if one.strip()]


def doubles(sheet: Sheet, keys: Mapping[int, str]) -> Iterator[tuple[Line, list[Line]]]:
    """Each line that has the same key as others, with those others. `keys` by line number."""
    groups: dict[str, list[Line]] = {}
    for line in sheet.lines:
        if keys.get(line.number):
            groups.setdefault(keys[line.number], []).append(line)
    for group in groups.values():
        for line in group if len(group) > 1 else ():
            yield line, [other for other in group if other is not line]


def sentence(says: str, after: str) -> str:
    """A statement and what follows from it: another sentence, or why (with a colon first)."""
    return f"{says}{after}" if after.startswith(":") else f"{says}.{after}"
