"""Deciding and being consulted: the page shows the question whole, and an answer is chosen and posted."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import answering
from acts.signing_in import forget_written, keep_written
from lifecycle.answers import holder_row, wants_sign_in
from lifecycle.law import law_of_task
from lifecycle.refusals import Refused
from models import Account, Outcome, Process, TaskKind, UserTask
from web.desk import Desk, desk_of, go_to
from web.endings import closed_door, ended_page, ending_of_task, is_own_answer
from web.forms import Posted, PostedForm, demand_token
from web.question_view import may_take_back_until, question_of
from web.subjects import Subject, question_subject
from web.turning import GoTo, not_found
from web.written import NOTHING, written_in

router = APIRouter()
_EMPTY = Posted()
_TOLD = ("svarat", "redan", "forsent", "tillbaka", "overlamnat")
_KEPT = ("outcome", "reason", "to", "why")
"""Fields that somebody finds again who had to sign in first."""


@router.get("/{slug}/fraga/{link_id}")
@router.get("/{slug}/mina/{link_id}/fraga/{task_id}")
def question_page(request: Request) -> Response:
    """The question, or what became of it."""
    desk = desk_of(request)
    with desk.reads() as session:
        subject, task, account = question_subject(session, request)
        return _page(session, desk, subject, task, account, told=_told(request))


def _told(request: Request) -> str:
    """What has just happened, by the address that a form led to."""
    return next((one for one in _TOLD if one in request.query_params), "")


def _page(
    session: Session,
    desk: Desk,
    subject: Subject,
    task: UserTask,
    account: Account,
    *,
    posted: Posted = _EMPTY,
    refused: Refused | None = None,
    refused_form: str = "",
    told: str = "",
) -> Response:
    if task.kind not in (TaskKind.DECIDE, TaskKind.CONSULT):
        raise not_found()
    visit, person = subject.visit, subject.visit.someone
    ending = ending_of_task(session, task, person, visit.link.dead_why)
    if is_own_answer(ending, person):
        return _receipt(session, desk, subject, task, account, refused, told)
    told, written = ("forsent", written_in(posted)) if refused else (told, NOTHING)
    if ending is not None:
        return ended_page(session, desk, visit, ending, told=told, written=written)
    if subject.by_letter and (closed := closed_door(session, desk, visit, written)):
        return closed
    law = law_of_task(session, account, task, visit.now)
    before = _written_before(session, subject, task)
    if posted is _EMPTY and before.values:
        posted, refused_form = before, "lamna-over" if before.text("to") else ""
    return desk.show(
        "question/page.html",
        status=409 if refused and refused.code == "plan_changed" else 422 if refused else 200,
        municipality=visit.municipality,
        visit=visit,
        base=subject.base,
        question=question_of(session, law, account, task, person, visit.now),
        posted=posted,
        refused=refused,
        refused_form=refused_form,
        opening=task.process is Process.OPENING,
        signing=_signing(session, desk, subject, task, account),
    )


def _written_before(session: Session, subject: Subject, task: UserTask) -> Posted:
    """What the visitor had written when they went to sign in."""
    holder = holder_row(session, task, subject.visit.someone)
    kept = (holder.written if holder else None) or {}
    return Posted({name: [text] for name, text in kept.items()})


def _signing(session: Session, desk: Desk, subject: Subject, task: UserTask, account: Account) -> str:
    """Whether the visitor has to sign in before answering."""
    now = subject.visit.now
    law = law_of_task(session, account, task, now)
    return subject.sign_in_standing(desk, wanted=wants_sign_in(session, law, account, task, now))


def _kept_until_signed_in(
    session: Session, desk: Desk, subject: Subject, task: UserTask, account: Account, posted: Posted
) -> Response | None:
    """To sign in first, with what was written kept; None for whoever may answer as they are."""
    if _signing(session, desk, subject, task, account) != "needed":
        return None
    written = {name: posted.text(name) for name in _KEPT if posted.text(name)}
    keep_written(session, task, subject.visit.someone, written, subject.visit.now)
    return go_to(f"{subject.base}/till-inloggning")


def _receipt(
    session: Session,
    desk: Desk,
    subject: Subject,
    task: UserTask,
    account: Account,
    refused: Refused | None,
    told: str,
) -> Response:
    visit, person = subject.visit, subject.visit.someone
    law = law_of_task(session, account, task, visit.now)
    return desk.show(
        "question/receipt.html",
        status=409 if refused else 200,
        municipality=visit.municipality,
        visit=visit,
        base=subject.base,
        question=question_of(session, law, account, task, person, visit.now),
        until=may_take_back_until(session, law, account, task, person, visit.now),
        refused=refused,
        told=told,
    )


@router.post("/{slug}/fraga/{link_id}/svar")
@router.post("/{slug}/mina/{link_id}/fraga/{task_id}/svar")
def give_answer(request: Request, posted: PostedForm) -> Response:
    """Record an answer: a choice that was made, for the plan that was shown."""
    desk = desk_of(request)
    try:
        with desk.works(desk.now()) as session:
            subject, task, account = question_subject(session, request, lock=True)
            demand_token(posted, request, subject.visit)
            _demand_unanswered(subject, task)
            if first := _kept_until_signed_in(session, desk, subject, task, account, posted):
                return first
            answering.answer(
                session,
                subject.visit.now,
                task_id=task.id or 0,
                person_id=subject.visit.someone.id or 0,
                outcome=_outcome(posted, task),
                reason=posted.text("reason"),
                via=subject.via,
                link_id=subject.link_id,
                seen_plan_version=_number(posted.text("plan_version")),
                signed_in=subject.signed_in,
            )
            forget_written(session, task, subject.visit.someone)
    except Refused as refused:
        return _again(request, posted, refused, "svar")
    return go_to(f"{subject.base}?svarat=1")


def _demand_unanswered(subject: Subject, task: UserTask) -> None:
    """A second click on the same page shows what the first one recorded; a dead link answers nothing."""
    if task.answered_by_id is not None and task.answered_by_id == subject.visit.someone.id:
        raise GoTo(f"{subject.base}?redan=1")
    if subject.visit.standing != "live":
        raise Refused("task_gone")


def _outcome(posted: Posted, task: UserTask) -> Outcome:
    """The choice that was made; a consultation has one only."""
    chosen = posted.text("outcome")
    if task.kind is TaskKind.CONSULT:
        return Outcome.ANSWERED
    if chosen not in set(Outcome):
        raise Refused("outcome_unknown")
    return Outcome(chosen)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def _again(request: Request, posted: Posted, refused: Refused, form: str) -> Response:
    """The page as it stands now, with why the form did nothing and with what was written in it."""
    desk = desk_of(request)
    with desk.reads() as session:
        subject, task, account = question_subject(session, request)
        return _page(session, desk, subject, task, account, posted=posted, refused=refused, refused_form=form)


@router.post("/{slug}/fraga/{link_id}/lamna-over")
@router.post("/{slug}/mina/{link_id}/fraga/{task_id}/lamna-over")
def hand_over(request: Request, posted: PostedForm) -> Response:
    """Give the question to somebody else."""
    desk = desk_of(request)
    try:
        with desk.works(desk.now()) as session:
            subject, task, account = question_subject(session, request, lock=True)
            demand_token(posted, request, subject.visit)
            _demand_unanswered(subject, task)
            if first := _kept_until_signed_in(session, desk, subject, task, account, posted):
                return first
            answering.hand_over(
                session,
                subject.visit.now,
                task_id=task.id or 0,
                person_id=subject.visit.someone.id or 0,
                to_email=posted.text("to"),
                reason=posted.text("why"),
                via=subject.via,
                link_id=subject.link_id,
                signed_in=subject.signed_in,
            )
    except Refused as refused:
        return _again(request, posted, refused, "lamna-over")
    return go_to(f"{subject.visit.base}?overlamnat=1")


@router.post("/{slug}/fraga/{link_id}/angra")
@router.post("/{slug}/mina/{link_id}/fraga/{task_id}/angra")
def take_back(request: Request, posted: PostedForm) -> Response:
    """Take back one's own answer, while that goes."""
    desk = desk_of(request)
    try:
        with desk.works(desk.now()) as session:
            subject, task, _ = question_subject(session, request, lock=True)
            demand_token(posted, request, subject.visit)
            answering.take_back(
                session,
                subject.visit.now,
                task_id=task.id or 0,
                person_id=subject.visit.someone.id or 0,
                via=subject.via,
            )
    except Refused as refused:
        return _again(request, posted, refused, "angra")
    return go_to(f"{subject.base}?tillbaka=1")
