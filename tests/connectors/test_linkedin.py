"""LinkedIn's Posts API: posts by author, listed by when they were last changed."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_httpserver import HTTPServer

from connectors.sights import Missing, Tokens
from models import SightState
from tests.connectors.world import NEW, NOW, OLD, SINCE, Watch, spread

ADDRESS = "https://www.linkedin.com/company/4711/"
POSTS = "/rest/posts"
HEADERS = {
    "Authorization": "Bearer hemlig-linkedin",
    "LinkedIn-Version": "202610",
    "X-Restli-Protocol-Version": "2.0.0",
    "X-RestLi-Method": "FINDER",
}


def milliseconds(at):
    return int(at.timestamp() * 1000)


def element(published, modified=None, number=1, **more):
    made = {"id": f"urn:li:share:{number}", "author": "urn:li:organization:4711", "commentary": "Hej Kalle"}
    times = {"publishedAt": milliseconds(published), "lastModifiedAt": milliseconds(modified or published)}
    return {**made, **times, "lifecycleState": "PUBLISHED", "visibility": "PUBLIC", **more}


def serve(httpserver: HTTPServer, *elements, start=0):
    query = {
        "q": "author",
        "author": "urn:li:organization:4711",
        "start": str(start),
        "count": "50",
        "sortBy": "LAST_MODIFIED",
    }
    answer = {"elements": list(elements), "paging": {"start": start, "count": 50, "links": []}}
    httpserver.expect_request(POSTS, query_string=query, headers=HEADERS).respond_with_json(answer)


def test_the_newest_published_need_not_be_the_last_changed(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, element(OLD, NOW, 1), element(NEW, NEW, 2))
    seen = watch("linkedin", ADDRESS).see()
    assert (seen.state, seen.count, seen.complete, seen.latest_at) == (SightState.OK, 1, True, NEW)
    assert seen.latest_url == "https://www.linkedin.com/feed/update/urn:li:share:2/"
    assert (seen.source, seen.platform_id) == ("linkedin", "4711")
    assert "Kalle" not in repr(seen)


def test_the_author_is_encoded_as_the_documentation_has_it(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, element(NEW))
    watch("linkedin", ADDRESS).see()
    assert b"author=urn%3Ali%3Aorganization%3A4711" in httpserver.log[0][0].query_string


def test_drafts_and_unpublished_posts_are_not_counted(httpserver: HTTPServer, watch: Watch):
    draft = {key: value for key, value in element(NEW, NOW, 3).items() if key != "publishedAt"}
    serve(
        httpserver,
        {**draft, "lifecycleState": "DRAFT"},
        element(NEW, NOW, 4, lifecycleState="DELETED"),
        element(OLD),
    )
    assert watch("linkedin", ADDRESS).see().state is SightState.EMPTY


def test_a_page_of_changed_old_posts_hides_no_new_one(httpserver: HTTPServer, watch: Watch):
    changed = spread(50, NOW, timedelta(minutes=1))
    serve(httpserver, *[element(OLD, at, n) for n, at in enumerate(changed)])
    serve(httpserver, element(NEW, number=99), element(OLD), start=50)
    seen = watch("linkedin", ADDRESS).see()
    assert (seen.state, seen.count, seen.complete) == (SightState.OK, 1, True)


def test_nothing_but_changed_old_posts_asks_a_person(httpserver: HTTPServer, watch: Watch):
    changed = spread(50, NOW, timedelta(minutes=1))
    for start in (0, 50, 100):
        serve(httpserver, *[element(OLD, at, n) for n, at in enumerate(changed)], start=start)
    watcher = watch("linkedin", ADDRESS)
    assert watcher.ask().missing is Missing.SIGHT
    assert len(watcher.paths()) == 3


def test_a_full_page_of_new_posts_is_at_least(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, *[element(at, number=n) for n, at in enumerate(spread(50, NOW, timedelta(minutes=1)))])
    seen = watch("linkedin", ADDRESS).see()
    assert (seen.count, seen.complete) == (50, False)


def test_no_posts_is_empty(httpserver: HTTPServer, watch: Watch):
    serve(httpserver)
    assert watch("linkedin", ADDRESS).see().state is SightState.EMPTY


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (401, SightState.AUTH_EXPIRED),
        (403, SightState.NO_PERMISSION),
        (404, SightState.GONE),
        (426, SightState.MALFORMED),
        (429, SightState.RATE_LIMITED),
        (400, SightState.MALFORMED),
        (500, SightState.UNREACHABLE),
        (302, SightState.MALFORMED),
    ],
)
def test_refusals(httpserver: HTTPServer, watch: Watch, status, state):
    answer = {"status": status, "code": "X", "message": "hemlig-linkedin"}
    where = {"Location": "https://api.linkedin.com/elsewhere"}
    httpserver.expect_request(POSTS).respond_with_json(answer, status=status, headers=where)
    watcher = watch("linkedin", ADDRESS)
    seen = watcher.see()
    assert (seen.state, seen.count) == (state, None)
    assert "hemlig" not in repr(seen)
    assert set(watcher.paths()) == {POSTS}, "a token is carried to no other address"


def test_a_version_out_of_use_says_so(httpserver: HTTPServer, watch: Watch):
    httpserver.expect_request(POSTS).respond_with_json({"code": "NONEXISTENT_VERSION"}, status=426)
    assert "uppdateras" in watch("linkedin", ADDRESS).see().says


def test_the_days_limit_is_over_at_midnight_utc(httpserver: HTTPServer, watch: Watch):
    httpserver.expect_request(POSTS).respond_with_json({}, status=429)
    watcher = watch("linkedin", ADDRESS)
    midnight = datetime(2026, 11, 26, tzinfo=UTC)
    assert watcher.see().retry_after == midnight
    before = len(httpserver.log)
    assert watcher.see(now=NOW + timedelta(hours=2)).retry_after == midnight
    assert len(httpserver.log) == before, "nor is it asked before that"


@pytest.mark.parametrize("elements", [[{"id": 7}], ["x"], [{"id": "a", "lastModifiedAt": "i går"}], "text"])
def test_answers_of_another_form(httpserver: HTTPServer, watch: Watch, elements):
    httpserver.expect_request(POSTS).respond_with_json({"elements": elements})
    assert watch("linkedin", ADDRESS).see().state is SightState.MALFORMED


def test_the_number_as_known_or_in_the_administrators_address(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, element(NEW), element(SINCE))
    assert (
        watch("linkedin", "https://www.linkedin.com/company/exempelby", platform_id="4711").see().count == 1
    )
    assert watch("linkedin", "https://se.linkedin.com/company/4711/admin/feed").see().count == 1


@pytest.mark.parametrize(
    "address",
    ["", "https://www.linkedin.com/company/exempelby/", "https://www.linkedin.com/in/kalle", "4711"],
)
def test_without_the_number_it_is_asked_for(httpserver: HTTPServer, watch: Watch, address):
    asked = watch("linkedin", address).ask()
    assert asked.missing is Missing.ADDRESS
    assert "nummer" in asked.says
    assert not httpserver.log


@pytest.mark.parametrize("token", [None, "", "   ", "hemlig\nX-Extra: 1", "hemlig\u00e5"])
def test_without_a_usable_token_a_person_is_asked(httpserver: HTTPServer, watch: Watch, token):
    asked = watch("linkedin", ADDRESS, tokens=Tokens(linkedin=token)).ask()
    assert asked.missing is Missing.TOKEN
    assert "hemlig" not in asked.says
    assert not httpserver.log


def test_a_token_read_from_a_file_may_end_with_a_line_break(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, element(NEW))
    assert watch("linkedin", ADDRESS, tokens=Tokens(linkedin="hemlig-linkedin\n")).see().count == 1
