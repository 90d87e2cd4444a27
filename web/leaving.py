"""Någon slutar: one guided step for managers and communications, confirmed by a mailed link."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from acts import leaving as acts
from acts.leaving_words import held_words
from lifecycle.law import law_in_force
from lifecycle.leaving import Held, holdings
from lifecycle.plans import person_by_email
from lifecycle.refusals import Refused
from models import Person
from web.dates import day_in
from web.desk import Desk, desk_of, go_to
from web.forms import Posted, PostedForm, demand_token
from web.subjects import my_visit
from web.turning import not_found
from web.visits import Visit, id_in

router = APIRouter()
_EMPTY = Posted()


@dataclass(frozen=True)
class HeldLine:
    """One thing that the person holds, in words."""

    held: Held
    words: str


@router.get("/{slug}/mina/{link_id}/slutar")
def who_page(request: Request) -> Response:
    """Whom is it about?"""
    desk = desk_of(request)
    with desk.reads() as session:
        return _who_page(desk, my_visit(session, request))


def _who_page(desk: Desk, visit: Visit, refused: Refused | None = None, posted: Posted = _EMPTY) -> Response:
    return desk.show(
        "mine/who_leaves.html",
        status=422 if refused else 200,
        municipality=visit.municipality,
        visit=visit,
        refused=refused,
        posted=posted,
    )


@router.post("/{slug}/mina/{link_id}/slutar")
def find(request: Request, posted: PostedForm) -> Response:
    """To the page of the person with that address, if one may say that they leave."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = my_visit(session, request)
        demand_token(posted, request, visit)
        try:
            on = law_in_force(session, visit.municipality.id or 0, visit.now).day_of(visit.now)
            person = person_by_email(session, visit.municipality.id or 0, posted.text("email"), on)
            if not acts.may_say_left(session, person, visit.someone, on):
                raise Refused("not_yours_to_say_left")
        except Refused as refused:
            return _who_page(desk, visit, refused, posted)
        return go_to(f"{visit.base}/slutar/{person.id}")


@router.get("/{slug}/mina/{link_id}/slutar/{person_id}")
def leaving_page(request: Request) -> Response:
    """Everything that the person holds, and who takes it over."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = my_visit(session, request)
        return _page(session, desk, visit, _person(session, request, visit), "sant" in request.query_params)


def _person(session: Session, request: Request, visit: Visit) -> Person:
    person = session.get(Person, id_in(request, "person_id"))
    if person is None or person.municipality_id != visit.municipality.id:
        raise not_found()
    on = law_in_force(session, person.municipality_id, visit.now).day_of(visit.now)
    if not acts.may_say_left(session, person, visit.someone, on):
        raise not_found()
    return person


def _page(
    session: Session,
    desk: Desk,
    visit: Visit,
    person: Person,
    sent: bool = False,
    refused: Refused | None = None,
    posted: Posted = _EMPTY,
) -> Response:
    law = law_in_force(session, person.municipality_id, visit.now)
    on = law.day_of(visit.now)
    return desk.show(
        "mine/leaves.html",
        status=422 if refused else 200,
        municipality=visit.municipality,
        visit=visit,
        person=person,
        lines=_lines(session, person, visit),
        today=on,
        sent=sent,
        refused=refused,
        posted=posted,
    )


def _lines(session: Session, person: Person, visit: Visit) -> Sequence[HeldLine]:
    law = law_in_force(session, person.municipality_id, visit.now)
    held = holdings(session, law, person, law.day_of(visit.now))
    return [HeldLine(one, held_words(session, law, one)) for one in held]


@router.post("/{slug}/mina/{link_id}/slutar/{person_id}")
def leave(request: Request, posted: PostedForm) -> Response:
    """Begin it; a letter with a link goes to the one who did."""
    desk = desk_of(request)
    try:
        with desk.works(desk.now()) as session:
            visit = my_visit(session, request)
            demand_token(posted, request, visit)
            person = _person(session, request, visit)
            acts.ask(
                session,
                visit.now,
                by_id=visit.someone.id or 0,
                person_id=person.id or 0,
                last_on=day_in(posted.text("last"), Refused("last_day_wrong")),
                all_to=posted.text("all_to"),
                each_to={
                    line.held.key: posted.text(line.held.key) for line in _lines(session, person, visit)
                },
                via="portal",
            )
            address = f"{visit.base}/slutar/{person.id}?sant#klart"
    except Refused as refused:
        with desk.reads() as session:
            visit = my_visit(session, request)
            person = _person(session, request, visit)
            return _page(session, desk, visit, person, refused=refused, posted=posted)
    return go_to(address)
