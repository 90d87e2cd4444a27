"""What a rule rests on, as letters, pages and papers cite it."""

from dataclasses import dataclass
from typing import Any, Protocol

from policies.keys import OwnDecision, Rule
from policies.loading import Content

OWN_DECISION = "own-decision"


class StoredVersion(Protocol):
    """A stored policy version; only its content is read, never a file."""

    content: dict[str, Any]


@dataclass(frozen=True)
class Citation:
    """A clause, or the municipality's own decision (`ref` is then OWN_DECISION)."""

    ref: str
    cite: str
    title: str
    publisher: str


def citations(content: Content | StoredVersion, rule: Rule) -> list[Citation]:
    """All that the rule rests on, the clauses in the file's order first."""
    clauses = (content if isinstance(content, dict) else content.content)["clauses"]
    cited = [citation_of(ref, clauses) for ref in rule.clauses]
    return [*cited, _own(rule.decision)] if rule.decision else cited


def citation(content: Content | StoredVersion, rule: Rule) -> list[dict[str, str]]:
    """The same for a snapshot in a task: ref, cite, title."""
    return [{"ref": one.ref, "cite": one.cite, "title": one.title} for one in citations(content, rule)]


def citation_of(ref: str, clauses: Content) -> Citation:
    """One clause among a stored version's `clauses`."""
    clause = clauses[ref]
    return Citation(ref, clause["cite"], clause["title"], clause["publisher"])


def _own(decision: OwnDecision) -> Citation:
    cite = f"Kommunens beslut {decision.decided_on.isoformat()}, {decision.number}, {decision.body}"
    return Citation(OWN_DECISION, cite, "Kommunens eget beslut", decision.body)
