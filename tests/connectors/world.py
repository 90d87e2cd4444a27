"""Moments, accounts and answers in the platforms' documented forms. All names and addresses are invented."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pytest_httpserver import HTTPServer

from connectors.fetching import Fetcher
from connectors.observing import observe
from connectors.sights import AskPerson, Observation, Subject, Tokens

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SINCE = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NEW = SINCE + timedelta(days=2)
OLD = SINCE - timedelta(days=2)
FUTURE = NOW + timedelta(days=3)

TOKENS = Tokens(
    facebook="hemlig-facebook",
    instagram="hemlig-instagram",
    instagram_asker="17840",
    linkedin="hemlig-linkedin",
)
ORIGINS = (
    "https://social.example.org",
    "https://social.example.net",
    "https://public.api.bsky.app",
    "https://www.youtube.com",
    "https://blogg.example.org",
    "http://blogg.example.org",
    "https://graph.facebook.com",
    "https://api.linkedin.com",
)


def stand_ins(server: HTTPServer) -> dict[str, str]:
    return {origin: server.url_for("") for origin in ORIGINS}


def quick_fetcher(server: HTTPServer, **options: Any) -> Fetcher:
    """Without the pauses that are politeness towards real servers."""
    return Fetcher(stand_ins=stand_ins(server), **{"spacing": 0.0, "pauses": (0.01, 0.01), **options})


@dataclass
class Watcher:
    """Looks at one account again and again, as the rounds do."""

    server: HTTPServer
    fetcher: Fetcher
    subject: Subject
    tokens: Tokens = TOKENS

    def look(self, since: datetime | None = SINCE, now: datetime = NOW) -> Observation | AskPerson:
        return observe(self.subject, since, now, self.fetcher, self.tokens)

    def see(self, since: datetime | None = SINCE, now: datetime = NOW) -> Observation:
        seen = self.look(since, now)
        assert isinstance(seen, Observation), seen
        return seen

    def ask(self, since: datetime | None = SINCE) -> AskPerson:
        asked = self.look(since)
        assert isinstance(asked, AskPerson), asked
        return asked

    def paths(self) -> list[str]:
        return [request.path for request, _ in self.server.log]


Watch = Callable[..., Watcher]


def iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def spread(count: int, newest: datetime, step: timedelta = timedelta(hours=1)) -> list[datetime]:
    """So many moments, newest first."""
    return [newest - step * number for number in range(count)]
