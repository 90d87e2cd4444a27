"""Meta's Graph interface, which Facebook and Instagram share.

https://developers.facebook.com/docs/graph-api/guides/error-handling
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from connectors.fetching import Answer
from connectors.looking import Look
from connectors.sights import NotSeen
from connectors.versions import GRAPH
from models.observation import SightState

ADDRESS = f"https://graph.facebook.com/{GRAPH}"

_EXPIRED = (102, 190)
_TOO_OFTEN = (4, 17, 32, 613, *range(80000, 80015))
_FOR_ALL = (4, 17)
"""Limits of the whole application or token: then no account can be asked."""
_FORBIDDEN = (3, 10, *range(200, 300))
_PASSING = (1, 2)
_NO_SUCH = (21, 803)
_WHY_EXPIRED = {458: "tillståndet har tagits bort", 460: "lösenordet har bytts", 463: "tiden har gått ut"}


class _Error(BaseModel):
    code: int
    error_subcode: int | None = None


class _Refusal(BaseModel):
    error: _Error


class GraphRefused(NotSeen):
    """An error of Graph's own, by its number."""

    code: int = 0


def graph(look: Look, path: str, headers: dict[str, str]) -> Answer:
    """Ask. Raises GraphRefused for every error that Graph has a number for."""
    url = f"{ADDRESS}/{path}"
    answer = look.get(url, headers)
    if answer.status == 200:
        return answer
    why = answer.read_as(_Refusal).error
    refused = _refused(why, answer, look.now)
    refused.code = why.code
    if why.code in _FOR_ALL and refused.retry_after:
        look.fetcher.rest(url, refused.retry_after)
    raise refused


def _refused(why: _Error, answer: Answer, now: datetime) -> GraphRefused:
    if why.code in _EXPIRED:
        reason = _WHY_EXPIRED.get(why.error_subcode or 0, "den gäller inte längre")
        return GraphRefused(SightState.AUTH_EXPIRED, f"Nyckeln till Meta måste förnyas: {reason}.")
    if why.code in _TOO_OFTEN:
        says = "Meta vill inte bli frågat så ofta. Kontot läses vid nästa avläsning."
        return GraphRefused(SightState.RATE_LIMITED, says, retry_after=_regained_at(answer, now))
    if why.code in _FORBIDDEN:
        return GraphRefused(SightState.NO_PERMISSION, "Nyckeln till Meta får inte läsa kontot.")
    if why.code in _NO_SUCH or (why.code == 100 and why.error_subcode == 33):
        return GraphRefused(SightState.GONE, "Kontot finns inte, eller är dolt för nyckeln till Meta.")
    if why.code in _PASSING:
        return GraphRefused(SightState.UNREACHABLE, "Meta kunde inte svara just nu.")
    return GraphRefused(SightState.MALFORMED, f"Meta svarade oväntat (fel {why.code}).")


def _regained_at(answer: Answer, now: datetime) -> datetime:
    """When the limit is over, as the usage header says; else in an hour, the span that usage is counted in.

    https://developers.facebook.com/docs/graph-api/overview/rate-limiting
    """
    minutes = max(_waits(answer.headers.get("x-business-use-case-usage", "")), default=0)
    return now + timedelta(minutes=min(minutes, 24 * 60) if minutes > 0 else 60)


def _waits(usage: str) -> Iterator[int]:
    try:
        by_case: Any = json.loads(usage or "{}")
        uses = [use for case in by_case.values() for use in case]
        yield from (int(use.get("estimated_time_to_regain_access", 0)) for use in uses)
    except (ValueError, AttributeError, TypeError, OverflowError, RecursionError):
        return
