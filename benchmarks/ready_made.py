"""Letters as they leave, kept as texts: what the ways that render nothing are given to send."""

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass, field

from notifications.letters import Letter
from notifications.mail import as_mail


@dataclass(frozen=True)
class ReadyMade:
    """One letter's envelope and text."""

    sender: str
    to: str
    content: bytes


@dataclass
class Keeping:
    """Takes what delivery posts."""

    letters: list[ReadyMade] = field(default_factory=list)

    def send(self, letter: Letter) -> None:
        self.letters.append(ReadyMade(letter.sender, letter.to, as_mail(letter).as_bytes()))


def send_by_smtplib(letters: Sequence[ReadyMade], port: int) -> None:
    """One connection, and the texts as they are."""
    with smtplib.SMTP("127.0.0.1", port) as server:
        for one in letters:
            server.sendmail(one.sender, [one.to], one.content)
