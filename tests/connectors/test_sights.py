"""How a page of posts is judged (REQUIREMENTS 3: at least or exactly; an error is never "no posts")."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sights import NeedsPerson, Page, Post, reach, shown_url, sight_of
from models import SightState
from tests.connectors.world import NOW, SINCE

moments = st.datetimes(datetime(2026, 11, 1), datetime(2026, 12, 20), timezones=st.just(UTC))


@given(st.lists(moments, max_size=60), st.integers(1, 30), st.none() | moments.filter(lambda at: at <= NOW))
def test_a_count_is_right_or_at_least(published: list[datetime], shown: int, since: datetime | None):
    """Of all that an account has published, a platform shows the newest."""
    newest = sorted(published, reverse=True)
    page = Page([Post(at, None) for at in newest[:shown]], reach(newest[:shown], more=len(newest) > shown))
    truth = [at for at in published if at <= NOW and (since is None or at > since)]
    try:
        seen = sight_of(page, source="test", since=since, now=NOW)
    except NeedsPerson:
        assert len(newest) > shown, "only where something is out of sight"
        return
    assert seen.count is not None
    assert seen.count == len(truth) if seen.complete else seen.count <= len(truth)
    assert (seen.state is SightState.EMPTY) == (seen.count == 0)
    assert (seen.state is not SightState.EMPTY) or not truth, "empty is never said of an account that posts"
    assert seen.latest_at == max((at for at in published if at <= NOW), default=None)


def test_a_page_whose_oldest_is_as_old_as_the_last_look_hides_nothing_new():
    seen = sight_of(Page([Post(NOW, None), Post(SINCE, None)], SINCE), source="test", since=SINCE, now=NOW)
    assert (seen.count, seen.complete) == (1, True)


def test_undated_posts_make_nothing_of_empty():
    page = Page([Post(SINCE - timedelta(days=1), None)], SINCE - timedelta(days=1), undated=1)
    with pytest.raises(NeedsPerson):
        sight_of(page, source="test", since=SINCE, now=NOW)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://a:b@example.org/",
        "http://",
        "example.org/x",
        "https://[::1",
        "",
        "https://example.org/" + "x" * 500,
        "https://example.org/\n",
        None,
    ],
)
def test_addresses_that_are_not_shown(address):
    assert shown_url(address) is None


@pytest.mark.parametrize("address", ["https://example.org/?p=1", "http://example.org/å/inlägg"])
def test_addresses_that_are_shown(address):
    assert shown_url(address) == address
