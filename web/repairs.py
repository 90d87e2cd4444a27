"""Repairs by communications, each with its reason; `lifecycle.repair` asks for four eyes."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypedDict

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import repairing
from lifecycle.chains import CHAIN_KINDS, application, matter_tasks, steps_of
from lifecycle.identifying import SignedIn, demands_sign_in
from lifecycle.law import law_of
from lifecycle.refusals import Refused
from lifecycle.repair import demand_communications, others_decide
from lifecycle.tasks import holders_of, open_tasks
from models import Account, AccountState, Person, Process, TaskKind, TaskState, UserTask
from policies.rules import Step, StepAct
from web.account_view import OpenLine
from web.desk import Desk, desk_of, go_to
from web.forms import Posted, PostedForm, demand_token
from web.my_view import is_communications
from web.subjects import Subject, account_subject
from web.turning import not_found

router = APIRouter()
_EMPTY = Posted()
REASON_LIMIT = 2000


@router.get("/{slug}/mina/{link_id}/ratta/{account_id}")
def repair_page(request: Request) -> Response:
    """What can be put right in this matter."""
    desk = desk_of(request)
    with desk.reads() as session:
        return _page(session, request, desk)


def _page(
    session: Session,
    request: Request,
    desk: Desk,
    *,
    posted: Posted = _EMPTY,
    refused: Refused | None = None,
    refused_form: str = "",
) -> Response:
    subject, account = account_subject(session, request)
    if not is_communications(session, subject.visit):
        raise not_found()
    tasks = open_tasks(session, account)
    movable = [task for task in tasks if task.kind is not TaskKind.REVISE_PLAN]
    return desk.show(
        "mine/repair.html",
        status=422 if refused else 200,
        municipality=subject.visit.municipality,
        visit=subject.visit,
        base=f"{subject.visit.base}/ratta/{account.id}",
        account=account,
        barred=_barred(session, subject, account),
        signing=subject.sign_in_standing(desk, wanted=_wants_sign_in(session, account, subject.visit.now)),
        answered=_answered(session, account),
        unasked=_unasked(session, account, subject.visit.now),
        skippable=_skippable(session, account, tasks, subject.visit.now),
        movable=[OpenLine(task, _holders(session, task)) for task in movable],
        may_end=account.state in _BEFORE_LIFE,
        may_resume=account.state is AccountState.LAPSED,
        posted=posted,
        refused=refused,
        refused_form=refused_form,
        done=request.query_params.get("klart", "") if not refused else "",
    )


_BEFORE_LIFE = (AccountState.DECIDING, AccountState.CHANGES_ASKED, AccountState.SETTING_UP)
_REOPENED_IN = (AccountState.DECIDING, AccountState.SETTING_UP, AccountState.DECLINED)


def _barred(session: Session, subject: Subject, account: Account) -> str:
    """Why this member of communications may not repair this matter; empty when they may."""
    try:
        law = law_of(session, account)
        demand_communications(session, law, account, subject.visit.someone, subject.visit.now)
    except Refused as refused:
        return refused.says()
    return ""


def _answered(session: Session, account: Account) -> list[UserTask]:
    """Steps that were answered and can be asked again."""
    if account.state not in _REOPENED_IN:
        return []
    tasks = matter_tasks(session, application(account))
    answered = [
        t for t in tasks if t.state is TaskState.DONE and t.kind in (TaskKind.DECIDE, TaskKind.CONSULT)
    ]
    return list({task.step: task for task in answered}.values())


def _chain(session: Session, account: Account, now: datetime) -> list[Step]:
    return steps_of(session, law_of(session, account), application(account), now)


def _wants_sign_in(session: Session, account: Account, now: datetime) -> bool:
    """Whether something here is put right only by who has signed in."""
    policy = law_of(session, account).policy
    steps = [None, *_chain(session, account, now)]
    return any(demands_sign_in(policy, TaskKind.DECIDE, one) for one in steps)


def _unasked(session: Session, account: Account, now: datetime) -> Step | None:
    """The step that nobody could be asked for, and that stops the application."""
    if account.state is not AccountState.DECIDING:
        return None
    stuck = [one for one in _chain(session, account, now) if account.red_reason == f"no_holder:{one.step}"]
    return next((one for one in stuck if not matter_tasks(session, application(account), one.step)), None)


def _skippable(session: Session, account: Account, tasks: Sequence[UserTask], now: datetime) -> list[Step]:
    """Steps that are open or that nobody may answer; never the only decision that is left."""
    asked = {one.step for one in tasks if one.process is Process.OPENING and one.kind in CHAIN_KINDS}
    unasked, law = _unasked(session, account, now), law_of(session, account)
    standing = [one for one in _chain(session, account, now) if one.step in asked or one == unasked]
    return [
        one
        for one in standing
        if one.act is not StepAct.DECIDE or others_decide(session, law, account, one.step, now)
    ]


def _holders(session: Session, task: UserTask) -> list[str]:
    return [session.get_one(Person, one.person_id).name for one in holders_of(session, task.id)]


@router.post("/{slug}/mina/{link_id}/ratta/{account_id}/{form}")
def repair(request: Request, form: str, posted: PostedForm) -> Response:
    """Put something right."""
    desk, mend = desk_of(request), REPAIRS.get(form)
    try:
        with desk.works(desk.now()) as session:
            subject, account = account_subject(session, request, lock=True)
            demand_token(posted, request, subject.visit)
            if mend is None:
                raise not_found()
            _demand_bearable(posted)
            mend(session, subject, account, posted)
    except Refused as refused:
        with desk.reads() as session:
            return _page(session, request, desk, posted=posted, refused=refused, refused_form=form)
    return go_to(f"{subject.visit.base}/ratta/{account.id}?klart={form}#klart")


def _demand_bearable(posted: Posted) -> None:
    if len(posted.text("reason")) > REASON_LIMIT:
        raise Refused("text_too_long", length=len(posted.text("reason")), limit=REASON_LIMIT)


class _Who(TypedDict):
    """Who puts something right, why, and how they are identified."""

    person_id: int
    reason: str
    signed_in: SignedIn | None


def _who(subject: Subject, posted: Posted) -> _Who:
    person_id = subject.visit.someone.id or 0
    return _Who(person_id=person_id, reason=posted.text("reason"), signed_in=subject.signed_in)


Repair = Callable[[Session, Subject, Account, Posted], None]


def _reopen(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    repairing.reopen_step(
        session,
        subject.visit.now,
        account_id=account.id or 0,
        step=posted.text("step"),
        **_who(subject, posted),
    )


def _skip(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    repairing.skip_step(
        session,
        subject.visit.now,
        account_id=account.id or 0,
        step=posted.text("step"),
        **_who(subject, posted),
    )


def _ask(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    """A second click asks nobody else."""
    if _unasked(session, account, subject.visit.now) is None:
        raise Refused("nothing_to_repair")
    repairing.ask_somebody(
        session,
        subject.visit.now,
        account_id=account.id or 0,
        step=posted.text("step"),
        to_email=posted.text("to"),
        **_who(subject, posted),
    )


def _move(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    number = posted.text("task")
    task = session.get(UserTask, int(number)) if number.isdecimal() and len(number) < 10 else None
    if task is None or task.account_id != account.id:
        raise Refused("nothing_to_repair")
    repairing.move_task(
        session, subject.visit.now, task_id=task.id or 0, to_email=posted.text("to"), **_who(subject, posted)
    )


def _end(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    repairing.end_application(session, subject.visit.now, account_id=account.id or 0, **_who(subject, posted))


def _resume(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    repairing.resume_lapsed(session, subject.visit.now, account_id=account.id or 0, **_who(subject, posted))


REPAIRS: dict[str, Repair] = {
    "fraga-nagon": _ask,
    "oppna-igen": _reopen,
    "hoppa-over": _skip,
    "flytta": _move,
    "avsluta": _end,
    "galla-igen": _resume,
}
