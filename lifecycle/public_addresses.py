"""Reading any address of an account or of a post as whose account it is, as the platforms write addresses.

Nothing is fetched: what an address does not say by itself is not known.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from lifecycle.platform_addresses import (
    EVERY_HOST,
    Named,
    Path,
    Query,
    leads_on,
    lowered,
    platform_host,
)
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
    is_post: bool = False
    """Whether somebody else may stand behind what it opens, though it names the account."""
    page: str = ""
    """Of plain web pages: host and path as they are written, which may differ by case."""
    asks: Mapping[str, tuple[str, ...]] | None = field(default_factory=dict)
    """Of plain web pages: what the query asks for, besides where the visitor came from; None when servers may
    differ in what that is."""
    judged: str = ""
    """The address within the one given that was read in its stead."""


NO_ACCOUNT, NO_PLATFORM, NO_ADDRESS = (
    Reading(lacks="account"),
    Reading(lacks="platform"),
    Reading(lacks="address"),
)


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
    parts = _visible(text).split()
    words = [_word(part) for part in parts]
    whole = words if len(words) == 1 else [word for word in words if _is_whole(word)]
    names = [word for word in words if "@" in word and word not in whole]
    asked, beside = (whole, names) if whole else (names[:1], names[1:])
    readings = [_read_word(word, platform) for word in asked]
    named = [one for one in (_read_word(word, platform) for word in beside) if one.keys]
    first, every = readings[0] if readings else NO_ADDRESS, [*readings, *named]
    if any((one.keys[:1], one.asks) != (first.keys[:1], first.asks) for one in every):
        return NO_ADDRESS
    is_cut = bool(first.keys) and any(_CUT.search(part) for part in parts)
    return replace(first, is_post=is_cut or any(one.is_post for one in every))


_CUT = re.compile(r"(…|\.\.\.)\W*$")
"""An address that is shown shortened may go on as another's."""


def _word(part: str) -> str:
    return part.strip("<>()[]{}\"'”“’,;!").rstrip(".:…")


def _is_whole(word: str) -> bool:
    """Whether a word among others looks like an address, or like a part of one with a space in it."""
    plain = _with_slashes(word).lower().replace("%2e", ".")
    return plain.startswith(("/", "www.")) or ("/" in plain and "." in plain) or "://" in plain


_TWICE = re.compile(r"(view-source:)?(https?:?//|//)?(?=https?://|www\.)", re.IGNORECASE)
"""What is left before an address of a copying that went wrong; a browser opens nothing by it."""


def _read_word(word: str, platform: Platform | None) -> Reading:
    word = _TWICE.sub("", word, count=1) if _TWICE.match(word) else word
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

_FEDIVERSE = re.compile(r"@?([\w.-]+)@([\w-]+(?:\.[\w-]+)+)")
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
    if (
        "." in word
        and not word.startswith("@")
        and (platform is None or platform_host(word.lower()) in EVERY_HOST)
    ):
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


def _key(platform: str, name: str) -> str:
    return f"{platform}:{name}"


def fediverse(user: str, host: str) -> str:
    """The key of an account at a server of the fediverse."""
    return _key(Platform.MASTODON, f"{lowered(user)}@{readable_host(host)}")


# ---------------------------------------------------------------- addresses


_INNER = 2
"""So many addresses within each other are followed."""


def _read_web(word: str, depth: int = 0) -> Reading:
    try:
        parts = urlsplit(word if "://" in word else f"https://{word}")
        host, port = readable_host(parts.hostname or ""), parts.port
    except ValueError:
        return NO_ADDRESS
    if parts.scheme not in ("http", "https") or "." not in host or parts.username is not None:
        return NO_ADDRESS
    path, query = _path_in(parts.path), _query_in(parts.query)
    if any("/" in one or "\\" in one for one in path):
        return NO_ADDRESS  # Some servers go down at an encoded slash, and others do not.
    if port not in (None, 80, 443):
        return _read_page(f"{host}:{port}", path, parts.query)
    if (inner := _inner(host, path, query)) is not None:
        return _read_inner(inner, depth)
    if parts.fragment.startswith("!") and platform_host(host) in EVERY_HOST:
        return NO_ACCOUNT  # Platforms have gone on to what stands there.
    return _read_host(host, path, query, parts.query)


def readable_host(host: str) -> str:
    """A host in small letters, with å, ä and ö as letters however they are written. Raises ValueError."""
    plain = lowered(unicodedata.normalize("NFKC", host.rstrip(".")))
    return ".".join(_label(one) for one in plain.split("."))


def _label(label: str) -> str:
    """What is no right way of writing a label opens nothing."""
    if not label.startswith("xn--"):
        return label
    read = label.removeprefix("xn--").encode().decode("punycode")
    if read.isascii() or read != lowered(unicodedata.normalize("NFKC", read)):
        raise ValueError(label)
    return read


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
    return {name: values[0] for name, values in _values_in(written).items() if len(values) == 1}


def _values_in(written: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in parse_qsl(written, keep_blank_values=True):
        found[name.strip()] = (*found.get(name.strip(), ()), value)
    return {name: tuple(dict.fromkeys(values)) for name, values in found.items()}


_TRACKING = re.compile(
    r"utm_\w+|hsa_\w+|mc_[ce]id|[a-z]*clid|igshi?d?|si|gbraid|wbraid|_ga|_gl|trk|ref_src|__cft__.*|__tn__|mibextid"
)
"""Names in a query that say where the visitor came from, and nothing of what is opened."""
_SIMPLE = re.compile(r"[A-Za-z][\w-]*", re.ASCII)


def _asks(written: str) -> Mapping[str, tuple[str, ...]] | None:
    """None for names that some servers take for others, as "id[]", "i.d" and "ID" beside "id"."""
    found = {name: one for name, one in _values_in(written).items() if not _TRACKING.fullmatch(name.lower())}
    is_plain = all(_SIMPLE.fullmatch(name) for name in found) and ";" not in written
    return found if is_plain and len({name.lower() for name in found}) == len(found) else None


# ---------------------------------------------------------------- an address within another

_SAFE_LINKS = ".safelinks.protection.outlook.com"


def _inner(host: str, path: Path, query: Query) -> str | None:
    """The address that a mail's or a platform's own link leads on to; empty when it does not say."""
    if host.endswith(_SAFE_LINKS):
        return query.get("url", "")
    if host in ("l.facebook.com", "lm.facebook.com", "l.instagram.com", "l.messenger.com", "l.threads.com"):
        return query.get("u", "")
    return query.get("u", "") if platform_host(host) == "facebook.com" and path == ["l.php"] else None


def _read_inner(inner: str, depth: int) -> Reading:
    is_whole = inner.startswith(("https://", "http://")) and len(inner) == len(
        "".join(_visible(inner).split())
    )
    if not is_whole or depth >= _INNER:
        return NO_ACCOUNT
    found = _read_web(_with_slashes(inner), depth + 1)
    return replace(found, judged=found.judged or inner) if found.keys else NO_ACCOUNT


# ---------------------------------------------------------------- hosts


def _read_host(host: str, path: Path, query: Query, asked: str) -> Reading:
    known = platform_host(host)
    if known in EVERY_HOST:
        platform, name_in = EVERY_HOST[known]
        return _read_named(platform, name_in(path, query))
    if leads_on(host, path):
        return NO_ACCOUNT
    if host.endswith(".bsky.social"):
        return Reading((_key(Platform.BLUESKY, host),), is_post=bool(path))
    return _read_fediverse(_plain_host(host), path) or _read_page(_plain_host(host), path, asked)


def _read_named(platform: str, named: Named | None) -> Reading:
    if named is None:
        return NO_ACCOUNT
    return Reading((_key(platform, named.name),), is_post=named.is_post)


def _read_page(host: str, path: Path, asked: str) -> Reading:
    """Any other page: itself, and everything it lies under."""
    parts = [host, *(lowered(one) for one in path)]
    keys = tuple("web:" + "/".join(parts[:end]) for end in range(len(parts), 0, -1))
    return Reading(keys, page="/".join([host, *path]), asks=_asks(asked))


def _plain_host(host: str) -> str:
    return host.removeprefix("www.")


_USER = re.compile(r"@[\w.-]+(@[\w.-]+)?")
_OF_FEDIVERSE = ("with_replies", "media", "followers", "following", "featured")


def _read_fediverse(host: str, path: Path) -> Reading | None:
    """Where the path is one that the fediverse's servers have. They find a post by its number."""
    inner = path[1:] if path[:1] in (["web"], ["deck"]) else path
    is_users = len(inner) > 1 and inner[0] == "users"
    user, rest = (inner[1], inner[2:]) if is_users else (inner[0] if inner else "", inner[1:])
    if not is_users and not _USER.fullmatch(user):
        return None
    name, _, elsewhere = lowered(user).removeprefix("@").partition("@")
    if elsewhere and _plain_host(readable_host(elsewhere)) != host:
        return NO_ACCOUNT  # Anybody's server can have a page by that name.
    is_own = not rest or (len(rest) == 1 and rest[0].lower() in _OF_FEDIVERSE)
    return Reading((fediverse(re.sub(r"\.(rss|atom|json)$", "", name), host),), is_post=not is_own)
