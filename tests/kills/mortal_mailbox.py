"""The demonstration's mail server, which a test may also kill where it does most harm."""

from collections.abc import Sequence

from deployments import mailbox
from models.seams import seam


class MortalMailbox(mailbox.Mailbox):
    """Dies before a mail is kept, or when it is kept and the sender has not been told so."""

    def keep(self, content: bytes, recipients: Sequence[str]) -> None:
        seam("before_keep")
        super().keep(content, recipients)
        seam("after_keep")


if __name__ == "__main__":
    setattr(mailbox, "Mailbox", MortalMailbox)  # noqa: B010
    mailbox.main()
