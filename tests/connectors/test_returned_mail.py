"""Mail that came back, told apart on mails in the formats that servers and people really send.

The corpus is in `returned/`, one file for each; `returned/told.yaml` says what each is by the document of its
format (RFC 3464, RFC 3834, RFC 8098, the servers' own), and which of them name our letter.
"""

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mail_answers import clean
from connectors.mail_away import Away, days_away
from connectors.mail_parts import MOST_BYTES
from connectors.returned_mail import Returned, told_apart
from models import ReturnedAs
from tests.figures import prove

CORPUS = Path(__file__).parent / "returned"
TOLD = yaml.safe_load((CORPUS / "told.yaml").read_text("utf-8"))
LETTER = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
TOKEN = "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZmdoaWo"
ON = date(2026, 12, 1)
"""A Tuesday, on which they were all read."""


def read(name: str) -> Returned:
    return told_apart((CORPUS / f"{name}.eml").read_bytes(), ON)


def of(told: Returned, wanted: dict[str, object]) -> dict[str, object]:
    """As the corpus words it: whose address and why is asked of reports alone, the words of answers alone."""
    found: dict[str, object] = {"kind": told.kind.value, "letter": LETTER in told.letters}
    found |= {"email": told.failed} if "email" in wanted else {}
    found |= {"status": told.status} if "status" in wanted else {}
    found |= {"says": told.says} if "says" in wanted else {}
    found |= {"from": told.away.from_on.isoformat()} if told.away.from_on else {}
    return found | ({"until": told.away.until_on.isoformat()} if told.away.until_on else {})


def test_all_of_the_corpus_is_told_right() -> None:
    found = {name: of(read(name), wanted) for name, wanted in TOLD.items()}
    wrong = {name: one for name, one in found.items() if one != TOLD[name]}
    prove("Mail that comes back", "mails in the corpus", len(TOLD), 60, at_least=True)
    prove("Mail that comes back", "told apart right", len(TOLD) - len(wrong), len(TOLD), at_least=True)
    assert wrong == {}
    assert {path.stem for path in CORPUS.glob("*.eml")} == set(TOLD)


def test_every_kind_is_in_the_corpus() -> None:
    assert {one["kind"] for one in TOLD.values()} == {kind.value for kind in ReturnedAs}


def test_no_link_that_decides_is_in_what_is_kept() -> None:
    """An answer that quotes our letter has its link in it, and is passed on to others."""
    for name in TOLD:
        told = read(name)
        assert "/l/" not in told.says and TOKEN[:20] not in told.says and "http" not in told.says


def test_a_mail_is_known_again_whatever_its_line_ends_and_length() -> None:
    content = (CORPUS / "answer-plain.eml").read_bytes()
    other_ends = content.replace(b"\n", b"\r\n")
    assert told_apart(content, ON).once_key == told_apart(other_ends, ON).once_key
    assert told_apart(content, ON).once_key != read("answer-yes-top-posted").once_key


def test_a_huge_mail_is_read_as_far_as_it_says_what_it_is() -> None:
    content = (CORPUS / "answer-huge.eml").read_bytes() + b"x" * (40 * MOST_BYTES)
    told = told_apart(content, ON)
    assert (told.kind, told.says) == (ReturnedAs.ANSWER, "Ja, se bilagan.")


def test_parts_within_parts_without_end_are_no_trouble() -> None:
    content = b"In-Reply-To: <x>\n"
    for number in range(400):
        content += f'Content-Type: multipart/mixed; boundary="b{number}"\n\n--b{number}\n'.encode()
    assert told_apart(content, ON).kind is ReturnedAs.ANSWER


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(TOLD)), st.binary(max_size=40), st.integers(0, 3000), st.integers(0, 400))
def test_no_damage_to_a_mail_is_met_with_an_error(name: str, put: bytes, at: int, gone: int) -> None:
    content = (CORPUS / f"{name}.eml").read_bytes()
    assert told_apart(content[:at] + put + content[at + gone :], ON).once_key


@pytest.mark.parametrize(
    ("text", "first", "back"),
    [
        ("Jag är på semester t.o.m. 18 december", None, "2026-12-19"),
        ("Jag är ledig till och med fredag 11 december", None, "2026-12-12"),
        ("Åter i tjänst måndag den 7 december.", None, "2026-12-07"),
        ("Jag är åter 2027-01-11.", None, "2027-01-11"),
        ("Ledig fr.o.m. 21/12 t.o.m. 8/1. Åter 11/1.", "2026-12-21", "2027-01-11"),
        ("Semester 23–31 dec", "2026-12-23", "2027-01-01"),
        ("Tillbaka på måndag", None, "2026-12-07"),
        ("Back in the office on January 4th", None, "2027-01-04"),
        ("I return on Monday, 4 January 2027", None, "2027-01-04"),
        ("On leave until 15 December", None, "2026-12-16"),
        ("Out between 7 December and 9 December", "2026-12-07", "2026-12-10"),
        ("Ring 0123-45 67 89 eller 2026", None, None),
        ("Jag är åter den 30 februari", None, None),
        ("Jag började den 3 mars", None, None),
        ("Åter den 1 augusti 2031", None, None),
    ],
)
def test_days_are_read_in_swedish_and_english(text: str, first: str | None, back: str | None) -> None:
    def day(value: str | None) -> date | None:
        return date.fromisoformat(value) if value else None

    assert days_away(text, ON) == Away(day(first), day(back))


def test_what_is_passed_on_leads_nowhere_and_hides_nothing() -> None:
    said = clean(f"Se http://elak.example.org/x och elak.example.org/y\nkod: {TOKEN} \u202etxt.exe\x07 slut")
    assert said == "Se [länk borttagen] och [länk borttagen]\nkod: […] txt.exe slut"
