"""Names that can be taken for an account's own, on platforms where anybody may ask who has a name.

A small set, likeliest first: characters that look alike, signs between words, a letter doubled, swapped with
its neighbour or left out. Every name one edit away would be thousands of questions.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

from connectors.bluesky import actor_of
from connectors.mastodon import handle_of
from connectors.sights import NeedsPerson
from connectors.youtube import name_of
from policies.keys import Platform

MOST = 40
"""Names for one account."""

_CONFUSED = (
    ("o", "0"),
    ("0", "o"),
    ("l", "1"),
    ("1", "l"),
    ("i", "l"),
    ("l", "i"),
    ("i", "1"),
    ("m", "rn"),
    ("rn", "m"),
    ("w", "vv"),
    ("e", "3"),
    ("s", "5"),
    ("u", "v"),
    ("n", "m"),
    ("a", "o"),
)
_SIGNS = "_-."
_BLUESKY = ".bsky.social"


def look_alikes(platform: str, address: str) -> list[str]:
    """Addresses to watch beside an account's own, likeliest first; none where names cannot be looked up."""
    addresses = _ADDRESSES.get(platform)
    try:
        return addresses(address)[:MOST] if addresses else []
    except NeedsPerson:
        return []


def _on_mastodon(address: str) -> list[str]:
    server, name = handle_of(address)
    return [f"https://{server}/@{one}" for one in _names(name.lower(), r"\w{1,30}")]


def _on_bluesky(address: str) -> list[str]:
    """Beside a name of one's own domain also the same one among those that anybody can get."""
    actor = actor_of(address)
    if actor.startswith("did:"):
        return []
    own = actor.removesuffix(_BLUESKY) if actor.endswith(_BLUESKY) else actor.rpartition(".")[0]
    name = own.replace(".", "-")
    same = [] if actor.endswith(_BLUESKY) else [name]
    found = _names(name, r"[a-z0-9](?:[a-z0-9-]{1,16}[a-z0-9])")
    return [f"https://bsky.app/profile/{one}{_BLUESKY}" for one in [*same, *found]]


def _on_youtube(address: str) -> list[str]:
    name = name_of(address).removeprefix("@").lower()
    found = _names(name, r"[\w.·-]{3,30}") if name else []
    return [f"https://www.youtube.com/@{quote(one)}" for one in found]


_ADDRESSES: Mapping[str, Callable[[str], list[str]]] = {
    Platform.MASTODON: _on_mastodon,
    Platform.BLUESKY: _on_bluesky,
    Platform.YOUTUBE: _on_youtube,
}


def _names(name: str, allowed: str) -> list[str]:
    shape = re.compile(allowed)
    found = dict.fromkeys(one for one in _alike(name) if one != name and shape.fullmatch(one))
    return list(found)


def _alike(name: str) -> Iterator[str]:
    for mine, other in _CONFUSED:
        yield from _exchanged(name, mine, other)
    yield from _with_other_signs(name)
    for at in range(len(name)):
        yield name[:at] + name[at] + name[at:]
        yield name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :]
        yield name[:at] + name[at + 1 :]


def _exchanged(name: str, mine: str, other: str) -> Iterator[str]:
    for found in re.finditer(re.escape(mine), name):
        yield name[: found.start()] + other + name[found.end() :]


def _with_other_signs(name: str) -> Iterator[str]:
    for at, sign in enumerate(name):
        if sign in _SIGNS:
            yield name[:at] + name[at + 1 :]
            yield from (name[:at] + one + name[at + 1 :] for one in _SIGNS)
    yield name + "_"
    yield "_" + name
