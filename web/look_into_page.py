"""Something that must be looked into: what it is, whom it is about, and what was done about it."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from acts import looking_into
from acts.leaving import may_say_left
from lifecycle.law import law_in_force
from lifecycle.reporting import report_behind
from lifecycle.returned_words import cause_of
from lifecycle.takeovers import asks_who_has_it
from models import Account, Person, ReturnedMail, UserTask
from web.forms import Posted
from web.subjects import Subject


def values(session: Session, subject: Subject, task: UserTask, account: Account | None) -> Mapping[str, Any]:
    """Whom and which accounts it is about, and what was said when it came up, or a visitor reported."""
    person = _person(session, task.details.get("person"))
    on = law_in_force(session, task.municipality_id, subject.visit.now).day_of(subject.visit.now)
    accounts = [session.get(Account, one) for one in task.details.get("accounts", ())]
    return {
        "about": person,
        "may_say_left": person is not None and may_say_left(session, person, subject.visit.someone, on),
        "said_by": _person(session, task.details.get("said_by")),
        "report": report_behind(session, task_id=task.id),
        **_returned(session, task),
        "taken_over": asks_who_has_it(task),
        "accounts": [one for one in accounts if one is not None],
    }


def _returned(session: Session, task: UserTask) -> Mapping[str, Any]:
    """The report of a letter that did not arrive, as long as it is kept."""
    mail = session.get(ReturnedMail, task.details.get("returned") or 0)
    return {"returned": mail, "cause": cause_of(mail.status, mail.kind) if mail else ""}


def _person(session: Session, person_id: int | None) -> Person | None:
    return session.get(Person, person_id) if person_id is not None else None


def answer(session: Session, subject: Subject, task: UserTask, posted: Posted) -> None:
    """Say what was found or done."""
    looking_into.put_right(
        session,
        subject.visit.now,
        task_id=task.id or 0,
        person_id=subject.visit.someone.id or 0,
        what=posted.text("gjort"),
        via=subject.via,
        harmless=posted.text("svar") == "ofarligt",
    )
