"""A municipality's own look: its name, colour and logotype, on its own pages and nobody else's."""

import re
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from models import AuditEvent, Municipality
from runtime.database import reading
from tests.web.test_my_pages import at_home, home_of
from tests.web.visitor import Portal, Visitor, plain
from tests.web.world import World

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 10"><rect width="30" height="10"/></svg>'


def png(colour: str = "#1d5c63") -> bytes:
    content = BytesIO()
    Image.new("RGB", (300, 100), colour).save(content, "PNG")
    return content.getvalue()


def at_look(world: World, portal: Portal, who: str = "disa") -> tuple[Visitor, str]:
    visitor = at_home(world, portal, who)
    path = f"{home_of(visitor)}/utseende"
    visitor.open(path)
    return visitor, path


def upload(visitor: Visitor, path: str, content: bytes) -> str:
    """What the page says, entities and all."""
    file = {"logotyp": ("logotyp", content, "image/png")}
    return plain(visitor.post(path, {"gor": "logotyp"}, files=file))


def looks_changed(world: World) -> list[dict[str, object]]:
    with reading(world.engine) as session:
        rows = select(AuditEvent.facts).where(AuditEvent.kind == "look_changed")  # type: ignore[arg-type, call-overload]
        return list(session.execute(rows).scalars())


def test_before_anybody_has_chosen_the_pages_are_the_product_s(portal: Portal) -> None:
    page = portal.visitor().open("/exempelby")
    assert "utseende.css" not in page.text and "logotyp" not in page.text
    assert portal.visitor().client.get("/exempelby/utseende.css").text == ""


def test_name_and_colour_are_on_the_municipality_s_pages_and_nobody_else_s(
    world: World, portal: Portal
) -> None:
    World(world.engine, slug="provstad")
    visitor, path = at_look(world, portal)
    page = visitor.post(path, {"namn": " Exempelby  stad ", "farg": "FFD500"})
    assert "Namnet och färgen är sparade." in plain(page)
    assert "#ffd500, med svart text" in plain(page) and "mörkare än den valda" in plain(page)
    start = portal.visitor().open("/exempelby")
    assert '<span class="whose">Exempelby stad</span>' in start.text
    [address] = re.findall(r'href="(/exempelby/utseende\.css\?v=[^"]+)"', start.text)
    styles = portal.visitor().client.get(address)
    assert styles.headers["content-type"] == "text/css; charset=utf-8"
    assert styles.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "--pico-primary-background: #ffd500;" in styles.text
    other = portal.visitor()
    assert "utseende.css" not in other.open("/provstad").text and "Exempelby" not in other.page.text  # type: ignore[union-attr]
    assert other.client.get("/provstad/utseende.css").text == ""
    assert looks_changed(world) == [
        {"shown_name": {"from": "", "to": "Exempelby stad"}, "colour": {"from": "", "to": "#ffd500"}}
    ]


def test_another_colour_has_another_address_and_an_old_address_is_asked_for_anew(
    world: World, portal: Portal
) -> None:
    visitor, path = at_look(world, portal)
    addresses = []
    for colour in ("#ffd500", "#1d5c63"):
        visitor.post(path, {"farg": colour})
        addresses += re.findall(
            r'href="(/exempelby/utseende\.css[^"]+)"', portal.visitor().open("/exempelby").text
        )
    assert len(set(addresses)) == 2
    assert visitor.client.get(addresses[0]).headers["cache-control"] == "no-cache"
    visitor.post(path, {"farg": "", "namn": ""})
    assert "utseende.css" not in portal.visitor().open("/exempelby").text, "the way back"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"namn": "Vår kommun", "farg": "blått"}, "ingen färgkod: ”blått”"),
        ({"namn": "x" * 61, "farg": "#ffd500"}, "61 tecken"),
        ({"namn": "", "farg": "#fff;}body{display:none"}, "ingen färgkod"),
    ],
)
def test_what_cannot_be_is_refused_and_kept_in_the_form(
    world: World, portal: Portal, given: dict[str, str], says: str
) -> None:
    visitor, path = at_look(world, portal)
    page = visitor.post(path, given)
    assert page.status_code == 422 and says in plain(page)
    for value in given.values():
        assert f'value="{value}"' in page.text
    assert looks_changed(world) == []


def test_a_logotype_is_shown_and_served_as_a_picture_that_may_do_nothing(
    world: World, portal: Portal
) -> None:
    World(world.engine, slug="provstad")
    visitor, path = at_look(world, portal)
    for content, kind in ((png(), "image/png"), (SVG, "image/svg+xml; charset=utf-8")):
        assert "Logotypen är sparad." in upload(visitor, path, content)
        start = portal.visitor().open("/exempelby")
        [address] = re.findall(r'<img class="logotype" src="([^"]+)" alt="">', start.text)
        served = portal.visitor().client.get(address)
        assert (served.status_code, served.headers["content-type"]) == (200, kind)
        assert "immutable" in served.headers["cache-control"]
        assert served.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in served.headers["content-security-policy"]
        assert "default-src 'none'" in served.headers["content-security-policy"]
        elsewhere = address.replace("/exempelby/", "/provstad/")
        assert portal.visitor().client.get(elsewhere).status_code == 404
        assert portal.visitor().client.get(f"{address}x").status_code == 404
    assert "visas på sidorna men inte i breven" in plain(visitor.open(path))
    assert "borttagen" in plain(visitor.post(path, {"gor": "ta-bort"}))
    assert "logotyp/" not in portal.visitor().open("/exempelby").text
    assert len(looks_changed(world)) == 3


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (SVG.replace(b"<rect", b"<script>x()</script><rect"), "script"),
        (b"hej", "går inte att läsa som bild"),
        (b"", "Filen är tom"),
        (png("#ffffff"), "skulle inte synas"),
        (png("#c0c0c0"), "Logotypen är sparad."),
    ],
)
def test_a_logotype_that_is_not_safe_is_refused_in_words(
    world: World, portal: Portal, content: bytes, says: str
) -> None:
    visitor, path = at_look(world, portal)
    told = upload(visitor, path, content)
    assert says in told
    with reading(world.engine) as session:
        kept = session.get_one(Municipality, world.municipality_id).logotype
    assert bool(kept) == ("sparad" in told)


def test_only_communications_chooses(world: World, portal: Portal) -> None:
    visitor = at_home(world, portal, "anna")
    for below in ("utseende", "brev", "brev/decision_asked"):
        assert visitor.open(f"{home_of(visitor)}/{below}").status_code == 404
    assert "Kommunens utseende" not in plain(visitor.open(home_of(visitor)))
