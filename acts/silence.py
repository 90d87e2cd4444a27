"""Which rounds were gone when, and which have been silent for too long."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from acts.overview_words import ROUNDS as ROUND_WORDS
from acts.round_list import ROUNDS
from acts.rounds import Round, part_of
from lifecycle.law import Law, law_in_force
from lifecycle.rounds import moment_of
from models import AuditEvent, Heartbeat, Municipality, RoundDone
from runtime.database import reading

GRACE = timedelta(hours=3)
"""How long after its hour a round may be gone: a stopped computer is started again within a morning."""
_LOOK_BACK_DAYS = 40


@dataclass(frozen=True)
class RoundStand:
    """How a round stands in one municipality."""

    name: str
    done_at: datetime | None
    """When it was last done: by its day, or gone at all where it repeats."""
    found: int
    silent_since: datetime | None
    """When it should have been done and was not; None when it keeps its time."""


def rounds_stand(session: Session, law: Law, now: datetime) -> list[RoundStand]:
    """Every round; those that have been silent too long first."""
    began = _began(session, law)
    last = _last_done(session, law)
    beats = {one.part: one.at for one in session.execute(select(Heartbeat)).scalars()}
    stands = [
        _repeating(one, beats.get(part_of(one)), began, now)
        if one.repeats
        else _daily(law, one, last.get(one.name), began, now)
        for one in ROUNDS.values()
    ]
    return sorted(stands, key=lambda one: one.silent_since is None)


def _began(session: Session, law: Law) -> datetime | None:
    """Since when Kanalvakt has known the municipality: nothing is missed before that."""
    first = select(func.min(col(AuditEvent.at))).where(col(AuditEvent.municipality_id) == law.municipality_id)
    began: datetime | None = session.execute(first).scalar_one()
    return began


def _last_done(session: Session, law: Law) -> dict[str, RoundDone]:
    latest = (
        select(func.max(col(RoundDone.id)))
        .where(col(RoundDone.municipality_id) == law.municipality_id)
        .group_by(col(RoundDone.round))
    )
    rows = select(RoundDone).where(col(RoundDone.id).in_(latest))
    return {one.round: one for one in session.execute(rows).scalars()}


def _repeating(one: Round, beat: datetime | None, began: datetime | None, now: datetime) -> RoundStand:
    heard = beat or began
    silent = heard is not None and now - heard > one.silent_after
    return RoundStand(one.name, beat, 0, heard if silent else None)


def _daily(law: Law, one: Round, last: RoundDone | None, began: datetime | None, now: datetime) -> RoundStand:
    due = _last_due(law, one, began, now)
    missed = due is not None and (last is None or last.round_on < due)
    silent_since = moment_of(law, due, one.hour(law)) if due is not None and missed else None
    return RoundStand(one.name, last.done_at if last else None, last.found if last else 0, silent_since)


def _last_due(law: Law, one: Round, began: datetime | None, now: datetime) -> date | None:
    """The last day whose hour for the round has passed by the grace, since the municipality is known."""
    today = law.day_of(now)
    for day in (today - timedelta(days=back) for back in range(_LOOK_BACK_DAYS)):
        moment = moment_of(law, day, one.hour(law))
        if began is None or moment < began:
            return None
        if moment + GRACE <= now:
            due = one.when(law, moment)
            if due is not None:
                return due
    return None


def silent_rounds(engine: Engine, now: datetime) -> dict[str, list[str]]:
    """Municipality → its rounds that have been silent for too long, in Swedish."""
    with reading(engine) as session:
        found = {
            one.name: [ROUND_WORDS[name] for name in _silent_in(session, one, now)]
            for one in _municipalities(session)
        }
    return {name: rounds for name, rounds in found.items() if rounds}


def silent_round_names(session: Session, now: datetime) -> dict[str, list[str]]:
    """A municipality's short name → the names of its rounds that have been silent for too long."""
    return {one.slug: _silent_in(session, one, now) for one in _municipalities(session)}


def _municipalities(session: Session) -> list[Municipality]:
    return list(session.execute(select(Municipality).order_by(col(Municipality.id))).scalars())


def _silent_in(session: Session, municipality: Municipality, now: datetime) -> list[str]:
    stands = rounds_stand(session, law_in_force(session, municipality.id or 0, now), now)
    return [stand.name for stand in stands if stand.silent_since]
