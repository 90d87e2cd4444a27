"""Leases in our own database: which flow runs a worker provably executes."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Engine, delete, select
from sqlmodel import Session, col

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
        if not flow_run_ids:
            return
        with writing(self._engine) as session:
            for flow_run_id in flow_run_ids:
                self._hold(session, str(flow_run_id))

    def _hold(self, session: Session, flow_run_id: str) -> None:
        rows = select(RunLease).where(col(RunLease.flow_run_id) == flow_run_id)
        lease = session.execute(rows).scalars().first()
        lease = lease or RunLease(flow_run_id=flow_run_id, worker=self._worker, expires_at=machine_now())
        lease.worker, lease.expires_at = self._worker, machine_now() + self._lasts
        session.add(lease)

    def drop(self, flow_run_id: UUID) -> None:
        """End our own lease; another worker's on the same run is not ours to end."""
        ours = (col(RunLease.flow_run_id) == str(flow_run_id), col(RunLease.worker) == self._worker)
        with writing(self._engine) as session:
            session.execute(delete(RunLease).where(*ours))
