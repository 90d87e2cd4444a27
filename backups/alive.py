"""Whether somebody is at work on a database, by what they leave in it."""

from datetime import datetime

from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from acts.heartbeats import HEARD, ONE_WORKER, PARTS, PORTAL, beats
from models import RunLease
from runtime.clock import machine_now
from runtime.database import reading

SIGNS = {**PARTS, **HEARD}


def alive(engine: Engine, now: datetime) -> str:
    """What shows that a worker or a portal is alive, in a sentence; empty when none is."""
    with reading(engine) as session:
        return _heard(session, now) or _carries(session)


def _heard(session: Session, now: datetime) -> str:
    lately = [
        (now - at, name)
        for name, at in beats(session).items()
        if name in SIGNS and now - at < SIGNS[name].silent_after
    ]
    if not lately:
        return ""
    since, name = min(lately)
    who = "Portalen" if name == PORTAL else "Arbetaren"
    return f"{who} är igång: den gav livstecken för {max(0, round(since.total_seconds()))} sekunder sedan."


def _carries(session: Session) -> str:
    """Leases go by the machine's clock."""
    held = select(func.count()).select_from(RunLease).where(col(RunLease.expires_at) > machine_now())
    leases = session.execute(held).scalar_one()
    return f"Arbetaren är igång: den kör {leases} körningar." if leases else ""


def is_sign(part: str) -> bool:
    """Whether a sign of life is of somebody who was at work, and not of a round that was gone."""
    return part in SIGNS or part.startswith(ONE_WORKER)
