"""What has happened since a copy was taken, as the old database tells it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from backups.manifest import Chain, Manifest
from lifecycle.events import EventKind
from models import AuditEvent, Message, MessageState, Municipality
from runtime.database import reading

ANSWERS = (
    EventKind.DECISION_GIVEN,
    EventKind.CONSULTATION_GIVEN,
    EventKind.ITEM_CONFIRMED,
    EventKind.ACKNOWLEDGED,
    EventKind.WATCH_CONFIRMED,
)


@dataclass(frozen=True)
class Lost:
    """What one municipality's database had that the copy has not."""

    name: str
    events: int
    answers: int
    """Of them, what people had answered."""
    letters: int
    """That had left after the copy: their links are unknown to it."""
    last_at: datetime | None
    last_digest: str
    is_other: bool = False
    """Whether the old log never had what the copy ends with: it is of another installation, or older."""


def lost_since(engine: Engine, manifest: Manifest) -> list[Lost]:
    """Of each municipality in the old database, what came after the copy; nothing where nothing did."""
    ended = {one.slug: one for one in manifest.chains}
    with reading(engine, at_one_instant=True) as session:
        known = session.execute(select(col(Municipality.id), col(Municipality.slug), col(Municipality.name)))
        found = [_lost(session, id or 0, name, ended.get(slug), manifest) for id, slug, name in known.all()]
    return [one for one in found if one.events or one.is_other]


def others_than(engine: Engine, manifest: Manifest) -> list[str]:
    """Municipalities in a database that a copy of one alone would take away."""
    if not manifest.municipality:
        return []
    with reading(engine) as session:
        rows = select(col(Municipality.name)).where(col(Municipality.slug) != manifest.municipality)
        return list(session.execute(rows.order_by(col(Municipality.slug))).scalars())


def _lost(session: Session, municipality_id: int, name: str, ended: Chain | None, taken: Manifest) -> Lost:
    number = ended.events if ended else 0
    after = (col(AuditEvent.municipality_id) == municipality_id, col(AuditEvent.number) > number)
    events, answers, last_at = session.execute(
        select(
            func.count(),
            func.count().filter(col(AuditEvent.kind).in_([one.value for one in ANSWERS])),
            func.max(col(AuditEvent.at)),
        ).where(*after)
    ).one()
    left = (col(Message.municipality_id) == municipality_id, col(Message.sent_at) >= taken.began_at)
    letters = select(func.count()).where(*left, col(Message.state) == MessageState.SENT)
    return Lost(
        name=name,
        events=events,
        answers=answers,
        letters=session.execute(letters).scalar_one(),
        last_at=last_at,
        last_digest=_digest(session, municipality_id, None),
        is_other=ended is not None and _digest(session, municipality_id, number) != ended.digest,
    )


def _digest(session: Session, municipality_id: int, number: int | None) -> str:
    """Of the event with a number, or of the last."""
    rows = select(col(AuditEvent.digest)).where(col(AuditEvent.municipality_id) == municipality_id)
    if number is not None:
        rows = rows.where(col(AuditEvent.number) == number)
    return session.execute(rows.order_by(col(AuditEvent.number).desc()).limit(1)).scalar() or ""
