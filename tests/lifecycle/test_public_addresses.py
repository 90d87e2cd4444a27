"""Whose an address is, in every spelling that the platforms and people use (REQUIREMENTS 4.7)."""

from urllib.parse import quote

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
        "https://web.facebook.com/pg/exempelbybibliotek/photos",
        "https://www.facebook.com/@exempelbybibliotek",
        "https://www.facebook.com/watch/exempelbybibliotek/",
        "https://www.facebook.com/exempelbybibliotek/?locale=sv_SE&mibextid=LQQJ4d",
        "https://p.facebook.com/exempelbybibliotek",
        "https://free.facebook.com/exempelbybibliotek",
        "https://zh-hant.facebook.com/exempelbybibliotek",
        "https://www.messenger.com/t/exempelby.bibliotek",
        "https://https://www.facebook.com/exempelbybibliotek",
        "http//www.facebook.com/exempelbybibliotek",
        "//www.facebook.com/exempelbybibliotek",
        "view-source:https://www.facebook.com/exempelbybibliotek",
        "Följ https://facebook.com/exempelbybibliotek och/eller mejla 24/7",
        "https://eur02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.facebook.com%2Fexempelbybibliotek&data=05",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.facebook.com%2Fexempelbybibliotek%3Ffbclid%3Dx&h=AT0",
        "https://lm.facebook.com/l.php?u=https%3A%2F%2Fwww.facebook.com%2Fexempelbybibliotek",
    ),
    "facebook by number": (
        "https://www.facebook.com/profile.php?id=100064512345678",
        "https://m.facebook.com/profile.php?id=100064512345678&sk=about",
        "facebook.com/people/Exempelby-bibliotek/100064512345678/",
        "https://www.facebook.com/p/Exempelby-bibliotek-100064512345678/",
        "https://www.facebook.com/pages/Exempelby-bibliotek/100064512345678",
        "https://www.facebook.com/pages/category/Library/Exempelby-bibliotek-100064512345678/",
    ),
    "instagram": (
        "https://www.instagram.com/exempelby/",
        "instagram.com/Exempelby?igsh=MWQ1",
        "http://m.instagram.com/exempelby",
        "https://instagr.am/exempelby",
        "https://www.instagram.com/@exempelby",
        "https://www.instagram.com/stories/exempelby/",
        "  https://www.instagram.com/exempelby  ",
        "Kolla: https://www.instagram.com/exempelby, är det ni?",
        "<https://www.instagram.com/exempelby>",
        "https://www.instagram.com/\u200bexempelby",
    ),
    "x": (
        "https://x.com/Exempelby",
        "https://twitter.com/exempelby/",
        "https://twitter.com/intent/user?screen_name=exempelby",
        "https://x.com/intent/user?screen_name=@exempelby",
        "https://x.com/intent/follow?screen_name=exempelby",
        "https://x.com/@exempelby",
    ),
    "linkedin": (
        "https://www.linkedin.com/company/exempelby/",
        "https://se.linkedin.com/company/exempelby?trk=x",
        "linkedin.com/company/exempelby/posts/?feedView=all",
        "https://www.linkedin.com/school/exempelby/",
        "https://www.linkedin.com/comm/company/exempelby",
        "https://www.linkedin.com/organization-guest/company/exempelby",
        "https://www.linkedin.com/mwlite/company/exempelby",
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
        "https://studio.youtube.com/channel/UCabcDEF123",
        "https://kids.youtube.com/channel/UCabcDEF123",
        "https://gaming.youtube.com/channel/UCabcDEF123",
    ),
    "youtube by old name": ("https://www.youtube.com/c/Exempelby", "youtube.com/exempelby"),
    "youtube user": ("https://www.youtube.com/user/exempelby", "http://youtube.com/user/Exempelby/videos"),
    "tiktok": (
        "https://www.tiktok.com/@exempelby",
        "https://www.tiktok.com/embed/@exempelby",
    ),
    "threads": (
        "https://www.threads.net/@exempelby",
        "threads.net/@Exempelby?hl=sv",
    ),
    "bluesky": (
        "https://bsky.app/profile/exempelby.bsky.social",
        "bsky.app/profile/exempelby.bsky.social/post/3kabc",
        "https://bsky.app/profile/@exempelby.bsky.social",
        "https://bsky.app/profile/exempelby.bsky.social.",
        "@exempelby.bsky.social",
        "https://exempelby.bsky.social",
        "at://exempelby.bsky.social/app.bsky.feed.post/3kabc",
    ),
    "mastodon": (
        "https://social.example.org/@info",
        "@info@social.example.org",
        "https://social.example.org/@info@social.example.org",
        "https://social.example.org/web/@info",
        "acct:@Info@social.example.org",
        "https://social.example.org/@info.rss",
    ),
    "vimeo": ("https://vimeo.com/exempelby", "vimeo.com/Exempelby/videos", "http://www.vimeo.com/exempelby/"),
    "flickr": (
        "https://www.flickr.com/photos/exempelby/",
        "flickr.com/people/Exempelby",
        "https://m.flickr.com/exempelby",
    ),
    "snapchat": (
        "https://www.snapchat.com/add/exempelby",
        "https://www.snapchat.com/@Exempelby",
        "https://story.snapchat.com/@exempelby",
    ),
    "mastodon with å": (
        "https://räksmörgås.se/@info",
        "https://xn--rksmrgs-5wao1o.se/@info",
        "@info@räksmörgås.se",
        "@info@RÄKSMÖRGÅS.se",
    ),
    "reddit": (
        "https://www.reddit.com/r/Exempelby/",
        "https://old.reddit.com/r/exempelby",
        "reddit.com/r/exempelby/about",
    ),
    "reddit user": ("https://www.reddit.com/user/exempelby", "https://www.reddit.com/u/Exempelby"),
    "twitch": (
        "https://www.twitch.tv/exempelby",
        "https://m.twitch.tv/Exempelby",
        "twitch.tv/exempelby/videos",
    ),
    "pinterest": (
        "https://www.pinterest.se/exempelby/",
        "https://www.pinterest.com/Exempelby",
        "https://se.pinterest.com/exempelby/_created/",
    ),
    "spotify": (
        "https://open.spotify.com/show/4rOoJ6Egrf8K2IrywzwOMk?si=x",
        "https://open.spotify.com/intl-sv/show/4rOoJ6Egrf8K2IrywzwOMk",
    ),
    "apple podcasts": (
        "https://podcasts.apple.com/se/podcast/exempelbypodden/id1234567890",
        "https://podcasts.apple.com/podcast/id1234567890",
        "https://podcasts.apple.com/us/podcast/annat-namn/id1234567890?l=sv",
    ),
    "whatsapp": (
        "https://whatsapp.com/channel/0029VaAb",
        "https://wa.me/channel/0029VaAb",
        "www.whatsapp.com/channel/0029VaAb",
    ),
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


@pytest.mark.parametrize("account", SAME)
def test_an_account_s_own_address_is_no_post(account: str) -> None:
    assert [spelling for spelling in SAME[account] if read_address(spelling).is_post] == []


FB = "https://www.facebook.com"
NAMED_ONLY = {
    "facebook:exempelby": (
        *(f"{FB}/exempelby/posts/pfbid02abc?locale=sv_SE", f"{FB}/exempelby/videos/1234567890/"),
        *(f"{FB}/exempelby/photos/a.1/666", f"{FB}/watch/exempelby/666", f"{FB}/exempelby/?story_fbid=666"),
        *(f"{FB}/exempelby/community", f"{FB}/exempelby/reviews", f"{FB}/exempelby…", f"{FB}/exempelby..."),
        *(f"{FB}/exempelby och {FB}/exempelby/posts/666",),
    ),
    "facebook:id/100064512345678": (
        *(f"{FB}/story.php?story_fbid=987&id=100064512345678", f"{FB}/100064512345678/posts/4321"),
        f"{FB}/permalink.php?story_fbid=pfbid0x&id=100064512345678",
    ),
    "facebook:groups/exempelby": (
        f"{FB}/groups/exempelby/permalink/666/",
        f"{FB}/groups/exempelby/posts/666",
    ),
    "instagram:exempelby": (
        *(
            "https://www.instagram.com/exempelby/reel/C9abcDEF/",
            "https://www.instagram.com/exempelby/tagged/",
        ),
        "https://www.instagram.com/exempelby/p/C9abcDEF/?img_index=1",
        "https://www.instagram.com/stories/exempelby/3141592653589793238/",
    ),
    "x:exempelby": (
        *("https://x.com/exempelby/status/666", "https://mobile.twitter.com/exempelby/status/1777?s=20"),
        *("x.com/exempelby/status/1777/photo/1", "https://x.com/exempelby/likes"),
    ),
    "tiktok:exempelby": (
        "tiktok.com/@Exempelby/video/666?lang=sv",
        "https://m.tiktok.com/@exempelby/photo/7",
    ),
    "threads:exempelby": ("https://www.threads.com/@exempelby/post/C8x",),
    "bluesky:exempelby.se": ("https://bsky.app/profile/exempelby.se/feed/abc",),
    "mastodon:info@social.example.org": (
        *("https://social.example.org/@info/112233", "https://social.example.org/users/info/statuses/1122"),
        "https://social.example.org/@info@social.example.org/666",
    ),
    "flickr:exempelby": ("https://www.flickr.com/photos/exempelby/53123/in/dateposted",),
    "reddit:r/exempelby": ("https://www.reddit.com/r/exempelby/comments/abc/lurendrejeri",),
    "apple:id1234567890": ("https://podcasts.apple.com/se/podcast/x/id1234567890?i=666",),
}
"""By account: addresses that name it, of what others may have published or written."""


@pytest.mark.parametrize("account", NAMED_ONLY)
def test_what_only_names_an_account_may_be_somebody_else_s(account: str) -> None:
    """Most platforms find a post by its number alone and go on to its writer, whoever is named before it."""
    readings = {address: read_address(address) for address in NAMED_ONLY[account]}
    assert {address: (one.keys, one.is_post) for address, one in readings.items()} == {
        address: ((account,), True) for address in NAMED_ONLY[account]
    }


def test_a_post_on_bluesky_is_looked_for_at_its_account() -> None:
    reading = read_address("https://bsky.app/profile/exempelby.se/post/3kabc")
    assert reading.keys == ("bluesky:exempelby.se",) and not reading.is_post


def test_the_address_within_another_is_the_one_that_is_judged() -> None:
    """Municipalities' mail wraps every address."""
    wrapped = "https://eur02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fx.com%2Fexempelby&data=05%7C"
    assert read_address(wrapped).judged == "https://x.com/exempelby"
    twice = f"https://l.facebook.com/l.php?u={quote(wrapped, safe='')}"
    assert (read_address(twice).keys, read_address(twice).judged) == (
        ("x:exempelby",),
        "https://x.com/exempelby",
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://safelinks.protection.outlook.com.example.net/?url=https%3A%2F%2Fx.com%2Fexempelby",
        "https://evilsafelinks.protection.outlook.com/?url=https%3A%2F%2Fx.com%2Fexempelby",
        "https://a.safelinks.protection.outlook.com/?url=https%3A%2F%2Fx.com%2Fexempelby&url=https%3A%2F%2Fx.com%2Fb",
        "https://a.safelinks.protection.outlook.com/?url=%20https%3A%2F%2Fx.com%2Fexempelby",
        "https://a.safelinks.protection.outlook.com/?url=https%3A%2F%2Fx.com%2Fexempelby%0A%2F..%2Fb",
        "https://a.safelinks.protection.outlook.com/?url=https%3A%2F%2Fx.com%40example.net%2Fexempelby",
        "https://a.safelinks.protection.outlook.com/?url=x.com%2Fexempelby",
        "https://a.safelinks.protection.outlook.com/?data=https%3A%2F%2Fx.com%2Fexempelby",
        "https://l.facebook.com.example.net/l.php?u=https%3A%2F%2Fx.com%2Fexempelby",
        "https://www.google.com/url?q=https%3A%2F%2Fx.com%2Fexempelby",
        "https://urldefense.com/v3/__https://x.com/exempelby__;!!abc",
        "https://x.com/intent/like?tweet_id=666&screen_name=exempelby",
        "https://x.com/intent/post?screen_name=exempelby",
        "https://x.com/intent/follow/x?screen_name=exempelby",
        "https://xn--x-.com/exempelby",
        "https://www.messenger.com/exempelby",
        "https://www.facebook.com/watch/live/exempelby",
        "https://www.linkedin.com/comm/in/../x.com/exempelby",
        "https://https://example.net/x.com/exempelby",
        "http//www.example.net/x.com/exempelby",
        "view-source:https://example.net#https://x.com/exempelby",
        "https://x.com/exempelby\u212a/../b",
    ],
)
def test_no_new_spelling_gives_a_false_yes(address: str) -> None:
    reading = read_address(address)
    ours = {"x:exempelby", "facebook:exempelby", "instagram:exempelby"}
    assert not ours & {*reading.keys}


def test_what_differs_by_case_alone_is_told_apart() -> None:
    one, other = ("https://open.spotify.com/show/AbC", "https://open.spotify.com/show/aBc")
    assert read_address(one).keys != read_address(other).keys
    assert read_address("https://x.com/\u212aommun").keys != read_address("https://x.com/kommun").keys


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
    *(
        "https://help.instagram.com/exempelby",
        "https://l.facebook.com/l.php",
        "https://lm.facebook.com/l.php",
    ),
    *(
        "https://www.facebook.com/l.php?h=x",
        "https://www.facebook.com/ads/x",
        "https://facebook.com/notes/x/1",
    ),
    *("https://www.facebook.com/messages/t/1", "https://www.instagram.com/channel/x"),
    *("https://www.instagram.com/invites/contact/?i=x", "https://www.instagram.com/direct/t/1"),
    *("https://x.com/login", "https://x.com/settings/account", "https://x.com/compose/post"),
    *(
        "https://pin.it/abc",
        "https://ow.ly/abc",
        "https://buff.ly/abc",
        "https://goo.gl/abc",
        "https://is.gd/a",
    ),
    *("https://bit.ly/abc", "https://www.pinterest.com/pin/123/", "https://www.twitch.tv/videos/123"),
    *(
        "https://urldefense.com/v3/__https://x.com/a__;!!b",
        "https://www.google.com/url?q=https%3A%2F%2Fx.com",
    ),
    *("https://eur02.safelinks.protection.outlook.com/?data=05", "https://x.com/intent/like?tweet_id=1"),
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
