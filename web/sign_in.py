"""Signing in with the organisation's own sign-in, where the installation has one.

A sign-in is begun from the page of one's own, or from a question whose answer wants it, and comes back to
one address for all. What is under way stands in a cookie of the browser that began it, sealed, for a quarter
of an hour. What a sign-in opens is always a new visit, to the pages of the one who signed in and in the
municipality where it was begun.
"""

import logging
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts.identity_provider import Begun, Proved, SignInFailed
from acts.signing_in import begin_visit, person_signed_in
from models import Link, Municipality, Person
from web.desk import COMES_BACK, Desk, desk_of, go_to
from web.opening import forget_wanted, wanted_place
from web.subjects import question_subject
from web.turning import Turned, not_found
from web.visits import base_of, give_cookie, municipality_at

router = APIRouter()
log = logging.getLogger("kanalvakt.sign_in")
UNDER_WAY = "kanalvakt-inloggning"
_MINUTES = 15
WHY_NOT = {
    "unreachable": 503,
    "broken_off": 403,
    "not_believed": 403,
    "too_weak": 403,
    "no_address": 403,
    "unverified": 403,
    "unknown": 403,
    "someone_else": 403,
}
"""Why a sign-in came to nothing, and the status of the page that says so."""


@dataclass(frozen=True)
class Way:
    """Where a sign-in was begun, and where it leads."""

    slug: str
    begun_at: int
    """Seconds since 1970."""
    begins_at: str
    """Where it is begun again."""
    link: int = 0
    """The link of the question's page, whose person it must be; none from elsewhere."""
    task: int = 0
    place: str = ""
    """Of one's own pages; empty for their first."""


@router.get("/{slug}/inloggning")
def sign_in(request: Request, slug: str) -> Response:
    """Go to the provider, and from there to one's own pages."""
    desk = desk_of(request)
    with desk.reads() as session:
        municipality = municipality_at(session, slug)
    now = int(desk.now().timestamp())
    way = Way(slug, now, f"/{slug}/inloggning", place=wanted_place(desk, request, municipality))
    return _begun(request, desk, municipality, way)


@router.get("/{slug}/fraga/{link_id}/inloggning")
@router.get("/{slug}/mina/{link_id}/fraga/{task_id}/inloggning")
def sign_in_to_answer(request: Request) -> Response:
    """Go to the provider, and from there back to the question."""
    desk = desk_of(request)
    with desk.reads() as session:
        subject, task, _ = question_subject(session, request, live=True)
        visit = subject.visit
        way = Way(
            visit.municipality.slug,
            int(visit.now.timestamp()),
            f"{subject.base}/inloggning",
            link=visit.link.id or 0,
            task=task.id or 0,
            place=f"fraga/{task.id}",
        )
        return _begun(request, desk, visit.municipality, way, hint=visit.someone.email)


def _begun(request: Request, desk: Desk, municipality: Municipality, way: Way, hint: str = "") -> Response:
    provider = desk.provider(municipality.slug)
    if provider is None:
        raise not_found()
    try:
        begun = provider.begin(hint=hint, anew="igen" in request.query_params)
    except SignInFailed as failed:
        return _came_to_nothing(desk, way, failed.code)
    response = go_to(begun.url)
    sealed = desk.signer.seal(UNDER_WAY, {"way": asdict(way), "begun": asdict(begun)})
    _keep(desk, response, sealed)
    return response


def _keep(desk: Desk, response: Response, value: str) -> None:
    desk.give_cookie(response, UNDER_WAY, value, "/", _MINUTES * 60)


def _forget(desk: Desk, response: Response) -> None:
    """What was under way is over, whatever came of it: nothing comes back twice."""
    desk.take_cookie(response, UNDER_WAY, "/")


def _under_way(request: Request, desk: Desk) -> tuple[Way, Begun]:
    """What this browser began. Without that, a page that says so and nothing more."""
    kept = desk.signer.unseal(UNDER_WAY, request.cookies.get(desk.cookie_called(UNDER_WAY), ""))
    if kept is None:
        raise Turned(400, "turned/sign_in_lost.html")
    way = Way(**kept["way"])
    if not 0 <= desk.now().timestamp() - way.begun_at <= _MINUTES * 60:
        raise Turned(400, "turned/sign_in_lost.html")
    return way, Begun(**kept["begun"])


@router.get(COMES_BACK)
def signed_in(request: Request) -> Response:
    """The browser comes back from the provider.

    The one GET that writes: what it brings holds once, and only in the browser that began it, so that no mail
    filter and no other site can open it.
    """
    desk = desk_of(request)
    way, begun = _under_way(request, desk)
    try:
        response = _received(desk, way, _proved(request, desk, way, begun))
    except SignInFailed as failed:
        log.warning("a sign-in came to nothing: %s", failed.code)
        response = _came_to_nothing(desk, way, failed.code)
    _forget(desk, response)
    return response


def _proved(request: Request, desk: Desk, way: Way, begun: Begun) -> Proved:
    provider = desk.provider(way.slug)
    if provider is None:
        raise not_found()
    return provider.finish(begun, request.query_params)


def _received(desk: Desk, way: Way, proved: Proved) -> Response:
    """The new visit, to where the one who signed in was going."""
    now = desk.now()
    with desk.works(now) as session:
        municipality = municipality_at(session, way.slug)
        person = person_signed_in(session, municipality, proved, now)
        if person is None:
            raise SignInFailed("unknown")
        _demand_asked(session, way, person)
        hours = desk.settings.sign_in_hours
        link = begin_visit(session, municipality, person, proved, hours, now)
        return _visiting(desk, municipality, link, way, now)


def _demand_asked(session: Session, way: Way, person: Person) -> None:
    """A question is answered by the one whose page it was begun from."""
    link = session.get(Link, way.link) if way.link else None
    if way.link and (link is None or link.person_id != person.id):
        raise SignInFailed("someone_else")


def _visiting(desk: Desk, municipality: Municipality, link: Link, way: Way, now: datetime) -> Response:
    base = base_of(municipality, link)
    response = go_to(f"{base}/{way.place}" if way.place else base)
    give_cookie(desk, response, municipality, link, now, opened=True)
    forget_wanted(desk, response, municipality)
    return response


def _came_to_nothing(desk: Desk, way: Way, code: str) -> Response:
    """To the page that says so, whose address holds nothing of what the provider sent."""
    return go_to(f"{way.begins_at}/gick-inte/{code}")


@router.get("/{slug}/inloggning/gick-inte/{why}")
def came_to_nothing(request: Request, slug: str, why: str) -> Response:
    """Why one was not signed in, and what one can do instead."""
    desk = desk_of(request)
    with desk.reads() as session:
        municipality = municipality_at(session, slug)
        again = f"/{slug}/inloggning"
        return _why_not(desk, why, municipality=municipality, again=again, asked=None, question="")


@router.get("/{slug}/fraga/{link_id}/inloggning/gick-inte/{why}")
@router.get("/{slug}/mina/{link_id}/fraga/{task_id}/inloggning/gick-inte/{why}")
def not_signed_in_to_answer(request: Request, why: str) -> Response:
    """The same, on the way to answer a question: it says whom the question is for."""
    desk = desk_of(request)
    with desk.reads() as session:
        subject, _, _ = question_subject(session, request)
        visit = subject.visit
        again = f"{subject.base}/inloggning"
        page = {"municipality": visit.municipality, "visit": visit, "again": again}
        return _why_not(desk, why, **page, asked=visit.someone, question=subject.base)


def _why_not(desk: Desk, why: str, **values: Any) -> Response:
    if why not in WHY_NOT:
        raise not_found()
    return desk.show("turned/sign_in.html", status=WHY_NOT[why], why=why, back="", **values)


@router.get("/{slug}/fraga/{link_id}/till-inloggning")
@router.get("/{slug}/mina/{link_id}/fraga/{task_id}/till-inloggning")
def on_the_way(request: Request) -> Response:
    """From a posted form to the provider: a page between, since no form may lead out of the portal."""
    desk = desk_of(request)
    with desk.reads() as session:
        subject, _, _ = question_subject(session, request, live=True)
        visit = subject.visit
        return desk.show(
            "question/to_sign_in.html", municipality=visit.municipality, visit=visit, base=subject.base
        )


@router.get("/{slug}/inloggning/ut")
def signed_out(request: Request, slug: str) -> Response:
    """Says that the visit is over, with the way to sign out of the whole organisation's sign-in."""
    desk = desk_of(request)
    with desk.reads() as session:
        municipality = municipality_at(session, slug)
    return desk.show(
        "turned/signed_out.html", municipality=municipality, out=bool(_way_out(desk, slug)), back=""
    )


@router.get("/{slug}/inloggning/ut/vidare")
def sign_out_there(request: Request, slug: str) -> Response:
    """To the provider's own way out."""
    desk = desk_of(request)
    with desk.reads() as session:
        municipality_at(session, slug)
    out = _way_out(desk, slug)
    if not out:
        raise not_found()
    return go_to(out)


def _way_out(desk: Desk, slug: str) -> str:
    provider = desk.provider(slug)
    try:
        return provider.way_out(f"{desk.settings.portal_url}/") if provider else ""
    except SignInFailed:
        return ""
