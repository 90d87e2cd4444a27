"""Misspelt searches find the right account; how fast they do is shown by `benchmarks/register.py`."""

import pytest

from lifecycle.register import Entry
from lifecycle.register_book import Register, Wanted, page_of
from policies.keys import Platform
from tests.web.register_town import misspelt, names

COUNT = 2_000


@pytest.fixture(scope="module")
def register() -> Register:
    chosen = names()[:COUNT]
    return Register(
        Entry(number, name, Platform.INSTAGRAM, is_open=True, unit="Kultur och fritid")
        for number, name in enumerate(chosen)
    )


def test_fifty_misspelt_searches_find_theirs_among_the_first_three(register: Register) -> None:
    """Without å, ä and ö; with letters swapped, left out, doubled and wrong."""
    missed = []
    for number in range(50):
        name = names()[number * 37 + 3]
        asked = misspelt(name, number)
        assert asked != name.lower()
        if name not in [one.name for one in register.find(Wanted(asked))[:3]]:
            missed.append((asked, name))
    assert missed == []


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        *(("bibloteket", "Biblioteket"), ("BIBLIOTEKET", "Biblioteket"), ("bibliot", "Biblioteket")),
        *(("sim hallen", "Simhallen"), ("hallen", "Simhallen"), ("simmhallen", "Simhallen")),
        *(("kulturskolan instagram", "Kulturskolan"), ("hjalpcentrum", "Hjälpcentrum Åby")),
        *(("aby hjalp", "Hjälpcentrum Åby"), ("hjälpcentrumåby", "Hjälpcentrum Åby"), ("turist", "Visit")),
        *(("ung i exempelby", "Ung i Exempelby"), ("kultruskolan", "Kulturskolan")),
        *(("fb turist", "Visit"), ("twitter", "Kommunen"), ("podd", "Ljudgången"), ("podcast", "Ljudgången")),
    ],
)
def test_what_people_write(asked: str, name: str) -> None:
    named = (
        "Biblioteket",
        "Simhallen",
        "Kulturskolan",
        "Hjälpcentrum Åby",
        "Ung i Exempelby",
        "Räddningstjänsten",
    )
    entries = [Entry(number, one, Platform.INSTAGRAM, is_open=True) for number, one in enumerate(named)]
    visit = Entry(99, "Visit", Platform.FACEBOOK, is_open=True, unit="Turistbyrån")
    short = Entry(98, "Kommunen", Platform.X, is_open=True)
    heard = Entry(97, "Ljudgången", Platform.PODCAST, is_open=True)
    assert Register([*entries, visit, short, heard]).find(Wanted(asked))[0].name == name


def test_what_is_nowhere_finds_nothing(register: Register) -> None:
    assert register.find(Wanted("xylofonorkester")) == []
    assert register.find(Wanted("!?")) == []


def test_an_entry_that_goes_is_found_no_more() -> None:
    one = Entry(1, "Biblioteket", Platform.X, is_open=True, address="https://x.com/bibblan")
    register = Register([one])
    register.replace(
        [1], [Entry(1, "Läshörnan", Platform.X, is_open=True, address="https://x.com/lashornan")]
    )
    assert register.find(Wanted("biblioteket")) == []
    assert [found.name for found in register.find(Wanted("lashornan"))] == ["Läshörnan"]
    assert register.whose("x.com/bibblan").answer == "unknown"
    register.replace([1], [])
    assert register.listed == [] and register.whose("x.com/lashornan").answer == "unknown"


def test_pages_hold_everything_once(register: Register) -> None:
    found = register.find(Wanted())
    pages = [page_of(found, number, 50) for number in range(1, COUNT // 50 + 1)]
    assert [one for page in pages for one in page.entries] == list(found)
    assert page_of(found, 999, 50).number == 40 and page_of(found, 0, 50).number == 1
    assert page_of([], 1, 50).pages == 1
