"""Who is visiting: the link behind the cookie, and where it stands right now.

The cookie holds no more than a link's number. What it permits is read from the link at every request, so
that an answer, a hand-over or a new letter changes what an open page may do.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlmodel import Session, col

from languages.speaking import suggest
from lifecycle.law import law_in_force
from lifecycle.roles import has_left
from models import Link, LinkKind, Municipality, Person
from notifications import links
from notifications.links import Standing
from web.dates import number_in
from web.desk import Desk, desk_of
from web.turning import TooLate, Turned, not_found

AREAS = {
    LinkKind.DECIDE: "fraga",
    LinkKind.CONSULT: "fraga",
    LinkKind.CONFIRM_ACT: "bekrafta",
    LinkKind.DIGEST: "lista",
    LinkKind.MORNING: "idag",
    LinkKind.DRAFT: "ansokan",
    LinkKind.CONFIRM_ADDRESS: "adress",
    LinkKind.MY_PAGE: "mina",
}
"""Under which address each kind of link is used; each link has its own, so that two never mix."""
_HOURS = {LinkKind.DRAFT: 12}
"""How long a cookie lasts after the last page; a plan takes its time to write."""
_OTHERWISE_HOURS = 2
_OWN_PAGES_IDLE = timedelta(minutes=30)
"""The same for one's own pages, once they are opened: they hold everything that a person may do."""
VISIT = "kanalvakt-besok"
"""The cookie that tells which visit to one's own pages is going on, and until when. It opens nothing."""
NO_VISIT = "turned/no_visit.html"
_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class Visit:
    """A link's person at the link's own address."""

    link: Link
    standing: Standing
    municipality: Municipality
    person: Person | None
    opened: bool
    """Whether the page was opened by a click on the portal, not only by the letter's link."""
    base: str
    form_token: str
    now: datetime

    @property
    def open_until(self) -> datetime:
        """When the visit is over if no other page is asked for before."""
        return min(self.now + _lifetime(self.link, self.opened), self.link.expires_at)

    @property
    def someone(self) -> Person:
        """The person, where the link is bound to one."""
        if self.person is None:
            raise not_found()
        return self.person


def id_in(request: Request, name: str) -> int:
    """A number in the address; anything else is no page of ours."""
    text = str(request.path_params.get(name, ""))
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= _LARGEST_ID):
        raise not_found()
    return int(text)


def municipality_at(session: Session, slug: str) -> Municipality:
    """The municipality in the address."""
    rows = select(Municipality).where(col(Municipality.slug) == slug)
    usual = slug.isascii() and slug.isprintable()
    found: Municipality | None = session.execute(rows).scalars().first() if usual else None
    if found is None:
        raise not_found()
    return found


def base_of(municipality: Municipality, link: Link) -> str:
    """The clean address of a link's pages."""
    return f"/{municipality.slug}/{AREAS[link.kind]}/{link.id}"


def visit_of(session: Session, request: Request) -> Visit:
    """Who visits, by the cookie of the link in the address. Without one, the page for that."""
    desk, link_id = desk_of(request), id_in(request, "link_id")
    municipality = municipality_at(session, str(request.path_params["slug"]))
    link = session.get(Link, link_id)
    cookie = desk.signer.read_cookie(_sent_for(desk, request, link), link) if link else None
    now = desk.now()
    if link is None or cookie is None or link.municipality_id != municipality.id:
        raise no_visit(request)
    if not f"{request.url.path}/".startswith(f"{base_of(municipality, link)}/"):
        raise not_found()
    if now > cookie.issued_at + _lifetime(link, cookie.opened):
        raise no_visit(request)
    if links.standing_of(link, now).standing == "unknown":
        raise Turned(404, "turned/unknown_link.html")
    person = _person(session, request, link, now)
    visit = _visit(desk, link, municipality, person, cookie.opened, now)
    request.state.visit, request.state.visit_cookies = visit, _cookies(desk, visit)
    return visit


def no_visit(request: Request) -> Turned:
    """Nobody is known to be visiting: the page says how to come back."""
    own_pages = request.url.path.split("/")[2:3] == [AREAS[LinkKind.MY_PAGE]]
    return Turned(403, NO_VISIT, own_pages=own_pages)


def _cookies(desk: Desk, visit: Visit) -> tuple[str, ...]:
    """The visit's cookies as headers, made while the database is at hand."""
    answer = Response()
    give_cookie(desk, answer, visit.municipality, visit.link, visit.now, visit.opened)
    return tuple(answer.headers.getlist("set-cookie"))


def _person(session: Session, request: Request, link: Link, now: datetime) -> Person | None:
    person = session.get(Person, link.person_id) if link.person_id else None
    if person is not None and has_left(person, law_in_force(session, link.municipality_id, now).day_of(now)):
        raise no_visit(request)
    if person is not None:
        suggest(person.language)
    return person


def _visit(
    desk: Desk, link: Link, municipality: Municipality, person: Person | None, opened: bool, now: datetime
) -> Visit:
    return Visit(
        link=link,
        standing=links.standing_of(link, now).standing,
        municipality=municipality,
        person=person,
        opened=opened,
        base=base_of(municipality, link),
        form_token=desk.signer.form_token(link),
        now=now,
    )


def live_visit(session: Session, request: Request) -> Visit:
    """A visit by a live link; another one is sent to the page that tells what became of it."""
    visit = visit_of(session, request)
    if visit.standing != "live":
        raise TooLate(visit.base)
    return visit


def _lifetime(link: Link, opened: bool) -> timedelta:
    """How long after a page the next one may come. A visit by sign-in lasts its hours."""
    if link.signed_in is not None:
        return link.expires_at - link.minted_at
    if link.kind is LinkKind.MY_PAGE and opened:
        return _OWN_PAGES_IDLE
    return timedelta(hours=_HOURS.get(link.kind, _OTHERWISE_HOURS))


def give_cookie(
    desk: Desk, response: Response, municipality: Municipality, link: Link, now: datetime, opened: bool
) -> None:
    """Set the cookie of a link; and for one's own pages the one that leads back to them from elsewhere."""
    value, lifetime = desk.signer.cookie(link, now, opened=opened), _lifetime(link, opened)
    seconds = int(lifetime.total_seconds())
    desk.give_cookie(response, cookie_of(link), value, base_of(municipality, link), seconds)
    if link.kind is LinkKind.MY_PAGE and opened:
        until, slug = min(now + lifetime, link.expires_at), municipality.slug
        going_on = f"{link.id}.{int(until.timestamp())}"
        desk.give_cookie(response, visit_cookie_of(slug), going_on, f"/{slug}/oppna", seconds)


def visit_cookie_of(slug: str) -> str:
    """Each municipality has its own."""
    return f"{VISIT}-{slug}"


def visit_going_on(desk: Desk, request: Request, slug: str) -> int | None:
    """The link of the visit to one's own pages that this browser says is going on."""
    number, _, until = request.cookies.get(desk.cookie_called(visit_cookie_of(slug)), "").partition(".")
    known = until.isdecimal() and len(until) < 12
    return number_in(number) if known and desk.now().timestamp() < int(until) else None


def cookie_of(link: Link) -> str:
    """The name of a link's cookie: each has its own, so that two never mix."""
    return f"kanalvakt-{link.id}"


def _sent_for(desk: Desk, request: Request, link: Link) -> str:
    return request.cookies.get(desk.cookie_called(cookie_of(link)), "")
