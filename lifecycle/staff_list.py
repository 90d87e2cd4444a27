"""What a night's staff list says of who works here: who is in it, who is not any more, and what to ask then.

Nobody is removed for not being in a list. Communications is asked to find out, once for each time somebody
goes missing from it.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import or_, select, update
from sqlmodel import Session, col

from lifecycle.duty_tasks import open_duty
from lifecycle.events import By
from lifecycle.law import Law
from lifecycle.roles import holders_of_post
from lifecycle.tasks import withdraw
from models import IS_OPEN, Person, Process, TaskKind, UserTask
from policies.keys import Role

GONE_STEP = "saknas"
_IDS_AT_ONCE = 500


def staff(session: Session, law: Law, on: date) -> list[Person]:
    """Everybody who works here on that day, as far as Kanalvakt knows."""
    rows = select(Person).where(
        col(Person.municipality_id) == law.municipality_id,
        or_(col(Person.left_on).is_(None), col(Person.left_on) > on),
    )
    return list(session.execute(rows.order_by(col(Person.id))).scalars())


def newly_missing(session: Session, people: Sequence[Person], listed: Collection[str]) -> list[Person]:
    """Those who are not in the list and have not been asked about since they last were."""
    missing = [person for person in people if person.email not in listed]
    rows = select(col(UserTask.once_key)).where(
        col(UserTask.municipality_id).in_({person.municipality_id for person in people}),
        col(UserTask.kind) == TaskKind.LOOK_INTO,
        col(UserTask.step) == GONE_STEP,
    )
    asked = set(session.execute(rows).scalars())
    return [person for person in missing if once_key(person) not in asked]


def once_key(person: Person) -> str:
    """One question for each time somebody goes missing: it names the last list that had them."""
    return f"gone:{person.id}:{person.listed_on.isoformat() if person.listed_on else 'never'}"


def would_remove_too_many(law: Law, missing: int, people: int) -> bool:
    """Whether so many of the staff are missing that the list must be wrong."""
    return missing * 100 > people * law.policy.settings.staff_gone_percent


def ask_about(session: Session, law: Law, person: Person, on: date, now: datetime) -> UserTask | None:
    """Ask communications what has become of somebody."""
    last_resort = law.policy.settings.last_resort
    return open_duty(
        session,
        law,
        None,
        now,
        kind=TaskKind.LOOK_INTO,
        once_key=once_key(person),
        step=GONE_STEP,
        label=f"{person.name} saknas i personallistan. Ta reda på om personen har slutat",
        rule=None,
        role=Role.COMMUNICATIONS,
        holders=holders_of_post(
            session, law.municipality_id, Role.COMMUNICATIONS, last_resort=last_resort, on=on
        ),
        details={"person": person.id},
    )


def keep_listed(
    session: Session,
    law: Law,
    people: Sequence[Person],
    listed: Collection[str],
    on: date,
    by: By,
    now: datetime,
) -> None:
    """Those in the list were there on that day; nobody is asked about them any more."""
    ids = [person.id for person in people if person.email in listed and person.id is not None]
    for start in range(0, len(ids), _IDS_AT_ONCE):
        chosen = col(Person.id).in_(ids[start : start + _IDS_AT_ONCE])
        session.execute(update(Person).where(chosen).values(listed_on=on))
    for task in open_questions(session, law):
        if task.details.get("person") in set(ids):
            withdraw(session, task, now, by=by)


def open_questions(session: Session, law: Law) -> list[UserTask]:
    """What communications has been asked to find out and has not."""
    rows = select(UserTask).where(
        col(UserTask.municipality_id) == law.municipality_id,
        col(UserTask.process) == Process.DUTIES,
        col(UserTask.kind) == TaskKind.LOOK_INTO,
        col(UserTask.step) == GONE_STEP,
        IS_OPEN,
    )
    return list(session.execute(rows.order_by(col(UserTask.id))).scalars())
