"""Confirming a checklist, line by line; each line has its own button, and each answer counts for itself."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import answering
from lifecycle.plans import LINE_LIMIT
from lifecycle.refusals import Refused
from models import Account, UserTask
from web.checklist_view import ITEM_KINDS, checklist_of
from web.desk import Desk, desk_of, go_to
from web.endings import closed_door
from web.forms import Posted, PostedForm, demand_token
from web.subjects import Subject, checklist_subject
from web.turning import GoTo, not_found
from web.visits import id_in

router = APIRouter()
_EMPTY = Posted()
GIVEN = ("way", "place", "address")
"""What a line may ask for besides the confirmation itself."""


@router.get("/{slug}/lista/{link_id}")
@router.get("/{slug}/mina/{link_id}/lista/{account_id}")
@router.get("/{slug}/idag/{link_id}/lista/{account_id}")
def checklist_page(request: Request) -> Response:
    """The list."""
    desk = desk_of(request)
    with desk.reads() as session:
        subject, account = checklist_subject(session, request, live=False)
        closed = closed_door(session, desk, subject.visit)
        return closed or _page(session, desk, subject, account, confirmed=_confirmed(request))


def _confirmed(request: Request) -> int:
    """The line that has just been confirmed, by the address its form led to."""
    text = request.query_params.get("klar", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _page(
    session: Session,
    desk: Desk,
    subject: Subject,
    account: Account,
    *,
    confirmed: int = 0,
    refused: Refused | None = None,
    refused_task: int = 0,
    posted: Posted = _EMPTY,
) -> Response:
    checklist = checklist_of(session, account, subject)
    if subject.visit.link.account_id != account.id and not checklist.is_mine:
        raise not_found()
    return desk.show(
        "checklist.html",
        status=422 if refused else 200,
        municipality=subject.visit.municipality,
        visit=subject.visit,
        base=subject.base,
        account=account,
        checklist=checklist,
        confirmed=confirmed,
        refused=refused,
        refused_task=refused_task,
        posted=posted,
    )


@router.post("/{slug}/lista/{link_id}/punkt/{item_id}")
@router.post("/{slug}/mina/{link_id}/lista/{account_id}/punkt/{item_id}")
@router.post("/{slug}/idag/{link_id}/lista/{account_id}/punkt/{item_id}")
def confirm(request: Request, posted: PostedForm) -> Response:
    """Confirm one line by name and date."""
    desk, item_id = desk_of(request), id_in(request, "item_id")
    try:
        with desk.works(desk.now()) as session:
            subject, account = checklist_subject(session, request, lock=True)
            demand_token(posted, request, subject.visit)
            _demand_unconfirmed(session, subject, account, item_id)
            answering.confirm(
                session,
                subject.visit.now,
                task_id=item_id,
                person_id=subject.visit.someone.id or 0,
                given=_given(posted),
                via=subject.via,
                link_id=subject.link_id,
            )
    except Refused as refused:
        return _again(request, posted, refused, item_id)
    return go_to(f"{subject.base}?klar={item_id}#klart")


def _given(posted: Posted) -> dict[str, str]:
    given = {name: posted.text(name).strip() for name in GIVEN if posted.has(name)}
    for text in given.values():
        if len(text) > LINE_LIMIT:
            raise Refused("text_too_long", length=len(text), limit=LINE_LIMIT)
    return given


def _demand_unconfirmed(session: Session, subject: Subject, account: Account, item_id: int) -> None:
    """A line of this list; a second click on the same line shows what the first one recorded."""
    task = session.get(UserTask, item_id)
    if task is None or task.account_id != account.id or task.kind not in ITEM_KINDS:
        raise not_found()
    if task.answered_by_id is not None and task.answered_by_id == subject.visit.someone.id:
        raise GoTo(f"{subject.base}?klar={item_id}#klart")


def _again(request: Request, posted: Posted, refused: Refused, item_id: int) -> Response:
    desk = desk_of(request)
    with desk.reads() as session:
        subject, account = checklist_subject(session, request)
        return _page(session, desk, subject, account, refused=refused, refused_task=item_id, posted=posted)
