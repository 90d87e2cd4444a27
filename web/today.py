"""The page of the morning letter: looking after accounts today, and one page for each other duty."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import watching
from lifecycle.identifying import demands_sign_in
from lifecycle.law import law_in_force
from lifecycle.refusals import Refused
from models import Account, TaskState, UserTask
from web.citing import grounds
from web.desk import Desk, desk_of, go_to
from web.duty_pages import DUTY_PAGES, DutyPage
from web.endings import closed_door
from web.forms import Posted, PostedForm, demand_token
from web.subjects import Subject, day_subject, duty_subject
from web.today_view import today_of
from web.turning import not_found
from web.visits import id_in

router = APIRouter()
_EMPTY = Posted()


@router.get("/{slug}/idag/{link_id}")
@router.get("/{slug}/mina/{link_id}/idag")
def today_page(request: Request) -> Response:
    """The day."""
    desk = desk_of(request)
    with desk.reads() as session:
        subject = day_subject(session, request, live=False)
        closed = closed_door(session, desk, subject.visit)
        return closed or _day(session, desk, request, subject)


def _day(
    session: Session,
    desk: Desk,
    request: Request,
    subject: Subject,
    *,
    refused: Refused | None = None,
    refused_task: int = 0,
    posted: Posted = _EMPTY,
) -> Response:
    visit = subject.visit
    law = law_in_force(session, visit.municipality.id or 0, visit.now)
    return desk.show(
        "today/day.html",
        status=422 if refused else 200,
        municipality=visit.municipality,
        visit=visit,
        base=subject.base,
        today=today_of(session, law, visit.someone, visit.now),
        done=request.query_params.get("klart", ""),
        refused=refused,
        refused_task=refused_task,
        posted=posted,
    )


@router.post("/{slug}/idag/{link_id}/bevakning")
@router.post("/{slug}/mina/{link_id}/idag/bevakning")
def confirm_watch(request: Request, posted: PostedForm) -> Response:
    """Confirm that one has looked at the chosen accounts."""
    desk = desk_of(request)
    with desk.works(desk.now()) as session:
        subject = day_subject(session, request)
        demand_token(posted, request, subject.visit)
        chosen = [int(one) for one in posted.values.get("konto", ()) if one.isdecimal() and len(one) < 10]
        watching.confirm_watch(
            session,
            subject.visit.now,
            person_id=subject.visit.someone.id or 0,
            account_ids=chosen,
            via=subject.via,
        )
    return go_to(f"{subject.base}?klart={'bevakning' if chosen else 'inget'}#klart")


@router.post("/{slug}/idag/{link_id}/missad/{task_id}")
@router.post("/{slug}/mina/{link_id}/idag/missad/{task_id}")
def explain_missed(request: Request, posted: PostedForm) -> Response:
    """Say why a day was missed."""
    desk = desk_of(request)
    try:
        with desk.works(desk.now()) as session:
            subject, task, _ = duty_subject(session, request)
            demand_token(posted, request, subject.visit)
            watching.explain_missed(
                session,
                subject.visit.now,
                task_id=task.id or 0,
                person_id=subject.visit.someone.id or 0,
                why=posted.text("varfor"),
                via=subject.via,
            )
    except Refused as refused:
        with desk.reads() as session:
            subject, task_id = day_subject(session, request), id_in(request, "task_id")
            return _day(session, desk, request, subject, refused=refused, refused_task=task_id, posted=posted)
    return go_to(f"{subject.base}?klart=forklarat#klart")


@router.get("/{slug}/idag/{link_id}/uppgift/{task_id}")
@router.get("/{slug}/mina/{link_id}/idag/uppgift/{task_id}")
def duty_page(request: Request) -> Response:
    """One duty."""
    desk = desk_of(request)
    with desk.reads() as session:
        subject, task, account = duty_subject(session, request)
        return _duty(session, desk, subject, task, account)


def _page_of(task: UserTask) -> DutyPage:
    page = DUTY_PAGES.get(task.kind)
    if page is None:
        raise not_found()
    return page


def _duty(
    session: Session,
    desk: Desk,
    subject: Subject,
    task: UserTask,
    account: Account | None,
    *,
    refused: Refused | None = None,
    posted: Posted = _EMPTY,
) -> Response:
    page, visit = _page_of(task), subject.visit
    law = law_in_force(session, task.municipality_id, visit.now)
    return desk.show(
        page.template,
        status=422 if refused else 200,
        municipality=visit.municipality,
        visit=visit,
        base=subject.base,
        task=task,
        is_open=task.state is TaskState.OPEN,
        account=account,
        clauses=grounds(law, task),
        refused=refused,
        posted=posted,
        signing=subject.sign_in_standing(desk, wanted=demands_sign_in(law.policy, task.kind)),
        **page.values(session, subject, task, account),
    )


@router.post("/{slug}/idag/{link_id}/uppgift/{task_id}")
@router.post("/{slug}/mina/{link_id}/idag/uppgift/{task_id}")
def answer_duty(request: Request, posted: PostedForm) -> Response:
    """Answer it."""
    desk = desk_of(request)
    try:
        with desk.works(desk.now()) as session:
            subject, task, _ = duty_subject(session, request, lock=True)
            demand_token(posted, request, subject.visit)
            _page_of(task).answer(session, subject, task, posted)
    except Refused as refused:
        with desk.reads() as session:
            subject, task, account = duty_subject(session, request)
            return _duty(session, desk, subject, task, account, refused=refused, posted=posted)
    return go_to(f"{subject.base}?klart=uppgift#klart")
