"""The calendar: red days, free eves, bridge days, closures and working hours, across summer time."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.working_days import Calendar, calendar_of
from policies.settings import Closure, Settings

SWEDISH = calendar_of(Settings(), "Europe/Stockholm")
DAYS = st.dates(date(2026, 1, 1), date(2032, 12, 31))
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC))


def days(first: str, last: str) -> list[date]:
    """Every day from the first to the last."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def working(first: str, last: str, calendar: Calendar = SWEDISH) -> list[str]:
    """The working days among them, as month and day."""
    return [f"{day:%m-%d}" for day in days(first, last) if calendar.is_working_day(day)]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        pytest.param(
            "2027-03-22", "2027-03-31", ["03-22", "03-23", "03-24", "03-25", "03-30", "03-31"], id="Easter"
        ),
        pytest.param(
            "2027-04-29", "2027-05-03", ["04-29", "04-30", "05-03"], id="Walpurgis Eve is no free day"
        ),
        pytest.param("2027-05-05", "2027-05-07", ["05-05", "05-07"], id="Ascension Day"),
        pytest.param("2028-06-05", "2028-06-07", ["06-05", "06-07"], id="National Day"),
        pytest.param("2027-06-23", "2027-06-28", ["06-23", "06-24", "06-28"], id="Midsummer and its eve"),
        pytest.param("2027-11-04", "2027-11-08", ["11-04", "11-05", "11-08"], id="All Saints"),
        pytest.param(
            "2026-12-22",
            "2027-01-07",
            ["12-22", "12-23", "12-28", "12-29", "12-30", "01-04", "01-05", "01-07"],
            id="Christmas to Epiphany",
        ),
    ],
)
def test_red_days_and_free_eves(first: str, last: str, expected: list[str]) -> None:
    assert working(first, last) == expected


def test_own_bridge_days_and_closures() -> None:
    closed = Closure(from_on=date(2026, 12, 28), until_on=date(2026, 12, 30))
    own = Settings(bridge_days=[date(2027, 1, 5), date(2027, 5, 7)], closures=[closed])
    calendar = calendar_of(own, "Europe/Stockholm")
    assert working("2026-12-23", "2027-01-07", calendar) == ["12-23", "01-04", "01-07"]
    assert calendar.add_working_days(date(2026, 12, 23), 1) == date(2027, 1, 4)
    assert not calendar.is_working_day(date(2027, 5, 7))
    assert SWEDISH.is_working_day(date(2027, 5, 7))


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-12-23", 1, "2026-12-28"),
        ("2026-12-23", 3, "2026-12-30"),
        ("2026-12-24", 1, "2026-12-28"),
        ("2026-12-30", 1, "2027-01-04"),
        ("2027-03-24", 3, "2027-03-31"),
        ("2026-12-04", 1, "2026-12-07"),
        ("2026-12-05", 1, "2026-12-07"),
        ("2026-12-07", 0, "2026-12-07"),
    ],
)
def test_counting_working_days_forward(day: str, count: int, expected: str) -> None:
    assert SWEDISH.add_working_days(date.fromisoformat(day), count) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        pytest.param("2026-12-01T06:59:59Z", "2026-12-01T07:00:00Z", id="before work"),
        pytest.param("2026-12-01T07:00:00Z", "2026-12-01T07:00:00Z", id="as work begins"),
        pytest.param("2026-12-01T15:59:59Z", "2026-12-01T15:59:59Z", id="the last second of work"),
        pytest.param("2026-12-01T16:00:00Z", "2026-12-02T07:00:00Z", id="as work ends"),
        pytest.param("2026-12-04T16:00:00Z", "2026-12-07T07:00:00Z", id="Friday evening"),
        pytest.param("2026-12-23T20:00:00Z", "2026-12-28T07:00:00Z", id="before Christmas"),
        pytest.param("2027-03-25T17:00:00Z", "2027-03-30T06:00:00Z", id="Easter, into summer time"),
        pytest.param("2027-10-29T15:30:00Z", "2027-11-01T07:00:00Z", id="out of summer time"),
        pytest.param("2027-07-01T05:59:00Z", "2027-07-01T06:00:00Z", id="a summer morning"),
    ],
)
def test_working_hours(instant: str, expected: str) -> None:
    assert SWEDISH.working_time_from(datetime.fromisoformat(instant)) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        pytest.param("2027-03-27T22:59:00Z", "2027-03-27", id="before the night into summer time"),
        pytest.param("2027-03-27T23:00:00Z", "2027-03-28", id="that night"),
        pytest.param("2027-03-28T21:59:00Z", "2027-03-28", id="the day of twenty-three hours"),
        pytest.param("2027-03-28T22:00:00Z", "2027-03-29", id="and its end"),
        pytest.param("2027-10-30T22:00:00Z", "2027-10-31", id="the night out of summer time"),
        pytest.param("2027-10-31T22:59:00Z", "2027-10-31", id="the day of twenty-five hours"),
        pytest.param("2027-10-31T23:00:00Z", "2027-11-01", id="and its end in winter"),
    ],
)
def test_the_local_day_around_the_nights_when_clocks_are_changed(instant: str, day: str) -> None:
    assert SWEDISH.day_of(datetime.fromisoformat(instant)) == date.fromisoformat(day)


def test_work_begins_at_eight_by_the_clock_on_the_wall_all_year() -> None:
    assert SWEDISH.at(date(2027, 3, 26), time(8)) == datetime(2027, 3, 26, 7, tzinfo=UTC)
    assert SWEDISH.at(date(2027, 3, 29), time(8)) == datetime(2027, 3, 29, 6, tzinfo=UTC)
    assert SWEDISH.at(date(2027, 11, 1), time(8)) == datetime(2027, 11, 1, 7, tzinfo=UTC)


def test_days_after_are_counted_from_the_local_day() -> None:
    late = datetime(2026, 12, 1, 23, 30, tzinfo=UTC)
    assert SWEDISH.working_days_after(late, 1) == datetime(2026, 12, 3, 7, tzinfo=UTC)
    assert SWEDISH.end_of_working_day(late, 1) == datetime(2026, 12, 3, 16, tzinfo=UTC)


def test_own_working_hours() -> None:
    calendar = calendar_of(Settings(work_begins=time(7, 30), work_ends=time(16, 15)), "Europe/Stockholm")
    assert calendar.working_time_from(datetime(2026, 12, 1, 15, 15, tzinfo=UTC)) == datetime(
        2026, 12, 2, 6, 30, tzinfo=UTC
    )


@given(DAYS, st.integers(0, 60))
@settings(max_examples=150, deadline=None)
def test_as_many_working_days_as_were_counted_lie_on_the_way(day: date, count: int) -> None:
    reached = SWEDISH.add_working_days(day, count)
    passed = (day + timedelta(days=n) for n in range(1, (reached - day).days + 1))
    assert sum(SWEDISH.is_working_day(one) for one in passed) == count
    assert count == 0 or SWEDISH.is_working_day(reached)


@given(INSTANTS)
@settings(max_examples=150, deadline=None)
def test_working_time_is_never_earlier_and_stays_where_it_is(instant: datetime) -> None:
    begins = SWEDISH.working_time_from(instant)
    assert begins >= instant
    assert SWEDISH.is_working_day(SWEDISH.day_of(begins))
    assert SWEDISH.working_time_from(begins) == begins
