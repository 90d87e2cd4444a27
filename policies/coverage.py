"""How every clause of a policy's guidelines is accounted for, so that nothing is left unsaid."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from textwrap import wrap

from policies.loading import HERE, guidelines_of
from policies.policy import Clause, Guideline, Policy
from policies.shape import rules_in


class How(StrEnum):
    """From the strongest to none. A clause that several rules cite counts as the strongest of them."""

    CARRIED_OUT = "carried_out"
    ASKED = "asked"
    SHOWN = "shown"
    OUTSIDE = "outside"
    MISSING = "missing"


HOW_WORDS = {
    How.CARRIED_OUT: "utförs",
    How.ASKED: "frågas",
    How.SHOWN: "visas",
    How.OUTSIDE: "utanför",
    How.MISSING: "SAKNAS",
}
HOW_BY_KEY = {
    "opening": How.CARRIED_OUT,
    "plan": How.ASKED,
    "owner": How.CARRIED_OUT,
    "platforms": How.CARRIED_OUT,
    "names": How.CARRIED_OUT,
    "stops": How.CARRIED_OUT,
    "headcounts": How.CARRIED_OUT,
    "assignment": How.CARRIED_OUT,
    "documents": How.ASKED,
    "setting_up": How.ASKED,
    "administrator_change": How.CARRIED_OUT,
    "guest": How.CARRIED_OUT,
    "watch": How.CARRIED_OUT,
    "answer": How.CARRIED_OUT,
    "removal": How.CARRIED_OUT,
    "matters": How.CARRIED_OUT,
    "posting": How.CARRIED_OUT,
    "inactivity": How.CARRIED_OUT,
    "documentation": How.CARRIED_OUT,
    "weeding": How.CARRIED_OUT,
    "evaluation": How.CARRIED_OUT,
    "evaluation_questions": How.ASKED,
    "closing": How.CARRIED_OUT,
    "closing_items": How.ASKED,
    "public_register": How.CARRIED_OUT,
    "other_links": How.CARRIED_OUT,
    "crisis": How.CARRIED_OUT,
    "revision": How.CARRIED_OUT,
    "advice": How.SHOWN,
}
_WIDTH = 100


@dataclass(frozen=True)
class ClauseAccount:
    """One clause: how it is accounted for, by which rules (their paths), or why it is outside."""

    ref: str
    cite: str
    title: str
    how: How
    by: tuple[str, ...] = ()
    why: str = ""


def account_for(policy: Policy, folder: Path = HERE) -> list[ClauseAccount]:
    """Every clause of the policy's own guidelines, in the documents' order."""
    citing = _rules_by_clause(policy)
    outside = {one.clause: one.why for one in policy.outside}
    clauses = [(one, clause) for one in guidelines_of(policy, folder) for clause in one.clauses]
    return [_account(guideline, clause, citing, outside) for guideline, clause in clauses]


def _rules_by_clause(policy: Policy) -> dict[str, dict[str, How]]:
    by_clause: dict[str, dict[str, How]] = {}
    for placed in rules_in(policy.rules):
        for ref in placed.rule.clauses:
            by_clause.setdefault(ref, {})[placed.path] = HOW_BY_KEY[placed.key]
    return by_clause


def _account(
    guideline: Guideline, clause: Clause, citing: dict[str, dict[str, How]], outside: dict[str, str]
) -> ClauseAccount:
    ref = f"{guideline.guideline}:{clause.id}"
    rules = citing.get(ref, {})
    if rules:
        how = min(rules.values(), key=list(How).index)
        return ClauseAccount(ref, clause.cite, clause.title, how, tuple(rules))
    how = How.OUTSIDE if ref in outside else How.MISSING
    return ClauseAccount(ref, clause.cite, clause.title, how, (), outside.get(ref, ""))


def as_table(policy: Policy, accounts: list[ClauseAccount]) -> str:
    """The account as a text table with a last line of totals."""
    if not accounts:
        return f"{policy.name}: policyn har ingen egen riktlinje att redovisa.\n"
    counted = Counter(one.how for one in accounts)
    totals = ", ".join(f"{counted[how]} {HOW_WORDS[how]}" for how in How if counted[how])
    lines = [policy.name, "=" * len(policy.name), *(line for one in accounts for line in _lines_of(one))]
    return "\n".join(
        [*lines, "", f"{len(accounts)} {'punkt' if len(accounts) == 1 else 'punkter'}: {totals}.", ""]
    )


def _lines_of(account: ClauseAccount) -> list[str]:
    how = f"{HOW_WORDS[account.how]:<8}"
    by = ", ".join(account.by) or account.why or "ange punkten i en regel eller under outside"
    indent = " " * (len(how) + 1)
    first = wrap(f"{account.ref} ({account.cite}): {account.title}", _WIDTH - len(indent))
    return [
        f"{how} {first[0]}",
        *(indent + line for line in [*first[1:], *wrap(f"→ {by}", _WIDTH - len(indent))]),
    ]
