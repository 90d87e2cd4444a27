"""What delivery asks of whatever carries letters away, and how it says that it could not."""

from typing import Protocol

from notifications.letters import Letter


class NotSent(Exception):
    """The letter was not accepted; the text says why."""


class TryLater(NotSent):
    """Not now: another attempt may succeed. It may even have been accepted without our hearing of it."""


class Unreachable(TryLater):
    """Nothing can be sent now, this letter or any other."""


class RefusedForGood(NotSent):
    """Never to this recipient."""


class Post(Protocol):
    """Carries letters away."""

    def send(self, letter: Letter) -> None:
        """Hand one letter over; it is accepted when this returns. Raises one of the kinds of NotSent."""
        ...
