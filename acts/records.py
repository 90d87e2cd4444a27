"""Where the records of an account and a period are found."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, SQLModel, col

from lifecycle.law import Law
from lifecycle.refusals import Refused
from models import Account, Person
from notifications import words
from papers.documents import day, moment

_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2200, 1, 1)


@dataclass(frozen=True)
class Period:
    """From a day to a day, both included, in the municipality's zone; the whole life where none is given."""

    first_on: date = _FIRST_DAY
    last_on: date = _LAST_DAY

    def instants(self, law: Law) -> tuple[datetime, datetime]:
        """The first instant, and the first one after it."""
        midnight = datetime.min.time()
        return law.calendar.at(self.first_on, midnight), law.calendar.at(
            self.last_on + timedelta(days=1), midnight
        )

    def words(self, zone: str) -> str:
        """As a person reads it."""
        since = f"från {day(self.first_on, zone)}" if self.first_on > _FIRST_DAY else "från början"
        until = f"till och med {day(self.last_on, zone)}" if self.last_on < _LAST_DAY else "till i dag"
        return f"{since} {until}"


def period_of(first: str, last: str) -> Period:
    """A period as typed, either end left empty. Raises Refused `dates_wrong`."""
    try:
        chosen = Period(
            date.fromisoformat(first) if first else _FIRST_DAY,
            date.fromisoformat(last) if last else _LAST_DAY,
        )
    except ValueError as error:
        raise Refused("dates_wrong") from error
    if not _FIRST_DAY <= chosen.first_on <= chosen.last_on <= _LAST_DAY:
        raise Refused("dates_wrong")
    return chosen


@dataclass(frozen=True)
class Records:
    """Where the records of an account and a period are found."""

    session: Session
    law: Law
    account: Account
    period: Period
    zone: str

    def rows(self, table: type[SQLModel], at: Any, *more: ColumnElement[bool]) -> list[Any]:
        """An account's rows of a table whose instant lies in the period, oldest first."""
        return list(self.session.execute(self._select(table, at, *more)).scalars())

    def files(self, table: Any, at: Any, *more: ColumnElement[bool]) -> Iterator[Any]:
        """The same where each row holds a file: one at a time, since together they may be too much."""
        ids = self._select(table, at, *more).with_only_columns(col(table.id))
        for one in self.session.execute(ids).scalars().all():
            row = self.session.get_one(table, one)
            yield row
            self.session.expunge(row)

    def _select(self, table: Any, at: Any, *more: ColumnElement[bool]) -> Any:
        since, until = self.period.instants(self.law)
        ours = (col(table.account_id) == self.account.id, col(at) >= since, col(at) < until)
        return select(table).where(*ours, *more).order_by(col(table.id))

    def days(self, table: Any, on: Any) -> list[Any]:
        """The same where the table knows a day."""
        ours = col(table.account_id) == self.account.id
        within = col(on).between(self.period.first_on, self.period.last_on)
        rows = select(table).where(ours, within).order_by(col(table.id))
        return list(self.session.execute(rows).scalars())

    def count(self, table: Any, at: Any, *more: ColumnElement[bool]) -> int:
        """How many there are."""
        rows = self._select(table, at, *more).order_by(None).subquery()
        return int(self.session.execute(select(func.count()).select_from(rows)).scalar_one())

    def name(self, person_id: int | None) -> str:
        """A person in their role; nothing for nobody."""
        return words.person_words(self.session.get(Person, person_id)) if person_id is not None else ""

    def at(self, instant: datetime | None) -> str:
        return moment(instant, self.zone) if instant else ""
