"""Somebody leaves: begun in the portal or by command, confirmed by a mailed link, carried out on the day."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from acts.confirmed import ConfirmedAct
from acts.leaving_words import held_words
from acts.rounds import Round
from languages.speaking import day_as_kept, said
from lifecycle import leaving
from lifecycle.confirming import ask_to_confirm
from lifecycle.duty_tasks import open_duty, open_of_kind
from lifecycle.events import ENGINE, By
from lifecycle.law import Law, law_in_force
from lifecycle.plans import person_by_email
from lifecycle.refusals import Refused
from lifecycle.roles import has_left, holders_of_post, post_holders, units_upwards
from lifecycle.rounds import Findings, working_day_after
from lifecycle.tasks import withdraw
from models import IS_OPEN, Person, Process, TaskKind, TaskState, UserTask
from policies.keys import Role

ACT = "leave"
LEFT_STEP = "slutat"
_DAYS_AWAY = 366


def may_say_left(session: Session, person: Person, by: Person, on: date) -> bool:
    """Whether somebody may say that a person leaves: managers above, and communications; not oneself."""
    leads = {unit.line_manager_id for unit in units_upwards(session, person.unit_id)}
    members = {one.id for one in post_holders(session, person.municipality_id, Role.COMMUNICATIONS, on)}
    return by.id != person.id and by.id in leads | members


def ask(
    session: Session,
    now: datetime,
    *,
    by_id: int,
    person_id: int,
    last_on: date,
    all_to: str = "",
    each_to: Mapping[str, str] | None = None,
    via: str,
) -> UserTask:
    """Begin somebody's leaving; nothing happens before the one who began it has confirmed it.

    `all_to` takes over everything that `each_to` (addresses by `Held.key`) does not name.
    """
    by, person, law, on = _who(session, by_id, person_id, now)
    if abs((last_on - on).days) > _DAYS_AWAY:
        raise Refused("last_day_wrong")
    leaving.demand_may_move(session, person, by, now)
    values = {
        "person": person.id,
        "last_on": last_on.isoformat(),
        "all_to": _successor(session, law, person, all_to, on),
        "each_to": {
            key: _successor(session, law, person, email, on)
            for key, email in (each_to or {}).items()
            if email.strip()
        },
    }
    label = f"{person.name} slutar. Sista dag {day_as_kept(last_on)}"
    return ask_to_confirm(session, by, ACT, label, values, now, about=f"person:{person.id}", via=via)


def _who(session: Session, by_id: int, person_id: int, now: datetime) -> tuple[Person, Person, Law, date]:
    by, person = session.get_one(Person, by_id), session.get_one(Person, person_id)
    law = law_in_force(session, by.municipality_id, now)
    on = law.day_of(now)
    if person.municipality_id != by.municipality_id or not may_say_left(session, person, by, on):
        raise Refused("not_yours_to_say_left")
    return by, person, law, on


def _successor(session: Session, law: Law, person: Person, email: str, on: date) -> int | None:
    if not email.strip():
        return None
    to = person_by_email(session, law.municipality_id, email, on)
    if to.id == person.id:
        raise Refused("successor_leaves", name=person.name)
    return to.id


def successors_of(
    session: Session, law: Law, person: Person, values: Mapping[str, Any], on: date
) -> dict[str, Person | None]:
    """Who takes over each thing that the person holds today, as it was said when the act was begun."""
    each, rest = values.get("each_to", {}), values.get("all_to")
    found = {}
    for held in leaving.holdings(session, law, person, on):
        to_id = each.get(held.key, rest)
        found[held.key] = session.get(Person, to_id) if to_id is not None else None
    return found


def carry_out(session: Session, now: datetime, task: UserTask, by: By) -> None:
    """What was confirmed: roles are asked for, and the rest moves as soon as the person is gone."""
    values = task.details["values"]
    by_person, person, law, on = _who(session, by.person_id or 0, values["person"], now)
    leaving.demand_may_move(session, person, by_person, now)
    successors = successors_of(session, law, person, values, on)
    leaving.plan_leave(session, law, person, date.fromisoformat(values["last_on"]), successors, by, now)
    if has_left(person, on):
        _carry_out(session, law, person, successors, by, now)


def _carry_out(
    session: Session,
    law: Law,
    person: Person,
    successors: leaving.Successors,
    by: By,
    now: datetime,
) -> None:
    """What nobody has taken over is for communications to look into, once for each person."""
    left = leaving.carry_out(session, law, person, successors, by, now)
    waiting = _open_for(session, law, person)
    if not left:
        for task in waiting:
            withdraw(session, task, now, by=by)
        return
    last_resort = law.policy.settings.last_resort
    open_duty(
        session,
        law,
        None,
        now,
        kind=TaskKind.LOOK_INTO,
        once_key=f"left:{person.id}",
        step=LEFT_STEP,
        label=f"{person.name} har slutat. Se till att någon tar över",
        rule=None,
        role=Role.COMMUNICATIONS,
        holders=holders_of_post(
            session, law.municipality_id, Role.COMMUNICATIONS, last_resort=last_resort, on=law.day_of(now)
        ),
        details={"person": person.id},
    )


def _open_for(session: Session, law: Law, person: Person) -> list[UserTask]:
    rows = select(UserTask).where(
        col(UserTask.municipality_id) == law.municipality_id,
        col(UserTask.process) == Process.DUTIES,
        col(UserTask.kind) == TaskKind.LOOK_INTO,
        col(UserTask.step) == LEFT_STEP,
        IS_OPEN,
    )
    return [one for one in session.execute(rows).scalars() if one.details.get("person") == person.id]


def _leave(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    """Those whose last day has passed, whether or not anybody has said who takes over."""
    for person in leaving.gone(session, law, on):
        with findings.trying(session, f"person {person.id}"):
            said = _said_of(session, law, person, now)
            successors = successors_of(session, law, person, said.details["values"] if said else {}, on)
            by = By(said.answered_by_id, "engine") if said else ENGINE
            _carry_out(session, law, person, successors, by, now)
            findings.found += 1
    _close_what_is_done(session, law, on, now)


def _said_of(session: Session, law: Law, person: Person, now: datetime) -> UserTask | None:
    """What was last confirmed about the leaving, unless it concerns a matter of the mover's own by now."""
    rows = select(UserTask).where(
        col(UserTask.municipality_id) == law.municipality_id,
        col(UserTask.kind) == TaskKind.CONFIRM_ACT,
        col(UserTask.step) == ACT,
        col(UserTask.state) == TaskState.DONE,
        col(UserTask.outcome) == "confirmed",
    )
    found = session.execute(rows.order_by(col(UserTask.id).desc())).scalars()
    said = next((one for one in found if one.details["values"]["person"] == person.id), None)
    return said if said is not None and _still_may(session, person, said, now) else None


def _still_may(session: Session, person: Person, said: UserTask, now: datetime) -> bool:
    try:
        leaving.demand_may_move(session, person, session.get_one(Person, said.answered_by_id), now)
    except Refused:
        return False
    return True


def _close_what_is_done(session: Session, law: Law, on: date, now: datetime) -> None:
    """Nobody is asked to find somebody for what has been taken over meanwhile."""
    asked = open_of_kind(session, law.municipality_id, TaskKind.LOOK_INTO)
    for task in [one for one in asked if one.step == LEFT_STEP]:
        person = session.get_one(Person, task.details["person"])
        if not leaving.holdings(session, law, person, on):
            withdraw(session, task, now)


LEAVE = Round(
    "leaving",
    when=lambda law, now: working_day_after(law, now, law.policy.settings.digest_at),
    do=_leave,
    hour=lambda law: law.policy.settings.digest_at,
)


def _words(session: Session, now: datetime, task: UserTask) -> list[str]:
    """What will happen, a line each."""
    values = task.details["values"]
    person = session.get_one(Person, values["person"])
    law = law_in_force(session, task.municipality_id, now)
    on = law.day_of(now)
    successors = successors_of(session, law, person, values, on)
    return [
        f"{held_words(session, law, held)}: {_goes_to(successors[held.key])}"
        for held in leaving.holdings(session, law, person, on)
    ]


def _goes_to(to: Person | None) -> str:
    return said("tas över av %(name)s", name=to.name) if to else said("ingen utsedd")


LEAVING = ConfirmedAct(words=_words, carry_out=carry_out)
