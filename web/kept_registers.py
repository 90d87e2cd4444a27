"""The public registers, read once and kept in this process; what has changed since is read anew.

Every change is an event in the municipality's audit log, so its end tells whether there is anything new, and
its newest events which accounts it concerns.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock

from sqlalchemy import select
from sqlmodel import Session, col

from lifecycle.events import EventKind as E
from lifecycle.law import Law, law_in_force
from lifecycle.register import changed_by_days, read_entries
from lifecycle.register_book import Register
from models import AuditEvent, AuditHead

_FEW = 500
"""Up to so many changed accounts are read anew one by one."""
_OF_NO_ENTRY = (
    *(E.MORNING_TOLD, E.WATCH_ASKED, E.DUTIES_ASKED, E.DUTIES_REMINDED, E.CHAIN_TOLD, E.ACT_ASKED),
    *(E.ABSENCE_ENTERED, E.ABSENCE_CHANGED, E.ABSENCE_ENDED, E.VISITOR_REPORTED, E.DUTY_ANSWERED),
    *(E.POSTING_CHECKED, E.CRISIS_BEGUN, E.CRISIS_ENDED, E.INVENTORY_ASKED, E.LANGUAGE_SET, E.MAIL_RETURNED),
    *(E.ABSENCE_SUGGESTED, E.ANSWERED_BY_MAIL, E.CALENDAR_MADE, E.CALENDAR_REVOKED, E.TARGET_CHANGED),
    *(E.HANDED_OUT, E.PERSON_COPIED, E.LOOK_CHANGED, E.LETTER_WORDED, E.POLICY_PROPOSED),
)
"""Events that name no account and yet change none. After any other such one, everything is read anew and
compared with what is kept, so that a kind that nobody has thought of is never wrong, only slower."""


@dataclass
class _Kept:
    """One municipality's register, and how far it has been read."""

    lock: Lock = field(default_factory=Lock)
    register: Register = field(default_factory=lambda: Register(()))
    end: tuple[int, str] = (-1, "")
    """The newest event that has been read, and its digest."""
    version: int | None = None
    """Of the policy."""
    on: date = date.min
    """The day that it was read for: rules and roles begin and end with days."""


class KeptRegisters:
    """Each municipality's register, as it is in the database at the time of asking."""

    def __init__(self) -> None:
        self._kept: dict[int, _Kept] = {}
        self._lock = Lock()

    @contextmanager
    def open(self, session: Session, municipality_id: int, now: datetime) -> Iterator[Register]:
        """The register, for one visitor at a time: it takes some thousandths of a second."""
        with self._lock:
            kept = self._kept.setdefault(municipality_id, _Kept())
        law = law_in_force(session, municipality_id, now)
        with kept.lock:
            _bring_up_to_date(session, law, law.day_of(now), kept)
            yield kept.register


def _bring_up_to_date(session: Session, law: Law, on: date, kept: _Kept) -> None:
    end = _end_of_log(session, law.municipality_id)
    changed = _changed(session, law, on, kept, end)
    if changed is None:
        kept.register.become(read_entries(session, law, on))
    elif changed:
        kept.register.replace(changed, read_entries(session, law, on, changed))
    kept.end, kept.version, kept.on = end, law.version_id, on


def _changed(session: Session, law: Law, on: date, kept: _Kept, end: tuple[int, str]) -> set[int] | None:
    """The accounts whose entries may be others than are kept; None when any may be."""
    is_other_log = end != kept.end and end[0] <= kept.end[0]
    if kept.version != law.version_id or is_other_log:
        return None
    by_events = _changed_since(session, law.municipality_id, kept.end[0]) if end != kept.end else set()
    by_days = changed_by_days(session, law, kept.on, on) if on != kept.on else set()
    if by_events is None or by_days is None or len(by_days) > _FEW:
        return None
    return by_events | by_days


def _end_of_log(session: Session, municipality_id: int) -> tuple[int, str]:
    rows = select(col(AuditHead.number), col(AuditHead.digest))
    found = session.execute(rows.where(col(AuditHead.municipality_id) == municipality_id)).first()
    return (found[0], found[1]) if found else (0, "")


def _changed_since(session: Session, municipality_id: int, number: int) -> set[int] | None:
    """The accounts that later events are about; None when it may be any of them."""
    rows = select(col(AuditEvent.account_id), col(AuditEvent.kind)).distinct()
    later = rows.where(col(AuditEvent.municipality_id) == municipality_id, col(AuditEvent.number) > number)
    found = session.execute(later.limit(_FEW + 1)).all()
    anything = any(account_id is None and E(kind) not in _OF_NO_ENTRY for account_id, kind in found)
    if anything or len(found) > _FEW:
        return None
    return {account_id for account_id, _ in found if account_id is not None}
