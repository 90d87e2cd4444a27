"""Evidence: what is kept of something before it is removed, with its hash."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import PurePath

from sqlalchemy import func, select
from sqlmodel import Session, col

from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.plans import TEXT_LIMIT
from lifecycle.refusals import Refused
from models import Account, Case, CaseEvidence, CaseState

FILE_LIMIT = 10_000_000
"""Bytes of one file."""
FILES_LIMIT = 20
TEXT = "text/plain"
_BEGINS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"%PDF-": "application/pdf"}
"""A file is what it begins as, whatever it is called."""
_ENDS = {"image/png": ".png", "image/jpeg": ".jpg", "application/pdf": ".pdf"}


@dataclass(frozen=True)
class Evidence:
    """A file as it was sent in, or what was copied: name, date and what stood there."""

    content: bytes
    file_name: str = ""
    is_text: bool = False


def keep_evidence(
    session: Session, account: Account, case: Case, given: Evidence, by: By, now: datetime
) -> CaseEvidence:
    """Keep it with the case. Raises Refused for what is empty, too large, too many or of another kind."""
    if case.state is not CaseState.OPEN:
        raise Refused("case_closed")
    media_type = _media_type(given)
    _demand_room(session, case)
    kept = CaseEvidence(
        case_id=case.id or 0,
        file_name=_name(given, media_type),
        media_type=media_type,
        content=given.content,
        sha256=sha256(given.content).hexdigest(),
        added_by_id=by.person_id,
        added_at=now,
    )
    session.add(kept)
    session.flush()
    facts = {"case": case.id, "evidence": kept.id, "sha256": kept.sha256}
    record(session, EventKind.EVIDENCE_ADDED, now, account=account, by=by, facts=facts)
    return kept


def _media_type(given: Evidence) -> str:
    if not given.content.strip():
        raise Refused("file_empty")
    if given.is_text:
        if len(given.content.decode()) > TEXT_LIMIT:
            raise Refused("text_too_long", length=len(given.content.decode()), limit=TEXT_LIMIT)
        return TEXT
    if len(given.content) > FILE_LIMIT:
        size = round(len(given.content) / 1_000_000)
        raise Refused("file_too_large", size=size, limit=FILE_LIMIT // 1_000_000)
    found = (kind for begins, kind in _BEGINS.items() if given.content.startswith(begins))
    if (kind := next(found, None)) is None:
        raise Refused("evidence_kind")
    return kind


def _demand_room(session: Session, case: Case) -> None:
    if evidence_count(session, case) >= FILES_LIMIT:
        raise Refused("too_many_files", limit=FILES_LIMIT)


def _name(given: Evidence, media_type: str) -> str:
    """The name without folders, with the ending of what the file is."""
    if given.is_text:
        return ""
    stem = PurePath(given.file_name.replace("\\", "/")).stem[:180] or "fil"
    return f"{stem}{_ENDS[media_type]}"


def evidence_count(session: Session, case: Case) -> int:
    """How much is kept of a case."""
    rows = select(func.count()).select_from(CaseEvidence).where(col(CaseEvidence.case_id) == case.id)
    return int(session.execute(rows).scalar_one())
