"""Our own look at a PDF's structure: what most often keeps a file from being the PDF/A it says it is.

It is no validator. veraPDF is asked besides, where it is installed (papers/verapdf.py).
"""

import io
from collections.abc import Callable, Iterator
from datetime import datetime

import pikepdf
from pikepdf import Dictionary, Name, Object, Stream
from pikepdf.models.metadata import decode_pdf_date
from PIL import Image

_PARTS = {"pdfa-1b": "1", "pdfa-2b": "2"}
_FORBIDDEN_ACTIONS = {
    "/JavaScript": "JavaScript",
    "/Launch": "start av program",
    "/SubmitForm": "ett formulär som skickas",
    "/ImportData": "inläsning av data",
    "/Sound": "ljud",
    "/Movie": "film",
    "/Rendition": "film",
    "/ResetForm": "ett formulär",
    "/Hide": "en dold del",
}
# What looking into a file raises where it holds something else than PDF has there.
_NOT_A_PDF = (pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError, KeyError)
_OPAQUE_BLENDS = ("/Normal", "/Compatible")
_LONGEST_SIDE_IN_POINTS = 14_400


def faults_in(pdf: bytes, profile: str) -> list[str]:
    """What is wrong with a file of profile "pdf", "pdfa-1b" or "pdfa-2b", in Swedish; empty when nothing."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            return list(dict.fromkeys(_faults(document, profile)))
    except pikepdf.PasswordError:
        return ["filen är låst med lösenord"]
    except _NOT_A_PDF:
        return ["filen är inte byggd som en PDF"]


def _faults(document: pikepdf.Pdf, profile: str) -> Iterator[str]:
    yield from _faults_of_any(document)
    if profile in _PARTS:
        yield from _faults_of_archive(document, profile)
    if profile == "pdfa-1b":
        yield from _faults_of_first_part(document)


def _faults_of_any(document: pikepdf.Pdf) -> Iterator[str]:
    if document.is_encrypted:
        yield "filen är krypterad"
    if not len(document.pages):
        yield "filen har inga sidor"
    for number, page in enumerate(document.pages, start=1):
        left, bottom, right, top = (float(edge) for edge in page.mediabox.as_list())
        if not 0 < max(right - left, top - bottom) <= _LONGEST_SIDE_IN_POINTS:
            yield f"sida {number} har en orimlig storlek"
    yield from _each(document, _active, _wrong_picture)


def _faults_of_archive(document: pikepdf.Pdf, profile: str) -> Iterator[str]:
    yield from _wrong_profile(document, profile)
    yield from _differing_metadata(document)
    if not _has_rgb_intent(document):
        yield "färgrymd för utskrift (OutputIntent) i RGB saknas"
    if "/ID" not in document.trailer:
        yield "filens identitet (ID) saknas"
    yield from _each(document, _without_font_file, _interpolated, _in_cmyk, _elsewhere)


def _faults_of_first_part(document: pikepdf.Pdf) -> Iterator[str]:
    if "/Filter" in document.Root.get("/Metadata", Dictionary()):
        yield "metadata är komprimerade"
    if "/EmbeddedFiles" in document.Root.get("/Names", Dictionary()):
        yield "filen har bilagor"
    yield from _each(document, _see_through)


def _each(document: pikepdf.Pdf, *looks: Callable[[Object], str | None]) -> Iterator[str]:
    """What any of the looks says of any dictionary or stream in the file, however deep it lies."""
    for one in _dictionaries(document):
        yield from filter(None, (look(one) for look in looks))


def _dictionaries(document: pikepdf.Pdf) -> Iterator[Object]:
    """Every dictionary and stream, once: those with a number, and those that lie inside one."""
    waiting = [document.trailer, *document.objects]
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Array):
            waiting += [inner for inner in one.as_list() if _lies_here(inner)]
        elif isinstance(one, Dictionary | Stream):
            yield one
            waiting += [inner for inner in map(one.get, one.keys()) if _lies_here(inner)]


def _lies_here(value: object) -> bool:
    return isinstance(value, Object) and not value.is_indirect


def _wrong_profile(document: pikepdf.Pdf, profile: str) -> Iterator[str]:
    if "/Metadata" not in document.Root:
        yield "metadata (XMP) saknas"
        return
    with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        said = metadata.get("pdfaid:part"), metadata.get("pdfaid:conformance")
    if said != (_PARTS[profile], "B"):
        yield f"filen säger sig inte vara {profile}"


def _differing_metadata(document: pikepdf.Pdf) -> Iterator[str]:
    """The two places where a title, a program and a time stand must say the same."""
    with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        pairs = {
            "/Title": metadata.get("dc:title"),
            "/Creator": metadata.get("xmp:CreatorTool"),
            "/Producer": metadata.get("pdf:Producer"),
        }
        created = metadata.get("xmp:CreateDate")
    for key, said in pairs.items():
        if key in document.docinfo and str(document.docinfo[key]) != said:
            yield f"{key[1:]} står olika på filens två ställen"
    if "/CreationDate" in document.docinfo and not _same_instant(str(document.docinfo.CreationDate), created):
        yield "CreationDate står olika på filens två ställen"


def _same_instant(in_pdf: str, in_metadata: object) -> bool:
    try:
        return decode_pdf_date(in_pdf) == datetime.fromisoformat(str(in_metadata))
    except ValueError:
        return False


def _has_rgb_intent(document: pikepdf.Pdf) -> bool:
    intents = document.Root.get("/OutputIntents", pikepdf.Array())
    archival = [one for one in intents.as_list() if one.get("/S") == Name.GTS_PDFA1]
    profiles = [one.get("/DestOutputProfile", Dictionary()) for one in archival]
    return any(profile.get("/N") == 3 for profile in profiles)


def _active(one: Object) -> str | None:
    if "/JS" in one or "/JavaScript" in one:
        return "filen innehåller JavaScript"
    if "/AA" in one:
        return "filen gör något av sig själv"
    action = str(one.get("/S", "")) if "/S" in one else ""
    return f"filen innehåller {_FORBIDDEN_ACTIONS[action]}" if action in _FORBIDDEN_ACTIONS else None


def _without_font_file(one: Object) -> str | None:
    if one.get("/Type") != Name.FontDescriptor:
        return None
    embedded = any(key in one for key in ("/FontFile", "/FontFile2", "/FontFile3"))
    return None if embedded else f"teckensnittet {str(one.get('/FontName', ''))[1:]} är inte inbäddat"


def _wrong_picture(one: Object) -> str | None:
    """Whether a picture holds as many bytes as its size says."""
    if one.get("/Subtype") != Name.Image or not isinstance(one, Stream):
        return None
    width, height = int(one.get("/Width", 0)), int(one.get("/Height", 0))
    try:
        fits = width > 0 and height > 0 and _size_fits(one, width, height)
    except (pikepdf.PdfError, OSError):
        fits = False
    return None if fits else f"en bild på {width} × {height} punkter är skadad"


def _size_fits(picture: Stream, width: int, height: int) -> bool:
    if picture.get("/Filter") == Name.DCTDecode:
        with Image.open(io.BytesIO(picture.read_raw_bytes()), formats=("JPEG",)) as inside:
            return inside.size == (width, height)
    bands = {"/DeviceRGB": 3, "/DeviceGray": 1, "/DeviceCMYK": 4}.get(str(picture.get("/ColorSpace")))
    if bands is None or picture.get("/BitsPerComponent") != 8:
        return True
    return len(picture.read_bytes()) == width * height * bands


def _interpolated(one: Object) -> str | None:
    return "en bild ska jämnas ut (Interpolate)" if one.get("/Interpolate", False) else None


def _in_cmyk(one: Object) -> str | None:
    return "en bild är i CMYK" if one.get("/ColorSpace") == Name.DeviceCMYK else None


def _elsewhere(one: Object) -> str | None:
    """A stream whose content lies in another file, or is packed in a forbidden way."""
    if not isinstance(one, Stream):
        return None
    if "/F" in one:
        return "en del av filen ligger i en annan fil"
    return "en del är packad med LZW" if "LZWDecode" in str(one.get("/Filter", "")) else None


def _see_through(one: Object) -> str | None:
    group = one.get("/Group")
    soft = one.get("/SMask", Name.None_) != Name.None_
    pale = any(one.get(key, 1) != 1 for key in ("/CA", "/ca")) if one.get("/Type") != Name.Annot else False
    blended = str(one.get("/BM", "/Normal")) not in _OPAQUE_BLENDS
    grouped = isinstance(group, Dictionary) and group.get("/S") == Name.Transparency
    return "filen innehåller genomskinlighet" if soft or pale or blended or grouped else None
