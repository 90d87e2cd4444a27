"""What the portal signs: the cookie that stands for a link, and the hidden field that protects a form."""

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from models import Link, VisitorReport
from runtime.settings import InstallationSettings
from runtime.starting import SHORTEST_KEY


@dataclass(frozen=True)
class Cookie:
    """What a cookie says: which link, from when, and whether the page behind it was opened by a click."""

    link_id: int
    issued_at: datetime
    opened: bool


class Signer:
    """Makes and checks signatures with one key (HMAC with SHA-256)."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def cookie(self, link: Link, now: datetime, *, opened: bool) -> str:
        """The cookie's value: link, time and flag, signed together with the link's hash."""
        body = f"{link.id}.{int(now.timestamp())}.{int(opened)}"
        return f"{body}.{self._sign('cookie', link, body)}"

    def read_cookie(self, value: str, link: Link) -> Cookie | None:
        """What the cookie says, or None when it was not made here for this link."""
        body, _, signature = value.rpartition(".")
        if not _same(signature, self._sign("cookie", link, body)):
            return None
        link_id, issued, opened = body.split(".")
        return Cookie(int(link_id), datetime.fromtimestamp(int(issued), UTC), opened == "1")

    def form_token(self, link: Link) -> str:
        """What a form of this link's pages must bring back."""
        return self._sign("form", link, str(link.id))

    def is_form_token(self, value: str, link: Link) -> bool:
        """Whether a form came from this link's pages."""
        return _same(value, self.form_token(link))

    def seal(self, use: str, values: Mapping[str, Any]) -> str:
        """A cookie's value for what a browser is on its way to: it can be read there, but not changed."""
        body = urlsafe_b64encode(json.dumps(values).encode()).decode()
        return f"{body}.{self._signature(f'{use}|{body}')}"

    def unseal(self, use: str, value: str) -> dict[str, Any] | None:
        """What was sealed for this use, or None when it was not sealed here."""
        body, _, signature = value.rpartition(".")
        if not _same(signature, self._signature(f"{use}|{body}")):
            return None
        values: dict[str, Any] = json.loads(urlsafe_b64decode(body))
        return values

    def receipt(self, report: VisitorReport) -> str:
        """What stands in the address of a visitor's receipt: nobody guesses another's.

        Signed with the instant too: after a copy was put back, a number may be given to another report.
        """
        at = report.received_at.astimezone(UTC).isoformat()
        return f"{report.id}.{self._signature(f'receipt|{report.id}|{at}')[:32]}"

    def is_receipt(self, value: str, report: VisitorReport) -> bool:
        """Whether a receipt is of this report, and was made here."""
        return _same(value, self.receipt(report))

    def _sign(self, use: str, link: Link, body: str) -> str:
        return self._signature(f"{use}|{link.token_sha256}|{body}")

    def _signature(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), sha256).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def signer_of(settings: InstallationSettings) -> Signer:
    """The signer of this installation. Without a key one is drawn, which a restart forgets.

    Raises ValueError for a key that is too short to be one.
    """
    key = settings.cookie_key.get_secret_value()
    if key and len(key) < SHORTEST_KEY:
        raise ValueError(f"KANALVAKT_COOKIE_KEY is too short: give it at least {SHORTEST_KEY} characters")
    return Signer(key.encode() if key else secrets.token_bytes(32))
