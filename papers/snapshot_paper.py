"""A snapshot of an account as a paper: a page that says what it is, then the picture, page by page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal

from babel.numbers import format_decimal
from markupsafe import Markup
from PIL import Image

from papers.documents import moment, render
from papers.pdfa import Profile
from papers.pictures import is_of_one_colour, packed, pages_of, read_picture
from papers.printed_pages import printed_pages
from papers.refusing import CannotUse

MOST_BYTES = 25_000_000
MOST_PIECES = 200
Kind = Literal["png", "jpeg", "pdf"]

_KINDS = {"png": "PNG-bild", "jpeg": "JPEG-bild", "pdf": "PDF"}
_WIDTH, _HEIGHT = 186.0, 258.0
"""Millimetres for a picture on an A4 page, within the margins of the template's picture pages."""
_SHOWN_WHOLE = 2.4
_FEWEST_DOTS_PER_INCH = 72
_MILLIMETRES_AN_INCH = 25.4


@dataclass(frozen=True)
class Snapshot:
    """What the first page says. `taken_by` is a person in their role, or the browser and its version."""

    municipality: str
    account: str
    platform: str
    address: str
    taken_at: datetime
    zone: str
    taken_by: str
    clauses: tuple[str, ...]
    occasion: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Original:
    """The picture or PDF as it came, to be kept as it is: the paper carries its hash."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Piece:
    """What one page shows."""

    content: bytes
    width_mm: float


@dataclass(frozen=True)
class SnapshotPaper:
    pdf: bytes
    kind: Kind
    original_sha256: str
    pieces: int
    """How many pages the picture takes; the first page comes before them."""


def write_snapshot(
    snapshot: Snapshot, original: Original, profile: Profile, *, created_at: datetime, identifier: str
) -> SnapshotPaper:
    """The paper of a capture or of what somebody uploaded: PNG, JPEG or any PDF.

    Raises CannotUse for a file that cannot be set into a paper, CannotWrite when this machine lacks a part.
    """
    kind = kind_of(original.content)
    pieces = _pieces(kind, original.content)
    shown = [_shown(snapshot, number, len(pieces), piece) for number, piece in enumerate(pieces, start=1)]
    values = {
        "municipality": snapshot.municipality,
        "kind": "Ögonblicksbild av konto i sociala medier",
        "rows": _rows(snapshot),
        "original_words": _original_words(kind),
        "original": _original_rows(kind, original, len(pieces)),
        "pictures": shown,
    }
    pdf = render(
        "snapshot.html",
        values,
        profile,
        title=snapshot.account,
        created_at=created_at,
        identifier=identifier,
        images={str(number): piece.content for number, piece in enumerate(pieces, start=1)},
    )
    return SnapshotPaper(pdf, kind, original.sha256, len(pieces))


def kind_of(content: bytes) -> Kind:
    """What a file is by its first bytes, whatever it is called. Raises CannotUse."""
    if not content:
        raise CannotUse("empty_file", "Filen är tom. Välj den igen och ladda upp den på nytt.")
    if len(content) > MOST_BYTES:
        raise CannotUse("too_many_bytes", f"Filen är för stor. Högst {MOST_BYTES // 1_000_000} MB går bra.")
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if b"%PDF-" in content[:1024]:
        return "pdf"
    raise CannotUse("other_kind", f"{_what_it_is(content)} Ladda upp en bild (PNG eller JPEG) eller en PDF.")


def _what_it_is(content: bytes) -> str:
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "Filen är en webbsida, vad den än heter, och ingen bild av den."
    if start.startswith((b"gif8", b"riff")) or content[4:8] == b"ftyp":
        return "Filen är en bild eller film av ett slag som inte kan arkiveras så."
    if start.startswith(b"pk\x03\x04"):
        return "Filen är ett Office-dokument eller en zip-fil."
    return "Filen är varken en bild eller en PDF."


def _pieces(kind: Kind, content: bytes) -> list[Piece]:
    pictures = printed_pages(content) if kind == "pdf" else iter([read_picture(content)])
    pieces: list[Piece] = []
    seen = False
    for picture in pictures:
        seen = seen or not is_of_one_colour(picture)
        pieces += [_piece(part) for part in _cut(picture)]
        if len(pieces) > MOST_PIECES:
            raise CannotUse("too_many_pages", f"Bilden tar mer än {MOST_PIECES} sidor. Dela den i flera.")
    if not seen:
        raise CannotUse("blank", "Filen är helt tom: ingenting syns på bilden. Ta den på nytt.")
    return pieces


def _cut(picture: Image.Image) -> Iterator[Image.Image]:
    """A picture as tall as a telephone's is shown whole, a taller one page by page in full width."""
    if picture.height <= picture.width * _SHOWN_WHOLE:
        return iter([picture])
    return pages_of(picture, _HEIGHT / _WIDTH)


def _piece(part: Image.Image) -> Piece:
    """As large as the page allows, but never so large that its dots show."""
    widest = min(_WIDTH, part.width * _MILLIMETRES_AN_INCH / _FEWEST_DOTS_PER_INCH)
    return Piece(packed(part), round(min(widest, _HEIGHT * part.width / part.height), 2))


def _shown(snapshot: Snapshot, number: int, count: int, piece: Piece) -> dict[str, object]:
    which = f"del {number} av {count}"
    alt = f"Bild av {snapshot.account} på {snapshot.platform}, {which}"
    return {"name": number, "width": piece.width_mm, "which": which.capitalize(), "alt": alt}


def _rows(snapshot: Snapshot) -> list[tuple[str, str]]:
    return [
        ("Plattform", snapshot.platform),
        ("Adress", snapshot.address),
        ("Bilden tagen", moment(snapshot.taken_at, snapshot.zone)),
        ("Av", snapshot.taken_by),
        ("Anledning", snapshot.occasion),
        *(("Enligt", clause) for clause in snapshot.clauses),
        *(("Anmärkning", remark) for remark in snapshot.remarks),
    ]


def _original_rows(kind: Kind, original: Original, count: int) -> list[tuple[str, str]]:
    return [
        ("Fil", original.name),
        ("Slag och storlek", f"{_KINDS[kind]}, {format_decimal(len(original.content), locale='sv')} byte"),
        ("SHA-256", Markup('<span class="hash">{}</span>').format(original.sha256)),
        ("I den här handlingen", "på en sida" if count == 1 else f"på {count} sidor"),
    ]


def _original_words(kind: Kind) -> str:
    if kind == "pdf":
        return (
            "Sidorna i den här handlingen är avbildningar av sidorna i en PDF-fil. Filen sparas oförändrad "
            "bredvid handlingen; kontrollsumman visar att det är samma fil."
        )
    return (
        "Bilden återges här i sidor, uppifrån och ned, utan att något utelämnats. Bildfilen sparas "
        "oförändrad bredvid handlingen; kontrollsumman visar att det är samma fil."
    )
