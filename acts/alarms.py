"""Telling of silence by another way than our own letters: at most once an hour, and once when it is over."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete
from sqlmodel import col

from acts.heartbeats import Silent
from models import Heartbeat
from runtime.database import writing

AGAIN_AFTER = timedelta(hours=1)
TOLD = "alarm"
"""When it was last told that something is silent; gone when nothing is."""
SILENT, OVER = "Kanalvakt: något är tyst", "Kanalvakt: allt går igen"

Send = Callable[[str, str], None]
"""Subject and text, to whoever is to hear of it."""


def tell_of_silence(engine: Engine, silent: Sequence[Silent], now: datetime, send: Send) -> None:
    """Send what is silent, or that all is well again, if that has not been told.

    Of several portals one tells. What could not be sent is tried again the next time; then `send` raises.
    """
    if silent and _claim(engine, now):
        _sent_or_unclaimed(engine, send, SILENT, said_of(silent))
    elif not silent and _forget(engine):
        send(OVER, "Allt som var tyst har hörts av.")


def _claim(engine: Engine, now: datetime) -> bool:
    with writing(engine) as session:
        told = session.get(Heartbeat, TOLD, with_for_update=True)
        if told is not None and now - told.at < AGAIN_AFTER:
            return False
        session.merge(Heartbeat(part=TOLD, at=now))
        return True


def _sent_or_unclaimed(engine: Engine, send: Send, subject: str, text: str) -> None:
    try:
        send(subject, text)
    except Exception:
        _forget(engine)
        raise


def _forget(engine: Engine) -> bool:
    """Whether there was anything to forget."""
    with writing(engine) as session:
        gone = session.execute(delete(Heartbeat).where(col(Heartbeat.part) == TOLD))
        return bool(gone.rowcount)  # type: ignore[attr-defined]


def said_of(silent: Sequence[Silent]) -> str:
    """One line for each part, with its last sign of life in UTC."""
    return "\n".join(
        f"{one.says[:1].upper()}{one.says[1:]} har inte hörts av sedan {one.since:%Y-%m-%d %H:%M} UTC."
        for one in silent
    )
