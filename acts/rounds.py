"""Going a round: every municipality whose hour has come, once for each day, and trouble told at the end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from acts.work import work
from lifecycle.law import Law, law_in_force
from lifecycle.rounds import Failure, Findings, is_done, keep_done, said_of
from models import Municipality
from runtime.database import reading

When = Callable[[Law, datetime], date | None]
"""The municipality's day that a round is due for at an instant, or None."""
Do = Callable[[Session, Law, date, datetime, Findings], None]


@dataclass(frozen=True)
class Round:
    """Something that is done for every municipality on certain days."""

    name: str
    when: When
    do: Do
    hour: Callable[[Law], time] = lambda law: time(5)
    """When it is done on a day of its own choosing, for `as_of` a date."""
    repeats: bool = False
    """Whether it may be done several times a day: it finds what is due, and nothing the second time."""
    looks: bool = False
    """Whether it changes nothing: it hinders no writer then, and looks at what is so now."""


@dataclass
class Report:
    """What a round came to in all municipalities together."""

    done: int = 0
    found: int = 0
    failures: list[Failure] = field(default_factory=list)


class RoundFailed(Exception):
    """A round that was gone to its end, with what could not be done."""

    def __init__(self, report: Report) -> None:
        self.report = report
        lines = [f"{one.subject}: {one.says}" for one in report.failures]
        super().__init__(f"{len(lines)} gick inte: " + "; ".join(lines[:20]))


def go_round(engine: Engine, one: Round, now: datetime, as_of: datetime | date | None = None) -> Report:
    """Do a round for every municipality where it is due; with `as_of` for that day, past or to come.

    One municipality's trouble stops no other. A round that met trouble is not done, and is gone again at its
    next hour: it finds only what is left.
    """
    report = Report()
    for municipality_id in _municipalities(engine):
        _go(engine, one, municipality_id, now, as_of, report)
    return report


def _municipalities(engine: Engine) -> Sequence[int]:
    with reading(engine) as session:
        rows = session.execute(select(col(Municipality.id)).order_by(col(Municipality.id))).scalars()
        return [one for one in rows if one is not None]


def _go(
    engine: Engine,
    one: Round,
    municipality_id: int,
    now: datetime,
    as_of: datetime | date | None,
    report: Report,
) -> None:
    try:
        moment, on = _moment_and_day(engine, one, municipality_id, now, as_of)
        if on is None:
            return
        findings = _looked(engine, one, municipality_id, on, now) if one.looks else None
        with work(engine, moment) as session:
            _do(session, one, municipality_id, on, moment, report, findings)
    except Exception as error:  # The others' rounds are gone, and the run fails with the list.
        report.failures.append(Failure(f"kommun {municipality_id}", said_of(error)))


def _moment_and_day(
    engine: Engine, one: Round, municipality_id: int, now: datetime, as_of: datetime | date | None
) -> tuple[datetime, date | None]:
    """The instant and day that a round is gone for; no day when there is nothing to do."""
    moment = as_of if isinstance(as_of, datetime) else now
    with reading(engine) as session:
        law = law_in_force(session, municipality_id, moment)
        if isinstance(as_of, date) and not isinstance(as_of, datetime):
            moment = law.calendar.at(as_of, one.hour(law))
            law = law_in_force(session, municipality_id, moment)
        on = one.when(law, moment)
        done = on is not None and not one.repeats and is_done(session, law, one.name, on)
    return moment, None if done else on


def _looked(engine: Engine, one: Round, municipality_id: int, on: date, now: datetime) -> Findings:
    """What a round that changes nothing finds, all of it at one instant."""
    findings = Findings()
    with reading(engine, at_one_instant=True) as session:
        one.do(session, law_in_force(session, municipality_id, now), on, now, findings)
    return findings


def _do(
    session: Session,
    one: Round,
    municipality_id: int,
    on: date,
    now: datetime,
    report: Report,
    looked: Findings | None,
) -> None:
    """Do it, unless it has `looked` already, and keep that it is done."""
    session.get_one(Municipality, municipality_id, with_for_update=True)
    law, findings = law_in_force(session, municipality_id, now), looked or Findings()
    if not one.repeats and is_done(session, law, one.name, on):
        return  # Another run was faster, while this one waited for the municipality's row.
    if looked is None:
        one.do(session, law, on, now, findings)
    report.done += 1
    report.found += findings.found
    report.failures += findings.failures
    if not findings.failures and not one.repeats:
        keep_done(session, law, one.name, on, findings.found, now)
