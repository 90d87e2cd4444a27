"""Where mail comes back to: a mailbox read over IMAP, or a folder that a mail server writes files into.

A mail is read first, and put away when what it told has been kept: killed in between, it is read again.
"""

import imaplib
import os
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from connectors.mail_parts import MOST_BYTES

READ_FOLDER = "Kanalvakt/läst"
"""Where mail that has been read is put. What is to become of it there is the municipality's to decide."""
_READ_IN_FILES = "läst"
_TIMEOUT_SECONDS = 30
MOST_AT_ONCE = 500
"""Mails read by one round; the next takes the rest."""
Security = Literal["off", "starttls", "ssl"]


class NotReachable(Exception):
    """The mailbox cannot be read now; the text says why."""


class Returns(Protocol):
    """A mailbox that is open."""

    def waiting(self) -> list[str]:
        """Names of the mails that have not been put away, oldest first."""

    def read(self, name: str) -> bytes | None:
        """A mail's beginning; None when another has put it away meanwhile."""

    def put_away(self, name: str) -> None:
        """Move it to where mail lies that has been read; nothing the second time."""


@dataclass(frozen=True)
class ImapAccount:
    """Where the mailbox is, and who reads it."""

    host: str
    port: int
    user: str
    password: str
    security: Security = "ssl"
    folder: str = "INBOX"


@contextmanager
def opened_folder(folder: Path) -> Iterator[Returns]:
    """A folder with a file for each mail. Raises NotReachable when it is not there."""
    if not folder.is_dir():
        raise NotReachable(f"mappen {folder} finns inte")
    yield _Files(folder)


class _Files:
    def __init__(self, folder: Path) -> None:
        self._folder, self._read = folder, folder / _READ_IN_FILES

    def waiting(self) -> list[str]:
        """Files that have been written to their end are called .eml."""
        files = [one for one in self._folder.iterdir() if one.suffix.lower() == ".eml" and one.is_file()]
        dated = [(one, one.stat().st_mtime_ns) for one in files if not one.is_symlink()]
        return [one.name for one, _ in sorted(dated, key=lambda pair: (pair[1], pair[0].name))][:MOST_AT_ONCE]

    def read(self, name: str) -> bytes | None:
        """Its beginning."""
        with suppress(FileNotFoundError), (self._folder / name).open("rb") as file:
            return file.read(MOST_BYTES)
        return None

    def put_away(self, name: str) -> None:
        """Into the subfolder; one of the same name that lies there is kept beside it."""
        self._read.mkdir(exist_ok=True)
        into = self._read / name
        if into.exists():
            into = self._read / f"{into.stem}-{time.time_ns()}{into.suffix}"
        with suppress(FileNotFoundError):
            os.replace(self._folder / name, into)


@contextmanager
def opened_imap(account: ImapAccount) -> Iterator[Returns]:
    """The mailbox on its server. Raises NotReachable when it cannot be opened, or breaks on the way."""
    with _faults_of_the_line():
        box = _connected(account)
    try:
        with _faults_of_the_line():
            _sign_in(box, account)
            box.folder.set(account.folder)
        yield _Imap(box)
    finally:
        with suppress(ImapToolsError, OSError, imaplib.IMAP4.error):
            box.logout()


def _connected(account: ImapAccount) -> BaseMailBox:
    where = {"host": account.host, "port": account.port, "timeout": _TIMEOUT_SECONDS}
    if account.security == "off":
        return MailBoxUnencrypted(**where)
    kind = MailBox if account.security == "ssl" else MailBoxStartTls
    return kind(ssl_context=ssl.create_default_context(), **where)


def _sign_in(box: BaseMailBox, account: ImapAccount) -> None:
    """IMAP's own way takes ASCII alone; a password may hold an å."""
    ways = box.login if (account.user + account.password).isascii() else box.login_utf8
    ways(account.user, account.password, initial_folder=None)


@contextmanager
def _faults_of_the_line() -> Iterator[None]:
    try:
        yield
    except (ImapToolsError, OSError, imaplib.IMAP4.error) as error:
        raise NotReachable(_said(error)) from error


def _said(error: Exception) -> str:
    """What the server said, without what we told it."""
    said = getattr(error, "command_result", None)
    words = said[1] if said else error
    shown = (
        words[0].decode(errors="replace") if isinstance(words, list) and words and words[0] else str(words)
    )
    return f"{type(error).__name__}: {shown}"[:300]


class _Imap:
    def __init__(self, box: BaseMailBox) -> None:
        self._box, self._into = box, ""

    def waiting(self) -> list[str]:
        """By number, which is the order they came in. What is marked as deleted is none of ours."""
        with _faults_of_the_line():
            return self._box.uids("UNDELETED", charset=None)[:MOST_AT_ONCE]

    def read(self, name: str) -> bytes | None:
        """Its beginning, without marking it as seen: people may read the same mailbox."""
        with _faults_of_the_line():
            status, found = self._box.client.uid("FETCH", name, f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
        if status != "OK":
            raise NotReachable(f"brevet {name} kan inte läsas: {status}")
        return next((one[1] for one in found if isinstance(one, tuple)), None)

    def put_away(self, name: str) -> None:
        """Into its own folder, which is made when it is not there."""
        with _faults_of_the_line():
            self._into = self._into or _made_folder(self._box)
            self._box.move(name, self._into)


def _made_folder(box: BaseMailBox) -> str:
    """The folder's name there: with the server's own mark between levels, below INBOX where it must."""
    listed = box.folder.list()
    mark = next((one.delim for one in listed if one.delim and one.delim != "NIL"), "/")
    own = READ_FOLDER.replace("/", mark)
    ways = (own, f"INBOX{mark}{own}", READ_FOLDER.replace("/", "-"))
    there = {one.name for one in listed}
    known = next((one for one in ways if one in there), None)
    return known or _first_made(box, ways)


def _first_made(box: BaseMailBox, ways: tuple[str, ...]) -> str:
    for one in ways[:-1]:
        with suppress(ImapToolsError):
            box.folder.create(one)
            return one
    box.folder.create(ways[-1])
    return ways[-1]
