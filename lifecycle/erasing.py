"""Erasing what Kanalvakt itself no longer needs about people: links, letters, personal detail, case texts.

What happened stays in the audit log: of a weeded detail it keeps the salted hash, the day and the rule.
"""

from datetime import date, datetime, timedelta
from typing import Any

import pendulum
from sqlalchemy import CursorResult, Executable, delete, select, update
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
    ReturnedMail,
    TaskHolder,
    TaskState,
    UserTask,
    VisitorReport,
)
from models.asking import built_once

LINKS_KEPT = timedelta(days=30)
"""How long a link that has ended says what became of it (REQUIREMENTS 4.1)."""
WRITTEN_KEPT = timedelta(days=1)
"""How long what somebody had written on the way to sign in is kept, if they never came back."""
RETURNED_WORDS_KEPT = timedelta(days=30)
"""How long the words of an answer by mail, and the days of an absence that was suggested, are kept."""
_ENDED = (MessageState.SENT, MessageState.FAILED, MessageState.BOUNCED, MessageState.NOT_NEEDED)


def erase(session: Session, law: Law, on: date, now: datetime) -> int:
    """Erase what has been kept for its time; returns how many rows."""
    settings = law.policy.settings
    return (
        _erase_links(session, law, now)
        + _erase_letters(session, law, _before(now, settings.letters_kept_months))
        + _weed_details(session, law, on, _before(now, settings.details_kept_months))
        + _weed_cases(session, law, now, _before(now, settings.cases_kept_months))
        + _weed_reports(session, law, now, _before(now, settings.cases_kept_months))
        + _erase_absences(session, law, on)
        + _erase_written(session, law, now - WRITTEN_KEPT)
        + _weed_returned(session, law, now)
        + _erase_returned(session, law, _before(now, settings.letters_kept_months))
    )


def _before(now: datetime, months: int) -> datetime:
    return pendulum.instance(now).subtract(months=months)


def _count(result: object) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount


def _erase_links(session: Session, law: Law, now: datetime) -> int:
    return _count(session.execute(*_links(law.municipality_id, now - LINKS_KEPT)))


@built_once
def _links(of: int, before: datetime) -> Executable:
    over = (col(Link.dead_at) < before) | (col(Link.expires_at) < before)
    return _unseen(delete(Link).where(col(Link.municipality_id) == of, over))


def _unseen(statement: Any) -> Executable:
    """For rows that nobody has read in the transaction: their objects need not follow."""
    written: Executable = statement.execution_options(synchronize_session=False)
    return written


def _erase_letters(session: Session, law: Law, before: datetime) -> int:
    return _count(session.execute(*_letters(law.municipality_id, before)))


@built_once
def _letters(of: int, before: datetime) -> Executable:
    over = (col(Message.queued_at) < before, col(Message.state).in_(_ENDED))
    return _unseen(delete(Message).where(col(Message.municipality_id) == of, *over))


def _weed_details(session: Session, law: Law, on: date, before: datetime) -> int:
    """Personal detail of old events; the chain still holds, and says by which rule it was weeded."""
    return _count(session.execute(*_details(law.municipality_id, before, on)))


@built_once
def _details(of: int, before: datetime, on: date) -> Executable:
    old = select(col(AuditEvent.id)).where(col(AuditEvent.municipality_id) == of, col(AuditEvent.at) < before)
    return _unseen(
        update(AuditDetail)
        .where(col(AuditDetail.event_id).in_(old), col(AuditDetail.weeded_on).is_(None))
        .values(detail=None, weeded_on=on, weeded_by_rule="settings.details_kept_months")
    )


def _weed_cases(session: Session, law: Law, now: datetime, before: datetime) -> int:
    """What citizens wrote, and the evidence; kind, hours and outcome stay for the statistics."""
    ids = session.execute(*_old_cases(law.municipality_id, before)).scalars().all()
    if not ids:
        return 0
    session.execute(delete(CaseEvidence).where(col(CaseEvidence.case_id).in_(ids)))
    contacts = update(VisitorReport).where(col(VisitorReport.case_id).in_(ids))
    session.execute(_unseen(contacts.values(what="", address="", contact="", weeded_at=now)))
    erased = update(Case).where(col(Case.id).in_(ids)).values(what="", post_address="", weeded_at=now)
    return _count(session.execute(erased.execution_options(synchronize_session=False)))


@built_once
def _old_cases(of: int, before: datetime) -> Executable:
    return select(col(Case.id)).where(
        col(Case.municipality_id) == of,
        col(Case.state) == CaseState.CLOSED,
        col(Case.closed_at) < before,
        col(Case.weeded_at).is_(None),
    )


def _weed_reports(session: Session, law: Law, now: datetime, before: datetime) -> int:
    """What visitors wrote about accounts that were not found, once that has been looked into."""
    return _count(session.execute(*_old_reports(law.municipality_id, before, now)))


@built_once
def _old_reports(of: int, before: datetime, now: datetime) -> Executable:
    is_open = select(col(UserTask.id)).where(
        col(UserTask.municipality_id) == of, col(UserTask.state) == TaskState.OPEN
    )
    report = VisitorReport
    return _unseen(
        update(report)
        .where(
            col(report.municipality_id) == of,
            col(report.case_id).is_(None),
            col(report.received_at) < before,
            col(report.weeded_at).is_(None),
            col(report.task_id).is_(None) | col(report.task_id).not_in(is_open),
        )
        .values(what="", address="", contact="", weeded_at=now)
    )


def _erase_absences(session: Session, law: Law, on: date) -> int:
    before = pendulum.instance(datetime(on.year, on.month, on.day)).subtract(years=1)
    return _count(session.execute(*_absences(law.municipality_id, before.date())))


@built_once
def _absences(of: int, before: date) -> Executable:
    return _unseen(delete(Absence).where(col(Absence.municipality_id) == of, col(Absence.until_on) < before))


def _erase_written(session: Session, law: Law, before: datetime) -> int:
    return _count(session.execute(*_written(law.municipality_id, before)))


@built_once
def _written(of: int, before: datetime) -> Executable:
    here = select(col(UserTask.id)).where(col(UserTask.municipality_id) == of)
    return _unseen(
        update(TaskHolder)
        .where(col(TaskHolder.written_at) < before, col(TaskHolder.task_id).in_(here))
        .values(written=None, written_at=None)
    )


def _weed_returned(session: Session, law: Law, now: datetime) -> int:
    """What was answered by mail has been passed on; the mail itself is the municipality's, in its mailbox."""
    return _count(session.execute(*_old_words(law.municipality_id, now - RETURNED_WORDS_KEPT, now)))


@built_once
def _old_words(of: int, before: datetime, now: datetime) -> Executable:
    returned = (col(ReturnedMail.municipality_id) == of, col(ReturnedMail.read_at) < before)
    kept = col(ReturnedMail.weeded_at).is_(None)
    nothing: dict[str, Any] = {"says": "", "email": "", "from_on": None, "until_on": None, "weeded_at": now}
    return _unseen(update(ReturnedMail).where(*returned, kept).values(**nothing))


def _erase_returned(session: Session, law: Law, before: datetime) -> int:
    return _count(session.execute(*_returned(law.municipality_id, before)))


@built_once
def _returned(of: int, before: datetime) -> Executable:
    old = (col(ReturnedMail.municipality_id) == of, col(ReturnedMail.read_at) < before)
    return _unseen(delete(ReturnedMail).where(*old))
