"""An absence filled in by a form, when the one who began it has confirmed it by a mailed link.

It moves what waits for somebody to another (REQUIREMENTS 4.2), so the one who is away always gets a letter.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from acts import absences
from acts.confirmed import ConfirmedAct
from languages.speaking import day_as_kept, day_words, said
from lifecycle.events import By
from lifecycle.law import law_in_force
from lifecycle.own_matters import bound_in
from lifecycle.refusals import Refused
from lifecycle.tasks import holders_of
from models import Person, UserTask

ABSENCE = "absence"


def wanted_absence(
    person: Person, from_on: date, last_on: date | None, substitute: Person | None, today: date
) -> tuple[str, dict[str, Any]]:
    """An absence as it is begun: its label, and what is kept of it.

    Refused `absence_past` or `absence_order`.
    """
    if from_on < today:
        raise Refused("absence_past")
    if last_on is not None and last_on < from_on:
        raise Refused("absence_order")
    return f"Frånvaro: {person.name} är borta {_days(from_on, last_on)}", {
        "person": person.id,
        "from_on": from_on.isoformat(),
        "last_on": last_on.isoformat() if last_on else None,
        "substitute": substitute.id if substitute else None,
    }


def _days(from_on: date, last_on: date | None) -> str:
    until = f"till och med {day_as_kept(last_on)}" if last_on else "tills vidare"
    return f"från {day_as_kept(from_on)} {until}"


def _from_and_last(values: Mapping[str, Any], today: date) -> tuple[date, date | None]:
    """Its first and last day. What is confirmed after the first day begins on the day it is confirmed."""
    last_on = date.fromisoformat(values["last_on"]) if values["last_on"] else None
    return max(date.fromisoformat(values["from_on"]), today), last_on


def _words(session: Session, now: datetime, task: UserTask) -> list[str]:
    values, law = task.details["values"], law_in_force(session, task.municipality_id, now)
    person = session.get_one(Person, values["person"])
    from_on, last_on = _from_and_last(values, law.day_of(now))
    substitute_id = values["substitute"] or person.substitute_id
    to = session.get_one(Person, substitute_id).name if substitute_id else said("den som är närmast över")
    first, last = day_words(from_on), day_words(last_on) if last_on else ""
    who = {"person": person.name}
    confirmers = [session.get_one(Person, one.person_id) for one in holders_of(session, task.id)]
    own = any(one.id != person.id and bound_in(session, one, now) for one in confirmers)
    return [
        said("%(person)s är borta från %(first)s till och med %(last)s", **who, first=first, last=last)
        if last
        else said("%(person)s är borta från %(first)s tills vidare", **who, first=first),
        said(
            "Det som väntar på %(person)s, och det som kommer, går under tiden också till %(to)s",
            **who,
            to=to,
        ),
        *([said("Inget flyttas i ärenden som du själv har sökt eller avgjort")] if own else []),
        said("%(person)s får veta det i ett brev", **who),
    ]


def _enter(session: Session, now: datetime, task: UserTask, by: By) -> None:
    values, law = task.details["values"], law_in_force(session, task.municipality_id, now)
    today = law.day_of(now)
    from_on, last_on = _from_and_last(values, today)
    if last_on is not None and last_on < today:
        raise Refused("absence_over")
    substitute = session.get_one(Person, values["substitute"]) if values["substitute"] else None
    absences.enter(
        session,
        now,
        by_id=by.person_id or 0,
        email=session.get_one(Person, values["person"]).email,
        from_on=from_on,
        until_on=last_on + timedelta(days=1) if last_on else None,
        substitute_email=substitute.email if substitute else "",
        via=by.via,
        always_tell=True,
    )


ABSENCES: dict[str, ConfirmedAct] = {ABSENCE: ConfirmedAct(_words, _enter)}
