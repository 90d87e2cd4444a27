"""Logotypes are taken in as pictures and nothing else: what could do something is refused, in plain words."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from acts.logotypes import picture_of
from acts.safe_svg import harmless
from lifecycle.refusals import Refused

SVG = 'xmlns="http://www.w3.org/2000/svg"'
OPEN = f'<svg {SVG} xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 300 100">'


def drawing(inside: str, opening: str = OPEN) -> bytes:
    return f"{opening}{inside}</svg>".encode()


def painting(size: tuple[int, int] = (600, 200), colour: str = "#1d5c63", mode: str = "RGBA") -> bytes:
    image = Image.new(mode, size, (0, 0, 0, 0) if mode == "RGBA" else "white")
    ImageDraw.Draw(image).rectangle((10, 5, size[0] // 2, size[1] - 5), fill=colour)
    kept, said = BytesIO(), PngInfo()
    said.add_text("Author", "Nils Hemlig")
    image.save(kept, "PNG", pnginfo=said)
    return kept.getvalue()


def says(content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        picture_of(content)
    return refused.value.says()


def test_a_drawing_as_programs_save_it_is_taken() -> None:
    whole = f"""\ufeff<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<!-- Generator -->
<svg {SVG} xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" viewBox="0 0 300 100">
<metadata><a/></metadata><inkscape:grid/><style>.a{{fill:url(#g)}}</style>
<defs><linearGradient id="g"><stop offset="0" stop-color="#123"/></linearGradient></defs>
<path inkscape:label="x" class="a" d="M0 0h9v9z"/></svg>""".encode()
    picture = picture_of(whole)
    assert (picture.media_type, picture.width, picture.height) == ("image/svg+xml", 300, 100)
    assert b"<path" in picture.content and b"url(#g)" in picture.content
    assert b"inkscape" not in picture.content and b"metadata" not in picture.content
    assert b"DOCTYPE" not in picture.content
    assert harmless(picture.content).content == picture.content, "what was made safe is safe"


@pytest.mark.parametrize(
    ("inside", "names"),
    [
        ("<script>alert(1)</script>", "script"),
        ('<rect onload="alert(1)"/>', "skript"),
        ('<rect ONCLICK="alert(1)"/>', "skript"),
        ('<a href="https://example.org"><rect/></a>', "”a”"),
        ('<image href="https://example.org/x.png"/>', "image"),
        ("<foreignObject/>", "foreignObject"),
        ('<use xlink:href="https://example.org/x.svg#a"/>', "use"),
        ('<animate attributeName="href" to="x"/>', "animate"),
        ('<linearGradient xlink:href="https://example.org/x.svg#a"/>', "utanför"),
        ('<rect fill="url(https://example.org/x)"/>', "utifrån"),
        ('<rect style="background:url( //example.org/x )"/>', "utifrån"),
        ("<style>@import 'https://example.org/x.css';</style>", "utifrån"),
        ("<style>.a{fill:u\\72l(//example.org)}</style>", "utifrån"),
        ("<style>a{}<g/>@import url(https://example.org/x.css)</style>", "stilmall"),
        ("<style>@im<g>port 'https://example.org/x.css';</g></style>", "stilmall"),
        ('<style>a{}<x xmlns="urn:x"/>@import url(https://example.org/x.css)</style>', "stilmall"),
        ("<g>" * 60 + "</g>" * 60, "lager"),
    ],
)
def test_a_drawing_that_could_do_something_is_refused(inside: str, names: str) -> None:
    assert names in says(drawing(inside)) and "PNG" in says(drawing(inside))


def test_a_drawing_declares_nothing() -> None:
    bomb = b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + drawing("<title>&b;</title>")
    assert "DOCTYPE" in says(bomb)
    assert "går inte att läsa" in says(b"<svg")
    assert "ingen SVG" in says(b"<html xmlns='http://www.w3.org/1999/xhtml'></html>")
    assert "viewBox" in says(drawing("", f"<svg {SVG}>"))


@pytest.mark.parametrize(
    "size",
    [
        f'viewBox="0 0 {"9" * 400} {"9" * 400}"',
        'width="99999999999999" height="99999999999999"',
        'width="100001" height="100001"',
    ],
)
def test_a_drawing_is_no_larger_than_anybody_draws(size: str) -> None:
    assert "viewBox" in says(drawing("<g/>", f"<svg {SVG} {size}>"))


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def said_to_be(width: int, height: int) -> bytes:
    """A PNG that says it is so large, and holds next to nothing."""
    says_so = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return painting()[:8] + says_so + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content", [said_to_be(20_000, 20_000), said_to_be(2**31 - 1, 2**31 - 1), said_to_be(6_000, 6_000)]
)
def test_a_painting_that_says_it_is_huge_is_refused(content: bytes) -> None:
    assert "går inte att läsa som bild" in says(content)


def test_a_painting_is_written_anew_small_and_without_what_was_said_in_it() -> None:
    picture = picture_of(painting((2400, 800)))
    assert (picture.media_type, picture.width, picture.height) == ("image/png", 480, 160)
    assert b"Nils Hemlig" not in picture.content
    assert picture.file_name == f"{picture.sha256}.png"


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (b"", "tom"),
        (b"%PDF-1.7", "går inte att läsa som bild"),
        (painting()[:200], "går inte att läsa som bild"),
        (painting((20, 20)), "för liten"),
        (painting((900, 40)), "smal"),
        (painting(colour="#ffffff"), "är vit och skulle inte synas"),
        (bytes(1_000_001), "för stor"),
    ],
)
def test_a_painting_that_will_not_do_is_refused(content: bytes, names: str) -> None:
    assert names in says(content)
