"""Whatever a platform answers becomes an observation, or a question to a person; never a crash."""

import itertools
import json
import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.fetching import Fetcher
from connectors.observing import observe
from connectors.sights import AskPerson, Observation, Subject
from models import SightState
from tests.connectors import (
    test_bluesky,
    test_facebook,
    test_feeds,
    test_instagram,
    test_linkedin,
    test_mastodon,
)
from tests.connectors.world import NEW, NOW, OLD, TOKENS

ADDRESSES = {
    "mastodon": test_mastodon.ADDRESS,
    "bluesky": test_bluesky.ADDRESS,
    "facebook": test_facebook.ADDRESS,
    "instagram": test_instagram.ADDRESS,
    "linkedin": test_linkedin.ADDRESS,
    "youtube": "https://www.youtube.com/channel/UC" + "a" * 22,
    "blog": test_feeds.ADDRESS,
}
POSTS = {
    "feed": [test_bluesky.item(NEW), test_bluesky.item(OLD)],
    "data": [test_facebook.post(NEW), test_facebook.post(OLD)],
    "elements": [test_linkedin.element(NEW), test_linkedin.element(OLD)],
    "business_discovery": {"id": "1", "media_count": 1, "media": {"data": [test_instagram.medium(NEW)]}},
}
WHOLE = {
    **test_mastodon.account(),
    **test_bluesky.profile(),
    "error": {"code": 190, "error_subcode": 1},
    **POSTS,
}
"""An answer that is right for every platform that answers with an object."""
RSS = test_feeds.rss(NEW, OLD)
ATOM = test_feeds.atom("<updated>2026-11-20T08:00:00Z</updated>")
STATUSES = [test_mastodon.status(NEW), test_mastodon.status(OLD)]
TIMES = [
    "2026-11-22T12:00:00Z",
    "2026-11-22T12:00:00+0000",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-11-22T12:00:00",
    "x",
]
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(TIMES)
)
answers = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(sorted(WHOLE)), inner, max_size=8)
    ),
    max_leaves=20,
)
PIECES = [
    "<",
    ">",
    "&",
    "]",
    "http://[",
    "&#xFFFFFFFF;",
    "&#0;",
    "<![CDATA[",
    "<link>",
    "9999999999",
    "+99:99",
]


@st.composite
def nearly_right(draw: st.DrawFn) -> str:
    """A right answer in which one thing, at any depth, is another than it should be."""
    answer = json.loads(json.dumps(draw(st.sampled_from([WHOLE, STATUSES]))))
    within, key = answer, draw(keys_of(answer))
    while isinstance(within[key], dict | list) and within[key] and draw(st.booleans()):
        within = within[key]
        key = draw(keys_of(within))
    within[key] = draw(answers)
    return json.dumps(answer)


def keys_of(within: dict | list) -> st.SearchStrategy:
    return st.sampled_from(sorted(within) if isinstance(within, dict) else range(len(within)))


@st.composite
def broken_feeds(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from([RSS, ATOM]))
    for _ in range(draw(st.integers(1, 5))):
        at, cut = draw(st.integers(0, len(text))), draw(st.integers(0, 20))
        text = text[:at] + draw(st.sampled_from(PIECES)) + text[at + cut :]
    return text


bodies = nearly_right() | answers.map(json.dumps) | st.text(max_size=40) | broken_feeds()
statuses = st.sampled_from([200, 200, 200, 204, 301, 400, 401, 403, 404, 410, 426, 500])
slow = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


DAYS = itertools.count(step=2)
"""Each look is another day's: a server that asked for rest has had it."""


@pytest.mark.parametrize("platform", ADDRESSES)
@given(body=bodies, status=statuses)
@slow
def test_any_answer(httpserver: HTTPServer, fetcher: Fetcher, platform: str, body: str, status: int):
    def answer(request: Request) -> Response:
        return Response(body.encode("utf-8", "surrogatepass"), status, {"Location": "http://["})

    httpserver.clear_all_handlers()
    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    now = NOW + timedelta(days=next(DAYS))
    found = observe(Subject(platform, ADDRESSES[platform]), OLD, now, fetcher, TOKENS)
    assert isinstance(found, Observation | AskPerson)
    assert found.says or found.state in (SightState.OK, SightState.EMPTY)
    assert "hemlig" not in repr(found)
    if isinstance(found, Observation) and found.latest_at is not None:
        assert found.latest_at <= now
        assert found.latest_at.utcoffset() == timedelta(0)
