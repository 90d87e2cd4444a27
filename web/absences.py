"""Frånvaro: one's own, and of those whom one leads or all for communications. Why is never asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import absences as acts
from lifecycle.absences import absences_from
from lifecycle.law import Law, law_in_force
from lifecycle.refusals import Refused
from lifecycle.returned_mail import suggested_absence
from models import Absence, Person, ReturnedMail
from web.dates import day_after, day_in
from web.desk import Desk, desk_of, go_to
from web.forms import Posted, PostedForm, demand_token
from web.my_view import is_communications, leads_somebody
from web.subjects import my_visit
from web.turning import not_found
from web.visits import Visit, id_in

router = APIRouter()
_EMPTY = Posted()


@dataclass(frozen=True)
class AbsenceLine:
    """One absence, by names."""

    absence: Absence
    person: Person
    substitute: Person | None
    """Who stands in: the absence's own substitute, else the person's."""
    said_by: Person | None


@dataclass(frozen=True)
class Suggested:
    """What an out-of-office answer says, for the form."""

    person: Person
    is_own: bool
    from_on: date
    last_on: date | None


@router.get("/{slug}/mina/{link_id}/franvaro")
def absences_page(request: Request) -> Response:
    """The absences that last or are to come."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = my_visit(session, request)
        return _page(session, desk, visit, done=request.query_params.get("klart", ""))


@router.get("/{slug}/mina/{link_id}/franvaro/forslag/{returned_id}")
def suggestion(request: Request) -> Response:
    """The same page, filled in as an out-of-office answer said. Nothing is entered by opening it."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = my_visit(session, request)
        law = law_in_force(session, visit.municipality.id or 0, visit.now)
        mail = suggested_absence(session, law.municipality_id, id_in(request, "returned_id"))
        person = session.get(Person, mail.person_id) if mail is not None else None
        if mail is None or person is None:
            raise not_found()
        if not acts.may_enter_for(session, person, visit.someone, law.day_of(visit.now)):
            raise not_found()
        return _page(session, desk, visit, suggested=_suggested(mail, person, visit, law))


def _suggested(mail: ReturnedMail, person: Person, visit: Visit, law: Law) -> Suggested:
    """The days that are still ahead; an answer that came some time ago may tell of days that are over."""
    today = law.day_of(visit.now)
    until_on = mail.until_on if mail.until_on and mail.until_on > today else None
    return Suggested(
        person=person,
        is_own=person.id == visit.someone.id,
        from_on=max(mail.from_on or today, today),
        last_on=until_on - timedelta(days=1) if until_on else None,
    )


def _page(
    session: Session,
    desk: Desk,
    visit: Visit,
    *,
    suggested: Suggested | None = None,
    refused: Refused | None = None,
    refused_form: str = "",
    posted: Posted = _EMPTY,
    done: str = "",
) -> Response:
    on = law_in_force(session, visit.municipality.id or 0, visit.now).day_of(visit.now)
    lines = [_line(session, one) for one in absences_from(session, visit.municipality.id or 0, on)]
    me = visit.someone
    return desk.show(
        "mine/absences.html",
        status=422 if refused else 200,
        municipality=visit.municipality,
        visit=visit,
        person=me,
        usual=session.get(Person, me.substitute_id) if me.substitute_id else None,
        own=[one for one in lines if one.person.id == me.id],
        others=_others(session, lines, me, on),
        may_enter_others=is_communications(session, visit) or leads_somebody(session, me),
        today=on,
        suggested=suggested,
        refused=refused,
        refused_form=refused_form,
        posted=posted,
        done=done,
    )


def _line(session: Session, absence: Absence) -> AbsenceLine:
    person = session.get_one(Person, absence.person_id)
    substitute_id = absence.substitute_id or person.substitute_id
    substitute = session.get(Person, substitute_id) if substitute_id else None
    said_by = session.get(Person, absence.entered_by_id) if absence.entered_by_id else None
    return AbsenceLine(absence, person, substitute, said_by)


def _others(session: Session, lines: Sequence[AbsenceLine], me: Person, on: date) -> list[AbsenceLine]:
    return [
        one for one in lines if one.person.id != me.id and acts.may_enter_for(session, one.person, me, on)
    ]


@router.post("/{slug}/mina/{link_id}/franvaro")
def enter(request: Request, posted: PostedForm) -> Response:
    """Enter an absence."""

    def _enter(session: Session, visit: Visit) -> None:
        acts.enter(
            session,
            visit.now,
            by_id=visit.someone.id or 0,
            email=posted.text("email"),
            from_on=day_in(posted.text("from"), Refused("absence_past")),
            until_on=_first_day_back(posted),
            substitute_email=posted.text("substitute"),
            via="portal",
        )

    return _do(request, posted, "ny", _enter)


def _first_day_back(posted: Posted) -> date | None:
    return day_after(posted.text("last"), Refused("absence_order")) if posted.text("last").strip() else None


@router.post("/{slug}/mina/{link_id}/franvaro/{absence_id}")
def change(request: Request, posted: PostedForm) -> Response:
    """Give it another end or substitute."""
    absence_id = id_in(request, "absence_id")

    def _change(session: Session, visit: Visit) -> None:
        acts.change(
            session,
            visit.now,
            by_id=visit.someone.id or 0,
            absence_id=absence_id,
            until_on=_first_day_back(posted),
            substitute_email=posted.text("substitute"),
            via="portal",
        )

    return _do(request, posted, f"andra-{absence_id}", _change)


@router.post("/{slug}/mina/{link_id}/franvaro/{absence_id}/avsluta")
def end(request: Request, posted: PostedForm) -> Response:
    """Back from today, or not away after all."""
    absence_id = id_in(request, "absence_id")

    def _end(session: Session, visit: Visit) -> None:
        acts.end(session, visit.now, by_id=visit.someone.id or 0, absence_id=absence_id, via="portal")

    return _do(request, posted, f"andra-{absence_id}", _end, done="avslutad")


def _do(
    request: Request, posted: Posted, form: str, act: Callable[[Session, Visit], None], done: str = "sparad"
) -> Response:
    """The act in its transaction; a refusal shows the form again with what was posted."""
    desk = desk_of(request)
    try:
        with desk.works(desk.now()) as session:
            visit = my_visit(session, request)
            demand_token(posted, request, visit)
            act(session, visit)
    except Refused as refused:
        with desk.reads() as session:
            visit = my_visit(session, request)
            return _page(session, desk, visit, refused=refused, refused_form=form, posted=posted)
    return go_to(f"{visit.base}/franvaro?klart={done}#klart")
