"""Being away: entered by the person, a manager or communications; whoever stands in takes over what waits."""

from datetime import date, datetime

from sqlmodel import Session

from acts.rounds import Round
from lifecycle import absences
from lifecycle.events import By
from lifecycle.law import Law, law_in_force
from lifecycle.own_matters import decides_own_matter
from lifecycle.plans import person_by_email
from lifecycle.refusals import Refused
from lifecycle.roles import post_holders, units_upwards
from lifecycle.rounds import Findings, working_day_after
from lifecycle.standing_in import cover
from lifecycle.tasks import raise_news_of
from models import Absence, Person
from policies.keys import Role


def _cover(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    cover(session, law, on, now, findings)


COVER = Round(
    "absences",
    when=lambda law, now: working_day_after(law, now, law.policy.settings.digest_at),
    do=_cover,
    hour=lambda law: law.policy.settings.digest_at,
)
"""In the morning of a working day, since it writes letters: nobody waits for an answer on a Sunday."""


def may_enter_for(session: Session, person: Person, by: Person, on: date) -> bool:
    """Whether somebody may say that a person is away: oneself, managers above, communications."""
    leads = {unit.line_manager_id for unit in units_upwards(session, person.unit_id)}
    members = post_holders(session, person.municipality_id, Role.COMMUNICATIONS, on)
    return by.id in {person.id, *leads, *(one.id for one in members)}


def enter(
    session: Session,
    now: datetime,
    *,
    by_id: int,
    email: str = "",
    from_on: date,
    until_on: date | None,
    substitute_email: str = "",
    via: str,
    always_tell: bool = False,
) -> Absence:
    """Enter an absence, one's own where no address is given. `until_on` is the first day back.

    Another's moves nothing in a matter that the one who enters it has applied for or decided in.

    `always_tell` writes to the one who is away also when they have entered it themselves.
    """
    by, law, on = _who_acts(session, by_id, now)
    person = person_by_email(session, law.municipality_id, email, on) if email.strip() else by
    if not may_enter_for(session, person, by, on):
        raise Refused("not_yours_to_enter")
    substitute = _substitute(session, law, substitute_email, on)
    absence = absences.enter_absence(
        session, law, person, from_on, until_on, substitute, By(by.id, via), now, always_tell=always_tell
    )
    _take_effect(session, law, absence, now)
    return absence


def change(
    session: Session,
    now: datetime,
    *,
    by_id: int,
    absence_id: int,
    until_on: date | None,
    substitute_email: str,
    via: str,
) -> None:
    """Shorten or lengthen an absence, or name another substitute."""
    by, law, on = _who_acts(session, by_id, now)
    absence = _absence(session, by, absence_id, on, now)
    substitute = _substitute(session, law, substitute_email, on)
    absences.change_absence(session, law, absence, until_on, substitute, By(by.id, via), now)
    _take_effect(session, law, absence, now)


def end(session: Session, now: datetime, *, by_id: int, absence_id: int, via: str) -> None:
    """Somebody is back, or will not be away after all."""
    by, law, on = _who_acts(session, by_id, now)
    absence = _absence(session, by, absence_id, on, now)
    absences.end_absence(session, law, absence, By(by.id, via), now)
    _take_effect(session, law, absence, now)


def _who_acts(session: Session, by_id: int, now: datetime) -> tuple[Person, Law, date]:
    by = session.get_one(Person, by_id)
    law = law_in_force(session, by.municipality_id, now)
    return by, law, law.day_of(now)


def _absence(session: Session, by: Person, absence_id: int, on: date, now: datetime) -> Absence:
    """One that they may change: not where it says who decides what they have applied for or decided in."""
    absence = session.get(Absence, absence_id)
    if absence is None or absence.municipality_id != by.municipality_id:
        raise Refused("absence_over")
    person = session.get_one(Person, absence.person_id)
    if not may_enter_for(session, person, by, on):
        raise Refused("not_yours_to_enter")
    if person.id != by.id and decides_own_matter(session, person, by, now):
        raise Refused("four_eyes_absence", name=person.name)
    return absence


def _substitute(session: Session, law: Law, email: str, on: date) -> Person | None:
    return person_by_email(session, law.municipality_id, email, on) if email.strip() else None


def _take_effect(session: Session, law: Law, absence: Absence, now: datetime) -> None:
    """One that has begun reaches what the person holds at once; a later one in the morning of its day."""
    session.flush()
    on = law.day_of(now)
    if absence.from_on <= on:
        cover(session, law, on, now, Findings(), absence.person_id)
        raise_news_of(session, absence.person_id)
