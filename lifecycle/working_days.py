"""The municipality's working-day calendar: the only place that does arithmetic with days and hours."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

import holidays
import pendulum

from policies.keys import SpanUnit
from policies.settings import Settings


@lru_cache(maxsize=200)
def _free_days(year: int) -> frozenset[date]:
    """Red days and the eves that are free in practice (lag 1930:173 section 2), Sundays apart."""
    return frozenset(
        holidays.country_holidays("SE", years=year, categories=("public", "de_facto"), include_sundays=False)
    )


_zone = lru_cache(maxsize=50)(pendulum.timezone)
"""A zone's file is read once; pendulum reads it each time that it is given a name."""


def local_day(instant: datetime, zone: str) -> date:
    """The day of an instant in a zone."""
    return instant.astimezone(_zone(zone)).date()


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of a month that is too short for it."""
    return pendulum.date(day.year, day.month, day.day).add(months=months)


def midnight(day: date, zone: str) -> datetime:
    """When a day begins in a zone, as an instant in UTC."""
    return _in_utc(pendulum.datetime(day.year, day.month, day.day, tz=zone))


def _in_utc(local: pendulum.DateTime) -> datetime:
    """A plain instant: pendulum's own loses its zone when something is added to it in another's UTC."""
    return datetime.fromtimestamp(local.timestamp(), UTC)


@lru_cache(maxsize=4096)
def _instant(zone: str, day: date, clock: time) -> datetime:
    """Reckoned once: the same hours of the same days are asked for again and again."""
    local = pendulum.datetime(day.year, day.month, day.day, clock.hour, clock.minute, tz=_zone(zone))
    return _in_utc(local)


@dataclass(frozen=True)
class Calendar:
    """Working days and hours of one municipality, in its own zone."""

    zone: str
    work_begins: time
    work_ends: time
    bridge_days: frozenset[date]
    closures: tuple[tuple[date, date], ...]

    def day_of(self, instant: datetime) -> date:
        """The local day of an instant."""
        return local_day(instant, self.zone)

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, not red, not a free eve, not closed."""
        closed = day in self.bridge_days or any(first <= day <= last for first, last in self.closures)
        return day.weekday() < 5 and day not in _free_days(day.year) and not closed

    def working_day_from(self, day: date) -> date:
        """The day itself, or the next working day."""
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`; `day` itself never counts."""
        for _ in range(count):
            day = self.working_day_from(day + timedelta(days=1))
        return day

    def plus(self, day: date, count: int, unit: SpanUnit) -> date:
        """So many days, working days, weeks or months later; a month from 31 January ends with February."""
        if unit == "working_days":
            return self.add_working_days(day, count)
        if unit == "months":
            later = pendulum.date(day.year, day.month, day.day).add(months=count)
            return date(later.year, later.month, later.day)
        return day + timedelta(days=count if unit == "days" else 7 * count)

    def at(self, day: date, clock: time) -> datetime:
        """A local day and clock time as an instant in UTC."""
        return _instant(self.zone, day, clock)

    def parts_of(self, day: date, first: time, last: time, count: int) -> list[tuple[datetime, datetime]]:
        """A local day from one clock time to another in so many equal parts, as instants in UTC."""
        begins, ends = self.at(day, first).timestamp(), self.at(day, last).timestamp()
        edges = [begins + number * (ends - begins) / count for number in range(count + 1)]
        return list(pairwise(datetime.fromtimestamp(edge, UTC) for edge in edges))

    def working_time_from(self, instant: datetime) -> datetime:
        """The instant itself when it lies in working hours, else the next beginning of work."""
        day = self.day_of(instant)
        if self.is_working_day(day):
            if instant < self.at(day, self.work_begins):
                return self.at(day, self.work_begins)
            if instant < self.at(day, self.work_ends):
                return instant
        return self.at(self.working_day_from(day + timedelta(days=1)), self.work_begins)

    def working_days_after(self, instant: datetime, count: int) -> datetime:
        """The beginning of work on the `count`-th working day after the instant's day."""
        return self.at(self.add_working_days(self.day_of(instant), count), self.work_begins)

    def end_of_working_day(self, instant: datetime, count: int) -> datetime:
        """The end of work on the `count`-th working day after the instant's day."""
        return self.at(self.add_working_days(self.day_of(instant), count), self.work_ends)

    def weekday_hours_after(self, instant: datetime, hours: int) -> datetime:
        """When so many hours of working days, each from midnight to midnight, have passed."""
        left = timedelta(hours=hours)
        while True:
            day = self.day_of(instant)
            midnight = self.at(day + timedelta(days=1), time())
            if self.is_working_day(day):
                if left <= midnight - instant:
                    return instant + left
                left -= midnight - instant
            instant = midnight


def calendar_of(settings: Settings, zone: str) -> Calendar:
    """The calendar that a policy's settings describe."""
    return Calendar(
        zone=zone,
        work_begins=settings.work_begins,
        work_ends=settings.work_ends,
        bridge_days=frozenset(settings.bridge_days),
        closures=tuple((closure.from_on, closure.until_on) for closure in settings.closures),
    )
