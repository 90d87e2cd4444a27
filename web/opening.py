"""The way from elsewhere to a page of the signed-in visitor: from a row on the desk to the account's page.

Whoever has a visit goes there at once. Others sign in first, and the browser remembers where they were going.
"""

import re

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts.desk_sheets import START
from models import DeskSheet, Link, LinkKind, Municipality
from notifications import links
from web.desk import Desk, desk_of, go_to
from web.turning import not_found
from web.visits import base_of, municipality_at, visit_going_on

router = APIRouter()
WANTED = "kanalvakt-till"
"""The cookie that tells where one was going before one had signed in."""
_PLACE = re.compile(r"[a-z0-9][a-z0-9/-]{0,79}")
_WANTED_SECONDS = 3600


@router.get("/{slug}/oppna/{place:path}")
def open_place(request: Request, slug: str, place: str) -> Response:
    """Go to a page of one's own visit; without one, to sign in first."""
    desk = desk_of(request)
    with desk.reads() as session:
        municipality = municipality_at(session, slug)
        if not _PLACE.fullmatch(place):
            raise not_found()
        link = _going_on(session, request, municipality, desk)
        if link is not None:
            return go_to(f"{base_of(municipality, link)}/{place}")
    return _wanting(desk, slug, place, f"/{slug}/mina-uppgifter")


@router.get("/{slug}/inloggning/till/{place:path}")
def sign_in_for(request: Request, slug: str, place: str) -> Response:
    """Go to sign in and from there to a page of one's own, whatever visit is going on."""
    desk = desk_of(request)
    with desk.reads() as session:
        municipality_at(session, slug)
    if not _PLACE.fullmatch(place) or desk.provider(slug) is None:
        raise not_found()
    return _wanting(desk, slug, place, f"/{slug}/inloggning")


def _wanting(desk: Desk, slug: str, place: str, first: str) -> Response:
    """To where one signs in; the browser remembers where one was going."""
    response = go_to(first)
    desk.give_cookie(response, _of(WANTED, slug), place, f"/{slug}", _WANTED_SECONDS)
    return response


def _going_on(session: Session, request: Request, municipality: Municipality, desk: Desk) -> Link | None:
    number = visit_going_on(desk, request, municipality.slug)
    link = session.get(Link, number) if number else None
    if link is None or link.kind is not LinkKind.MY_PAGE or link.municipality_id != municipality.id:
        return None
    return link if links.standing_of(link, desk.now()).standing == "live" else None


@router.get("/{slug}/tavlan")
def to_the_desk(request: Request, slug: str) -> Response:
    """The communications unit's start page in Prefect, under an address that can be remembered."""
    desk = desk_of(request)
    with desk.reads() as session:
        municipality = municipality_at(session, slug)
        sheet = session.get(DeskSheet, (municipality.id, START))
        if desk.settings.prefect_url is None or sheet is None or not sheet.artifact_id:
            raise not_found()
        return go_to(f"{desk.settings.prefect_url}/v2/artifacts/artifact/{sheet.artifact_id}")


def wanted_place(desk: Desk, request: Request, municipality: Municipality) -> str:
    """Where the visitor was going before signing in; empty for nowhere."""
    place = request.cookies.get(desk.cookie_called(_of(WANTED, municipality.slug)), "")
    return place if _PLACE.fullmatch(place) else ""


def forget_wanted(desk: Desk, response: Response, municipality: Municipality) -> None:
    """The visitor has come where they were going."""
    desk.take_cookie(response, _of(WANTED, municipality.slug), f"/{municipality.slug}")


def _of(cookie: str, slug: str) -> str:
    """Each municipality has its own."""
    return f"{cookie}-{slug}"
