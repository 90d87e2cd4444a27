"""How servers are treated: one question at a time, with space between, and none while one wants to rest."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from connectors.sights import NotSeen
from models.observation import SightState

LONGEST_REST = timedelta(days=1)
"""However long a server wishes to be left alone."""


class Host:
    """One server: asked by one at a time, and not while it wants to be left alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free_at = 0.0
        self.rests_until: datetime | None = None

    @contextmanager
    def turn(self, spacing: float) -> Iterator[None]:
        with self._lock:
            time.sleep(max(0.0, self._free_at - time.monotonic()))
            try:
                yield
            finally:
                self._free_at = time.monotonic() + spacing

    def demand_awake(self, now: datetime) -> None:
        """A rest that is further off than any server may wish is from before the clock was set back."""
        if self.rests_until is not None and now < self.rests_until <= now + LONGEST_REST:
            says = "Servern har bett om att inte bli frågad så ofta. Den frågas igen senare."
            raise NotSeen(SightState.RATE_LIMITED, says, retry_after=self.rests_until)


def wish_to_wait(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Until when a server wants to be left alone; at the longest LONGEST_REST.

    `Retry-After` in seconds or as a date (RFC 9110); Mastodon's `X-RateLimit-Reset`, a date in ISO form;
    Bluesky's `RateLimit-Reset`, seconds since 1970.
    """
    for name, read in _WISHES:
        try:
            until = read(headers[name].strip(), now)
            return min(max(until, now), now + LONGEST_REST)
        except (KeyError, ValueError, TypeError, OverflowError, OSError):
            continue
    return None


def _after(text: str, now: datetime) -> datetime:
    if text.isdecimal():
        return now + timedelta(seconds=min(int(text[:9]), LONGEST_REST.total_seconds()))
    return parsedate_to_datetime(text)


def _since_1970(text: str, now: datetime) -> datetime:
    return datetime.fromtimestamp(int(text), UTC)


def _iso(text: str, now: datetime) -> datetime:
    return datetime.fromisoformat(text)


_WISHES: tuple[tuple[str, Callable[[str, datetime], datetime]], ...] = (
    ("retry-after", _after),
    ("x-ratelimit-reset", _iso),
    ("ratelimit-reset", _since_1970),
)
