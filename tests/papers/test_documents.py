"""REQUIREMENTS 2.9: papers are PDF/A, say what they were given, and are whole or not at all."""

import io
import subprocess
import sys

import jinja2
import pikepdf
import pytest
from PIL import ImageFile

from papers.documents import render
from papers.lettering import writable
from papers.pdfa import PROFILES, Profile, write
from papers.refusing import CannotWrite
from tests.papers.samples import WRITTEN
from tests.papers.test_snapshot_paper import words

VALUES = {"municipality": "Exempelby kommun", "kind": "Förteckning", "rows": [("Konto", "Biblioteket <b>&")]}


def document(profile: Profile = "pdfa-2b", **changes: object) -> bytes:
    values = VALUES | changes
    return render("plain.html", values, profile, title="Våra konton", created_at=WRITTEN, identifier="d1")


def test_a_document_says_what_it_was_given() -> None:
    text = words(document())
    assert "Exempelby kommun Förteckning Våra konton Konto Biblioteket <b>&" in text
    assert "Sida 1 av 1" in text


def test_sections_follow_with_their_texts_as_they_were_written() -> None:
    reasons = ("Underlag", ["Första raden\nandra raden", "<script>"], [("Bilaga", "plan.pdf")])
    text = words(
        document(lead="Kommunen har beslutat.", sections=[reasons, ("Hänvisning", ["Avsnitt 2"], [])])
    )
    expected = "Underlag Första raden andra raden <script> Bilaga plan.pdf Hänvisning Avsnitt 2"
    assert "Kommunen har beslutat. Konto" in text and expected in text


def test_a_long_document_repeats_its_title_and_counts_its_pages() -> None:
    text = words(document(rows=[(f"Konto {n}", "Uppgift") for n in range(90)]))
    assert "Sida 4 av 4" in text and text.count("Våra konton") == 4
    assert all(f"Konto {n} Uppgift" in text for n in range(90))


def test_a_missing_value_is_an_error() -> None:
    values = {name: value for name, value in VALUES.items() if name != "municipality"}
    with pytest.raises(jinja2.UndefinedError):
        render("plain.html", values, "pdf", title="x", created_at=WRITTEN, identifier="x")


@pytest.mark.parametrize("profile", PROFILES)
def test_the_metadata_says_title_time_and_language(profile: Profile) -> None:
    with pikepdf.open(io.BytesIO(document(profile))) as pdf:
        assert pdf.docinfo.Title == "Våra konton" and pdf.docinfo.Creator == "Kanalvakt"
        assert str(pdf.docinfo.CreationDate).startswith("D:20261125082000")
        assert pdf.Root.Lang == "sv" and pdf.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in pdf.Root


def test_the_same_values_give_the_same_bytes() -> None:
    assert document() == document()
    assert document() != document(kind="Annat")


def test_only_our_own_font_is_used() -> None:
    with pikepdf.open(
        io.BytesIO(document(rows=[("Namn", "Åsa Öberg-Łukasz Ξένος سلام 日本 🎉 𝔸 ❤️ ☺️ ™️ 1️⃣")]))
    ) as pdf:
        fonts = {str(one.FontName).split("+")[1] for one in pdf.objects if _is_font(one)}
    assert fonts and all(font.startswith("Kanalvakt-Sans") for font in fonts)


def _is_font(one: pikepdf.Object) -> bool:
    return isinstance(one, pikepdf.Dictionary) and one.get("/Type") == pikepdf.Name.FontDescriptor


def test_what_our_font_lacks_stands_as_its_number() -> None:
    assert writable("Åsa läser Łukasz Ξένος سلام") == "Åsa läser Łukasz Ξένος سلام"
    assert writable("Ung 🎉") == "Ung [U+1F389]"
    assert writable("日本") == "[U+65E5][U+672C]"
    assert writable("a\U000e0061b\u0007é\n") == "abé\n" and writable("a\u0007") == "a"
    assert "[U+65E5][U+672C]" in words(document(rows=[("Namn", "日本")]))


def test_a_time_without_zone_is_an_error() -> None:
    with pytest.raises(ValueError, match="time zone"):
        write("x", "pdf", title="x", created_at=WRITTEN.replace(tzinfo=None), identifier="x")


@pytest.mark.parametrize("address", ["https://www.example.org/a.png", "file:///etc/hostname", "ours:image/b"])
def test_nothing_is_fetched(address: str) -> None:
    with pytest.raises(CannotWrite, match="inte ligger i den"):
        write(f"<img src='{address}' alt=''>", "pdf", title="x", created_at=WRITTEN, identifier="x")


def test_a_paper_that_is_not_what_it_says_never_leaves() -> None:
    pale = "<p style='opacity: .5'>Blekt</p>"
    assert write(pale, "pdfa-2b", title="x", created_at=WRITTEN, identifier="x")
    with pytest.raises(CannotWrite, match="genomskinlighet"):
        write(pale, "pdfa-1b", title="x", created_at=WRITTEN, identifier="x")


def test_without_pango_the_line_that_installs_it_is_told() -> None:
    """The product runs without Pango; only who wants a paper hears of it."""
    program = (
        "import cffi\n"
        "def missing(*names): raise OSError('cannot load library')\n"
        "cffi.FFI.dlopen = missing\n"
        "import papers.documents, papers.snapshot_paper\n"
        "from tests.papers.samples import WRITTEN\n"
        "papers.pdfa.write('x', 'pdf', title='x', created_at=WRITTEN, identifier='x')\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "CannotWrite" in ran.stderr and "apt-get install" in ran.stderr and "libpango-1.0-0" in ran.stderr


def test_half_a_picture_is_still_refused_after_the_first_paper() -> None:
    """Loading WeasyPrint makes Pillow accept half images; we take that back."""
    document()
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
