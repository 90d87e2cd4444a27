"""How a letter is coloured and marked: the municipality's own colour and logotype, or the product's."""

from contextvars import ContextVar
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlmodel import Session, col

from models import Logotype, Municipality
from models.colours import Shades, shades_of

_SHOWN = (240, 80)
"""At most so many pixels wide and high in a letter."""
_IN_LETTERS = ("image/png", "image/jpeg")
"""Mail programs show no drawings (SVG)."""


@dataclass(frozen=True)
class Mark:
    """A logotype as it goes with a letter, within the letter itself: nothing is fetched when it is read."""

    content: bytes
    media_type: str
    content_id: str
    width: int
    height: int


@dataclass(frozen=True)
class Look:
    """The colours of one letter, by where they are used."""

    button: str
    press: str
    """The text of a button."""
    link: str
    dark_button: str
    dark_press: str
    dark_link: str
    mark: Mark | None = None


PRODUCT = Look(
    button="#1d5c63",
    press="#ffffff",
    link="#14575f",
    dark_button="#7fc6cd",
    dark_press="#10282b",
    dark_link="#7fc6cd",
)
"""As the portal's pages are coloured."""


def look_of(session: Session, municipality: Municipality) -> Look:
    """The look of a municipality's letters."""
    coloured = _coloured(shades_of(municipality.colour)) if municipality.colour else PRODUCT
    return replace(coloured, mark=_mark(session, municipality)) if municipality.logotype else coloured


def _coloured(shades: Shades) -> Look:
    return Look(
        button=shades.colour,
        press=shades.text,
        link=shades.light,
        dark_button=shades.dark,
        dark_press="#000000",
        dark_link=shades.dark,
    )


def _mark(session: Session, municipality: Municipality) -> Mark | None:
    rows = select(Logotype).where(
        col(Logotype.municipality_id) == municipality.id,
        col(Logotype.sha256) == municipality.logotype.partition(".")[0],
        col(Logotype.media_type).in_(_IN_LETTERS),
    )
    found: Logotype | None = session.execute(rows).scalars().first()
    if found is None:
        return None
    scale = min(1.0, _SHOWN[0] / found.width, _SHOWN[1] / found.height)
    width, height = round(found.width * scale), round(found.height * scale)
    return Mark(found.content, found.media_type, f"{found.sha256[:32]}@logotyp", width, height)


_in_use: ContextVar[Look] = ContextVar("look")
"""The look of the letter that is being written: the letters' parts are shared by all municipalities."""


def use(look: Look) -> None:
    """Write the next letter so."""
    _in_use.set(look)


def in_use() -> Look:
    """What the parts of a letter ask."""
    return _in_use.get()
