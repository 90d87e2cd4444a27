"""Since when nothing has happened in an account, and when that makes it one that is not kept up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from babel.dates import format_date

from lifecycle.conditions import applying, facts_of
from lifecycle.law import Law
from lifecycle.sights import Known
from models import Account
from policies.duties import Inactivity
from policies.keys import Modality, SpanUnit
from policies.settings import Settings

Cause = Literal["posts", "watch"]


@dataclass(frozen=True)
class Idle:
    """For how long an account has been without posts, or without watch."""

    account: Account
    rule: Inactivity
    cause: Cause
    happened: bool
    """Whether `since_on` is the day of the last post or watch; else that from which it was expected."""
    since_on: date
    due_on: date
    """The first day on which the account counts as not kept up."""
    warn_on: date
    known_on: date | None
    """The last day on which it is known that nothing had happened; None when nobody could see."""

    @property
    def key(self) -> str:
        """Tells this stretch of silence, as it is reckoned now, from every other."""
        return f"{self.account.id}:{self.cause}:{self.due_on.isoformat()}"


def threshold_of(rule: Inactivity, settings: Settings) -> tuple[int, SpanUnit]:
    """How long it may be silent, by the clause, or where that names no time by the municipality's setting."""
    if rule.after is None:
        return settings.inactivity_days, settings.inactivity_unit
    return rule.after, rule.unit or "days"


def idles_of(law: Law, account: Account, rule: Inactivity, known: Known, on: date) -> list[Idle]:
    """How an account stands on a day to each thing that the rule counts."""
    found = [_by_posts(law, account, rule, known, on)] if "posts" in rule.counts else []
    found += [_by_watch(law, account, rule, on)] if "watch" in rule.counts else []
    return [one for one in found if one is not None]


def _by_posts(law: Law, account: Account, rule: Inactivity, known: Known, on: date) -> Idle | None:
    """A resting account is let be; one that could not be read is not known to be silent."""
    if rests(account, on):
        return None
    posted_on = law.day_of(known.posted_at) if known.posted_at else None
    seen_on = law.day_of(known.seen_at) if known.seen_at else None
    return _idle(law, account, rule, "posts", posted_on, _opened_on(law, account, on), seen_on)


def _by_watch(law: Law, account: Account, rule: Inactivity, on: date) -> Idle | None:
    """Only where somebody is asked to confirm the watch; counted from when Kanalvakt began to ask at most."""
    watched = [
        one
        for one in applying(law.policy.rules.watch, facts_of(account), on)
        if one.modality is not Modality.MAY
    ]
    if not watched or not law.policy.settings.watch_confirmed:
        return None
    asked_from_on = max(law.day_of(account.state_since), account.duties_from_on or date.min)
    return _idle(law, account, rule, "watch", account.watched_on, asked_from_on, on)


def _idle(
    law: Law,
    account: Account,
    rule: Inactivity,
    cause: Cause,
    last_on: date | None,
    expected_on: date,
    known_on: date | None,
) -> Idle:
    """Never due before the municipality's day for the account, nor while a review lets it be."""
    settings, happened = law.policy.settings, last_on is not None and last_on >= expected_on
    since_on = last_on if last_on is not None and happened else expected_on
    floors = [day for day in (account.kept_until_on, account.duties_from_on) if day is not None]
    due_on = max([law.calendar.plus(since_on, *threshold_of(rule, settings)), *floors])
    warn_on = due_on - timedelta(days=settings.inactivity_warning_days)
    return Idle(account, rule, cause, happened, since_on, due_on, warn_on, known_on)


def unsure(idles: Sequence[Idle], on: date) -> bool:
    """Whether it has to be known by now, and is not, if an account is silent."""
    marks = [(day, one.known_on) for one in idles for day in (one.warn_on, one.due_on)]
    return any(day <= on and (known_on is None or known_on < day) for day, known_on in marks)


def rests(account: Account, on: date) -> bool:
    """Whether an account need not be posted in on a day."""
    begun = account.rests_from_on is not None and account.rests_from_on <= on
    return begun and (account.rests_until_on is None or on < account.rests_until_on)


def began_on(law: Law, account: Account, on: date) -> date:
    """From when on it is asked for posts: it was opened, its rest was over, or its duties began."""
    opened_on, from_on = _opened_on(law, account, on), account.duties_from_on
    return max(opened_on, from_on) if from_on is not None and from_on <= on else opened_on


def _opened_on(law: Law, account: Account, on: date) -> date:
    """When it was opened, or its rest was over."""
    opened_on, until_on = account.opened_on or law.day_of(account.state_since), account.rests_until_on
    return max(opened_on, until_on) if until_on is not None and until_on <= on else opened_on


def silence_words(idle: Idle, on: date) -> str:
    """Since when nothing has happened."""
    if idle.cause == "watch":
        what = "Ingen bevakning bekräftad"
        return f"{what} sedan {day_words(idle.since_on, on)}"
    return nothing_posted_words(idle.since_on if idle.happened else None, idle.since_on, on)


def nothing_posted_words(posted_on: date | None, expected_on: date, on: date) -> str:
    """Since when there has been no post."""
    if posted_on is not None:
        return f"Inget inlägg sedan {day_words(posted_on, on)}"
    return f"Inget känt inlägg, räknat från {day_words(expected_on, on)}"


def day_words(day: date, on: date) -> str:
    """3 november, with the year when it is another one."""
    return format_date(day, "d MMMM" if day.year == on.year else "d MMMM y", locale="sv")
