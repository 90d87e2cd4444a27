"""RSS 2.0, Atom (RFC 4287) and podcast feeds, with conditional requests (RFC 9110, section 13)."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.feeds import _mark
from connectors.sights import Missing
from models import SightState
from tests.connectors.world import FUTURE, NEW, NOW, OLD, SINCE, Watch, iso

ADDRESS = "https://blogg.example.org/feed"


def rss(*times, items=""):
    made = "".join(
        f"<item><title>Hej</title><link>https://blogg.example.org/{n}</link>"
        f"<pubDate>{format_datetime(at)}</pubDate></item>"
        for n, at in enumerate(times)
    )
    channel = f"<channel><title>Blogg</title>{made}{items}</channel>"
    return f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'


def atom(*entries):
    made = "".join(
        f'<entry><id>urn:{n}</id><link href="https://blogg.example.org/{n}"/>{dates}</entry>'
        for n, dates in enumerate(entries)
    )
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Blogg</title>{made}</feed>'


def serve(httpserver: HTTPServer, text, *, path="/feed", headers=None, content_type="application/rss+xml"):
    httpserver.expect_request(path).respond_with_data(text, headers=headers, content_type=content_type)


def test_entries_after_the_last_look_are_counted(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, rss(NEW, OLD))
    seen = watch("blog", ADDRESS).see()
    assert (seen.state, seen.count, seen.complete) == (SightState.OK, 1, True)
    assert (seen.latest_at, seen.latest_url) == (NEW, "https://blogg.example.org/0")
    assert seen.source == "feed"


def test_a_feed_that_does_not_reach_back_is_at_least(httpserver: HTTPServer, watch: Watch):
    """Most feeds hold the newest only, and do not say how many there were."""
    serve(httpserver, rss(NEW, NEW - timedelta(hours=1)))
    seen = watch("blog", ADDRESS).see()
    assert (seen.count, seen.complete) == (2, False)


def test_the_newest_need_not_stand_first(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, rss(OLD, NEW, SINCE))
    assert watch("podcast", ADDRESS).see().latest_at == NEW


def test_nothing_new_is_empty(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, rss(OLD))
    seen = watch("blog", ADDRESS).see()
    assert (seen.state, seen.count, seen.latest_at) == (SightState.EMPTY, 0, OLD)


def test_a_feed_without_entries_is_empty(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, rss())
    seen = watch("blog", ADDRESS).see()
    assert (seen.state, seen.count, seen.latest_at) == (SightState.EMPTY, 0, None)


def test_times_with_another_zone(httpserver: HTTPServer, watch: Watch):
    item = "<item><pubDate>Sun, 22 Nov 2026 23:30:00 -0500</pubDate></item>"
    serve(httpserver, rss(OLD, items=item))
    assert watch("blog", ADDRESS).see().latest_at == datetime(2026, 11, 23, 4, 30, tzinfo=UTC)


def test_atom_counts_when_published_and_not_when_changed(httpserver: HTTPServer, watch: Watch):
    changed = f"<published>{iso(OLD)}</published><updated>{iso(NEW)}</updated>"
    serve(httpserver, atom(changed))
    assert watch("blog", ADDRESS).see().state is SightState.EMPTY


def test_atom_with_only_a_time_of_change(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, atom(f"<updated>{iso(NEW)}</updated>", f"<updated>{iso(OLD)}</updated>"))
    assert watch("blog", ADDRESS).see().count == 1


def test_entries_without_dates_are_told_and_make_the_count_at_least(httpserver: HTTPServer, watch: Watch):
    serve(
        httpserver,
        rss(NEW, OLD, items="<item><title>Utan</title></item><item><pubDate>i går</pubDate></item>"),
    )
    seen = watch("blog", ADDRESS).see()
    assert (seen.count, seen.complete) == (1, False)
    assert "2 inlägg saknar datum" in seen.says


def test_only_undated_besides_old_ones_asks_a_person(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, rss(OLD, items="<item><title>Utan</title></item>"))
    assert watch("blog", ADDRESS).ask().missing is Missing.SIGHT


def test_a_feed_with_no_dates_at_all_is_malformed(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, rss(items="<item><title>Utan</title></item>"))
    assert watch("blog", ADDRESS).see().state is SightState.MALFORMED


def test_entries_from_the_future_are_told_and_not_counted(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, rss(FUTURE, NEW, OLD), headers={"ETag": '"1"'})
    seen = watch("blog", ADDRESS).see()
    assert (seen.count, seen.latest_at) == (1, NEW)
    assert "1 inlägg är daterade i framtiden" in seen.says


def test_an_entry_from_the_future_counts_when_its_day_comes_though_the_feed_is_unchanged(
    httpserver, watch: Watch
):
    httpserver.expect_request("/feed").respond_with_handler(conditional(rss(FUTURE, OLD)))
    watcher = watch("blog", ADDRESS)
    watcher.subject = again(watcher.subject, watcher.see())
    before = watcher.see(since=NOW, now=NOW + timedelta(days=1))
    assert (before.state, before.latest_at) == (SightState.EMPTY, OLD)
    watcher.subject = again(watcher.subject, before)
    seen = watcher.see(since=NOW, now=FUTURE + timedelta(days=1))
    assert (seen.state, seen.count, seen.complete, seen.latest_at) == (SightState.OK, 1, True, FUTURE)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (404, SightState.GONE),
        (410, SightState.GONE),
        (401, SightState.NO_PERMISSION),
        (403, SightState.NO_PERMISSION),
        (429, SightState.RATE_LIMITED),
        (503, SightState.UNREACHABLE),
        (418, SightState.MALFORMED),
        (304, SightState.MALFORMED),
        (206, SightState.MALFORMED),
    ],
)
def test_refusals(httpserver: HTTPServer, watch: Watch, status, state):
    """304 too: nobody had asked whether it was unchanged."""
    httpserver.expect_request("/feed").respond_with_data("", status=status)
    seen = watch("blog", ADDRESS).see()
    assert (seen.state, seen.count, seen.latest_at) == (state, None, None)


LINK = '<link rel="alternate" type="application/rss+xml" href="/rss">'
PAGE = f"<!doctype html><html><head>{LINK}</head><body>Hej</body></html>"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html><body>Fel</body></html>",
        PAGE,
        '{"version": "https://jsonfeed.org/version/1"}',
        "\x00\x01",
        "/etc/passwd",
        "file:///etc/passwd",
        "<rss version='2.0'><channel><item",
        "<opml version='2.0'></opml>",
    ],
)
def test_what_is_no_feed_is_malformed(httpserver: HTTPServer, watch: Watch, body):
    serve(httpserver, body, content_type="text/html")
    seen = watch("blog", ADDRESS).see()
    assert (seen.state, seen.count) == (SightState.MALFORMED, None)


def test_a_body_is_never_taken_for_the_name_of_a_file(httpserver: HTTPServer, watch: Watch, tmp_path: Path):
    (tmp_path / "feed").write_text(rss(NEW, OLD))
    serve(httpserver, str(tmp_path / "feed"))
    assert watch("blog", ADDRESS).see().state is SightState.MALFORMED


def test_a_web_page_that_names_its_feed(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, PAGE, path="/", content_type="text/html")
    assert "https://blogg.example.org/rss" in watch("blog", "https://blogg.example.org/").see().says


def test_a_cut_off_feed_is_read_as_far_as_it_goes(httpserver: HTTPServer, watch: Watch):
    whole = rss(NEW, OLD)
    serve(httpserver, whole[: whole.index("<item>", whole.index("</item>"))])
    seen = watch("blog", ADDRESS).see()
    assert (seen.state, seen.count, seen.complete) == (SightState.OK, 1, False)


@pytest.mark.timeout(20)
def test_a_bomb_of_entities_and_a_file_of_ours(httpserver: HTTPServer, watch: Watch, tmp_path: Path):
    (tmp_path / "file").write_text("hemlig-fil")
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE rss [<!ENTITY l0 "lol">{levels}<!ENTITY f SYSTEM "file://{tmp_path}/file">]>'
    item = f"<item><link>https://blogg.example.org/&f;</link><pubDate>{format_datetime(NEW)}</pubDate><title>&l9;</title></item>"
    serve(httpserver, rss(items=item).replace("<rss", f"{doctype}<rss", 1))
    seen = watch("blog", ADDRESS).see()
    assert (seen.state, seen.count) == (SightState.OK, 1)
    assert "hemlig" not in repr(seen)
    assert "lol" not in repr(seen)


def conditional(text, tag='"v1"'):
    def answer(request: Request) -> Response:
        if request.headers.get("If-None-Match") == tag:
            return Response("", 304)
        return Response(text, 200, {"ETag": tag, "Last-Modified": "Fri, 20 Nov 2026 08:00:00 GMT"})

    return answer


def again(subject, seen):
    return type(subject)(subject.platform, subject.address, feed=subject.feed, cursor=seen.cursor)


def test_an_unchanged_feed_is_empty_and_remembers_the_latest(httpserver: HTTPServer, watch: Watch):
    httpserver.expect_request("/feed").respond_with_handler(conditional(rss(NEW, OLD)))
    watcher = watch("blog", ADDRESS)
    first = watcher.see()
    watcher.subject = again(watcher.subject, first)
    second = watcher.see(since=NOW, now=NOW + timedelta(days=3))
    assert httpserver.log[-1][1].status_code == 304
    assert httpserver.log[-1][0].headers["If-Modified-Since"] == "Fri, 20 Nov 2026 08:00:00 GMT"
    assert (second.state, second.count, second.complete) == (SightState.EMPTY, 0, True)
    assert (second.latest_at, second.latest_url) == (NEW, "https://blogg.example.org/0")
    assert second.cursor == first.cursor


def test_unchanged_since_a_look_whose_result_was_lost_is_at_least_one(httpserver: HTTPServer, watch: Watch):
    """The cursor was kept, the observation not: the newest post is after `since` all the same."""
    httpserver.expect_request("/feed").respond_with_handler(conditional(rss(NEW, OLD)))
    watcher = watch("blog", ADDRESS)
    watcher.subject = again(watcher.subject, watcher.see())
    seen = watcher.see()
    assert (seen.state, seen.count, seen.complete) == (SightState.OK, 1, False)


def test_an_unchanged_feed_without_entries_is_empty(httpserver: HTTPServer, watch: Watch):
    httpserver.expect_request("/feed").respond_with_handler(conditional(rss()))
    watcher = watch("blog", ADDRESS)
    watcher.subject = again(watcher.subject, watcher.see())
    assert watcher.see().state is SightState.EMPTY
    assert httpserver.log[-1][1].status_code == 304


def test_a_cursor_of_another_feed_is_not_used(httpserver: HTTPServer, watch: Watch):
    httpserver.expect_request("/feed").respond_with_handler(conditional(rss(NEW, OLD)))
    watcher = watch("blog", ADDRESS)
    first = watcher.see()
    httpserver.expect_request("/annat").respond_with_handler(conditional(rss(NOW, NEW, OLD)))
    assert watch("blog", "https://blogg.example.org/annat", cursor=first.cursor).see().count == 2


@pytest.mark.parametrize("latest_at", ["nonsense", "2026-11-20T08:00:00"])
def test_a_damaged_cursor_is_not_used(httpserver: HTTPServer, watch: Watch, latest_at):
    httpserver.expect_request("/feed").respond_with_handler(conditional(rss(NEW, OLD)))
    watcher = watch("blog", ADDRESS)
    damaged = {**watcher.see().cursor, "latest_at": latest_at}
    assert watch("blog", ADDRESS, cursor=damaged).see().complete
    assert "If-None-Match" not in httpserver.log[-1][0].headers


def test_a_failed_look_gives_the_cursor_back(httpserver: HTTPServer, watch: Watch):
    httpserver.expect_request("/feed").respond_with_data("", status=503)
    cursor = {"feed": ADDRESS, "etag": '"v1"', "latest_at": iso(OLD)}
    assert watch("blog", ADDRESS, cursor=cursor).see().cursor == cursor


def test_a_moved_feed_is_followed(httpserver: HTTPServer, watch: Watch):
    httpserver.expect_request("/feed").respond_with_data("", status=301, headers={"Location": "/ny/feed"})
    serve(httpserver, rss(NEW, OLD), path="/ny/feed")
    assert watch("blog", ADDRESS).see().count == 1


@pytest.mark.parametrize("status", [200, 304])
def test_a_feed_that_leads_to_another_site_tells_nothing(httpserver: HTTPServer, watch: Watch, status):
    """Its posts may be anybody's: of who bought the old name."""
    httpserver.expect_request("/feed").respond_with_data(
        "", status=301, headers={"Location": "https://social.example.net/feed2"}
    )
    httpserver.expect_request("/feed2").respond_with_handler(conditional(rss(NEW, OLD)))
    watcher = watch("blog", ADDRESS)
    if status == 304:
        cursor = {"feed": _mark(ADDRESS), "etag": '"v1"', "latest_at": iso(OLD)}
        watcher = watch("blog", ADDRESS, cursor=cursor)
    seen = watcher.see()
    assert httpserver.log[-1][1].status_code == status
    assert (seen.state, seen.count) == (SightState.MALFORMED, None)
    assert seen.says.startswith("Flödets adress leder till en annan webbplats, social.example.net. Rätta")


def test_a_feed_may_lead_to_another_server_of_its_own_site_or_to_the_accounts_page(
    httpserver: HTTPServer, watch: Watch
):
    httpserver.expect_request("/feed").respond_with_data(
        "", status=301, headers={"Location": "https://social.example.org/feed2"}
    )
    serve(httpserver, rss(NEW, OLD), path="/feed2")
    assert watch("blog", ADDRESS).see().count == 1
    elsewhere = "https://social.example.net/feed"
    assert watch("blog", "https://social.example.org/", feed=elsewhere).see().count == 1


def test_the_feed_besides_the_page(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, rss(NEW, OLD))
    assert watch("blog", "https://blogg.example.org/", feed=ADDRESS).see().count == 1


def test_any_platform_with_a_feed_can_be_read(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, rss(NEW, OLD))
    assert watch("flickr", "https://www.flickr.com/photos/exempelby", feed=ADDRESS).see().count == 1


def test_a_relative_link_and_one_that_is_no_web_address(httpserver: HTTPServer, watch: Watch):
    link = f"<item><link>/nytt?id=1</link><pubDate>{format_datetime(NEW)}</pubDate></item>"
    script = f"<item><link>javascript:alert(1)</link><pubDate>{format_datetime(NOW)}</pubDate></item>"
    serve(httpserver, rss(items=link))
    serve(httpserver, rss(items=link + script), path="/annat")
    assert watch("blog", ADDRESS).see().latest_url == "https://blogg.example.org/nytt?id=1"
    assert watch("blog", "https://blogg.example.org/annat").see().latest_url is None


def test_a_feeds_own_key_is_not_kept(httpserver: HTTPServer, watch: Watch):
    httpserver.expect_request("/feed").respond_with_handler(conditional(rss(NEW, OLD)))
    assert "hemlig" not in repr(watch("podcast", f"{ADDRESS}?key=hemlig").see())


def test_nothing_of_the_content_is_kept(httpserver: HTTPServer, watch: Watch):
    item = f"<item><title>Kalles hälsa</title><pubDate>{format_datetime(NEW)}</pubDate></item>"
    serve(httpserver, rss(OLD, items=item), headers={"ETag": '"1"'})
    assert "alle" not in repr(watch("blog", ADDRESS).see())


@pytest.mark.parametrize(
    "address", ["", "bara text", "ftp://blogg.example.org/", "https://a:b@blogg.example.org/"]
)
def test_addresses_that_are_none(watch: Watch, address):
    assert watch("blog", address).ask().missing is Missing.ADDRESS
