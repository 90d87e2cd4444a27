"""Letting the process go on: what the account's run does at every wake-up, one transaction a stage."""

from datetime import datetime

from sqlalchemy import Engine

from acts.work import work
from lifecycle import process


def take(engine: Engine, account_id: int, stage: process.Stage, now: datetime) -> str | None:
    """Run one stage; returns what the account waits for, or None when it has passed the stage."""
    with work(engine, now) as session:
        return stage(session, process.account_for_look(session, account_id), now)


def look(engine: Engine, account_id: int, now: datetime) -> str | None:
    """Take an account as far as it goes, in one transaction."""
    with work(engine, now) as session:
        return process.look(session, account_id, now)
