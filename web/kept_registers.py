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
from lifecycle.register import read_entries
from lifecycle.register_book import Register
from models import AuditEvent, AuditHead

_FEW = 500
"""Up to so many changed accounts are read anew one by one."""
_OF_NO_ENTRY = (
    *(E.MORNING_TOLD, E.WATCH_ASKED, E.DUTIES_ASKED, E.DUTIES_REMINDED, E.CHAIN_TOLD, E.ACT_ASKED),
    *(E.ABSENCE_ENTERED, E.ABSENCE_CHANGED, E.ABSENCE_ENDED, E.VISITOR_REPORTED, E.DUTY_ANSWERED),
)
"""Events that name no account and yet change none: after any other such one, everything is read anew."""


@dataclass
class _Kept:
    """One municipality's register, and how far it has been read."""

    lock: Lock = field(default_factory=Lock)
    register: Register = field(default_factory=lambda: Register(()))
    number: int = -1
    digest: str = ""
    read_for: tuple[int, date] | None = None
    """Version of the policy and day: rules, roles and posts begin and end with days."""


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
    number, digest = _end_of_log(session, law.municipality_id)
    read_for = (law.version_id, on)
    if (number, digest) == (kept.number, kept.digest) and read_for == kept.read_for:
        return
    changed = _changed_since(session, law.municipality_id, kept.number) if read_for == kept.read_for else None
    if changed is None or number <= kept.number:
        kept.register = Register(read_entries(session, law, on))
    elif changed:
        kept.register.replace(changed, read_entries(session, law, on, changed))
    kept.number, kept.digest, kept.read_for = number, digest, read_for


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
