"""YouTube, by the feed that every channel has. Needs no token.

The feed is found by the channel's id ("UC…"). A name ("@kommun") would have to be looked up with a key, or in
a page that is not meant for machines: the id is asked for instead.
"""

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from connectors.feeds import read_feed
from connectors.looking import Look, web_address, wrong_address
from connectors.sights import Observation

SOURCE = "youtube"
FEED = "https://www.youtube.com/feeds/videos.xml?channel_id="

_CHANNEL = re.compile(r"UC[\w-]{22}", re.ASCII)


def read(look: Look) -> Observation:
    """A channel's feed has about fifteen videos, so a count of them may be "at least"."""
    channel = channel_of(look)
    return replace(read_feed(look, FEED + channel, SOURCE), platform_id=channel)


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
