"""How often the clock has Prefect run something."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import anyio
import yaml
from prefect.server.schemas.schedules import CronSchedule

from deployments.stack import ROOT

ANY_DAY = datetime.combine(date(2026, 1, 14), time(), ZoneInfo("Europe/Stockholm"))


def runs_a_day() -> int:
    """Of all deployments in prefect.yaml whose schedules are on, as Prefect's server reckons."""
    described = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))
    schedules = [one for each in described["deployments"] for one in each.get("schedules", ())]
    return sum(_times(one["cron"], one["timezone"]) for one in schedules if one["active"])


def _times(cron: str, timezone: str) -> int:
    schedule, end = CronSchedule(cron=cron, timezone=timezone), ANY_DAY + timedelta(days=1, seconds=-1)
    return len(anyio.run(lambda: schedule.get_dates(n=500, start=ANY_DAY, end=end)))
