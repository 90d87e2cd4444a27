"""A drawing (SVG) that can do nothing but be looked at: what is known to be harmless is kept, and no more.

A drawing can hold scripts, links, other files and whole web pages. It is read element by element and written
anew; an element or address that could do something refuses the whole, in words that say what it was.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

SVG = "http://www.w3.org/2000/svg"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
_SHAPES = ("g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan")
_BESIDE = ("defs", "title", "desc", "style", "linearGradient", "radialGradient", "stop", "clipPath", "mask")
_DRAWN = frozenset(("svg", *_SHAPES, *_BESIDE))
_DOCTYPE = re.compile(r"<!DOCTYPE[^<>\[\]]*>", re.IGNORECASE)
_OUTSIDE = re.compile(
    r"url\((?!\s*['\"]?#)|@|\\|expression|javascript:|data:|image\s*\(|image-set", re.IGNORECASE
)
"""What of a style could fetch or do something."""
_NUMBER = re.compile(r"\s*([0-9]*\.?[0-9]+)(px|pt|mm)?\s*")
_LONGEST_NUMBER = 40
_LARGEST = 100_000
"""Of the drawing's own units, either way."""
_DEPTH = 40


class Unsafe(ValueError):
    """Swedish: why the drawing is not taken."""


@dataclass(frozen=True)
class Drawing:
    """A harmless drawing, written anew, and its size in its own units."""

    content: bytes
    width: int
    height: int


def harmless(content: bytes) -> Drawing:
    """The drawing, cleaned. Raises Unsafe."""
    root = _read(content)
    _clean(root, 0)
    width, height = _size(root)
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    return Drawing(ElementTree.tostring(root, encoding="utf-8"), width, height)


def _read(content: bytes) -> ElementTree.Element:
    """Parsed, where it declares nothing of its own: entities can grow without bound, or fetch files."""
    try:
        text = _DOCTYPE.sub("", content.decode("utf-8-sig"))
        if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
            raise Unsafe("SVG-filen har egna definitioner (DOCTYPE) som Kanalvakt inte läser.")
        # The declared encoding is true of the bytes and not of the text.
        root = ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except (UnicodeDecodeError, ElementTree.ParseError) as error:
        raise Unsafe("SVG-filen går inte att läsa.") from error
    if root.tag != f"{{{SVG}}}svg":
        raise Unsafe("Filen är ingen SVG-bild.")
    return root


def _clean(element: ElementTree.Element, depth: int) -> None:
    if depth > _DEPTH:
        raise Unsafe("SVG-filen har för många lager.")
    for name, value in list(element.attrib.items()):
        _clean_attribute(element, name, value)
    if element.tag == f"{{{SVG}}}style":
        _demand_plain_style(element)
    for child in list(element):
        if _is_foreign(child):
            element.remove(child)
            continue
        name = str(child.tag).rpartition("}")[2]
        if name not in _DRAWN:
            raise Unsafe(f"SVG-filen innehåller ”{name[:40]}”, som Kanalvakt inte tar emot.")
        _clean(child, depth + 1)


def _demand_plain_style(style: ElementTree.Element) -> None:
    """Browsers read the text round its elements as one stylesheet, so it has to have none."""
    if len(style):
        raise Unsafe("SVG-filen har annat än text i sin stilmall.")
    if _OUTSIDE.search(style.text or ""):
        raise Unsafe("SVG-filen hämtar något utifrån i sin stilmall.")


def _is_foreign(child: ElementTree.Element) -> bool:
    """The drawing program's own notes, which show nothing."""
    return not str(child.tag).startswith(f"{{{SVG}}}") or child.tag == f"{{{SVG}}}metadata"


def _clean_attribute(element: ElementTree.Element, name: str, value: str) -> None:
    if name.lower().startswith("on"):
        raise Unsafe("SVG-filen innehåller program (skript).")
    if name in ("href", _XLINK_HREF):
        if not value.startswith("#"):
            raise Unsafe("SVG-filen länkar till något utanför sig själv.")
    elif name.startswith("{") and not name.startswith("{http://www.w3.org/XML/1998/namespace}"):
        del element.attrib[name]
    elif _OUTSIDE.search(value):
        raise Unsafe("SVG-filen hämtar något utifrån.")


def _size(root: ElementTree.Element) -> tuple[int, int]:
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    found = list(_numbers(box[2:] if len(box) == 4 else [root.get("width", ""), root.get("height", "")]))
    if len(found) != 2 or min(found) <= 0:
        raise Unsafe("SVG-filen säger inte hur stor bilden är (viewBox).")
    if max(found) > _LARGEST:
        raise Unsafe(f"SVG-filens mått är för stora. Högst {_LARGEST} går bra (viewBox).")
    return max(1, round(found[0])), max(1, round(found[1]))


def _numbers(texts: list[str]) -> Iterator[float]:
    for text in texts:
        if len(text) > _LONGEST_NUMBER:
            continue  # No program writes so; and a pattern takes its time with a million digits.
        if match := _NUMBER.fullmatch(text):
            yield float(match.group(1))
