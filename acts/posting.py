"""Posting: the round that looks at what was published, and what people tell where it cannot be read."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from hashlib import sha256
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from acts.rounds import Do, LookFirst, Round
from connectors import manual
from connectors.sights import AskPerson, Subject
from connectors.sights import Observation as Look
from lifecycle.access import ask_for_access
from lifecycle.duty_tasks import answer_duty, demand_holder
from lifecycle.events import EventKind
from lifecycle.identity import ask_about_sight, asked_about_identity
from lifecycle.journal import record
from lifecycle.law import Law, law_in_force
from lifecycle.plans import TEXT_LIMIT
from lifecycle.posting import accounts_to_check, latest_posting_day
from lifecycle.posting_tasks import ask_about_posts
from lifecycle.refusals import Refused
from lifecycle.rounds import Failure, Findings, day_after
from lifecycle.sights import TELLING, Sight, accounts_by_id, keep_observation, keep_sight, sources_of
from models import Account, AccountSource, Observation, Outcome, Person, UserTask
from models.plain_errors import told_of

Observer = Callable[[Subject, datetime | None, datetime], Look | AskPerson]
"""Looks at one account for what was published since an instant (None at the first look), now."""
ObserverOf = Callable[[int], Observer]
"""By municipality: each has keys of its own."""

AT_ONCE = 50
"""Accounts that are looked at side by side. Each server is asked by one at a time (`connectors.politeness`),
so most of them wait for their turn: with fewer, all could stand before one server while others are idle."""


def _check(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    """Judge what is stored. A day's red or silent predecessor is caught up by judging today once."""
    opened = ask_about_posts(session, law, law.day_of(now), now, findings)
    findings.found = len(opened)
    if opened:
        ids = ",".join(str(one) for one in opened)
        facts = {"count": len(opened), "sha256": sha256(ids.encode()).hexdigest()}
        record(session, EventKind.POSTING_CHECKED, now, municipality_id=law.municipality_id, facts=facts)


def _due(law: Law, now: datetime) -> date | None:
    """The latest posting day, once its hour has struck: a day on which nothing ran is made up for."""
    today = day_after(law, now, time(5))
    return latest_posting_day(law, today) if today else None


CHECK = Round("posting", when=_due, do=_check)
"""Judges what is stored, and looks at nothing."""


def looking(observer_of: ObserverOf, at_once: int = AT_ONCE) -> Round:
    """The round that first looks at every account, with these eyes."""
    return replace(CHECK, look_first=_look_with(observer_of, at_once))


@dataclass(frozen=True)
class _Wanted:
    """One account to look at."""

    account_id: int
    subject: Subject
    since: datetime | None


def _look_with(observer_of: ObserverOf, at_once: int) -> LookFirst:
    def find(session: Session, law: Law, on: date, now: datetime) -> Callable[[], Do]:
        wanted, failures = _find(session, law, on, now)
        observer = observer_of(law.municipality_id)
        return lambda: _keep(*_observe(wanted, observer, now, failures, at_once))

    return find


def _find(session: Session, law: Law, on: date, now: datetime) -> tuple[list[_Wanted], list[Failure]]:
    """Accounts not looked at yet for this posting day, and those that a wrong clock keeps from it."""
    accounts = [one.account for one in accounts_to_check(session, law, law.day_of(now))]
    sources = sources_of(session, [account.id or 0 for account in accounts])
    seen = _looked_at(session, law, on)
    due = [one for one in accounts if one.id not in seen and not _is_let_alone(sources.get(one.id or 0), now)]
    ahead = [one for one in due if one.seen_at is not None and one.seen_at > now]
    failures = [
        Failure(f"konto {one.id}", "den förra avläsningen är daterad efter nu; kontrollera klockan")
        for one in ahead
    ]
    return [_wanted(one, sources.get(one.id or 0)) for one in due if one not in ahead], failures


def _looked_at(session: Session, law: Law, on: date) -> set[int]:
    rows = (
        select(col(Observation.account_id))
        .join(Account, col(Account.id) == col(Observation.account_id))
        .where(
            col(Account.municipality_id) == law.municipality_id,
            col(Observation.checked_at) >= law.calendar.at(on, time()),
            col(Observation.source) != manual.SOURCE,
        )
    )
    return set(session.execute(rows).scalars())


def _is_let_alone(source: AccountSource | None, now: datetime) -> bool:
    """Whether the platform has asked to be asked later."""
    return source is not None and source.not_before_at is not None and source.not_before_at > now


def _wanted(account: Account, source: AccountSource | None) -> _Wanted:
    known = source or AccountSource(account_id=account.id or 0)
    subject = Subject(
        platform=account.platform,
        address=account.address,
        name=account.name,
        platform_id=known.platform_id or None,
        feed=known.feed or None,
        cursor=known.cursor,
    )
    return _Wanted(account.id or 0, subject, account.seen_at)


def _observe(
    wanted: Sequence[_Wanted], observer: Observer, now: datetime, failures: Sequence[Failure], at_once: int
) -> tuple[list[Sight], list[Failure]]:
    """Look at all, several at a time. What goes wrong with one is told, and stops no other."""

    def look(one: _Wanted) -> Sight | Failure:
        try:
            return _sight(one, observer(one.subject, one.since, now), now)
        except Exception as error:  # Told at the round's end, which then fails with the list.
            return Failure(f"konto {one.account_id}", told_of(error))

    if at_once > 1:
        with ThreadPoolExecutor(at_once) as pool:
            found = list(pool.map(look, wanted))
    else:
        found = [look(one) for one in wanted]
    sights = [one for one in found if isinstance(one, Sight)]
    return sights, [*failures, *(one for one in found if isinstance(one, Failure))]


def _sight(one: _Wanted, seen: Look | AskPerson, now: datetime) -> Sight:
    if isinstance(seen, AskPerson):
        cursor, known = one.subject.cursor, one.subject.platform_id or ""
        return Sight(one.account_id, now, None, seen.missing.value, seen.says, known, cursor)
    return Sight(
        account_id=one.account_id,
        at=seen.checked_at,
        observation=_observation(one.account_id, one.since, seen),
        problem="" if seen.state in TELLING else seen.state.value,
        says=seen.says,
        platform_id=seen.platform_id or "",
        cursor=seen.cursor,
        not_before_at=seen.retry_after,
        change=seen.change,
    )


def _observation(
    account_id: int, since: datetime | None, seen: Look, by_id: int | None = None
) -> Observation:
    return Observation(
        account_id=account_id,
        state=seen.state,
        since_at=since,
        checked_at=seen.checked_at,
        count=seen.count or 0,
        complete=seen.complete,
        latest_at=seen.latest_at,
        latest_url=(seen.latest_url or "")[:500],
        source=seen.source,
        by_id=by_id,
        says=seen.says[:500],
    )


def _keep(sights: Sequence[Sight], failures: Sequence[Failure]) -> Do:
    """Keep what was seen, and judge it, in one transaction."""

    def do(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
        findings.failures += failures
        ids, asked = [one.account_id for one in sights], asked_about_identity(session, law)
        accounts, sources = accounts_by_id(session, ids), sources_of(session, ids)

        def keep(sight: Sight) -> None:
            one = sight.account_id
            account, source = accounts[one], sources.get(one) or AccountSource(account_id=one)
            keep_sight(session, account, source, sight)
            ask_about_sight(session, law, account, source, sight, asked.get(one, ()), now)

        findings.each(session, sights, lambda sight: f"konto {sight.account_id}", keep)
        ask_for_access(session, law, law.day_of(now), now)
        _check(session, law, on, now, findings)

    return do


# ---------------------------------------------------------------- what people tell


class PostsUnclear(Refused):
    """An answer about posts that cannot be right; `faults`: what is wrong, by field."""

    def __init__(self, faults: dict[str, str]) -> None:
        self.faults = faults
        super().__init__("posts_unclear", says=" ".join(faults.values()))


def tell_posts(
    session: Session, now: datetime, *, task_id: int, person_id: int, answer: manual.Answered, via: str
) -> None:
    """Tell what has been posted in an account that cannot be read; one that can speaks for itself.

    Raises PostsUnclear, or Refused `reads_itself`.
    """
    task, person = session.get_one(UserTask, task_id), session.get_one(Person, person_id)
    demand_holder(session, task, person)
    account, source = session.get_one(Account, task.account_id), session.get(AccountSource, task.account_id)
    if source is None or not source.problem:
        raise Refused("reads_itself")
    law = law_in_force(session, task.municipality_id, now)
    try:
        seen = manual.answered(answer, account.seen_at, now, ZoneInfo(law.calendar.zone))
    except manual.AnswerRefused as refused:
        raise PostsUnclear(refused.faults) from refused
    keep_observation(session, account, _observation(account.id or 0, account.seen_at, seen, person.id))
    latest = law.day_of(seen.latest_at).isoformat() if seen.latest_at else None
    details = {"count": seen.count, "complete": seen.complete, "latest_on": latest}
    answer_duty(session, task, person, now, via=via, outcome=Outcome.ANSWERED, details=details)


def say_why_not(
    session: Session, now: datetime, *, task_id: int, person_id: int, reason: str, via: str
) -> None:
    """Say why nothing is posted just now."""
    task, person = session.get_one(UserTask, task_id), session.get_one(Person, person_id)
    demand_holder(session, task, person)
    if not reason.strip():
        raise Refused("reason_missing")
    if len(reason) > TEXT_LIMIT:
        raise Refused("text_too_long", length=len(reason), limit=TEXT_LIMIT)
    answer_duty(session, task, person, now, via=via, outcome=Outcome.ANSWERED, reason=reason)
