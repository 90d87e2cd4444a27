"""A mail server on loopback, in a process of its own: it takes every letter, and keeps none.

python -m benchmarks.mail_server PORT
"""

import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from deployments.processes import Part, answers, free_port, wait_until


class _TakesAll:
    """Answers as a server that has put the letter in its queue."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return "250 taken"


@contextmanager
def mail_server() -> Iterator[int]:
    """One that answers inside, and is gone afterwards; gives its port."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="kanalvakt-bench-") as folder:
        command = ["-m", "benchmarks.mail_server", str(port)]
        part = Part("mail server", command, {}, Path(folder) / "mail.log")
        part.start()
        try:
            wait_until(lambda: answers(port), part)
            yield port
        finally:
            part.stop()


def main() -> None:
    """Take letters until told to stop."""
    controller = Controller(_TakesAll(), hostname="127.0.0.1", port=int(sys.argv[1]))
    controller.start()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    controller.stop()


if __name__ == "__main__":
    main()
