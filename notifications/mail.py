"""Mail by an apprise plugin of ours: one kept connection, our own two parts, our own Message-ID.

Apprise's own plugin connects anew for each letter, makes the text part from the HTML and loses its addresses,
and adds a second Message-ID.
"""

import smtplib
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from threading import Lock
from typing import Any, Literal
from urllib.parse import quote

from apprise import Apprise
from apprise.manager_plugins import NotificationManager
from apprise.plugins.email import NotifyEmail

from notifications.letters import Letter
from notifications.look import Mark
from notifications.mail_headers import Mailbox, Subject
from notifications.post import NotSent, RefusedForGood, TryLater, Unreachable
from notifications.words import line

Security = Literal["off", "starttls", "ssl"]

_MODES: dict[Security, str] = {"off": "insecure", "starttls": "starttls", "ssl": "ssl"}
_TIMEOUT_SECONDS = 20
_ACCEPTED = (250, 251)
_CLOSING = 421
_NOT_SIGNED_IN = (530, 534, 535, 538)
"""Refusals for us to put right, whatever letter meets them: no recipient's fault."""


@dataclass(frozen=True)
class MailServer:
    """The server that takes our letters."""

    host: str
    port: int
    sender: str
    """From whom news of the installation itself comes; a letter has its own."""
    security: Security = "starttls"
    user: str | None = None
    password: str | None = None
    verify: bool = True
    """Whether the server's certificate must be good. Off is for trials."""
    returns_to: str = ""
    """Where what cannot be delivered comes back to, a star for the letter's number; empty: to its sender."""

    def url(self) -> str:
        """As apprise writes it; holds the password."""
        who = f"{quote(self.user, safe='')}:{quote(self.password or '', safe='')}@" if self.user else ""
        scheme = "kvmail" if self.security == "off" else "kvmails"
        options = f"mode={_MODES[self.security]}&verify={'yes' if self.verify else 'no'}&smtp={self.host}"
        return f"{scheme}://{who}{self.host}:{self.port}/?{options}&from={quote(self.sender, safe='')}"


@dataclass(frozen=True)
class Envelope:
    """A mail, and what the server is told of it."""

    mail: EmailMessage
    sender: str
    recipient: str


_in_hand: ContextVar[Envelope | None] = ContextVar("in_hand", default=None)
"""The letter that apprise is asked to send: it passes only a title and one body on."""


class KeptMail(NotifyEmail):  # type: ignore[no-untyped-call]
    """Sends over one connection, kept until the server drops it. Safe to use from several threads."""

    service_name = "Kanalvakt mail"
    protocol = "kvmail"
    secure_protocol = "kvmails"
    request_rate_per_sec = 0
    socket_connect_timeout = _TIMEOUT_SECONDS

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        self._connection: smtplib.SMTP | None = None
        self._turn = Lock()

    def deliver(self, envelope: Envelope, subject: str, text: str) -> None:
        """Have apprise send a whole letter. Raises TryLater, Unreachable or RefusedForGood."""
        before = _in_hand.set(envelope)
        try:
            if not self.notify(body=text, title=subject):
                raise TryLater("apprise did not pass the letter on")
        finally:
            _in_hand.reset(before)

    def send(self, body: str, title: str = "", **_: Any) -> bool:  # type: ignore[override]
        """Apprise's way in: the letter in hand, or short news in plain text to the targets of the address."""
        envelope = _in_hand.get()
        if envelope is not None:
            self._carry(envelope)
            return True
        sender = str(self.from_addr[1])
        news = [_news(sender, str(name or ""), str(to), title, body) for name, to in self.targets]
        return all([self._carried(one) for one in news])

    def hang_up(self) -> None:
        """End the connection; the next letter makes a new one."""
        with self._turn:
            self._drop()

    def knock(self, sender: str) -> None:
        """Do what comes before a letter and send none: connect, sign in, say from whom.

        Raises Unreachable, or RefusedForGood when the server takes no letters from the sender.
        """
        with self._turn:
            try:
                with _faults_of_the_line():
                    _demand(self._connected().mail(sender), RefusedForGood)
            finally:
                self._drop()

    def _carried(self, envelope: Envelope) -> bool:
        try:
            self._carry(envelope)
        except NotSent as why:
            self.logger.warning("Not sent: %s", why)
            return False
        return True

    def _carry(self, envelope: Envelope) -> None:
        with self._turn:
            try:
                with _faults_of_the_line():
                    self._transfer(self._connected(), envelope)
            except Unreachable:
                self._drop()
                raise

    def _transfer(self, server: smtplib.SMTP, envelope: Envelope) -> None:
        if smtplib.quoteaddr(envelope.recipient) != f"<{envelope.recipient}>":
            raise RefusedForGood("the address can be read in more than one way")
        plain = (envelope.sender + envelope.recipient).isascii()
        if not plain and not server.has_extn("smtputf8"):
            raise RefusedForGood(f"the mail server takes no letter to {envelope.recipient}")
        body = envelope.mail.as_bytes(policy=SMTP if plain else SMTPUTF8)
        options = [] if plain else ["SMTPUTF8", "BODY=8BITMIME"]
        _demand(server.mail(envelope.sender, options), TryLater)
        _demand(server.rcpt(envelope.recipient), RefusedForGood)
        _demand(_data(server, body), RefusedForGood)

    def _connected(self) -> smtplib.SMTP:
        """The kept connection, or a new one when the server has dropped it meanwhile.

        It is asked before each letter: a drop that shows later may have come after the letter was taken.
        """
        if self._connection is not None and not _answers(self._connection):
            self._drop()
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        trust = ssl.create_default_context()
        if not self.verify_certificate:
            trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
        where = (str(self.smtp_host), int(self.port or 0))
        if self.secure_mode == "ssl":
            server: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=_TIMEOUT_SECONDS, context=trust)
        else:
            server = smtplib.SMTP(*where, timeout=_TIMEOUT_SECONDS)
        try:
            if self.secure_mode == "starttls":
                server.starttls(context=trust)
            server.ehlo_or_helo_if_needed()
            if self.user:
                _sign_in(server, str(self.user), str(self.password or ""))
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
        return server

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError, smtplib.SMTPException):
                connection.close()


def _sign_in(server: smtplib.SMTP, user: str, password: str) -> None:
    """The standard library signs in with ASCII alone; a password may hold an å."""
    if (user + password).isascii():
        server.login(user, password)
        return
    secret = b64encode(f"\0{user}\0{password}".encode()).decode()
    code, words = server.docmd("AUTH", f"PLAIN {secret}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, words)


def _answers(connection: smtplib.SMTP) -> bool:
    try:
        return connection.rset()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _data(server: smtplib.SMTP, body: bytes) -> tuple[int, bytes]:
    try:
        return server.data(body)
    except smtplib.SMTPDataError as error:
        said = error.smtp_error
        return error.smtp_code, said if isinstance(said, bytes) else said.encode()


def _demand(reply: tuple[int, bytes], permanent: type[NotSent]) -> None:
    """Raise unless the server agreed: 4xx may succeed later, 5xx is what the caller says it is."""
    code, words = reply
    if code in _ACCEPTED:
        return
    said = f"{code} {words.decode(errors='replace')}"[:400]
    if code == _CLOSING or code in _NOT_SIGNED_IN:
        raise Unreachable(said)
    raise (permanent if code >= 500 else TryLater)(said)


@contextmanager
def _faults_of_the_line() -> Iterator[None]:
    """A connection that cannot be made, or that breaks in the middle of a letter."""
    try:
        yield
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(f"{type(error).__name__}: {error}"[:400]) from error


def _plain(address: str) -> str:
    """With its domain as the mail system knows it."""
    local, _, domain = address.rpartition("@")
    return address if domain.isascii() else f"{local}@{domain.encode('idna').decode()}"


def _mailbox(header: str, name: str, address: str) -> Mailbox:
    return Mailbox(header, line(name), _plain(address))


def _addressed(sender: tuple[str, str], to: tuple[str, str], subject: str, at: datetime) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _mailbox("From", *sender)
    mail["To"] = _mailbox("To", *to)
    mail["Subject"] = Subject(line(subject, 1000))
    mail["Date"] = format_datetime(at)
    mail["Auto-Submitted"] = "auto-generated"
    return mail


def _news(sender: str, to_name: str, to: str, subject: str, text: str) -> Envelope:
    mail = _addressed(("Kanalvakt", sender), (to_name, to), subject, datetime.now(UTC))
    mail.set_content(text, cte="quoted-printable")
    return Envelope(mail, _plain(sender), _plain(to))


def as_mail(letter: Letter, returns_to: str = "") -> EmailMessage:
    """The letter as a mail with its own plain text and HTML parts.

    An answer that no person awaits comes to where returned mail is read, if there is such a place.
    """
    sender, to = (letter.sender_name, letter.sender), (letter.to_name, letter.to)
    mail = _addressed(sender, to, letter.subject, letter.written_at)
    mail["Message-ID"] = f"<{letter.message_id}>"
    if letter.reply_to is not None:
        mail["Reply-To"] = _mailbox("Reply-To", letter.reply_to_name, letter.reply_to)
    elif returns_to:
        mail["Reply-To"] = _mailbox("Reply-To", letter.sender_name, returns_to)
    if letter.answers_mail:
        mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(letter.text, cte="quoted-printable")
    # No quoted-printable line can hold it: else the library looks for one that no part holds.
    mail.make_alternative(boundary=f"=_{letter.message_id}")
    mail.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    if letter.mark is not None:
        _set_in(mail, letter.mark)
    for one in letter.enclosures:
        kind, _, subkind = one.media_type.partition("/")
        mail.add_attachment(one.content, maintype=kind, subtype=subkind, filename=line(one.name))
    return mail


def _set_in(mail: EmailMessage, mark: Mark) -> None:
    """The logotype goes with the HTML part that shows it, not among the files of the letter."""
    html = mail.get_body(("html",))
    assert isinstance(html, EmailMessage)
    kind, _, subkind = mark.media_type.partition("/")
    html.add_related(mark.content, kind, subkind, cid=f"<{mark.content_id}>", disposition="inline")


def returned_to(address: str, letter: Letter) -> str:
    """The address for returned mail, the letter's number in place of its star; empty when there is none."""
    return address.replace("*", letter.message_id.partition("@")[0], 1)


class MailPost:
    """Posts letters to a mail server, through apprise and our plugin for it."""

    def __init__(self, server: MailServer) -> None:
        found = Apprise.instantiate(server.url())
        if not isinstance(found, KeptMail):
            raise ValueError(f"no mail can be sent by way of {server.host}:{server.port}")
        self._plugin, self._returns_to = found, server.returns_to

    def send(self, letter: Letter) -> None:
        """Hand the letter to the server. Raises TryLater, Unreachable or RefusedForGood."""
        returns_to = returned_to(self._returns_to, letter)
        mail = as_mail(letter, returns_to)
        envelope = Envelope(mail, _plain(returns_to or letter.sender), _plain(letter.to))
        self._plugin.deliver(envelope, letter.subject, letter.text)

    def knock(self, sender: str) -> None:
        """Try the server without a letter. Raises TryLater, Unreachable or RefusedForGood."""
        self._plugin.knock(_plain(self._returns_to.replace("*", "0" * 32, 1) or sender))

    def close(self) -> None:
        """End the connection."""
        self._plugin.hang_up()


NotificationManager().add(KeptMail, schemas=["kvmail", "kvmails"])  # type: ignore[no-untyped-call]
