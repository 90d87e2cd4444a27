"""REQUIREMENTS 4.6: PDF/A behind every snapshot. Every way a paper is made passes veraPDF."""

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Dictionary, Name

from papers.bar_chart import bar_chart
from papers.checking import faults_in
from papers.decision_paper import DecisionPaper, Step, write_decision
from papers.documents import render
from papers.lists import Lists, Table, write_lists
from papers.pdfa import Profile
from papers.report_paper import Figure, Report, Summary, write_report
from papers.verapdf import Proof, Verdict, lacking, prove, validate
from tests.papers.samples import PDFS, PICTURES, WRITTEN, bytes_of, paper

UPLOADS = PICTURES | PDFS
# Every file in the stricter profile; one of each way a paper is made in the other.
PAPERS: list[tuple[str, Profile]] = [
    *((name, "pdfa-1b") for name in (*UPLOADS, "a document")),
    *(
        (name, "pdfa-2b")
        for name in ("a tall screen", "transparency", "a JPEG", "an ordinary PDF", "a document")
    ),
    ("a decision", "pdfa-2b"),
    ("a list", "pdfa-2b"),
    ("a report", "pdfa-2b"),
]
ROWS = [
    ("Namn", "Ung i Åmåla 🎉 سلام 日本 ﬁ"),
    ("Länk", "https://www.example.org/" + "lång-adress/" * 12),
] * 30


def document(profile: Profile) -> bytes:
    values = {"municipality": "Exempelby kommun", "kind": "Handling", "rows": ROWS}
    return render("plain.html", values, profile, title="Uppgifter", created_at=WRITTEN, identifier="d")


def decision() -> bytes:
    """With everything that people may write, and a plan that runs over."""
    steps = [Step(f"Steg {n}", "Åsa Öberg (chef)", "godkänt", "1 december 2026", "Bra 🎉") for n in range(4)]
    paper = DecisionPaper(
        municipality="Exempelby kommun",
        kind="Beslut om konto i sociala medier",
        title="Instagramkontot ”Ung i Åmåla 🎉”",
        decision="Ansökan godkänns. Kontot får öppnas.",
        rows=ROWS[:2],
        reason="Skäl\n<b>سلام</b>",
        steps=steps,
        plan=ROWS,
    )
    return write_decision(paper, created_at=WRITTEN, identifier="b")


def listing() -> bytes:
    table = Table("Det här ingår", ("Fil", "Storlek"), ROWS, "Allt 🎉")
    lists = Lists("Exempelby kommun", "Förteckning", "Ung i Åmåla 🎉", "سلام", ROWS[:2], [table, table])
    return write_lists(lists, created_at=WRITTEN, identifier="l")


def report() -> bytes:
    figure = Figure("Konton 🎉", "Ett konto i januari.", bar_chart(["jan 🎉", "<feb>"], [1, 0]))
    table = Summary("Konton", "Så räknas de.", ("Plattform", "Öppna"), ROWS, ("Totalt", "1"))
    paper = Report("Exempelby kommun", "Årsrapport", "2026", "سلام", ROWS[:2], [figure], [table])
    return write_report(paper, created_at=WRITTEN, identifier="r")


def written(name: str, profile: Profile) -> bytes:
    if name in UPLOADS:
        return paper(UPLOADS[name], profile).pdf
    others = {"a decision": decision, "a list": listing, "a report": report}
    return others[name]() if name in others else document(profile)


def changed(pdf: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        change(opened)
        return bytes_of(opened, fix_metadata_version=False)


def minimal(content: bytes) -> bytes:
    """The least file that is PDF/A-1b while its page draws nothing: made without our writer."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(200, 200)).Contents = pdf.make_stream(content)
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["pdfaid:part"], metadata["pdfaid:conformance"] = "1", "B"
    file = io.BytesIO()
    pdf.save(
        file, object_stream_mode=pikepdf.ObjectStreamMode.disable, min_version="1.4", force_version="1.4"
    )
    return file.getvalue()


def first_image(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return next(
        one for one in pdf.objects if isinstance(one, pikepdf.Stream) and one.get("/Subtype") == Name.Image
    )


def first_font(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return next(
        one for one in pdf.objects if isinstance(one, Dictionary) and one.get("/Type") == Name.FontDescriptor
    )


def interpolate(pdf: pikepdf.Pdf) -> None:
    first_image(pdf).Interpolate = True


def drop_intent(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.OutputIntents


def drop_font(pdf: pikepdf.Pdf) -> None:
    descriptor = first_font(pdf)
    for key in ("/FontFile", "/FontFile2", "/FontFile3"):
        if key in descriptor:
            del descriptor[key]


def see_through(pdf: pikepdf.Pdf) -> None:
    state = Dictionary(Type=Name.ExtGState, ca=0.5)
    pdf.pages[0].Resources.ExtGState = Dictionary(G=state)
    pdf.pages[0].contents_add(b"/G gs")


def soft_mask(pdf: pikepdf.Pdf) -> None:
    mask = pdf.make_stream(b"\xff", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1)
    mask.ColorSpace, mask.BitsPerComponent = Name.DeviceGray, 8
    first_image(pdf).SMask = mask


def run_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="app.alert('hej')")


def launch(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.Launch, F="program")


def retitle(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo.Title = "Något annat"


def redate(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo.CreationDate = "D:20200101000000Z"


def claim_another_part(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        metadata["pdfaid:part"] = "3"


def drop_metadata(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.Metadata


def in_cmyk(pdf: pikepdf.Pdf) -> None:
    image = first_image(pdf)
    image.ColorSpace = Name.DeviceCMYK


BROKEN: dict[str, tuple[Profile, Callable[[pikepdf.Pdf], None], str]] = {
    "a picture that is smoothed, 1b": ("pdfa-1b", interpolate, "Interpolate"),
    "a picture that is smoothed, 2b": ("pdfa-2b", interpolate, "Interpolate"),
    "no output intent, 1b": ("pdfa-1b", drop_intent, "OutputIntent"),
    "no output intent, 2b": ("pdfa-2b", drop_intent, "OutputIntent"),
    "a font that is not there": ("pdfa-2b", drop_font, "inbäddat"),
    "transparent drawing": ("pdfa-1b", see_through, "genomskinlighet"),
    "a mask": ("pdfa-1b", soft_mask, "genomskinlighet"),
    "a script": ("pdfa-2b", run_script, "JavaScript"),
    "a program to start": ("pdfa-2b", launch, "start av program"),
    "two titles": ("pdfa-1b", retitle, "Title"),
    "two dates": ("pdfa-1b", redate, "CreationDate"),
    "another profile": ("pdfa-2b", claim_another_part, "säger sig inte"),
    "no metadata": ("pdfa-2b", drop_metadata, "XMP"),
    "colours of a press": ("pdfa-2b", in_cmyk, "CMYK"),
}


class Asked:
    """Everything this module writes, each with veraPDF's answer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written: dict[str, tuple[Path, Profile]] = {}
        self.verdicts: dict[Path, Verdict] = {}

    def add(self, name: str, profile: Profile, pdf: bytes) -> None:
        path = self.folder / f"{len(self.written)}.pdf"
        path.write_bytes(pdf)
        self.written[f"{name} {profile}"] = path, profile

    def ask(self) -> None:
        self.verdicts = validate(dict(self.written.values()))

    def pdf(self, name: str, profile: Profile) -> bytes:
        return self.written[f"{name} {profile}"][0].read_bytes()

    def verdict(self, name: str, profile: Profile) -> Verdict:
        return self.verdicts[self.written[f"{name} {profile}"][0]]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    if missing := lacking():
        pytest.fail(missing)
    asked = Asked(tmp_path_factory.mktemp("verapdf"))
    for name, profile in PAPERS:
        asked.add(name, profile, written(name, profile))
    for name, (profile, change, _) in BROKEN.items():
        asked.add(name, profile, changed(asked.pdf("a JPEG", profile), change))
    asked.add("minimal, right", "pdfa-1b", minimal(b"q Q"))
    asked.add("minimal, wrong", "pdfa-1b", minimal(b"1 0 0 rg 0 0 9 9 re f"))
    asked.ask()
    return asked


def test_the_validator_tells_right_from_wrong(asked: Asked) -> None:
    """A pair made without our writer: a later version of its package may have lost parts."""
    assert asked.verdict("minimal, right", "pdfa-1b") == Verdict(True)
    wrong = asked.verdict("minimal, wrong", "pdfa-1b")
    assert not wrong.compliant and "DeviceRGB" in wrong.broken


@pytest.mark.parametrize(("name", "profile"), PAPERS)
def test_every_paper_is_what_it_says(asked: Asked, name: str, profile: Profile) -> None:
    assert asked.verdict(name, profile) == Verdict(True)
    assert faults_in(asked.pdf(name, profile), profile) == []


@pytest.mark.parametrize("name", BROKEN)
def test_both_checks_see_what_is_broken(asked: Asked, name: str) -> None:
    profile, _, word = BROKEN[name]
    assert not asked.verdict(name, profile).compliant
    found = faults_in(asked.pdf(name, profile), profile)
    assert any(word in fault for fault in found), found


def test_a_file_that_is_no_pdf_is_not_compliant(tmp_path: Path) -> None:
    (file := tmp_path / "ingen.pdf").write_text("Hej")
    assert not validate({file: "pdfa-1b"})[file].compliant


def test_a_paper_is_proved_by_both_checks_where_both_are(
    asked: Asked, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    right, wrong = asked.pdf("a JPEG", "pdfa-2b"), asked.pdf("a script", "pdfa-2b")
    assert prove(right, "pdfa-2b") == Proof(("Kanalvakt", "veraPDF"), ())
    assert len(prove(wrong, "pdfa-2b").faults) == 2
    assert prove(right, "pdf") == Proof(("Kanalvakt",), ())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert prove(right, "pdfa-2b") == Proof(("Kanalvakt",), ())
    assert prove(wrong, "pdfa-2b").faults == ("filen innehåller JavaScript",)


def test_without_java_the_line_that_installs_it_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt-get install" in (lacking() or "") and "libjaxb-java" in (lacking() or "")
