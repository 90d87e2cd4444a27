"""Leases in our own database: which flow runs a worker provably executes."""

from collections.abc import Collection
from datetime import timedelta
from functools import cache
from uuid import UUID

from sqlalchemy import Engine, Executable, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from models import RunLease
from runtime.clock import machine_now
from runtime.database import writing

RENEWALS = 4
"""So often in its time a lease is renewed: some may fail before a live run counts as left."""


class DatabaseLeases:
    """The worker's leases as rows, seen by whoever heals, wherever it runs."""

    def __init__(self, engine: Engine, worker: str, seconds: float) -> None:
        self._engine, self._worker, self._lasts = engine, worker, timedelta(seconds=seconds)

    def take(self, flow_run_id: UUID) -> None:
        self.renew([flow_run_id])

    def renew(self, flow_run_ids: Collection[UUID]) -> None:
        """Hold them for a while more. One whose run ends meanwhile hinders no other."""
        if not flow_run_ids:
            return
        held = {"worker": self._worker, "expires_at": machine_now() + self._lasts}
        rows = [{"flow_run_id": str(one), **held} for one in sorted(flow_run_ids)]
        with writing(self._engine) as session:
            session.execute(_hold(self._engine.dialect.name), rows)

    def drop(self, flow_run_id: UUID) -> None:
        """End our own lease; another worker's on the same run is not ours to end."""
        ours = (col(RunLease.flow_run_id) == str(flow_run_id), col(RunLease.worker) == self._worker)
        with writing(self._engine) as session:
            session.execute(delete(RunLease).where(*ours))


@cache
def _hold(dialect: str) -> Executable:
    """Take a lease, or keep it: in one statement, since another may end between two."""
    new = sqlite.insert(RunLease) if dialect == "sqlite" else postgresql.insert(RunLease)
    held = {"worker": new.excluded.worker, "expires_at": new.excluded.expires_at}
    return new.on_conflict_do_update(index_elements=["flow_run_id"], set_=held)
