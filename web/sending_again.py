"""Skicka länken igen: communications mails somebody once more what they are asked about an account."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import renewing
from lifecycle.events import By
from lifecycle.refusals import Refused
from models import Account, Person
from web.desk import Desk, desk_of, go_to
from web.forms import PostedForm, demand_token
from web.my_view import member_visit
from web.turning import not_found
from web.visits import Visit, id_in

router = APIRouter()


@router.get("/{slug}/mina/{link_id}/skicka-igen/{account_id}/{person_id}")
def send_again_page(request: Request) -> Response:
    """To whom, and about what."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = member_visit(session, request)
        return _page(session, request, desk, visit, done=request.query_params.get("klart", "") == "skickat")


@router.post("/{slug}/mina/{link_id}/skicka-igen/{account_id}/{person_id}")
def send_again(request: Request, posted: PostedForm) -> Response:
    """Send it; refused when nothing waits for the person there any more."""
    desk = desk_of(request)
    try:
        with desk.works(desk.now()) as session:
            visit = member_visit(session, request)
            demand_token(posted, request, visit)
            account, person = _both(session, request, visit)
            by = By(visit.someone.id, "portal")
            renewing.send_again(session, account, person, by, visit.now)
    except Refused as refused:
        with desk.reads() as session:
            return _page(session, request, desk, member_visit(session, request), refused=refused)
    return go_to(f"{request.url.path}?klart=skickat#klart")


def _both(session: Session, request: Request, visit: Visit) -> tuple[Account, Person]:
    account = session.get(Account, id_in(request, "account_id"))
    person = session.get(Person, id_in(request, "person_id"))
    ours = visit.municipality.id
    if account is None or person is None or {account.municipality_id, person.municipality_id} != {ours}:
        raise not_found()
    return account, person


def _page(
    session: Session,
    request: Request,
    desk: Desk,
    visit: Visit,
    *,
    refused: Refused | None = None,
    done: bool = False,
) -> Response:
    account, person = _both(session, request, visit)
    return desk.show(
        "mine/send_again.html",
        status=422 if refused else 200,
        municipality=visit.municipality,
        visit=visit,
        account=account,
        person=person,
        asked=renewing.asked_of(session, account, person),
        refused=refused,
        done=done,
    )
