"""Channels that get news and never a deciding link: Teams, Slack and the like, through apprise.

Their addresses are secrets. They come from whoever runs the installation, must be of an allowed scheme
and host, are kept encrypted and are shown masked.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from apprise import Apprise, AppriseAsset
from apprise.plugins import NotifyBase
from apprise.utils.parse import parse_urls
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import select
from sqlmodel import Session, col

from models import NoticeTarget
from notifications.letters import Letter
from notifications.post import Post, RefusedForGood, TryLater

PREFIX = "target:"
"""What a message to a channel has in place of a mail address, before the channel's id."""


ONE_HOST = {
    ("slack", "hook"): "hooks.slack.com",
    ("slack", "gov-hook"): "hooks.slack-gov.com",
    ("slack", "bot"): "slack.com",
    ("slack", "workflow"): "hooks.slack.com",
    ("slack", "trigger"): "hooks.slack.com",
    ("discord", ""): "discord.com",
    ("gchat", ""): "chat.googleapis.com",
}
"""Services whose addresses have a secret where others have a host: where each goes, by scheme and mode."""
_HOSTLESS = {scheme for scheme, _ in ONE_HOST}


class TargetRefused(ValueError):
    """The address may not be used; the text says why and what to do, in Swedish."""


@dataclass(frozen=True)
class TargetRules:
    """What the installation allows, and how it keeps secrets."""

    keys: Sequence[str]
    """Fernet keys: the first encrypts, all decrypt, so that keys can be changed."""
    schemes: Sequence[str]
    hosts: Sequence[str]
    """Host names, or the ends of them."""

    def cipher(self) -> MultiFernet:
        """Raises TargetRefused when the installation has no key."""
        if not self.keys:
            raise TargetRefused(
                "Ingen nyckel finns. Sätt KANALVAKT_TARGET_KEYS; skapa en nyckel med: kanalvakt target key."
            )
        return MultiFernet([Fernet(key) for key in self.keys])


def address_of(target_id: int | None) -> str:
    """What stands for a channel in the outbox."""
    return f"{PREFIX}{target_id}"


def add_target(
    session: Session, rules: TargetRules, municipality_id: int, name: str, url: str, now: datetime
) -> NoticeTarget:
    """Enter a channel, by the address that apprise describes or the one that the service gives to be copied.

    Raises TargetRefused for a scheme or host that is not allowed.
    """
    url = _as_apprise_writes(url.strip())
    found = channel_at(rules, url)
    target = NoticeTarget(
        municipality_id=municipality_id,
        name=name.strip()[:120],
        encrypted=rules.cipher().encrypt(url.encode()).decode(),
        masked=str(found.url(privacy=True))[:300],  # type: ignore[no-untyped-call]
        added_at=now,
    )
    session.add(target)
    session.flush()
    return target


def _as_apprise_writes(url: str) -> str:
    """A service's own https address in apprise's form, where apprise knows it; any other as it is."""
    if not url.lower().startswith("https://") or len(parse_urls(url)) > 1:  # type: ignore[no-untyped-call]
        return url
    found = Apprise.instantiate(url)
    return str(found.url()) if isinstance(found, NotifyBase) else url  # type: ignore[no-untyped-call]


def channel_at(rules: TargetRules, url: str) -> NotifyBase:
    """The one channel of an address, which goes where the address says and is sent on to nowhere else.

    Raises TargetRefused for what could reach elsewhere than the services the installation has chosen.
    """
    scheme, host = _place_of(rules, url)
    if scheme not in _HOSTLESS:
        _demand_allowed(rules, host)
    found = Apprise.instantiate(url.strip(), asset=AppriseAsset(http_redirects=False))
    if not isinstance(found, NotifyBase):
        raise _unreadable()
    # Apprise reads some addresses in its own way, and an address may ask for redirects itself.
    _demand_allowed(rules, _goes_to(found, scheme) or host)
    if not found.verify_certificate:
        raise TargetRefused(
            "Adressen säger verify=no: då kan vem som helst på vägen ta emot nyheten. Ta bort det."
        )
    found.redirects = False
    return found


def _goes_to(found: NotifyBase, scheme: str) -> str:
    """The host that apprise has read; empty where it names none."""
    if scheme in _HOSTLESS:
        return ONE_HOST.get((scheme, str(getattr(found, "mode", ""))), "(okänd)")
    return str(getattr(found, "host", None) or "").lower()


def _place_of(rules: TargetRules, url: str) -> tuple[str, str]:
    """Scheme and host, as the address is written."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        raise _unreadable() from None
    if len(parse_urls(url)) > 1:  # type: ignore[no-untyped-call]
        raise TargetRefused("Skriv en adress i taget. Lägg till fler kanaler var för sig.")
    scheme = parts.scheme.lower()
    if scheme not in rules.schemes:
        raise TargetRefused(
            "Klistra in adressen som tjänsten ger den, eller skriv en som börjar med något av: "
            f"{', '.join(f'{s}://' for s in rules.schemes)}."
        )
    return scheme, host


def _demand_allowed(rules: TargetRules, host: str) -> None:
    if not any(host == one or host.endswith(f".{one}") for one in rules.hosts):
        raise TargetRefused(
            f"Värden {host or '(ingen)'} är inte tillåten. Tillåtna: {', '.join(rules.hosts)}."
        )


def _unreadable() -> TargetRefused:
    return TargetRefused("Adressen går inte att läsa. Skriv den som apprise beskriver för tjänsten.")


def active_targets(session: Session, municipality_id: int) -> list[NoticeTarget]:
    """The channels that get news now."""
    rows = select(NoticeTarget).where(
        col(NoticeTarget.municipality_id) == municipality_id, col(NoticeTarget.retired_at).is_(None)
    )
    return list(session.execute(rows.order_by(col(NoticeTarget.id))).scalars())


class PostRoom:
    """Carries letters to people by mail, and news to channels by apprise."""

    def __init__(
        self, mail: Post, rules: TargetRules, sessions: Callable[[], AbstractContextManager[Session]]
    ) -> None:
        self._mail, self._rules, self._sessions = mail, rules, sessions

    def send(self, letter: Letter) -> None:
        """Raises one of the kinds of NotSent."""
        if letter.to.startswith(PREFIX):
            self._tell(letter, int(letter.to.removeprefix(PREFIX)))
        else:
            self._mail.send(letter)

    def _tell(self, letter: Letter, target_id: int) -> None:
        channel = Apprise()
        channel.add(self._channel(target_id))
        result = channel.notify(title=letter.subject, body=letter.text)
        if not result:
            raise TryLater(f"channel {target_id} did not take the news")

    def _channel(self, target_id: int) -> NotifyBase:
        with self._sessions() as session:
            target = session.get(NoticeTarget, target_id)
        if target is None or target.retired_at is not None:
            raise RefusedForGood(f"channel {target_id} is no longer used")
        try:
            url = self._rules.cipher().decrypt(target.encrypted.encode()).decode()
        except (InvalidToken, TargetRefused) as error:
            raise RefusedForGood(f"channel {target_id} cannot be read with the keys at hand") from error
        try:
            return channel_at(self._rules, url)
        except TargetRefused as error:
            raise RefusedForGood(f"channel {target_id} is no longer allowed") from error
