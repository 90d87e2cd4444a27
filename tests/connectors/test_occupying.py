"""Who has an address, as each platform documents its answer; and names that can be taken for ours."""

import pytest
from pytest_httpserver import HTTPServer

from connectors.fetching import Fetcher
from connectors.look_alikes import MOST, look_alikes
from connectors.occupying import Occupant, who_has
from connectors.sights import NeedsPerson, NotSeen
from models.observation import SightState
from tests.connectors.world import NOW

MASTODON = "https://social.example.org/@biblan"
LOOKUP = "/api/v1/accounts/lookup"
BLUESKY = "https://bsky.app/profile/biblan.bsky.social"
PROFILE = "/xrpc/app.bsky.actor.getProfile"
YOUTUBE = "https://www.youtube.com/@biblan"
CHANNEL = "UC" + "a" * 22
CANONICAL = f'<html><head><link rel="canonical" href="https://www.youtube.com/channel/{CHANNEL}"></head>'
PLACES = [("mastodon", MASTODON, LOOKUP), ("bluesky", BLUESKY, PROFILE), ("youtube", YOUTUBE, "/@biblan")]


def test_somebody_on_mastodon(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_request(LOOKUP, query_string="acct=biblan").respond_with_json(
        {"id": "7", "acct": "biblan"}
    )
    assert who_has("mastodon", MASTODON, NOW, fetcher) == Occupant("7", "@biblan")


def test_nobody_and_one_shut_out_on_mastodon(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_ordered_request(LOOKUP).respond_with_json({"error": "Record not found"}, 404)
    httpserver.expect_ordered_request(LOOKUP).respond_with_json(
        {"id": "7", "acct": "biblan", "suspended": True}
    )
    assert who_has("mastodon", MASTODON, NOW, fetcher) is None
    assert who_has("mastodon", MASTODON, NOW, fetcher) is None


def test_somebody_and_nobody_on_bluesky(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    somebody = {"did": "did:plc:abc", "handle": "biblan.bsky.social"}
    nobody = {"error": "InvalidRequest", "message": "Profile not found"}
    httpserver.expect_ordered_request(PROFILE).respond_with_json(somebody)
    httpserver.expect_ordered_request(PROFILE).respond_with_json(nobody, 400)
    assert who_has("bluesky", BLUESKY, NOW, fetcher) == Occupant("did:plc:abc", "@biblan.bsky.social")
    assert who_has("bluesky", BLUESKY, NOW, fetcher) is None


def test_somebody_and_nobody_on_youtube(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_ordered_request("/@biblan").respond_with_data(CANONICAL, content_type="text/html")
    httpserver.expect_ordered_request("/@biblan").respond_with_data("", 404)
    assert who_has("youtube", YOUTUBE, NOW, fetcher) == Occupant(CHANNEL, "@biblan")
    assert who_has("youtube", YOUTUBE, NOW, fetcher) is None


def test_a_page_of_ones_own_is_whoever_it_leads_to(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    blog = "https://blogg.example.org/nytt"
    httpserver.expect_ordered_request("/nytt").respond_with_data("Hej")
    httpserver.expect_ordered_request("/nytt").respond_with_data(
        "", 301, {"Location": "https://social.example.org/nytt"}
    )
    httpserver.expect_ordered_request("/nytt").respond_with_data("Köp!")
    httpserver.expect_ordered_request("/nytt").respond_with_data("", 410)
    assert who_has("blog", blog, NOW, fetcher) == Occupant("blogg.example.org", "blogg.example.org")
    assert who_has("blog", blog, NOW, fetcher) == Occupant("social.example.org", "social.example.org")
    assert who_has("blog", blog, NOW, fetcher) is None


@pytest.mark.parametrize(
    ("where", "page"),
    [
        ("/login?next=/nytt", "<h1>Välkommen</h1>"),
        ("/sv/samtycke", "<p>Hej</p>"),
        ("/a", "<title>Logga in | Exempelby</title><form><input type=password></form>"),
        ("/b", "<title>Just a moment...</title><p>Verify you are human</p>"),
        ("/c", "<p>Vi använder cookies och andra kakor.</p><button>Godkänn</button> <button>Neka</button>"),
        ("/d", "<script>var x = 'Hej';</script><h1>Planerat underhåll</h1><p>Försök igen i morgon.</p>"),
        ("/e", "<h1>We&#39;ll be back soon</h1>"),
    ],
)
def test_a_wall_that_a_page_is_led_to_has_taken_nothing_over(
    httpserver: HTTPServer, fetcher: Fetcher, where: str, page: str
) -> None:
    """A log-in, a question about cookies, a check of browsers, maintenance: not told, and no alarm."""
    to = {"Location": f"https://social.example.org{where}"}
    httpserver.expect_request("/nytt").respond_with_data("", 302, to)
    httpserver.expect_request(where.partition("?")[0]).respond_with_data(page, content_type="text/html")
    for platform in ("blog", "podcast"):
        with pytest.raises(NotSeen) as why:
            who_has(platform, "https://blogg.example.org/nytt", NOW, fetcher)
        assert why.value.state is not SightState.GONE and "social.example.org" in why.value.says


def test_a_page_about_cookies_and_maintenance_is_still_somebody_s(
    httpserver: HTTPServer, fetcher: Fetcher
) -> None:
    page = "<title>Gator</title><h1>Underhåll av gator i vinter</h1><p>Om kakor: godkänn.</p>" + "x " * 500
    to = {"Location": "https://social.example.org/gator"}
    httpserver.expect_request("/nytt").respond_with_data("", 301, to)
    httpserver.expect_request("/gator").respond_with_data(page, content_type="text/html")
    found = who_has("blog", "https://blogg.example.org/nytt", NOW, fetcher)
    assert found == Occupant("social.example.org", "social.example.org")


@pytest.mark.parametrize(("platform", "address", "path"), PLACES)
@pytest.mark.parametrize("status", [200, 401, 403, 429, 500, 503])
def test_an_error_is_never_nobody(
    httpserver: HTTPServer, fetcher: Fetcher, platform: str, address: str, path: str, status: int
) -> None:
    """Also what looks well but says nothing, such as a page that asks for consent."""
    httpserver.expect_request(path).respond_with_data("<html>Innan du fortsätter</html>", status)
    with pytest.raises(NotSeen):
        who_has(platform, address, NOW, fetcher)


def test_a_page_without_an_answer_in_json_is_not_nobody(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    """A proxy's own 404 says nothing of the account."""
    httpserver.expect_request(LOOKUP).respond_with_data("<html>404</html>", 404)
    with pytest.raises(NotSeen):
        who_has("mastodon", MASTODON, NOW, fetcher)


def test_an_address_that_cannot_be_looked_up_is_asked_of_a_person(fetcher: Fetcher) -> None:
    with pytest.raises(NeedsPerson):
        who_has("mastodon", "https://social.example.org/", NOW, fetcher)


@pytest.mark.parametrize(
    ("platform", "address", "expected"),
    [
        ("mastodon", "https://social.example.org/@biblan", "https://social.example.org/@bib1an"),
        ("mastodon", "https://social.example.org/@biblan", "https://social.example.org/@bilban"),
        ("mastodon", "https://social.example.org/@biblan", "https://social.example.org/@bibllan"),
        ("mastodon", "https://social.example.org/@biblan", "https://social.example.org/@bibla"),
        ("mastodon", "https://social.example.org/@min_by", "https://social.example.org/@minby"),
        ("mastodon", "https://social.example.org/@min_by", "https://social.example.org/@rnin_by"),
        ("bluesky", "biblan.bsky.social", "https://bsky.app/profile/bib1an.bsky.social"),
        ("bluesky", "exempelby.example", "https://bsky.app/profile/exempelby.bsky.social"),
        ("youtube", "https://www.youtube.com/@MinBy", "https://www.youtube.com/@mln" + "by"),
    ],
)
def test_names_that_look_alike(platform: str, address: str, expected: str) -> None:
    found = look_alikes(platform, address)
    assert expected in found and address not in found and len(found) <= MOST


@pytest.mark.parametrize(
    ("platform", "address"),
    [
        ("instagram", "https://www.instagram.com/biblan/"),
        ("youtube", f"https://www.youtube.com/channel/{CHANNEL}"),
        ("bluesky", "did:plc:abc234"),
        ("mastodon", "inte en adress"),
        ("blog", "https://blogg.example.org"),
    ],
)
def test_none_where_names_cannot_be_looked_up(platform: str, address: str) -> None:
    assert look_alikes(platform, address) == []
