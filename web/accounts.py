"""An account's own page, and what its people may ask for there."""

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import caring, documenting, exempting, resting
from lifecycle.closing import is_decided_by_asking
from lifecycle.exempting import LONGEST_DAYS
from lifecycle.identifying import demands_sign_in
from lifecycle.law import Law, law_in_force
from lifecycle.refusals import Refused
from models import Account, AccountRoleKind, TaskKind
from web.account_view import account_page
from web.dates import day_after, day_in, number_in
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
        signing=subject.sign_in_standing(desk, wanted=_closes_by_asking(law, account, subject.visit.now)),
    )


def _closes_by_asking(law: Law, account: Account, now: datetime) -> bool:
    """Whether asking to close the account is a decision for which one signs in."""
    return is_decided_by_asking(law, account, now) and demands_sign_in(law.policy, TaskKind.DECIDE)


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
        instead_of_role_id=number_in(instead_of),
        via=subject.via,
    )


def _ask_for_guest(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    """The page asks for the last day; the role ends on the day after."""
    since, until = day_in(posted.text("since")), day_after(posted.text("last"))
    caring.ask_for_guest(
        session,
        subject.visit.now,
        account_id=account.id or 0,
        person_id=subject.visit.someone.id or 0,
        email=posted.text("email"),
        since=since,
        until=until,
        via=subject.via,
    )


def _end_role(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    caring.end_role(
        session,
        subject.visit.now,
        account_id=account.id or 0,
        person_id=subject.visit.someone.id or 0,
        role_id=number_in(posted.text("role")) or 0,
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
        signed_in=subject.signed_in,
    )


def _withdraw_request(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    role = posted.text("role")
    role_id = number_in(role)
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
        unit_id=number_in(posted.text("unit")) or 0,
        via=subject.via,
    )


def _let_rest(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    """The page asks for the last day of rest."""
    resting.let_rest(
        session,
        subject.visit.now,
        account_id=account.id or 0,
        person_id=subject.visit.someone.id or 0,
        from_on=day_in(posted.text("since"), Refused("rest_dates")),
        until_on=day_after(posted.text("last"), Refused("rest_dates")),
        via=subject.via,
    )


def _wake(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    person_id = subject.visit.someone.id or 0
    resting.wake(session, subject.visit.now, account_id=account.id or 0, person_id=person_id, via=subject.via)


def _set_end(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    """An empty field takes the day away."""
    text = posted.text("ends_on")
    resting.set_end(
        session,
        subject.visit.now,
        account_id=account.id or 0,
        person_id=subject.visit.someone.id or 0,
        ends_on=day_in(text, Refused("end_past")) if text.strip() else None,
        via=subject.via,
    )


def _exempt(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    exempting.exempt(
        session,
        subject.visit.now,
        account_id=account.id or 0,
        person_id=subject.visit.someone.id or 0,
        duty=posted.text("duty"),
        until_on=day_after(posted.text("last"), Refused("exemption_dates", days=LONGEST_DAYS)),
        reason=posted.text("reason"),
        via=subject.via,
    )


def _end_exemption(session: Session, subject: Subject, account: Account, posted: Posted) -> None:
    exempting.end(
        session,
        subject.visit.now,
        account_id=account.id or 0,
        exemption_id=number_in(posted.text("exemption")) or 0,
        person_id=subject.visit.someone.id or 0,
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
    enter_number(session, subject.visit, number_in(posted.text("handling")) or 0, posted.text("nummer"))


WISHES: dict[str, Wish] = {
    "diarienummer": _number_paper,
    "andring": _tell_major_change,
    "vila": _let_rest,
    "vila-slut": _wake,
    "slutdatum": _set_end,
    "undantag": _exempt,
    "undantag-slut": _end_exemption,
    "ny-adress": _change_address,
    "flytta": _change_unit,
    "ny-administrator": _ask_for_administrator,
    "gast": _ask_for_guest,
    "avsluta-roll": _end_role,
    "avsluta": _ask_to_close,
    "ta-tillbaka": _withdraw_request,
}
