"""What is written down while days are played: letters, tasks, answers, refusals, rules that were seen."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class LetterSeen:
    """A letter that has left."""

    at: datetime
    notice: str
    person_id: int | None
    """Empty for the unit's shared mailbox, and for its channels."""
    email: str
    account_id: int | None
    task_id: int | None
    context: Mapping[str, Any]


@dataclass(frozen=True)
class TaskSeen:
    """A task that was opened."""

    task_id: int
    at: datetime
    account_id: int | None
    process: str
    kind: str
    step: str
    role: str
    label: str
    refs: frozenset[str]
    holders: tuple[int, ...]


@dataclass(frozen=True)
class Click:
    """An answer that somebody gave: how many things of a kind at one go."""

    at: datetime
    person_id: int
    kind: str
    count: int


@dataclass(frozen=True)
class Seen:
    """How often something has been seen, and when first."""

    count: int
    first_on: date

    def again(self) -> "Seen":
        return Seen(self.count + 1, self.first_on)


@dataclass
class Ledger:
    """Everything that the report is made of besides the database at the end."""

    letters: list[LetterSeen] = field(default_factory=list)
    tasks: list[TaskSeen] = field(default_factory=list)
    clicks: list[Click] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    """By code: acts that the rules did not allow."""
    broken: list[str] = field(default_factory=list)
    """Promises that were not kept, in Swedish."""
    cited: dict[frozenset[str], Seen] = field(default_factory=dict)
    """By the clauses that an event cites."""
    shown: dict[str, Seen] = field(default_factory=dict)
    """By rule: that somebody has met it on a page or in a refusal."""
    lives: list[tuple[date, Mapping[str, int]]] = field(default_factory=list)
    """Week by week: how many accounts are in each state, and how many stand red."""

    def saw_rule(self, path: str, on: date) -> None:
        """Somebody met a rule."""
        self.shown[path] = self.shown.get(path, Seen(0, on)).again()

    def saw_cited(self, refs: frozenset[str], on: date) -> None:
        """An event cites these clauses."""
        self.cited[refs] = self.cited.get(refs, Seen(0, on)).again()
