"""Whatever colour a municipality has, it can be read: WCAG 2.2, 1.4.3, asks for 4.5 to 1."""

import re
from itertools import product
from pathlib import Path

import pytest

from models.colours import DARK_GROUNDS, LIGHT_GROUNDS, as_colour, contrast, shades_of
from notifications.look import PRODUCT

STYLES = Path(__file__).parents[2] / "web" / "static" / "portal.css"
COLOURS = ["#" + "".join(one) for one in product(("00", "40", "80", "c0", "ff"), repeat=3)]
DIFFICULT = ["#fefefe", "#777777", "#767676", "#808080", "#ffd500", "#010101"]


def test_contrast_is_what_wcag_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#ff0000", "#ffffff") == pytest.approx(4.0, abs=0.01)


@pytest.mark.parametrize("colour", [*COLOURS, *DIFFICULT])
def test_every_colour_can_be_read(colour: str) -> None:
    shades = shades_of(colour)
    assert shades.colour == colour, "the colour itself is left as it was chosen"
    assert min(contrast(shades.text, one) for one in (shades.colour, shades.pressed)) >= 4.5
    for ground in LIGHT_GROUNDS:
        assert min(contrast(one, ground) for one in (shades.light, shades.light_hover)) >= 4.5
    for ground in DARK_GROUNDS:
        assert min(contrast(one, ground) for one in (shades.dark, shades.dark_hover)) >= 4.5
    assert contrast(shades.ticked, "#ffffff") >= 4.5


def test_a_colour_that_can_be_read_is_not_changed() -> None:
    navy, yellow = shades_of("#001040"), shades_of("#ffff00")
    assert (navy.light, navy.text) == ("#001040", "#ffffff")
    assert (yellow.dark, yellow.text) == ("#ffff00", "#000000")


def test_the_grounds_are_those_of_the_pages() -> None:
    """A ground that is added to the stylesheet, and not here, would be one that nobody has reckoned with."""
    light, dark = STYLES.read_text().split("@media (prefers-color-scheme: dark)", 1)
    ground = r"--(?:pico-background-color|pico-card-background-color|[a-z]*-?soft|note): (#[0-9a-f]+);"
    for part, known in ((light, LIGHT_GROUNDS), (dark.partition("}")[0], DARK_GROUNDS)):
        found = {as_colour(one) for one in re.findall(ground, part)}
        assert len(found) > 4 and found <= set(known)


def test_the_product_s_own_letters_can_be_read() -> None:
    assert contrast(PRODUCT.button, PRODUCT.press) >= 4.5
    assert contrast(PRODUCT.dark_button, PRODUCT.dark_press) >= 4.5
    assert contrast(PRODUCT.link, "#ffffff") >= 4.5 and contrast(PRODUCT.dark_link, "#1b1b19") >= 4.5


@pytest.mark.parametrize(
    ("written", "colour"),
    [("#1D5C63", "#1d5c63"), (" 1d5c63 ", "#1d5c63"), ("#fd0", "#ffdd00"), ("blå", None), ("#12345", None)],
)
def test_colours_as_people_write_them(written: str, colour: str | None) -> None:
    assert as_colour(written) == colour
