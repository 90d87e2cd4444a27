"""What a visitor reports from the register: the form, and the receipt that says what happens next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from acts import reporting
from acts.cases import read_case
from lifecycle.case_steps import TAKEN_OVER, step_label
from lifecycle.case_times import limits_of
from lifecycle.conditions import facts_of
from lifecycle.law import law_in_force
from lifecycle.refusals import Refused
from lifecycle.register import Entry
from lifecycle.reporting import Reportable, Said, matters_for, morning_after
from lifecycle.states import PERMITS, Act
from models import Account, Case, CaseState, Municipality, TaskState, UserTask, VisitorReport
from web.dates import number_in
from web.desk import Desk, desk_of, go_to
from web.forms import Posted, PostedForm
from web.register_query import ADDRESS, Opened, entry_at, register_at
from web.turning import Turned, not_found
from web.visits import municipality_at

router = APIRouter()
_EMPTY = Posted()


@dataclass(frozen=True)
class Choice:
    """One thing that can be reported, and until when the policy wants it done if it is reported now."""

    matter: str
    label: str
    """The policy's own words; empty for what the page words itself."""
    includes: Sequence[str]
    due_at: datetime | None
    advised_at: datetime | None


@router.get("/{slug}/konton/rapportera")
def unknown_form(request: Request, slug: str) -> Response:
    """The form about an account that the register does not know."""
    address = request.query_params.get(ADDRESS, "")
    with register_at(request, slug) as it:
        return _form(it, None, (), Posted({ADDRESS: [address]}))


@router.get("/{slug}/konton/{account_id}/rapportera")
def form(request: Request, slug: str) -> Response:
    """The form about one account."""
    address = request.query_params.get(ADDRESS, "")
    with register_at(request, slug) as it:
        entry, account = _reported_about(it, request)
        return _form(it, entry, _choices(it, account), Posted({ADDRESS: [address]}))


def _reported_about(it: Opened, request: Request) -> tuple[Entry, Account]:
    """An account that stands in the register and in which somebody can still do something."""
    entry = entry_at(it, request)
    account = it.session.get_one(Account, entry.account_id)
    if not entry.is_open or Act.OPEN_CASE not in PERMITS[account.state]:
        raise not_found()
    return entry, account


def _choices(it: Opened, account: Account) -> list[Choice]:
    facts = facts_of(account)
    return [_choice(it, account, one) for one in matters_for(it.law, facts, it.law.day_of(it.now))]


def _choice(it: Opened, account: Account, one: Reportable) -> Choice:
    limits = limits_of(it.law, one.kind, facts_of(account), it.now)
    label = one.kind.label if one.kind.removal else ""
    return Choice(one.matter, label, one.kind.includes, limits.due_at, limits.advised_at)


def _form(
    it: Opened, entry: Entry | None, choices: Sequence[Choice], posted: Posted, refused: Refused | None = None
) -> Response:
    return it.desk.show(
        "register/report.html",
        status=422 if refused else 200,
        municipality=it.municipality,
        base=it.base,
        entry=entry,
        choices=choices,
        posted=posted,
        refused=refused,
        telephone_help=bool(it.municipality.notice_address),
    )


@router.post("/{slug}/konton/rapportera")
def report_unknown(request: Request, slug: str, posted: PostedForm) -> Response:
    """Have it looked into, and show the receipt."""
    desk, now = desk_of(request), desk_of(request).now()
    _demand_room(request, desk, now)
    try:
        with desk.works(now) as session:
            municipality = municipality_at(session, slug)
            number = municipality.id or 0
            said = _said(posted, "unknown")
            report = reporting.report_unknown(session, now, municipality_id=number, said=said)
            return _to_receipt(desk, municipality, report)
    except Refused as refused:
        with register_at(request, slug) as it:
            return _form(it, None, (), posted, refused)


@router.post("/{slug}/konton/{account_id}/rapportera")
def report(request: Request, slug: str, posted: PostedForm) -> Response:
    """Open a case, and show the receipt."""
    desk, now = desk_of(request), desk_of(request).now()
    _demand_room(request, desk, now)
    with register_at(request, slug) as it:
        entry, _ = _reported_about(it, request)
    try:
        with desk.works(now) as session:
            said = _said(posted, posted.text("galler"))
            report = reporting.report_account(session, now, account_id=entry.account_id, said=said)
            return _to_receipt(desk, it.municipality, report)
    except Refused as refused:
        with register_at(request, slug) as it:
            entry, account = _reported_about(it, request)
            return _form(it, entry, _choices(it, account), posted, refused)


def _said(posted: Posted, matter: str) -> Said:
    return Said(matter, posted.text("vad"), posted.text(ADDRESS), posted.text("kontakt"))


def _demand_room(request: Request, desk: Desk, now: datetime) -> None:
    """Nobody fills the inboxes of those who look after accounts."""
    until = desk.reports.full_until(request.client.host if request.client else "", now)
    if until is not None:
        raise Turned(429, "turned/too_many_reports.html", until=until)


def _to_receipt(desk: Desk, municipality: Municipality, report: VisitorReport) -> Response:
    return go_to(f"/{municipality.slug}/konton/kvitto/{desk.signer.receipt(report)}")


@router.get("/{slug}/konton/kvitto/{code}")
def receipt(request: Request, slug: str, code: str) -> Response:
    """What happens with a report, for the one who sent it; nothing of what was written."""
    number = number_in(code.partition(".")[0])
    with register_at(request, slug) as it:
        report = it.session.get(VisitorReport, number) if number else None
        if report is None or report.municipality_id != it.municipality.id:
            raise not_found()
        if not it.desk.signer.is_receipt(code, report):
            raise not_found()
        values = _of_case(it, report) if report.case_id else _of_unknown(it, report)
        values |= {"municipality": it.municipality, "base": it.base, "report": report}
        return it.desk.show("register/receipt.html", **values)


def _of_case(it: Opened, report: VisitorReport) -> dict[str, Any]:
    case = it.session.get_one(Case, report.case_id)
    at_hand, law = read_case(it.session, case)
    limits = at_hand.limits
    at_once = limits.are_given or case.kind == TAKEN_OVER
    return {
        "entry": it.register.entry(case.account_id),
        "label": case.label if at_hand.kind.removal else "",
        "steps": [step_label(at_hand.kind, step) for step in at_hand.kind.steps],
        "due_at": limits.due_at,
        "advised_at": limits.advised_at,
        "has_joined": bool(report.what),
        "read_at": None if at_once else morning_after(law, report.received_at),
        "closed_at": case.closed_at if case.state is CaseState.CLOSED else None,
    }


def _of_unknown(it: Opened, report: VisitorReport) -> dict[str, Any]:
    task, at = it.session.get(UserTask, report.task_id or 0), report.received_at
    return {
        "entry": None,
        "has_joined": False,
        "label": "",
        "steps": [],
        "due_at": None,
        "advised_at": None,
        "read_at": morning_after(law_in_force(it.session, report.municipality_id, at), at),
        "closed_at": task.answered_at if task and task.state is not TaskState.OPEN else None,
    }
