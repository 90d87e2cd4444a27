"""What an account's period came to, in numbers and sentences, and what they speak for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from lifecycle.conditions import applying, facts_of
from lifecycle.law import Law
from lifecycle.plans import fields_for, sent_plan
from lifecycle.watch_months import WatchSum, watch_sum
from models import Account, Case, Observation, Outcome, SightState, Snapshot
from policies.keys import Modality, Rule

_GOOD = (SightState.OK, SightState.EMPTY)
MISSED_TOO_OFTEN = 4
"""A change is recommended when more than one watch in so many was missed without an explanation."""
READ_TO_THE_END = timedelta(days=31)
"""How long before the period's end the posts may last have been read, for their absence to say anything."""


@dataclass(frozen=True)
class Posts:
    """What is known of an account's posts: only what was read, or told by a person, says anything."""

    looks: int = 0
    count: int = 0
    exact: bool = True
    """Else the count is "at least"."""
    latest_on: date | None = None
    read_on: date | None = None
    """When they were last read: nothing is known of the days after it."""
    gap_days: int | None = None
    """The longest time without a known post, as far as was read."""


@dataclass(frozen=True)
class PeriodFacts:
    """The period from one day until the day before another."""

    from_on: date
    until_on: date
    posts: Posts = field(default_factory=Posts)
    watch: WatchSum = field(default_factory=WatchSum)
    cases: dict[str, int] = field(default_factory=dict)
    """How many, by kind."""
    late_cases: int = 0
    """How many of them were not done in their time."""
    outcomes: dict[str, int] = field(default_factory=dict)
    """What came of them, by the code of each outcome."""
    snapshots: int = 0

    def as_json(self) -> dict[str, Any]:
        """As kept with the evaluation: days as ISO dates."""
        return asdict(self, dict_factory=_with_iso_dates)


def _with_iso_dates(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in pairs}


# ---------------------------------------------------------------- gathered


def facts_of_period(
    session: Session, law: Law, account: Account, from_on: date, until_on: date
) -> PeriodFacts:
    """Everything that is known of an account in a period."""
    first, last = law.calendar.at(from_on, time()), law.calendar.at(until_on, time())
    cases = _cases(session, account, first, last)
    return PeriodFacts(
        from_on=from_on,
        until_on=until_on,
        posts=posts_of(law, _looks(session, account, first, last), from_on, until_on),
        watch=watch_sum(session, law, account, from_on, until_on),
        cases=dict(Counter(case.label for case in cases)),
        late_cases=sum(case.late_at is not None for case in cases),
        outcomes=dict(Counter(_outcomes_of(cases))),
        snapshots=_snapshots(session, account, first, last),
    )


def _looks(session: Session, account: Account, first: datetime, last: datetime) -> Sequence[Observation]:
    rows = select(Observation).where(
        col(Observation.account_id) == account.id,
        col(Observation.state).in_(_GOOD),
        col(Observation.checked_at) >= first,
        col(Observation.checked_at) < last,
    )
    return session.execute(rows.order_by(col(Observation.checked_at))).scalars().all()


def posts_of(law: Law, looks: Sequence[Observation], from_on: date, until_on: date) -> Posts:
    """What looks that succeeded say of the posts. Nothing is known where there are none."""
    if not looks:
        return Posts()
    days = sorted({law.day_of(one.latest_at) for one in looks if one.latest_at is not None})
    read_on = law.day_of(looks[-1].checked_at)
    return Posts(
        looks=len(looks),
        count=sum(one.count for one in looks),
        exact=all(one.complete for one in looks),
        latest_on=days[-1] if days else None,
        read_on=read_on,
        gap_days=_longest_gap([day for day in days if from_on <= day < until_on], from_on, read_on),
    )


def _longest_gap(days: Sequence[date], from_on: date, read_on: date) -> int:
    """Days between two known posts, counted from the period's first day and to the last that was read."""
    edges = [from_on - timedelta(days=1), *days, read_on + timedelta(days=1)]
    return max((later - earlier).days - 1 for earlier, later in pairwise(edges))


def _cases(session: Session, account: Account, first: datetime, last: datetime) -> Sequence[Case]:
    rows = select(Case).where(
        col(Case.account_id) == account.id, col(Case.opened_at) >= first, col(Case.opened_at) < last
    )
    return session.execute(rows.order_by(col(Case.id))).scalars().all()


def _outcomes_of(cases: Iterable[Case]) -> Iterator[str]:
    """The codes of what came of them, each once for a case."""
    for case in cases:
        yield from {str(one["code"]) for one in case.outcomes} & _OUTCOME_WORDS.keys()


def _snapshots(session: Session, account: Account, first: datetime, last: datetime) -> int:
    rows = select(func.count()).where(
        col(Snapshot.account_id) == account.id,
        col(Snapshot.taken_at) >= first,
        col(Snapshot.taken_at) < last,
    )
    return int(session.execute(rows).scalar_one())


def promises_of(session: Session, law: Law, account: Account, on: date) -> list[dict[str, str]]:
    """What the plan promised that comes back in the evaluation: [{"field", "label", "text"}]."""
    plan = sent_plan(session, account)
    asked = [one for one in fields_for(law, facts_of(account), on) if one.evaluated]
    answers = plan.answers if plan else {}
    return [
        {"field": one.field, "label": one.label, "text": str(answers.get(one.field) or "")} for one in asked
    ]


# ---------------------------------------------------------------- in words


_OUTCOME_WORDS = {
    "answered": "besvarade",
    "corrected": "rättade",
    "forwarded": "lämnade vidare",
    "handed_out": "utlämnade",
    "redirected": "hänvisade",
    "registered": "diarieförda",
    "removed": "borttagna",
    "reported": "polisanmälda",
    "writer_told": "med besked till den som skrev",
}
"""What came of a case, by the code of the step or of the way it was settled; other steps are no outcome."""


def sentences(facts: PeriodFacts) -> list[str]:
    """The facts as a person reads them, in the page and in the letter alike."""
    return [*_posts_words(facts.posts), *_watch_words(facts.watch), *_cases_words(facts), _pictures(facts)]


def _posts_words(posts: Posts) -> list[str]:
    if posts.read_on is None:
        return ["Inlägg: har inte kunnat läsas. Det säger inget om hur mycket som publicerades."]
    read = f"läst till och med {posts.read_on.isoformat()}"
    if not posts.count:
        return [f"Inlägg: inget publicerat ({read})."]
    latest = f", det senaste {posts.latest_on.isoformat()}" if posts.latest_on else ""
    counted = f"Inlägg: {'' if posts.exact else 'minst '}{posts.count}{latest} ({read})."
    return [counted, f"Längsta uppehåll utan känt inlägg: {_days(posts.gap_days or 0)}."]


def _days(count: int) -> str:
    return f"{count} dag" if count == 1 else f"{count} dagar"


def _watch_words(watch: WatchSum) -> list[str]:
    if not watch.asked:
        return []
    explained = f", varav {watch.explained} med en förklaring" if watch.explained else ""
    confirmed = f"{watch.confirmed} av {watch.asked} tillfällen bekräftade"
    return [f"Bevakning: {confirmed}, {watch.missed} missade{explained}."]


def _cases_words(facts: PeriodFacts) -> list[str]:
    if not facts.cases:
        return ["Ärenden: inga."]
    kinds = ", ".join(f"{label} ({count})" for label, count in sorted(facts.cases.items()))
    outcomes = sorted(facts.outcomes.items())
    came = ", ".join(f"{count} {_OUTCOME_WORDS[code]}" for code, count in outcomes)
    late = f", varav {facts.late_cases} för sent" if facts.late_cases else ""
    said = [f"Ärenden: {sum(facts.cases.values())}{late}. {kinds}."]
    return [*said, f"Utfall: {came}."] if came else said


def _pictures(facts: PeriodFacts) -> str:
    return f"Sparade bilder av kontot: {facts.snapshots}."


# ---------------------------------------------------------------- what they speak for


@dataclass(frozen=True)
class Recommendation:
    """An advice, never an answer: what the numbers speak for, and why."""

    outcome: Outcome
    reasons: list[str]


def recommend(facts: PeriodFacts, gap_days: int | None) -> Recommendation:
    """What a period's facts speak for; what could not be read speaks for nothing.

    `gap_days`: how long without a post counts, where the policy asks for any.
    """
    read_on = facts.posts.read_on
    read = read_on is not None and facts.until_on - read_on <= READ_TO_THE_END
    silent = read and facts.posts.count == 0
    unseen = facts.watch.confirmed == 0
    if silent and unseen:
        watched = " och ingen har bekräftat någon bevakning" if facts.watch.asked else ""
        return Recommendation(Outcome.CLOSE, [f"Inget har publicerats under perioden{watched}."])
    if silent:
        return Recommendation(
            Outcome.REST, ["Inget har publicerats under perioden, men kontot har bevakats."]
        )
    reasons = [*_gap_reasons(facts.posts, gap_days), *_watch_reasons(facts.watch)]
    if reasons:
        return Recommendation(Outcome.CHANGE, reasons)
    return Recommendation(Outcome.CONTINUE, ["Inget i siffrorna talar för en ändring."])


def _gap_reasons(posts: Posts, gap_days: int | None) -> list[str]:
    if gap_days is None or posts.gap_days is None or posts.gap_days < gap_days:
        return []
    return [f"Det längsta uppehållet var {_days(posts.gap_days)}; kommunens gräns är {_days(gap_days)}."]


def _watch_reasons(watch: WatchSum) -> list[str]:
    unexplained = watch.missed - watch.explained
    if unexplained * MISSED_TOO_OFTEN <= watch.asked:
        return []
    return [f"{unexplained} av {watch.asked} bevakningar missades utan förklaring."]


def gap_that_counts(law: Law, account: Account, on: date) -> int | None:
    """Days without a post that count, where a rule asks for posts; None where the policy is silent."""
    rules: list[Rule] = [*law.policy.rules.posting]
    if law.policy.rules.inactivity and "posts" in law.policy.rules.inactivity.counts:
        rules.append(law.policy.rules.inactivity)
    asks = [one for one in applying(rules, facts_of(account), on) if one.modality is not Modality.MAY]
    return law.policy.settings.inactivity_days if asks else None
