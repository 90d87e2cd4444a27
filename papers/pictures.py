"""Reads a PNG or JPEG that somebody gave, safely, as plain colours, and cuts tall pictures into pages."""

import io
from collections.abc import Iterator

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from papers.refusing import CannotUse

MOST_PIXELS = 50_000_000
"""A telephone's largest photograph, or a page 1,100 wide and 45,000 high; 150 MB in memory."""
LONGEST_SIDE = 60_000
SHORTEST_SIDE = 200
_TAKEN = ("PNG", "JPEG")
_DIVIDE = "Dela den i flera bilder och sätt dem i en PDF."
_WHITE = (255, 255, 255)
_SEARCHED = 0.12
"""How much of a page's height is searched upwards for a calm line to cut at."""


def read_picture(content: bytes) -> Image.Image:
    """The picture upright, in sRGB, without transparency. Raises CannotUse."""
    try:
        with Image.open(io.BytesIO(content), formats=_TAKEN) as picture:
            _demand_fit(picture)
            picture.load()
            return in_plain_colours(picture)
    except Image.DecompressionBombError as error:
        raise CannotUse("too_many_pixels", f"Bilden är för stor. {_DIVIDE}") from error
    except (UnidentifiedImageError, SyntaxError, OSError, ValueError) as error:
        raise CannotUse(
            "broken_picture", "Bilden är skadad och går inte att läsa. Spara om den och försök igen."
        ) from error


def _demand_fit(picture: Image.Image) -> None:
    """Look at what the file says of itself, before anything is unpacked."""
    width, height = picture.size
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise CannotUse(
            "too_many_pixels",
            f"Bilden är för stor, {width} × {height} punkter. {_DIVIDE}",
        )
    if min(width, height) < SHORTEST_SIDE:
        raise CannotUse(
            "too_small",
            f"Bilden är bara {width} × {height} punkter. Ta en bild där sidan går att läsa.",
        )
    if picture.format == "PNG" and getattr(picture, "is_animated", False):
        raise CannotUse("animated", "Bilden är rörlig. Spara en stillbild som PNG eller JPEG.")


def in_plain_colours(picture: Image.Image) -> Image.Image:
    """Upright, in sRGB, on white where it was transparent, eight bits a colour."""
    profile = picture.info.get("icc_profile")
    solid = _on_white(_eight_bits(ImageOps.exif_transpose(picture)))
    return _in_srgb(solid, profile).convert("RGB")


def _eight_bits(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture.convert("RGB") if picture.mode == "P" else picture


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as the profile in the file means them; a profile that cannot be used counts as none."""
    if not profile or picture.mode not in ("RGB", "CMYK", "L"):
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        changed = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return picture
    return changed or picture


def _on_white(picture: Image.Image) -> Image.Image:
    if "A" not in picture.getbands():
        return picture
    see_through = picture.convert("RGBA")
    ground = Image.new("RGBA", see_through.size, (*_WHITE, 255))
    return Image.alpha_composite(ground, see_through).convert("RGB")


def is_of_one_colour(picture: Image.Image) -> bool:
    """Whether nothing at all is to be seen."""
    return all(band.getextrema()[0] == band.getextrema()[1] for band in picture.split())


def pages_of(picture: Image.Image, proportion: float) -> Iterator[Image.Image]:
    """The picture in pieces, top to bottom, each at most `proportion` times as high as it is wide.

    Nothing is left out and nothing comes twice; a cut goes through the calmest line near the page's end, so
    that text is rarely cut in two.
    """
    tallest = max(1, int(picture.width * proportion))
    top = 0
    while picture.height - top > tallest:
        least = max(1, int(tallest * (1 - _SEARCHED)))
        bottom = _calmest_line(picture, top + least, top + tallest)
        yield picture.crop((0, top, picture.width, bottom))
        top = bottom
    yield picture.crop((0, top, picture.width, picture.height))


def _calmest_line(picture: Image.Image, first: int, last: int) -> int:
    """The lowest of the lines that vary least, from `first` to `last`."""
    last = min(last, picture.height - 1)
    grey = picture.crop((0, first, picture.width, last + 1)).convert("L").tobytes()
    lines = [grey[start : start + picture.width] for start in range(0, len(grey), picture.width)]
    spread = [max(line) - min(line) for line in lines]
    calmest = min(spread)
    return first + max(at for at, one in enumerate(spread) if one == calmest)


def packed(picture: Image.Image) -> bytes:
    """As PNG, without loss; as JPEG when it is like a photograph and PNG would be several times larger."""
    plain = io.BytesIO()
    picture.save(plain, "PNG")
    if len(plain.getvalue()) < picture.width * picture.height:
        return plain.getvalue()
    small = io.BytesIO()
    picture.save(small, "JPEG", quality=92, subsampling=0)
    return small.getvalue()
