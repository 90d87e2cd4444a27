"""Letting the process go on: what an account's run does at every wake-up."""

from datetime import datetime

from sqlalchemy import Engine, select, update
from sqlmodel import col

from acts.work import work
from lifecycle import process
from models import Account
from models.seams import seam
from runtime.database import reading, writing


def news_of(engine: Engine, account_id: int) -> int:
    """How much news the account has had."""
    with reading(engine) as session:
        return int(
            session.execute(select(col(Account.news)).where(col(Account.id) == account_id)).scalar_one()
        )


def takes_run(engine: Engine, account_id: int, flow_run_id: str) -> bool:
    """Whether an account takes a run as its own: the one it has, or the first to come while it has none.

    That one is kept as its own: whoever made it may have died before they could say so.
    """
    with reading(engine) as session:
        its = session.execute(
            select(col(Account.flow_run_id)).where(col(Account.id) == account_id)
        ).scalar_one()
    if its is None and not _took_it(engine, account_id, flow_run_id):
        return takes_run(engine, account_id, flow_run_id)
    return its in (None, flow_run_id)


def _took_it(engine: Engine, account_id: int, flow_run_id: str) -> bool:
    """Whether the account still had no run; then it has this one."""
    has_none = (col(Account.id) == account_id, col(Account.flow_run_id).is_(None))
    with writing(engine) as session:
        taken = session.execute(update(Account).where(*has_none).values(flow_run_id=flow_run_id))
    return bool(taken.rowcount == 1)  # type: ignore[attr-defined]


def has_news(engine: Engine, account_id: int) -> bool:
    """Whether something of the account has not been seen by any look."""
    unseen = select(col(Account.id)).where(
        col(Account.id) == account_id, col(Account.news) > col(Account.seen)
    )
    with reading(engine) as session:
        return session.execute(unseen).first() is not None


def take(engine: Engine, account_id: int, stage: process.Stage, now: datetime) -> str | None:
    """Run one stage in its own transaction; returns what the account waits for, or None past the stage."""
    with work(engine, now) as session:
        return stage(session, process.account_for_look(session, account_id), now)


def finish(engine: Engine, account_id: int, waits_for: str | None, saw: int, now: datetime) -> str:
    """Keep that the account was looked at; returns what the run list shows."""
    with work(engine, now) as session:
        account = process.account_for_look(session, account_id)
        process.finish_look(session, account, waits_for, saw, now)
        shown = account.waits_for
    seam("after_look")
    return shown


def look(engine: Engine, account_id: int, now: datetime) -> str | None:
    """Take an account as far as it goes, in one transaction."""
    with work(engine, now) as session:
        return process.look(session, account_id, now)
