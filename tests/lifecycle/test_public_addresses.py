"""Whose an address is, in every spelling that the platforms and people use (REQUIREMENTS 4.7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.public_addresses import read_address
from policies.keys import Platform

SAME = {
    "facebook": (
        "https://www.facebook.com/exempelby.bibliotek",
        "facebook.com/ExempelbyBibliotek",
        "http://m.facebook.com/exempelby.bibliotek/",
        "https://mbasic.facebook.com/exempelbybibliotek?ref=bookmarks",
        "https://sv-se.facebook.com/exempelbybibliotek/about",
        "fb.com/exempelbybibliotek",
        "https://fb.me/exempelbybibliotek",
        "https://m.me/exempelbybibliotek",
        "https://www.facebook.com/exempelbybibliotek/posts/pfbid02abc?locale=sv_SE",
        "https://www.facebook.com/exempelbybibliotek/videos/1234567890/",
        "https://web.facebook.com/pg/exempelbybibliotek/photos",
    ),
    "facebook by number": (
        "https://www.facebook.com/profile.php?id=100064512345678",
        "https://m.facebook.com/profile.php?id=100064512345678&sk=about",
        "facebook.com/people/Exempelby-bibliotek/100064512345678/",
        "https://www.facebook.com/p/Exempelby-bibliotek-100064512345678/",
        "https://www.facebook.com/pages/Exempelby-bibliotek/100064512345678",
        "https://www.facebook.com/pages/category/Library/Exempelby-bibliotek-100064512345678/",
        "https://www.facebook.com/story.php?story_fbid=987&id=100064512345678",
        "https://www.facebook.com/permalink.php?story_fbid=pfbid0x&id=100064512345678",
        "https://www.facebook.com/100064512345678/posts/4321",
    ),
    "instagram": (
        "https://www.instagram.com/exempelby/",
        "instagram.com/Exempelby?igsh=MWQ1",
        "http://m.instagram.com/exempelby",
        "https://instagr.am/exempelby",
        "https://www.instagram.com/exempelby/reel/C9abcDEF/",
        "https://www.instagram.com/exempelby/p/C9abcDEF/?img_index=1",
        "https://www.instagram.com/stories/exempelby/3141592653589793238/",
        "  https://www.instagram.com/exempelby  ",
        "Kolla: https://www.instagram.com/exempelby, är det ni?",
        "<https://www.instagram.com/exempelby>",
        "https://www.instagram.com/\u200bexempelby",
    ),
    "x": (
        "https://x.com/Exempelby",
        "https://twitter.com/exempelby/",
        "https://mobile.twitter.com/exempelby/status/1777?s=20",
        "x.com/exempelby/status/1777/photo/1",
        "https://twitter.com/intent/user?screen_name=exempelby",
    ),
    "linkedin": (
        "https://www.linkedin.com/company/exempelby/",
        "https://se.linkedin.com/company/exempelby?trk=x",
        "linkedin.com/company/exempelby/posts/?feedView=all",
        "https://www.linkedin.com/school/exempelby/",
    ),
    "youtube": (
        "https://www.youtube.com/@Exempelby",
        "https://m.youtube.com/@exempelby/videos",
        "youtube.com/@exempelby?si=abc",
        "https://youtu.be/@exempelby",
        "https://music.youtube.com/@exempelby",
    ),
    "youtube channel": (
        "https://www.youtube.com/channel/UCabcDEF123",
        "m.youtube.com/channel/UCabcDEF123/featured",
        "https://youtu.be/channel/UCabcDEF123",
    ),
    "youtube by old name": ("https://www.youtube.com/c/Exempelby", "youtube.com/exempelby"),
    "youtube user": ("https://www.youtube.com/user/exempelby", "http://youtube.com/user/Exempelby/videos"),
    "tiktok": (
        "https://www.tiktok.com/@exempelby",
        "tiktok.com/@Exempelby/video/7123?lang=sv",
        "https://m.tiktok.com/@exempelby/photo/7123",
    ),
    "threads": (
        "https://www.threads.net/@exempelby",
        "https://www.threads.com/@exempelby/post/C8x",
        "threads.net/@Exempelby?hl=sv",
    ),
    "bluesky": (
        "https://bsky.app/profile/exempelby.bsky.social",
        "bsky.app/profile/exempelby.bsky.social/post/3kabc",
        "@exempelby.bsky.social",
        "https://exempelby.bsky.social",
        "at://exempelby.bsky.social/app.bsky.feed.post/3kabc",
    ),
    "mastodon": (
        "https://social.example.org/@info",
        "@info@social.example.org",
        "https://social.example.org/@info/112233445566",
        "https://social.example.org/users/info/statuses/112233",
        "https://social.example.org/@info@social.example.org",
        "https://social.example.org/web/@info",
        "acct:@Info@social.example.org",
    ),
    "vimeo": ("https://vimeo.com/exempelby", "vimeo.com/Exempelby/videos", "http://www.vimeo.com/exempelby/"),
    "flickr": (
        "https://www.flickr.com/photos/exempelby/",
        "https://www.flickr.com/photos/exempelby/53123/in/dateposted",
        "flickr.com/people/Exempelby",
        "https://m.flickr.com/exempelby",
    ),
    "snapchat": ("https://www.snapchat.com/add/exempelby", "https://www.snapchat.com/@Exempelby"),
    "a blog": ("https://blogg.example.org/ann", "http://www.blogg.example.org/Ann/?page=2"),
}
"""By account: spellings of which each is read as the first."""


@pytest.mark.parametrize("account", SAME)
def test_every_spelling_leads_to_the_same_account(account: str) -> None:
    first, *others = SAME[account]
    wanted = read_address(first).keys[0]
    assert {spelling: read_address(spelling).keys[:1] for spelling in others} == {
        spelling: (wanted,) for spelling in others
    }


def test_different_accounts_are_told_apart() -> None:
    assert len({read_address(spellings[0]).keys[0] for spellings in SAME.values()}) == len(SAME)


POSTS = (
    *("https://www.instagram.com/p/C9abcDEF/", "https://www.instagram.com/reel/C9abcDEF/?igsh=x"),
    *(
        "https://www.facebook.com/reel/123456",
        "https://fb.watch/abc/",
        "https://www.facebook.com/share/p/1AbC/",
    ),
    *("https://www.facebook.com/photo/?fbid=123&set=a.1", "https://www.facebook.com/watch/?v=123"),
    *(
        "https://youtu.be/dQw4w9WgXcQ",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "youtube.com/shorts/abc",
    ),
    *("https://x.com/i/web/status/1777", "https://t.co/abc", "https://vm.tiktok.com/ZMabc/"),
    *("https://www.linkedin.com/feed/update/urn:li:activity:7123/", "https://lnkd.in/abc"),
    *("https://www.linkedin.com/posts/exempelby_nyhet-activity-7123-abcd", "https://vimeo.com/123456"),
    *("https://www.threads.net/t/C8x", "https://flic.kr/p/2abc", "https://www.facebook.com/"),
    *(
        "https://annan.example.net/@info@social.example.org",
        "https://annan.example.net/@info@social.example.org/998877",
        "https://annan.example.net/users/info@social.example.org",
        "https://annan.example.net/web/@info@social.example.org",
    ),
    *("https://help.instagram.com/exempelby", "https://l.facebook.com/l.php?u=https%3A%2F%2Fx.com%2Fa"),
)


@pytest.mark.parametrize("address", POSTS)
def test_an_address_that_names_no_account_says_so(address: str) -> None:
    """Who published a post cannot be told from such an address, so nothing is claimed about it."""
    reading = read_address(address)
    assert (reading.keys, reading.lacks) == ((), "account")


@pytest.mark.parametrize(
    "text", ["", "   ", "hej på er", "info@example.org", "javascript:alert(1)", "https://"]
)
def test_what_is_no_address_says_so(text: str) -> None:
    assert read_address(text).lacks == "address"


@pytest.mark.parametrize(
    "address",
    [
        *("https://instagram.com.example.net/exempelby", "https://example.net/instagram.com/exempelby"),
        *(
            "https://instagrarn.com/exempelby",
            "https://www.instagram.com/exempelby_",
            "https://ïnstagram.com/a",
        ),
        *("https://www.instagram.com/ехеmpelby", "https://www.instagram.com:8443/exempelby"),
    ],
)
def test_what_only_looks_like_it_is_another(address: str) -> None:
    assert "instagram:exempelby" not in read_address(address).keys


OURS = ("facebook:exempelby", "instagram:exempelby", "x:exempelby", "facebook:id/100064512345678")
FB = "https://www.facebook.com"


@pytest.mark.parametrize(
    "address",
    [
        f"{FB}/exempelby/../other",
        f"{FB}/exempelby/%2e%2e/other",
        f"{FB}/exempelby/.%2E/other",
        f"{FB}/exempelby/posts/../../other",
        f"{FB}/exempelby//../../other",
        f"{FB}/exempelby/./../other",
        f"{FB}/exempelby\\..\\other",
        f"{FB}/exempelby/posts\\..\\..\\other",
        f"{FB}/exempelby/posts%2f..%2f..%2fother",
        f"{FB}/exempelby\t/../other",
        f"{FB}/exempelby\n/%2e%2e/other",
        f"{FB}/exempelby\r\nother",
        f"{FB}/exempelby /%2e%2e/other",
        f"{FB}/exempelby\x0c/%2e%2e/other",
        f"{FB}/exempelby x/%2e%2e/%2e%2e/other",
        f"{FB}/exempelby/{'x' * 2000}/../../other",
        f"{FB}/exempelby#!/other",
        "https://www.instagram.com/exempelby/%2e%2e/other",
        "https://twitter.com/exempelby/../other",
        "https://x.com/exempelby/%2E./other/status/1",
        "https://x.com/intent/user?screen_name=exempelby&user_id=9",
        "https://x.com/intent/user?screen_name=exempelby&screen_name=other",
        f"{FB}/profile.php?id=100064512345678&id=100099999999999",
        f"{FB}/profile.php?id=100099999999999&%20id=100064512345678",
        f"{FB}/people/Other/100099999999999/100064512345678",
        f"{FB}/p/Other-100099999999999/Exempelby-100064512345678",
        "https://facebook.com@example.net/exempelby",
        "https://facebook.com:pass@example.net/exempelby",
        "https://facebook.com\n@example.net/exempelby",
        "https://example.net\\@facebook.com/exempelby",
        "https://facebook.com\\@example.net/exempelby",
        "https://example.net\\.facebook.com/exempelby",
        "https://example.net#@facebook.com/exempelby",
        "https://example.net?@facebook.com/exempelby",
        "https://example.net/https://facebook.com/exempelby",
        "https:///example.net/@facebook.com/exempelby",
        "https://facebook.com%40example.net/exempelby",
        "https://facebook.com%2eexample.net/exempelby",
        "https://facebook.com.example.net./exempelby",
        "https://facebook.com:8443/exempelby",
        "https://xn--faceboo-j1a.com/exempelby",
        "https://f\u0430cebook.com/exempelby",
        "https://facebook.com\u2044.example.net/exempelby",
        "javascript://facebook.com/exempelby%0aalert(1)",
        f"{FB}/exempelby https://example.net/x",
        f"https://example.net/x {FB}/exempelby",
        f"{FB}/exempelby www.example.net",
        f"{FB}/exempelby example.net/x",
        f"{FB}/exempelby @info@social.example.org",
        f"{FB}/exempelby https://t.co/abc",
        f"[{FB}/exempelby](https://example.net)",
    ],
)
def test_nobody_is_told_yes_about_what_opens_elsewhere(address: str) -> None:
    """Browsers open every one of these somewhere else than at the account, or nobody knows which is meant."""
    reading = read_address(address)
    assert reading.keys == () or not set(OURS) & set(reading.keys)


@pytest.mark.parametrize(
    ("address", "account"),
    [
        (f"{FB}/other/../exempelby", "facebook:exempelby"),
        (f"{FB}/other/%2e%2e/exempelby/about", "facebook:exempelby"),
        ("https://www.facebook.com./exempelby", "facebook:exempelby"),
        ("https:\\\\facebook.com\\exempelby", "facebook:exempelby"),
        (f"{FB}:443/exempelby", "facebook:exempelby"),
        (f"{FB}/exempelby och fb.com/exempelby.", "facebook:exempelby"),
        (f"Skriv till info@example.org, se {FB}/exempelby", "facebook:exempelby"),
    ],
)
def test_what_opens_at_the_account_is_the_account_s(address: str, account: str) -> None:
    assert read_address(address).keys == (account,)


def test_of_two_accounts_nobody_knows_which_is_meant() -> None:
    assert read_address(f"{FB}/exempelby https://example.net/x").lacks == "address"
    assert read_address(f"{FB}/exempelby\n{FB}/other").lacks == "address"


def test_a_page_beside_the_blog_is_not_the_blog_s() -> None:
    blog = read_address("https://blogg.example.org/ann").keys[0]
    assert blog not in read_address("https://blogg.example.org/ann/../eva").keys
    assert blog not in read_address("https://blogg.example.org/ann/%2E%2e/eva").keys


def test_an_address_with_somebody_before_the_host_is_none() -> None:
    assert read_address("https://www.instagram.com@example.net/exempelby").lacks == "address"


def test_a_bare_name_needs_its_platform() -> None:
    """The same name may be somebody else's elsewhere."""
    assert read_address("@exempelby").lacks == "platform"
    assert read_address("exempelby").lacks == "platform"
    assert read_address("@exempelby", Platform.TIKTOK) == read_address("https://www.tiktok.com/@exempelby")
    assert read_address("@Exempel.by", Platform.FACEBOOK) == read_address("https://facebook.com/exempelby")
    assert read_address("exempelby", Platform.YOUTUBE) == read_address("https://youtube.com/@exempelby")
    assert read_address("exempelby.se", Platform.BLUESKY) == read_address(
        "https://bsky.app/profile/exempelby.se"
    )
    assert read_address("info@social.example.org", Platform.MASTODON).keys == (
        "mastodon:info@social.example.org",
    )
    assert read_address("@info", Platform.MASTODON).lacks == "platform"


def test_a_page_of_a_blog_lies_under_the_blog() -> None:
    blog = read_address("https://blogg.example.org/ann").keys[0]
    assert blog in read_address("https://blogg.example.org/ann/2026/03/nytt-i-mars?utm=1").keys
    assert blog not in read_address("https://blogg.example.org/annika").keys


handles = st.from_regex(r"[a-z][a-z0-9_]{2,18}[0-9]", fullmatch=True)
"""With a figure at the end: "search" and "watch" by themselves are pages of the platforms."""
WAYS = {
    Platform.INSTAGRAM: "instagram.com/{}",
    Platform.X: "x.com/{}",
    Platform.TIKTOK: "tiktok.com/@{}",
    Platform.THREADS: "threads.net/@{}",
    Platform.YOUTUBE: "youtube.com/@{}",
    Platform.LINKEDIN: "linkedin.com/company/{}",
    Platform.FACEBOOK: "facebook.com/{}",
}
doors = st.sampled_from(["", "https://", "http://", "https://www.", "www.", "https://m.", "HTTPS://WWW."])
tails = st.sampled_from(["", "/", "?utm_source=qr", "/?a=1&b=2", "#top", "/#"])


@given(st.sampled_from(list(WAYS)), handles, doors, tails, st.booleans())
def test_scheme_host_case_and_tail_do_not_matter(
    platform: Platform, handle: str, door: str, tail: str, is_upper: bool
) -> None:
    written = WAYS[platform].format(handle.upper() if is_upper else handle)
    assert read_address(f"{door}{written}{tail}") == read_address(handle, platform)


@given(st.text(max_size=300))
def test_whatever_is_pasted_is_read_without_a_fault(text: str) -> None:
    reading = read_address(text)
    assert bool(reading.keys) != bool(reading.lacks)
