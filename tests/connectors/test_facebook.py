"""Facebook pages, spoken as in Graph's reference: page, published_posts, error handling, rate limiting."""

import json
from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer

from connectors.sights import Missing, Tokens
from models import IdentityChange, SightState
from tests.connectors.world import NEW, NOW, OLD, Watch, spread

ADDRESS = "https://www.facebook.com/exempelby"
PAGE = "/v26.0/exempelby"
POSTS = "/v26.0/100200300/published_posts"
BEARER = {"Authorization": "Bearer hemlig-facebook"}


def post(at, number=1):
    """Graph writes times as 2026-11-22T12:00:00+0000."""
    where = f"https://www.facebook.com/exempelby/posts/{number}"
    return {
        "created_time": at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "permalink_url": where,
        "id": f"100200300_{number}",
    }


def serve(httpserver: HTTPServer, *times, more=False, token="hemlig-sida", page=None):
    found = page or {"id": "100200300", "username": "exempelby", "access_token": token}
    httpserver.expect_request(PAGE, headers=BEARER).respond_with_json(found)
    paging = {
        "cursors": {"before": "a", "after": "b"},
        **({"next": f"https://graph.facebook.com/x?access_token={token}"} if more else {}),
    }
    answer = {"data": [post(at, n) for n, at in enumerate(times)], "paging": paging}
    headers = {"Authorization": f"Bearer {token}"}
    httpserver.expect_request(POSTS, headers=headers).respond_with_json(answer)


def refuse(httpserver: HTTPServer, code, subcode=None, status=400, headers=None, path=PAGE):
    error = {
        "message": "(#1) hemlig-facebook is wrong",
        "type": "OAuthException",
        "code": code,
        "fbtrace_id": "A",
    }
    body = {"error": {**error, **({"error_subcode": subcode} if subcode else {})}}
    httpserver.expect_request(path).respond_with_json(body, status=status, headers=headers)


def test_posts_are_read_with_the_pages_own_token(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, NEW, OLD)
    seen = watch("facebook", ADDRESS).see()
    assert (seen.state, seen.count, seen.complete, seen.latest_at) == (SightState.OK, 1, True, NEW)
    assert seen.latest_url == "https://www.facebook.com/exempelby/posts/0"
    assert (seen.source, seen.platform_id) == ("facebook", "100200300")


def test_the_token_stands_in_no_address(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, NEW, OLD)
    watch("facebook", ADDRESS).see()
    assert len(httpserver.log) == 2
    assert not [request.url for request, _ in httpserver.log if "hemlig" in request.url]


def test_a_token_that_is_given_no_page_token_is_used_itself(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, NEW, OLD, token="hemlig-facebook", page={"id": "100200300"})
    assert watch("facebook", ADDRESS).see().count == 1


def test_nothing_new_is_empty(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, OLD)
    seen = watch("facebook", ADDRESS).see()
    assert (seen.state, seen.count, seen.latest_at) == (SightState.EMPTY, 0, OLD)


def test_no_post_at_all_may_be_a_token_that_is_shown_nothing_so_a_person_is_asked(httpserver, watch: Watch):
    serve(httpserver)
    assert watch("facebook", ADDRESS).ask().missing is Missing.SIGHT


@pytest.mark.parametrize(("count", "more"), [(25, False), (3, True)])
def test_when_older_posts_may_be_missing_it_is_at_least(httpserver: HTTPServer, watch: Watch, count, more):
    serve(httpserver, *spread(count, NOW, timedelta(minutes=5)), more=more)
    seen = watch("facebook", ADDRESS).see()
    assert (seen.count, seen.complete) == (count, False)


@pytest.mark.parametrize(
    ("code", "subcode", "state"),
    [
        (190, 463, SightState.AUTH_EXPIRED),
        (190, 460, SightState.AUTH_EXPIRED),
        (102, None, SightState.AUTH_EXPIRED),
        (4, None, SightState.RATE_LIMITED),
        (17, 2446079, SightState.RATE_LIMITED),
        (32, None, SightState.RATE_LIMITED),
        (613, None, SightState.RATE_LIMITED),
        (80001, None, SightState.RATE_LIMITED),
        (10, None, SightState.NO_PERMISSION),
        (200, None, SightState.NO_PERMISSION),
        (210, None, SightState.NO_PERMISSION),
        (100, 33, SightState.GONE),
        (803, None, SightState.GONE),
        (100, None, SightState.MALFORMED),
        (2, None, SightState.UNREACHABLE),
        (99999, None, SightState.MALFORMED),
    ],
)
@pytest.mark.parametrize("where", ["page", "posts"])
def test_refusals(httpserver: HTTPServer, watch: Watch, code, subcode, state, where):
    if where == "posts":
        httpserver.expect_request(PAGE).respond_with_json({"id": "100200300"})
    refuse(httpserver, code, subcode, path=PAGE if where == "page" else POSTS)
    seen = watch("facebook", ADDRESS).see()
    assert (seen.state, seen.count, seen.latest_at) == (state, None, None)
    assert seen.says
    assert "hemlig" not in repr(seen)


def test_why_a_token_is_no_longer_valid(httpserver: HTTPServer, watch: Watch):
    refuse(httpserver, 190, 460)
    assert "lösenordet har bytts" in watch("facebook", ADDRESS).see().says


def test_when_the_limit_is_over(httpserver: HTTPServer, watch: Watch):
    use = {"100200300": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 19}]}
    refuse(httpserver, 32, headers={"X-Business-Use-Case-Usage": json.dumps(use)})
    assert watch("facebook", ADDRESS).see().retry_after == NOW + timedelta(minutes=19)


@pytest.mark.parametrize("usage", ["", "nonsense", "[]", '{"1": 7}'])
def test_a_limit_that_does_not_say_when(httpserver: HTTPServer, watch: Watch, usage):
    refuse(httpserver, 32, headers={"X-Business-Use-Case-Usage": usage})
    assert watch("facebook", ADDRESS).see().retry_after == NOW + timedelta(hours=1)


def test_no_other_page_is_asked_while_the_whole_application_is_limited(httpserver: HTTPServer, watch: Watch):
    refuse(httpserver, 4, status=403)
    watch("facebook", ADDRESS).see()
    before = len(httpserver.log)
    other = watch("facebook", "https://www.facebook.com/annan")
    assert other.see().state is SightState.RATE_LIMITED
    assert len(httpserver.log) == before
    httpserver.expect_request("/v26.0/annan").respond_with_json({"error": {"code": 803}}, status=404)
    assert other.see(now=NOW + timedelta(hours=2)).state is SightState.GONE


@pytest.mark.parametrize(
    "body", ["<html>", "[]", '{"error": "text"}', '{"data": [{"created_time": "nyss"}]}']
)
@pytest.mark.parametrize("status", [200, 400])
def test_answers_of_another_form(httpserver: HTTPServer, watch: Watch, body, status):
    httpserver.expect_request(PAGE).respond_with_json({"id": "100200300"})
    httpserver.expect_request(POSTS).respond_with_data(body, status=status)
    assert watch("facebook", ADDRESS).see().state is SightState.MALFORMED


def test_another_page_has_the_name_now(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, NEW)
    watcher = watch("facebook", ADDRESS, platform_id="555")
    seen = watcher.see()
    assert (seen.state, seen.change) == (SightState.GONE, IdentityChange.TAKEN_OVER)
    assert POSTS not in watcher.paths()


def test_a_renamed_page_is_found_by_its_id(httpserver: HTTPServer, watch: Watch):
    refuse(httpserver, 803, status=404)
    found = {"id": "100200300", "username": "nyttnamn"}
    httpserver.expect_request("/v26.0/100200300").respond_with_json(found)
    httpserver.expect_request(POSTS).respond_with_json({"data": [post(NEW), post(OLD)]})
    seen = watch("facebook", ADDRESS, platform_id="100200300").see()
    assert (seen.state, seen.count, seen.change) == (SightState.OK, 1, IdentityChange.RENAMED)
    assert "nyttnamn" in seen.says


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("facebook.com/exempelby/", "exempelby"),
        ("https://m.facebook.com/exempelby?ref=x", "exempelby"),
        ("https://www.facebook.com/pg/exempelby", "exempelby"),
        ("https://www.facebook.com/profile.php?id=100200300", "100200300"),
        ("https://www.facebook.com/pages/Exempelby-kommun/100200300", "100200300"),
        ("https://www.facebook.com/p/Exempelby-kommun-100200300/", "100200300"),
        ("https://www.facebook.com/people/Exempelby/100200300/", "100200300"),
        ("https://sv-se.facebook.com/exempelby", "exempelby"),
    ],
)
def test_ways_to_write_the_address(httpserver: HTTPServer, watch: Watch, address, asked):
    watcher = watch("facebook", address)
    watcher.see()
    assert watcher.paths()[0] == f"/v26.0/{asked}"


@pytest.mark.parametrize(
    "address",
    ["", "exempelby", "https://www.facebook.com/", "https://www.facebook.com/groups/exempelby", "https://example.org/exempelby",
     "https://www.facebook.com/profile.php?id=", "https://www.facebook.com/exempel%2F..%2Fme", "https://www.facebook.com/pages/category/x/"],
)  # fmt: skip
def test_addresses_that_are_no_pages(httpserver: HTTPServer, watch: Watch, address):
    assert watch("facebook", address).ask().missing is Missing.ADDRESS
    assert not httpserver.log


def test_without_a_token_a_person_is_asked(httpserver: HTTPServer, watch: Watch):
    assert watch("facebook", ADDRESS, tokens=Tokens()).ask().missing is Missing.TOKEN
    assert not httpserver.log
