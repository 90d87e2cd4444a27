"""Pictures and PDF files as people give them, made here."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

import pikepdf
from pikepdf import Name
from PIL import Image, ImageCms, ImageDraw, ImageFont
from PIL.ExifTags import Base

from papers.lettering import BOLD, FONTS, REGULAR
from papers.pdfa import Profile
from papers.snapshot_paper import Original, Snapshot, SnapshotPaper, write_snapshot

WRITTEN = datetime(2026, 11, 25, 8, 20, tzinfo=UTC)
SNAPSHOT = Snapshot(
    municipality="Exempelby kommun",
    account="Exempelby bibliotek",
    platform="Facebook",
    address="https://www.example.org/exempelbybibliotek",
    taken_at=datetime(2026, 11, 25, 8, 14, 5, tzinfo=UTC),
    zone="Europe/Stockholm",
    taken_by="Kanalvakt med Chromium 156.0",
    clauses=("Exempelbys riktlinje, punkt 4: en bild varje halvår",),
    occasion="Halvårsskiftet",
)


@cache
def screen(width: int = 660, height: int = 900) -> Image.Image:
    """A page as a screen shows it: a band, a name, and posts in boxes."""
    picture = Image.new("RGB", (width, height), "#f0f2f5")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, width, height // 8), fill="#14575f")
    draw.text((40, height // 16), "Exempelby bibliotek", "white", ImageFont.truetype(FONTS / BOLD, 36))
    letters = ImageFont.truetype(FONTS / REGULAR, 16)
    for top in range(height // 8 + 20, height - 150, 180):
        draw.rectangle((width // 6, top, width - width // 6, top + 150), fill="white")
        for line in range(5):
            draw.text(
                (width // 6 + 15, top + 10 + line * 26), f"Inlägg vid {top}, rad {line}", "#222", letters
            )
    return picture


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def see_through() -> Image.Image:
    """As a Mac saves its screen: with an alpha channel."""
    picture = screen().convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    return picture


def in_profile() -> bytes:
    """Colours in a profile of their own, in which red and blue have changed places."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    picture = Image.new("RGB", (400, 400), "white")
    picture.paste("red", (0, 0, 400, 200))
    return saved(picture, icc_profile=bytes(profile))


def turned() -> bytes:
    """A photograph that says it lies on its side: red, which is at the top, is stored at the left."""
    picture = Image.new("RGB", (400, 300), "white")
    picture.paste("red", (0, 0, 60, 300))
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    return saved(picture, "JPEG", exif=exif)


def deep_grey() -> Image.Image:
    return screen().convert("L").convert("I").point(lambda value: value * 257).convert("I;16")


def photograph() -> Image.Image:
    return Image.effect_noise((450, 600), 90).convert("RGB")


PICTURES: Mapping[str, bytes] = {
    "a tall screen": saved(screen(660, 3000)),
    "a telephone's screen": saved(screen(585, 1266)),
    "transparency": saved(see_through()),
    "a palette": saved(screen().quantize(16)),
    "a palette with transparency": saved(screen().quantize(16), transparency=0),
    "black and white": saved(screen().convert("1")),
    "grey in sixteen bits": saved(deep_grey()),
    "a profile of its own": in_profile(),
    "a JPEG": saved(screen(), "JPEG", quality=80),
    "a progressive JPEG": saved(screen(), "JPEG", progressive=True),
    "a JPEG in CMYK": saved(screen().convert("CMYK"), "JPEG"),
    "a grey JPEG": saved(screen().convert("L"), "JPEG"),
    "a turned JPEG": turned(),
    "a photograph": saved(photograph(), "JPEG"),
    "a telephone's photograph with a preview": saved(
        screen(), "MPO", save_all=True, append_images=[screen(300, 300)]
    ),
}


def foreign_pdf(
    pages: int = 1, *, size: tuple[float, float] = (595, 842), words: str = "Exempelby"
) -> pikepdf.Pdf:
    """A PDF that is no PDF/A: a font that is not embedded, transparency, JavaScript, colours of a device."""
    pdf = pikepdf.new()
    for number in range(pages):
        page = pdf.add_blank_page(page_size=size)
        font = pikepdf.Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        state = pikepdf.Dictionary(ca=0.5)
        page.Resources = pikepdf.Dictionary(
            Font=pikepdf.Dictionary(F1=font), ExtGState=pikepdf.Dictionary(G=state)
        )
        drawn = "/G gs 0.1 0.5 0.5 rg 40 40 200 100 re f"
        text = f"{drawn} BT /F1 24 Tf 60 {size[1] - 90} Td ({words} {number}) Tj ET"
        page.Contents = pdf.make_stream(text.encode())
    pdf.Root.OpenAction = pikepdf.Dictionary(S=Name.JavaScript, JS="app.alert('hej')")
    return pdf


def bytes_of(pdf: pikepdf.Pdf, **options: object) -> bytes:
    file = io.BytesIO()
    pdf.save(file, **options)
    return file.getvalue()


PDFS: Mapping[str, bytes] = {
    "an ordinary PDF": bytes_of(foreign_pdf(3)),
    "a PDF that may only be read": bytes_of(
        foreign_pdf(), encryption=pikepdf.Encryption(owner="ägare", user="", R=6)
    ),
    "a PDF of one long page": bytes_of(foreign_pdf(size=(825, 6000))),
    "a PDF lying down": bytes_of(foreign_pdf(size=(842, 595))),
    "a PDF with words before it": b"Inledande ord\n" + bytes_of(foreign_pdf()),
}


def paper(content: bytes, profile: Profile, name: str = "bild") -> SnapshotPaper:
    return write_snapshot(SNAPSHOT, Original(name, content), profile, created_at=WRITTEN, identifier="1")
