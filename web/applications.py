"""An application as its applicant follows it: where it stands, what was written, taking it back."""

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import applying
from lifecycle.law import law_of
from lifecycle.plans import current_plan, faults_in
from lifecycle.states import PERMITS, Act
from models import Account, AccountState, Attachment, UserTask
from web.application_view import change_wanted, plan_lines, steps_of, unit_name
from web.desk import Desk, desk_of, go_to
from web.endings import closed_door, ending_of_task, is_own_answer
from web.forms import PostedForm, demand_token
from web.subjects import Subject, application_subject, question_subject
from web.turning import GoTo, not_found
from web.untold import told_state, untold
from web.visits import visit_of

router = APIRouter()


@router.get("/{slug}/ansokan/{link_id}")
def draft_door(request: Request) -> Response:
    """Where a draft's link leads: to the plan while it is written, then to where it stands."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = visit_of(session, request)
        return closed_door(session, desk, visit) or _status(session, request, desk)


@router.get("/{slug}/mina/{link_id}/ansokan/{account_id}")
def status_page(request: Request) -> Response:
    """Where an application stands."""
    desk = desk_of(request)
    with desk.reads() as session:
        return _status(session, request, desk)


def _status(session: Session, request: Request, desk: Desk) -> Response:
    subject, account = application_subject(session, request)
    if account.state is AccountState.DRAFT:
        raise GoTo(f"{subject.base}/plan")
    law = law_of(session, account)
    held = untold(session, account, account.applicant_id, subject.visit.now)
    return _page(
        desk,
        subject,
        account,
        "application/status.html",
        state=told_state(account, held),
        told_at=max(held.values(), default=None),
        unit=unit_name(session, account),
        steps=steps_of(session, law, account, subject.visit.now),
        lines=plan_lines(session, law, account, account.plan_version),
        wanted=change_wanted(session, account),
        may_withdraw=Act.WITHDRAW in PERMITS[account.state],
        may_change=Act.SAVE_PLAN in PERMITS[account.state],
    )


def _page(
    desk: Desk, subject: Subject, account: Account, template: str, *, status: int = 200, **values: object
) -> Response:
    visit = subject.visit
    return desk.show(
        template,
        status=status,
        municipality=visit.municipality,
        visit=visit,
        base=subject.base,
        account=account,
        **values,
    )


@router.get("/{slug}/ansokan/{link_id}/granska")
@router.get("/{slug}/mina/{link_id}/ansokan/{account_id}/granska")
def preview(request: Request) -> Response:
    """The plan as those who decide will see it."""
    desk = desk_of(request)
    with desk.reads() as session:
        subject, account = application_subject(session, request)
        if Act.SAVE_PLAN not in PERMITS[account.state]:
            raise GoTo(subject.base)
        law, plan = law_of(session, account), current_plan(session, account)
        faults = faults_in(session, law, account, plan.answers, subject.visit.now)
        return _page(
            desk,
            subject,
            account,
            "application/preview.html",
            unit=unit_name(session, account),
            lines=plan_lines(session, law, account, plan.version),
            missing=[fault for fault in faults if fault.must],
        )


@router.get("/{slug}/ansokan/{link_id}/aterta")
@router.get("/{slug}/mina/{link_id}/ansokan/{account_id}/aterta")
def withdraw_page(request: Request) -> Response:
    """Asks whether the application is really to be withdrawn."""
    desk = desk_of(request)
    with desk.reads() as session:
        subject, account = application_subject(session, request)
        if Act.WITHDRAW not in PERMITS[account.state]:
            raise GoTo(subject.base)
        return _page(desk, subject, account, "application/withdraw.html")


@router.post("/{slug}/ansokan/{link_id}/aterta")
@router.post("/{slug}/mina/{link_id}/ansokan/{account_id}/aterta")
def withdraw(request: Request, posted: PostedForm) -> Response:
    """Withdraw the application."""
    desk = desk_of(request)
    with desk.works(desk.now()) as session:
        subject, account = application_subject(session, request, lock=True)
        demand_token(posted, request, subject.visit)
        by = subject.visit.someone.id or 0
        applying.withdraw(session, account, by, posted.text("reason"), subject.visit.now)
    return go_to(subject.base)


@router.get("/{slug}/ansokan/{link_id}/bilaga/{attachment_id}")
@router.get("/{slug}/mina/{link_id}/ansokan/{account_id}/bilaga/{attachment_id}")
def applicants_file(request: Request, attachment_id: str) -> Response:
    """One of the plan's files, for the one who attached it."""
    with desk_of(request).reads() as session:
        _, account = application_subject(session, request)
        return _file(session, account, attachment_id)


@router.get("/{slug}/fraga/{link_id}/bilaga/{attachment_id}")
@router.get("/{slug}/mina/{link_id}/fraga/{task_id}/bilaga/{attachment_id}")
def deciders_file(request: Request, attachment_id: str) -> Response:
    """One of the plan's files, for one who is asked about it."""
    with desk_of(request).reads() as session:
        subject, task, account = question_subject(session, request)
        _demand_not_ended(session, subject, task)
        return _file(session, account, attachment_id)


def _demand_not_ended(session: Session, subject: Subject, task: UserTask) -> None:
    """The files go with the question: to those who may answer it, and to the one who did."""
    visit = subject.visit
    ending = ending_of_task(session, task, visit.someone, visit.link.dead_why)
    ended = ending is not None or visit.standing != "live"
    if ended and not is_own_answer(ending, visit.someone):
        raise GoTo(subject.base)


def _file(session: Session, account: Account, attachment_id: str) -> Response:
    """Always to be saved, never to be shown by the browser as a page of ours."""
    known = attachment_id.isdecimal() and len(attachment_id) < 10
    attachment = session.get(Attachment, int(attachment_id)) if known else None
    if attachment is None or attachment.account_id != account.id or attachment.removed_at is not None:
        raise not_found()
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(attachment.file_name, safe='')}",
        "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    }
    return Response(attachment.content, media_type=attachment.media_type, headers=headers)
