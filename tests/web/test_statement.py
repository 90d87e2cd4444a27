"""The statement of accessibility says what the law asks of it (2018:1937; MDFFS 2019:2), for each of them."""

from datetime import date

from acts.work import work
from lifecycle.statement import ASSESSED_ON
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
        "Senaste bedömning",
        "Uppdaterad",
    ):
        assert needed in says, needed
    assert "href='https://www.digg.se/tdosanmalan'" in page.text
    assert "har därefter gjort en egen bedömning" not in says


def test_a_municipality_adds_what_it_knows(world: World, portal: Portal) -> None:
    assessed_on = date(ASSESSED_ON.year + 1, 3, 3)
    world.adopt(
        "2026-03-01",
        {
            "accessibility_contact": "Kontaktcenter, 0123-45 67 89",
            "accessibility_assessed_on": assessed_on.isoformat(),
            "accessibility_shortcomings": ["Våra <egna> bilder saknar text."],
        },
    )
    page = portal.visitor().open(PATH)
    says = plain(page)
    assert "Kontaktcenter, 0123-45 67 89" in says and "Våra <egna> bilder saknar text." in says
    assert "Exempelby har därefter gjort en egen bedömning." in says
    assert says.count("3 mars 2027") == 2, "assessed and updated"
    english = portal.visitor().open(f"{PATH}?sprak=en")
    assert "3 March 2027" in plain(english) and '<span lang="sv">Våra &lt;egna&gt;' in english.text


def test_a_municipality_without_a_mailbox_points_to_its_contact_centre(world: World, portal: Portal) -> None:
    with work(world.engine, world.now) as session:
        session.get_one(Municipality, world.municipality_id).notice_address = None
    assert "kommunens kontaktcenter" in plain(portal.visitor().open(PATH))
