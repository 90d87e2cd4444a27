"""Whether somebody is at work on a database, by what they leave in it."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select
from sqlmodel import col

from models import Heartbeat, RunLease
from runtime.clock import machine_now
from runtime.database import reading

SILENT_AFTER = timedelta(minutes=3)
"""A worker says that it lives twice a minute."""
WORKER = "worker"


def alive(engine: Engine, now: datetime) -> str:
    """What shows that a worker is alive, in a sentence; empty when none is."""
    with reading(engine) as session:
        beat = session.execute(select(col(Heartbeat.at)).where(col(Heartbeat.part) == WORKER)).scalar()
        held = select(func.count()).select_from(RunLease).where(col(RunLease.expires_at) > machine_now())
        leases = session.execute(held).scalar_one()
    if beat is not None and now - beat < SILENT_AFTER:
        seconds = max(0, round((now - beat).total_seconds()))
        return f"Arbetaren är igång: den gav livstecken för {seconds} sekunder sedan."
    return f"Arbetaren är igång: den kör {leases} körningar." if leases else ""
