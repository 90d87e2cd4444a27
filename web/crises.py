"""Krisläge: communications starts and ends it; each is confirmed by a second button."""

from collections.abc import Iterable

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import crises as acts
from lifecycle.crises import crisis_now, told_of, users
from lifecycle.law import law_in_force
from lifecycle.refusals import Refused
from lifecycle.roles import Holder
from models import Person
from policies.naming import role_name
from web.citing import cited
from web.desk import Desk, desk_of, go_to
from web.forms import Posted, PostedForm, demand_token
from web.my_view import member_visit
from web.turning import not_found
from web.visits import Visit

router = APIRouter()
_EMPTY = Posted()


@router.get("/{slug}/mina/{link_id}/kris")
def crisis_page(request: Request) -> Response:
    """Whether there is a crisis, and how to start or end it."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = member_visit(session, request)
        return _page(session, desk, visit, done=request.query_params.get("klart", ""))


def _page(
    session: Session,
    desk: Desk,
    visit: Visit,
    *,
    refused: Refused | None = None,
    posted: Posted = _EMPTY,
    asks: bool = False,
    done: str = "",
) -> Response:
    law = law_in_force(session, visit.municipality.id or 0, visit.now)
    on, crisis = law.day_of(visit.now), crisis_now(session, visit.municipality.id or 0)
    used_by = [
        (role_name(law.policy, user.role, "definite"), _names(session, user.holders))
        for user in users(session, law, on)
    ]
    return desk.show(
        "mine/crisis.html",
        status=422 if refused else 200,
        municipality=visit.municipality,
        visit=visit,
        crisis=crisis,
        began_by=session.get(Person, crisis.began_by_id) if crisis and crisis.began_by_id else None,
        count=len(told_of(session, law, on)),
        watched=bool(law.policy.rules.watch),
        used_by=used_by,
        rules=[(rule.label, cited(law, [rule])) for rule in law.policy.rules.crisis],
        refused=refused,
        posted=posted,
        asks=asks,
        done=done,
    )


def _names(session: Session, holders: Iterable[Holder]) -> list[str]:
    return [session.get_one(Person, one.person_id).name for one in holders]


@router.post("/{slug}/mina/{link_id}/kris/{what}")
def change(request: Request, what: str, posted: PostedForm) -> Response:
    """The first button asks whether one is sure, the second one does it."""
    desk = desk_of(request)
    if what not in ("borja", "avsluta"):
        raise not_found()
    try:
        with desk.works(desk.now()) as session:
            visit = member_visit(session, request)
            demand_token(posted, request, visit)
            if posted.text("saker") != "ja":
                return _page(session, desk, visit, posted=posted, asks=True)
            by_id = visit.someone.id or 0
            if what == "borja":
                acts.begin(session, visit.now, by_id=by_id, message=posted.text("message"), via="portal")
            else:
                acts.end(session, visit.now, by_id=by_id, via="portal")
    except Refused as refused:
        with desk.reads() as session:
            return _page(session, desk, member_visit(session, request), refused=refused, posted=posted)
    return go_to(f"{visit.base}/kris?klart={what}#klart")
