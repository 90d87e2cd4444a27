"""What is limited, for how long, and that no limit keeps anybody from a letter that was sent to them.

A municipality often has one address towards the world: what one of its people does there is counted for all.
"""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from acts import applying
from acts.applying import STRANGERS_AN_HOUR
from acts.work import work
from models import LinkKind, Message, Municipality, TaskState, VisitorReport
from runtime.database import reading
from tests.web.visitor import Portal, Visitor, everything_in, heading
from tests.web.world import World
from web.limits import LINKS_AN_HOUR, REPORTS_AN_HOUR

TOWN_HALL, ELSEWHERE = "192.0.2.1", "198.51.100.1"
FORGED = 50


def from_address(portal: Portal, address: str) -> Visitor:
    return Visitor(TestClient(portal.app, client=(address, 40000), follow_redirects=False))


def letters(world: World) -> int:
    with reading(world.engine) as session:
        return len(session.exec(select(Message).where(col(Message.notice) == "confirm_address")).all())


@pytest.fixture
def used_up(world: World, portal: Portal) -> Visitor:
    """Somebody at the town hall has done everything that is limited, and some that is not, too often."""
    visitor = from_address(portal, TOWN_HALL)
    for number in range(LINKS_AN_HOUR + 1):
        asked = visitor.post("/exempelby/ansok", {"email": f"nr{number}@exempelby.example.org"})
    for _ in range(REPORTS_AN_HOUR + 1):
        reported = visitor.post("/exempelby/konton/rapportera", {"adress": "", "vad": ""})
    assert (asked.status_code, reported.status_code) == (429, 429)
    assert {visitor.client.get(f"/l/pahittad{number}").status_code for number in range(FORGED)} == {404}
    return visitor


def test_whatever_is_used_up_a_letters_link_is_opened_and_answered(
    world: World, portal: Portal, used_up: Visitor
) -> None:
    task = world.open_task(world.sent())
    colleague = from_address(portal, TOWN_HALL)
    assert colleague.open(world.task_link(task, "bo")).status_code == 200
    colleague.post("svar", {"outcome": "approve", "plan_version": "1"})
    assert world.task(task).state is TaskState.DONE
    colleague.open(world.link(LinkKind.MY_PAGE, "anna"))
    assert heading(colleague.post(f"{colleague.path}/oppna")) == "Mina uppgifter"


def test_whatever_is_used_up_an_expired_link_is_renewed(
    world: World, portal: Portal, used_up: Visitor
) -> None:
    path = world.task_link(world.open_task(world.sent()), "bo")
    world.wait(days=22)
    for number in range(LINKS_AN_HOUR + 1):
        used_up.post("/exempelby/ansok", {"email": f"nr{number}@exempelby.example.org"})
    colleague = from_address(portal, TOWN_HALL)
    colleague.open(path)
    assert heading(colleague.post("ny-lank")) == "En ny länk är på väg"


def test_others_have_room_meanwhile_and_all_have_it_again_the_next_hour(
    world: World, portal: Portal, used_up: Visitor
) -> None:
    before = letters(world)
    for client, hours, answered in ((ELSEWHERE, 0, 200), (TOWN_HALL, 0, 429), (TOWN_HALL, 1, 200)):
        world.wait(hours=hours)
        visitor = from_address(portal, client)
        asked = visitor.post("/exempelby/ansok", {"email": world.email("anna")})
        given = {"adress": "https://example.net/okant", "vad": "Är det ert?"}
        reported = visitor.post("/exempelby/konton/rapportera", given)
        assert (asked.status_code, reported.status_code) == (answered, answered)
    assert letters(world) == before + 2
    with reading(world.engine) as session:
        assert len(session.exec(select(VisitorReport)).all()) == 2


def test_made_up_addresses_have_a_limit_of_their_own_however_many_ask(world: World, portal: Portal) -> None:
    """From many connections at two portals, which share nothing but the database."""
    portals = (portal, Portal(world))
    with work(world.engine, world.now) as session:
        municipality = session.get_one(Municipality, world.municipality_id)
        for number in range(STRANGERS_AN_HOUR - 10):
            email = f"nagon{number}@exempelby.example.org"
            applying.ask_for_link(session, municipality, email, "apply", world.now)
    for number in range(30):
        visitor = from_address(portals[number % 2], f"192.0.2.{number // 10}")
        page = visitor.client.post("/exempelby/ansok", data={"email": f"nr{number}@exempelby.example.org"})
        assert page.status_code == 303, "the same answer, whatever is sent"
    assert letters(world) == STRANGERS_AN_HOUR
    from_address(portal, ELSEWHERE).post("/exempelby/ansok", {"email": world.email("anna")})
    assert letters(world) == STRANGERS_AN_HOUR + 1, "who is known is never kept waiting"
    world.wait(minutes=61)
    from_address(portal, ELSEWHERE).post("/exempelby/ansok", {"email": "ny@exempelby.example.org"})
    assert letters(world) == STRANGERS_AN_HOUR + 2


def test_anybody_may_ask_whether_an_account_is_official_as_often_as_they_like(
    world: World, portal: Portal
) -> None:
    """It reads what is public and kept at hand: a limit would only turn citizens away."""
    before = everything_in(world.engine)
    visitor = from_address(portal, TOWN_HALL)
    for number in range(100):
        address = f"/exempelby/konton/officiellt.json?adress=https://www.facebook.com/{number}"
        assert visitor.client.get(address).status_code == 200
    assert everything_in(world.engine) == before
