"""Going a round: every municipality whose hour has come, once for each day, and trouble told at the end."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import Engine, delete, select
from sqlmodel import Session, col

from acts.work import work
from lifecycle.law import Law, law_in_force
from lifecycle.rounds import Failure, Findings, is_done, keep_done, moment_of
from models import Heartbeat, Municipality
from models.plain_errors import Tellable, told_of
from runtime.database import reading, writing

When = Callable[[Law, datetime], date | None]
"""The municipality's day that a round is due for at an instant, or None."""
Do = Callable[[Session, Law, date, datetime, Findings], None]
LookFirst = Callable[[Session, Law, date, datetime], Callable[[], Do]]
"""Finds what to look at outside; what it returns looks, and returns what is done with what was seen."""


@dataclass(frozen=True)
class Round:
    """Something that is done for every municipality on certain days."""

    name: str
    when: When
    do: Do
    hour: Callable[[Law], time] = lambda law: time(5)
    """When it is done on a day of its own choosing, for `as_of` a date."""
    look_first: LookFirst | None = None
    """How it looks outside before it does anything, with no transaction open. For another day than today
    nothing is looked at, and `do` makes the most of what is stored."""
    one_by_one: bool = False
    """Whether a municipality that one run is at is passed by by others: a long round may still be going when
    the next is due, and would else ask everything twice."""
    repeats: bool = False
    """Whether it may be done several times a day: it finds what is due, and nothing the second time."""
    silent_after: timedelta = timedelta(hours=9)
    """How long nobody need have gone it, where it repeats: longer than a night without schedules."""


@dataclass
class Report:
    """What a round came to in all municipalities together."""

    done: int = 0
    found: int = 0
    failures: list[Failure] = field(default_factory=list)


class RoundFailed(Tellable):
    """A round that was gone to its end, with what could not be done."""

    def __init__(self, report: Report) -> None:
        self.report = report
        lines = [f"{one.subject}: {one.says}" for one in report.failures]
        super().__init__(f"{len(lines)} gick inte: " + "; ".join(lines[:20]))


def go_round(
    engine: Engine,
    one: Round,
    now: datetime,
    as_of: datetime | date | None = None,
    only: Collection[int] | None = None,
) -> Report:
    """Do a round for every municipality where it is due; with `as_of` for that day, past or to come.

    One municipality's trouble stops no other. A round that met trouble is not done, and is gone again at its
    next hour: it finds only what is left. With `only` it is gone for some of them, and whoever has shared
    them out gives its sign of life when it has been gone for all.
    """
    report = Report()
    for municipality_id in every_municipality(engine) if only is None else only:
        _go(engine, one, municipality_id, now, as_of, report)
    if only is None:
        beat_round(engine, one, now)
    return report


PART_OF_ROUND = "round:"


def part_of(one: Round) -> str:
    """The name that a round's sign of life is kept under."""
    return f"{PART_OF_ROUND}{one.name}"


def beat_round(engine: Engine, one: Round, now: datetime) -> None:
    """Keep that the round was gone, whatever it found: of one that repeats nothing else tells."""
    with writing(engine) as session:
        session.merge(Heartbeat(part=part_of(one), at=now))


def every_municipality(engine: Engine) -> Sequence[int]:
    """By number, which is the order in which they came."""
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
        with _claimed(engine, one, municipality_id, now) as is_ours:
            if is_ours:
                _look_and_do(engine, one, municipality_id, on, now, moment, report)
    except Exception as error:  # The others' rounds are gone, and the run fails with the list.
        report.failures.append(Failure(f"kommun {municipality_id}", told_of(error)))


def _look_and_do(
    engine: Engine,
    one: Round,
    municipality_id: int,
    on: date,
    now: datetime,
    moment: datetime,
    report: Report,
) -> None:
    do = _looked(engine, one, municipality_id, on, now, moment) or one.do
    with work(engine, moment) as session:
        _do(session, replace(one, do=do), municipality_id, on, moment, report)


CLAIM_LASTS = timedelta(minutes=90)
"""From the start of the run: one that was killed is made up for by the second that is due after it."""


@contextmanager
def _claimed(engine: Engine, one: Round, municipality_id: int, now: datetime) -> Iterator[bool]:
    """Whether this run may go the round for the municipality, and no other meanwhile."""
    if not one.one_by_one:
        yield True
        return
    part = f"{part_of(one)}:{municipality_id}"
    is_ours = _claim(engine, part, municipality_id, now)
    try:
        yield is_ours
    finally:
        if is_ours:
            _release(engine, part, now)


def _claim(engine: Engine, part: str, municipality_id: int, now: datetime) -> bool:
    with writing(engine) as session:
        session.get_one(Municipality, municipality_id, with_for_update=True)
        held = session.get(Heartbeat, part)
        if held is not None and now - held.at < CLAIM_LASTS:
            return False
        session.merge(Heartbeat(part=part, at=now))
        return True


def _release(engine: Engine, part: str, now: datetime) -> None:
    """Another that has taken a claim over keeps it."""
    with writing(engine) as session:
        session.execute(delete(Heartbeat).where(col(Heartbeat.part) == part, col(Heartbeat.at) == now))


def _moment_and_day(
    engine: Engine, one: Round, municipality_id: int, now: datetime, as_of: datetime | date | None
) -> tuple[datetime, date | None]:
    """The instant and day that a round is gone for; no day when there is nothing to do."""
    moment = now
    with reading(engine) as session:
        law = law_in_force(session, municipality_id, now)
        if as_of is not None:
            moment = moment_of(law, as_of, one.hour(law))
            law = law_in_force(session, municipality_id, moment)
        on = one.when(law, moment)
        done = on is not None and not one.repeats and is_done(session, law, one.name, on)
    return moment, None if done else on


def _looked(
    engine: Engine, one: Round, municipality_id: int, on: date, now: datetime, moment: datetime
) -> Do | None:
    """What is to be done with what was seen outside; None when nothing is looked at."""
    if one.look_first is None:
        return None
    with reading(engine, at_one_instant=True) as session:
        law = law_in_force(session, municipality_id, now)
        if law.day_of(now) != law.day_of(moment):
            return None
        look = one.look_first(session, law, on, now)
    return look()


def _do(session: Session, one: Round, municipality_id: int, on: date, now: datetime, report: Report) -> None:
    session.get_one(Municipality, municipality_id, with_for_update=True)
    law, findings = law_in_force(session, municipality_id, now), Findings()
    if not one.repeats and is_done(session, law, one.name, on):
        return  # Another run was faster, while this one waited for the municipality's row.
    one.do(session, law, on, now, findings)
    report.done += 1
    report.found += findings.found
    report.failures += findings.failures
    if not findings.failures and not one.repeats:
        keep_done(session, law, [(one.name, on, findings.found)], now)
