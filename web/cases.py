"""Cases in the portal: something has happened, a case and its evidence, and the list for communications."""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session, col

from acts import cases
from acts.cases import read_case
from lifecycle.case_answers import Given
from lifecycle.case_evidence import Evidence
from lifecycle.law import law_in_force
from lifecycle.refusals import Refused
from lifecycle.states import PERMITS, Act
from models import Account, Case, CaseEvidence, Municipality, UserTask
from web.case_view import case_page, kind_choices, open_case_lines
from web.desk import Desk, desk_of, go_to
from web.forms import Posted, PostedForm, demand_token
from web.my_view import is_communications, member_visit, open_accounts
from web.subjects import Subject, day_subject
from web.turning import not_found
from web.visits import id_in

router = APIRouter()
_EMPTY = Posted()


# ---------------------------------------------------------------- something has happened


@router.get("/{slug}/idag/{link_id}/handelse")
@router.get("/{slug}/mina/{link_id}/idag/handelse")
def new_case(request: Request) -> Response:
    """The form; without an account in the address, first which account it is."""
    desk = desk_of(request)
    with desk.reads() as session:
        subject = day_subject(session, request)
        account = _chosen(session, subject, request.query_params.get("konto", ""))
        return _new(session, desk, subject, account)


def _chosen(session: Session, subject: Subject, number: str) -> Account | None:
    """The account in the address, where the visitor may open a case about it; else the only one."""
    if not number:
        mine = open_accounts(session, subject.visit)
        return mine[0] if len(mine) == 1 else None
    known = number.isdecimal() and len(number) < 10
    account = session.get(Account, int(number)) if known else None
    if account is None or account.municipality_id != subject.visit.municipality.id:
        raise not_found()
    law = law_in_force(session, account.municipality_id, subject.visit.now)
    try:
        cases.demand_may_open(session, account, subject.visit.someone, law.day_of(subject.visit.now))
    except Refused as refused:
        raise not_found() from refused
    if Act.OPEN_CASE not in PERMITS[account.state]:
        raise not_found()
    return account


def _new(
    session: Session,
    desk: Desk,
    subject: Subject,
    account: Account | None,
    *,
    refused: Refused | None = None,
    posted: Posted = _EMPTY,
) -> Response:
    visit = subject.visit
    law = law_in_force(session, visit.municipality.id or 0, visit.now)
    local = visit.now.astimezone(ZoneInfo(visit.municipality.time_zone))
    return desk.show(
        "case/new.html" if account else "case/which.html",
        status=422 if refused else 200,
        municipality=visit.municipality,
        visit=visit,
        base=subject.base,
        account=account,
        accounts=() if account else open_accounts(session, visit),
        kinds=kind_choices(law, account, visit.now) if account else (),
        today=local.date().isoformat(),
        clock=f"{local:%H:%M}",
        refused=refused,
        posted=posted,
    )


@router.post("/{slug}/idag/{link_id}/handelse")
@router.post("/{slug}/mina/{link_id}/idag/handelse")
def open_case(request: Request, posted: PostedForm) -> Response:
    """Open it, and go to its page."""
    desk = desk_of(request)
    try:
        with desk.works(desk.now()) as session:
            subject = day_subject(session, request)
            demand_token(posted, request, subject.visit)
            account = _chosen(session, subject, posted.text("konto"))
            if account is None:
                raise not_found()
            case = cases.open_case(
                session,
                subject.visit.now,
                account_id=account.id or 0,
                person_id=subject.visit.someone.id or 0,
                report=_report(subject.visit.municipality, posted),
                via=subject.via,
            )
            address = f"{subject.base}/arende/{case.id}"
    except Refused as refused:
        with desk.reads() as session:
            subject = day_subject(session, request)
            account = _chosen(session, subject, posted.text("konto"))
            return _new(session, desk, subject, account, refused=refused, posted=posted)
    return go_to(f"{address}?klart=oppnat#klart")


def _report(municipality: Municipality, posted: Posted) -> cases.Report:
    return cases.Report(
        kind=posted.text("kind"),
        noticed_at=_moment(posted.text("day"), posted.text("hour"), municipality.time_zone),
        post_address=posted.text("post_address"),
        what=posted.text("what"),
        evidence=_evidence_in(posted),
        watcher_emails=posted.text("watchers").split(),
    )


def _moment(day: str, hour: str, zone: str) -> datetime:
    """Raises Refused for what is no day and hour, or one that no calendar reaches."""
    try:
        local = datetime.fromisoformat(f"{day.strip()}T{hour.strip()}")
    except ValueError as error:
        raise Refused("noticed_wrong") from error
    if not 2000 <= local.year <= 2200:
        raise Refused("noticed_wrong")
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _evidence_in(posted: Posted) -> Sequence[Evidence]:
    files = [Evidence(one.content, one.name) for one in posted.files if one.field == "files"]
    copied = posted.text("copied").strip()
    return [*files, *([Evidence(copied.encode(), is_text=True)] if copied else [])]


# ---------------------------------------------------------------- a case's page


def _case(session: Session, request: Request) -> tuple[Subject, Case]:
    """A case, for those who may see it."""
    subject = day_subject(session, request)
    case = session.get(Case, id_in(request, "case_id"))
    if case is None or case.municipality_id != subject.visit.municipality.id:
        raise not_found()
    it, _ = read_case(session, case)
    try:
        cases.demand_sees(session, it, subject.visit.someone, subject.visit.now)
    except Refused as refused:
        raise not_found() from refused
    return subject, case


@router.get("/{slug}/idag/{link_id}/arende/{case_id}")
@router.get("/{slug}/mina/{link_id}/idag/arende/{case_id}")
def case_home(request: Request) -> Response:
    """The case."""
    desk = desk_of(request)
    with desk.reads() as session:
        subject, case = _case(session, request)
        return _page(session, desk, subject, case, done=request.query_params.get("klart", ""))


def _page(
    session: Session,
    desk: Desk,
    subject: Subject,
    case: Case,
    *,
    refused: Refused | None = None,
    refused_form: str = "",
    posted: Posted = _EMPTY,
    done: str = "",
) -> Response:
    visit = subject.visit
    return desk.show(
        "case/page.html",
        status=422 if refused else 200,
        municipality=visit.municipality,
        visit=visit,
        day_page=subject.base,
        base=f"{subject.base}/arende/{case.id}",
        page=case_page(session, case, visit.someone, visit.now),
        communications=is_communications(session, visit),
        refused=refused,
        refused_form=refused_form,
        posted=posted,
        done=done,
    )


def _again(request: Request, posted: Posted, refused: Refused, form: str) -> Response:
    desk = desk_of(request)
    with desk.reads() as session:
        subject, case = _case(session, request)
        return _page(session, desk, subject, case, refused=refused, refused_form=form, posted=posted)


@router.post("/{slug}/idag/{link_id}/arende/{case_id}/steg/{task_id}")
@router.post("/{slug}/mina/{link_id}/idag/arende/{case_id}/steg/{task_id}")
def do_step(request: Request, posted: PostedForm) -> Response:
    """Do one step."""
    desk, task_id = desk_of(request), id_in(request, "task_id")
    try:
        with desk.works(desk.now()) as session:
            subject, case = _case(session, request)
            demand_token(posted, request, subject.visit)
            task = session.get(UserTask, task_id)
            if task is None or task.case_id != case.id:
                raise not_found()
            cases.do_step(
                session,
                subject.visit.now,
                case_id=case.id or 0,
                task_id=task_id,
                person_id=subject.visit.someone.id or 0,
                given=_given(posted),
                to_email=posted.text("to"),
                via=subject.via,
            )
            address = f"{subject.base}/arende/{case.id}"
    except Refused as refused:
        return _again(request, posted, refused, f"steg-{task_id}")
    return go_to(f"{address}?klart=steg#klart")


def _given(posted: Posted) -> Given:
    return Given(
        text=posted.text("text"),
        number=posted.text("number"),
        end=posted.text("end"),
        skipped=posted.text("act") == "skip",
    )


@router.post("/{slug}/idag/{link_id}/arende/{case_id}/bevis")
@router.post("/{slug}/mina/{link_id}/idag/arende/{case_id}/bevis")
def add_evidence(request: Request, posted: PostedForm) -> Response:
    """Keep more."""
    desk = desk_of(request)
    try:
        with desk.works(desk.now()) as session:
            subject, case = _case(session, request)
            demand_token(posted, request, subject.visit)
            cases.add_evidence(
                session,
                subject.visit.now,
                case_id=case.id or 0,
                person_id=subject.visit.someone.id or 0,
                evidence=_evidence_in(posted),
                via=subject.via,
            )
            address = f"{subject.base}/arende/{case.id}"
    except Refused as refused:
        return _again(request, posted, refused, "bevis")
    return go_to(f"{address}?klart=bevis#klart")


@router.post("/{slug}/idag/{link_id}/arende/{case_id}/avsluta")
@router.post("/{slug}/mina/{link_id}/idag/arende/{case_id}/avsluta")
def close_case(request: Request, posted: PostedForm) -> Response:
    """End the case by hand."""
    desk = desk_of(request)
    try:
        with desk.works(desk.now()) as session:
            subject, case = _case(session, request)
            demand_token(posted, request, subject.visit)
            cases.close_case(
                session,
                subject.visit.now,
                case_id=case.id or 0,
                person_id=subject.visit.someone.id or 0,
                reason=posted.text("reason"),
                via=subject.via,
            )
            address = f"{subject.base}/arende/{case.id}"
    except Refused as refused:
        return _again(request, posted, refused, "avsluta")
    return go_to(f"{address}?klart=avsluta#klart")


@router.get("/{slug}/idag/{link_id}/arende/{case_id}/bevis/{evidence_id}")
@router.get("/{slug}/mina/{link_id}/idag/arende/{case_id}/bevis/{evidence_id}")
def evidence_file(request: Request) -> Response:
    """A file, as what it is and to be saved: never shown by the browser as a page of ours."""
    with desk_of(request).reads() as session:
        _, case = _case(session, request)
        kept = session.get(CaseEvidence, id_in(request, "evidence_id"))
        if kept is None or kept.case_id != case.id:
            raise not_found()
        name = kept.file_name or "avskrift.txt"
        headers = {
            "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        }
        return Response(kept.content, media_type=kept.media_type, headers=headers)


@router.get("/{slug}/mina/{link_id}/arenden")
def open_cases(request: Request) -> Response:
    """All of the municipality's open cases, for communications."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = member_visit(session, request)
        lines = open_case_lines(session, col(Case.municipality_id) == visit.municipality.id)
        return desk.show("case/list.html", municipality=visit.municipality, visit=visit, cases=lines)
