"""The clock's runs in Prefect: few enough a day, close enough to each hour, and never silent for too long."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import anyio
import pytest
import yaml
from prefect.client.schemas.schedules import CronSchedule
from prefect.server.schemas.schedules import CronSchedule as ServerSchedule

from acts import cases, returned_mail, watching
from acts.rounds import Round

AT_MOST = 200
"""Prefect's runs a day (REQUIREMENTS, "idle")."""
DAYS = (date(2026, 1, 14), date(2026, 7, 15), date(2026, 3, 29), date(2026, 10, 25))
"""In winter and summer, and when the clocks are changed."""
DEPLOYMENTS: dict[str, dict[str, Any]] = {
    one["name"]: one
    for one in yaml.safe_load((Path(__file__).parents[2] / "prefect.yaml").read_text("utf-8"))["deployments"]
}


def runs_of(name: str, first: date, days: int = 1) -> list[datetime]:
    """When a deployment is run from midnight in Stockholm, as Prefect's server reckons, oldest first."""
    begins = datetime.combine(first, time(), ZoneInfo("Europe/Stockholm"))
    ends = datetime.combine(first + timedelta(days=days), time(), begins.tzinfo)
    active = [one for one in DEPLOYMENTS[name].get("schedules", []) if one["active"]]
    return sorted(run for one in active for run in _between(one, begins, ends - timedelta(seconds=1)))


def _between(schedule: dict[str, Any], begins: datetime, ends: datetime) -> Iterator[datetime]:
    told = CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])
    reckoned = ServerSchedule(cron=told.cron, timezone=told.timezone)
    yield from anyio.run(lambda: reckoned.get_dates(n=500, start=begins, end=ends))


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_a_day_has_at_most_two_hundred_runs(on: date) -> None:
    assert sum(len(runs_of(name, on)) for name in DEPLOYMENTS) <= AT_MOST


@pytest.mark.parametrize("zone", ["Europe/Stockholm", "Europe/Helsinki", "Atlantic/Reykjavik"])
@pytest.mark.parametrize("on", DAYS[:2], ids=str)
def test_a_morning_letter_comes_within_a_quarter_of_its_hour(zone: str, on: date) -> None:
    """Wherever the municipality is in the Nordic countries, at any minute it may have chosen."""
    comes = [*runs_of("morgonbrev", on, days=2)]
    for minute in range(7 * 60, 14 * 60, 5):
        hour = datetime.combine(on, time(minute // 60, minute % 60), ZoneInfo(zone))
        assert min(one for one in comes if one >= hour) - hour < timedelta(minutes=15), hour


@pytest.mark.parametrize(
    ("name", "one"),
    [
        ("bevakning", watching.END),
        ("arenden", cases.HOURS),
        ("post-som-kommer-tillbaka", returned_mail.FOLLOW),
    ],
)
def test_what_goes_several_times_a_day_is_never_taken_for_silent(name: str, one: Round) -> None:
    comes = runs_of(name, DAYS[0], days=3)
    assert max(later - earlier for earlier, later in pairwise(comes)) < one.silent_after


def test_what_the_clock_ends_or_warns_of_is_looked_at_every_hour_it_can_happen() -> None:
    """A watch ends that evening, and a case's hours run out at any hour (REQUIREMENTS 3)."""
    evening = [one.astimezone(ZoneInfo("Europe/Stockholm")).hour for one in runs_of("bevakning", DAYS[0])]
    assert set(range(16, 23)) <= set(evening)
    assert len(runs_of("arenden", DAYS[0])) == 24
