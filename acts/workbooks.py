"""Reading one sheet of an XLSX file that somebody else has sent.

The file is not trusted. Sizes are read before anything is unpacked; one sheet and what belongs to it is
packed anew, so that calamine sees nothing else; and the sheet is walked through before calamine reads it,
because calamine makes room for every cell up to the last one, and a single cell in XFD1048576 would
take the whole process down.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from posixpath import join, normpath
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook

from acts.tables import COLUMNS_LIMIT, ROWS_LIMIT, Grid, NotReadable, RowFault, cell_name, refusal
from policies.wording import nearest

UNPACKED_LIMIT = 60_000_000
"""Bytes that a workbook may say it unpacks to."""
PARTS_LIMIT = 2_000
_WORKBOOK, _WORKBOOK_LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_KEPT = {
    "_rels/.rels",
    "[content_types].xml",
    "xl/sharedstrings.xml",
    "xl/styles.xml",
    _WORKBOOK,
    _WORKBOOK_LINKS,
}
_CELL = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
Begin = Callable[[str, dict[str, str]], None]
_BROKEN = "Arbetsboken är skadad eller av ett annat slag än XLSX. Öppna den, spara den på nytt som XLSX."


@dataclass(frozen=True)
class _Sheet:
    name: str
    part: str
    visible: bool


@dataclass
class _Walk:
    """What was found on the way through a sheet."""

    filled: bool = False
    merged: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    without_value: list[str] = field(default_factory=list)
    too_far: str = ""
    row: int = 0
    place: int = -1
    kind: str = ""
    formula: bool = False
    value: bool = False


class _Refused(Exception):
    """The XML holds what no spreadsheet writes."""


_NOT_A_WORKBOOK = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    OSError,
    RuntimeError,
    ValueError,
    expat.ExpatError,
    CalamineError,
    _Refused,
)
"""What a broken archive (also an encrypted one) and broken XML raise, found by breaking them."""


def read_sheet(name: str, content: bytes, wanted: str | None) -> tuple[Grid, list[str]]:
    """The values of the wanted sheet, or the first visible one that holds any, and a note of the choice."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            _demand_size(name, packed)
            return _read(name, packed, wanted)
    except _NOT_A_WORKBOOK as error:
        raise refusal(name, _BROKEN) from error


def _demand_size(name: str, packed: zipfile.ZipFile) -> None:
    parts = packed.infolist()
    if len(parts) > PARTS_LIMIT or sum(part.file_size for part in parts) > UNPACKED_LIMIT:
        says = (
            "Arbetsboken är mycket större uppackad än den ser ut. Kopiera raderna till en ny, tom arbetsbok "
            "och spara den."
        )
        raise refusal(name, says)


def _read(name: str, packed: zipfile.ZipFile, wanted: str | None) -> tuple[Grid, list[str]]:
    sheets = _sheets(packed)
    chosen, walk = _chosen(name, packed, sheets, wanted)
    _demand_plain(name, chosen, walk)
    choice = len(sheets) > 1 and wanted is None
    notes = [f"Filen har {len(sheets)} blad. Bladet ”{chosen.name}” är läst."] if choice else []
    return _values(packed, chosen) if walk.filled else [], notes


def _sheets(packed: zipfile.ZipFile) -> list[_Sheet]:
    targets: dict[str, str] = {}
    found: list[_Sheet] = []

    def link(tag: str, given: dict[str, str]) -> None:
        if tag == "Relationship":
            targets[given.get("Id", "")] = normpath(join("xl", given.get("Target", ""))).lstrip("/")

    def sheet(tag: str, given: dict[str, str]) -> None:
        if tag == "sheet":
            link_id = next((value for key, value in given.items() if key.rpartition(":")[2] == "id"), "")
            part = targets.get(link_id, "")
            found.append(_Sheet(given.get("name", ""), part, given.get("state", "visible") == "visible"))

    _walk_xml(packed.read(_WORKBOOK_LINKS), link)
    _walk_xml(packed.read(_WORKBOOK), sheet)
    return [one for one in found if one.part in packed.namelist()]


def _chosen(
    name: str, packed: zipfile.ZipFile, sheets: list[_Sheet], wanted: str | None
) -> tuple[_Sheet, _Walk]:
    if wanted is not None:
        by_name = {one.name.strip().casefold(): one for one in sheets}
        if wanted.strip().casefold() not in by_name:
            names = [one.name for one in sheets]
            near = nearest(wanted, names) or f" Blad i filen: {', '.join(names)}."
            raise refusal(name, f"Bladet ”{wanted}” finns inte i filen.{near}")
        one = by_name[wanted.strip().casefold()]
        return one, _walked(packed.read(one.part))
    for one in sheets:
        walk = _walked(packed.read(one.part)) if one.visible else _Walk()
        if walk.filled:
            return one, walk
    raise refusal(name, "Arbetsboken är tom.")


def _walk_xml(xml: bytes, begin: Begin, parser: expat.XMLParserType | None = None) -> None:
    """Tell of each element by its bare name. A document type, which no spreadsheet has, is refused."""

    def refuse(*_: object) -> None:
        raise _Refused

    parser = parser or expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda tag, given: begin(tag.rpartition(":")[2], given)
    parser.Parse(xml, True)


def _walked(xml: bytes) -> _Walk:
    walk, parser = _Walk(), expat.ParserCreate()

    def begin(tag: str, given: dict[str, str]) -> None:
        if tag == "row":
            walk.row, walk.place = _number(given.get("r")) or walk.row + 1, -1
        elif tag == "c":
            _step_to(walk, given)
        elif tag in ("v", "is"):
            _begin_value(walk)
            parser.CharacterDataHandler = text
        elif tag == "f":
            walk.formula = True
        elif tag == "mergeCell":
            walk.merged.append(given.get("ref", ""))

    def text(_: str) -> None:
        walk.filled = walk.value = True
        parser.CharacterDataHandler = None

    def end(tag: str) -> None:
        if tag == "c" or tag.endswith(":c"):
            _end_cell(walk)
            parser.CharacterDataHandler = None

    parser.EndElementHandler = end
    _walk_xml(xml, begin, parser)
    return walk


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else 0


def _step_to(walk: _Walk, given: dict[str, str]) -> None:
    """Where the cell stands: as it says itself, else one step on."""
    walk.place += 1
    walk.kind, walk.formula, walk.value = given.get("t", ""), False, False
    if "r" in given:
        at = _CELL.fullmatch(given["r"])
        if at is None:
            raise _Refused
        walk.row, walk.place = int(at.group(2)), _place(at.group(1))


def _place(letters: str) -> int:
    place = 0
    for letter in letters.upper():
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def _begin_value(walk: _Walk) -> None:
    if not walk.too_far and (walk.place >= COLUMNS_LIMIT or walk.row > ROWS_LIMIT + 1):
        walk.too_far = cell_name(walk.row, walk.place)


def _end_cell(walk: _Walk) -> None:
    """An empty text as result has the kind `str`; any other formula without value was never counted."""
    if walk.kind == "e":
        walk.errors.append(cell_name(walk.row, walk.place))
    elif walk.formula and not walk.value and walk.kind != "str":
        walk.without_value.append(cell_name(walk.row, walk.place))


def _demand_plain(name: str, sheet: _Sheet, walk: _Walk) -> None:
    """Refuse what cannot be read as rows of values, each with its cell."""
    faults = [
        *_faults(
            name, walk.merged, "Cellerna är sammanfogade. Dela dem, så att varje rad har sina egna värden."
        ),
        *_faults(
            name,
            walk.errors,
            "Cellen visar ett fel i stället för ett värde. Rätta formeln eller skriv värdet.",
        ),
        *_faults(
            name,
            walk.without_value,
            "Formeln har inget sparat värde. Öppna filen i Excel, spara och försök igen.",
        ),
    ]
    if walk.too_far:
        says = (
            f"Bladet ”{sheet.name}” är för stort: högst {ROWS_LIMIT} rader och {COLUMNS_LIMIT} kolumner går "
            "bra. Ta bort det som står utanför, eller dela filen."
        )
        faults.insert(0, RowFault(0, "", walk.too_far, "", says, name))
    if faults:
        raise NotReadable(faults)


def _faults(name: str, cells: Iterable[str], says: str) -> list[RowFault]:
    return [RowFault(_row_of(cell), "", cell, "", says, name) for cell in cells]


def _row_of(cell: str) -> int:
    at = _CELL.match(cell)
    return int(at.group(2)) if at else 0


def _values(packed: zipfile.ZipFile, sheet: _Sheet) -> Grid:
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as anew:
        for part in dict.fromkeys(packed.namelist()):
            if part.lower() in _KEPT or part == sheet.part:
                anew.writestr(part, packed.read(part))
    plain.seek(0)
    with CalamineWorkbook.from_filelike(plain) as workbook:
        rows = workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
    return [[_text(value) for value in row] for row in rows]


def _text(value: object) -> str:
    """A value as a person would have typed it: no decimals that are not there, dates as ÅÅÅÅ-MM-DD."""
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)
