"""Swedish days and hours reckoned anew, as simply as can be, for holding the calendar to.

Red days after lag (1989:253) om allmänna helgdagar, and the eves that lag (1930:173) section 2 puts beside
them; summer time after directive 2000/84/EC. No library that the product uses has a part in it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

QUARTER = timedelta(minutes=15)


def easter(year: int) -> date:
    """Easter Sunday, by the anonymous Gregorian algorithm."""
    a, (b, c) = year % 19, divmod(year, 100)
    (d, e), (i, k) = divmod(b, 4), divmod(c, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def saturday_from(day: date) -> date:
    """The first Saturday on or after a day."""
    return day + timedelta(days=(5 - day.weekday()) % 7)


@lru_cache
def free_days(year: int) -> frozenset[date]:
    """Red days and free eves of a year, whatever weekday they fall on."""
    sunday, midsummer = easter(year), saturday_from(date(year, 6, 20))
    fixed = [(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)]
    of_easter = [sunday + timedelta(days=days) for days in (-2, 0, 1, 39, 49)]
    moved = [midsummer - timedelta(days=1), midsummer, saturday_from(date(year, 10, 31))]
    return frozenset([date(year, month, day) for month, day in fixed] + of_easter + moved)


def last_sunday(year: int, month: int) -> date:
    """Of March or October, which have 31 days."""
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def is_summer_time(instant: datetime) -> bool:
    """From 01.00 UTC on the last Sunday of March until the same hour on the last of October."""
    begins, ends = (datetime.combine(last_sunday(instant.year, month), time(1), UTC) for month in (3, 10))
    return begins <= instant < ends


def on_the_wall(instant: datetime) -> datetime:
    """What the clock on the wall shows in Sweden at an instant in UTC."""
    return instant.replace(tzinfo=None) + timedelta(hours=2 if is_summer_time(instant) else 1)


@dataclass(frozen=True)
class Almanac:
    """The days of a municipality, with those on which it is closed by its own decision."""

    closed: Collection[date] = ()

    def works_on(self, day: date) -> bool:
        return day.weekday() < 5 and day not in free_days(day.year) and day not in self.closed

    def working_days_after(self, day: date, count: int) -> date:
        """The day on which so many working days have been, the first of them tomorrow at the earliest."""
        while count:
            day += timedelta(days=1)
            count -= self.works_on(day)
        return day

    def works_at(self, instant: datetime, begins: time = time(8), ends: time = time(17)) -> bool:
        wall = on_the_wall(instant)
        return self.works_on(wall.date()) and begins <= wall.time() < ends

    def working_time_from(self, instant: datetime) -> datetime:
        """By trying one quarter after another."""
        while not self.works_at(instant):
            instant += QUARTER
        return instant

    def weekday_hours_after(self, instant: datetime, hours: int) -> datetime:
        """By counting the quarters that lie on working days."""
        quarters = 4 * hours
        while quarters:
            quarters -= self.works_on(on_the_wall(instant).date())
            instant += QUARTER
        return instant
