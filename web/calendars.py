"""One's duties in one's own calendar: the page where the address is made and revoked, and the address itself.

The address is shown once, on the page that answers the form: only its hash is kept, so no later page could.
Who loads that page anew gets another address, and the one before is dead.
"""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import calendars
from lifecycle.law import law_in_force
from lifecycle.my_calendar import calendar_of
from lifecycle.roles import has_left
from models import Link, LinkKind, Municipality, Person
from notifications import links
from web.calendar_feed import feed
from web.desk import Desk, desk_of, go_to
from web.forms import PostedForm, demand_token
from web.subjects import my_visit
from web.visits import Visit, municipality_at

router = APIRouter()
_TEXT = "text/plain; charset=utf-8"


@router.get("/{slug}/mina/{link_id}/kalender")
def calendar_page(request: Request) -> Response:
    """Whether there is an address, and until when."""
    desk = desk_of(request)
    with desk.reads() as session:
        return _page(session, desk, my_visit(session, request), done=request.query_params.get("klart", ""))


def _page(session: Session, desk: Desk, visit: Visit, *, token: str = "", done: str = "") -> Response:
    path = f"/{visit.municipality.slug}/kalender/{token}.ics"
    return desk.show(
        "mine/calendar.html",
        municipality=visit.municipality,
        visit=visit,
        living=calendars.living_calendar(session, visit.someone, visit.now),
        months=law_in_force(session, visit.municipality.id or 0, visit.now).policy.settings.calendar_months,
        address=f"{desk.settings.portal_url}{path}" if token else "",
        done=done,
    )


@router.post("/{slug}/mina/{link_id}/kalender/ny")
def make(request: Request, posted: PostedForm) -> Response:
    """A new address; the one before is dead."""
    desk = desk_of(request)
    with desk.works(desk.now()) as session:
        visit = my_visit(session, request)
        demand_token(posted, request, visit)
        token = calendars.subscribe(session, visit.now, person_id=visit.someone.id or 0, via="portal")
        return _page(session, desk, visit, token=token)


@router.post("/{slug}/mina/{link_id}/kalender/aterkalla")
def revoke(request: Request, posted: PostedForm) -> Response:
    """No address any more."""
    desk = desk_of(request)
    with desk.works(desk.now()) as session:
        visit = my_visit(session, request)
        demand_token(posted, request, visit)
        calendars.unsubscribe(session, visit.now, person_id=visit.someone.id or 0, via="portal")
    return go_to(f"{visit.base}/kalender?klart=aterkallad#klart")


@router.get("/{slug}/kalender/{token}.ics")
def calendar_file(request: Request, token: str) -> Response:
    """The calendar, for a program that has no cookie. Changes nothing, however often it asks."""
    desk = desk_of(request)
    with desk.reads() as session:
        municipality = municipality_at(session, str(request.path_params["slug"]))
        found = links.find(session, token, desk.now())
        link = found.link
        if link is None or link.kind is not LinkKind.CALENDAR or link.municipality_id != municipality.id:
            return Response("Det finns ingen kalender här.\n", 404, media_type=_TEXT)
        person = session.get_one(Person, link.person_id)
        if found.standing != "live" or _is_gone(session, person, desk):
            return Response("Adressen gäller inte längre: gör en ny.\n", 410, media_type=_TEXT)
        return Response(_file(session, desk, municipality, link, person), media_type="text/calendar")


def _is_gone(session: Session, person: Person, desk: Desk) -> bool:
    return has_left(person, law_in_force(session, person.municipality_id, desk.now()).day_of(desk.now()))


def _file(session: Session, desk: Desk, municipality: Municipality, link: Link, person: Person) -> bytes:
    now = desk.now()
    law = law_in_force(session, municipality.id or 0, now)
    entries = calendar_of(session, law, person, now)
    return feed(municipality, person, entries, desk.settings.portal_url, link.expires_at, now)
