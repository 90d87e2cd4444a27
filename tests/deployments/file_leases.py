"""Leases as files, whose age is that of their last renewal; and a worker of its own process to stop or kill.

Run as a program: the folder of its leases, and the seconds between renewals.
"""

import asyncio
import sys
import time
from collections.abc import Collection
from pathlib import Path
from uuid import UUID

from deployments.warm_worker import WarmWorker, work_until_signalled


class FileLeases:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, flow_run_id: UUID) -> None:
        self._file(flow_run_id).touch()

    def renew(self, flow_run_ids: Collection[UUID]) -> None:
        for flow_run_id in flow_run_ids:
            self._file(flow_run_id).touch()

    def drop(self, flow_run_id: UUID) -> None:
        self._file(flow_run_id).unlink(missing_ok=True)

    def is_held(self, flow_run_id: UUID, seconds: float) -> bool:
        """Whether the lease was renewed within so many seconds."""
        file = self._file(flow_run_id)
        return file.exists() and time.time() - file.stat().st_mtime < seconds

    def _file(self, flow_run_id: UUID) -> Path:
        return self._folder / str(flow_run_id)


if __name__ == "__main__":
    lone = WarmWorker(
        "warm", name="ensam", leases=FileLeases(Path(sys.argv[1])), renewal_seconds=float(sys.argv[2])
    )
    asyncio.run(work_until_signalled(lone))
