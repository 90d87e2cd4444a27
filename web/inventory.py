"""Inventering: whose each taken-over account is, said on one page; and the whole list for communications."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlmodel import Session, col

from acts import inventory as acts
from lifecycle.inventory import Gap, gaps_of, inventory_answers, taken_over
from lifecycle.law import Law, law_in_force
from lifecycle.refusals import Refused
from lifecycle.tasks import holders_of
from models import Account, Outcome, Person, TaskHolder, TaskKind, TaskState, UserTask
from web.application_view import unit_name
from web.desk import Desk, desk_of, go_to
from web.forms import Posted, PostedForm, demand_token
from web.my_view import member_visit
from web.subjects import Subject, day_subject
from web.turning import not_found

router = APIRouter()
_EMPTY = Posted()
ANSWERS = {"mitt": Outcome.CONFIRMED, "nagon-annans": Outcome.DECLINE, "avslutat": Outcome.CLOSE}


@dataclass(frozen=True)
class Asked:
    """One account that the visitor is asked about, or has answered for."""

    task: UserTask
    account: Account
    unit: str
    gaps: Sequence[Gap]
    is_open: bool


@dataclass(frozen=True)
class Listed:
    """One account in the list of communications."""

    account: Account
    unit: str
    standing: str
    """unasked, waits, or the answer's code."""
    who: str
    """Who is asked, or who answered."""
    gaps: Sequence[Gap]


@router.get("/{slug}/idag/{link_id}/inventering")
@router.get("/{slug}/mina/{link_id}/idag/inventering")
def own_page(request: Request) -> Response:
    """The visitor's accounts."""
    desk = desk_of(request)
    with desk.reads() as session:
        subject = day_subject(session, request)
        return _own(session, desk, subject, done="klart" in request.query_params)


def _own(
    session: Session,
    desk: Desk,
    subject: Subject,
    *,
    refused: Refused | None = None,
    posted: Posted = _EMPTY,
    done: bool = False,
) -> Response:
    visit = subject.visit
    law = law_in_force(session, visit.municipality.id or 0, visit.now)
    asked = _asked(session, law, subject)
    return desk.show(
        "today/inventory.html",
        status=422 if refused else 200,
        municipality=visit.municipality,
        visit=visit,
        base=subject.base,
        waiting=[one for one in asked if one.is_open],
        answered=[one for one in asked if not one.is_open],
        refused=refused,
        posted=posted,
        done=done,
    )


def _asked(session: Session, law: Law, subject: Subject) -> list[Asked]:
    held = select(col(TaskHolder.task_id)).where(col(TaskHolder.person_id) == subject.visit.someone.id)
    rows = (
        select(UserTask, Account)
        .join(Account, col(Account.id) == col(UserTask.account_id))
        .where(
            col(UserTask.kind) == TaskKind.INVENTORY,
            col(UserTask.state).in_([TaskState.OPEN, TaskState.DONE]),
            col(UserTask.id).in_(held),
        )
        .order_by(col(Account.name), col(Account.id))
    )
    on = law.day_of(subject.visit.now)
    return [
        Asked(
            task,
            account,
            unit_name(session, account),
            gaps_of(session, law, account, on),
            task.state is TaskState.OPEN,
        )
        for task, account in session.execute(rows)
    ]


@router.post("/{slug}/idag/{link_id}/inventering")
@router.post("/{slug}/mina/{link_id}/idag/inventering")
def answer(request: Request, posted: PostedForm) -> Response:
    """Every account that has an answer; the others wait."""
    desk = desk_of(request)
    try:
        with desk.works(desk.now()) as session:
            subject = day_subject(session, request)
            demand_token(posted, request, subject.visit)
            given = _given(posted)
            if not given:
                raise Refused("nothing_chosen")
            _keep(session, subject, given, posted)
    except Refused as refused:
        with desk.reads() as session:
            return _own(session, desk, day_subject(session, request), refused=refused, posted=posted)
    return go_to(f"{subject.base}/inventering?klart#klart")


def _given(posted: Posted) -> dict[int, Outcome]:
    """By task, what was chosen."""
    found: dict[int, Outcome] = {}
    for name in posted.values:
        number = name.removeprefix("svar-")
        if name != number and number.isdecimal() and len(number) < 10:
            outcome = ANSWERS.get(posted.text(name))
            found |= {int(number): outcome} if outcome else {}
    return found


def _keep(session: Session, subject: Subject, given: Mapping[int, Outcome], posted: Posted) -> None:
    for task_id, outcome in given.items():
        task = session.get(UserTask, task_id)
        if task is None or task.kind is not TaskKind.INVENTORY:
            raise not_found()
        if task.municipality_id != subject.visit.municipality.id:
            raise not_found()
        acts.answer(
            session,
            subject.visit.now,
            task_id=task_id,
            person_id=subject.visit.someone.id or 0,
            outcome=outcome,
            says=posted.text(f"vem-{task_id}"),
            via=subject.via,
        )


@router.get("/{slug}/mina/{link_id}/inventering")
def whole_page(request: Request) -> Response:
    """All accounts that were taken over, for communications."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = member_visit(session, request)
        law = law_in_force(session, visit.municipality.id or 0, visit.now)
        return desk.show(
            "mine/inventory.html",
            municipality=visit.municipality,
            visit=visit,
            listed=_listed(session, law, visit.now),
        )


def _listed(session: Session, law: Law, now: datetime) -> list[Listed]:
    answers, on = inventory_answers(session, law), law.day_of(now)
    return [
        _line(session, law, account, answers.get(account.id or 0), on) for account in taken_over(session, law)
    ]


def _line(session: Session, law: Law, account: Account, task: UserTask | None, on: date) -> Listed:
    standing, who = "unasked", ""
    if task is not None and task.state is TaskState.OPEN:
        standing, who = "waits", ", ".join(_names(session, task))
    elif task is not None and task.outcome is not None:
        standing = task.outcome.value
        who = session.get_one(Person, task.answered_by_id).name if task.answered_by_id else ""
    return Listed(account, unit_name(session, account), standing, who, gaps_of(session, law, account, on))


def _names(session: Session, task: UserTask) -> list[str]:
    return [session.get_one(Person, row.person_id).name for row in holders_of(session, task.id)]
