"""The statement of accessibility that the law asks of every public body (2018:1937, 13 §; MDFFS 2019:2)."""

from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from lifecycle.law import law_in_force
from models import Municipality
from policies.settings import Settings
from web.desk import desk_of
from web.visits import municipality_at

router = APIRouter()
ASSESSED_ON = date(2026, 11, 26)
"""When the pages of this version were last assessed as the statement says; it is written anew with them."""
AUTHORITY = "https://www.digg.se/tdosanmalan"
"""Where the supervising authority hears of shortcomings."""


@router.get("/{slug}/tillganglighet")
def statement(request: Request, slug: str) -> HTMLResponse:
    """How far the portal keeps the law, what it fails, and whom to tell."""
    desk = desk_of(request)
    with desk.reads() as session:
        municipality = municipality_at(session, slug)
        law = law_in_force(session, municipality.id or 0, desk.now())
        settings: Settings = law.policy.settings
        assessed_on = settings.accessibility_assessed_on or ASSESSED_ON
        return desk.show(
            "statement.html",
            municipality=municipality,
            contact=_contact(municipality, settings),
            assessed_on=assessed_on,
            own_assessment=settings.accessibility_assessed_on is not None,
            updated_on=max(assessed_on, ASSESSED_ON),
            shortcomings=settings.accessibility_shortcomings,
            authority=AUTHORITY,
        )


def _contact(municipality: Municipality, settings: Settings) -> str:
    """Whom to turn to, as it is written; empty where nobody has said."""
    return settings.accessibility_contact or municipality.notice_address or ""
