"""One question for all platforms (REQUIREMENTS 3, "Posting"; 5a)."""

from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer

from connectors.observing import CONNECTORS, connector_for
from connectors.sights import AskPerson, Missing, Subject, Tokens
from models import SightState
from policies.keys import Platform
from tests.connectors import test_facebook, test_feeds, test_instagram, test_linkedin
from tests.connectors.world import NEW, NOW, OLD, SINCE, Watch

READ = {"mastodon", "bluesky", "youtube", "blog", "podcast", "facebook", "instagram", "linkedin"}


@pytest.mark.parametrize("platform", [*sorted({*Platform} - READ), "", "myspace"])
def test_a_platform_that_cannot_be_read_asks_a_person(watch: Watch, httpserver: HTTPServer, platform: str):
    asked = watch(platform, "https://example.org/exempelby").ask()
    assert asked.missing is Missing.CONNECTOR
    assert asked.says.startswith("Kanalvakt kan inte läsa")
    assert not httpserver.log


def test_what_each_connector_needs():
    assert set(CONNECTORS) == READ
    needs = {platform: connector.tokens for platform, connector in CONNECTORS.items() if connector.tokens}
    expected = {
        "facebook": ("facebook",),
        "instagram": ("instagram", "instagram_asker"),
        "linkedin": ("linkedin",),
    }
    assert needs == expected
    assert all(hasattr(Tokens(), name) for names in needs.values() for name in names)


def test_no_connector_claims_to_be_verified_with_a_real_token():
    """Until somebody has done so: then the day is written, here and in the how-to."""
    assert not [connector for connector in CONNECTORS.values() if connector.verified_on]


def test_a_feed_is_no_substitute_for_a_connector_of_the_platforms_own():
    connector = connector_for(Subject("mastodon", "x", feed="https://blogg.example.org/feed"))
    assert connector is CONNECTORS["mastodon"]


@pytest.mark.parametrize("platform", sorted(READ))
def test_a_clock_set_back_is_told_and_nobody_is_asked(httpserver: HTTPServer, watch: Watch, platform: str):
    watcher = watch(platform, "https://blogg.example.org/feed", cursor={"etag": "x"}, platform_id="4711")
    seen = watcher.see(since=NOW + timedelta(seconds=1))
    assert (seen.state, seen.count, seen.complete) == (SightState.MALFORMED, None, False)
    assert (seen.cursor, seen.platform_id) == ({"etag": "x"}, "4711")
    assert "klocka" in seen.says
    assert not httpserver.log


def test_a_look_at_the_very_moment_of_the_last_one(httpserver: HTTPServer, watch: Watch):
    httpserver.expect_request("/feed").respond_with_data(test_feeds.rss(OLD))
    assert watch("blog", "https://blogg.example.org/feed").see(since=NOW).state is SightState.EMPTY


def serve_linkedin(server: HTTPServer) -> None:
    test_linkedin.serve(server, test_linkedin.element(NEW), test_linkedin.element(OLD))


SPOKEN = {
    "facebook": (test_facebook.ADDRESS, lambda server: test_facebook.serve(server, NEW, OLD)),
    "instagram": (test_instagram.ADDRESS, lambda server: test_instagram.serve(server, NEW, OLD)),
    "linkedin": (test_linkedin.ADDRESS, serve_linkedin),
}


@pytest.mark.parametrize("platform", SPOKEN)
def test_no_token_comes_out(httpserver: HTTPServer, watch: Watch, platform: str, caplog):
    address, serve = SPOKEN[platform]
    serve(httpserver)
    caplog.set_level("DEBUG")
    watcher = watch(platform, address)
    seen = watcher.see()
    assert (seen.state, seen.count) == (SightState.OK, 1)
    assert "hemlig" not in repr(seen)
    assert "hemlig" not in "".join(request.url for request, _ in httpserver.log)
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("werkzeug")]
    assert "hemlig" not in "".join(ours)


@pytest.mark.parametrize("echoed", ["x?access_token=hemlig-sida", "hemlig-facebook"])
def test_a_platform_that_echoes_the_token(httpserver: HTTPServer, watch: Watch, echoed: str):
    """In a post's address and as the page's id: both are kept."""
    page = {"id": "hemlig-facebook", "access_token": "hemlig-sida"}
    httpserver.expect_request("/v26.0/exempelby").respond_with_json(page)
    where = f"https://www.facebook.com/{echoed}"
    post = {"created_time": "2026-11-22T12:00:00+0000", "permalink_url": where}
    httpserver.expect_request("/v26.0/hemlig-facebook/published_posts").respond_with_json({"data": [post]})
    seen = watch("facebook", test_facebook.ADDRESS, tokens=Tokens(facebook="hemlig-facebook\n")).see()
    assert seen.state is SightState.OK
    assert "hemlig" not in repr(seen)


def test_an_error_is_never_no_posts(httpserver: HTTPServer, watch: Watch):
    """Whatever a server says instead: no count, and no time of a latest post, that could be acted on."""
    for status in (400, 401, 403, 404, 410, 429, 500):
        httpserver.clear()
        httpserver.expect_request("/").respond_with_data("", status=status)
        for platform in READ:
            found = watch(platform, "https://blogg.example.org/feed", tokens=Tokens()).look(SINCE)
            if isinstance(found, AskPerson):
                continue
            assert found.state not in (SightState.OK, SightState.EMPTY)
            assert (found.count, found.latest_at, found.complete) == (None, None, False)
