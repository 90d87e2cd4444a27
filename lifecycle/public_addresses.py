"""Reading any address of an account or of a post as whose account it is, as the platforms write addresses.

Nothing is fetched: what an address does not say by itself is not known.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from policies.keys import Platform

LONGEST = 2000
"""Characters. Of a longer text nothing is read: its end may turn what its beginning says."""
Lack = Literal["", "account", "platform", "address"]


@dataclass(frozen=True)
class Reading:
    """Whose account an address is of."""

    keys: tuple[str, ...] = ()
    """The account's identity, the most exact first; of plain web pages, the others are what it lies under."""
    lacks: Lack = ""
    """Why there is none: a post's or a short address that names no account, a name without its platform,
    or no address at all."""


NO_ACCOUNT, NO_PLATFORM, NO_ADDRESS = (
    Reading(lacks="account"),
    Reading(lacks="platform"),
    Reading(lacks="address"),
)
Path: TypeAlias = Sequence[str]
Query: TypeAlias = Mapping[str, str]
Name = Callable[[Path, Query], str | None]
"""The account's name in an address of a platform, or None when the address does not say it."""


def read_address(text: str, platform: Platform | None = None) -> Reading:
    """What `text` says, which may be an address in any spelling, a name with "@", or words around one.

    `platform` is where a name without an address is said to be. What could lead elsewhere than it seems to
    is no address: whoever asks is about to trust the answer.
    """
    if len(text) > LONGEST:
        return NO_ADDRESS
    parted, opened = _read_text(text, platform), text.translate(_LEFT_OUT)
    return parted if opened == text or parted == _read_text(opened, platform) else NO_ADDRESS


_LEFT_OUT = {ord(one): None for one in "\t\r\n"}
"""At these a reader parts words, while a browser leaves them out of an address."""


def _read_text(text: str, platform: Platform | None) -> Reading:
    """Several addresses must be the same account's: nobody knows which of them is asked about."""
    words = [word.strip("<>()[]{}\"'”“’,;!").rstrip(".:") for word in _visible(text).split()]
    whole = words if len(words) == 1 else [word for word in words if _is_whole(word)]
    names = [word for word in words if "@" in word and word not in whole]
    asked, beside = (whole, names) if whole else (names[:1], names[1:])
    readings = [_read_word(word, platform) for word in asked]
    named = [one for one in (_read_word(word, platform) for word in beside) if one.keys]
    first = readings[0] if readings else NO_ADDRESS
    return first if all(one.keys[:1] == first.keys[:1] for one in (*readings, *named)) else NO_ADDRESS


def _is_whole(word: str) -> bool:
    """Whether a word among others looks like an address, or like a part of one with a space in it."""
    plain = _with_slashes(word).lower().replace("%2e", ".")
    return plain.startswith(("/", "www.")) or ("/" in plain and "." in plain) or "://" in plain


def _read_word(word: str, platform: Platform | None) -> Reading:
    plain = word.removeprefix("acct:").removeprefix("at://")
    by_name = _read_name(plain, platform, is_bluesky=word.startswith("at://"))
    return by_name or _read_web(_with_slashes(word))


def _with_slashes(word: str) -> str:
    """An address as browsers read it, to whom a backslash before the query is a slash."""
    path = re.split(r"[?#]", word, maxsplit=1)[0]
    return path.replace("\\", "/") + word[len(path) :]


def _visible(text: str) -> str:
    """Without the invisible signs that are copied along."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isspace() else "" if unicodedata.category(one) in _UNSEEN else one for one in text
    )


_UNSEEN = ("Cc", "Cf")


# ---------------------------------------------------------------- names without an address

_FEDIVERSE = re.compile(r"@?([\w.-]+)@([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE)
_HANDLE = re.compile(r"@?[\w.-]+")


def _read_name(word: str, platform: Platform | None, *, is_bluesky: bool) -> Reading | None:
    if is_bluesky:
        return Reading((_key(Platform.BLUESKY, word.split("/")[0].lower()),))
    if found := _FEDIVERSE.fullmatch(word):
        is_account = word.startswith("@") or platform is Platform.MASTODON
        return Reading((fediverse(*found.groups()),)) if is_account else NO_ADDRESS
    if not _HANDLE.fullmatch(word):
        return None
    if word.lower().endswith(".bsky.social"):
        return Reading((_key(Platform.BLUESKY, word.lstrip("@").lower()),))
    if "." in word and not word.startswith("@") and (platform is None or _host_of(word) in HOSTS):
        return None
    return Reading(_named_on(platform, word.lstrip("@"))) if platform in _BY_NAME else NO_PLATFORM


_BY_NAME: dict[Platform | None, Callable[[str], str]] = {
    Platform.FACEBOOK: lambda name: name.lower().replace(".", ""),
    Platform.INSTAGRAM: str.lower,
    Platform.THREADS: str.lower,
    Platform.X: str.lower,
    Platform.TIKTOK: str.lower,
    Platform.YOUTUBE: lambda name: f"@{name.lower()}",
    Platform.LINKEDIN: lambda name: f"company/{name.lower()}",
    Platform.BLUESKY: lambda name: name.lower() if "." in name else f"{name.lower()}.bsky.social",
    Platform.VIMEO: str.lower,
    Platform.FLICKR: str.lower,
    Platform.SNAPCHAT: str.lower,
}
"""Platforms on which a name says which account it is, and how the name is written in keys."""


def _named_on(platform: Platform | None, name: str) -> tuple[str, ...]:
    return (_key(platform, _BY_NAME[platform](name)),) if platform else ()


def _key(platform: Platform, name: str) -> str:
    return f"{platform.value}:{name}"


def fediverse(user: str, host: str) -> str:
    """The key of an account at a server of the fediverse."""
    return _key(Platform.MASTODON, f"{user.lower()}@{host.lower()}")


# ---------------------------------------------------------------- addresses


def _read_web(word: str) -> Reading:
    try:
        parts = urlsplit(word if "://" in word else f"https://{word}")
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return NO_ADDRESS
    if parts.scheme not in ("http", "https") or "." not in host or parts.username is not None:
        return NO_ADDRESS
    path = _path_in(parts.path)
    if any("/" in one or "\\" in one for one in path):
        return NO_ADDRESS  # Some servers go down at an encoded slash, and others do not.
    if port not in (None, 80, 443):
        return _read_page(f"{host}:{port}", path)
    if parts.fragment.startswith("!") and _host_of(host) in HOSTS:
        return NO_ACCOUNT  # Platforms have gone on to what stands there.
    return _read_host(host, path, _query_in(parts.query))


def _path_in(written: str) -> list[str]:
    """The names in a path, with "." and ".." gone as browsers go, also where they are encoded."""
    path: list[str] = []
    for segment in written.split("/"):
        plain = segment.lower().replace("%2e", ".")
        if plain == "..":
            path[-1:] = []
        elif plain != ".":
            path.append(unquote(segment).strip())
    return [one for one in path if one not in ("", ".")]


def _query_in(written: str) -> Query:
    """Without what is said twice: servers differ in which they take."""
    pairs = {(name.strip(), value) for name, value in parse_qsl(written, keep_blank_values=True)}
    times = Counter(name for name, _ in pairs)
    return {name: value for name, value in pairs if times[name] == 1}


def _read_host(host: str, path: Path, query: Query) -> Reading:
    known = _host_of(host)
    if known in HOSTS:
        platform, name_in = HOSTS[known]
        name = name_in(path, query)
        return Reading((_key(platform, name),)) if name else NO_ACCOUNT
    if any(host == one or host.endswith(f".{one}") for one in (*HOSTS, *_SHORTENED)):
        return NO_ACCOUNT
    if host.endswith(".bsky.social"):
        return Reading((_key(Platform.BLUESKY, host),))
    user = _fediverse_user(path)
    if user:
        name, _, elsewhere = user.lower().partition("@")
        if elsewhere not in ("", _plain_host(host).lower()):
            return NO_ACCOUNT  # Anybody's server can have a page by that name.
        return Reading((fediverse(name, _plain_host(host)),))
    return _read_page(_plain_host(host), path)


def _read_page(host: str, path: Path) -> Reading:
    """Any other page: itself, and everything it lies under."""
    parts = [host, *(one.lower() for one in path)]
    return Reading(tuple("web:" + "/".join(parts[:end]) for end in range(len(parts), 0, -1)))


_DOORS = ("www", "m", "mobile", "mbasic", "touch", "web", "business", "music")
"""What stands before a platform's own host without leading to anything else."""
_LANGUAGE = re.compile(r"[a-z]{2}(-[a-z]{2})?")
_SHORTENED = ("fb.watch", "lnkd.in", "t.co", "flic.kr", "bit.ly", "tinyurl.com", "youtube-nocookie.com")


def _host_of(host: str) -> str:
    """A platform's host without "www.", "m.", a language …; any other host as it is."""
    host = host.lower()
    first, _, rest = host.partition(".")
    return rest if rest in HOSTS and (first in _DOORS or _LANGUAGE.fullmatch(first)) else host


def _plain_host(host: str) -> str:
    return host.removeprefix("www.")


def _fediverse_user(path: Path) -> str:
    """user or user@server, where the path is one that the fediverse's servers have."""
    inner = path[1:] if path[:1] in (["web"], ["deck"]) else path
    if inner and re.fullmatch(r"@[\w.-]+(@[\w.-]+)?", inner[0]):
        return inner[0][1:]
    return inner[1] if len(inner) > 1 and inner[0] == "users" else ""


# ---------------------------------------------------------------- the platforms


def _at(path: Path, place: int) -> str:
    return path[place].lower() if len(path) > place else ""


_NUMBER_LAST = re.compile(r"(?:.*-)?(\d{5,})")
_FACEBOOK_OTHER = (
    *("watch", "reel", "reels", "events", "photo", "photo.php", "photos", "video.php", "share", "sharer"),
    *("sharer.php", "hashtag", "marketplace", "gaming", "stories", "media", "login", "login.php", "help"),
    *("privacy", "e", "g", "search", "plugins", "dialog", "story", "policies", "live"),
)


def _facebook(path: Path, query: Query) -> str | None:
    first = _at(path, 0)
    if first in ("profile.php", "permalink.php", "story.php"):
        return f"id/{query['id']}" if query.get("id", "").isdecimal() else None
    if first in ("people", "pages", "p"):
        place = {"p": 1, "people": 2}.get(first, 3 if _at(path, 1) == "category" else 2)
        found = _NUMBER_LAST.fullmatch(_at(path, place))
        return f"id/{found.group(1)}" if found else None
    if first == "groups":
        return f"groups/{_at(path, 1)}" if len(path) > 1 else None
    name = _at(path, 1) if first == "pg" else first
    if not name or name in _FACEBOOK_OTHER:
        return None
    found = re.fullmatch(r"(?:.*-)?(\d{8,})", name)
    return f"id/{found.group(1)}" if found else name.replace(".", "")


def _instagram(path: Path, query: Query) -> str | None:
    first, second = _at(path, 0), _at(path, 1)
    if first in ("stories", "_u", "m"):
        return second if second not in ("", "highlights") else None
    return (
        first if first not in ("", "p", "reel", "reels", "tv", "explore", "accounts", "share", "s") else None
    )


def _x(path: Path, query: Query) -> str | None:
    first = _at(path, 0).removeprefix("@")
    if first == "intent":
        return None if "user_id" in query else query.get("screen_name", "").lower() or None
    return (
        first if first not in ("", "i", "hashtag", "search", "home", "explore", "share", "messages") else None
    )


def _linkedin(path: Path, query: Query) -> str | None:
    """A school's page is also reached as a company. An address of a post names nobody for certain."""
    first, second = _at(path, 0), _at(path, 1)
    kind = {"company": "company", "school": "company", "showcase": "showcase", "in": "in"}.get(first)
    return f"{kind}/{second}" if kind and second else None


def _youtube(path: Path, query: Query) -> str | None:
    first = _at(path, 0)
    if first.startswith("@"):
        return first
    if first in ("channel", "c", "user"):
        name = path[1] if len(path) > 1 else ""
        return f"{first}/{name if first == 'channel' else name.lower()}" if name else None
    return f"c/{first}" if first not in _YOUTUBE_OTHER else None


_YOUTUBE_OTHER = (
    *("", "watch", "shorts", "live", "playlist", "embed", "v", "feed", "results", "hashtag", "post"),
    *("clip", "redirect", "attribution_link"),
)


def _youtu_be(path: Path, query: Query) -> str | None:
    first = _at(path, 0)
    return _youtube(path, query) if first.startswith("@") or first in ("channel", "c", "user") else None


def _with_at_sign(path: Path, query: Query) -> str | None:
    first = _at(path, 0)
    return first[1:] or None if first.startswith("@") else None


def _bluesky(path: Path, query: Query) -> str | None:
    return _at(path, 1) or None if _at(path, 0) == "profile" else None


def _vimeo(path: Path, query: Query) -> str | None:
    first, second = _at(path, 0), _at(path, 1)
    if first in ("channels", "groups"):
        return f"{first}/{second}" if second else None
    other = ("", "ondemand", "showcase", "album", "event", "video", "watch", "categories", "manage", "user")
    return None if first.isdecimal() or first in other else first


def _flickr(path: Path, query: Query) -> str | None:
    first, second = _at(path, 0), _at(path, 1)
    if first in ("photos", "people"):
        return second if second not in ("", "tags") else None
    if first == "groups":
        return f"groups/{second}" if second else None
    return first if first not in ("", "explore", "search", "photo.gne", "gp", "commons") else None


def _snapchat(path: Path, query: Query) -> str | None:
    first = _at(path, 0)
    if first in ("add", "s"):
        return _at(path, 1) or None
    return first[1:] or None if first.startswith("@") else None


HOSTS: dict[str, tuple[Platform, Name]] = {
    "facebook.com": (Platform.FACEBOOK, _facebook),
    "fb.com": (Platform.FACEBOOK, _facebook),
    "fb.me": (Platform.FACEBOOK, _facebook),
    "m.me": (Platform.FACEBOOK, _facebook),
    "instagram.com": (Platform.INSTAGRAM, _instagram),
    "instagr.am": (Platform.INSTAGRAM, _instagram),
    "ig.me": (Platform.INSTAGRAM, _instagram),
    "x.com": (Platform.X, _x),
    "twitter.com": (Platform.X, _x),
    "linkedin.com": (Platform.LINKEDIN, _linkedin),
    "youtube.com": (Platform.YOUTUBE, _youtube),
    "youtu.be": (Platform.YOUTUBE, _youtu_be),
    "tiktok.com": (Platform.TIKTOK, _with_at_sign),
    "threads.net": (Platform.THREADS, _with_at_sign),
    "threads.com": (Platform.THREADS, _with_at_sign),
    "bsky.app": (Platform.BLUESKY, _bluesky),
    "vimeo.com": (Platform.VIMEO, _vimeo),
    "flickr.com": (Platform.FLICKR, _flickr),
    "snapchat.com": (Platform.SNAPCHAT, _snapchat),
}
