"""Which accounts are looked at for posts, by which rules, and on which days."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, partial
from itertools import count

from sqlmodel import Session

from lifecycle.closing import is_asked
from lifecycle.conditions import Facts, applying, binds, facts_of
from lifecycle.exempting import exempted
from lifecycle.held_accounts import held_accounts, is_held
from lifecycle.idle import began_on, rests
from lifecycle.law import Law
from models import Account
from policies.duties import Inactivity, Posting
from policies.keys import WEEKDAYS, Modality, Rule


def latest_posting_day(law: Law, on: date) -> date:
    """The last day, up to `on`, for which posts are checked: a red one gives way to the next working day."""
    weekdays = {WEEKDAYS.index(day) for day in law.policy.settings.posting_days}
    days = (on - timedelta(days=back) for back in count())
    moved = (law.calendar.working_day_from(day) for day in days if day.weekday() in weekdays)
    return next(day for day in moved if day <= on)


# ---------------------------------------------------------------- which accounts


@dataclass(frozen=True)
class Checked:
    """An account whose posts are looked at, and by which rules."""

    account: Account
    rules: Sequence[Posting]
    """How often it is posted in, binding rules first."""
    inactivity: Inactivity | None
    """What follows when it is not, where that counts posts."""
    began_on: date
    """From when on: before that nothing was asked of it."""

    @property
    def account_id(self) -> int:
        assert self.account.id is not None
        return self.account.id

    @property
    def ground(self) -> Rule:
        """The strongest rule that wants to know of its posts."""
        rules = [*self.rules, *([self.inactivity] if self.inactivity else [])]
        return min(rules, key=lambda rule: not binds(rule))


def accounts_to_check(session: Session, law: Law, on: date, only: Account | None = None) -> list[Checked]:
    """Every active account whose posts matter to a rule, unless it rests, is to be closed or was let off."""
    duties = ("posting", "inactivity")
    let_off = {duty: exempted(session, law.municipality_id, duty, on) for duty in duties}
    accounts = held_accounts(session, law, on) if only is None else [only] * is_held(only, on)
    # Many accounts are alike to the policy, which is asked once about each kind of them.
    rules_of = cache(partial(_rules_of, law, on))
    concerned = [one for one in accounts if not rests(one, on) and not is_asked(one)]
    found = [_checked(law, account, on, let_off, *rules_of(facts_of(account))) for account in concerned]
    return [one for one in found if one.rules or one.inactivity]


def _rules_of(law: Law, on: date, facts: Facts) -> tuple[list[Posting], Inactivity | None]:
    rules = law.policy.rules
    posting = [one for one in applying(rules.posting, facts, on) if one.modality is not Modality.MAY]
    idle = applying([rules.inactivity] if rules.inactivity else [], facts, on)
    counts = next((one for one in idle if "posts" in one.counts), None)
    return sorted(posting, key=lambda rule: not binds(rule)), counts


def _checked(
    law: Law,
    account: Account,
    on: date,
    let_off: Mapping[str, Collection[int]],
    posting: list[Posting],
    inactivity: Inactivity | None,
) -> Checked:
    return Checked(
        account,
        [] if account.id in let_off["posting"] else posting,
        None if account.id in let_off["inactivity"] else inactivity,
        began_on(law, account, on),
    )
