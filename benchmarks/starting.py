"""The second start of `make run`, beside `prefect server start` alone, and what it takes of memory."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.taken import family, memory
from benchmarks.works import Goal, Way, Work
from deployments.prefect_server import PrefectAddress, is_ready
from deployments.processes import free_port

TIMES = 2
PATIENCE = 300.0
SETTLES_IN = 10.0
REMARK = (
    "Memory is PSS, the sum of all processes ten seconds after the start: Prefect's server, worker, portal"
    " and the demonstration's mailbox. Each of them loads what it needs anew, all at once on two processors."
    " The next idea is a worker that says it is there before it has loaded its flows."
)


def measure(times: int = TIMES) -> Iterator[Work]:
    """Both in folders that have been started in once."""
    with tempfile.TemporaryDirectory(prefix="kanalvakt-bench-") as folder:
        ours, limit = _MakeRun(Path(folder) / "ours"), PrefectAlone(Path(folder) / "prefect", free_port())
        for one in (ours, limit):
            _started(one)
        starts = [(_started(limit), _started(ours)) for _ in range(times)]
    alone, whole = zip(*starts, strict=True)
    ours_way = Way("make run", 1, tuple(one.seconds for one in whole))
    limit_way = Way("prefect server start", 1, tuple(one.seconds for one in alone))
    megabytes = max(one.megabytes for one in whole)
    yield Work(
        name="Second start",
        where="until all answers",
        ways=(ours_way, limit_way),
        goals=(
            Goal("seconds more than Prefect's server alone", ours_way.median - limit_way.median, 5.0),
            Goal("MB of memory in all", megabytes, 750.0),
        ),
        remark=f"{REMARK} Prefect's server alone: {max(one.megabytes for one in alone):.0f} MB.",
    )


@dataclass(frozen=True)
class _Started:
    seconds: float
    megabytes: float


@dataclass(frozen=True)
class _MakeRun:
    """What `make run` runs."""

    folder: Path

    command = ("-m", "deployments.local_stack")

    def environment(self) -> Mapping[str, str]:
        return {"KANALVAKT_DATA": str(self.folder), "PYTHONUNBUFFERED": "1"}

    def is_ready(self, log: Path) -> bool:
        return "Kanalvakt är igång" in log.read_text(errors="replace")


@dataclass(frozen=True)
class PrefectAlone:
    """Prefect's server as it comes."""

    folder: Path
    port: int

    @property
    def command(self) -> Sequence[str]:
        return ("-m", "prefect", "server", "start", "--port", str(self.port))

    def environment(self) -> Mapping[str, str]:
        return {
            "PREFECT_HOME": str(self.folder),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        }

    def is_ready(self, log: Path) -> bool:
        return is_ready(PrefectAddress(port=self.port))


Starts = _MakeRun | PrefectAlone


def _started(one: Starts) -> _Started:
    """Start it, wait until it is ready and has settled, and end it."""
    began = time.perf_counter()
    with running(one) as process:
        wait_until_ready(one, process)
        seconds = time.perf_counter() - began
        time.sleep(SETTLES_IN)
        return _Started(seconds, memory(family(process.pid)))


@contextmanager
def running(one: Starts) -> Iterator[subprocess.Popen[bytes]]:
    """It goes inside, and has ended afterwards."""
    one.folder.mkdir(parents=True, exist_ok=True)
    with _log_of(one).open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, *one.command],
            env=os.environ | one.environment(),
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def wait_until_ready(one: Starts, process: subprocess.Popen[bytes]) -> None:
    """Raises RuntimeError with what it said last when it does not come so far."""
    deadline, log = time.monotonic() + PATIENCE, _log_of(one)
    while not one.is_ready(log):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"it did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)


def _log_of(one: Starts) -> Path:
    return one.folder.with_suffix(".log")
