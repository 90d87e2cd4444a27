"""The demonstration's mailbox: a mail server on loopback that keeps every mail, and a page to read them on.

    python -m deployments.mailbox --folder data/mail --smtp 2525 --http 8025

No mail leaves the machine. A mail is a file, so that all are there again after a restart.
"""

import argparse
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime as format_datetime_rfc
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import uvicorn
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from babel.dates import format_datetime
from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import BaseModel

LOOPBACK = "127.0.0.1"
SHOWN_OF_EACH = 5
_NAMES = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")
_ADDRESSES = re.compile(r"https?://[^\s<>\"]+")
_FRAME_POLICY = (
    "sandbox allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'"
)
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'"


@dataclass(frozen=True)
class Mail:
    """A mail as the pages show it."""

    name: str
    to: str
    to_name: str
    sender: str
    reply_to: str
    subject: str
    when: str
    text: str
    html: str


@dataclass(frozen=True)
class Pile:
    """One recipient's mails, the newest first."""

    to: str
    to_name: str
    mails: Sequence[Mail]
    total: int


class Mailbox:
    """A folder of mails, one file each, named by when they came; none bears the time of another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._last = datetime.min.replace(tzinfo=UTC)
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, content: bytes, recipients: Sequence[str]) -> None:
        """Store a mail; it is whole or not there at all."""
        self._last = max(datetime.now(UTC), self._last + timedelta(microseconds=1))
        name = f"{self._last:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
        marks = "".join(f"Delivered-To: {one}\r\n" for one in recipients).encode()
        unfinished = self.folder / f"{name}.part"
        unfinished.write_bytes(marks + content)
        unfinished.rename(self.folder / f"{name}.eml")

    def read(self, name: str) -> Mail:
        """One mail. Raises LookupError when there is none of that name."""
        path = self.folder / f"{name}.eml"
        if not _NAMES.fullmatch(name) or not path.exists():
            raise LookupError(name)
        return _read(path)

    def all(self) -> list[Mail]:
        """Every mail, the newest first."""
        return [_read(path) for path in sorted(self.folder.glob("*.eml"), reverse=True)]

    def piles(self, to: str | None = None) -> list[Pile]:
        """The mails by recipient, whoever was written to last first; all of a single one."""
        piles: dict[str, list[Mail]] = {}
        for mail in self.all():
            piles.setdefault(mail.to, []).append(mail)
        shown = None if to else SHOWN_OF_EACH
        return [
            Pile(address, mails[0].to_name, mails[:shown], len(mails))
            for address, mails in piles.items()
            if to in (None, address)
        ]


@lru_cache(maxsize=5000)
def _read(path: Path) -> Mail:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    to = mail["To"].addresses[0] if mail["To"] and mail["To"].addresses else None
    return Mail(
        name=path.stem,
        to=str(mail.get("Delivered-To", "")),
        to_name=to.display_name if to else "",
        sender=str(mail.get("From", "")),
        reply_to=str(mail.get("Reply-To", "")),
        subject=str(mail.get("Subject", "")),
        when=_when(str(mail.get("Date", ""))),
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
    )


def _when(date: str) -> str:
    try:
        at = parsedate_to_datetime(date)
    except ValueError:
        return ""
    return format_datetime(at, "EEEE d MMMM y 'kl.' HH.mm", tzinfo=ZoneInfo("Europe/Stockholm"), locale="sv")


def _part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    return str(body.get_content()) if body is not None else ""


ALARMS = "larm@kommunikation.example.org"


class Alarm(BaseModel):
    """What an alarm's webhook posts."""

    subject: str
    body: str


class Keeper:
    """Takes in whatever comes."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd's name for the end of a mail."""
        self.mailbox.keep(cast(bytes, envelope.content), envelope.rcpt_tos)
        return "250 Kept"


def pages(mailbox: Mailbox) -> FastAPI:
    """The pages on which the mails are read."""
    app = FastAPI(title="Brevlådan", openapi_url=None)

    @app.get("/")
    def piles(till: str | None = None) -> HTMLResponse:
        return _page("piles.html", piles=mailbox.piles(till), to=till)

    @app.get("/brev/{name}")
    def mail(name: str) -> HTMLResponse:
        return _page("mail.html", mail=_found(mailbox, name))

    @app.get("/brev/{name}/html")
    def html_part(name: str) -> HTMLResponse:
        """As a mail reader shows it. Its links open in the window, not in the frame."""
        whole = _found(mailbox, name).html.replace("<head>", '<head><base target="_top">', 1)
        return HTMLResponse(whole, headers={"Content-Security-Policy": _FRAME_POLICY})

    @app.post("/larm")
    def alarm(said: Alarm) -> dict[str, bool]:
        """What Prefect sends by a way of its own, kept beside the letters."""
        mail = EmailMessage()
        mail["From"], mail["To"] = "Prefect <larm@example.org>", f"Larm från Prefect <{ALARMS}>"
        mail["Subject"], mail["Date"] = said.subject, format_datetime_rfc(datetime.now(UTC))
        mail.set_content(said.body)
        mailbox.keep(mail.as_bytes(), [ALARMS])
        return {"kept": True}

    return app


def _found(mailbox: Mailbox, name: str) -> Mail:
    try:
        return mailbox.read(name)
    except LookupError:
        raise HTTPException(404, "Brevet finns inte.") from None


def _page(template: str, **values: object) -> HTMLResponse:
    return HTMLResponse(
        _environment().get_template(template).render(values),
        headers={"Content-Security-Policy": _PAGE_POLICY, "Cache-Control": "no-store"},
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("deployments", "mailbox_pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["pieces"] = pieces
    return environment


def pieces(text: str) -> list[tuple[str, bool]]:
    """The text cut where its addresses begin and end; whether a piece is an address."""
    cut = re.split(f"({_ADDRESSES.pattern})", text)
    return [(piece, place % 2 == 1) for place, piece in enumerate(cut) if piece]


def main() -> None:
    """Run the mail server and the pages until told to stop."""
    asked = argparse.ArgumentParser(description="Demonstrationens brevlåda: tar emot och visar all e-post.")
    asked.add_argument("--folder", type=Path, required=True, help="mappen där breven sparas")
    asked.add_argument("--smtp", type=int, default=2525, help="port för e-post")
    asked.add_argument("--http", type=int, default=8025, help="port för sidan")
    given = asked.parse_args()
    mailbox = Mailbox(given.folder)
    server = Controller(Keeper(mailbox), hostname=LOOPBACK, port=given.smtp, enable_SMTPUTF8=True)
    server.start()
    try:
        uvicorn.run(pages(mailbox), host=LOOPBACK, port=given.http, log_level="warning")
    finally:
        server.stop(no_assert=True)


if __name__ == "__main__":
    main()
