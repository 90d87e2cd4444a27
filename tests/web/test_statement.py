"""The statement of accessibility says what the law asks of it (2018:1937; MDFFS 2019:2), for each of them."""

from datetime import date

import pytest

from acts.work import work
from lifecycle.statement import ASSESSED_ON, message_address
from models import Municipality
from tests.web.visitor import Portal, plain
from tests.web.world import World

PATH = "/exempelby/tillganglighet"


def test_every_page_leads_to_it(portal: Portal) -> None:
    for path in ("/exempelby", "/exempelby/konton", "/exempelby/fraga/1"):
        assert f'href="{PATH}"' in portal.visitor().open(path).text


def test_it_says_whose_how_far_what_fails_and_whom_to_tell(portal: Portal) -> None:
    page = portal.visitor().open(PATH)
    says = plain(page)
    for needed in (
        "Exempelby står bakom den här tjänsten",
        "delvis förenlig med lagen",
        "nivå AA i WCAG 2.1",
        "Filer som någon har bifogat",
        "kommunikation@exempelby.example.org",
        "Myndigheten för digital förvaltning, Digg, har tillsyn",
        "självskattning",
        "Innehåll som lagen inte omfattar",
        "varken bekostar, utvecklar eller kontrollerar",
        "Senaste bedömning",
        "Uppdaterad",
    ):
        assert needed in says, needed
    assert "href='https://www.digg.se/tdosanmalan'" in page.text
    assert "har därefter gjort en egen bedömning" not in says


def test_each_shortcoming_has_its_reason_in_both_languages(portal: Portal) -> None:
    """MDFFS 2019:2: what is not accessible, and why."""
    for path, because in ((PATH, "Det beror på att "), (f"{PATH}?sprak=en", "This is because ")):
        page = portal.visitor().open(path)
        listed = page.text.partition("<ul>")[2].partition("</ul>")[0].split("<li>")[1:]
        assert len(listed) >= 3 and all(because in one for one in listed), path


def test_whoever_has_no_municipality_in_the_address_finds_it_too(portal: Portal) -> None:
    unknown = portal.visitor()
    assert 'href="/tillganglighet"' in unknown.open("/l/unknown").text
    unknown.open("/tillganglighet")
    assert unknown.path == PATH, "where there is only one"


def test_a_municipality_adds_what_it_knows(world: World, portal: Portal) -> None:
    assessed_on = date(ASSESSED_ON.year + 1, 3, 3)
    world.adopt(
        "2026-03-01",
        {
            "accessibility_contact": "Kontaktcenter, 0123-45 67 89 (https://exempelby.example.org/hjalp).",
            "accessibility_assessed_on": assessed_on.isoformat(),
            "accessibility_shortcomings": ["Våra <egna> bilder saknar text."],
        },
    )
    page = portal.visitor().open(PATH)
    says = plain(page)
    assert '<a href="https://exempelby.example.org/hjalp" rel="noreferrer">' in page.text
    assert "Kontaktcenter, 0123-45 67 89" in says and "Våra <egna> bilder saknar text." in says
    assert "Exempelby har därefter gjort en egen bedömning." in says
    assert says.count("3 mars 2027") == 2, "assessed and updated"
    english = portal.visitor().open(f"{PATH}?sprak=en")
    assert "3 March 2027" in plain(english) and '<span lang="sv">Våra &lt;egna&gt;' in english.text


@pytest.mark.parametrize(("contact", "way"), [(None, "Hör av dig"), ("0123-45 67 89", "Skriv till oss här")])
def test_there_is_a_way_to_send_a_message_also_without_a_mailbox(
    world: World, portal: Portal, contact: str | None, way: str
) -> None:
    """A telephone number alone is no way to write: then the registry's address stands there."""
    if contact:
        world.adopt("2026-03-01", {"accessibility_contact": contact})
    with work(world.engine, world.now) as session:
        municipality = session.get_one(Municipality, world.municipality_id)
        municipality.notice_address, municipality.registry_address = None, "registrator@exempelby.example.org"
    page = portal.visitor().open(PATH)
    assert 'href="mailto:registrator@exempelby.example.org"' in page.text and way in plain(page)


def test_a_municipality_without_any_address_points_to_its_contact_centre(
    world: World, portal: Portal
) -> None:
    with work(world.engine, world.now) as session:
        municipality = session.get_one(Municipality, world.municipality_id)
        municipality.notice_address = municipality.registry_address = None
    assert "kommunens kontaktcenter" in plain(portal.visitor().open(PATH))


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("Kontaktcenter, 0123-45 67 89", ""),
        ("Kontaktcenter: kontakt@exempelby.se, 0123-45 67 89.", "kontakt@exempelby.se"),
        ("Ring 0123 eller skriv på https://exempelby.se/kontakt.", "https://exempelby.se/kontakt"),
        ("webb@exempelby.se", "webb@exempelby.se"),
        (None, ""),
    ],
)
def test_an_address_is_found_in_what_was_written(written: str | None, address: str) -> None:
    assert message_address(written) == address
