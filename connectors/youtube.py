"""YouTube, by the feed that every channel has. Needs no token.

The feed is found by the channel's id ("UC…"). A name ("@kommun") would have to be looked up with a key, or in
a page that is not meant for machines: the id is asked for instead. Who has a name is read there all the same,
since nobody can be asked for a look-alike's id; a page that does not say it plainly tells nothing.
"""

import re
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

from connectors.feeds import read_feed
from connectors.looking import Look, web_address, wrong_address
from connectors.sights import NotSeen, Observation
from models.observation import SightState

SOURCE = "youtube"
FEED = "https://www.youtube.com/feeds/videos.xml?channel_id="

_CHANNEL = re.compile(r"UC[\w-]{22}", re.ASCII)
_NAME = re.compile(r"@[\w.·-]{3,30}")
_CANONICAL = re.compile(
    rb'<link rel="canonical" href="https://www\.youtube\.com/channel/(UC[A-Za-z0-9_-]{22})">'
)


def read(look: Look) -> Observation:
    """A channel's feed has about fifteen videos, so a count of them may be "at least"."""
    channel = channel_of(look)
    return replace(read_feed(look, FEED + channel, SOURCE), platform_id=channel)


class _Channel(NamedTuple):
    id: str


def occupant(look: Look) -> tuple[_Channel, str]:
    """Whose channel has the name or the id. Raises NotSeen `gone` for nobody's."""
    name = name_of(look.subject.address)
    channel = "" if name else channel_of(look)
    url = f"https://www.youtube.com/{quote(name, safe='@')}" if name else FEED + channel
    answer = look.get(url)
    if answer.status in (404, 410):
        raise NotSeen(SightState.GONE, "Det finns ingen sådan kanal på YouTube.")
    said = _CANONICAL.search(answer.body) if name and answer.status == 200 else None
    channel = said[1].decode() if said else channel
    if answer.status != 200 or not channel:
        raise NotSeen(SightState.MALFORMED, "YouTube visade inte vem som har namnet.")
    return _Channel(channel), name or channel


def name_of(address: str) -> str:
    """The name of "https://www.youtube.com/@namn", with its sign; empty for other addresses."""
    parts = web_address(address)
    first = parts.path[0] if parts and parts.is_at("youtube.com") and parts.path else ""
    return first if _NAME.fullmatch(first) else ""


def channel_of(look: Look) -> str:
    """The channel's id: as known, or from its address or its feed's. Raises NeedsPerson if none has it."""
    subject = look.subject
    for text in (subject.platform_id or "", _in_address(subject.feed or ""), _in_address(subject.address)):
        if _CHANNEL.fullmatch(text):
            return text
    raise wrong_address(
        "Kanalen kan läsas när dess kanal-id är känt. Skriv adressen så här: "
        "https://www.youtube.com/channel/UC… "
        "(id:t står i YouTube Studio: Inställningar, Kanal, Avancerade inställningar)."
    )


def _in_address(address: str) -> str:
    parts = web_address(address)
    if parts is None or not parts.is_at("youtube.com"):
        return ""
    if parts.path[:1] == ("channel",):
        return parts.path[1] if len(parts.path) > 1 else ""
    return parse_qs(urlsplit(address.strip()).query).get("channel_id", [""])[0]
