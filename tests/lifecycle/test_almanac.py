"""The calendar against days and hours reckoned anew (`almanac`): 2026 to 2040, with closures of all kinds."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lifecycle.working_days import Calendar, calendar_of
from policies.settings import Closure, Settings
from tests.lifecycle.almanac import QUARTER, Almanac, easter, last_sunday, on_the_wall

ZONE = "Europe/Stockholm"
FIRST, LAST = date(2026, 1, 1), date(2040, 12, 31)
YEARS = range(FIRST.year, LAST.year + 1)
EVERY_DAY = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
DAYS = st.dates(FIRST, date(2040, 11, 1))
QUARTERS = st.builds(
    lambda day, quarter: datetime.combine(day, time(), UTC) + quarter * QUARTER, DAYS, st.integers(0, 95)
)
CHANGES = [last_sunday(year, month) for year in YEARS for month in (3, 10)]
"""The nights when clocks are changed."""


@st.composite
def towns(draw: st.DrawFn) -> tuple[Calendar, Almanac]:
    """The same municipality twice: bridge days and closures of its own, in the calendar and reckoned anew."""
    bridges = draw(st.lists(DAYS, max_size=4))
    starts = draw(st.lists(DAYS, max_size=2))
    closures = [(day, day + timedelta(days=draw(st.integers(0, 30)))) for day in starts]
    own = Settings(
        bridge_days=bridges, closures=[Closure(from_on=first, until_on=last) for first, last in closures]
    )
    closed = [one for first, last in closures for one in EVERY_DAY if first <= one <= last]
    return calendar_of(own, ZONE), Almanac(frozenset([*bridges, *closed]))


PLAIN = (calendar_of(Settings(), ZONE), Almanac())


def test_easter_as_printed_in_almanacs() -> None:
    """Three that everybody can look up, and the earliest and latest of two centuries."""
    assert [easter(year) for year in (2026, 2027, 2028)] == [
        date(2026, 4, 5),
        date(2027, 3, 28),
        date(2028, 4, 16),
    ]
    assert (easter(1818), easter(1943)) == (date(1818, 3, 22), date(1943, 4, 25))


def test_every_day_of_fifteen_years() -> None:
    calendar, almanac = PLAIN
    assert [day for day in EVERY_DAY if calendar.is_working_day(day) != almanac.works_on(day)] == []


def test_every_quarter_of_the_wall_clock_around_the_nights_when_clocks_are_changed() -> None:
    """A local time that does not exist is the one an hour later; one that comes twice is one of the two."""
    calendar, _ = PLAIN
    for day in [day + timedelta(days=n) for day in CHANGES for n in (-1, 0, 1)]:
        for quarter in range(96):
            wall = datetime.combine(day, time()) + quarter * QUARTER
            instant = calendar.at(day, wall.time())
            skipped = day in CHANGES and day.month == 3 and wall.hour == 2
            assert on_the_wall(instant) - wall == timedelta(hours=int(skipped))
            assert calendar.day_of(instant) == day


def test_instants_are_plain_and_keep_their_zone() -> None:
    """Whatever is added to them."""
    later = PLAIN[0].at(date(2026, 12, 1), time(8)) + timedelta(hours=1)
    assert (type(later), later.tzinfo) == (datetime, UTC)


@given(QUARTERS)
@settings(max_examples=300, deadline=None)
def test_the_day_of_any_instant(instant: datetime) -> None:
    assert PLAIN[0].day_of(instant) == on_the_wall(instant).date()


@given(towns(), DAYS, st.integers(0, 60))
@settings(max_examples=150, deadline=None)
def test_counting_working_days(town: tuple[Calendar, Almanac], day: date, count: int) -> None:
    calendar, almanac = town
    assert calendar.add_working_days(day, count) == almanac.working_days_after(day, count)


@given(towns(), DAYS, st.integers(1, 60))
@settings(max_examples=150, deadline=None)
def test_and_back_again(town: tuple[Calendar, Almanac], day: date, count: int) -> None:
    """As many working days back from where one came lies the last one that did not count."""
    calendar, almanac = town
    back = calendar.add_working_days(day, count)
    for _ in range(count):
        back -= timedelta(days=1)
        while not almanac.works_on(back):
            back -= timedelta(days=1)
    while not almanac.works_on(day):
        day -= timedelta(days=1)
    assert back == day


@given(towns(), QUARTERS)
@example(PLAIN, datetime(2026, 12, 23, 16, tzinfo=UTC))
@settings(max_examples=150, deadline=None)
def test_working_time(town: tuple[Calendar, Almanac], instant: datetime) -> None:
    calendar, almanac = town
    assert calendar.working_time_from(instant) == almanac.working_time_from(instant)


@given(towns(), QUARTERS, st.integers(1, 72))
@example(PLAIN, datetime(2027, 3, 26, 23, tzinfo=UTC), 24)
@settings(max_examples=60, deadline=None)
def test_weekday_hours(town: tuple[Calendar, Almanac], instant: datetime, hours: int) -> None:
    calendar, almanac = town
    assert calendar.weekday_hours_after(instant, hours) == almanac.weekday_hours_after(instant, hours)


@pytest.mark.parametrize("day", CHANGES, ids=str)
@pytest.mark.parametrize("hours", [1, 24, 48])
def test_weekday_hours_over_the_nights_when_clocks_are_changed(day: date, hours: int) -> None:
    """The nights are Sundays: hours stop on Friday at midnight, and begin on Monday at midnight."""
    calendar, almanac = PLAIN
    for hour in (12, 21, 22, 23):
        begins = datetime.combine(day - timedelta(days=2), time(hour), UTC)
        assert calendar.weekday_hours_after(begins, hours) == almanac.weekday_hours_after(begins, hours)


@given(towns(), QUARTERS, st.integers(0, 30))
@settings(max_examples=100, deadline=None)
def test_the_day_of_work_that_ends_a_time_in_days(
    town: tuple[Calendar, Almanac], instant: datetime, count: int
) -> None:
    """It begins at eight on the wall, all year, and ends at five."""
    calendar, almanac = town
    day = almanac.working_days_after(on_the_wall(instant).date(), count)
    for reached, clock in (
        (calendar.working_days_after(instant, count), time(8)),
        (calendar.end_of_working_day(instant, count), time(17)),
    ):
        assert on_the_wall(reached) == datetime.combine(day, clock)
