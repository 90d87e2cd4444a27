"""A platform in place of the real ones, at the outermost seam: what is published there, and what it shows."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.sights import AskPerson, Missing, Observation, Subject
from models import IdentityChange, SightState


@dataclass
class Platform:
    """What an account has published, and how a look at it ends."""

    posts: list[datetime] = field(default_factory=list)
    state: SightState | Missing | None = None
    """None: it shows its posts."""
    change: IdentityChange | None = None
    retry_after: timedelta | None = None
    page: int = 25
    """How many posts it shows at most."""
    looks: int = 0
    error: Exception | None = None

    def observe(self, subject: Subject, since: datetime | None, now: datetime) -> Observation | AskPerson:
        """As a connector would."""
        self.looks += 1
        if self.error is not None:
            raise self.error
        if isinstance(self.state, Missing):
            return AskPerson(self.state, "Kontot kan inte läsas.")
        if self.state is not None:
            later = now + self.retry_after if self.retry_after else None
            return Observation(self.state, now, "provet", says="Det gick inte.", retry_after=later)
        return self._seen(since, now)

    def _seen(self, since: datetime | None, now: datetime) -> Observation:
        past = sorted((at for at in self.posts if at <= now), reverse=True)
        shown = past[: self.page]
        new = [at for at in shown if since is None or at > since]
        whole = len(past) <= self.page or (since is not None and shown[-1] <= since)
        return Observation(
            SightState.OK if new else SightState.EMPTY,
            now,
            "provet",
            count=len(new),
            complete=whole,
            latest_at=past[0] if past else None,
            latest_url="https://example.org/inlagg/1" if past else None,
            change=self.change,
        )
