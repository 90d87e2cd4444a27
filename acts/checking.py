"""Looking at live data for what can never be so."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from sqlmodel import Session

from acts.rounds import Do, Round
from lifecycle.invariants import TRUTHS, Violation, violations
from lifecycle.law import Law
from lifecycle.rounds import Failure, Findings


def _look(session: Session, law: Law, on: date, now: datetime) -> Callable[[], Do]:
    """All truths at one instant, in a session that hinders no writer."""
    found = violations(session, law.municipality_id, now)
    return lambda: partial(_tell, found=found)


def _tell(
    session: Session, law: Law, on: date, now: datetime, findings: Findings, *, found: list[Violation]
) -> None:
    """What does not hold is nobody's task in the municipality: the run fails, for those who run Kanalvakt."""
    findings.found = len(found)
    findings.failures += [
        Failure(f"kommun {law.municipality_id}, {one.subject}", TRUTHS[one.truth].says) for one in found
    ]


CHECK = Round(
    "invariants",
    when=lambda law, now: law.day_of(now),
    do=partial(_tell, found=[]),
    look_first=_look,
)
"""What is so on another day than today cannot be looked at."""
