"""From a confirmed address to an application that has begun."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import applying
from lifecycle.law import law_of
from models import Account, Link, LinkKind
from notifications import links
from web.desk import Desk, desk_of, go_to
from web.endings import closed_door
from web.forms import PostedForm, demand_token
from web.turning import GoTo
from web.visits import Visit, base_of, give_cookie, live_visit, visit_of

router = APIRouter()
NAME_LIMIT = 120


@router.get("/{slug}/adress/{link_id}")
def confirmed_address(request: Request) -> Response:
    """The page that a confirmed address leads to. Nothing is begun by opening it."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = visit_of(session, request)
        return closed_door(session, desk, visit) or _page(desk, visit)


def _page(desk: Desk, visit: Visit, name: str = "", fault: str = "") -> Response:
    return desk.show(
        "application/begin.html",
        status=422 if fault else 200,
        municipality=visit.municipality,
        visit=visit,
        name=name,
        fault=fault,
    )


@router.post("/{slug}/adress/{link_id}")
def begin(request: Request, posted: PostedForm) -> Response:
    """Begin an application; the link is used, and the applicant goes on under the draft's own."""
    desk = desk_of(request)
    with desk.works(desk.now()) as session:
        visit = live_visit(session, request)
        demand_token(posted, request, visit)
        name = " ".join(posted.text("name").split())
        if fault := _fault_in(visit, name):
            return _page(desk, visit, name, fault)
        link = _begin(session, visit, name)
        response = go_to(f"{base_of(visit.municipality, link)}/plan")
        give_cookie(desk, response, visit.municipality, link, visit.now, opened=True)
    return response


def _fault_in(visit: Visit, name: str) -> str:
    if visit.person is not None:
        return ""
    if len(name) > NAME_LIMIT:
        return "too_long"
    return "" if any(sign.isalpha() for sign in name) else "empty"


def _begin(session: Session, visit: Visit, name: str) -> Link:
    if not links.mark_used(session, visit.link, visit.now):
        raise GoTo(visit.base)
    account = applying.begin_draft(session, visit.municipality, visit.link.email, name, visit.now)
    return _draft_link(session, visit, account)


def _draft_link(session: Session, visit: Visit, account: Account) -> Link:
    """A link without a letter: the applicant is here already. The letter brings one of its own."""
    days = law_of(session, account).policy.settings.draft_days
    token = links.mint(
        session,
        kind=LinkKind.DRAFT,
        municipality_id=account.municipality_id,
        email=visit.link.email,
        now=visit.now,
        until=links.expires_at(LinkKind.DRAFT, visit.now, 0, draft_days=days),
        person_id=account.applicant_id,
        account_id=account.id,
    )
    link = links.find(session, token, visit.now).link
    assert link is not None
    return link
