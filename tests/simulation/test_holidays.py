"""From before Christmas to Epiphany the clock writes to nobody on a free day or outside working hours."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from acts.round_list import ROUNDS
from simulation.ledger import LetterSeen
from simulation.post import OF_THE_CLOCK
from tests.simulation.playing import POLICIES, quiet_weeks

FROM_ON, UNTIL_ON = date(2026, 12, 20), date(2027, 1, 11)
FREE = {
    *(date(2026, 12, day) for day in (20, 24, 25, 26, 27, 31)),
    *(date(2027, 1, day) for day in (1, 2, 3, 6, 9, 10)),
}
"""By the almanac: Sundays and Saturdays, Christmas, New Year, Epiphany, and the eves that are free."""
ZONE = ZoneInfo("Europe/Stockholm")
TWO = ("mall", "tibro")
"""What people do, and odd hours, are played under these."""
pytestmark = pytest.mark.timeout(300)


def of_the_clock(letters: list[LetterSeen]) -> list[datetime]:
    return [letter.at.astimezone(ZONE) for letter in letters if letter.notice in OF_THE_CLOCK]


@pytest.mark.parametrize(
    ("policy", "at_desks"), [(one, False) for one in POLICIES] + [(one, True) for one in TWO]
)
def test_the_clock_is_silent_on_free_days_and_outside_hours(policy: str, at_desks: bool) -> None:
    written = of_the_clock(quiet_weeks(policy, FROM_ON, UNTIL_ON, at_desks=at_desks).ledger.letters)
    assert [one for one in written if one.date() in FREE] == []
    assert [one for one in written if not time(8) <= one.time() < time(17)] == []


def test_where_there_is_a_watch_the_clock_does_write_on_the_other_days() -> None:
    written = {one.date() for one in of_the_clock(quiet_weeks("tibro", FROM_ON, UNTIL_ON).ledger.letters)}
    days = [FROM_ON + timedelta(days=number) for number in range((UNTIL_ON - FROM_ON).days)]
    assert sorted(written) == [day for day in days if day not in FREE]


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 12, 26, 12, tzinfo=ZONE),
        datetime(2026, 12, 24, 9, tzinfo=ZONE),
        datetime(2026, 12, 28, 3, tzinfo=ZONE),
    ],
    ids=["saturday", "christmas-eve", "night"],
)
@pytest.mark.parametrize("policy", TWO)
def test_rounds_gone_at_an_odd_hour_write_to_nobody(policy: str, moment: datetime) -> None:
    """Somebody starts every round by hand; what is due is found, and told when the day comes."""
    play = quiet_weeks(policy, FROM_ON, moment.date())
    before = len(of_the_clock(play.ledger.letters))
    play.pass_time(moment)
    play.go(ROUNDS.values(), play.law(), moment)
    play.follow()
    assert len(of_the_clock(play.ledger.letters)) == before
