"""Instagram's professional accounts: one such account of the municipality's asks about all the others.

https://developers.facebook.com/docs/instagram-platform/instagram-api-with-facebook-login/business-discovery
"""

import re
from dataclasses import replace
from urllib.parse import quote

from pydantic import BaseModel

from connectors.graph import GraphRefused, graph
from connectors.looking import Look, bearer, demand_same, web_address, wrong_address
from connectors.sights import Missing, Moment, NeedsPerson, NotSeen, Observation, Page, Post, reach, sight_of
from models.observation import SightState

SOURCE = "instagram"
PAGE = 25
NOT_FOUND = 110

_NAME = re.compile(r"@?([A-Za-z0-9._]{1,30})")
_NO_NAMES = ("p", "reel", "reels", "stories", "explore", "tv")


class _Medium(BaseModel):
    timestamp: Moment
    permalink: str | None = None


class _Media(BaseModel):
    data: list[_Medium] = []


class _Discovered(BaseModel):
    id: str
    media_count: int = 0
    media: _Media = _Media()


class _Reply(BaseModel):
    business_discovery: _Discovered


def read(look: Look) -> Observation:
    name, asker = name_of(look.subject.address), _asker(look)
    account = _discovered(look, name, asker)
    demand_same(look.subject.platform_id, account.id)
    seen = sight_of(_page(account), source=SOURCE, since=look.since, now=look.now)
    return replace(seen, platform_id=account.id)


def name_of(address: str) -> str:
    """The account's name, from its address or as "@namn". Raises NeedsPerson for anything else."""
    parts = web_address(address)
    at_instagram = parts is not None and parts.is_at("instagram.com")
    written = parts.path[0] if parts and at_instagram and parts.path else address.strip()
    name = _NAME.fullmatch(written)
    if name is None or not (at_instagram or written.startswith("@")) or name[1] in _NO_NAMES:
        raise wrong_address("Skriv kontots adress så här: https://www.instagram.com/namn/.")
    return name[1].lower()


def _asker(look: Look) -> str:
    asker = (look.tokens.instagram_asker or "").strip()
    if not asker.isdecimal() or not asker.isascii():
        says = "Det saknas ett id, med bara siffror, för det Instagramkonto som ska fråga om de andra."
        raise NeedsPerson(Missing.TOKEN, says)
    return asker


def _discovered(look: Look, name: str, asker: str) -> _Discovered:
    media = f"media.limit({PAGE}){{timestamp,permalink}}"
    fields = f"business_discovery.username({name}){{id,media_count,{media}}}"
    try:
        answer = graph(
            look, f"{asker}?fields={quote(fields, safe='')}", bearer(look.tokens.instagram, "Instagram")
        )
        return answer.read_as(_Reply).business_discovery
    except GraphRefused as why:
        raise _refused(why, look.subject.platform_id) from None


def _refused(why: GraphRefused, known_id: str | None) -> NotSeen:
    """Whom Graph does not find is gone if it once was found, else not a professional account that can be."""
    if why.code == NOT_FOUND and known_id:
        return NotSeen(
            SightState.GONE, "Kontot finns inte längre under det namnet som ett professionellt konto."
        )
    if why.code == NOT_FOUND:
        says = (
            "Kontot hittas inte: namnet är fel, eller så är kontot personligt, privat eller åldersbegränsat."
        )
        return NotSeen(SightState.PRIVATE, says)
    if why.state is SightState.GONE:
        return NotSeen(
            SightState.NO_PERMISSION, "Nyckeln till Meta får inte fråga från det konto som ska fråga."
        )
    return why


def _page(account: _Discovered) -> Page:
    media = account.media.data
    more = len(media) >= PAGE or account.media_count > len(media)
    return Page(
        posts=[Post(medium.timestamp, medium.permalink) for medium in media],
        reaches_to=reach((medium.timestamp for medium in media), more=more),
    )
