"""Confirming by a mailed link what one has begun: the page shows it, and only a button carries it out."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import confirming as acts
from lifecycle.confirming import is_late
from lifecycle.refusals import Refused
from models import Outcome, TaskKind, TaskState, UserTask
from web.desk import Desk, desk_of, go_to
from web.endings import Ending, closed_door, ended_page, ending_of_task
from web.forms import PostedForm, demand_token
from web.turning import not_found
from web.visits import Visit, live_visit, set_cookie, visit_of

router = APIRouter()


@router.get("/{slug}/bekrafta/{link_id}")
def confirming_page(request: Request) -> Response:
    """What was begun, or what became of it."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = visit_of(session, request)
        return _page(session, desk, visit)


def _task(session: Session, visit: Visit) -> UserTask:
    task = session.get(UserTask, visit.link.task_id) if visit.link.task_id is not None else None
    if task is None or task.kind is not TaskKind.CONFIRM_ACT:
        raise not_found()
    return task


def _page(session: Session, desk: Desk, visit: Visit, refused: Refused | None = None) -> Response:
    task = _task(session, visit)
    if task.state is TaskState.DONE and task.answered_by_id == visit.someone.id:
        return _show(desk, visit, task, "confirmed" if task.outcome is Outcome.CONFIRMED else "dropped")
    if task.state is TaskState.WITHDRAWN:
        return ended_page(session, desk, visit, Ending("replaced", at=visit.link.dead_at))
    if task.state is TaskState.NO_ANSWER or is_late(task, visit.now):
        return _show(desk, visit, task, "late")
    ending = ending_of_task(session, task, visit.someone, visit.link.dead_why)
    if ending is not None:
        return ended_page(session, desk, visit, ending)
    if closed := closed_door(session, desk, visit):
        return closed
    words = acts.words_of(session, visit.now, task)
    return _show(desk, visit, task, "asked", words=words, refused=refused)


def _show(
    desk: Desk,
    visit: Visit,
    task: UserTask,
    standing: str,
    *,
    words: list[str] | None = None,
    refused: Refused | None = None,
) -> Response:
    response = desk.show(
        "confirming.html",
        status=422 if refused else 200,
        municipality=visit.municipality,
        visit=visit,
        task=task,
        standing=standing,
        words_of_act=words or [],
        refused=refused,
    )
    set_cookie(desk, response, visit)
    return response


@router.post("/{slug}/bekrafta/{link_id}/{answer}")
def confirm(request: Request, answer: str, posted: PostedForm) -> Response:
    """Carry it out, or let it be."""
    desk, act = desk_of(request), {"ja": acts.confirm, "nej": acts.drop}.get(answer)
    if act is None:
        raise not_found()
    try:
        with desk.works(desk.now()) as session:
            visit = live_visit(session, request)
            demand_token(posted, request, visit)
            task, person = _task(session, visit), visit.someone
            act(
                session,
                visit.now,
                task_id=task.id or 0,
                person_id=person.id or 0,
                link_id=visit.link.id or 0,
            )
    except Refused as refused:
        with desk.reads() as session:
            return _page(session, desk, visit_of(session, request), refused)
    return go_to(visit.base)
