"""The process in the portal: for everybody without numbers, for communications with them."""

from xml.etree import ElementTree

from models import Outcome
from tests.web.test_my_pages import at_home
from tests.web.visitor import Portal, plain
from tests.web.world import World


def test_everybody_sees_the_steps_and_no_numbers(world: World, portal: Portal) -> None:
    world.sent(name="Biblioteket")
    visitor = portal.visitor()
    page = visitor.open("/exempelby/processen")
    text = plain(page)
    assert "Chefens beslut och uppdrag" in text and "Tomelilla kommun: Anställdas användning" in text
    svg = visitor.open("/exempelby/processen.svg").text
    for shown in (text, svg):
        assert "1 konto" not in shown and "Biblioteket" not in shown and "Anna" not in shown


def test_the_applicant_is_shown_the_way_there(world: World, portal: Portal) -> None:
    for path in ("/exempelby", "/exempelby/ansok"):
        assert 'href="/exempelby/processen"' in portal.visitor().open(path).text


def test_communications_sees_how_many_are_at_each_step(world: World, portal: Portal) -> None:
    first = world.sent(name="Biblioteket", address="instagram.com/ett")
    world.answer(world.open_task(first), "bo")
    world.sent(name="Badet", address="instagram.com/tva")
    world.sent(name="Parken", address="instagram.com/tre")
    declined = world.sent(name="Arkivet", address="instagram.com/fyra")
    world.answer(world.open_task(declined), "bo", Outcome.DECLINE, "Vi har inte folk.")
    world.ask_to_close(world.active(name="Kvarten", platform="youtube", address="youtube.com/@kvarten"))
    visitor = at_home(world, portal, "disa")
    text = plain(visitor.open(f"{visitor.base}/processen")).replace(" ,", ",")
    for said in (
        "Beslut, 3 konton",
        "Chefens beslut och uppdrag, 2 konton",
        "Kommunikationsenhetens godkännande, 1 konto",
        "Avslås, 1 konto",
        "Öppet konto, 1 konto",
        "Begäran om avslut, 1 konto",
        "Samråd med kommunikationsenheten, 1 konto",
    ):
        assert said in text, said
    svg = ElementTree.fromstring(visitor.open(f"{visitor.base}/processen.svg").text)
    assert "Beslut (3 konton)" in "".join(svg.itertext())
    assert "Biblioteket" not in "".join(svg.itertext())


def test_the_numbers_are_for_communications_alone(world: World, portal: Portal) -> None:
    visitor = at_home(world, portal, "anna")
    for page in ("processen", "processen.svg"):
        assert visitor.client.get(f"{visitor.base}/{page}").status_code == 404


def test_a_drawing_may_load_nothing_and_an_unknown_part_is_no_page(world: World, portal: Portal) -> None:
    client = portal.visitor().client
    answer = client.get("/exempelby/processen.svg?del=state:deciding&smal=ja")
    assert answer.headers["content-type"] == "image/svg+xml; charset=utf-8"
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    )
    assert client.get("/exempelby/processen.svg?del=finns-inte").status_code == 404
