"""An account's own page, and what its people may ask for there."""

from collections.abc import Callable
from datetime import date, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import caring, documenting
from lifecycle.law import law_in_force
from lifecycle.refusals import Refused
from models import Account, AccountRoleKind
from web.account_view import account_page
from web.desk import Desk, desk_of, go_to
from web.diary import enter_number
from web.forms import Posted, PostedForm, demand_token
from web.my_view import is_communications
from web.subjects import Subject, account_subject

router = APIRouter()
_EMPTY = Posted()


@router.get("/{slug}/mina/{link_id}/konto/{account_id}")
def account_home(request: Request) -> Response:
    """The account."""
    desk = desk_of(request)
    with desk.reads() as session:
        subject, account = account_subject(session, request)
        return _page(session, desk, subject, account, done=request.query_params.get("klart", ""))


def _page(
    session: Session,
    desk: Desk,
    subject: Subject,
    account: Account,
    *,
    posted: Posted = _EMPTY,
    refused: Refused | None = None,
    refused_form: str = "",
    done: str = "",
) -> Response:
    law = law_in_force(session, account.municipality_id, subject.visit.now)
    person, is_member = subject.visit.someone, is_communications(session, subject.visit)
    return desk.show(
        "mine/account.html",
        status=422 if refused else 200,
        municipality=subject.visit.municipality,
        visit=subject.visit,
        base=subject.base,
        page=account_page(session, law, account, person, subject.visit.now, told_all=is_member),
        person=person,
        account=account,
        today=law.day_of(subject.visit.now),
        communications=is_member,
        posted=posted,
        refused=refused,
        refused_form=refused_form,
        done=done,
    )


Wish = Callable[[Session, Subject, Account, Posted], None]


@router.post("/{slug}/mina/{link_id}/konto/{account_id}/{form}")
def ask(request: Request, form: str, posted: PostedForm) -> Response:
    """Ask for a change: what the policy wants decided is decided by others."""
    desk, wish = desk_of(request), WISHES.get(form)
    try:
        with desk.works(desk.now()) as session:
            subject, account = account_subject(session, request, lock=True)
            demand_token(posted, request, subject.visit)
            if wish is not None:
                wish(session, subject, account, posted)
    except Refused as refused:
        return _again(request, posted, refused, form)
    if form == "flytta":  # Who led the unit that it left may not see it any more.
        return go_to(subject.visit.base)
    return go_to(f"{subject.base}?klart={form}#klart" if wish else subject.base)


def _again(request: Request, posted: Posted, refused: Refused, form: str) -> Response:
    desk = desk_of(request)
    with desk.reads() as session:
        subject, account = account_subject(session, request)
        return _page(session, desk, subject, account, posted=posted, refused=refused, refused_form=form)


def _ask_for_administrator(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    kinds = set(AccountRoleKind) - {AccountRoleKind.GUEST}
    chosen = posted.text("kind")
    instead_of = posted.text("instead_of")
    caring.ask_for_administrator(
        session,
        subject.visit.now,
        account_id=account.id or 0,
        person_id=subject.visit.someone.id or 0,
        email=posted.text("email"),
        kind=AccountRoleKind(chosen) if chosen in kinds else AccountRoleKind.ADMINISTRATOR,
        instead_of_role_id=_number(instead_of),
        via=subject.via,
    )


def _ask_for_guest(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    """The page asks for the last day; the role ends on the day after."""
    since, last = _day(posted.text("since")), _day(posted.text("last"))
    caring.ask_for_guest(
        session,
        subject.visit.now,
        account_id=account.id or 0,
        person_id=subject.visit.someone.id or 0,
        email=posted.text("email"),
        since=since,
        until=last + timedelta(days=1),
        via=subject.via,
    )


def _end_role(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    caring.end_role(
        session,
        subject.visit.now,
        account_id=account.id or 0,
        person_id=subject.visit.someone.id or 0,
        role_id=_number(posted.text("role")) or 0,
        via=subject.via,
    )


def _ask_to_close(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    caring.ask_to_close(
        session,
        subject.visit.now,
        account_id=account.id or 0,
        person_id=subject.visit.someone.id or 0,
        reason=posted.text("reason"),
        via=subject.via,
    )


def _withdraw_request(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    role = posted.text("role")
    role_id = _number(role)
    if role and role_id is None:
        raise Refused("task_gone")
    caring.withdraw_request(
        session,
        subject.visit.now,
        account_id=account.id or 0,
        person_id=subject.visit.someone.id or 0,
        reason=posted.text("reason"),
        role_id=role_id,
        via=subject.via,
    )


def _change_address(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    caring.change_address(
        session,
        subject.visit.now,
        account_id=account.id or 0,
        person_id=subject.visit.someone.id or 0,
        address=posted.text("address"),
        via=subject.via,
    )


def _change_unit(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    caring.change_unit(
        session,
        subject.visit.now,
        account_id=account.id or 0,
        person_id=subject.visit.someone.id or 0,
        unit_id=_number(posted.text("unit")) or 0,
        via=subject.via,
    )


def _tell_major_change(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    documenting.tell_major_change(
        session,
        subject.visit.now,
        account_id=account.id or 0,
        person_id=subject.visit.someone.id or 0,
        via=subject.via,
    )


def _number_paper(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    enter_number(session, subject.visit, _number(posted.text("handling")) or 0, posted.text("nummer"))


WISHES: dict[str, Wish] = {
    "diarienummer": _number_paper,
    "andring": _tell_major_change,
    "ny-adress": _change_address,
    "flytta": _change_unit,
    "ny-administrator": _ask_for_administrator,
    "gast": _ask_for_guest,
    "avsluta-roll": _end_role,
    "avsluta": _ask_to_close,
    "ta-tillbaka": _withdraw_request,
}


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _day(text: str) -> date:
    """Raises Refused for what is no day, or one that no calendar reaches."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise Refused("dates_wrong") from error
    if not 2000 <= day.year <= 2200:
        raise Refused("dates_wrong")
    return day
