"""Clauses as the pages cite them: whose document, where in it, and what it is about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lifecycle.advice import advice_at
from lifecycle.conditions import Facts
from lifecycle.law import Law
from models import UserTask
from policies.keys import Rule
from policies.rules import Place


@dataclass(frozen=True)
class Clause:
    """One clause."""

    cite: str
    title: str


@dataclass(frozen=True)
class Advice:
    """Something that the guideline says and that helps here."""

    text: str
    modality: str
    clauses: Sequence[Clause]


def cited(law: Law, rules: Iterable[Rule]) -> list[Clause]:
    """What some rules rest on, each clause once."""
    found = [clause for rule in rules for clause in written(law, law.cite(rule))]
    return list(dict.fromkeys(found))


def grounds(law: Law, task: UserTask) -> list[Clause]:
    """What a task rests on, as it was when it was asked."""
    return written(law, task.clauses)


def written(law: Law, snapshot: Iterable[Mapping[str, str]]) -> list[Clause]:
    """A snapshot of clauses, each with its publisher where that is known."""
    known = law.content.get("clauses", {})
    clauses = []
    for one in snapshot:
        publisher = known.get(one["ref"], {}).get("publisher", "")
        clauses.append(Clause(f"{publisher}, {one['cite']}" if publisher else one["cite"], one["title"]))
    return clauses


def advice_here(law: Law, place: Place, facts: Facts, now: datetime) -> list[Advice]:
    """The policy's advice at a place."""
    shown = advice_at(law, place, facts, law.day_of(now))
    return [Advice(one.text, one.modality.value, written(law, one.clauses)) for one in shown]
