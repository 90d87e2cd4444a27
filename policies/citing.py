"""What a rule rests on, as letters, pages and papers cite it."""

from collections.abc import Iterable, Mapping
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


def places(content: Content, cited: Iterable[Mapping[str, str]]) -> list[str]:
    """Where in the guidelines a snapshot points, each place once: "punkt 3; punkt 5".

    Where the policy rests on several guidelines they are told apart: "Exempelby kommun: punkt 3".
    """
    known = content["clauses"]
    several = len({ref.partition(":")[0] for ref in known}) > 1
    found: dict[str, dict[str, None]] = {}
    for one in cited:
        whose = known[one["ref"]]["publisher"] if several and one["ref"] in known else ""
        found.setdefault(whose, {})[one["cite"]] = None
    by_whom = [(whose, "; ".join(cites)) for whose, cites in found.items()]
    return [f"{whose}: {cites}" if whose else cites for whose, cites in by_whom]


def _own(decision: OwnDecision) -> Citation:
    cite = f"Kommunens beslut {decision.decided_on.isoformat()}, {decision.number}, {decision.body}"
    return Citation(OWN_DECISION, cite, "Kommunens eget beslut", decision.body)
