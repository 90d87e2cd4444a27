"""Communications chooses what the municipality calls itself, its colour and its logotype."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import appearance
from acts.logotypes import picture_of
from lifecycle.refusals import Refused
from models.colours import shades_of
from web.desk import Desk, desk_of, go_to
from web.forms import Posted, PostedForm, demand_token
from web.my_view import member_visit
from web.visits import Visit

router = APIRouter()
_EMPTY = Posted()
_FIELDS = {"colour_wrong": "farg", "name_too_long": "namn", "logotype_unusable": "logotyp"}
"""Which field a refusal is about."""


@router.get("/{slug}/mina/{link_id}/utseende")
def look_page(request: Request) -> Response:
    """How it looks now, and the forms that change it."""
    desk = desk_of(request)
    with desk.reads() as session:
        return _page(desk, member_visit(session, request), done=request.query_params.get("klart", ""))


def _page(
    desk: Desk, visit: Visit, *, posted: Posted = _EMPTY, refused: Refused | None = None, done: str = ""
) -> Response:
    municipality = visit.municipality
    return desk.show(
        "mine/look.html",
        status=422 if refused else 200,
        municipality=municipality,
        visit=visit,
        name=posted.text("namn") if posted.has("namn") else municipality.shown_name,
        colour=posted.text("farg") if posted.has("farg") else municipality.colour,
        shades=shades_of(municipality.colour) if municipality.colour else None,
        refused=refused,
        field=_FIELDS.get(refused.code, "") if refused else "",
        done=done,
    )


@router.post("/{slug}/mina/{link_id}/utseende")
def change_look(request: Request, posted: PostedForm) -> Response:
    """Save name and colour, take a logotype in, or take it away."""
    desk = desk_of(request)
    try:
        with desk.works(desk.now()) as session:
            visit = member_visit(session, request)
            demand_token(posted, request, visit)
            done = _change(session, visit, posted)
    except Refused as refused:
        with desk.reads() as session:
            return _page(desk, member_visit(session, request), posted=posted, refused=refused)
    return go_to(f"{visit.base}/utseende?klart={done}#klart")


def _change(session: Session, visit: Visit, posted: Posted) -> str:
    by_id, now = visit.someone.id or 0, visit.now
    match posted.text("gor"):
        case "logotyp":
            content = posted.files[0].content if posted.files else b""
            picture = picture_of(content)
            appearance.show_logotype(session, now, by_id=by_id, picture=picture, via="portal")
            return "logotyp"
        case "ta-bort":
            appearance.remove_logotype(session, now, by_id=by_id, via="portal")
            return "borta"
        case _:
            name, colour = posted.text("namn"), posted.text("farg")
            appearance.choose(session, now, by_id=by_id, shown_name=name, colour=colour, via="portal")
            return "sparat"
