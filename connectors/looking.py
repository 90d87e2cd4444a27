"""What the connectors share while they look at an account."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from connectors.fetching import Answer, Fetcher
from connectors.sights import Missing, NeedsPerson, NotSeen, Subject, Tokens
from models.observation import IdentityChange, SightState


@dataclass(frozen=True)
class Look:
    """One look at one account. `since`: the last good look, or None; instants are aware UTC."""

    subject: Subject
    since: datetime | None
    now: datetime
    fetcher: Fetcher
    tokens: Tokens

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.fetcher.get(url, self.now, headers or {})


class Identified(Protocol):
    """Who a platform says that an account is."""

    @property
    def id(self) -> str: ...


Found = TypeVar("Found", bound=Identified)


def identified(
    known_id: str | None, by_name: Callable[[], Found], by_id: Callable[[str], Found]
) -> tuple[Found, IdentityChange | None]:
    """Who has the account's address, and whether the account is now found under another.

    Raises NotSeen `gone` if somebody else has it, or if the account is found neither by name nor by id.
    """
    try:
        found = by_name()
    except NotSeen as why:
        if why.state is not SightState.GONE or not known_id:
            raise
        return by_id(known_id), IdentityChange.RENAMED
    demand_same(known_id, found.id)
    return found, None


def demand_same(known_id: str | None, found_id: str) -> None:
    """Raises NotSeen `gone` if the address now is another account's."""
    if known_id and found_id != known_id:
        says = "Adressen tillhör nu ett annat konto än det som är registrerat. Kontrollera vem som har den."
        raise NotSeen(SightState.GONE, says, change=IdentityChange.TAKEN_OVER)


def renamed_says(change: IdentityChange | None, name: str) -> str:
    """What to tell of an account that was found under another name."""
    if change is not IdentityChange.RENAMED:
        return ""
    return f"Kontot heter nu {name}. Rätta adressen: den gamla kan tas av vem som helst."


class WebAddress(NamedTuple):
    """A web address, in parts that can be compared."""

    host: str
    """Lower case."""
    path: tuple[str, ...]

    def is_at(self, site: str) -> bool:
        """Whether it is the site's own or one of the names under it ("www.", "m.", "sv-se." …)."""
        return f".{self.host}".endswith(f".{site}")


def web_address(address: str) -> WebAddress | None:
    """The host and path of an account's address, with or without "https://"; None for what is no address."""
    text = address.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or not _is_one_word(text):
        return None
    return WebAddress(host, tuple(unquote(part) for part in parts.path.split("/") if part))


def _is_one_word(text: str) -> bool:
    return text.isprintable() and " " not in text


def wrong_address(says: str) -> NeedsPerson:
    return NeedsPerson(Missing.ADDRESS, says)


def bearer(token: str | None, platform: str) -> dict[str, str]:
    """The header that carries a token: an address would be logged on its way.

    Raises NeedsPerson if there is no token, or one that cannot be a token.
    """
    given = (token or "").strip()
    if not given:
        raise NeedsPerson(Missing.TOKEN, f"Det finns ingen nyckel för {platform}, så kontot kan inte läsas.")
    if not given.isascii() or not given.isprintable() or " " in given:
        raise NeedsPerson(Missing.TOKEN, f"Nyckeln för {platform} är felskriven: den har otillåtna tecken.")
    return {"Authorization": f"Bearer {given}"}
