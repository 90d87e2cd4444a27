"""What a process and all that it started take of the machine, as Linux counts it."""

import os
import time
from collections.abc import Collection
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> set[int]:
    """A process and everything that came of it."""
    parents = {int(one.name): _parent(one) for one in PROC.iterdir() if one.name.isdecimal()}
    found, new = {pid}, {pid}
    while new:
        new = {one for one, parent in parents.items() if parent in new} - found
        found |= new
    return found


def _parent(process: Path) -> int:
    return int(_stat(process)[1]) if (process / "stat").exists() else 0


def _stat(process: Path) -> list[str]:
    """The fields after the name, which may have blanks in it; none of one that has just ended."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["", "0"] + ["0"] * 20


def cpu_seconds(pids: Collection[int], *, with_ended: bool = False) -> float:
    """Processor time of some processes up to now; if asked, with what they started and has ended."""
    times = slice(11, 15) if with_ended else slice(11, 13)
    return sum(int(ticks) for one in pids for ticks in _stat(PROC / str(one))[times]) / TICKS


def share_of_core(pids: Collection[int], seconds: float) -> float:
    """Of one processor, over some time, in percent."""
    before, began = cpu_seconds(pids), time.monotonic()
    time.sleep(seconds)
    return 100 * (cpu_seconds(pids) - before) / (time.monotonic() - began)


def memory(pids: Collection[int]) -> float:
    """Megabytes: each process's own, and its share of what several have in common (PSS)."""
    lines = [line for one in pids for line in _rollup(one) if line.startswith("Pss:")]
    return sum(int(line.split()[1]) for line in lines) / 1024


def _rollup(pid: int) -> list[str]:
    try:
        return (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return []
