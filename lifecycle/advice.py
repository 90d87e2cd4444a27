"""Advice shown beside a task, where the guideline says something that helps."""

from dataclasses import dataclass
from datetime import date

from lifecycle.conditions import Facts, applying
from lifecycle.law import Law
from policies.keys import Modality
from policies.rules import Place


@dataclass(frozen=True)
class Shown:
    """One advice with its citation."""

    text: str
    modality: Modality
    clauses: list[dict[str, str]]


def advice_at(law: Law, place: Place, facts: Facts, on: date) -> list[Shown]:
    """What the policy shows at a place to such an account."""
    given = [one for one in applying(law.policy.rules.advice, facts, on) if place in one.at]
    return [Shown(one.text, one.modality, law.cite(one)) for one in given]
