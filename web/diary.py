"""The diary's page: decisions as papers, and the numbers that the registry gives them."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from acts import diary
from lifecycle.law import law_in_force
from lifecycle.refusals import Refused
from models import Account, Paper, PaperKind
from web.desk import Desk, desk_of, download, go_to
from web.forms import Posted, PostedForm, demand_token
from web.subjects import account_subject, my_visit
from web.turning import not_found
from web.visits import Visit, id_in

router = APIRouter()
_EMPTY = Posted()
SHOWN = 200
"""Papers on the page at the most; the others come when some of these have their numbers."""
RECENT = 20


@dataclass(frozen=True)
class PaperLine:
    """One paper, without its file."""

    id: int
    account_id: int | None
    title: str
    made_at: datetime
    sha256: str
    diary_number: str


_Rows = Select[int | None, int | None, str, datetime, str, str]
_COLUMNS = (
    col(Paper.id),
    col(Paper.account_id),
    col(Paper.title),
    col(Paper.made_at),
    col(Paper.sha256),
    col(Paper.diary_number),
)


def paper_lines(session: Session, account: Account) -> list[PaperLine]:
    """An account's decisions, the newest first."""
    of_account = select(*_COLUMNS).where(col(Paper.account_id) == account.id)
    return _lines(session, of_account.order_by(col(Paper.id).desc()))


def _lines(session: Session, rows: _Rows) -> list[PaperLine]:
    decisions = rows.where(col(Paper.kind) == PaperKind.DECISION)
    return [PaperLine(*row) for row in session.execute(decisions)]


def without_number(session: Session, municipality_id: int | None) -> int:
    """How many decisions wait for their number."""
    rows = select(func.count(col(Paper.id))).where(
        col(Paper.municipality_id) == municipality_id,
        col(Paper.kind) == PaperKind.DECISION,
        col(Paper.diary_number) == "",
    )
    return int(session.execute(rows).scalar_one())


def is_registry(session: Session, visit: Visit) -> bool:
    """Whether the visitor may enter numbers and hand out records."""
    on = law_in_force(session, visit.municipality.id or 0, visit.now).day_of(visit.now)
    return diary.keeps_diary(session, visit.someone, on)


def registry_visit(session: Session, request: Request) -> Visit:
    """A visit by somebody of the registry or of communications; nobody else knows of the page."""
    visit = my_visit(session, request)
    if not is_registry(session, visit):
        raise not_found()
    return visit


@router.get("/{slug}/mina/{link_id}/diariet")
def diary_page(request: Request) -> Response:
    """Papers without a number, and the latest that have one."""
    desk = desk_of(request)
    with desk.reads() as session:
        return _page(session, desk, registry_visit(session, request), request)


def _page(
    session: Session,
    desk: Desk,
    visit: Visit,
    request: Request,
    *,
    posted: Posted = _EMPTY,
    refused: Refused | None = None,
    refused_paper: int = 0,
) -> Response:
    ours = select(*_COLUMNS).where(col(Paper.municipality_id) == visit.municipality.id)
    numbered = col(Paper.diary_number) != ""
    return desk.show(
        "mine/diary.html",
        status=422 if refused else 200,
        municipality=visit.municipality,
        visit=visit,
        waiting=_lines(session, ours.where(~numbered).order_by(col(Paper.id)).limit(SHOWN)),
        numbered=_lines(session, ours.where(numbered).order_by(col(Paper.numbered_at).desc()).limit(RECENT)),
        count=without_number(session, visit.municipality.id),
        posted=posted,
        refused=refused,
        refused_paper=refused_paper,
        done=request.query_params.get("klart", "") if not refused else "",
    )


@router.post("/{slug}/mina/{link_id}/diariet/{paper_id}")
def number_paper(request: Request, posted: PostedForm) -> Response:
    """Enter a number."""
    desk, paper_id = desk_of(request), id_in(request, "paper_id")
    try:
        with desk.works(desk.now()) as session:
            visit = registry_visit(session, request)
            demand_token(posted, request, visit)
            enter_number(session, visit, paper_id, posted.text("nummer"))
    except Refused as refused:
        with desk.reads() as session:
            visit = registry_visit(session, request)
            return _page(
                session, desk, visit, request, posted=posted, refused=refused, refused_paper=paper_id
            )
    return go_to(f"{visit.base}/diariet?klart=nummer#klart")


def enter_number(session: Session, visit: Visit, paper_id: int, number: str) -> None:
    """The visitor enters a paper's number."""
    diary.number_paper(
        session,
        visit.now,
        paper_id=paper_id,
        person_id=visit.someone.id or 0,
        number=number,
        via="portal",
    )


@router.get("/{slug}/mina/{link_id}/diariet/{paper_id}/fil")
def fetch(request: Request) -> Response:
    """A paper, for the registry."""
    with desk_of(request).reads() as session:
        visit = registry_visit(session, request)
        paper = session.get(Paper, id_in(request, "paper_id"))
        if paper is None or paper.municipality_id != visit.municipality.id:
            raise not_found()
        return download(paper.file_name, paper.content, paper.media_type)


@router.get("/{slug}/mina/{link_id}/konto/{account_id}/handling/{paper_id}")
def fetch_of_account(request: Request) -> Response:
    """A decision about an account, for those it concerns."""
    with desk_of(request).reads() as session:
        _, account = account_subject(session, request)
        paper = session.get(Paper, id_in(request, "paper_id"))
        if paper is None or paper.account_id != account.id or paper.kind is not PaperKind.DECISION:
            raise not_found()
        return download(paper.file_name, paper.content, paper.media_type)
