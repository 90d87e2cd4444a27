"""Handing out an account's records: whoever keeps the diary chooses account and time."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import handing_out
from acts.records import period_of
from lifecycle.refusals import Refused
from models import Account, AccountState
from papers.refusing import CannotWrite
from web.desk import Desk, desk_of, download
from web.diary import registry_visit
from web.forms import Posted, PostedForm, demand_token
from web.my_view import all_accounts
from web.turning import not_found
from web.visits import Visit, id_in

router = APIRouter()
_EMPTY = Posted()


@router.get("/{slug}/mina/{link_id}/lamna-ut")
def choose(request: Request) -> Response:
    """Which account."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = registry_visit(session, request)
        wanted = request.query_params.get("namn", "").replace("\x00", "").strip()[:100]
        return desk.show(
            "mine/hand_out_choose.html",
            municipality=visit.municipality,
            visit=visit,
            accounts=all_accounts(session, visit, wanted),
            wanted=wanted,
        )


def _account(session: Session, request: Request, visit: Visit) -> Account:
    """Drafts are nobody's records yet."""
    account = session.get(Account, id_in(request, "account_id"))
    ours = account is not None and account.municipality_id == visit.municipality.id
    if account is None or not ours or account.state is AccountState.DRAFT:
        raise not_found()
    return account


@router.get("/{slug}/mina/{link_id}/lamna-ut/{account_id}")
def hand_out_page(request: Request) -> Response:
    """For which time."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = registry_visit(session, request)
        return _page(desk, visit, _account(session, request, visit))


def _page(
    desk: Desk, visit: Visit, account: Account, *, posted: Posted = _EMPTY, says: str = "", field: str = ""
) -> Response:
    return desk.show(
        "mine/hand_out.html",
        status=422 if says else 200,
        municipality=visit.municipality,
        visit=visit,
        account=account,
        posted=posted,
        says=says,
        field=field,
    )


@router.post("/{slug}/mina/{link_id}/lamna-ut/{account_id}")
def hand_out(request: Request, posted: PostedForm) -> Response:
    """The file. It is packed while nothing is locked, and then written into the log."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = registry_visit(session, request)
        demand_token(posted, request, visit)
        account = _account(session, request, visit)
        try:
            period = period_of(posted.text("fran"), posted.text("till"))
            packed = handing_out.bundle(session, account, period, visit.now)
        except Refused as refused:
            return _page(desk, visit, account, posted=posted, says=refused.says(), field="fran")
        except CannotWrite as cannot:
            return _page(desk, visit, account, posted=posted, says=str(cannot))
    with desk.works(visit.now) as session:
        handing_out.record_hand_out(session, visit.now, packed, person_id=visit.someone.id or 0, via="portal")
    return download(packed.file_name, packed.content, "application/zip")
