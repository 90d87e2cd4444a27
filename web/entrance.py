"""Coming in: the start pages, and the links in letters.

A link may be opened by anybody's mail filter, any number of times: it changes nothing. It swaps the token
for a cookie and leaves the address without it.
"""

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlmodel import col
from starlette.convertors import Convertor, register_url_convertor

from acts import applying
from lifecycle.law import law_in_force
from models import Municipality
from notifications import links
from web.desk import Desk, desk_of, go_to
from web.forms import PostedForm
from web.turning import Turned
from web.visits import AREAS, base_of, give_cookie, municipality_at

router = APIRouter()


@router.get("/")
def all_municipalities(request: Request) -> Response:
    """The municipalities of this installation, or the only one there is."""
    desk = desk_of(request)
    with desk.reads() as session:
        found = session.execute(select(Municipality).order_by(col(Municipality.name))).scalars().all()
        if len(found) == 1:
            return go_to(f"/{found[0].slug}")
        return desk.show("all_municipalities.html", municipalities=found, then="")


@router.get("/ansok")
@router.get("/mina-uppgifter")
@router.get("/tavlan")
@router.get("/tillganglighet")
def somewhere(request: Request) -> Response:
    """The same page of the only municipality, or a choice among them."""
    desk = desk_of(request)
    with desk.reads() as session:
        found = session.execute(select(Municipality).order_by(col(Municipality.name))).scalars().all()
        if len(found) == 1:
            return go_to(f"/{found[0].slug}{request.url.path}")
        return desk.show("all_municipalities.html", municipalities=found, then=request.url.path)


class Whole(Convertor[str]):
    """Everything that stands in the address, also a line's end that a mail program has put there."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        """As it came."""
        return value

    def to_string(self, value: str) -> str:
        """As it goes."""
        return value


register_url_convertor("whole", Whole())


@router.get("/l/{token:whole}")
def open_link(request: Request, token: str) -> Response:
    """Swap a letter's token for a cookie. Changes nothing, however often and by whomever."""
    desk = desk_of(request)
    now = desk.now()
    with desk.reads() as session:
        found = links.find(session, token, now)
        if found.link is None or found.link.kind not in AREAS:
            raise Turned(404, "turned/unknown_link.html")
        municipality = session.get_one(Municipality, found.link.municipality_id)
        response = go_to(base_of(municipality, found.link))
        give_cookie(desk, response, municipality, found.link, now, opened=False)
        return response


@router.get("/{slug}")
def start(request: Request, slug: str) -> HTMLResponse:
    """A municipality's start page."""
    desk = desk_of(request)
    with desk.reads() as session:
        municipality = municipality_at(session, slug)
        guidelines = law_in_force(session, municipality.id or 0, desk.now()).content["guidelines"]
        return desk.show("start.html", municipality=municipality, guidelines=guidelines)


PAGES = {"ansok": "apply", "mina-uppgifter": "my_page"}
"""Public form → what its letter's link leads to."""


@router.get("/{slug}/ansok")
@router.get("/{slug}/mina-uppgifter")
def address_form(request: Request, slug: str) -> HTMLResponse:
    """Asks for the work address."""
    return _address_form(request, slug)


def _address_form(request: Request, slug: str, email: str = "", fault: str = "") -> HTMLResponse:
    desk = desk_of(request)
    with desk.reads() as session:
        municipality = municipality_at(session, slug)
        return desk.show(
            f"address/{_page(request)}.html",
            status=422 if fault else 200,
            municipality=municipality,
            email=email,
            fault=fault,
            sign_in=desk.provider(slug) is not None,
        )


def _page(request: Request) -> str:
    return PAGES[request.url.path.split("/")[2]]


@router.post("/{slug}/ansok")
@router.post("/{slug}/mina-uppgifter")
def send_link(request: Request, slug: str, posted: PostedForm) -> Response:
    """Mail a link to the address; the answer is the same whether it is known or not."""
    desk, email = desk_of(request), posted.text("email").strip().lower()
    with desk.works(now := desk.now()) as session:
        municipality = municipality_at(session, slug)
        page = _page(request)
        fault = _fault_in(municipality, email, page)
        if not fault:
            _demand_room(request, desk, now)
            applying.ask_for_link(session, municipality, email, page, now)
    return _address_form(request, slug, email, fault) if fault else go_to(f"{request.url.path}/skickat")


def _demand_room(request: Request, desk: Desk, now: datetime) -> None:
    """Nobody fills the outbox with letters to addresses that they have made up."""
    until = desk.link_requests.full_until(request.client.host if request.client else "", now)
    if until is not None:
        raise Turned(429, "turned/too_many_links.html", until=until)


def _fault_in(municipality: Municipality, email: str, page: str) -> str:
    """Code of what is wrong with an address as written, whoever it belongs to."""
    if not applying.is_address(email):
        return "not_an_address" if email else "empty"
    foreign = page == "apply" and not applying.address_is_allowed(municipality, email)
    return "foreign" if foreign else ""


@router.get("/{slug}/ansok/skickat")
@router.get("/{slug}/mina-uppgifter/skickat")
def link_sent(request: Request, slug: str) -> HTMLResponse:
    """Says that a letter is under way, if the address is somebody's."""
    desk = desk_of(request)
    with desk.reads() as session:
        return desk.show(
            "address/sent.html", municipality=municipality_at(session, slug), page=_page(request)
        )
