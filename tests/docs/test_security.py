"""What SECURITY.md and docs/asvs.md rest on is there: tests, files, and each clause of the standard once."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.docs.test_docs import ROOT

PAGES = ("SECURITY.md", "docs/asvs.md")
_TEST = re.compile(r"`([\w./-]+\.py)::(\w+)`")
_FILE = re.compile(r"`([\w.-]*(?:/[\w.-]+)+\.\w+|pyproject\.toml|requirements\.lock)`")
_ROW = re.compile(r"^\| (\d+\.\d+\.[\d–]+) \| [^|]+ \| ([^|]+) \| (.+) \|$", re.MULTILINE)
_TOTALS = re.compile(r"^\| V?(\d+|All) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)
STANDS = ("Met", "Not met", "N/A")
CLAUSES = (27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7)
"""How many requirements of levels 1 and 2 each chapter of ASVS 5.0.0 has, from the first."""


def text_of(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def lacking_tests(text: str) -> list[str]:
    """Tests that are named and not there; a name stands for what pytest collects."""
    named = set(_TEST.findall(text))
    return sorted(f"{file}::{name}" for file, name in named if not _is_there(file, name))


def _is_there(file: str, name: str) -> bool:
    path = ROOT / "tests" / file
    defined = re.compile(rf"^(?:async )?def {name}\(", re.MULTILINE)
    return name.startswith("test_") and path.is_file() and bool(defined.search(path.read_text("utf-8")))


def clauses(text: str) -> Iterator[tuple[str, str, str]]:
    """Each clause that a row is about, how it stands, and by what."""
    for said, stands, by in _ROW.findall(text):
        section, _, last = said.rpartition(".")
        first, _, end = last.partition("–")
        for number in range(int(first), int(end or first) + 1):
            yield f"{section}.{number}", stands, by


@pytest.mark.parametrize("page", PAGES)
def test_every_test_and_file_that_is_named_is_there(page: str) -> None:
    text = text_of(page)
    files = set(_FILE.findall(text))
    assert len(_TEST.findall(text)) > 50 and len(files) > 10
    assert lacking_tests(text) == []
    assert sorted(one for one in files if not (ROOT / one).is_file()) == []


def test_each_clause_of_the_standard_stands_once() -> None:
    found = [clause for clause, _, _ in clauses(text_of("docs/asvs.md"))]
    assert [one for one, times in Counter(found).items() if times > 1] == []
    assert Counter(int(one.partition(".")[0]) for one in found) == dict(enumerate(CLAUSES, 1))


def test_what_is_met_says_by_what() -> None:
    """By a test, or a page that is linked to; or it says that no test proves it."""
    rows = list(clauses(text_of("docs/asvs.md")))
    assert {stands for _, stands, _ in rows} == set(STANDS)
    met = [(clause, by) for clause, stands, by in rows if stands == "Met"]
    assert [clause for clause, by in met if not ("::" in by or "](" in by or "not tested" in by)] == []


def test_the_totals_are_those_of_the_rows() -> None:
    text = text_of("docs/asvs.md")
    counted: Counter[tuple[str, str]] = Counter()
    for clause, stands, _ in clauses(text):
        counted.update([(clause.partition(".")[0], stands), ("All", stands)])
    said = {chapter: [*map(int, figures)] for chapter, *figures in _TOTALS.findall(text)}
    assert [*said] == [*map(str, range(1, len(CLAUSES) + 1)), "All"]
    for chapter, (*stand, in_all) in said.items():
        assert stand == [counted[chapter, one] for one in STANDS] and sum(stand) == in_all


def test_what_is_not_there_is_seen() -> None:
    named = (
        "`docs/test_security.py::test_nothing` `docs/test_none.py::test_a` `docs/test_security.py::text_of`"
    )
    assert len(lacking_tests(named)) == 3
