"""REQUIREMENTS 3, Snapshots: a picture, or any PDF, set into our paper; the original kept with its hash."""

import dataclasses
import hashlib
import io
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import papers.pictures
import papers.printed_pages
import papers.snapshot_paper
from papers.checking import faults_in
from papers.pdfa import PROFILES, Profile
from papers.pictures import pages_of, read_picture
from papers.refusing import CannotUse, CannotWrite
from papers.snapshot_paper import Original, write_snapshot
from tests.papers.samples import (
    PDFS,
    PICTURES,
    SNAPSHOT,
    WRITTEN,
    bytes_of,
    deep_grey,
    foreign_pdf,
    paper,
    saved,
    screen,
    turned,
)


def words(pdf: bytes) -> str:
    """What can be read in a PDF, with each run of spaces as one."""
    ran = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(ran.stdout.decode().split())


def shown(pdf: bytes) -> Iterator[Image.Image]:
    """The pictures in a PDF, in the order of its pages."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for page in opened.pages:
            drawn = page.Contents.read_bytes()
            for name in sorted(page.Resources.XObject.keys()):
                if name.encode() + b" Do" in drawn:
                    yield pikepdf.PdfImage(page.Resources.XObject[name]).as_pil_image()


def refused(content: bytes) -> CannotUse:
    with pytest.raises(CannotUse) as refusal:
        paper(content, "pdfa-1b")
    return refusal.value


def test_the_first_page_says_what_the_picture_is() -> None:
    content = PICTURES["a tall screen"]
    written = paper(content, "pdfa-1b", "sida.png")
    text = words(written.pdf)
    for part in (
        "Exempelby kommun",
        "Exempelby bibliotek",
        "Facebook",
        "https://www.example.org/exempelbybibliotek",
        "25 november 2026 kl. 09.14.05 (Europe/Stockholm, UTC+01:00)",
        "Kanalvakt med Chromium 156.0",
        "Exempelbys riktlinje, punkt 4: en bild varje halvår",
        "sida.png",
        hashlib.sha256(content).hexdigest(),
        "Sida 1 av 5",
        "Del 4 av 4",
    ):
        assert part in text
    assert written.original_sha256 == hashlib.sha256(content).hexdigest()
    assert written.pieces == 4


def test_in_summer_the_time_is_summer_time() -> None:
    summer = dataclasses.replace(SNAPSHOT, taken_at=SNAPSHOT.taken_at - timedelta(days=150))
    original = Original("a.png", PICTURES["a telephone's screen"])
    written = write_snapshot(summer, original, "pdf", created_at=WRITTEN, identifier="1")
    assert "kl. 10.14.05 (Europe/Stockholm, UTC+02:00)" in words(written.pdf)


def test_nothing_of_a_tall_picture_is_left_out() -> None:
    written = paper(PICTURES["a tall screen"], "pdfa-1b")
    pieces = [piece.convert("RGB") for piece in shown(written.pdf)]
    assert len(pieces) == 4
    assert b"".join(piece.tobytes() for piece in pieces) == screen(660, 3000).tobytes()


DAMAGED = {
    "PNG": saved(screen(220, 260)),
    "JPEG": turned(),
    "palette": saved(screen(220, 260).quantize(16), transparency=0),
    "PDF": bytes_of(foreign_pdf(size=(100, 100))),
}


@settings(deadline=None, max_examples=8)
@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
@given(st.lists(st.tuples(st.integers(0, 900), st.binary(max_size=3)), min_size=1, max_size=6))
def test_a_damaged_file_is_refused_or_used(content: bytes, damages: list[tuple[int, bytes]]) -> None:
    damaged = bytearray(content)
    for at, instead in damages:
        damaged[at : at + 2] = instead
    assert isinstance(faults_in(bytes(damaged), "pdfa-1b"), list)
    with suppress(CannotUse):
        assert paper(bytes(damaged), "pdf").pieces


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 60), st.integers(1, 400), st.floats(0.3, 3), st.randoms(use_true_random=False))
def test_pieces_join_to_the_picture(width: int, height: int, proportion: float, random: object) -> None:
    picture = Image.frombytes("L", (width, height), random.randbytes(width * height)).convert("RGB")  # type: ignore[attr-defined]
    pieces = list(pages_of(picture, proportion))
    assert b"".join(piece.tobytes() for piece in pieces) == picture.tobytes()
    assert all(1 <= piece.height <= max(1, int(width * proportion)) for piece in pieces)


def test_a_cut_goes_between_the_lines() -> None:
    picture = Image.new("RGB", (300, 1000), "white")
    for top in range(0, 1000, 40):
        picture.paste("black", (20, top, 280, top + 30))
    first, *_ = pages_of(picture, 1.0)
    assert first.height % 40 in (0, *range(30, 40))


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("content", [PICTURES["a tall screen"], PDFS["an ordinary PDF"]], ids=["PNG", "PDF"])
def test_the_same_values_give_the_same_bytes(profile: Profile, content: bytes) -> None:
    assert paper(content, profile).pdf == paper(content, profile).pdf


def test_another_process_gives_the_same_bytes() -> None:
    program = (
        "import hashlib; from tests.papers.samples import *; "
        "print(hashlib.sha256(paper(PICTURES['a JPEG'], 'pdfa-2b').pdf).hexdigest())"
    )
    command = [sys.executable, "-c", program]
    elsewhere = subprocess.run(command, env={"PYTHONHASHSEED": "7", "PATH": "/usr/bin"}, capture_output=True)
    here = hashlib.sha256(paper(PICTURES["a JPEG"], "pdfa-2b").pdf).hexdigest()
    assert elsewhere.stdout.decode().strip() == here, elsewhere.stderr


def middle(content: bytes) -> tuple[int, ...]:
    picture = read_picture(content)
    assert picture.mode == "RGB"
    colour = picture.getpixel((picture.width // 2, 5))
    assert isinstance(colour, tuple)
    return colour


def test_transparency_lies_on_white() -> None:
    clear = Image.new("RGBA", (300, 300), (255, 0, 0, 0))
    assert middle(saved(clear)) == (255, 255, 255)
    half = Image.new("RGBA", (300, 300), (0, 0, 0, 128))
    assert middle(saved(half)) == (127, 127, 127)
    palette = Image.new("RGB", (300, 300), "red").quantize(2)
    assert middle(saved(palette)) == (255, 0, 0)
    assert middle(saved(palette, transparency=palette.getpixel((9, 9)))) == (255, 255, 255)


def test_colours_are_what_their_profile_means() -> None:
    """The stored red stands for blue in that profile."""
    red, green, blue = middle(PICTURES["a profile of its own"])
    assert blue > 240 and red < 15 and green < 15


def test_colours_of_a_press_become_colours_of_a_screen() -> None:
    red, green, blue = middle(saved(Image.new("CMYK", (300, 300), (255, 0, 0, 0)), "JPEG"))
    assert red < 40 and blue > 150 and green > 100


def test_a_turned_photograph_stands_upright() -> None:
    assert read_picture(turned()).size == (300, 400)
    red, green, _ = middle(turned())
    assert red > 200 and green < 60


def test_sixteen_bits_keep_their_greys() -> None:
    expected = screen().convert("L").getpixel((330, 5))
    assert isinstance(expected, int)
    assert abs(middle(saved(deep_grey()))[0] - expected) <= 1


def test_every_page_of_a_pdf_is_shown() -> None:
    written = paper(PDFS["an ordinary PDF"], "pdfa-2b")
    assert written.pieces == 3
    for page in shown(written.pdf):
        assert page.size == (1240, 1755) or page.size == (1240, 1754)
        # The half-transparent box at the bottom, drawn on white.
        red, green, _ = page.getpixel((200, 1754 - 150))
        assert 120 < red < 150 and 180 < green < 200


_PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def bomb(width: int, height: int | None = None) -> bytes:
    """A PNG of a few hundred bytes that says it holds many millions of dots."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")
        )

    size = width.to_bytes(4, "big") + (height or width).to_bytes(4, "big")
    head = chunk(b"IHDR", size + bytes([8, 2, 0, 0, 0]))
    return _PNG_HEAD + head + chunk(b"IDAT", zlib.compress(b"\0" * 9999)) + chunk(b"IEND", b"")


def animated() -> bytes:
    return saved(screen(300, 300), save_all=True, append_images=[Image.new("RGB", (300, 300), "red")])


def locked() -> bytes:
    return bytes_of(foreign_pdf(), encryption=pikepdf.Encryption(owner="a", user="b", R=6))


def no_pages() -> bytes:
    return bytes_of(pikepdf.new())


def empty_page() -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    return bytes_of(pdf)


REFUSED = {
    "nothing": (b"", "empty_file", "tom"),
    "a page called .pdf": (b"<!DOCTYPE html><html><body>Hej", "other_kind", "webbsida"),
    "a page after a mark": (b"\xef\xbb\xbf\n<html>", "other_kind", "webbsida"),
    "a GIF": (saved(screen(300, 300), "GIF"), "other_kind", "PNG eller JPEG"),
    "a WebP": (saved(screen(300, 300), "WEBP"), "other_kind", "PNG eller JPEG"),
    "a document": (b"PK\x03\x04" + b"\0" * 99, "other_kind", "Office"),
    "a text": ("Skärmbild saknas".encode(), "other_kind", "varken"),
    "a moving picture": (animated(), "animated", "stillbild"),
    "a small picture": (saved(screen(199, 900)), "too_small", "199 × 900"),
    "a bomb": (bomb(40_000), "too_many_pixels", "för stor"),
    "a smaller bomb": (bomb(8_000), "too_many_pixels", "8000 × 8000"),
    "a thin bomb": (bomb(300, 70_000), "too_many_pixels", "300 × 70000"),
    "half a PNG": (saved(screen())[:9000], "broken_picture", "skadad"),
    "half a JPEG": (saved(screen(), "JPEG")[:9000], "broken_picture", "skadad"),
    "a PNG of nonsense": (_PNG_HEAD + b"x" * 500, "broken_picture", "skadad"),
    "a white picture": (saved(Image.new("RGB", (900, 900), "white")), "blank", "tom"),
    "a locked PDF": (locked(), "locked_pdf", "utan lösenord"),
    "a PDF without pages": (no_pages(), "no_pages", "inga sidor"),
    "half a PDF": (b"%PDF-1.7\n" + b"x" * 900, "broken_pdf", "skadad"),
    "a PDF of an empty page": (empty_page(), "blank", "tom"),
}


@pytest.mark.parametrize(("content", "code", "word"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_used_is_refused_and_says_what_to_do(content: bytes, code: str, word: str) -> None:
    refusal = refused(content)
    assert refusal.code == code and word in refusal.says and refusal.says.endswith(".")


def test_limits_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers.snapshot_paper, "MOST_BYTES", 1_000_000)
    assert "Högst 1 MB" in refused(PICTURES["a JPEG"] + b"\0" * 1_000_000).says
    monkeypatch.setattr(papers.printed_pages, "MOST_PAGES", 2)
    assert "3 sidor. Högst 2" in refused(PDFS["an ordinary PDF"]).says
    monkeypatch.setattr(papers.snapshot_paper, "MOST_PIECES", 3)
    assert "mer än 3 sidor" in refused(PICTURES["a tall screen"]).says


def test_a_page_as_large_as_a_wall_is_drawn_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    """14,400 points, the most a PDF page may measure, would be 900 million dots at our usual density."""
    monkeypatch.setattr(papers.pictures, "MOST_PIXELS", 2_000_000)
    monkeypatch.setattr(papers.printed_pages, "MOST_PIXELS", 2_000_000)
    pages = list(papers.printed_pages.printed_pages(bytes_of(foreign_pdf(size=(14_400, 14_400)))))
    assert 1_500_000 < pages[0].width * pages[0].height <= papers.pictures.MOST_PIXELS


def test_a_page_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers.printed_pages, "_SECONDS_A_PAGE", 0.001)
    assert refused(PDFS["an ordinary PDF"]).code == "slow_pdf"


def test_a_page_that_uses_up_its_processor_time_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    busy = tmp_path / "pdftoppm"
    busy.write_text("#!/bin/sh\nwhile :; do :; done\n")
    busy.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(papers.printed_pages, "_PROCESSOR_SECONDS_A_PAGE", 1)
    assert refused(PDFS["an ordinary PDF"]).code == "slow_pdf"


def test_without_poppler_pictures_still_become_papers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert paper(PICTURES["a JPEG"], "pdfa-1b").pieces == 1
    with pytest.raises(CannotWrite, match=r"apt-get install .*poppler-utils"):
        paper(PDFS["an ordinary PDF"], "pdfa-1b")
