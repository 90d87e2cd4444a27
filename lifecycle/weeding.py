"""Weeding: what an account's people are asked to clear away, when the policy's occasions come.

What *may* be weeded continually, or after some days, is shown on the account's page and asked of nobody.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlmodel import Session, col

from lifecycle.conditions import applying, binds, facts_of
from lifecycle.duty_tasks import keys_asked_for, open_duty
from lifecycle.held_accounts import held_accounts
from lifecycle.law import Law
from lifecycle.roles import NO_BARS, common_owner, find_holders
from lifecycle.tasks import withdraw
from models import IS_OPEN, Account, TaskKind, UserTask
from policies.duties import Weeding
from policies.keys import Modality, Role

STEP = "gallring"
ASKED_WITHIN = timedelta(days=31)
"""An occasion that nobody could be asked at for longer is left: the next one comes."""


@dataclass(frozen=True)
class Due:
    """An account in which something is to be weeded, by which rule and for which occasion."""

    account: Account
    rule: Weeding
    occasion_on: date


def occasion_of(law: Law, rule: Weeding, on: date) -> date | None:
    """The first day of the rule's latest occasion: a half-year, a month, the year for the document plan."""
    months: set[int] = set()
    if "half_year" in rule.at:
        months |= set(law.policy.settings.weeding_months)
    if "document_plan" in rule.at:
        months |= {law.policy.settings.weeding_months[0]}
    if rule.modality is not Modality.MAY and ("continually" in rule.at or rule.after_days):
        months |= set(range(1, 13))
    begun = [date(year, month, 1) for year in (on.year - 1, on.year) for month in months]
    latest = max((day for day in begun if law.calendar.working_day_from(day) <= on), default=None)
    return latest if latest is not None and on - latest <= ASKED_WITHIN else None


def accounts_due_for_weeding(session: Session, law: Law, on: date) -> list[Due]:
    """Open accounts, opened before the occasion, with each rule whose occasion has come and is new."""
    due = list(_of_occasions(session, law, on))
    asked = keys_asked_for(session, [_once_key(one) for one in due])
    return [one for one in due if _once_key(one) not in asked]


def _once_key(due: Due) -> str:
    return f"weed:{due.account.id}:{key_of(due.rule)}:{due.occasion_on.isoformat()}"


def _of_occasions(session: Session, law: Law, on: date) -> Iterator[Due]:
    for account in held_accounts(session, law, on):
        for rule in applying(law.policy.rules.weeding, facts_of(account), on):
            occasion = occasion_of(law, rule, on)
            if occasion is not None and (account.opened_on or date.min) < occasion:
                yield Due(account, rule, occasion)


def ask_to_weed(session: Session, law: Law, due: Due, now: datetime) -> UserTask | None:
    """Ask whoever is responsible, once for each occasion; an offer of the last occasion gives way."""
    task = open_duty(
        session,
        law,
        due.account,
        now,
        kind=TaskKind.WEED,
        once_key=_once_key(due),
        step=STEP,
        label=label_of(due.rule),
        rule=due.rule,
        role=Role.RESPONSIBLE,
        holders=find_holders(
            session,
            due.account,
            Role.RESPONSIBLE,
            bars=NO_BARS,
            last_resort=law.policy.settings.last_resort,
            on=law.day_of(now),
            owner=common_owner(law.policy.rules.owner, due.account, law.day_of(now)),
        ),
        details={"rule": key_of(due.rule), "after_days": due.rule.after_days},
    )
    if task is not None:
        _end_earlier(session, due, task, now)
    return task


def _end_earlier(session: Session, due: Due, newer: UserTask, now: datetime) -> None:
    """A question about the same matter that nobody has answered is not asked twice at once."""
    rows = select(UserTask).where(
        col(UserTask.account_id) == due.account.id,
        col(UserTask.kind) == TaskKind.WEED,
        IS_OPEN,
        col(UserTask.id) != newer.id,
    )
    for task in session.execute(rows).scalars().all():
        if task.details.get("rule") == newer.details["rule"] and not binds(due.rule):
            withdraw(session, task, now)


def key_of(rule: Weeding) -> str:
    """Tells a rule from the others of its policy, as long as its matter is worded the same."""
    return sha256(rule.matter.encode()).hexdigest()[:8]


def label_of(rule: Weeding) -> str:
    """What is asked."""
    older = f", äldre än {rule.after_days} dagar" if rule.after_days else ""
    return f"Gallra: {rule.matter[:1].lower()}{rule.matter[1:].rstrip('.')}{older}"
