"""YouTube's channel feed: Atom, with about fifteen videos."""

from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer

from connectors.sights import Missing
from models import SightState
from tests.connectors.world import NEW, OLD, Watch, iso, spread

CHANNEL = "UC" + "a1-_" * 5 + "zZ"
ADDRESS = f"https://www.youtube.com/channel/{CHANNEL}"


def feed(*times):
    entries = "".join(
        f"<entry><id>yt:video:{n}</id><link rel='alternate' href='https://www.youtube.com/watch?v={n}'/>"
        f"<published>{iso(at)}</published><updated>{iso(at)}</updated></entry>"
        for n, at in enumerate(times)
    )
    named = "<feed xmlns:yt='http://www.youtube.com/xml/schemas/2015' xmlns='http://www.w3.org/2005/Atom'>"
    return f"<?xml version='1.0' encoding='UTF-8'?>{named}<yt:channelId>x</yt:channelId>{entries}</feed>"


def serve(httpserver: HTTPServer, *times):
    asked = httpserver.expect_request("/feeds/videos.xml", query_string={"channel_id": CHANNEL})
    asked.respond_with_data(feed(*times), content_type="text/xml; charset=UTF-8")


def test_videos_after_the_last_look_are_counted(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, NEW, OLD)
    seen = watch("youtube", ADDRESS).see()
    assert (seen.state, seen.count, seen.complete, seen.latest_at) == (SightState.OK, 1, True, NEW)
    assert seen.latest_url == "https://www.youtube.com/watch?v=0"
    assert (seen.source, seen.platform_id) == ("youtube", CHANNEL)


def test_a_full_feed_of_new_videos_is_at_least(httpserver: HTTPServer, watch: Watch):
    serve(httpserver, *spread(15, NEW, timedelta(minutes=5)))
    seen = watch("youtube", ADDRESS).see()
    assert (seen.count, seen.complete) == (15, False)


@pytest.mark.parametrize(("status", "state"), [(404, SightState.GONE), (500, SightState.UNREACHABLE)])
def test_refusals(httpserver: HTTPServer, watch: Watch, status, state):
    httpserver.expect_request("/feeds/videos.xml").respond_with_data("", status=status)
    assert watch("youtube", ADDRESS).see().state is state


@pytest.mark.parametrize(
    "known",
    [
        {"address": f"youtube.com/channel/{CHANNEL}/videos"},
        {"address": f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}"},
        {"address": "https://www.youtube.com/@exempelby", "platform_id": CHANNEL},
        {
            "address": "https://www.youtube.com/@exempelby",
            "feed": f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}",
        },
    ],
)
def test_where_the_channels_id_can_stand(httpserver: HTTPServer, watch: Watch, known):
    serve(httpserver, NEW)
    assert watch("youtube", **known).see().count == 1


@pytest.mark.parametrize(
    "address",
    [
        "https://www.youtube.com/@exempelby",
        "https://www.youtube.com/c/exempelby",
        "https://youtube.com/user/exempelby",
        "",
        "https://www.youtube.com/channel/UCkort",
        f"https://example.org/channel/{CHANNEL}",
    ],
)
def test_a_name_cannot_be_looked_up_so_the_id_is_asked_for(httpserver: HTTPServer, watch: Watch, address):
    """The channel is neither gone nor unreachable: nobody has tried to read it."""
    asked = watch("youtube", address).ask()
    assert asked.missing is Missing.ADDRESS
    assert "kanal-id" in asked.says
    assert not httpserver.log
