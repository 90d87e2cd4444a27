"""The pages of the desk in Prefect: whose they are, which have changed, and who writes them."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from acts.overview_pages import OVERVIEWS, Page
from acts.process_pictures import Picture, picture_of
from lifecycle.law import law_in_force
from models import AuditHead, DeskSheet, Municipality, Observation, RoundDone
from runtime.database import reading, writing

START, PROCESS = "start", "processen"
"""The pages beside the eight overviews."""
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class DeskOwner:
    """A municipality whose overviews stand on the desk."""

    municipality_id: int
    slug: str
    name: str
    zone: str


def owners(engine: Engine, chosen: str) -> list[DeskOwner]:
    """The municipalities on the desk, by name: those that are `chosen` by short name, or all."""
    slugs = {one.strip() for one in chosen.split(",") if one.strip()}
    with reading(engine) as session:
        rows = session.execute(select(Municipality).order_by(col(Municipality.name))).scalars()
        return [
            DeskOwner(one.id or 0, one.slug, one.name, one.time_zone)
            for one in rows
            if not slugs or one.slug in slugs
        ]


def stamps(engine: Engine) -> dict[int, str]:
    """What tells, for each municipality, whether anything has happened that its pages may show."""
    with reading(engine) as session:
        seen = session.execute(select(func.max(col(Observation.id)))).scalar_one()
        gone = session.execute(select(func.max(col(RoundDone.id)))).scalar_one()
        heads = session.execute(select(col(AuditHead.municipality_id), col(AuditHead.number)))
        return {municipality_id: f"{number}:{seen}:{gone}" for municipality_id, number in heads}


def pages_of(engine: Engine, owner: DeskOwner, now: datetime) -> dict[str, Page]:
    """The eight overviews as they are now."""
    with reading(engine) as session:
        law = law_in_force(session, owner.municipality_id, now)
        return {name: one.make(session, law, now) for name, one in OVERVIEWS.items()}


def picture_of_owner(engine: Engine, owner: DeskOwner, now: datetime) -> Picture:
    """The process, with the number of accounts at each step."""
    with reading(engine) as session:
        return picture_of(session, owner.municipality_id, now, numbered=True)


def sheets(engine: Engine, owner: DeskOwner) -> dict[str, DeskSheet]:
    """What has been written so far, by name."""
    with reading(engine) as session:
        return {one.name: one for one in _sheets(session, owner)}


def _sheets(session: Session, owner: DeskOwner) -> Sequence[DeskSheet]:
    rows = select(DeskSheet).where(col(DeskSheet.municipality_id) == owner.municipality_id)
    found = session.execute(rows).scalars().all()
    session.expunge_all()
    return found


def claim(
    engine: Engine, owner: DeskOwner, name: str, digest: str, at: datetime, at_most_every: timedelta
) -> bool:
    """Whether the caller is to write a page: it has changed, and was not written too short a while ago.

    Of several that ask at once, one is told yes. One that then dies leaves the page to the next look, since
    what stands there is kept only when it has been written.
    """
    with writing(engine) as session:
        _make_room(session, owner, name)
        claimed = session.execute(
            update(DeskSheet)
            .where(
                col(DeskSheet.municipality_id) == owner.municipality_id,
                col(DeskSheet.name) == name,
                col(DeskSheet.digest) != digest,
                col(DeskSheet.written_at) <= at - at_most_every,
            )
            .values(written_at=at)
            .returning(col(DeskSheet.name))
        )
        return claimed.first() is not None


def _make_room(session: Session, owner: DeskOwner, name: str) -> None:
    if session.get(DeskSheet, (owner.municipality_id, name)) is None:
        with suppress(IntegrityError), session.begin_nested():  # Another worker was faster.
            session.add(DeskSheet(municipality_id=owner.municipality_id, name=name, written_at=_LONG_AGO))


def keep_written(engine: Engine, owner: DeskOwner, name: str, artifact_id: str, digest: str) -> None:
    """Remember what has been written, and in which artifact."""
    _set(engine, owner, name, artifact_id=artifact_id, digest=digest)


def give_back(engine: Engine, owner: DeskOwner, name: str) -> None:
    """Have a page written again at the next look."""
    _set(engine, owner, name, digest="", written_at=_LONG_AGO)


def _set(engine: Engine, owner: DeskOwner, name: str, **values: object) -> None:
    with writing(engine) as session:
        session.execute(
            update(DeskSheet)
            .where(col(DeskSheet.municipality_id) == owner.municipality_id, col(DeskSheet.name) == name)
            .values(**values)
        )


def artifact_ids(engine: Engine) -> set[str]:
    """The artifacts that hold the pages of all desks."""
    with reading(engine) as session:
        return set(session.execute(select(col(DeskSheet.artifact_id))).scalars()) - {""}
