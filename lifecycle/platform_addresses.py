"""Whose account an address of a platform is of, by the platform's own ways of writing addresses.

An address is a plain one of an account only when nothing follows the name but a page of the account's own.
Whatever else follows it, the platform may find by a number alone, whoever is named before it, or others may
have written there.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from policies.keys import Platform

Path: TypeAlias = Sequence[str]
Query: TypeAlias = Mapping[str, str]


@dataclass(frozen=True)
class Named:
    """The account that an address names."""

    name: str
    """As it is compared."""
    is_post: bool = False
    """Whether somebody else may stand behind what the address opens."""


Name = Callable[[Path, Query], Named | None]
"""The account in an address of a platform, or None when the address does not say it."""


def lowered(text: str) -> str:
    """In small letters, but for those that only look like a letter of the alphabet when they are."""
    return "".join(one if one.lower().isascii() and not one.isascii() else one.lower() for one in text)


def _at(path: Path, place: int) -> str:
    return lowered(path[place]) if len(path) > place else ""


def _named(name: str, rest: Path, own: Sequence[str] = ()) -> Named | None:
    """`own`: the pages below an account's that hold nothing but its own."""
    is_own = not rest or (len(rest) == 1 and rest[0].lower() in own)
    return Named(name, not is_own) if name else None


# ---------------------------------------------------------------- Facebook

_NUMBER_LAST = re.compile(r"(?:.*-)?(\d{5,})")
_FACEBOOK_OTHER = (
    *("reel", "reels", "events", "photo", "photo.php", "photos", "video.php", "share", "sharer", "l.php"),
    *("sharer.php", "hashtag", "marketplace", "gaming", "stories", "media", "login", "login.php", "help"),
    *("privacy", "e", "g", "j", "search", "plugins", "dialog", "story", "policies", "live", "ads", "notes"),
    *("messages", "settings", "notifications", "friends", "bookmarks", "saved", "business", "legal", "v"),
    *("recover", "checkpoint", "memories", "fundraisers", "donate", "careers", "terms", "flx", "home.php"),
    *("ajax", "tr", "video", "videos", "posts", "t"),
)
_FACEBOOK_OWN = ("about", "photos", "videos", "posts", "reels", "events", "albums", "live", "followers")
_FACEBOOK_POST = ("story_fbid", "fbid", "multi_permalinks", "v")
"""Names in a query that open a post."""
_WATCH_OTHER = ("live", "hashtag", "saved", "topic", "search", "latest", "shows", "explore", "gaming")


def facebook(path: Path, query: Query) -> Named | None:
    """A page has a name or a number; whatever is opened by a number of its own is a post."""
    found = _facebook(path, query)
    if found is None or not any(one in query for one in _FACEBOOK_POST):
        return found
    return Named(found.name, is_post=True)


def _facebook(path: Path, query: Query) -> Named | None:
    first = _at(path, 0)
    if first in ("profile.php", "permalink.php", "story.php"):
        number = query.get("id", "")
        return Named(f"id/{number}", first != "profile.php") if number.isdecimal() else None
    if first in ("people", "pages", "p"):
        place = {"p": 1, "people": 2}.get(first, 3 if _at(path, 1) == "category" else 2)
        found = _NUMBER_LAST.fullmatch(_at(path, place))
        return _named(f"id/{found.group(1)}", path[place + 1 :], _FACEBOOK_OWN) if found else None
    if first == "groups":
        return _named(f"groups/{_at(path, 1)}", path[2:], ("about",)) if len(path) > 1 else None
    return _facebook_name(path[1:] if first in ("pg", "watch") else path, is_watch=first == "watch")


def _facebook_name(path: Path, *, is_watch: bool) -> Named | None:
    name = _at(path, 0).removeprefix("@")
    if not name or name in _FACEBOOK_OTHER or name == "watch" or (is_watch and name in _WATCH_OTHER):
        return None
    return _named(_facebook_key(name), path[1:], () if is_watch else _FACEBOOK_OWN)


def _facebook_key(name: str) -> str:
    found = re.fullmatch(r"(?:.*-)?(\d{8,})", name)
    return f"id/{found.group(1)}" if found else name.replace(".", "")


def _messenger(path: Path, query: Query) -> Named | None:
    return _facebook_name(path[1:], is_watch=False) if _at(path, 0) == "t" else None


# ---------------------------------------------------------------- other platforms

_INSTAGRAM_OTHER = (
    *("p", "reel", "reels", "tv", "explore", "accounts", "share", "s", "channel", "invites", "direct"),
    *("about", "web", "legal", "developer", "api", "oauth", "emails", "your_activity", "j", "popular"),
)


def _instagram(path: Path, query: Query) -> Named | None:
    first = _at(path, 0).removeprefix("@")
    if first in ("stories", "_u", "m", "n"):
        name = _at(path, 1).removeprefix("@")
        return _named(name, path[2:]) if name != "highlights" else None
    return _named(first, path[1:], ("reels",)) if first not in _INSTAGRAM_OTHER else None


_X_OTHER = (
    *("i", "hashtag", "search", "home", "explore", "share", "messages", "login", "settings", "compose"),
    *("logout", "signup", "tos", "privacy", "notifications", "jobs", "account", "oauth", "download"),
    *("bookmarks", "search-advanced", "who_to_follow", "lists"),
)
_X_OWN = ("with_replies", "media", "highlights", "articles", "followers", "following", "about")


def _x(path: Path, query: Query) -> Named | None:
    """Other intents than to follow somebody hold a name that leads nowhere."""
    first = _at(path, 0).removeprefix("@")
    if first == "intent":
        name = query.get("screen_name", "").lower().removeprefix("@")
        is_follow = len(path) == 2 and _at(path, 1) in ("user", "follow") and "user_id" not in query
        return Named(name) if name and is_follow else None
    if first == "i" and _at(path, 1) == "communities":
        return _named(f"communities/{_at(path, 2)}", path[3:]) if len(path) > 2 else None
    return _named(first, path[1:], _X_OWN) if first not in _X_OTHER else None


_LINKEDIN_OWN = ("about", "posts", "jobs", "videos", "life", "events")


def _linkedin(path: Path, query: Query) -> Named | None:
    """A school's page is also reached as a company. An address of a post names nobody for certain."""
    if _at(path, 0) in ("comm", "mwlite", "organization-guest"):
        path = path[1:]
    kinds = {
        "company": "company",
        "school": "company",
        "showcase": "showcase",
        "in": "in",
        "groups": "groups",
    }
    kind, name = kinds.get(_at(path, 0)), _at(path, 1)
    own = _LINKEDIN_OWN if kind in ("company", "showcase") else ()
    return _named(f"{kind}/{name}", path[2:], own) if kind and name else None


_YOUTUBE_OTHER = (
    *("", "watch", "shorts", "live", "playlist", "embed", "v", "feed", "results", "hashtag", "post", "t"),
    *("clip", "redirect", "attribution_link", "about", "account", "premium", "gaming", "music", "e", "s"),
)
_YOUTUBE_OWN = (
    *("featured", "videos", "shorts", "streams", "live", "playlists", "community", "posts", "about"),
    *("podcasts", "releases", "courses", "search", "store"),
)


def _youtube(path: Path, query: Query) -> Named | None:
    first = _at(path, 0)
    if first.startswith("@"):
        return _named(first if first[1:] else "", path[1:], _YOUTUBE_OWN)
    if first == "channel":
        return _named(f"channel/{path[1]}", path[2:], _YOUTUBE_OWN) if len(path) > 1 else None
    if first in ("c", "user"):
        return _youtube_name(first, path[1:])
    return _youtube_name("c", path) if first not in _YOUTUBE_OTHER else None


def _youtube_name(way: str, path: Path) -> Named | None:
    name = _at(path, 0)
    return _named(f"{way}/{name}", path[1:], _YOUTUBE_OWN) if name else None


def _youtu_be(path: Path, query: Query) -> Named | None:
    first = _at(path, 0)
    return _youtube(path, query) if first.startswith("@") or first in ("channel", "c", "user") else None


def _tiktok(path: Path, query: Query) -> Named | None:
    return _with_at_sign(path[1:] if _at(path, 0) == "embed" else path, ("live",))


def _threads(path: Path, query: Query) -> Named | None:
    return _with_at_sign(path, ("replies", "media"))


def _with_at_sign(path: Path, own: Sequence[str]) -> Named | None:
    first = _at(path, 0)
    return _named(first[1:], path[1:], own) if first.startswith("@") else None


def _bluesky(path: Path, query: Query) -> Named | None:
    """A post is looked for among those of the account that is named; a list or a feed shows others'."""
    if _at(path, 0) != "profile":
        return None
    name, rest = _at(path, 1).removeprefix("@").rstrip("."), path[2:]
    return _named(name, () if _at(rest, 0) == "post" else rest, ("follows", "followers"))


_VIMEO_OTHER = (
    *("", "ondemand", "showcase", "album", "event", "video", "watch", "categories", "manage", "user"),
    *("search", "log_in", "join", "upgrade", "blog", "stock", "enterprise", "solutions", "features"),
)


def _vimeo(path: Path, query: Query) -> Named | None:
    first = _at(path, 0)
    if first in ("channels", "groups"):
        return _named(f"{first}/{_at(path, 1)}", path[2:]) if len(path) > 1 else None
    is_other = first.isdecimal() or first in _VIMEO_OTHER
    return None if is_other else _named(first, path[1:], ("videos", "about", "albums", "following"))


def _flickr(path: Path, query: Query) -> Named | None:
    first, second = _at(path, 0), _at(path, 1)
    if first in ("photos", "people"):
        return _named(second, path[2:], ("albums", "sets")) if second != "tags" else None
    if first == "groups":
        return _named(f"groups/{second}", path[2:]) if second else None
    other = ("explore", "search", "photo.gne", "gp", "commons", "cameras", "map", "help", "account")
    return _named(first, path[1:]) if first not in other else None


def _snapchat(path: Path, query: Query) -> Named | None:
    first = _at(path, 0)
    if first in ("add", "s"):
        return _named(_at(path, 1).removeprefix("@"), path[2:])
    if first == "p":
        return _named(f"p/{_at(path, 1)}", path[2:]) if len(path) > 1 else None
    return _with_at_sign(path, ())


# ---------------------------------------------------------------- platforms without a name of their own here


def _reddit(path: Path, query: Query) -> Named | None:
    kind = {"r": "r", "u": "user", "user": "user"}.get(_at(path, 0))
    own = ("about", "wiki", "rules") if kind == "r" else ("submitted",)
    return _named(f"{kind}/{_at(path, 1)}", path[2:], own) if kind and len(path) > 1 else None


_TWITCH_OTHER = (
    "videos",
    "directory",
    "downloads",
    "p",
    "jobs",
    "settings",
    "search",
    "store",
    "popout",
    "team",
)


def _twitch(path: Path, query: Query) -> Named | None:
    own = ("videos", "about", "schedule", "home")
    return _named(_at(path, 0), path[1:], own) if _at(path, 0) not in _TWITCH_OTHER else None


_PINTEREST_OTHER = (
    "pin",
    "search",
    "ideas",
    "explore",
    "today",
    "settings",
    "login",
    "business",
    "videos",
    "_",
)


def _pinterest(path: Path, query: Query) -> Named | None:
    own = ("_created", "_saved")
    return _named(_at(path, 0), path[1:], own) if _at(path, 0) not in _PINTEREST_OTHER else None


def _spotify(path: Path, query: Query) -> Named | None:
    """Its codes differ by case."""
    inner = path[1:] if _at(path, 0) == "embed" or re.fullmatch(r"intl-[a-z-]{2,5}", _at(path, 0)) else path
    kind = _at(inner, 0)
    is_known = kind in ("show", "user", "artist") and len(inner) > 1
    return _named(f"{kind}/{inner[1]}", inner[2:]) if is_known else None


def _apple_podcasts(path: Path, query: Query) -> Named | None:
    """The number at the end alone says which podcast; an episode is found by a number of its own."""
    inner = path[1:] if re.fullmatch(r"[a-z]{2}", _at(path, 0)) else path
    last = _at(inner, len(inner) - 1) if len(inner) in (2, 3) and _at(inner, 0) == "podcast" else ""
    return Named(last, is_post="i" in query) if re.fullmatch(r"id\d+", last) else None


def _whatsapp(path: Path, query: Query) -> Named | None:
    is_channel = _at(path, 0) == "channel" and len(path) > 1
    return _named(f"channel/{path[1]}", path[2:]) if is_channel else None


def _wa_me(path: Path, query: Query) -> Named | None:
    number = _at(path, 0).removeprefix("+")
    return Named(number) if len(path) == 1 and number.isdecimal() else _whatsapp(path, query)


HOSTS: Mapping[str, tuple[str, Name]] = {
    **dict.fromkeys(("facebook.com", "fb.com", "fb.me", "m.me"), ("facebook", facebook)),
    "messenger.com": ("facebook", _messenger),
    **dict.fromkeys(("instagram.com", "instagr.am", "ig.me"), ("instagram", _instagram)),
    **dict.fromkeys(("x.com", "twitter.com"), ("x", _x)),
    "linkedin.com": ("linkedin", _linkedin),
    "youtube.com": ("youtube", _youtube),
    "youtu.be": ("youtube", _youtu_be),
    "tiktok.com": ("tiktok", _tiktok),
    **dict.fromkeys(("threads.net", "threads.com"), ("threads", _threads)),
    "bsky.app": ("bluesky", _bluesky),
    "vimeo.com": ("vimeo", _vimeo),
    "flickr.com": ("flickr", _flickr),
    "snapchat.com": ("snapchat", _snapchat),
}
"""By host: what keys of its accounts begin with, and how it writes them."""
_PINTEREST = ("com", "se", "de", "fr", "es", "it", "dk", "co.uk")
OTHER_HOSTS: Mapping[str, tuple[str, Name]] = {
    "reddit.com": ("reddit", _reddit),
    "twitch.tv": ("twitch", _twitch),
    **{f"pinterest.{one}": ("pinterest", _pinterest) for one in _PINTEREST},
    "open.spotify.com": ("spotify", _spotify),
    "podcasts.apple.com": ("apple", _apple_podcasts),
    "whatsapp.com": ("whatsapp", _whatsapp),
    "wa.me": ("whatsapp", _wa_me),
}
"""The same of hosts below which others may have accounts of another kind."""
EVERY_HOST: Mapping[str, tuple[str, Name]] = {**HOSTS, **OTHER_HOSTS}

_DOORS = ("www", "m", "mobile", "mbasic", "touch", "web", "business", "music")
"""What stands before a platform's own host without leading to anything else."""
_OWN_DOORS: Mapping[str, tuple[str, ...]] = {
    "facebook.com": ("p", "free", "zh-hant", "zh-hans"),
    "youtube.com": ("studio", "kids", "gaming"),
    "snapchat.com": ("story",),
    "reddit.com": ("old", "new", "np"),
}
_LANGUAGE = re.compile(r"[a-z]{2}(-[a-z]{2})?")
_LEADS_ON = (
    *("fb.watch", "lnkd.in", "t.co", "flic.kr", "bit.ly", "tinyurl.com", "youtube-nocookie.com", "pin.it"),
    *("ow.ly", "buff.ly", "goo.gl", "is.gd", "rb.gy", "dlvr.it", "trib.al", "cutt.ly", "shorturl.at", "t.ly"),
    *("urldefense.com", "urldefense.proofpoint.com", "safelinks.protection.outlook.com", "redd.it"),
)
"""Hosts whose addresses lead on to what they do not say."""


def platform_host(host: str) -> str:
    """A platform's host without "www.", "m.", a language …; any other host as it is."""
    first, _, rest = host.partition(".")
    doors = (*_DOORS, *_OWN_DOORS.get(rest, ()))
    is_door = first in doors or _LANGUAGE.fullmatch(first) is not None
    return rest if rest in EVERY_HOST and is_door else host


def leads_on(host: str, path: Path) -> bool:
    """Whether an address says nothing of whose it is: a short one, or one that a platform has for itself."""
    is_search = re.fullmatch(r"(www\.)?google\.[a-z.]{2,6}", host) is not None and path[:1] == ["url"]
    return is_search or any(host == one or host.endswith(f".{one}") for one in (*HOSTS, *_LEADS_ON))


def keys_alike(key: str) -> list[str]:
    """Keys of the same name in other ways that YouTube has had: as a rule the same channel, not always."""
    found = re.fullmatch(r"youtube:(@|c/|user/)(.+)", key)
    ways = [way for way in ("@", "c/", "user/") if found and way != found.group(1)]
    return [f"youtube:{way}{found.group(2)}" for way in ways] if found else []


_BY_ID = {
    Platform.BLUESKY: "bluesky:{}",
    Platform.FACEBOOK: "facebook:id/{}",
    Platform.LINKEDIN: "linkedin:company/{}",
    Platform.YOUTUBE: "youtube:channel/{}",
}


def key_by_id(platform: Platform, platform_id: str) -> str | None:
    """The key of an account in addresses that hold the platform's own id of it."""
    is_id = re.fullmatch(r"[\w:.-]+", platform_id) is not None
    return _BY_ID[platform].format(platform_id) if is_id and platform in _BY_ID else None
