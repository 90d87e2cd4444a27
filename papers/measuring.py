"""How wide a text is, and where its lines break.

Measured in the font that we ship, which is wider than those that screens use for the same text: what fits
here fits there.
"""

from functools import lru_cache

from fontTools.ttLib import TTFont

from papers.lettering import BOLD, FONTS, REGULAR

_LEFT_OVER = 4
"""Letters of a divided word that come to the next line at least."""


@lru_cache(maxsize=2)
def _widths(name: str) -> tuple[dict[int, float], float]:
    """Each character's width and that of an unknown one, in parts of the letters' size."""
    font = TTFont(FONTS / name, lazy=True)
    em, advances = font["head"].unitsPerEm, font["hmtx"].metrics
    by_character = {code: advances[glyph][0] / em for code, glyph in font.getBestCmap().items()}
    return by_character, max(by_character[ord("W")], by_character[ord("—")])


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """In the same unit as the letters' size."""
    known, unknown = _widths(BOLD if bold else REGULAR)
    return size * sum(known.get(ord(character), unknown) for character in text)


def lines_of(text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
    """The text in lines that are at most `room` wide; a word that is longer is divided."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size, bold=bold) <= room:
            lines[-1] = longer
        else:
            lines += _pieces(word, size, room, bold)
    return lines


def _pieces(word: str, size: float, room: float, bold: bool) -> list[str]:
    """A word that is too long, divided by hyphens, with no letter or two left alone on a line."""
    if width_of(word, size, bold=bold) <= room:
        return [word]
    length = max(1, len(word) - 1)
    while length > 1 and width_of(f"{word[:length]}-", size, bold=bold) > room:
        length -= 1
    length = min(length, len(word) - _LEFT_OVER) if length > _LEFT_OVER else length
    return [f"{word[:length]}-", *_pieces(word[length:], size, room, bold)]
