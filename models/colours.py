"""A chosen colour, and what of it can be read: WCAG 2.2, 1.4.3 asks for 4.5 to 1 between text and ground."""

import colorsys
import re
from collections.abc import Sequence
from dataclasses import dataclass

ENOUGH = 4.5
LIGHT_GROUNDS = ("#fbfaf7", "#ffffff", "#f1efe8", "#e7f0f1", "#e8f3ec", "#fbeae8", "#fbf0da")
"""Every ground that a link can stand on in the light, in the portal and in letters."""
_DARK_PAGES, _DARK_BOXES = ("#15191b", "#1b2123", "#1b1b19"), ("#1f2528", "#1a2c2f", "#1a2b21")
DARK_GROUNDS = (*_DARK_PAGES, *_DARK_BOXES, "#1d2326", "#33201e", "#312716")
"""The same in the dark."""
_WHITE, _BLACK = "#ffffff", "#000000"
_STEPS = 100


@dataclass(frozen=True)
class Shades:
    """A colour and its readable variants, all as #rrggbb."""

    colour: str
    """As it was chosen: the ground of buttons, and the line below the header."""
    text: str
    """Black or white, whichever is read on the colour."""
    pressed: str
    """The colour of a button under the pointer: further from its text."""
    light: str
    """Links and edges in the light."""
    light_hover: str
    dark: str
    """Links and edges in the dark."""
    dark_hover: str
    ticked: str
    """The ground of a white tick."""


def as_colour(written: str) -> str | None:
    """The colour as #rrggbb, or None for what is no colour."""
    found = re.fullmatch(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", written.strip())
    if found is None:
        return None
    digits = found.group(1).lower()
    return "#" + (digits if len(digits) == 6 else "".join(one * 2 for one in digits))


def shades_of(colour: str) -> Shades:
    """What is drawn with a colour: it is changed only where it could not be read."""
    text = _WHITE if contrast(colour, _WHITE) >= ENOUGH else _BLACK
    light, dark = _readable(colour, -1, LIGHT_GROUNDS), _readable(colour, 1, DARK_GROUNDS)
    return Shades(
        colour=colour,
        text=text,
        pressed=_shifted(colour, -20 if text == _WHITE else 20),
        light=light,
        light_hover=_shifted(light, -25),
        dark=dark,
        dark_hover=_shifted(dark, 35),
        ticked=_readable(colour, -1, (_WHITE,)),
    )


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _readable(colour: str, direction: int, grounds: Sequence[str]) -> str:
    """As little darker (-1) or lighter (1) as it takes to read the colour on every ground."""
    tried = (_shifted(colour, direction * percent) for percent in range(_STEPS + 1))
    return next(one for one in tried if all(contrast(one, ground) >= ENOUGH for ground in grounds))


def _shifted(colour: str, percent: int) -> str:
    """The same hue, so many hundredths of the way to white, or below nought to black."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    room = 1 - lightness if percent > 0 else lightness
    channels = colorsys.hls_to_rgb(hue, lightness + room * percent / 100, saturation)
    return "#" + "".join(f"{round(one * 255):02x}" for one in channels)


def _channels(colour: str) -> list[float]:
    """Red, green and blue, from nought to one."""
    return [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]


def _luminance(colour: str) -> float:
    """Relative luminance, as WCAG defines it."""
    red, green, blue = map(_linear, _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)
