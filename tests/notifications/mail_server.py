"""A real mail server on loopback that refuses, drops or puts off letters as a test says."""

import ssl
from asyncio import Transport
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from deployments.processes import free_port

PASSWORD = b"hemligt@:/%\xc3\xa5"


@dataclass
class Behaviour:
    """What the server has taken, and how it is to answer; also aiosmtpd's handler."""

    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    """Whom the envelopes said they were from."""
    connections: int = 0
    rcpt: dict[str, str] = field(default_factory=dict)
    """Answers to single recipients, e.g. "550 no such user"."""
    mail: str = ""
    data: list[str] = field(default_factory=list)
    """Answers to the next letters' contents, one after another; "drop" breaks the line after taking it."""
    on_taken: Callable[[], None] = lambda: None

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.mail or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.rcpt:
            return self.rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.data.pop(0) if self.data else "250 taken"
        if answer[0] in "45":
            return answer
        content = cast(bytes, envelope.content)
        self.taken.append(message_from_bytes(content, policy=SMTP_POLICY))
        self.recipients += envelope.rcpt_tos
        self.senders.append(str(envelope.mail_from))
        self.on_taken()
        if answer == "drop":
            cast(Transport, server.transport).abort()
        return "250 taken"


class MailServerOnLoopback(Controller):
    """`with MailServerOnLoopback() as server:` has it listening; `server.behaviour` is what it does."""

    def __init__(
        self, tls: ssl.SSLContext | None = None, starttls: bool = False, port: int = 0, **options: Any
    ) -> None:
        self.behaviour = Behaviour()
        port = port or free_port()
        options |= {"tls_context": tls, "require_starttls": True} if starttls else {"ssl_context": tls}
        options["auth_require_tls"] = starttls
        super().__init__(self.behaviour, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True, **options)

    def __enter__(self) -> "MailServerOnLoopback":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(no_assert=True)

    def stop(self, no_assert: bool = True) -> None:
        """Stop listening and break all connections; nothing the second time."""
        if self.loop is not None and not self.loop.is_closed():
            super().stop(no_assert)

    def _trigger_server(self) -> None:
        """aiosmtpd makes a first connection itself; it is none of the letters'."""
        super()._trigger_server()  # type: ignore[no-untyped-call]
        self.behaviour.connections = 0


def signs_in(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    """Knows one user."""
    known = (given.login, given.password) == (b"kanalvakt@example.org", PASSWORD)
    return AuthResult(success=known, handled=False)
