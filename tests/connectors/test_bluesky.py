"""Bluesky, spoken as in the lexicons app.bsky.actor.getProfile and app.bsky.feed.getAuthorFeed."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_httpserver import HTTPServer

from connectors.sights import Missing
from models import IdentityChange, SightState
from tests.connectors.world import NEW, NOW, OLD, SINCE, Watch, iso, spread

ADDRESS = "https://bsky.app/profile/exempelby.example.org"
DID = "did:plc:abc234"
PROFILE = "/xrpc/app.bsky.actor.getProfile"
FEED = "/xrpc/app.bsky.feed.getAuthorFeed"


def profile(**more):
    return {"did": DID, "handle": "exempelby.example.org", "postsCount": 3, **more}


def item(at, number=1, repost_at=None):
    author = {"did": DID, "handle": "exempelby.example.org"}
    uri = f"at://{DID}/app.bsky.feed.post/3k{number}"
    made = {"$type": "app.bsky.feed.post", "text": "Hej", "createdAt": "2001-01-01T00:00:00Z"}
    post = {"uri": uri, "cid": "b", "author": author, "record": made, "indexedAt": iso(at)}
    if repost_at is None:
        return {"post": post}
    reason = {"$type": "app.bsky.feed.defs#reasonRepost", "by": author, "indexedAt": iso(repost_at)}
    return {"post": post, "reason": reason}


def serve(httpserver: HTTPServer, *items, cursor=None, found=None):
    httpserver.expect_request(PROFILE).respond_with_json(found or profile())
    feed = {"feed": list(items), **({"cursor": cursor} if cursor else {})}
    httpserver.expect_request(
        FEED, query_string={"actor": DID, "limit": "100", "filter": "posts_and_author_threads"}
    ).respond_with_json(feed)


def test_posts_are_dated_by_when_the_server_saw_them(httpserver: HTTPServer, watch: Watch):
    """`createdAt` is whatever the writer's program says."""
    serve(httpserver, item(NEW, 7), item(OLD))
    seen = watch("bluesky", ADDRESS).see()
    assert (seen.state, seen.count, seen.complete, seen.latest_at) == (SightState.OK, 1, True, NEW)
    assert seen.latest_url == f"https://bsky.app/profile/{DID}/post/3k7"
    assert (seen.platform_id, seen.source) == (DID, "bluesky")


def test_times_are_told_in_utc(httpserver: HTTPServer, watch: Watch):
    serve(
        httpserver, {"post": {**item(NEW)["post"], "indexedAt": "2026-11-22T14:30:00.123+02:00"}}, item(OLD)
    )
    seen = watch("bluesky", ADDRESS).see()
    assert seen.latest_at == datetime(2026, 11, 22, 12, 30, 0, 123000, tzinfo=UTC)
    assert seen.latest_at.tzinfo is UTC


def test_reposts_are_not_posts(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, item(NEW, 1, repost_at=NOW), item(OLD))
    seen = watch("bluesky", ADDRESS).see()
    assert (seen.state, seen.count, seen.latest_at) == (SightState.EMPTY, 0, OLD)


def test_more_pages_are_read_while_reposts_hide_the_posts(httpserver: HTTPServer, watch: Watch):
    """A page reaches back to when things were reposted, not to when they were written."""
    reposts = [item(OLD, n, repost_at=at) for n, at in enumerate(spread(100, NOW, timedelta(minutes=1)))]
    first = {"actor": DID, "limit": "100", "filter": "posts_and_author_threads"}
    httpserver.expect_request(PROFILE).respond_with_json(profile())
    httpserver.expect_request(FEED, query_string=first).respond_with_json({"feed": reposts, "cursor": "c2"})
    second = {"feed": [item(NEW), item(OLD)], "cursor": "c3"}
    httpserver.expect_request(FEED, query_string={**first, "cursor": "c2"}).respond_with_json(second)
    seen = watch("bluesky", ADDRESS).see()
    assert (seen.state, seen.count, seen.complete) == (SightState.OK, 1, True)


def test_nothing_but_reposts_asks_a_person_and_never_says_no_posts(httpserver: HTTPServer, watch: Watch):
    reposts = [item(OLD, n, repost_at=at) for n, at in enumerate(spread(100, NOW, timedelta(minutes=1)))]
    httpserver.expect_request(PROFILE).respond_with_json(profile())
    httpserver.expect_request(FEED).respond_with_json({"feed": reposts, "cursor": "more"})
    watcher = watch("bluesky", ADDRESS)
    assert watcher.ask().missing is Missing.SIGHT
    assert watcher.paths().count(FEED) == 3, "the search has an end"


def test_a_page_of_new_posts_with_more_behind_is_at_least(httpserver: HTTPServer, watch: Watch):
    serve(
        httpserver, *[item(at, n) for n, at in enumerate(spread(100, NOW, timedelta(minutes=1)))], cursor="c2"
    )
    seen = watch("bluesky", ADDRESS).see()
    assert (seen.count, seen.complete) == (100, False)


def test_an_account_without_posts_is_empty(httpserver: HTTPServer, watch: Watch):
    serve(httpserver)
    seen = watch("bluesky", ADDRESS).see()
    assert (seen.state, seen.count, seen.latest_at) == (SightState.EMPTY, 0, None)


@pytest.mark.parametrize(
    ("status", "error", "message", "state"),
    [
        (400, "InvalidRequest", "Profile not found", SightState.GONE),
        (400, "InvalidRequest", "Unable to resolve handle", SightState.GONE),
        (400, "AccountTakedown", "Account has been suspended", SightState.GONE),
        (400, "AccountDeactivated", "Account is deactivated", SightState.GONE),
        (400, "BlockedActor", "Requester has blocked actor", SightState.PRIVATE),
        (400, "BlockedByActor", "Requester is blocked by actor", SightState.PRIVATE),
        (400, "InvalidRequest", "Error: limit must be an integer", SightState.MALFORMED),
        (401, "AuthMissing", "Authentication Required", SightState.NO_PERMISSION),
        (429, "RateLimitExceeded", "Rate Limit Exceeded", SightState.RATE_LIMITED),
        (502, "UpstreamFailure", "Upstream Failure", SightState.UNREACHABLE),
    ],
)
def test_refusals(httpserver: HTTPServer, watch: Watch, status, error, message, state):
    httpserver.expect_request(PROFILE).respond_with_json({"error": error, "message": message}, status=status)
    seen = watch("bluesky", ADDRESS).see()
    assert (seen.state, seen.count) == (state, None)
    assert message not in seen.says


def test_when_the_server_can_be_asked_again(httpserver: HTTPServer, watch: Watch):
    reset = NOW + timedelta(minutes=4)
    headers = {"RateLimit-Reset": str(int(reset.timestamp()))}
    httpserver.expect_request(PROFILE).respond_with_json(
        {"error": "RateLimitExceeded"}, status=429, headers=headers
    )
    assert watch("bluesky", ADDRESS).see().retry_after == reset


def test_a_handle_that_somebody_else_has_now(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, item(NEW), found=profile(did="did:plc:other"))
    watcher = watch("bluesky", ADDRESS, platform_id=DID)
    seen = watcher.see()
    assert (seen.state, seen.change) == (SightState.GONE, IdentityChange.TAKEN_OVER)
    assert FEED not in watcher.paths()


def test_a_renamed_account_is_found_by_its_did(httpserver: HTTPServer, watch: Watch):
    nobody = {"error": "InvalidRequest", "message": "Profile not found"}
    httpserver.expect_request(PROFILE, query_string={"actor": "exempelby.example.org"}).respond_with_json(
        nobody, status=400
    )
    httpserver.expect_request(PROFILE, query_string={"actor": DID}).respond_with_json(
        profile(handle="ny.example.org")
    )
    httpserver.expect_request(FEED).respond_with_json({"feed": [item(NEW), item(SINCE)]})
    seen = watch("bluesky", ADDRESS, platform_id=DID).see()
    assert (seen.state, seen.count, seen.change) == (SightState.OK, 1, IdentityChange.RENAMED)
    assert "ny.example.org" in seen.says


@pytest.mark.parametrize(
    "address", ["@exempelby.example.org", "exempelby.example.org", "bsky.app/profile/Exempelby.example.org/"]
)
def test_ways_to_write_the_address(httpserver: HTTPServer, watch: Watch, address):
    serve(httpserver, item(NEW))
    watcher = watch("bluesky", address)
    assert watcher.see().count == 1
    assert httpserver.log[0][0].args["actor"] == "exempelby.example.org"


@pytest.mark.parametrize(
    "address",
    ["", "exempelby", "https://bsky.app/", "https://bsky.app/search?q=x", "https://bsky.app/profile"],
)
def test_addresses_that_are_none(watch: Watch, address):
    assert watch("bluesky", address).ask().missing is Missing.ADDRESS
