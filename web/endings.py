"""What became of a link that can no longer be used, told to the person it was sent to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlmodel import Session, col

from acts.renewing import ask_for_fresh_link
from lifecycle.answers import holder_row
from lifecycle.events import EventKind
from models import Account, AuditEvent, LinkKind, Person, TaskState, UserTask
from web.desk import Desk, desk_of, go_to
from web.forms import PostedForm, demand_token
from web.turning import Turned
from web.visits import Visit, visit_of
from web.written import NOTHING, Written

router = APIRouter()


@dataclass(frozen=True)
class Ending:
    """How a question ended, or why it is no longer this person's."""

    code: str
    """answered, handed_over, no_answer, plan_changed, withdrawn, declined, ended, taken_back, overtaken,
    used or replaced."""
    by: Person | None = None
    on_behalf_of: Person | None = None
    to: Person | None = None
    at: datetime | None = None
    task: UserTask | None = None


def ending_of_task(session: Session, task: UserTask, person: Person, dead_why: str = "") -> Ending | None:
    """Why a person cannot answer a task; None when they can."""
    if task.state is TaskState.OPEN:
        return None if holder_row(session, task, person) else _handed_over(session, task)
    if task.state is TaskState.DONE:
        by, behalf = _person(session, task.answered_by_id), _person(session, task.on_behalf_of_id)
        return Ending("answered", by, behalf, at=task.answered_at, task=task)
    if task.state is TaskState.NO_ANSWER:
        return Ending("no_answer", at=task.due_at, task=task)
    if task.state is TaskState.TAKEN_BACK:
        return _from_event(session, task, "taken_back", EventKind.TAKEN_BACK)
    if dead_why == "plan_changed":
        return Ending("plan_changed", task=task)
    return _withdrawn(session, task)


def is_own_answer(ending: Ending | None, person: Person) -> bool:
    """Whether a question ended by this person's answer, which they may look at again."""
    if ending is None or ending.code != "answered" or ending.by is None:
        return False
    return ending.by.id == person.id


def _handed_over(session: Session, task: UserTask) -> Ending:
    event = _last_event(session, EventKind.HANDED_OVER, task_id=task.id)
    facts: dict[str, Any] = event.facts if event else {}
    to = _person(session, facts.get("to"))
    by = _person(session, event.actor_id if event else None)
    return Ending("handed_over", by, to=to, at=event.at if event else None, task=task)


_WITHDRAWING = {
    EventKind.APPLICATION_WITHDRAWN: "withdrawn",
    EventKind.APPLICATION_ENDED: "ended",
    EventKind.APPLICATION_DECLINED: "declined",
    EventKind.TAKEN_BACK: "taken_back",
    EventKind.PLAN_RESENT: "plan_changed",
    EventKind.APPLICATION_LAPSED: "lapsed",
}


def _withdrawn(session: Session, task: UserTask) -> Ending:
    """A withdrawn question: the last thing that happened to its account and that ends questions."""
    event = _last_event(session, *_WITHDRAWING, account_id=task.account_id)
    if event is None:
        return Ending("overtaken", task=task)
    code = _WITHDRAWING[EventKind(event.kind)]
    return Ending(code, _person(session, event.actor_id), at=event.at, task=task)


def _from_event(session: Session, task: UserTask, code: str, kind: EventKind) -> Ending:
    event = _last_event(session, kind, task_id=task.id)
    actor = _person(session, event.actor_id) if event else None
    return Ending(code, actor, at=event.at if event else None, task=task)


def _last_event(
    session: Session, *kinds: EventKind, task_id: int | None = None, account_id: int | None = None
) -> AuditEvent | None:
    rows = select(AuditEvent).where(col(AuditEvent.kind).in_([kind.value for kind in kinds]))
    if task_id is not None:
        rows = rows.where(col(AuditEvent.task_id) == task_id)
    if account_id is not None:
        rows = rows.where(col(AuditEvent.account_id) == account_id)
    return session.execute(rows.order_by(col(AuditEvent.number).desc()).limit(1)).scalars().first()


def _person(session: Session, person_id: int | None) -> Person | None:
    return session.get(Person, person_id) if person_id is not None else None


def closed_door(session: Session, desk: Desk, visit: Visit, written: Written = NOTHING) -> Response | None:
    """The page of a link that is not live any more, with what was posted too late; None for one that is."""
    if visit.standing == "live":
        return None
    if visit.standing == "unknown":
        raise Turned(404, "turned/unknown_link.html")
    template = "expired.html" if visit.standing == "expired" else "ended.html"
    replaced = (LinkKind.DIGEST, LinkKind.MORNING, LinkKind.DRAFT)
    code = "replaced" if visit.link.kind in replaced else "used"
    return ended_page(session, desk, visit, Ending(code, at=visit.link.dead_at), template, written=written)


def ended_page(
    session: Session,
    desk: Desk,
    visit: Visit,
    ending: Ending,
    template: str = "ended.html",
    *,
    told: str = "",
    written: Written = NOTHING,
) -> Response:
    """The page that tells what became of it."""
    account_id = ending.task.account_id if ending.task else visit.link.account_id
    account = session.get(Account, account_id) if account_id is not None else None
    return desk.show(
        template,
        status=410,
        municipality=visit.municipality,
        visit=visit,
        ending=ending,
        account=account,
        kind=visit.link.kind.value,
        told=told,
        written=written,
        sign_in=visit.link.kind is LinkKind.MY_PAGE and desk.provider(visit.municipality.slug) is not None,
    )


@router.post("/{slug}/{area}/{link_id}/ny-lank")
def send_fresh_link(request: Request, posted: PostedForm) -> Response:
    """Mail a new link to the same address."""
    desk = desk_of(request)
    with desk.works(desk.now()) as session:
        visit = visit_of(session, request)
        demand_token(posted, request, visit)
        if visit.standing == "expired":
            ask_for_fresh_link(session, visit.link, visit.now)
    return go_to(f"{visit.base}/ny-lank-skickad" if visit.standing == "expired" else visit.base)


@router.get("/{slug}/{area}/{link_id}/ny-lank-skickad")
def fresh_link_sent(request: Request) -> Response:
    """Says that the new letter is under way."""
    desk = desk_of(request)
    with desk.reads() as session:
        visit = visit_of(session, request)
        return desk.show("fresh_link_sent.html", municipality=visit.municipality, visit=visit)
