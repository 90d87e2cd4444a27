"""What is asked of accounts by what was seen of their posts, and taken back when it is no longer so.

Nothing posted where it must be is a task for those who administer the account: post, or say why not. Where it
only should be it is a reminder. An account that cannot be read asks them instead.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Executable, func, select
from sqlmodel import Session, col

from lifecycle.conditions import binds
from lifecycle.duty_tasks import open_duties, open_duty, withdraw_duty
from lifecycle.idle import idles_of, nothing_posted_words, unsure
from lifecycle.law import Law
from lifecycle.posting import Checked, accounts_to_check
from lifecycle.posting_stands import Stand, posting_stands, window_of
from lifecycle.presence import people_present
from lifecycle.roles import Holder
from lifecycle.rounds import Findings
from lifecycle.sights import GoodLook, Known, known_of, looks_at, sources_of
from models import (
    IS_OPEN,
    Account,
    AccountSource,
    SightState,
    TaskKind,
    UserTask,
)
from models.asking import built_once
from policies.duties import Posting
from policies.keys import Role

STEP = "publicering"
TELL_STEP = "inlagg"
PASSING = (SightState.UNREACHABLE, SightState.RATE_LIMITED)
"""Problems that often pass by themselves: nobody is asked before they have lasted for two rounds."""
_ASKED_AT_MOST_EVERY = timedelta(days=7)


@dataclass(frozen=True)
class Judged:
    """How an account stands on a day, by what was known then, and what is asked about it."""

    checked: Checked
    stands: Sequence[tuple[Posting, Stand]]
    """Its rules, those that bind first, and whether each is kept."""
    known: Known
    source: AccountSource | None
    holders: Sequence[Holder]
    asked: Sequence[UserTask]
    """Open tasks to post or to tell."""
    last_asked_at: datetime | None
    """When somebody was last asked to tell."""

    @property
    def account_id(self) -> int:
        return self.checked.account_id


def ask_about_posts(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> list[int]:
    """Ask what the day's knowledge gives cause for, and take back what it no longer does; returns new tasks.

    Does nothing the second time.
    """
    asked = _open_tasks(session, law, on)
    judged = _judged(session, law, on, asked)
    opened = findings.each(
        session, judged, lambda one: f"konto {one.account_id}", lambda one: _ask(session, law, one, on, now)
    )
    for account_id in set(asked) - {one.account_id for one in judged}:
        _withdraw(session, asked[account_id], now)
    return [task_id for ids in opened for task_id in ids]


def ask_about_account(session: Session, law: Law, account: Account, task: UserTask, now: datetime) -> None:
    """The same for one account, of which somebody has just told."""
    on = law.day_of(now)
    asked = open_duties(session, account, TaskKind.POST, TaskKind.TELL_POSTS)
    for one in _judged(session, law, on, {account.id or 0: asked}, account):
        _ask(session, law, one, on, now)


def _ask(session: Session, law: Law, one: Judged, on: date, now: datetime) -> list[int]:
    asked = [_ask_to_post(session, law, one, on, now), _ask_to_tell(session, law, one, on, now)]
    return [task.id for task in asked if task is not None and task.id is not None]


def _judged(
    session: Session, law: Law, on: date, asked: Mapping[int, list[UserTask]], only: Account | None = None
) -> list[Judged]:
    checked = accounts_to_check(session, law, on, only)
    ids, end = [one.account_id for one in checked], law.calendar.at(on + timedelta(days=1), time())
    days = [window_of(rule, law.policy.settings).days for one in checked for rule in one.rules]
    looks = looks_at(session, ids, law.calendar.at(on - timedelta(days=max(days, default=1)), time()), end)
    known, sources = known_of(session, ids, end), sources_of(session, ids)
    present = people_present(session, law, [one.account for one in checked], on)
    last_asked = _last_asked(session, ids, end)

    def judge(one: Checked) -> Judged:
        number = one.account_id
        return Judged(
            one,
            _stands(law, one, looks.get(number, ()), on),
            known[number],
            sources.get(number),
            present[number],
            asked.get(number, ()),
            last_asked.get(number),
        )

    return [judge(one) for one in checked]


def _stands(law: Law, one: Checked, looks: Sequence[GoodLook], on: date) -> list[tuple[Posting, Stand]]:
    """Nothing is held against an account whose window has not run since it began."""
    settings, days = law.policy.settings, (on - one.began_on).days
    return [
        (
            rule,
            posting_stands(rule, looks, on, settings, law.calendar)
            if window_of(rule, settings).days <= days
            else Stand.KEPT,
        )
        for rule in one.rules
    ]


def _open_tasks(session: Session, law: Law, on: date) -> dict[int, list[UserTask]]:
    """By account; for a past day those that were open by then."""
    end = law.calendar.at(on + timedelta(days=1), time())
    found: dict[int, list[UserTask]] = {}
    for task in session.execute(*_open_before(law.municipality_id, end)).scalars():
        found.setdefault(task.account_id or 0, []).append(task)
    return found


@built_once
def _open_before(of: int, instant: datetime) -> Executable:
    rows = select(UserTask).where(
        col(UserTask.municipality_id) == of,
        IS_OPEN,
        col(UserTask.kind).in_([TaskKind.POST, TaskKind.TELL_POSTS]),
        col(UserTask.opened_at) < instant,
    )
    return rows.order_by(col(UserTask.id))


def _last_asked(session: Session, account_ids: Collection[int], until: datetime) -> dict[int, datetime]:
    rows = session.execute(*_last_told(list(account_ids), until))
    return {account_id: at for account_id, at in rows if account_id is not None}


@built_once
def _last_told(account_ids: Collection[int], until: datetime) -> Executable:
    return (
        select(col(UserTask.account_id), func.max(col(UserTask.opened_at)))
        .where(
            col(UserTask.account_id).in_(account_ids),
            col(UserTask.kind) == TaskKind.TELL_POSTS,
            col(UserTask.opened_at) < until,
        )
        .group_by(col(UserTask.account_id))
    )


def _withdraw(session: Session, tasks: Sequence[UserTask], now: datetime) -> None:
    for task in tasks:
        withdraw_duty(session, task, now)


# ---------------------------------------------------------------- nothing was posted


def _ask_to_post(session: Session, law: Law, one: Judged, on: date, now: datetime) -> UserTask | None:
    """One task for each gap, by the strongest rule that is not kept. Its answer is not asked for again."""
    broken = next((rule for rule, stand in one.stands if stand is Stand.SHORT), None)
    asked = [task for task in one.asked if task.kind is TaskKind.POST]
    _withdraw(session, [task for task in asked if _is_settled(task, one, broken)], now)
    if broken is None or not one.holders:
        return None
    posted_on = law.day_of(one.known.posted_at) if one.known.posted_at else None
    since_on = max(one.checked.began_on, posted_on or one.checked.began_on)
    return open_duty(
        session,
        law,
        one.checked.account,
        now,
        kind=TaskKind.POST,
        once_key=f"post:{one.account_id}:{broken.modality.value}:{since_on.isoformat()}",
        step=STEP,
        label=_post_label(law, broken, posted_on, since_on, on),
        rule=broken,
        role=Role.ADMINISTRATOR,
        holders=one.holders,
        details={"since_on": since_on.isoformat()},
    )


def _is_settled(task: UserTask, one: Judged, broken: Posting | None) -> bool:
    """Whether the rule is kept again, or a reminder gives way to what must be."""
    kept = all(stand is Stand.KEPT for rule, stand in one.stands if rule.modality.value == task.modality)
    stronger = broken is not None and binds(broken) and task.modality != broken.modality.value
    return kept or stronger


def _post_label(law: Law, rule: Posting, posted_on: date | None, since_on: date, on: date) -> str:
    window = window_of(rule, law.policy.settings)
    few = f"Färre än {window.posts} inlägg på {window.days} dagar"
    says = few if window.posts > 1 else nothing_posted_words(posted_on, since_on, on)
    return f"{says}: publicera, eller skriv varför"


# ---------------------------------------------------------------- nobody could see


def _ask_to_tell(session: Session, law: Law, one: Judged, on: date, now: datetime) -> UserTask | None:
    """Ask when an account has become unreadable, and then whenever nothing is known any more."""
    asked = [task for task in one.asked if task.kind is TaskKind.TELL_POSTS]
    if one.source is None or not one.source.problem:
        _withdraw(session, asked, now)
        return None
    if asked or not one.holders or not _must_ask(law, one, one.source, on):
        return None
    return open_duty(
        session,
        law,
        one.checked.account,
        now,
        kind=TaskKind.TELL_POSTS,
        once_key=f"tell_posts:{one.account_id}:{on.isoformat()}",
        step=TELL_STEP,
        label="Kanalvakt kan inte läsa kontot: berätta när ni senast publicerade",
        rule=one.checked.ground,
        role=Role.ADMINISTRATOR,
        holders=one.holders,
        details={"problem": one.source.problem, "says": one.source.says},
    )


def _must_ask(law: Law, one: Judged, source: AccountSource, on: date) -> bool:
    """At once for a new problem that does not pass by itself; later at most once a week, and with cause.

    By days: a round that is gone for an earlier hour of today asks before it has looked.
    """
    assert source.problem_since_at is not None
    problem_since_on = law.day_of(source.problem_since_at)
    if source.problem in PASSING and problem_since_on >= on:
        return False
    if one.last_asked_at is None or law.day_of(one.last_asked_at) < problem_since_on:
        return True
    lately = law.calendar.at(on - _ASKED_AT_MOST_EVERY, time())
    told = one.known.seen_at is not None and one.known.seen_at > lately
    return one.last_asked_at <= lately and not told and _is_unsure(law, one, on)


def _is_unsure(law: Law, one: Judged, on: date) -> bool:
    """Whether a rule that binds, or any rule where none does, can no longer be said to be kept or not."""
    stands = [stand for rule, stand in one.stands if binds(rule)] or [stand for _, stand in one.stands]
    rule, account = one.checked.inactivity, one.checked.account
    idles = idles_of(law, account, rule, one.known, on) if rule else []
    return Stand.UNKNOWN in stands or unsure([idle for idle in idles if idle.cause == "posts"], on)
