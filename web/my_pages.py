"""Mina uppgifter: a visit for the holder of a work address, over half an hour after its last page."""

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import language
from lifecycle.confirming import waiting_acts
from lifecycle.crises import crisis_now
from lifecycle.law import law_in_force
from models import Link, LinkKind
from notifications import links
from web.desk import Desk, desk_of, go_to
from web.diary import is_registry, without_number
from web.endings import closed_door
from web.forms import PostedForm, demand_token
from web.headers import FORGET
from web.my_view import (
    all_accounts,
    is_communications,
    leads_somebody,
    member_visit,
    my_accounts,
    my_answers,
    my_applications,
    red_accounts,
    todo,
)
from web.opening import forget_wanted, wanted_place
from web.subjects import my_visit
from web.today_view import today_of
from web.turning import GoTo
from web.visits import Visit, base_of, cookie_of, give_cookie, live_visit, visit_of

router = APIRouter()


@router.get("/{slug}/mina/{link_id}")
def my_page(request: Request) -> Response:
    """The overview; before the click that opens it, only the page with that button."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = visit_of(session, request)
        if closed := closed_door(session, desk, visit):
            return closed
        return _overview(session, request, desk, visit) if visit.opened else _gate(desk, visit)


def _gate(desk: Desk, visit: Visit) -> Response:
    response = desk.show("mine/gate.html", municipality=visit.municipality, visit=visit)
    give_cookie(desk, response, visit.municipality, visit.link, visit.now, opened=False)
    return response


def _overview(session: Session, request: Request, desk: Desk, visit: Visit) -> Response:
    person, is_member = visit.someone, is_communications(session, visit)
    law = law_in_force(session, visit.municipality.id or 0, visit.now)
    return desk.show(
        "mine/overview.html",
        municipality=visit.municipality,
        visit=visit,
        today=today_of(session, law, person, visit.now),
        todo=todo(session, person),
        accounts=my_accounts(session, person, visit),
        applications=my_applications(session, person, visit.now),
        answered=my_answers(session, visit),
        communications=is_member,
        registry=is_registry(session, visit),
        unnumbered=without_number(session, visit.municipality.id),
        red=red_accounts(session, visit) if is_member else (),
        handed_over="overlamnat" in request.query_params,
        leads=is_member or leads_somebody(session, person),
        crisis=crisis_now(session, visit.municipality.id or 0),
        waiting_acts=waiting_acts(session, person),
        has_desk=desk.settings.prefect_url is not None,
        chose_language="valt" in request.query_params,
    )


@router.post("/{slug}/mina/{link_id}/oppna")
def open_my_page(request: Request, posted: PostedForm) -> Response:
    """Use the letter's link, once; the visit goes on under a link of its own that no letter holds."""
    desk = desk_of(request)
    with desk.works(desk.now()) as session:
        visit = live_visit(session, request)
        demand_token(posted, request, visit)
        if visit.link.kind is not LinkKind.MY_PAGE or visit.opened:
            raise GoTo(visit.base)
        link = _own_link(session, visit)
        base, place = base_of(visit.municipality, link), wanted_place(desk, request, visit.municipality)
        response = go_to(f"{base}/{place}" if place else base)
        give_cookie(desk, response, visit.municipality, link, visit.now, opened=True)
        forget_wanted(desk, response, visit.municipality)
    return response


def _own_link(session: Session, visit: Visit) -> Link:
    if not links.mark_used(session, visit.link, visit.now):
        raise GoTo(visit.base)
    token = links.mint(
        session,
        kind=LinkKind.MY_PAGE,
        municipality_id=visit.link.municipality_id,
        email=visit.link.email,
        now=visit.now,
        until=visit.now + timedelta(hours=links.VISIT_HOURS),
        person_id=visit.someone.id,
    )
    link = links.find(session, token, visit.now).link
    assert link is not None
    return link


@router.post("/{slug}/mina/{link_id}/sprak")
def choose_language(request: Request, posted: PostedForm) -> Response:
    """Letters, and the pages that they lead to, in another language from now on."""
    desk = desk_of(request)
    with desk.works(desk.now()) as session:
        visit = my_visit(session, request)
        demand_token(posted, request, visit)
        language.choose(
            session,
            visit.now,
            person_id=visit.someone.id or 0,
            language=posted.text("language"),
            via="portal",
        )
    return go_to(f"{visit.base}?valt=1#sprak")


@router.post("/{slug}/mina/{link_id}/avsluta")
def leave(request: Request, posted: PostedForm) -> Response:
    """End the visit for good."""
    desk = desk_of(request)
    with desk.works(desk.now()) as session:
        visit = my_visit(session, request)
        demand_token(posted, request, visit)
        links.mark_used(session, visit.link, visit.now)
    home = f"/{visit.municipality.slug}"
    response = go_to(home if visit.link.signed_in is None else f"{home}/inloggning/ut")
    desk.take_cookie(response, cookie_of(visit.link), visit.base)
    response.headers.update(FORGET)
    return response


@router.get("/{slug}/mina/{link_id}/konton")
def accounts_page(request: Request) -> Response:
    """All of the municipality's accounts, for communications."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = member_visit(session, request)
        wanted = request.query_params.get("namn", "").replace("\x00", "").strip()[:100]
        found = all_accounts(session, visit, wanted)
        return desk.show(
            "mine/accounts.html", municipality=visit.municipality, visit=visit, accounts=found, wanted=wanted
        )
