"""The yearly report in the portal: for communications, and nobody else."""

import io

from openpyxl import load_workbook

from tests.web.test_my_pages import at_home, home_of
from tests.web.visitor import Portal, everything_in, heading, plain
from tests.web.world import World


def test_communications_reads_a_year_and_takes_it_along(world: World, portal: Portal) -> None:
    world.active()
    visitor = at_home(world, portal, "disa")
    assert "Årsrapport" in plain(visitor.open(home_of(visitor)))
    before = everything_in(world.engine)
    path = f"{home_of(visitor)}/arsrapport"
    page = visitor.open(path)
    assert heading(page) == "Årsrapport 2026" and "1 januari–2 mars 2026" in plain(page)
    assert "Öppna konton vid slutet 1 (1 öppnades, 0 avslutades)" in plain(page)
    assert heading(visitor.open(f"{path}?ar=1999")) == "Årsrapport 2026"
    workbook = visitor.client.get(f"{path}/2026.xlsx")
    assert workbook.status_code == 200 and "attachment" in workbook.headers["content-disposition"]
    sheet = load_workbook(io.BytesIO(workbook.content))["Konton per plattform"]
    assert [cell.value for cell in sheet[4]] == ["Instagram", 0, 1, 0, 1]
    paper = visitor.client.get(f"{path}/2026.pdf")
    assert paper.content.startswith(b"%PDF") and paper.headers["content-type"] == "application/pdf"
    for wrong in ("1999.pdf", "2026.doc", "tolv.pdf"):
        assert visitor.client.get(f"{path}/{wrong}").status_code == 404
    assert everything_in(world.engine) == before


def test_nobody_else_knows_of_it(world: World, portal: Portal) -> None:
    visitor = at_home(world, portal, "anna")
    assert "Årsrapport" not in plain(visitor.open(home_of(visitor)))
    for below in ("arsrapport", "arsrapport/2026.pdf", "arsrapport/2026.xlsx"):
        assert visitor.open(f"{home_of(visitor)}/{below}").status_code == 404
