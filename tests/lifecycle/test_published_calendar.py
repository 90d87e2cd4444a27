"""The published table of edge cases is what the calendar is held to."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lifecycle.working_days import calendar_of
from policies.settings import Settings

PUBLISHED = Path(__file__).parents[2] / "docs" / "calendar.md"
ZONE = ZoneInfo("Europe/Stockholm")
SWEDISH = calendar_of(Settings(), "Europe/Stockholm")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading."""
    section = PUBLISHED.read_text("utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("row", rows("Arbetsdagar"), ids=lambda row: str(row[3]))
def test_working_days(row: list[str]) -> None:
    first, last = date.fromisoformat(row[0]), date.fromisoformat(row[1])
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert ", ".join(str(day.day) for day in days if SWEDISH.is_working_day(day)) == row[2]


@pytest.mark.parametrize("row", rows("Frister i timmar"), ids=lambda row: str(row[4]))
def test_hours(row: list[str]) -> None:
    begins, hours = local(row[0]), int(row[1])
    weekdays = SWEDISH.weekday_hours_after(begins, hours)
    ends = weekdays if row[2] == "vardagar" else begins + timedelta(hours=hours)
    assert f"{ends.astimezone(ZONE):%Y-%m-%d %H.%M}" == row[3]


@pytest.mark.parametrize("row", rows("Arbetstid"), ids=lambda row: str(row[2]))
def test_working_time(row: list[str]) -> None:
    goes = SWEDISH.working_time_from(local(row[0]))
    assert f"{goes.astimezone(ZONE):%Y-%m-%d %H.%M}" == row[1]


def local(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H.%M").replace(tzinfo=ZONE).astimezone(ZoneInfo("UTC"))


def test_there_are_tables() -> None:
    assert len(rows("Arbetsdagar")) >= 8
    assert len(rows("Frister i timmar")) >= 14
    assert len(rows("Arbetstid")) >= 10
