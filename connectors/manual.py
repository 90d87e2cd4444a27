"""What a person answers about an account that no connector can read becomes an observation like any other."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from connectors.sights import LONGEST_ADDRESS, Observation, clock_says, shown_url
from languages.speaking import day_as_kept
from models.observation import SightState

SOURCE = "manual"
MOST_POSTS = 10_000

_NUMBER = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True)
class Answered:
    """The form's fields as they were filled in."""

    count: str
    """How many posts since the last look."""
    at_least: bool = False
    """There may be more than `count`."""
    latest_on: str = ""
    """The day of the newest post, YYYY-MM-DD in the municipality's zone; empty if nothing was ever posted."""
    latest_url: str = ""


class AnswerRefused(Exception):
    """The answer cannot be right. `faults`: what is wrong (Swedish), by field, all at once."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)


def answered(answer: Answered, since: datetime | None, now: datetime, zone: ZoneInfo) -> Observation:
    """The observation that an answer makes. Raises AnswerRefused.

    A day is read in the account's favour: as its last moment, but no later than now, and no later than
    `since` if nothing was posted after that.
    """
    faults: dict[str, str] = {}
    if since is not None and since > now:
        faults["since"] = clock_says(since)
    count = _count(answer, faults)
    latest_on = _day(answer.latest_on, faults)
    _compare(count, latest_on, since, now, zone, faults)
    latest_url = _url(answer.latest_url, faults)
    if faults or count is None:
        raise AnswerRefused(faults)
    return Observation(
        state=SightState.OK if count else SightState.EMPTY,
        checked_at=now,
        source=SOURCE,
        count=count,
        complete=not answer.at_least,
        latest_at=_moment(latest_on, (since or now) if not count else now, zone),
        latest_url=latest_url,
    )


def _count(answer: Answered, faults: dict[str, str]) -> int | None:
    text = answer.count.strip()
    if not _NUMBER.fullmatch(text) or int(text) > MOST_POSTS:
        faults["count"] = (
            "Skriv antalet inlägg med siffror, till exempel 3. Skriv 0 om inget har publicerats."
        )
        return None
    if answer.at_least and int(text) == 0:
        faults["count"] = "”Minst 0” säger ingenting. Skriv hur många du har sett, eller svara exakt 0."
    return int(text)


def _day(text: str, faults: dict[str, str]) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        faults["latest_on"] = "Skriv dagen som år-månad-dag, till exempel 2026-11-20."
        return None


def _compare(
    count: int | None,
    latest_on: date | None,
    since: datetime | None,
    now: datetime,
    zone: ZoneInfo,
    faults: dict[str, str],
) -> None:
    """The day against the clock, and the two answers against each other."""
    if "latest_on" in faults or count is None:
        return
    looked_on = since.astimezone(zone).date() if since else None
    looked = day_as_kept(looked_on) if looked_on else ""
    if latest_on is None:
        if count:
            faults["latest_on"] = "Skriv vilken dag det senaste inlägget publicerades."
    elif latest_on > now.astimezone(zone).date():
        faults["latest_on"] = "Dagen har inte varit än. Skriv dagen då det senaste inlägget publicerades."
    elif looked_on and count and latest_on < looked_on:
        faults["latest_on"] = (
            f"Du har svarat att något har publicerats sedan {looked}, men det senaste är äldre än så."
        )
    elif looked_on and not count and latest_on > looked_on:
        faults["count"] = f"Det senaste inlägget är nyare än {looked}. Då är antalet sedan dess minst 1."


def _url(text: str, faults: dict[str, str]) -> str | None:
    if not text.strip():
        return None
    address = shown_url(text.strip())
    if address is None:
        faults["latest_url"] = (
            f"Skriv inläggets adress, med https:// först (högst {LONGEST_ADDRESS} tecken), eller inget."
        )
    return address


def _moment(on: date | None, at_most: datetime, zone: ZoneInfo) -> datetime | None:
    if on is None:
        return None
    return min(datetime.combine(on, time.max, zone).astimezone(UTC), at_most)
