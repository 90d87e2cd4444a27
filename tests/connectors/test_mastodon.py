"""Mastodon, spoken as documented in methods/accounts and entities/Account and Status."""

from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer

from connectors.sights import Missing
from models import IdentityChange, SightState
from tests.connectors.world import FUTURE, NEW, NOW, OLD, SINCE, Watch, iso, spread

ADDRESS = "https://social.example.org/@exempelby"
LOOKUP = "/api/v1/accounts/lookup"
STATUSES = "/api/v1/accounts/4711/statuses"


def account(**more):
    return {"id": "4711", "username": "exempelby", "acct": "exempelby", "statuses_count": 12, **more}


def status(at, number=1, **more):
    url = f"https://social.example.org/@exempelby/{number}"
    return {
        "id": str(number),
        "created_at": iso(at),
        "url": url,
        "reblog": None,
        "content": "<p>Hej</p>",
        **more,
    }


def serve(httpserver: HTTPServer, *times, found=None):
    httpserver.expect_request(LOOKUP, query_string={"acct": "exempelby"}).respond_with_json(
        found or account()
    )
    httpserver.expect_request(STATUSES).respond_with_json([status(at, n) for n, at in enumerate(times)])


def test_posts_after_the_last_look_are_counted(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, NEW, SINCE + timedelta(seconds=1), SINCE, OLD)
    seen = watch("mastodon", ADDRESS).see()
    assert (seen.state, seen.count, seen.complete) == (SightState.OK, 2, True)
    assert seen.latest_at == NEW
    assert seen.latest_url == "https://social.example.org/@exempelby/0"
    assert (seen.checked_at, seen.source, seen.platform_id) == (NOW, "mastodon", "4711")


def test_reblogs_and_answers_to_others_are_not_asked_for(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, NEW)
    watch("mastodon", ADDRESS).see()
    asked = httpserver.log[-1][0].args
    assert asked.to_dict() == {"limit": "40", "exclude_reblogs": "true", "exclude_replies": "true"}


def test_a_server_that_sends_reblogs_all_the_same(httpserver: HTTPServer, watch: Watch):
    httpserver.expect_request(LOOKUP).respond_with_json(account())
    others = status(NEW, 1, reblog=status(NEW, 9))
    httpserver.expect_request(STATUSES).respond_with_json([others, status(OLD, 2)])
    assert watch("mastodon", ADDRESS).see().state is SightState.EMPTY


def test_nothing_new_is_empty_and_knows_the_latest(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, OLD)
    seen = watch("mastodon", ADDRESS).see()
    assert (seen.state, seen.count, seen.complete, seen.latest_at) == (SightState.EMPTY, 0, True, OLD)


def test_an_account_that_never_posted_is_empty_and_not_gone(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, found=account(statuses_count=0))
    seen = watch("mastodon", ADDRESS).see()
    assert (seen.state, seen.count, seen.latest_at) == (SightState.EMPTY, 0, None)


def test_a_full_page_of_new_posts_is_at_least(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, *spread(40, NOW))
    seen = watch("mastodon", ADDRESS).see()
    assert (seen.state, seen.count, seen.complete) == (SightState.OK, 40, False)


def test_a_full_page_that_reaches_back_to_the_last_look_is_exact(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, *spread(40, NOW, timedelta(hours=6)))
    seen = watch("mastodon", ADDRESS).see()
    assert (seen.count, seen.complete) == (20, True)


def test_the_first_look_counts_what_there_is(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, NEW, OLD)
    seen = watch("mastodon", ADDRESS).see(since=None)
    assert (seen.state, seen.count, seen.complete) == (SightState.OK, 2, True)


def test_a_post_from_the_future_is_told_and_not_counted(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, FUTURE, NEW, OLD)
    seen = watch("mastodon", ADDRESS).see()
    assert (seen.count, seen.latest_at) == (1, NEW)
    assert "framtiden" in seen.says


@pytest.mark.parametrize(
    ("status_code", "answer", "state"),
    [
        (404, {"error": "Record not found"}, SightState.GONE),
        (410, {"error": "Gone"}, SightState.GONE),
        (401, {"error": "This method requires an authenticated user"}, SightState.NO_PERMISSION),
        (403, {"error": "This action is not allowed"}, SightState.NO_PERMISSION),
        (429, {"error": "Too many requests"}, SightState.RATE_LIMITED),
        (500, {"error": "Something went wrong"}, SightState.UNREACHABLE),
        (503, {"error": "Remote data could not be fetched"}, SightState.UNREACHABLE),
        (200, {"error": "what is this"}, SightState.MALFORMED),
        (200, [], SightState.MALFORMED),
        (418, {}, SightState.MALFORMED),
    ],
)
def test_refusals_of_lookup(httpserver: HTTPServer, watch: Watch, status_code, answer, state):
    httpserver.expect_request(LOOKUP).respond_with_json(answer, status=status_code)
    seen = watch("mastodon", ADDRESS).see()
    assert (seen.state, seen.count, seen.latest_at) == (state, None, None)
    assert seen.says


def test_a_page_that_is_no_mastodon_does_not_say_that_the_account_is_gone(
    httpserver: HTTPServer, watch: Watch
):
    httpserver.expect_request(LOOKUP).respond_with_data(
        "<h1>Not found</h1>", status=404, content_type="text/html"
    )
    assert watch("mastodon", ADDRESS).see().state is SightState.MALFORMED


def test_when_the_server_can_be_asked_again(httpserver: HTTPServer, watch: Watch):
    reset = NOW + timedelta(minutes=3)
    httpserver.expect_request(LOOKUP).respond_with_json(
        {"error": "Throttled"}, status=429, headers={"X-RateLimit-Reset": iso(reset)}
    )
    assert watch("mastodon", ADDRESS).see().retry_after == reset


def test_a_suspended_account_is_gone(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, found=account(suspended=True))
    assert watch("mastodon", ADDRESS).see().state is SightState.GONE


def test_a_moved_account_says_where(httpserver: HTTPServer, watch: Watch):
    moved = account(id="1", url="https://annan.example.org/@exempelby")
    serve(httpserver, found=account(moved=moved))
    seen = watch("mastodon", ADDRESS).see()
    assert (seen.state, seen.change) == (SightState.GONE, IdentityChange.MOVED)
    assert "https://annan.example.org/@exempelby" in seen.says


def test_a_limited_account_is_read_and_told(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, NEW, found=account(limited=True))
    seen = watch("mastodon", ADDRESS).see()
    assert (seen.state, seen.count) == (SightState.OK, 1)
    assert "begränsat" in seen.says


def test_an_account_for_followers_only_is_private_and_not_empty(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, found=account(locked=True))
    assert watch("mastodon", ADDRESS).see().state is SightState.PRIVATE


def test_the_address_now_leads_to_somebody_else(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, NEW)
    seen = watch("mastodon", ADDRESS, platform_id="99").see()
    assert (seen.state, seen.change, seen.count) == (SightState.GONE, IdentityChange.TAKEN_OVER, None)
    assert seen.platform_id == "99", "the id of the account that is registered is kept"
    assert STATUSES not in [request.path for request, _ in httpserver.log]


def test_a_renamed_account_is_found_by_its_id_and_told(httpserver: HTTPServer, watch: Watch):
    httpserver.expect_request(LOOKUP).respond_with_json({"error": "Record not found"}, status=404)
    httpserver.expect_request("/api/v1/accounts/4711").respond_with_json(account(acct="nyttnamn"))
    httpserver.expect_request(STATUSES).respond_with_json([status(NEW)])
    seen = watch("mastodon", ADDRESS, platform_id="4711").see()
    assert (seen.state, seen.count, seen.change) == (SightState.OK, 1, IdentityChange.RENAMED)
    assert "nyttnamn" in seen.says


def test_an_account_found_neither_by_name_nor_by_id_is_gone(httpserver: HTTPServer, watch: Watch):
    for path in (LOOKUP, "/api/v1/accounts/4711"):
        httpserver.expect_request(path).respond_with_json({"error": "Record not found"}, status=404)
    seen = watch("mastodon", ADDRESS, platform_id="4711").see()
    assert (seen.state, seen.change) == (SightState.GONE, None)


def test_a_page_that_a_server_cut_shorter_than_asked(httpserver: HTTPServer, watch: Watch):
    """Servers of Mastodon's kin give fewer than asked; the Link header says that there are more."""
    httpserver.expect_request(LOOKUP).respond_with_json(account())
    link = '<https://social.example.org/api/v1/accounts/4711/statuses?max_id=1>; rel="next"'
    httpserver.expect_request(STATUSES).respond_with_json([status(NEW)], headers={"Link": link})
    seen = watch("mastodon", ADDRESS).see()
    assert (seen.count, seen.complete) == (1, False)


@pytest.mark.parametrize(
    "address",
    [
        "@exempelby@social.example.org",
        "social.example.org/@exempelby",
        "https://social.example.org/users/exempelby",
        "https://social.example.org/web/@exempelby/",
        "https://annan.example.org/@exempelby@social.example.org",
    ],
)
def test_ways_to_write_the_address(httpserver: HTTPServer, watch: Watch, address):
    serve(httpserver, NEW)
    assert watch("mastodon", address).see().count == 1


@pytest.mark.parametrize(
    "address", ["", "exempelby", "https://social.example.org/", "ftp://social.example.org/@x", "@exempelby"]
)
def test_addresses_that_are_none(watch: Watch, address):
    asked = watch("mastodon", address).ask()
    assert asked.missing is Missing.ADDRESS
    assert "https://" in asked.says
