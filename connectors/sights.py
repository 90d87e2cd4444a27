"""What a connector is asked, and what it answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, NamedTuple
from urllib.parse import urljoin, urlsplit

from pydantic import AfterValidator, AwareDatetime

from models.observation import IdentityChange, SightState

LONGEST_ADDRESS = 500
_HIDDEN = "•••"
_NOTHING_SEEN = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Subject:
    """The account to look at, as the register knows it."""

    platform: str
    address: str
    name: str = ""
    platform_id: str | None = None
    """The platform's own id, as an earlier look found it: a name can change hands, an id does not."""
    feed: str | None = None
    """Address of the account's feed, where it is another than its page."""
    cursor: Mapping[str, str] = field(default_factory=dict)
    """What the last look's `Observation.cursor` said; its content concerns the connector only."""


@dataclass(frozen=True)
class Tokens:
    """The secrets that some platforms ask for. They are never shown, not even by `repr`."""

    facebook: str | None = field(default=None, repr=False)
    instagram: str | None = field(default=None, repr=False)
    instagram_asker: str | None = None
    """The id of the municipality's own professional account, which asks about the others. No secret."""
    linkedin: str | None = field(default=None, repr=False)

    def secrets(self) -> tuple[str, ...]:
        given = (self.facebook, self.instagram, self.linkedin)
        return tuple(token.strip() for token in given if token and token.strip())


def key_name(slug: str, platform: str) -> str:
    """A key's Secret block in Prefect, or file in the folder of secrets: "exempelby-facebook",
    "exempelby-instagram-asker"."""
    return f"{slug}-{platform.replace('_', '-')}"


@dataclass(frozen=True)
class Observation:
    """What one look showed. `state`: see SightState; instants are aware UTC."""

    state: SightState
    checked_at: datetime
    source: str
    """Which connector looked: "mastodon", "feed", "manual" …"""
    count: int | None = None
    """Posts published after `since`, or all seen if there was no `since`. None when the look failed."""
    complete: bool = False
    """Whether `count` is exact; else it is "at least"."""
    latest_at: datetime | None = None
    """The newest post's time, new or not; None when the look failed or nothing was ever posted."""
    latest_url: str | None = None
    retry_after: datetime | None = None
    """The earliest instant at which the platform wants to be asked again, where it said so."""
    platform_id: str | None = None
    cursor: Mapping[str, str] = field(default_factory=dict)
    """Hand it back with the next look. A failed look gives back what it was given."""
    change: IdentityChange | None = None
    says: str = ""
    """Swedish, for the people who look after the account."""


class Missing(StrEnum):
    """Why a look could not be taken at all."""

    CONNECTOR = "connector"
    TOKEN = "token"
    ADDRESS = "address"
    SIGHT = "sight"
    """The platform answered, but what it shows does not tell whether anything was posted."""


@dataclass(frozen=True)
class AskPerson:
    """No connector can tell: the account's administrator is asked instead."""

    missing: Missing
    says: str
    """Swedish: why, and what to do so that it can be read."""


class NotSeen(Exception):
    """The look failed. Its text is Swedish, and quotes nothing of the answer but a name or an address."""

    def __init__(
        self,
        state: SightState,
        says: str,
        *,
        retry_after: datetime | None = None,
        change: IdentityChange | None = None,
    ) -> None:
        super().__init__(says)
        self.state, self.says, self.retry_after, self.change = state, says, retry_after, change


class NeedsPerson(Exception):
    """A person has to be asked. Its text is Swedish."""

    def __init__(self, missing: Missing, says: str) -> None:
        super().__init__(says)
        self.missing, self.says = missing, says


def _utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("outside of the calendar") from None


Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
"""An instant in a platform's answer, whatever its zone."""


class Post(NamedTuple):
    """All that is kept of a post."""

    at: datetime
    """Aware UTC."""
    url: str | None


@dataclass(frozen=True)
class Page:
    """The account's own newest posts."""

    posts: Sequence[Post]
    reaches_to: datetime | None
    """Everything published after this is among `posts`; None when they are all there ever were: `reach`."""
    undated: int = 0
    """Entries that do not say when they were published."""


def reach(listed: Iterable[datetime], *, more: bool) -> datetime | None:
    """How far back a list with the newest first goes: to its oldest, or all the way if there is no more."""
    return min(listed, default=_NOTHING_SEEN) if more else None


def sight_of(page: Page, *, source: str, since: datetime | None, now: datetime) -> Observation:
    """Judge a page: how many are new, and whether that is all.

    Posts dated in the future are told of and not counted. Raises NeedsPerson if nothing new was seen but
    something new may be out of sight: that is not "no posts".
    """
    past = [post for post in page.posts if post.at <= now]
    new = _new(page, since, now)
    if not is_telling(page, since, now):
        raise NeedsPerson(Missing.SIGHT, "Det som syns av kontot visar inte om något nytt har publicerats.")
    latest = max(past, key=lambda post: post.at, default=None)
    return Observation(
        state=SightState.OK if new else SightState.EMPTY,
        checked_at=now,
        source=source,
        count=len(new),
        complete=_is_whole(page, since),
        latest_at=latest.at if latest else None,
        latest_url=shown_url(latest.url) if latest else None,
        says=" ".join(_remarks(page, future=len(page.posts) - len(past))),
    )


def is_telling(page: Page, since: datetime | None, now: datetime) -> bool:
    """Whether a page has something new, or surely nothing."""
    return bool(_new(page, since, now)) or _is_whole(page, since)


def _new(page: Page, since: datetime | None, now: datetime) -> list[Post]:
    return [post for post in page.posts if post.at <= now and (since is None or post.at > since)]


def _is_whole(page: Page, since: datetime | None) -> bool:
    reaches = page.reaches_to is None or (since is not None and page.reaches_to <= since)
    return reaches and not page.undated


def _remarks(page: Page, future: int) -> list[str]:
    remarks = []
    if future:
        remarks.append(f"{future} inlägg är daterade i framtiden och räknas inte än.")
    if page.undated:
        remarks.append(f"{page.undated} inlägg saknar datum och räknas inte.")
    return remarks


def clock_says(since: datetime) -> str:
    """What to tell when the last look lies in the future."""
    at = since.astimezone(UTC)
    return f"Den förra avläsningen är daterad {at:%Y-%m-%d %H:%M} UTC, efter nu. Kontrollera serverns klocka."


def failed(why: NotSeen, subject: Subject, *, source: str, now: datetime) -> Observation:
    """The look that failed, with the cursor and id that the account came with."""
    return Observation(
        state=why.state,
        checked_at=now,
        source=source,
        retry_after=why.retry_after,
        platform_id=subject.platform_id,
        cursor=subject.cursor,
        change=why.change,
        says=why.says,
    )


def shown_url(address: str | None) -> str | None:
    """A post's address if it is one that may be shown: a web address, without name, password and token."""
    if not address or len(address) > LONGEST_ADDRESS or not address.isprintable():
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    secret = "@" in parts.netloc or "access_token" in parts.query
    return address if parts.scheme in ("http", "https") and parts.hostname and not secret else None


def joined(address: str, link: str) -> str | None:
    """A link as it is meant on the page with that address; None for what is no link."""
    try:
        return urljoin(address, link)
    except ValueError:
        return None


def without_secrets(seen: Observation, secrets: Sequence[str]) -> Observation:
    """The same, in case a platform echoes a token in an address or an id."""

    def clean(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, _HIDDEN)
        return text

    return replace(
        seen,
        latest_url=seen.latest_url and clean(seen.latest_url),
        platform_id=seen.platform_id and clean(seen.platform_id),
        cursor={key: clean(value) for key, value in seen.cursor.items()},
        says=clean(seen.says),
    )
