"""Confirming by a mailed link what one has begun: the page shows it, and only a button carries it out."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import confirming as acts
from lifecycle.confirming import is_late
from lifecycle.refusals import Refused
from models import Outcome, TaskState, UserTask
from web.desk import Desk, desk_of, go_to
from web.endings import Ending, closed_door, ended_page, ending_of_task
from web.forms import PostedForm, demand_token
from web.subjects import Subject, confirming_subject
from web.turning import not_found

router = APIRouter()


@router.get("/{slug}/bekrafta/{link_id}")
@router.get("/{slug}/mina/{link_id}/bekrafta/{task_id}")
def confirming_page(request: Request) -> Response:
    """What was begun, or what became of it."""
    desk = desk_of(request)
    with desk.reads() as session:
        subject, task = confirming_subject(session, request)
        return _page(session, desk, subject, task)


def _page(
    session: Session, desk: Desk, subject: Subject, task: UserTask, refused: Refused | None = None
) -> Response:
    visit = subject.visit
    if task.state is TaskState.DONE and task.answered_by_id == visit.someone.id:
        return _show(desk, subject, task, "confirmed" if task.outcome is Outcome.CONFIRMED else "dropped")
    if task.state is TaskState.WITHDRAWN:
        return ended_page(session, desk, visit, Ending("replaced", at=visit.link.dead_at))
    if task.state is TaskState.NO_ANSWER or is_late(task, visit.now):
        return _show(desk, subject, task, "late")
    ending = ending_of_task(session, task, visit.someone, visit.link.dead_why)
    if ending is not None:
        return ended_page(session, desk, visit, ending)
    if closed := closed_door(session, desk, visit):
        return closed
    words = acts.words_of(session, visit.now, task)
    signing = subject.sign_in_standing(desk, wanted=acts.wants_sign_in(session, visit.now, task))
    return _show(desk, subject, task, "asked", words=words, signing=signing, refused=refused)


def _show(
    desk: Desk,
    subject: Subject,
    task: UserTask,
    standing: str,
    *,
    words: list[str] | None = None,
    signing: str = "",
    refused: Refused | None = None,
) -> Response:
    visit = subject.visit
    return desk.show(
        "confirming.html",
        status=422 if refused else 200,
        municipality=visit.municipality,
        visit=visit,
        base=subject.base,
        task=task,
        standing=standing,
        words_of_act=words or [],
        signing=signing,
        refused=refused,
    )


@router.post("/{slug}/bekrafta/{link_id}/{answer}")
@router.post("/{slug}/mina/{link_id}/bekrafta/{task_id}/{answer}")
def confirm(request: Request, answer: str, posted: PostedForm) -> Response:
    """Carry it out, or let it be."""
    desk, act = desk_of(request), {"ja": acts.confirm, "nej": acts.drop}.get(answer)
    if act is None:
        raise not_found()
    try:
        with desk.works(desk.now()) as session:
            subject, task = confirming_subject(session, request, live=True)
            demand_token(posted, request, subject.visit)
            act(
                session,
                subject.visit.now,
                task_id=task.id or 0,
                person_id=subject.visit.someone.id or 0,
                via=subject.via,
                link_id=subject.link_id,
                signed_in=subject.signed_in,
            )
    except Refused as refused:
        with desk.reads() as session:
            subject, task = confirming_subject(session, request)
            return _page(session, desk, subject, task, refused)
    return go_to(subject.base)
