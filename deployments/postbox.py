"""What the demonstration's mail server has accepted, as its recipients find it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from threading import Lock

_ID = re.compile(r"<([^@>]+)@")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+/l/[^\s<>\"]+")


@dataclass(frozen=True)
class Arrived:
    """A letter that the mail server has taken."""

    message_id: str
    """The part before the at sign: the outbox row's."""
    to: str
    subject: str
    link: str
    """The address in it that leads into the portal as its recipient; empty when there is none."""
    at: float
    """When it was accepted, in seconds since the epoch."""


class Postbox:
    """The mailbox's folder, read again and again; each letter once. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._letters: dict[str, Arrived] = {}
        self._turn = Lock()

    def letters(self, domain: str) -> list[Arrived]:
        """Everything for people of a mail domain, in the order it came."""
        with self._turn:
            for path in sorted(self._folder.glob("*.eml")):
                if path.name not in self._letters:
                    self._letters[path.name] = _read(path)
            return [one for one in self._letters.values() if one.to.endswith(f"@{domain}")]


def _read(path: Path) -> Arrived:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = mail.get_body(("plain",))
    known = _ID.search(str(mail["Message-ID"]))
    found = _ADDRESS.search(str(body.get_content()) if body is not None else "")
    return Arrived(
        message_id=known[1] if known else "",
        to=str(mail["To"].addresses[0].addr_spec),
        subject=str(mail["Subject"]),
        link=found.group() if found else "",
        at=_came_at(path),
    )


def _came_at(path: Path) -> float:
    """The mailbox names a letter by when it came."""
    moment = datetime.strptime(path.stem.partition("-")[0], "%Y%m%dT%H%M%S%f")
    return moment.replace(tzinfo=UTC).timestamp()
