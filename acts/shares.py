"""A round shared out among several runs: which municipalities each of them goes it for."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from acts.rounds import Round, every_municipality
from lifecycle.law import law_in_force
from lifecycle.rounds import moment_of
from models import RoundDone
from runtime.database import reading

Share = tuple[int, ...]
"""The municipalities of one run."""


def shared_out(
    engine: Engine, rounds: Sequence[Round], now: datetime, as_of: datetime | date | None, at_most: int
) -> list[Share]:
    """Every share in which some round is due; none when one run may take all there are.

    The same shares each time they are asked for, so that a run that begins anew finds those that it has
    handed out. Where few are due they are one share, which may be empty.
    """
    everyone = every_municipality(engine)
    if len(everyone) <= at_most:
        return []
    due = _due(engine, everyone, rounds, now, as_of)
    if len(due) <= at_most:
        return [due]
    shares = [tuple(everyone[start : start + at_most]) for start in range(0, len(everyone), at_most)]
    return [share for share in shares if not set(due).isdisjoint(share)]


def _due(
    engine: Engine,
    everyone: Sequence[int],
    rounds: Sequence[Round],
    now: datetime,
    as_of: datetime | date | None,
) -> Share:
    """One question of what has been done, and for each municipality one of its rules."""
    with reading(engine) as session:
        wanted = {one: _days(session, rounds, one, now, as_of) for one in everyone}
        days = [on for each in wanted.values() for on in each.values() if on is not None]
        done = _done(session, [one.name for one in rounds if not one.repeats], min(days, default=None))
    return tuple(one for one in everyone if not _is_done(done, one, wanted[one]))


def _days(
    session: Session,
    rounds: Sequence[Round],
    municipality_id: int,
    now: datetime,
    as_of: datetime | date | None,
) -> dict[str, date | None]:
    """The day that each due round is due for; unknown where the rules cannot be read, which is to be told."""
    try:
        law = law_in_force(session, municipality_id, now)
    except Exception:  # Met again and told by the run that goes the round.
        return {"": None}
    days: dict[str, date | None] = {}
    for one in rounds:
        moment = now if as_of is None else moment_of(law, as_of, one.hour(law))
        then = law if as_of is None else law_in_force(session, municipality_id, moment)
        on = one.when(then, moment)
        if on is not None:
            days["" if one.repeats else one.name] = on
    return days


def _done(session: Session, names: Sequence[str], since: date | None) -> set[tuple[int, str, date]]:
    if since is None:
        return set()
    rows = select(col(RoundDone.municipality_id), col(RoundDone.round), col(RoundDone.round_on)).where(
        col(RoundDone.round).in_(names), col(RoundDone.round_on) >= since
    )
    return {(municipality_id, name, on) for municipality_id, name, on in session.execute(rows)}


def _is_done(done: set[tuple[int, str, date]], municipality_id: int, wanted: dict[str, date | None]) -> bool:
    """Whether nothing is left to do; what may be done several times a day always is."""
    return all(on is not None and (municipality_id, name, on) in done for name, on in wanted.items())
