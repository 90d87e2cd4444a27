"""Läs in en fil: communications uploads a table, and nothing changes before it is confirmed by mail."""

import pytest
from sqlalchemy import select
from sqlmodel import col

from models import Person, UserTask
from runtime.database import reading
from tests.web.test_presence import at_home, confirming_link, go, home_of
from tests.web.visitor import Portal, heading, plain
from tests.web.world import DOMAIN, World

HEADER = "namn;e-post;titel;enhet"
GOOD = f"{HEADER}\nNora Ny;nora.ny@{DOMAIN};bibliotekarie;library\n"
FAULTY = f"{HEADER}\nNora Ny;nora.ny@{DOMAIN};bibliotekarie;libary\nUtan adress;;;library\n"


def post(world: World, portal: Portal, rows: str, what: str = "people") -> str:
    visitor = at_home(world, portal, "disa")
    path = go(visitor, "import")
    file = {"fil": ("personer.csv", rows.encode())} if rows else None
    return plain(visitor.post(path, {"vad": what, "blad": "", "galler-fran": ""}, files=file))


def known(world: World, name: str) -> bool:
    with reading(world.engine) as session:
        return session.execute(select(Person).where(col(Person.name) == name)).first() is not None


def test_a_sound_file_is_imported_when_the_mailed_link_is_confirmed(world: World, portal: Portal) -> None:
    page = post(world, portal, GOOD)
    assert "Inget ändras förrän du har bekräftat det där" in page
    assert "Personer: 1 nya" in page and not known(world, "Nora Ny")
    opened = portal.visitor()
    page = plain(opened.open(confirming_link(world, "disa")))
    assert "Personer: 1 nya, 0 ändrade, 0 oförändrade" in page
    assert heading(opened.post(f"{opened.path}/ja")) == "Det är bekräftat"
    assert known(world, "Nora Ny")


def test_every_fault_is_told_and_nothing_is_begun(world: World, portal: Portal) -> None:
    page = post(world, portal, FAULTY)
    assert "Rad 2" in page and "Rad 3" in page
    with reading(world.engine) as session:
        assert session.execute(select(UserTask)).first() is None


@pytest.mark.parametrize(
    ("rows", "what", "says"),
    [(GOOD, "", "Välj vad som finns i filen"), ("", "people", "Välj en fil att läsa in")],
)
def test_what_is_missing_is_asked_for(world: World, portal: Portal, rows: str, what: str, says: str) -> None:
    assert says in post(world, portal, rows, what)


def test_nobody_else_has_the_page(world: World, portal: Portal) -> None:
    visitor = at_home(world, portal, "bo")
    assert visitor.open(f"{home_of(visitor)}/import").status_code == 404
    assert visitor.post(f"{home_of(visitor)}/import", {"vad": "people"}).status_code == 404
