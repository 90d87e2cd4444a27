"""What is done in a copy before it is used: the world around it has gone on, and must be met anew.

Prefect still has the runs that came after the copy, under the keys that the copy's accounts would use for
their next ones; whatever it gave back for such a key would be a run of another time. So every account begins
a new series of runs, and the runs of the old series are put away by the worker (`flows.strays`). Pages of the
desk are written again, since Prefect shows what they came to be. Letters that were under way leave once more
with the same Message-ID; links need nothing, since their hashes are in the copy.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, bindparam, delete, select, update
from sqlmodel import Session, col

from acts.heartbeats import beats
from acts.restored import RESTORED_PART
from acts.work import work
from backups.alive import is_sign
from backups.lost import Lost
from backups.manifest import Manifest
from lifecycle.events import By, EventKind
from lifecycle.invariants import TRUTHS, violations
from lifecycle.journal import record, verify
from models import Account, DeskSheet, Heartbeat, Municipality, RunLease, metadata
from runtime.database import reading

_BY = By(None, "cli")
_ACCOUNTS = metadata.tables["account"]
_CLAIMS = "round:%:%"
"""Rounds that were being gone when the copy was taken."""


@dataclass(frozen=True)
class Found:
    """What a copy was found to be: municipalities whose log does not hold, and truths that do not."""

    breaks: list[str]
    untrue: list[str]


def settle(engine: Engine, manifest: Manifest, lost: list[Lost] | None, now: datetime) -> Found:
    """Make a copy fit to be worked with, say in each log that it was put back, and look it through."""
    with work(engine, now) as session:
        _begin_runs_anew(session)
        _forget_who_was_at_work(session, now)
        for one in session.execute(select(Municipality).order_by(col(Municipality.id))).scalars().all():
            _record(session, one, manifest, lost, now)
    return _found(engine, now)


def _begin_runs_anew(session: Session) -> None:
    ids = session.execute(select(col(Account.id))).scalars().all()
    if ids:
        anew = {"run_number": 1, "flow_run_id": None, "woken_news": 0, "woken_at": None}
        begin = update(_ACCOUNTS).where(_ACCOUNTS.c.id == bindparam("of"))
        begin = begin.values(run_seed=bindparam("seed"), **anew)
        session.connection().execute(begin, [{"of": one, "seed": secrets.token_hex(4)} for one in ids])
    session.execute(update(DeskSheet).values(digest=""))


def _forget_who_was_at_work(session: Session, now: datetime) -> None:
    session.execute(delete(RunLease))
    signs = [one for one in beats(session) if is_sign(one)]
    at_it = col(Heartbeat.part).in_(signs) | col(Heartbeat.part).like(_CLAIMS)
    session.execute(delete(Heartbeat).where(at_it))
    session.merge(Heartbeat(part=RESTORED_PART, at=now))


def _record(
    session: Session, one: Municipality, manifest: Manifest, lost: list[Lost] | None, now: datetime
) -> None:
    """What came after the copy is not in this log: how it ended, the log says all the same."""
    ended = next((each for each in lost or [] if each.name == one.name), None)
    facts = {
        "taken_at": manifest.began_at.isoformat(),
        "lost": ended.events if ended else 0 if lost is not None else None,
        "lost_digest": ended.last_digest if ended else "",
    }
    record(session, EventKind.RESTORED, now, municipality_id=one.id, by=_BY, facts=facts)


def _found(engine: Engine, now: datetime) -> Found:
    breaks: list[str] = []
    untrue: list[str] = []
    with reading(engine, at_one_instant=True) as session:
        for one in session.execute(select(Municipality).order_by(col(Municipality.id))).scalars().all():
            breaks += [one.name] if verify(session, one.id or 0).breaks else []
            untrue += [
                f"{one.name}, {each.subject}: {TRUTHS[each.truth].says}"
                for each in violations(session, one.id or 0, now)
            ]
    return Found(breaks, untrue)
