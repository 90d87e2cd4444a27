"""Writing the plan: every button saves first, then does what it says."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from sqlmodel import Session

from acts import applying
from languages.speaking import said
from lifecycle.addresses import similar_accounts
from lifecycle.drafts import PlanIncomplete
from lifecycle.law import Law, law_of
from lifecycle.plans import PlanFault, current_plan, facts_now, faults_in
from lifecycle.refusals import Refused
from lifecycle.states import PERMITS, Act, demand
from models import Account
from policies.rules import Place
from web.application_view import change_wanted
from web.citing import advice_here
from web.desk import Desk, desk_of, go_to
from web.forms import Posted, PostedForm, demand_token
from web.pages import hour
from web.plan_form import FILE_PREFIX, DrawnField, answers_in, fields, too_long, with_faults, with_posted
from web.subjects import Subject, application_subject
from web.turning import GoTo

router = APIRouter()


@dataclass(frozen=True)
class Form:
    """The plan's form as it stands."""

    law: Law
    drawn: Sequence[DrawnField]
    missing: Sequence[PlanFault]
    """Everything that stops the plan from being sent."""
    advised: Sequence[PlanFault]


def _form(session: Session, account: Account, subject: Subject) -> Form:
    law, now = law_of(session, account), subject.visit.now
    answers = current_plan(session, account).answers
    found = faults_in(session, law, account, answers, now)
    return Form(
        law=law,
        drawn=fields(session, law, account, answers, now),
        missing=[fault for fault in found if fault.must],
        advised=[fault for fault in found if not fault.must],
    )


@router.get("/{slug}/ansokan/{link_id}/plan")
@router.get("/{slug}/mina/{link_id}/ansokan/{account_id}/plan")
def plan_page(request: Request) -> Response:
    """The form."""
    desk = desk_of(request)
    with desk.reads() as session:
        subject, account = application_subject(session, request)
        if Act.SAVE_PLAN not in PERMITS[account.state]:
            raise GoTo(subject.base)
        form = _form(session, account, subject)
        shows_all = request.query_params.get("visa") == "saknas"
        told = form.missing if shows_all else [fault for fault in form.missing if _is_wrong(form, fault)]
        return _page(session, desk, subject, account, form, told, saved="sparad" in request.query_params)


def _is_wrong(form: Form, fault: PlanFault) -> bool:
    """Whether something was written and is wrong: that is told at once, what is merely missing is not."""
    drawn = next((one for one in form.drawn if one.id == fault.field), None)
    return drawn is not None and bool(drawn.value) and drawn.kind not in ("select", "file")


def _page(
    session: Session,
    desk: Desk,
    subject: Subject,
    account: Account,
    form: Form,
    told: Sequence[PlanFault],
    *,
    saved: bool = False,
    lost: bool = False,
) -> Response:
    now = subject.visit.now
    facts = facts_now(session, account)
    plan = current_plan(session, account)
    return desk.show(
        "application/plan.html",
        status=422 if lost else 200,
        municipality=subject.visit.municipality,
        visit=subject.visit,
        base=subject.base,
        account=account,
        fields=with_faults(form.drawn, told),
        told=told,
        missing=form.missing,
        advised=form.advised,
        saved_at=plan.saved_at if plan.sent_at is None else None,
        saved=saved,
        advice=advice_here(form.law, Place.PLAN, facts, now),
        similar=_similar(session, account, plan.answers.get("purpose", "")),
        wanted=change_wanted(session, account),
        accepts=",".join(sorted(applying.KINDS)),
    )


def _similar(session: Session, account: Account, purpose: str) -> list[Account]:
    """Others that this may be a double of, once there is something to compare."""
    return similar_accounts(session, account, purpose) if account.platform else []


@router.post("/{slug}/ansokan/{link_id}/plan")
@router.post("/{slug}/mina/{link_id}/ansokan/{account_id}/plan")
def keep_plan(request: Request, posted: PostedForm) -> Response:
    """Save, and then send, show, add or take away a file."""
    desk = desk_of(request)
    with desk.works(desk.now()) as session:
        subject, account = application_subject(session, request, lock=True)
        demand_token(posted, request, subject.visit)
        lost = _save(session, account, subject, posted)
        page = _page_of_lost(session, desk, subject, account, posted, lost) if lost else None
    return page or _go_on(request, desk, subject, posted.text("act"))


def _saved(subject: Subject) -> Response:
    """The answer to static/save.js, which saves while one writes."""
    return JSONResponse({"saved": hour(subject.visit.now, subject.visit.municipality.time_zone)})


def _save(session: Session, account: Account, subject: Subject, posted: Posted) -> list[PlanFault]:
    """Keep everything that can be kept; what cannot is returned."""
    demand(account, Act.SAVE_PLAN)
    drawn = _form(session, account, subject).drawn
    answers = answers_in(posted, drawn)
    lost = too_long(answers, drawn)
    left_out = {fault.field for fault in lost}
    kept = {name: value for name, value in answers.items() if name not in left_out}
    applying.save_draft(session, account, kept, subject.visit.now)
    session.flush()
    return lost + _keep_files(session, account, subject, posted)


def _keep_files(session: Session, account: Account, subject: Subject, posted: Posted) -> list[PlanFault]:
    lost, by, now = [], subject.visit.someone.id or 0, subject.visit.now
    action, _, number = posted.text("act").partition(":")
    if action == "remove" and number.isdecimal():
        applying.remove_attachment(session, account, int(number), by, now)
    labels = {one.id: one.label for one in _form(session, account, subject).drawn if one.kind == "file"}
    for file in posted.files:
        field = file.field.removeprefix(FILE_PREFIX)
        if field not in labels:
            continue
        try:
            applying.attach(session, account, field, file.name, file.content, by, now)
        except Refused as refused:
            says = said("%(file)s: %(why)s Filen är inte sparad.", file=file.name[:80], why=refused.says())
            lost.append(PlanFault(field, labels[field], says, True))
    return lost


def _page_of_lost(
    session: Session,
    desk: Desk,
    subject: Subject,
    account: Account,
    posted: Posted,
    lost: Sequence[PlanFault],
) -> Response:
    """The form with what could not be kept still in it, so that nobody writes it twice."""
    form = _form(session, account, subject)
    answers = answers_in(posted, form.drawn)
    written = [fault.field for fault in lost if fault.field in answers]
    shown = Form(form.law, with_posted(form.drawn, answers, written), form.missing, form.advised)
    more = [fault for fault in form.missing if fault.field not in written] if _is_to_go(posted) else []
    return _page(session, desk, subject, account, shown, [*lost, *more], saved=True, lost=True)


def _is_to_go(posted: Posted) -> bool:
    """Whether the plan was meant to be sent: then everything that stops it is told at once."""
    return posted.text("act") == "send"


def _go_on(request: Request, desk: Desk, subject: Subject, act: str) -> Response:
    if act == "preview":
        return go_to(f"{subject.base}/granska")
    if act == "save" and request.headers.get("accept") == "application/json":
        return _saved(subject)
    if act != "send":
        return go_to(f"{subject.base}/plan?sparad=1#sparat")
    try:
        _send(request, desk)
    except PlanIncomplete:
        return go_to(f"{subject.base}/plan?visa=saknas#fel")
    return go_to(subject.base)


def _send(request: Request, desk: Desk) -> None:
    with desk.works(desk.now()) as session:
        subject, account = application_subject(session, request, lock=True)
        applying.send_plan(session, account, subject.visit.someone.id or 0, subject.visit.now)
