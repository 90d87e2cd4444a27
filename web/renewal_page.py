"""Confirming anew: a line of the checklist, or documents in their new edition."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from acts import renewals as acts
from lifecycle.conditions import facts_of
from lifecycle.law import law_in_force
from lifecycle.refusals import Refused
from lifecycle.setting_up import items_for
from models import Account, UserTask
from web.forms import Posted
from web.subjects import Subject


def values(session: Session, subject: Subject, task: UserTask, account: Account | None) -> Mapping[str, Any]:
    """The line's own rule, which says what has to be given; or the documents."""
    law, rule = law_in_force(session, task.municipality_id, subject.visit.now), None
    if account is not None:
        lines = items_for(law, facts_of(account), law.day_of(subject.visit.now))
        rule = next((one for one in lines if one.item == task.step), None)
    return {"rule": rule, "documents": task.details.get("documents", [])}


def answer(session: Session, subject: Subject, task: UserTask, posted: Posted) -> None:
    """Yes, or no and what is wrong."""
    who = {"task_id": task.id or 0, "person_id": subject.visit.someone.id or 0}
    match posted.text("stammer"):
        case "ja":
            given = {name: posted.text(name) for name in ("way", "place") if posted.has(name)}
            acts.confirm_anew(session, subject.visit.now, **who, given=given, via=subject.via)
        case "nej":
            acts.deny(session, subject.visit.now, **who, what=posted.text("vad"), via=subject.via)
        case _:
            raise Refused("outcome_unknown")
