"""What every round shares: which day it is for, what it found, and whose trouble it met on the way."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TypeVar

from sqlalchemy import Executable, insert, select
from sqlmodel import Session, col

from lifecycle.journal import journal_of
from lifecycle.law import Law
from models import RoundDone
from models.asking import built_once
from models.plain_errors import told_of

Subject = TypeVar("Subject")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Failure:
    """Something that one account, person or municipality could not have done for it."""

    subject: str
    """E.g. "konto 12": numbers only, since it is shown in Prefect."""
    says: str


@dataclass
class Findings:
    """What a round came to in one municipality."""

    found: int = 0
    failures: list[Failure] = field(default_factory=list)

    @contextmanager
    def trying(self, session: Session, subject: str) -> Iterator[None]:
        """Do something for one subject; what stops it is undone and told, and the others go on."""
        journal = journal_of(session)
        recorded = len(journal)
        try:
            with session.begin_nested():
                yield
        except Exception as error:  # Told at the round's end, which then fails with the list.
            del journal[recorded:]
            self.failures.append(Failure(subject, told_of(error)))

    def each(
        self,
        session: Session,
        subjects: Sequence[Subject],
        name: Callable[[Subject], str],
        do: Callable[[Subject], Result],
    ) -> list[Result]:
        """The same for many, of which nearly always none is stopped: what was done for each that was not.

        All are done at once, since a savepoint for each takes longer than what is done in it; only when
        something stops them is each done by itself. `do` leaves nothing behind but in the database.
        """
        journal = journal_of(session)
        recorded = len(journal)
        try:
            with session.begin_nested():
                return [do(one) for one in subjects]
        except Exception:  # Met again below, by the one that it belongs to, and told.
            del journal[recorded:]
        done: list[Result] = []
        for one in subjects:
            with self.trying(session, name(one)):
                done.append(do(one))
        return done


def moment_of(law: Law, as_of: date | datetime, clock: time) -> datetime:
    """The instant that somebody who goes a round for another time means.

    A day means that day at the clock time, and a time without a zone the municipality's own.
    """
    if not isinstance(as_of, datetime):
        return law.calendar.at(as_of, clock)
    return as_of if as_of.tzinfo else law.calendar.at(as_of.date(), as_of.time())


def is_done(session: Session, law: Law, name: str, on: date) -> bool:
    """Whether a round has been done for the municipality and day."""
    return session.execute(*_done(law.municipality_id, name, on)).first() is not None


@built_once
def _done(of: int, name: str, on: date) -> Executable:
    return select(col(RoundDone.id)).where(
        col(RoundDone.municipality_id) == of, col(RoundDone.round) == name, col(RoundDone.round_on) == on
    )


def keep_done(session: Session, law: Law, done: Iterable[tuple[str, date, int]], now: datetime) -> None:
    """Remember that some have: name, day, and how much was found. The database refuses a second time."""
    rows = [
        {
            "municipality_id": law.municipality_id,
            "round": name,
            "round_on": on,
            "done_at": now,
            "found": found,
        }
        for name, on, found in done
    ]
    if rows:
        session.execute(_KEEP_DONE, rows)


_KEEP_DONE = insert(RoundDone)


def day_after(law: Law, now: datetime, hour: time, until: time | None = None) -> date | None:
    """Today, once the hour has struck in the municipality's zone, and not from `until` on."""
    today = law.day_of(now)
    begun = law.calendar.at(today, hour) <= now
    over = until is not None and law.calendar.at(today, until) <= now
    return today if begun and not over else None


def working_day_after(law: Law, now: datetime, hour: time, until: time | None = None) -> date | None:
    """The same, on working days only."""
    today = day_after(law, now, hour, until)
    return today if today is not None and law.calendar.is_working_day(today) else None
