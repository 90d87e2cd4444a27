"""Whether a rule on posting is kept, against a naive count of what was really published."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sights import Observation as Seen
from connectors.sights import Subject
from lifecycle.posting_stands import Stand, posting_stands, posts_since, window_of
from lifecycle.sights import TELLING, GoodLook
from lifecycle.working_days import Calendar
from models import SightState
from policies.duties import Posting
from policies.settings import Settings
from tests.lifecycle.town import CLAUSE
from tests.posting_platform import Platform

CALENDAR = Calendar("Europe/Stockholm", time(8), time(17), frozenset(), ())
FIRST = datetime(2026, 11, 2, 4, 10, tzinfo=UTC)
DAYS = 45


def rule(**numbers: int) -> Posting:
    return Posting.model_validate({"clauses": [CLAUSE], **numbers})


def look_at(platform: Platform, since: datetime | None, now: datetime) -> GoodLook | None:
    """None for one that failed."""
    seen = platform.observe(Subject("blog", ""), since, now)
    assert isinstance(seen, Seen)
    if seen.state not in TELLING:
        return None
    return GoodLook(
        id=1,
        since_at=since,
        checked_at=now,
        count=seen.count or 0,
        complete=seen.complete,
        latest_at=seen.latest_at,
    )


def good_looks(platform: Platform, moments: list[datetime], failed: set[datetime]) -> list[GoodLook]:
    """Each counts from the last good one, as the round does."""
    looks: list[GoodLook] = []
    for now in moments:
        platform.state = SightState.UNREACHABLE if now in failed else None
        seen = look_at(platform, looks[-1].checked_at if looks else None, now)
        looks += [seen] if seen else []
    return looks


instants = st.integers(0, DAYS * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
rules = st.one_of(
    st.just({}),
    st.integers(1, 4).map(lambda count: {"a_week_at_least": count}),
    st.integers(1, 4).map(lambda count: {"a_week_up_to": count}),
)


@given(
    posts=st.lists(instants, max_size=40),
    looks=st.lists(instants, min_size=1, max_size=14, unique=True),
    fails=st.lists(st.booleans(), min_size=14, max_size=14),
    page=st.integers(1, 25),
    numbers=rules,
    days=st.integers(3, 20),
)
def test_no_account_is_judged_against_the_truth(
    posts: list[datetime],
    looks: list[datetime],
    fails: list[bool],
    page: int,
    numbers: dict[str, int],
    days: int,
) -> None:
    """Short has too few posts until the last good look, and kept has enough, whatever was seen or not."""
    moments = sorted(looks)
    failed = {at for at, fail in zip(moments, fails, strict=False) if fail}
    on = CALENDAR.day_of(moments[-1])
    settings, asked = Settings(posting_window_days=days), rule(**numbers)
    seen = good_looks(Platform(posts, page=page), moments, failed)
    stand = posting_stands(asked, seen, on, settings, CALENDAR)

    wanted, back = numbers.get("a_week_at_least", 1), 7 if numbers else days
    start, end = CALENDAR.at(on - timedelta(days=back), time()), seen[-1].checked_at if seen else moments[-1]
    published = sum(start < at <= end for at in posts)
    if stand is Stand.SHORT:
        assert published < wanted
    if stand is Stand.KEPT:
        assert published >= wanted


@given(posts=st.lists(instants, max_size=40), looks=st.lists(instants, min_size=1, max_size=14, unique=True))
def test_where_everything_was_seen_one_post_in_the_window_is_always_decided(
    posts: list[datetime], looks: list[datetime]
) -> None:
    moments = sorted(looks)
    on = CALENDAR.day_of(moments[-1])
    seen = good_looks(Platform(posts, page=100), moments, set())
    stand = posting_stands(rule(), seen, on, Settings(posting_window_days=14), CALENDAR)

    start = CALENDAR.at(on - timedelta(days=14), time())
    published = any(start < at <= moments[-1] for at in posts)
    assert stand is (Stand.KEPT if published else Stand.SHORT)


@pytest.mark.parametrize(
    ("numbers", "wanted"),
    [
        ({}, (19, 1)),
        ({"a_week_at_least": 3}, (7, 3)),
        ({"a_week_at_least": 1, "a_week_up_to": 2}, (7, 1)),
        ({"a_week_up_to": 2}, (7, 1)),
    ],
)
def test_the_window_is_the_rules_week_or_the_municipalitys_own_days(
    numbers: dict[str, int], wanted: tuple[int, int]
) -> None:
    """Tib 2: regularly, rather once or twice a week. The upper end is never demanded."""
    window = window_of(rule(**numbers), Settings(posting_window_days=19))
    assert (window.days, window.posts) == wanted


def test_a_post_on_the_windows_first_day_counts_at_whatever_hour() -> None:
    on, settings = date(2026, 12, 17), Settings(posting_window_days=14)
    at = CALENDAR.at(on, time(5))
    for posted, stand in (
        (CALENDAR.at(date(2026, 12, 3), time(0, 1)), Stand.KEPT),
        (CALENDAR.at(date(2026, 12, 2), time(23, 59)), Stand.SHORT),
    ):
        looks = good_looks(Platform([posted]), [at], set())
        assert posting_stands(rule(), looks, on, settings, CALENDAR) is stand


def test_what_nobody_saw_is_unknown() -> None:
    on, settings = date(2026, 12, 17), Settings(posting_window_days=14)
    assert posting_stands(rule(), [], on, settings, CALENDAR) is Stand.UNKNOWN
    old = good_looks(Platform([]), [CALENDAR.at(date(2026, 12, 14), time(5))], set())
    assert posting_stands(rule(), old, on, settings, CALENDAR) is Stand.UNKNOWN


def test_a_post_that_was_seen_and_removed_still_counts() -> None:
    first, second = (CALENDAR.at(date(2026, 12, day), time(5)) for day in (10, 17))
    platform = Platform([CALENDAR.at(date(2026, 12, 8), time(9))])
    looks = good_looks(platform, [first], set())
    again = look_at(Platform([]), first, second)
    assert again is not None
    looks.append(again)
    assert posts_since(CALENDAR.at(date(2026, 12, 3), time()), looks, until=second) == (1, 1)
