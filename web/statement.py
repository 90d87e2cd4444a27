"""The statement of accessibility that the law asks of every public body (2018:1937, 13 §; MDFFS 2019:2)."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from lifecycle.law import law_in_force
from lifecycle.statement import statement_of
from web.desk import desk_of
from web.visits import municipality_at

router = APIRouter()
AUTHORITY = "https://www.digg.se/tdosanmalan"
"""Where the supervising authority hears of shortcomings."""


@router.get("/{slug}/tillganglighet")
def statement(request: Request, slug: str) -> HTMLResponse:
    """How far the portal keeps the law, what it fails, and whom to tell."""
    desk = desk_of(request)
    with desk.reads() as session:
        municipality = municipality_at(session, slug)
        said = statement_of(law_in_force(session, municipality.id or 0, desk.now()), municipality)
        return desk.show(
            "statement.html",
            municipality=municipality,
            contact=said.contact,
            write_to=said.write_to,
            assessed_on=said.assessed_on,
            own_assessment=said.own_assessment,
            updated_on=said.updated_on,
            shortcomings=said.shortcomings,
            authority=AUTHORITY,
        )
