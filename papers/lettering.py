"""The font of every paper, shipped with the product so that papers look and weigh the same everywhere."""

import unicodedata
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont

FONTS = Path(__file__).parent / "fonts"
REGULAR = "DejaVuSans.ttf"
BOLD = "DejaVuSans-Bold.ttf"
FAMILY = "Kanalvakt Sans"
"""A name of our own: no font of the machine's is taken in its place."""


def writable(text: str) -> str:
    """The text in characters that our font has.

    PDF/A wants a glyph for each character, and a font found on the machine could draw in colour or with
    transparency. What we lack, such as an emoji, stands as its number: [U+1F389]. Invisible signs fall away.
    """
    return "".join(_in_our_font(one) for one in text)


def _in_our_font(character: str) -> str:
    if ord(character) in _characters() or character in "\t\n\r":
        return character
    invisible = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Mn", "Me")
    return "" if invisible else f"[U+{ord(character):04X}]"


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    """What both the regular and the bold letters can write."""
    regular, bold = (TTFont(FONTS / name, lazy=True).getBestCmap() for name in (REGULAR, BOLD))
    return frozenset(regular) & frozenset(bold)
