"""Instagram's business discovery, as documented: one account asks about another by name."""

from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer

from connectors.sights import Missing, Tokens
from models import IdentityChange, SightState
from tests.connectors.world import NEW, NOW, OLD, TOKENS, Watch, spread

ADDRESS = "https://www.instagram.com/exempelby/"
ASKED = "/v26.0/17840"


def medium(at, number=1):
    at = at.strftime("%Y-%m-%dT%H:%M:%S+0000")
    return {"timestamp": at, "permalink": f"https://www.instagram.com/p/{number}/", "id": str(number)}


def serve(httpserver: HTTPServer, *times, count=None, found_id="17841"):
    media = {"data": [medium(at, n) for n, at in enumerate(times)], "paging": {"cursors": {"after": "x"}}}
    found = {
        "id": found_id,
        "media_count": len(times) if count is None else count,
        **({"media": media} if times else {}),
    }
    fields = "business_discovery.username(exempelby){id,media_count,media.limit(25){timestamp,permalink}}"
    asked = httpserver.expect_request(
        ASKED, query_string={"fields": fields}, headers={"Authorization": "Bearer hemlig-instagram"}
    )
    asked.respond_with_json({"business_discovery": found, "id": "17840"})


def refuse(httpserver: HTTPServer, code, subcode=None):
    error = {"message": "hemlig-instagram", "type": "OAuthException", "code": code, "error_subcode": subcode}
    httpserver.expect_request(ASKED).respond_with_json({"error": error}, status=400)


def test_media_after_the_last_look_are_counted(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, NEW, OLD)
    seen = watch("instagram", ADDRESS).see()
    assert (seen.state, seen.count, seen.complete, seen.latest_at) == (SightState.OK, 1, True, NEW)
    assert seen.latest_url == "https://www.instagram.com/p/0/"
    assert (seen.source, seen.platform_id) == ("instagram", "17841")


def test_nothing_new_and_nothing_ever(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, OLD)
    assert watch("instagram", ADDRESS).see().state is SightState.EMPTY


def test_an_account_that_never_posted_is_empty(httpserver: HTTPServer, watch: Watch):
    serve(httpserver)
    seen = watch("instagram", ADDRESS).see()
    assert (seen.state, seen.latest_at) == (SightState.EMPTY, None)


def test_media_that_are_counted_but_not_shown_are_not_taken_for_none(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, count=80)
    assert watch("instagram", ADDRESS).ask().missing is Missing.SIGHT


def test_a_full_page_is_at_least(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, *spread(25, NOW, timedelta(minutes=9)), count=300)
    seen = watch("instagram", ADDRESS).see()
    assert (seen.count, seen.complete) == (25, False)


@pytest.mark.parametrize(
    ("code", "subcode", "known", "state"),
    [
        (110, 2207013, None, SightState.PRIVATE),
        (110, 2207013, "17841", SightState.GONE),
        (100, 33, None, SightState.NO_PERMISSION),
        (190, None, None, SightState.AUTH_EXPIRED),
        (10, None, None, SightState.NO_PERMISSION),
        (200, None, None, SightState.NO_PERMISSION),
        (4, None, None, SightState.RATE_LIMITED),
        (80002, None, None, SightState.RATE_LIMITED),
        (1, None, None, SightState.UNREACHABLE),
        (100, None, None, SightState.MALFORMED),
    ],
)
def test_refusals(httpserver: HTTPServer, watch: Watch, code, subcode, known, state):
    """Not found is told apart by whether it once was: a personal or private account never is. What is missing
    by 100/33 is the account that asks."""
    refuse(httpserver, code, subcode)
    seen = watch("instagram", ADDRESS, platform_id=known).see()
    assert (seen.state, seen.count, seen.platform_id) == (state, None, known)
    assert "hemlig" not in repr(seen)


def test_another_account_has_the_name_now(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, NEW)
    seen = watch("instagram", ADDRESS, platform_id="999").see()
    assert (seen.state, seen.change, seen.count) == (SightState.GONE, IdentityChange.TAKEN_OVER, None)


@pytest.mark.parametrize(
    "address", ["@exempelby", "instagram.com/Exempelby", "https://www.instagram.com/exempelby?hl=sv"]
)
def test_ways_to_write_the_address(httpserver: HTTPServer, watch: Watch, address):
    serve(httpserver, NEW)
    assert watch("instagram", address).see().count == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "exempelby",
        "https://www.instagram.com/p/abc/",
        "https://www.instagram.com/",
        "@namn){id}",
        "https://www.instagram.com/x%29%7Bid%7D/",
    ],
)
def test_addresses_that_are_none(httpserver: HTTPServer, watch: Watch, address):
    assert watch("instagram", address).ask().missing is Missing.ADDRESS
    assert not httpserver.log


@pytest.mark.parametrize(
    "tokens",
    [
        Tokens(),
        Tokens(instagram="hemlig"),
        Tokens(instagram_asker="17840"),
        Tokens(instagram="hemlig", instagram_asker="@vi"),
    ],
)
def test_without_token_or_asking_account_a_person_is_asked(httpserver: HTTPServer, watch: Watch, tokens):
    assert watch("instagram", ADDRESS, tokens=tokens).ask().missing is Missing.TOKEN
    assert not httpserver.log


def test_tokens_are_not_shown():
    assert "hemlig" not in repr(TOKENS)
