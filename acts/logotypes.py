"""Logotypes: taken in as PNG, JPEG or SVG, and written anew so that nothing but the picture is left."""

import hashlib
import warnings
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

from acts.safe_svg import Unsafe, harmless
from lifecycle.refusals import Refused

MOST_BYTES = 1_000_000
"""Of the file as uploaded."""
_KEPT_BYTES = 150_000
"""Of the picture as kept: it goes with every letter."""
_MOST_PIXELS = 25_000_000
_KEPT_SIZE = (480, 160)
"""Twice as large as it is shown, for sharp screens."""
_LEAST_SIDE = 24
_WIDEST = 8
"""Times as wide as high, or as high as wide."""
_SEEN = 40
"""How far from white (of 255) something must be to be seen on white."""
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}


@dataclass(frozen=True)
class Picture:
    """A picture as it is kept."""

    media_type: str
    content: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def file_name(self) -> str:
        """Its own name: another picture has another."""
        return f"{self.sha256}.{ENDINGS[self.media_type]}"


def picture_of(content: bytes) -> Picture:
    """The uploaded file as a picture that is safe to show. Raises Refused `logotype_unusable`."""
    if not content:
        raise _refused("Filen är tom. Välj filen på nytt.")
    if len(content) > MOST_BYTES:
        raise _refused(f"Filen är för stor. Högst {MOST_BYTES // 1_000_000} MB går bra.")
    found = _drawn(content) if content.lstrip()[:1] in (b"<", b"\xef") else _painted(content)
    if len(found.content) > _KEPT_BYTES:
        raise _refused("Bilden är för detaljerad: den följer med varje brev. Spara den enklare eller mindre.")
    if max(found.width, found.height) > _WIDEST * min(found.width, found.height):
        raise _refused(f"Bilden är för smal. Den längre sidan får vara högst {_WIDEST} gånger den kortare.")
    return found


def _refused(says: str) -> Refused:
    return Refused("logotype_unusable", says=says)


def _drawn(content: bytes) -> Picture:
    try:
        drawing = harmless(content)
    except Unsafe as why:
        raise _refused(f"{why} Spara den som en enkel SVG utan skript och länkar, eller välj PNG.") from why
    return Picture("image/svg+xml", drawing.content, drawing.width, drawing.height)


def _painted(content: bytes) -> Picture:
    try:
        image = _opened(content)
    except (
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise _refused("Filen går inte att läsa som bild. Välj en PNG, JPEG eller SVG.") from error
    if min(image.size) < _LEAST_SIDE:
        raise _refused(f"Bilden är för liten. Varje sida ska vara minst {_LEAST_SIDE} bildpunkter.")
    image.thumbnail(_KEPT_SIZE, Image.Resampling.LANCZOS)
    if _is_unseen(image):
        raise _refused(
            "Bilden är vit och skulle inte synas: logotypen visas på vit botten. "
            "Välj logotypen i färg, eller med egen bakgrund."
        )
    return _kept(image)


def _opened(content: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise ValueError("too many pixels")
            upright = ImageOps.exif_transpose(opened)
            assert upright is not None
            has_ground = "A" not in upright.getbands() and "transparency" not in upright.info
            return upright.convert("RGB" if has_ground else "RGBA")


def _is_unseen(image: Image.Image) -> bool:
    """Whether nothing of it differs from the white that it is shown on."""
    white = Image.new("RGBA", image.size, "white")
    shown = Image.alpha_composite(white, image.convert("RGBA")).convert("L")
    darkest, _ = shown.getextrema()
    return float(str(darkest)) > 255 - _SEEN


def _kept(image: Image.Image) -> Picture:
    """Without what the file said beside the picture: places, programs, comments."""
    written = BytesIO()
    image.save(written, "PNG", optimize=True)
    if image.mode == "RGB" and written.tell() > _KEPT_BYTES // 2:
        written = BytesIO()
        image.save(written, "JPEG", quality=88)
        return Picture("image/jpeg", written.getvalue(), *image.size)
    return Picture("image/png", written.getvalue(), *image.size)
