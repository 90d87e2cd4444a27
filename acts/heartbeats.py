"""Signs of life: which parts of the installation work, and which have been silent for too long."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Engine, Executable, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from models import AuditEvent, Heartbeat
from runtime.database import writing

WORKER, WAKE, HEAL, DELIVERY, PORTAL = "worker", "loop:wake", "loop:heal", "loop:delivery", "portal"
ONE_WORKER = f"{WORKER}:"
"""What the sign of life of a worker begins with; the rest is its name."""
FORGOTTEN_AFTER = timedelta(days=7)
"""A worker that has not come back by then is not waited for."""


@dataclass(frozen=True)
class Part:
    """Something that has to go on all the time."""

    words: str
    """What it is and does, for people (Swedish)."""
    silent_after: timedelta


PARTS = {
    WORKER: Part("arbetaren", timedelta(minutes=3)),
    WAKE: Part("väckningen av konton i Prefect", timedelta(minutes=5)),
    HEAL: Part("avstämningen mot Prefect", timedelta(minutes=10)),
    DELIVERY: Part("utskicket av brev", timedelta(minutes=5)),
}
"""Every installation has these. A portal and a worker of a name are waited for once they have been heard."""
HEARD = {PORTAL: Part("portalen", timedelta(minutes=5))}


@dataclass(frozen=True)
class Silent:
    """A part that should have been heard."""

    part: str
    says: str
    """Swedish, for people."""
    since: datetime
    """Its last sign of life, or when the installation began without it."""


def beat(engine: Engine, part: str, now: datetime) -> None:
    """Say that a part lives."""
    with writing(engine) as session:
        session.execute(_say(engine.dialect.name), {"part": part, "at": now})


@cache
def _say(dialect: str) -> Executable:
    """For the first time or again: in one statement, since workers that start together say it together."""
    new = sqlite.insert(Heartbeat) if dialect == "sqlite" else postgresql.insert(Heartbeat)
    return new.on_conflict_do_update(index_elements=["part"], set_={"at": new.excluded.at})


def take_turn(engine: Engine, part: str, now: datetime, since: datetime) -> bool:
    """Whether the caller is to do what has not been begun by anybody since an instant; of several, one is."""
    taken = update(Heartbeat).where(col(Heartbeat.part) == part, col(Heartbeat.at) < since).values(at=now)
    with writing(engine) as session:
        if session.get(Heartbeat, part) is not None:
            return bool(session.execute(taken).rowcount)  # type: ignore[attr-defined]
    try:
        with writing(engine) as session:
            session.add(Heartbeat(part=part, at=now))
    except IntegrityError:
        return False
    return True


def leave(engine: Engine, part: str) -> None:
    """A part that is stopped on purpose is not missed."""
    with writing(engine) as session:
        session.execute(delete(Heartbeat).where(col(Heartbeat.part) == part))


def beats(session: Session) -> dict[str, datetime]:
    """The last sign of life of everything that has given one."""
    return {one.part: one.at for one in session.execute(select(Heartbeat)).scalars()}


def silent_parts(session: Session, now: datetime) -> list[Silent]:
    """What should go on all the time and does not; the longest silence first."""
    heard, began = beats(session), _began(session)
    found = [*_expected(heard, began, now), *_missed(heard, now)]
    return sorted(found, key=lambda one: one.since)


def _expected(heard: dict[str, datetime], began: datetime | None, now: datetime) -> Iterator[Silent]:
    for name, part in PARTS.items():
        since = heard.get(name) or began
        if since is not None and now - since > part.silent_after:
            yield Silent(name, part.words, since)


def _missed(heard: dict[str, datetime], now: datetime) -> Iterator[Silent]:
    for name, at in heard.items():
        part = HEARD.get(name) or (_worker(name) if name.startswith(ONE_WORKER) else None)
        if part is not None and part.silent_after < now - at < FORGOTTEN_AFTER:
            yield Silent(name, part.words, at)


def _worker(name: str) -> Part:
    return Part(f"arbetaren {name.removeprefix(ONE_WORKER)}", PARTS[WORKER].silent_after)


def _began(session: Session) -> datetime | None:
    """Since when there is anything to do here."""
    began: datetime | None = session.execute(select(func.min(col(AuditEvent.at)))).scalar_one()
    return began
