"""Reading a table that somebody made in a spreadsheet: CSV as it is really saved, and XLSX."""

import csv
import io
import re
from pathlib import PurePath

from charset_normalizer import from_bytes

from acts import workbooks
from acts.tables import FILE_LIMIT, Grid, Table, refusal, table_of

_DELIMITERS = (";", ",", "\t")
_SAYS_DELIMITER = re.compile(r'"?sep=([;,\t])"?\s*?(\r\n|\r|\n)', re.IGNORECASE)
_ANOTHER_CODE_PAGE = re.compile("[a-zA-Z][†„”™Œ]|[†„”™Œ][a-zA-Z]")
"""What å, ä and ö of MS-DOS and old Macintosh become when they are read as Windows-1252."""
_ZIPPED, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def read_table(file_name: str, content: bytes, sheet: str | None = None) -> Table:
    """The table of a CSV or XLSX file, told apart by content; `sheet` names one of a workbook's.

    Raises NotReadable with everything that stands in the way, cell by cell.
    """
    name = PurePath(file_name.replace("\\", "/")).name
    if not content.strip():
        raise refusal(name, "Filen är tom.")
    if len(content) > FILE_LIMIT:
        size, limit = len(content) / 1_000_000, FILE_LIMIT // 1_000_000
        says = f"Filen är för stor: {size:.1f} MB. Högst {limit} MB går bra: dela den i flera filer."
        raise refusal(name, says.replace(".", ",", 1))
    if content.startswith(_OLD_OFFICE):
        says = (
            "Filen är skyddad med lösenord eller av ett äldre slag (.xls). Spara den som XLSX utan lösenord."
        )
        raise refusal(name, says)
    if content.startswith(_ZIPPED):
        grid, notes = workbooks.read_sheet(name, content, sheet)
        return table_of(name, content, grid, notes)
    if sheet is not None:
        raise refusal(name, "Filen är ingen arbetsbok och har därför inga blad att välja bland.")
    return table_of(name, content, _grid(name, _decoded(name, content)))


def _decoded(name: str, content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refusal(
            name, "Filen är sparad som UTF-16 (”Unicode-text”). Spara den som ”CSV UTF-8” eller XLSX."
        )
    if b"\x00" in content:
        raise refusal(name, "Filen är ingen texttabell. Spara den som ”CSV UTF-8” eller XLSX.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decoded_windows(name, content)


def _decoded_windows(name: str, content: bytes) -> str:
    """Windows-1252, which is ISO-8859-1 for every letter; only if what comes out reads like text."""
    likely = from_bytes(content, cp_isolation=["cp1252"], enable_fallback=False).best()
    text = content.decode("cp1252") if likely is not None else ""
    if not text or _ANOTHER_CODE_PAGE.search(text):
        says = "Filens teckenkodning går inte att känna igen. Spara den som ”CSV UTF-8” eller XLSX."
        raise refusal(name, says)
    return text


def _grid(name: str, text: str) -> Grid:
    """Rows as a spreadsheet counts them: a line break within quotation marks begins no new row."""
    told = _SAYS_DELIMITER.match(text)
    text = text[told.end() :] if told else text
    delimiter = told.group(1) if told else max(_DELIMITERS, key=lambda one: _width(text, one))
    rows: Grid = []
    try:
        rows.extend(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        says = (
            f'Rad {len(rows) + 1} eller någon efter den går inte att läsa: ett citattecken (") står fel. Ett '
            'citattecken inne i en text skrivs två gånger (""). Säkrast är att spara filen som XLSX.'
        )
        raise refusal(name, says) from None
    return rows


def _width(text: str, delimiter: str) -> int:
    """How many cells the first row with a word in it would have."""
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return next((len(row) for row in rows if any(map(str.isalnum, "".join(row)))), 0)
    except csv.Error:
        return 0
