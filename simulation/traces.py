"""Which of a policy's rules were seen to do something: by tasks and events that cite them, or where met."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlmodel import Session, col

from lifecycle.case_steps import answers_for
from lifecycle.conditions import applying, facts_of
from lifecycle.evaluating import questions_for
from lifecycle.law import Law
from lifecycle.register import other_links
from lifecycle.roles import common_owner
from lifecycle.setting_up import ASSIGNMENT_STEP
from models import (
    IS_OPEN,
    Account,
    AccountRole,
    AccountState,
    Case,
    CaseState,
    Process,
    TaskKind,
    UserTask,
)
from policies.citing import OWN_DECISION, citations
from policies.keys import Modality, Rule
from policies.rules import Place
from policies.shape import PlacedRule, rules_in
from simulation.ledger import Ledger, Seen, TaskSeen

_CHAINS = {
    "opening": Process.OPENING,
    "administrator_change": Process.ADMINISTRATOR_CHANGE,
    "guest": Process.GUEST,
    "closing": Process.CLOSING,
    "setting_up": Process.SETTING_UP,
    "closing_items": Process.CLOSING_ITEMS,
}
"""Rules whose tasks bear their own name."""
_PLACES = {
    AccountState.DRAFT: (Place.PLAN,),
    AccountState.CHANGES_ASKED: (Place.PLAN,),
    AccountState.DECIDING: (Place.DECISION,),
    AccountState.SETTING_UP: (Place.SETTING_UP, Place.ACKNOWLEDGEMENT),
    AccountState.ACTIVE: (Place.ACTIVE,),
    AccountState.CLOSING: (Place.CLOSING,),
}
"""Which pages people have open about an account."""
_OPEN = (AccountState.ACTIVE, AccountState.CLOSING, AccountState.CLOSED)


@dataclass(frozen=True)
class RuleSeen:
    """A rule, and how often and when first it was seen; `seen` None when it never was."""

    path: str
    key: str
    cite: str
    modality: str
    seen: Seen | None


class Book:
    """A policy's rules by their paths."""

    def __init__(self, law: Law) -> None:
        self._law = law
        self.rules: list[PlacedRule] = list(rules_in(law.policy.rules))
        self._paths = {id(placed.rule): placed.path for placed in self.rules}
        duties = [*law.policy.rules.matters, *law.policy.rules.removal, *law.policy.rules.weeding]
        self._permissions = [rule for rule in duties if rule.modality is Modality.MAY]
        """They ask nothing of anybody: they are shown on the account's page."""

    def path_of(self, rule: Rule) -> str:
        """A rule's path; the rule must be the policy's own."""
        return self._paths[id(rule)]

    def met(self, ledger: Ledger, rules: Iterable[Rule], on: date) -> None:
        """Somebody met these rules."""
        for rule in rules:
            ledger.saw_rule(self.path_of(rule), on)

    def browse(self, session: Session, ledger: Ledger, on: date) -> None:
        """Somebody looks at each account's pages, and at the public register."""
        rules, evaluated, handled = self._law.policy.rules, _evaluated_now(session), _handled_now(session)
        self.met(ledger, other_links(self._law, on), on)
        rows = select(Account).where(col(Account.municipality_id) == self._law.municipality_id)
        for account in session.execute(rows.order_by(col(Account.id))).scalars():
            places = _PLACES.get(account.state, ())
            advice = applying(rules.advice, facts_of(account), on)
            self.met(ledger, [one for one in advice if any(place in one.at for place in places)], on)
            if account.id in evaluated:
                self.met(ledger, questions_for(self._law, account, on), on)
            if account.id in handled:
                self.met(ledger, answers_for(self._law, facts_of(account), on), on)
            if account.state is AccountState.ACTIVE:
                permitted = [one for one in self._permissions if applying([one], facts_of(account), on)]
                self.met(ledger, permitted, on)
            if account.state in _OPEN:
                self.met(ledger, applying(rules.public_register, facts_of(account), on), on)
            if rules.owner and common_owner(rules.owner, account, on):
                self.met(ledger, [rules.owner], on)

    def assigned(self, session: Session, ledger: Ledger, from_on: date) -> None:
        """Whether anybody got the dated assignment that the policy wants, from a day on."""
        rule = self._law.policy.rules.assignment
        rows = select(func.min(AccountRole.assigned_on)).where(col(AccountRole.assigned_on) >= from_on)
        first_on = session.execute(rows).scalar_one()
        if rule is not None and first_on is not None:
            ledger.saw_rule(self.path_of(rule), first_on)

    def seen(self, ledger: Ledger) -> list[RuleSeen]:
        """Every rule in the file's order."""
        groups = _grouped(self._law, ledger.tasks)
        return [self._seen(placed, groups, ledger) for placed in self.rules]

    def _seen(self, placed: PlacedRule, groups: dict[TaskSeen, Seen], ledger: Ledger) -> RuleSeen:
        cites = citations(self._law.content, placed.rule)
        found = [seen for task, seen in groups.items() if _is_of(placed, task)]
        found += [one for one in (ledger.shown.get(placed.path), ledger.cited.get(_refs(placed.rule))) if one]
        total = Seen(sum(one.count for one in found), min(one.first_on for one in found)) if found else None
        first = cites[0]
        return RuleSeen(placed.path, placed.key, first.cite, placed.rule.modality.value, total)


def _evaluated_now(session: Session) -> set[int | None]:
    """Accounts whose evaluation waits: who opens it reads the questions."""
    rows = select(col(UserTask.account_id)).where(col(UserTask.kind) == TaskKind.EVALUATE, IS_OPEN)
    return set(session.execute(rows).scalars())


def _handled_now(session: Session) -> set[int]:
    """Accounts with an open case: who opens it reads how one answers."""
    rows = select(col(Case.account_id)).where(col(Case.state) == CaseState.OPEN)
    return set(session.execute(rows).scalars())


def _refs(rule: Rule) -> frozenset[str]:
    return frozenset([*rule.clauses, *([OWN_DECISION] if rule.decision else [])])


def _grouped(law: Law, tasks: Iterable[TaskSeen]) -> dict[TaskSeen, Seen]:
    """Tasks of the same kind, step and clauses as one, by the first of them."""
    firsts: dict[tuple[str, str, str, frozenset[str]], TaskSeen] = {}
    found: dict[TaskSeen, Seen] = {}
    for task in tasks:
        first = firsts.setdefault((task.process, task.kind, task.step, task.refs), task)
        found[first] = found.get(first, Seen(0, law.day_of(first.at))).again()
    return found


def _is_of(placed: PlacedRule, task: TaskSeen) -> bool:
    """Whether a task was opened by a rule."""
    name = getattr(placed.rule, "step", None) or getattr(placed.rule, "item", None)
    if task.process == Process.CASE:
        return _refs(placed.rule) <= task.refs
    if task.process == Process.DUTIES:
        return task.refs == _refs(placed.rule) and name in (None, task.step)
    if placed.key in _CHAINS:
        return task.process == _CHAINS[placed.key] and name in (None, task.step)
    if placed.key == "documents":
        return task.kind == TaskKind.ACKNOWLEDGE and _refs(placed.rule) <= task.refs
    return placed.key == "assignment" and task.step == ASSIGNMENT_STEP
