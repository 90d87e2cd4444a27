"""Addresses as people write them: read as what they are, or refused with what to write instead."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import bluesky, facebook, feeds, instagram, linkedin, mastodon, youtube
from connectors.fetching import Fetcher
from connectors.looking import Look, web_address
from connectors.sights import Missing, NeedsPerson, Subject, Tokens
from tests.connectors.world import NOW

labels = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12)
hosts = st.lists(labels, min_size=1, max_size=3).map(lambda parts: ".".join([*parts, "se"]))
names = st.text(string.ascii_letters + string.digits, min_size=1, max_size=30)
schemes = st.sampled_from(["", "https://", "http://", "https://www."])
tails = st.sampled_from(["", "/", "?hl=sv", "/?ref=x#y"])
numbers = st.integers(10**4, 10**15).map(str)


@pytest.fixture(scope="module")
def nowhere():
    with Fetcher() as fetcher:
        yield fetcher


def look(fetcher: Fetcher, address: str) -> Look:
    return Look(Subject("", address), None, NOW, fetcher, Tokens())


@given(schemes, hosts, names, tails)
def test_mastodon(scheme, host, name, tail):
    www = "www." if scheme.endswith("www.") else ""
    assert mastodon.handle_of(f"{scheme}{host}/@{name}{tail}") == (f"{www}{host}", name)
    assert mastodon.handle_of(f"@{name}@{host}") == (host, name)


@given(schemes, hosts, tails)
def test_bluesky(scheme, host, tail):
    assert bluesky.actor_of(f"{scheme}bsky.app/profile/{host}{tail}") == host
    assert bluesky.actor_of(f"@{host}") == host


@given(schemes, names.filter(lambda name: name not in ("groups", "events", "watch")), numbers, tails)
def test_facebook(scheme, name, number, tail):
    if name not in ("pages", "p", "people", "pg"):
        assert facebook.page_of(f"{scheme}facebook.com/{name}{tail}") == name
    assert facebook.page_of(f"{scheme}facebook.com/pages/{name}/{number}{tail}") == number
    assert facebook.page_of(f"{scheme}facebook.com/profile.php?id={number}") == number


@given(schemes, names, tails)
def test_instagram(scheme, name, tail):
    if name not in ("p", "reel", "reels", "stories", "explore", "tv"):
        assert instagram.name_of(f"{scheme}instagram.com/{name}{tail}") == name.lower()


@given(schemes, numbers, tails)
def test_linkedin(nowhere, scheme, number, tail):
    assert linkedin.organisation_of(look(nowhere, f"{scheme}linkedin.com/company/{number}{tail}")) == number


@given(schemes, st.text(string.ascii_letters + string.digits + "-_", min_size=22, max_size=22), tails)
def test_youtube(nowhere, scheme, rest, tail):
    assert youtube.channel_of(look(nowhere, f"{scheme}youtube.com/channel/UC{rest}{tail}")) == f"UC{rest}"


# What may stand in the address that is asked: nothing that leads to another question.
READERS = {
    "mastodon": (lambda fetcher, text: ":".join(mastodon.handle_of(text)), r"[^\s/?#@:]+:[\w.-]+"),
    "bluesky": (lambda fetcher, text: bluesky.actor_of(text), r"[\w.:%-]+"),
    "facebook": (lambda fetcher, text: facebook.page_of(text), r"[A-Za-z0-9][A-Za-z0-9.-]*"),
    "instagram": (lambda fetcher, text: instagram.name_of(text), r"[a-z0-9._]+"),
    "linkedin": (lambda fetcher, text: linkedin.organisation_of(look(fetcher, text)), r"[0-9]+"),
    "youtube": (lambda fetcher, text: youtube.channel_of(look(fetcher, text)), r"UC[\w-]{22}"),
    "feed": (lambda fetcher, text: feeds.feed_address(text), r"https?://\S+"),
}
urls = st.builds(
    "{}{}/{}".format,
    st.sampled_from(
        [
            "https://facebook.com",
            "https://instagram.com",
            "https://bsky.app/profile",
            "https://linkedin.com/company",
            "https://youtube.com/channel",
            "https://social.example.org",
            "@",
        ]
    ),
    st.sampled_from(["", "/", "/@", "/pages"]),
    st.text(max_size=30),
)


@pytest.mark.parametrize("platform", READERS)
@given(text=st.text(max_size=60) | urls)
def test_whatever_is_written_is_read_or_refused(nowhere, platform, text):
    read, form = READERS[platform]
    try:
        found = read(nowhere, text)
    except NeedsPerson as why:
        assert why.missing is Missing.ADDRESS
        assert why.says
    else:
        assert re.fullmatch(form, found, re.ASCII)


@pytest.mark.parametrize("address", ["https://exempelfacebook.com/x", "https://facebook.com.example.org/x"])
def test_a_site_with_a_similar_name_is_another(address):
    with pytest.raises(NeedsPerson):
        facebook.page_of(address)


@given(st.text(max_size=60))
def test_an_address_has_a_host_or_is_none(text):
    found = web_address(text)
    assert found is None or (found.host and "@" not in found.host and "/" not in found.host)
