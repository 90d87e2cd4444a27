"""The one transaction that every path uses: session, events announced, commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from acts.announcing import announce
from models.seams import seam
from runtime.database import writing


@contextmanager
def work(engine: Engine, now: datetime) -> Iterator[Session]:
    """Do something and tell about it, whole or not at all.

    What was recorded becomes letters in the same transaction, before its commit, so that no path
    can forget a notice and no letter is queued for what did not happen.
    """
    with writing(engine) as session:
        yield session
        announce(session, now)
        session.flush()
        seam("before_commit")
    seam("after_commit")
