"""Looking at live data for what can never be so."""

from datetime import date, datetime

from sqlmodel import Session

from acts.rounds import Round
from lifecycle.invariants import TRUTHS, violations
from lifecycle.law import Law
from lifecycle.rounds import Failure, Findings


def _check(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    """What does not hold is nobody's task in the municipality: the run fails, for those who run Kanalvakt."""
    found = violations(session, law.municipality_id, now)
    findings.found = len(found)
    findings.failures += [
        Failure(f"kommun {law.municipality_id}, {one.subject}", TRUTHS[one.truth].says) for one in found
    ]


CHECK = Round("invariants", when=lambda law, now: law.day_of(now), do=_check, looks=True)
