"""Turns the pages of any PDF into pictures, with Poppler in a process of its own.

Setting foreign pages into our document as they are would carry over whatever is wrong with them: fonts that
are not embedded, transparency, scripts. A picture of each page is what a print would have been.
"""

import io
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pikepdf
from PIL import Image

from papers.pictures import LONGEST_SIDE, MOST_PIXELS, in_plain_colours
from papers.refusing import CannotUse, CannotWrite

INSTALL_POPPLER = "apt-get install --no-install-recommends poppler-utils"
MOST_PAGES = 100
_DOTS_PER_INCH = 150.0
_POINTS_PER_INCH = 72.0
_SECONDS_A_PAGE = 30
_PROCESSOR_SECONDS_A_PAGE = 30
_OUT_OF_TIME = (-signal.SIGXCPU, -signal.SIGKILL)
_SECONDS = 120
_MEMORY = 1_500_000_000
_AGAIN = "Spara eller skriv ut den som PDF på nytt och försök igen."
_BROKEN = f"PDF-filen är skadad och går inte att läsa. {_AGAIN}"


def printed_pages(pdf: bytes) -> Iterator[Image.Image]:
    """A picture of each page. Raises CannotUse for what is no readable PDF, CannotWrite without Poppler."""
    dots = _resolutions(pdf)
    program = shutil.which("pdftoppm")
    if program is None:
        raise CannotWrite(f"PDF-filer kan inte läsas: Poppler saknas. Installera med: {INSTALL_POPPLER}")
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kanalvakt-pdf-") as folder:
        file = Path(folder) / "given.pdf"
        file.write_bytes(pdf)
        for number, dots_per_inch in enumerate(dots, start=1):
            if time.monotonic() > started + _SECONDS:
                raise CannotUse("slow_pdf", "PDF-filen tar för lång tid att rita. Dela den i flera.")
            yield _printed(program, file, number, dots_per_inch)


def _resolutions(pdf: bytes) -> list[float]:
    """Dots per inch for each page: fewer for one so large that its picture would be too big."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            count = len(document.pages)
            if count == 0:
                raise CannotUse("no_pages", f"PDF-filen har inga sidor. {_AGAIN}")
            if count > MOST_PAGES:
                raise CannotUse(
                    "too_many_pages",
                    f"PDF-filen har {count} sidor. Högst {MOST_PAGES} går bra; dela den i flera.",
                )
            return [_resolution(page) for page in document.pages]
    except pikepdf.PasswordError:
        raise CannotUse(
            "locked_pdf", "PDF-filen är låst med lösenord. Spara den utan lösenord och försök igen."
        ) from None
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError) as error:
        raise CannotUse("broken_pdf", _BROKEN) from error


def _resolution(page: pikepdf.Page) -> float:
    left, bottom, right, top = (float(edge) for edge in page.cropbox.as_list())
    width, height = abs(right - left) / _POINTS_PER_INCH, abs(top - bottom) / _POINTS_PER_INCH
    if not width or not height:
        raise CannotUse("broken_pdf", _BROKEN)
    fitting = min((MOST_PIXELS / (width * height)) ** 0.5, LONGEST_SIDE / max(width, height))
    return min(_DOTS_PER_INCH, float(0.99 * fitting))


def _printed(program: str, file: Path, number: int, dots_per_inch: float) -> Image.Image:
    page = ["-f", str(number), "-l", str(number), "-singlefile", "-cropbox", "-r", f"{dots_per_inch:.3f}"]
    # prlimit belongs to every Debian: a page made to fill the memory ends there.
    command = ["prlimit", f"--as={_MEMORY}", f"--cpu={_PROCESSOR_SECONDS_A_PAGE}", program, *page, str(file)]
    try:
        ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS_A_PAGE)
    except subprocess.TimeoutExpired:
        raise _slow(number) from None
    if ran.returncode in _OUT_OF_TIME:
        raise _slow(number)
    if ran.returncode != 0 or not ran.stdout:
        raise CannotUse("broken_pdf", f"Sida {number} går inte att rita. {_BROKEN}")
    with Image.open(io.BytesIO(ran.stdout), formats=("PPM",)) as picture:
        return in_plain_colours(picture)


def _slow(number: int) -> CannotUse:
    return CannotUse("slow_pdf", f"Sida {number} i PDF-filen tar för lång tid att rita. {_AGAIN}")
