"""Whether an account is posted in as often as a rule says, judged from what was seen and nothing else.

A look tells how many posts there were since the one before it, exactly or "at least", and when the latest
was. What nobody could see is unknown: it is never "no posts".
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from lifecycle.sights import GoodLook
from lifecycle.working_days import Calendar
from policies.duties import Posting
from policies.settings import Settings

_WEEK = 7


class Stand(StrEnum):
    """How an account stands to a rule on posting."""

    KEPT = "kept"
    SHORT = "short"
    """Surely fewer posts than the rule wants."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Window:
    """So many posts within so many days, back from any day."""

    days: int
    posts: int


def window_of(rule: Posting, settings: Settings) -> Window:
    """What a rule wants; where it only says "regularly", within the municipality's own number of days.

    The upper end of "once or twice a week" is never demanded, nor held against an account that exceeds it.
    """
    if rule.a_week_at_least is None and rule.a_week_up_to is None:
        return Window(settings.posting_window_days, 1)
    return Window(_WEEK, rule.a_week_at_least or 1)


def posting_stands(
    rule: Posting, looks: Sequence[GoodLook], on: date, settings: Settings, calendar: Calendar
) -> Stand:
    """Whether a rule is kept on a day. `looks`: the good ones until that day, oldest first.

    The window is counted in whole days, so that a post on its first day counts at whatever hour.
    """
    window = window_of(rule, settings)
    start = calendar.at(on - timedelta(days=window.days), time())
    at_least, at_most = posts_since(start, looks, until=calendar.at(on, time()))
    if at_least >= window.posts:
        return Stand.KEPT
    return Stand.SHORT if at_most < window.posts else Stand.UNKNOWN


def posts_since(start: datetime, looks: Sequence[GoodLook], *, until: datetime) -> tuple[int, float]:
    """How many posts there were after `start`: at least and at most.

    Any number may hide where no look reaches: before the first, between two, or after the last if it was
    before `until`. What was seen once counts, also when a later look does not find it any more.
    """
    at_least, at_most, seen_to = 0, 0.0, start
    for look in looks:
        if look.latest_at is None or look.latest_at <= start:
            at_most = at_least  # Nothing is newer than the start, so nothing was out of sight before either.
        else:
            hidden = look.since_at is not None and look.since_at > seen_to
            at_most += look.count if look.complete and not hidden else math.inf
            at_least = max(at_least + _surely_in(look, start), 1)
        seen_to = max(seen_to, look.checked_at)
    if not looks or seen_to < until:
        at_most = math.inf
    return at_least, max(at_least, at_most)


def _surely_in(look: GoodLook, start: datetime) -> int:
    """How many of a look's new posts came after `start`: all, if all it counted did, else the latest."""
    whole = look.since_at is not None and look.since_at >= start
    return look.count if whole else min(look.count, 1)
