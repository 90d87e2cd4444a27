"""The picture of the process: for everybody without numbers, for communications with them."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from acts.process_pictures import OVERVIEW, Picture, picture_of
from languages.speaking import SWEDISH, speaking
from lifecycle.process_text import told
from models import Municipality
from web.desk import Desk, desk_of
from web.my_view import member_visit
from web.turning import not_found
from web.visits import municipality_at

router = APIRouter()
_OF_THE_FILE = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
}
"""A drawing brings its colours with it, and nothing else."""


@router.get("/{slug}/processen")
def public_process(request: Request, slug: str) -> HTMLResponse:
    """What awaits an account and those who want one, without numbers."""
    desk = desk_of(request)
    with desk.reads() as session:
        municipality = municipality_at(session, slug)
        return _page(session, desk, municipality, f"/{slug}")


@router.get("/{slug}/processen.svg")
def public_picture(request: Request, slug: str) -> Response:
    """The drawing, or a part of it."""
    desk = desk_of(request)
    with desk.reads() as session:
        municipality = municipality_at(session, slug)
        return _file(request, picture_of(session, municipality.id or 0, desk.now(), numbered=False))


@router.get("/{slug}/mina/{link_id}/processen")
def our_process(request: Request) -> HTMLResponse:
    """The same with the number of accounts at each step, for communications."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = member_visit(session, request)
        return _page(session, desk, visit.municipality, visit.base, visit=visit)


@router.get("/{slug}/mina/{link_id}/processen.svg")
def our_picture(request: Request) -> Response:
    """The drawing with numbers, or a part of it."""
    with desk_of(request).reads() as session:
        visit = member_visit(session, request)
        return _file(request, picture_of(session, visit.municipality.id or 0, visit.now, numbered=True))


def _page(
    session: Session, desk: Desk, municipality: Municipality, base: str, **visitor: Any
) -> HTMLResponse:
    numbered = bool(visitor)
    with speaking(SWEDISH):
        picture = picture_of(session, municipality.id or 0, desk.now(), numbered=numbered)
        parts = [OVERVIEW, *(stage.key for stage in picture.shape.stages)]
        drawings = [(part, picture.says(part)) for part in parts]
        stages = told(picture.shape, picture.numbers)
    return desk.show(
        "process.html",
        municipality=municipality,
        base=base,
        numbered=numbered,
        drawings=drawings,
        stages=stages,
        **visitor,
    )


def _file(request: Request, picture: Picture) -> Response:
    """Parts are asked for by `del`, the drawing for telephones by `smal`."""
    try:
        svg = picture.svg(narrow="smal" in request.query_params, part=request.query_params.get("del", ""))
    except KeyError:
        raise not_found() from None
    return Response(svg, media_type="image/svg+xml", headers=_OF_THE_FILE)
