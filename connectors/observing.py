"""The one question: what has an account published since the last good look?"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from connectors import bluesky, facebook, feeds, instagram, linkedin, mastodon, youtube
from connectors.fetching import Fetcher
from connectors.looking import Look
from connectors.sights import (
    AskPerson,
    Missing,
    NeedsPerson,
    NotSeen,
    Observation,
    Subject,
    Tokens,
    clock_says,
    failed,
    without_secrets,
)
from models.observation import SightState
from policies.keys import Platform
from policies.naming import PLATFORM_NAMES


@dataclass(frozen=True)
class Connector:
    """How a platform is read."""

    source: str
    read: Callable[[Look], Observation]
    tokens: tuple[str, ...] = ()
    """Which of `Tokens` it needs."""
    verified_on: date | None = None
    """The day it was last tried against the platform itself; None: only against its documented answers."""


FEED = Connector(feeds.SOURCE, feeds.read)

CONNECTORS: dict[str, Connector] = {
    Platform.MASTODON: Connector(mastodon.SOURCE, mastodon.read),
    Platform.BLUESKY: Connector(bluesky.SOURCE, bluesky.read),
    Platform.YOUTUBE: Connector(youtube.SOURCE, youtube.read),
    Platform.BLOG: FEED,
    Platform.PODCAST: FEED,
    Platform.FACEBOOK: Connector(facebook.SOURCE, facebook.read, ("facebook",)),
    Platform.INSTAGRAM: Connector(instagram.SOURCE, instagram.read, ("instagram", "instagram_asker")),
    Platform.LINKEDIN: Connector(linkedin.SOURCE, linkedin.read, ("linkedin",)),
}


def observe(
    subject: Subject, since: datetime | None, now: datetime, fetcher: Fetcher, tokens: Tokens | None = None
) -> Observation | AskPerson:
    """Look at an account. `since`: the last good look, None at the first; instants are aware.

    Whatever the platform answers becomes an Observation; an AskPerson means that no look can tell.
    """
    connector = connector_for(subject)
    if connector is None:
        return AskPerson(Missing.CONNECTOR, f"Kanalvakt kan inte läsa {_platform_name(subject.platform)}.")
    look = Look(subject, since, now, fetcher, tokens or Tokens())
    try:
        _demand_past(since, now)
        seen = connector.read(look)
    except NotSeen as why:
        seen = failed(why, subject, source=connector.source, now=now)
    except NeedsPerson as why:
        return AskPerson(why.missing, why.says)
    return without_secrets(seen, look.tokens.secrets())


def connector_for(subject: Subject) -> Connector | None:
    """The platform's connector; for a platform without one, its feed if the account has one."""
    return CONNECTORS.get(subject.platform) or (FEED if subject.feed else None)


def _demand_past(since: datetime | None, now: datetime) -> None:
    if since is not None and since > now:
        raise NotSeen(SightState.MALFORMED, clock_says(since))


def _platform_name(platform: str) -> str:
    return PLATFORM_NAMES[Platform(platform)] if platform in set(Platform) else "plattformen"
