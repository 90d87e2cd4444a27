"""Erasing what Kanalvakt itself no longer needs about people: links, letters, personal detail, case texts.

What happened stays in the audit log: of a weeded detail it keeps the salted hash, the day and the rule.
"""

from datetime import date, datetime, timedelta

import pendulum
from sqlalchemy import CursorResult, delete, select, update
from sqlmodel import Session, col

from lifecycle.law import Law
from models import (
    Absence,
    AuditDetail,
    AuditEvent,
    Case,
    CaseEvidence,
    CaseState,
    Link,
    Message,
    MessageState,
)

LINKS_KEPT = timedelta(days=30)
"""How long a link that has ended says what became of it (REQUIREMENTS 4.1)."""
_ENDED = (MessageState.SENT, MessageState.FAILED, MessageState.BOUNCED, MessageState.NOT_NEEDED)


def erase(session: Session, law: Law, on: date, now: datetime) -> int:
    """Erase what has been kept for its time; returns how many rows."""
    settings = law.policy.settings
    return (
        _erase_links(session, law, now)
        + _erase_letters(session, law, _before(now, settings.letters_kept_months))
        + _weed_details(session, law, on, _before(now, settings.details_kept_months))
        + _weed_cases(session, law, now, _before(now, settings.cases_kept_months))
        + _erase_absences(session, law, on)
    )


def _before(now: datetime, months: int) -> datetime:
    return pendulum.instance(now).subtract(months=months)


def _count(result: object) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount


def _erase_links(session: Session, law: Law, now: datetime) -> int:
    over = (col(Link.dead_at) < now - LINKS_KEPT) | (col(Link.expires_at) < now - LINKS_KEPT)
    ours = col(Link.municipality_id) == law.municipality_id
    return _count(session.execute(delete(Link).where(ours, over)))


def _erase_letters(session: Session, law: Law, before: datetime) -> int:
    ours = col(Message.municipality_id) == law.municipality_id
    over = (col(Message.queued_at) < before, col(Message.state).in_(_ENDED))
    return _count(session.execute(delete(Message).where(ours, *over)))


def _weed_details(session: Session, law: Law, on: date, before: datetime) -> int:
    """Personal detail of old events; the chain still holds, and says by which rule it was weeded."""
    old = select(col(AuditEvent.id)).where(
        col(AuditEvent.municipality_id) == law.municipality_id, col(AuditEvent.at) < before
    )
    weeded = (
        update(AuditDetail)
        .where(col(AuditDetail.event_id).in_(old), col(AuditDetail.weeded_on).is_(None))
        .values(detail=None, weeded_on=on, weeded_by_rule="settings.details_kept_months")
    )
    return _count(session.execute(weeded.execution_options(synchronize_session=False)))


def _weed_cases(session: Session, law: Law, now: datetime, before: datetime) -> int:
    """What citizens wrote, and the evidence; kind, hours and outcome stay for the statistics."""
    ours = (
        col(Case.municipality_id) == law.municipality_id,
        col(Case.state) == CaseState.CLOSED,
        col(Case.closed_at) < before,
        col(Case.weeded_at).is_(None),
    )
    ids = session.execute(select(col(Case.id)).where(*ours)).scalars().all()
    if not ids:
        return 0
    session.execute(delete(CaseEvidence).where(col(CaseEvidence.case_id).in_(ids)))
    erased = update(Case).where(col(Case.id).in_(ids)).values(what="", post_address="", weeded_at=now)
    return _count(session.execute(erased.execution_options(synchronize_session=False)))


def _erase_absences(session: Session, law: Law, on: date) -> int:
    over = col(Absence.until_on) < pendulum.instance(datetime(on.year, on.month, on.day)).subtract(years=1)
    ours = col(Absence.municipality_id) == law.municipality_id
    return _count(session.execute(delete(Absence).where(ours, over)))
