"""Truths that must hold on real data, in whatever order people and clocks have acted."""

from datetime import datetime

from sqlmodel import Session

from lifecycle.invariants import accounts, clock, letters, questions
from lifecycle.invariants.truth import Truth, Violation

__all__ = ["TRUTHS", "Truth", "Violation", "violations"]

TRUTHS: dict[str, Truth] = {
    one.name: one for one in (*accounts.TRUTHS, *questions.TRUTHS, *clock.TRUTHS, *letters.TRUTHS)
}
"""All of them, by name."""


def violations(session: Session, municipality_id: int, now: datetime) -> list[Violation]:
    """Everything in a municipality of which some truth does not hold; empty when all is well."""
    return [found for one in TRUTHS.values() for found in one.violations(session, municipality_id, now)]
