"""The copy of the night: taken once, its sign of life kept, and told when it is silent."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from backups.taking import Taken, take
from models import Heartbeat
from models.plain_errors import Tellable
from runtime.database import reading, writing

PART = "backup"
"""The name that the sign of life is kept under."""
ONCE_IN = timedelta(hours=12)
"""A copy is taken at the night's first hour at which it can be."""
TOO_OLD = timedelta(hours=36)


class Broken(Tellable):
    """A copy was taken of a database in which an audit log does not hold."""


def take_tonights(engine: Engine, folder: Path, keep: int, now: datetime) -> Taken | None:
    """Take a copy; None when one was taken a few hours ago. Raises NotTaken, or Broken when it is there.

    A copy of a broken log is kept: it is the best there is, and says itself that the log was broken.
    """
    with reading(engine) as session:
        last = last_taken(session)
    if last is not None and timedelta() <= now - last < ONCE_IN:
        return None
    taken = take(engine, folder, keep, now)
    if not taken.manifest.is_whole:
        raise Broken(f"{taken.copy.name} är tagen, men händelseloggen är bruten. Kör: kanalvakt audit verify")
    with writing(engine) as session:
        session.merge(Heartbeat(part=PART, at=now))
    return taken


def last_taken(session: Session) -> datetime | None:
    """When the night's copy was last taken."""
    beat = session.get(Heartbeat, PART)
    return beat.at if beat else None


def silent_backup(engine: Engine, now: datetime) -> list[str]:
    """A sentence, when it is too long since a copy was taken."""
    with reading(engine) as session:
        last = last_taken(session)
    if last is None or now - last < TOO_OLD:
        return []
    return [f"Ingen säkerhetskopia sedan {last:%Y-%m-%d %H:%M} UTC."]
