"""Each month the registry is told where the audit log ends, so that nobody can rewrite what came before."""

from datetime import date, datetime

from sqlmodel import Session

from acts.rounds import Round
from lifecycle.events import EventKind
from lifecycle.journal import record, verify
from lifecycle.law import Law
from lifecycle.rounds import Findings, working_day_after


def _month(law: Law, now: datetime) -> date | None:
    """The month's first working day, from its morning on; nothing is lost when that day was silent."""
    first = law.calendar.working_day_from(law.day_of(now).replace(day=1))
    today = working_day_after(law, now, law.policy.settings.digest_at)
    return first if today is not None and today >= first else None


def _tell(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    """The log is counted anew first: a letter never vouches for a chain that does not hold."""
    verdict = verify(session, law.municipality_id)
    facts = {"events": verdict.events, "digest": verdict.last_digest, "breaks": len(verdict.breaks)}
    record(session, EventKind.CHAIN_TOLD, now, municipality_id=law.municipality_id, facts=facts)
    findings.found = 1


TELL = Round("chain_digest", when=_month, do=_tell, hour=lambda law: law.policy.settings.digest_at)
