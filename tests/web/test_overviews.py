"""The desk's overviews in the portal, and the way from a row on the desk to a page behind sign-in."""

import pytest

from acts.desk_sheets import START
from acts.letterheads import opens_account
from acts.overview_pages import OVERVIEWS
from models import Account, DeskSheet, LinkKind
from runtime.database import reading, writing
from tests.web.test_my_pages import at_home, home_of
from tests.web.visitor import Portal, heading, plain
from tests.web.world import World


def test_communications_has_the_eight_overviews_in_the_portal(world: World, portal: Portal) -> None:
    """Each unit has the same desk as pages in the portal, behind sign-in (REQUIREMENTS 4.11)."""
    world.active()
    disa = at_home(world, portal, "disa")
    base = home_of(disa)
    page = disa.open(f"{base}/oversikt")
    for one in OVERVIEWS.values():
        assert one.title in plain(page)
        shown = disa.open(f"{base}/oversikt/{one.name}")
        assert (shown.status_code, heading(shown)) == (200, one.title)


@pytest.mark.parametrize("below", ["oversikt", "oversikt/register"])
def test_nobody_else_has_them(world: World, portal: Portal, below: str) -> None:
    anna = at_home(world, portal, "anna")
    assert anna.open(f"{home_of(anna)}/{below}").status_code == 404


def test_an_overview_is_searched_whatever_the_accents(world: World, portal: Portal) -> None:
    world.active()
    disa = at_home(world, portal, "disa")
    base = home_of(disa)
    assert "Biblioteket" in plain(disa.open(f"{base}/oversikt/register?sok=BIBLIO"))
    nothing = plain(disa.open(f"{base}/oversikt/register?sok=badhuset"))
    assert "Inget i listan innehåller ”badhuset”." in nothing
    assert disa.open(f"{base}/oversikt/register?sida=99").status_code == 200
    assert disa.open(f"{base}/oversikt/finns-inte").status_code == 404


def test_a_row_of_the_desk_leads_to_its_page_in_a_visit_that_goes_on(world: World, portal: Portal) -> None:
    account_id = world.active()
    disa = at_home(world, portal, "disa")
    home = home_of(disa)
    disa.open(f"/exempelby/oppna/konto/{account_id}")
    assert disa.path == f"{home}/konto/{account_id}"


def test_without_a_visit_one_signs_in_and_comes_there(world: World, portal: Portal) -> None:
    account_id = world.active()
    disa = portal.visitor()
    disa.open(f"/exempelby/oppna/konto/{account_id}")
    assert disa.path == "/exempelby/mina-uppgifter"
    disa.open(world.link(LinkKind.MY_PAGE, "disa"))
    disa.post(f"{disa.path}/oppna")
    assert disa.path.endswith(f"/konto/{account_id}") and "/mina/" in disa.path
    disa.open("/exempelby/oppna/oversikt/idag")
    assert disa.path.endswith("/oversikt/idag")


def test_a_visit_that_is_over_is_begun_anew(world: World, portal: Portal) -> None:
    disa = at_home(world, portal, "disa")
    world.wait(minutes=31)
    disa.open("/exempelby/oppna/oversikt/idag")
    assert disa.path == "/exempelby/mina-uppgifter"


@pytest.mark.parametrize(
    "place", ["//ond.example.org", "../../x", "konto/1?x=https://ond.example.org", "%0d%0a"]
)
def test_the_way_leads_nowhere_else(world: World, portal: Portal, place: str) -> None:
    visitor = portal.visitor()
    answer = visitor.client.get(f"/exempelby/oppna/{place}")
    assert "ond.example.org" not in answer.headers.get("location", "")
    assert answer.headers.get("location", "/exempelby").startswith("/exempelby")


def test_the_desk_has_an_address_to_remember(world: World) -> None:
    portal = Portal(world, prefect_url="http://prefect.example.org")
    visitor = portal.visitor()
    assert visitor.client.get("/exempelby/tavlan").status_code == 404, "nothing is written there yet"
    with writing(world.engine) as session:
        sheet = DeskSheet(municipality_id=1, name=START, artifact_id="7c", written_at=world.now)
        session.add(sheet)
    answer = visitor.client.get("/exempelby/tavlan")
    assert answer.headers["location"] == "http://prefect.example.org/v2/artifacts/artifact/7c"
    assert "Tavlan i Prefect" in plain(at_home(world, portal, "disa").page or visitor.open("/"))


def test_a_letter_leads_to_an_accounts_page_whoever_may_see_it(world: World, portal: Portal) -> None:
    """And nobody else: who stands in for somebody in communications would meet a page that is not there."""
    account_id = world.active()
    for who in ("anna", "bo", "disa", "erik", "cilla", "hanna"):
        visitor = at_home(world, portal, who)
        page = visitor.open(f"/exempelby/oppna/konto/{account_id}")
        with reading(world.engine) as session:
            account = session.get_one(Account, account_id)
            told = opens_account(session, account, world.people[who], world.now)
        assert told == (page.status_code == 200), who
        assert told or who in ("cilla", "hanna")
