"""Writes HTML of ours as PDF, PDF/A-1b or PDF/A-2b. The same values give the same bytes."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal, get_args

from PIL import ImageFile

from papers.checking import faults_in
from papers.lettering import BOLD, FAMILY, FONTS, REGULAR, writable
from papers.refusing import CannotWrite

Profile = Literal["pdf", "pdfa-1b", "pdfa-2b"]
PROFILES: tuple[Profile, ...] = get_args(Profile)
INSTALL_PANGO = "apt-get install --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"

_VARIANTS: dict[str, str | None] = {"pdf": None, "pdfa-1b": "pdf/a-1b", "pdfa-2b": "pdf/a-2b"}
# Interpolated images are forbidden in PDF/A. Slanted letters have no font file of their own.
_RULES = f"""
@font-face {{ font-family: "{FAMILY}"; src: url("ours:font/{REGULAR}"); font-weight: 400; }}
@font-face {{ font-family: "{FAMILY}"; src: url("ours:font/{BOLD}"); font-weight: 700; }}
* {{ font-family: "{FAMILY}" !important; font-style: normal !important; }}
img {{ image-rendering: pixelated; }}
"""
_FONT_LIST = "FONTCONFIG_FILE"
# What Pango and fontconfig remember, and the environment, are shared by all threads of a process.
_one_at_a_time = threading.Lock()


def write(
    html: str,
    profile: Profile,
    *,
    title: str,
    created_at: datetime,
    identifier: str,
    images: Mapping[str, bytes] | None = None,
) -> bytes:
    """The HTML as a document with its metadata; an `images` entry is shown by `<img src="ours:image/NAME">`.

    `created_at` is aware; `identifier` tells this document from all others. Nothing outside is fetched.
    Raises CannotWrite when the machine lacks Pango, and when the result is not what the profile demands.
    """
    if created_at.utcoffset() is None:
        raise ValueError(f"no time zone: {created_at}")
    weasyprint = _weasyprint()
    try:
        with _one_at_a_time:
            pdf = _written(weasyprint, writable(html), profile, title, created_at, identifier, images or {})
    except weasyprint.urls.FatalURLFetchingError as error:
        raise CannotWrite("Handlingen visar något som inte ligger i den.") from error
    faults = faults_in(pdf, profile)
    if faults:
        raise CannotWrite(f"Handlingen blev inte giltig {profile}: {'; '.join(faults)}.")
    return pdf


def _written(
    weasyprint: Any,
    html: str,
    profile: Profile,
    title: str,
    created_at: datetime,
    identifier: str,
    images: Mapping[str, bytes],
) -> bytes:
    fetcher = _only_ours(weasyprint, images)
    with _fonts_of_the_machine_hidden():
        font_config = weasyprint.text.fonts.FontConfiguration()
    rules = weasyprint.CSS(string=_RULES, font_config=font_config, url_fetcher=fetcher)
    page = weasyprint.HTML(string=html, url_fetcher=fetcher, base_url="ours:")
    options: dict[str, Any] = {"pdf_variant": _VARIANTS[profile], "pdf_tags": True}
    document = page.render(font_config=font_config, stylesheets=[rules], **options)
    _describe(document.metadata, title, created_at)
    pdf_identifier = sha256(identifier.encode()).hexdigest()[:32].encode()
    pdf = document.write_pdf(pdf_identifier=pdf_identifier, **options)
    assert isinstance(pdf, bytes)
    return pdf


@contextmanager
def _fonts_of_the_machine_hidden() -> Iterator[None]:
    """Else Pango takes an emoji font for signs that ours has too, with colours and transparency in it."""
    before = os.environ.get(_FONT_LIST)
    os.environ[_FONT_LIST] = str(FONTS / "fonts.conf")
    try:
        yield
    finally:
        if before is None:
            del os.environ[_FONT_LIST]
        else:
            os.environ[_FONT_LIST] = before


def _describe(metadata: Any, title: str, created_at: datetime) -> None:
    metadata.title = writable(" ".join(title.split()))
    metadata.created = created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    metadata.generator = "Kanalvakt"
    metadata.lang = metadata.lang or "sv"


def _only_ours(weasyprint: Any, images: Mapping[str, bytes]) -> Any:
    """Gives out our fonts and the images of this document; anything else ends the writing."""

    class OnlyOurs(weasyprint.urls.URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
            kind, _, name = url.removeprefix("ours:").partition("/")
            if url.startswith("ours:") and kind == "font" and name in (REGULAR, BOLD):
                return weasyprint.urls.URLFetcherResponse(url, (FONTS / name).read_bytes())
            if url.startswith("ours:") and kind == "image" and name in images:
                return weasyprint.urls.URLFetcherResponse(url, images[name])
            raise LookupError(url)

    return OnlyOurs(fail_on_errors=True)


def _weasyprint() -> Any:
    """WeasyPrint, loaded when the first paper is written: it needs Pango, and the rest of us does not."""
    try:
        import weasyprint
    except OSError as error:
        raise CannotWrite(
            f"Handlingar kan inte skrivas: Pango saknas på datorn. Installera med: {INSTALL_PANGO}"
        ) from error
    # Loading it makes Pillow accept half images, in the whole process.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    return weasyprint
