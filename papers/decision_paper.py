"""A decision as a paper for the diary: what was decided first, then how, then the plan as it was decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from papers.documents import render
from papers.pdfa import Profile

PROFILE: Profile = "pdfa-2b"

Rows = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Step:
    """Somebody who was asked or told, and what came of it."""

    label: str
    who: str
    answer: str
    on: str
    reason: str = ""
    known_by: str = ""
    """How whoever answered showed who they are."""


@dataclass(frozen=True)
class DecisionPaper:
    """What the paper says. Texts are as people wrote them; dates are written out."""

    municipality: str
    kind: str
    title: str
    decision: str
    rows: Rows
    """What, who, on whose behalf, when, by which clause."""
    reason: str
    steps: Sequence[Step]
    plan: Rows
    """Every question of the plan with its answer; empty where no plan was decided on."""


def write_decision(paper: DecisionPaper, *, created_at: datetime, identifier: str) -> bytes:
    """The paper as PDF/A-2b. Raises CannotWrite when this machine lacks a part."""
    return render(
        "decision.html",
        {
            "municipality": paper.municipality,
            "kind": paper.kind,
            "decision": paper.decision,
            "rows": paper.rows,
            "reason": paper.reason,
            "steps": paper.steps,
            "plan": paper.plan,
        },
        PROFILE,
        title=paper.title,
        created_at=created_at,
        identifier=identifier,
    )
