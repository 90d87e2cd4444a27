"""Läs in en fil: communications uploads units, people or accounts, and confirms it by a mailed link."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import confirming
from acts.confirmed_files import IMPORT, NOUNS, read_wanted, wanted_import
from lifecycle.confirming import waiting_acts
from lifecycle.law import law_in_force
from lifecycle.refusals import Refused
from web.dates import day_in
from web.desk import Desk, desk_of, go_to
from web.forms import Posted, PostedForm, demand_token
from web.my_view import member_visit
from web.visits import Visit

router = APIRouter()
_EMPTY = Posted()


@dataclass(frozen=True)
class WaitingImport:
    """An import that has been begun, and what it would do now."""

    label: str
    words: Sequence[str]


@router.get("/{slug}/mina/{link_id}/import")
def import_page(request: Request) -> Response:
    """Choose what and a file; what has been begun stands there until it is confirmed."""
    desk = desk_of(request)
    with desk.reads() as session:
        return _page(session, desk, member_visit(session, request), begun="klart" in request.query_params)


def _page(
    session: Session,
    desk: Desk,
    visit: Visit,
    *,
    begun: bool = False,
    posted: Posted = _EMPTY,
    refused: Refused | None = None,
) -> Response:
    waiting = [
        WaitingImport(task.label, confirming.words_of(session, visit.now, task))
        for task in waiting_acts(session, visit.someone, IMPORT)
    ]
    return desk.show(
        "mine/import.html",
        status=422 if refused else 200,
        municipality=visit.municipality,
        visit=visit,
        nouns=NOUNS,
        waiting=waiting,
        begun=begun,
        posted=posted,
        refused=refused,
    )


@router.post("/{slug}/mina/{link_id}/import")
def begin_import(request: Request, posted: PostedForm) -> Response:
    """Try the file; with no fault in it, mail the link by which the import is confirmed."""
    desk = desk_of(request)
    try:
        with desk.works(desk.now()) as session:
            visit = member_visit(session, request)
            demand_token(posted, request, visit)
            _begin(session, visit, posted)
    except Refused as refused:
        with desk.reads() as session:
            return _page(session, desk, member_visit(session, request), posted=posted, refused=refused)
    return go_to(f"{visit.base}/import?klart#klart")


def _begin(session: Session, visit: Visit, posted: Posted) -> None:
    what, first = posted.text("vad"), posted.text("galler-fran").strip()
    if what not in NOUNS:
        raise Refused("import_kind_missing")
    if not posted.files:
        raise Refused("table_missing")
    file = posted.files[0]
    table = read_wanted(file.name, file.content, posted.text("blad").strip() or None)
    label, values = wanted_import(what, table, day_in(first) if first else None)
    law = law_in_force(session, visit.municipality.id or 0, visit.now)
    confirming.begin(
        session,
        law,
        visit.someone,
        IMPORT,
        label,
        values,
        visit.now,
        about=f"import:{what}",
        via="portal",
    )
