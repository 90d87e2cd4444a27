"""Each month the registry is told where the audit log ends, so that nobody can rewrite what came before."""

from datetime import date, datetime, time

from sqlalchemy import select
from sqlmodel import Session, col

from acts.rounds import Round
from lifecycle.events import EventKind
from lifecycle.journal import record, verify
from lifecycle.law import Law
from lifecycle.rounds import Findings, working_day_after
from lifecycle.working_days import add_months
from models import AuditEvent


def _month(law: Law, now: datetime) -> date | None:
    """The month's first working day, from its morning on; nothing is lost when that day was silent."""
    first = law.calendar.working_day_from(law.day_of(now).replace(day=1))
    today = working_day_after(law, now, law.policy.settings.digest_at)
    return first if today is not None and today >= first else None


def _tell(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    """The log is counted anew first: a letter never vouches for a chain that does not hold."""
    if _is_told(session, law, on):
        return
    verdict = verify(session, law.municipality_id)
    facts = {"events": verdict.events, "digest": verdict.last_digest, "breaks": len(verdict.breaks)}
    record(session, EventKind.CHAIN_TOLD, now, municipality_id=law.municipality_id, facts=facts)
    findings.found = 1


def _is_told(session: Session, law: Law, on: date) -> bool:
    """Whether the registry has been told since the month's first working day."""
    rows = select(col(AuditEvent.id)).where(
        col(AuditEvent.municipality_id) == law.municipality_id,
        col(AuditEvent.kind) == EventKind.CHAIN_TOLD.value,
        col(AuditEvent.at) >= law.calendar.at(on, time()),
        col(AuditEvent.at) < law.calendar.at(add_months(on.replace(day=1), 1), time()),
    )
    return session.execute(rows.limit(1)).first() is not None


TELL = Round("chain_digest", when=_month, do=_tell, hour=lambda law: law.policy.settings.digest_at)
