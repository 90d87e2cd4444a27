"""A town in which every letter leaves, written and sent as the product does it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Engine

from notifications.delivery import deliver_due
from notifications.examples.world import at_any_time
from notifications.letters import Letter, Letterhead
from runtime.database import writing
from tests.lifecycle.town import Rule, Town


class Postbox:
    """Keeps the letters that it is handed."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def send(self, letter: Letter) -> None:
        """Take one."""
        self.letters.append(letter)


class ToldTown(Town):
    """A town in which every letter that is due leaves after each look."""

    def __init__(self, engine: Engine, rules: Rule | None = None, **more: Any) -> None:
        self.box = Postbox()
        super().__init__(engine, rules, **more)

    def apply(self, who: str = "elin", **answers: Any) -> int:
        """Each time anew: the letters leave on the way."""
        return self._apply(who, self.usual | answers)

    def look(self) -> str | None:
        waits_for = super().look()
        self.post()
        return waits_for

    def post(self) -> None:
        """Deliver what is due."""
        until = self.now + timedelta(days=3)
        head = Letterhead("https://kanalvakt.example.org", lambda session, owner, now: until, at_any_time)
        deliver_due(lambda: writing(self.engine), self.box, head, lambda: self.now, 500)
