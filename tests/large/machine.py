"""What the parts of an installation have cost the machine so far: processor seconds and memory."""

import os
from collections import defaultdict
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
_PARENT, _TIMES, _PAGES = 1, slice(11, 15), 21
"""Places in /proc/PID/stat after the program's name."""


def _all() -> dict[int, list[str]]:
    found = {}
    for one in Path("/proc").iterdir():
        if one.name.isdigit():
            try:
                found[int(one.name)] = (one / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # It has ended meanwhile.
    return found


def family(pid: int) -> list[list[str]]:
    """A process with all that it has started, as /proc tells of them."""
    processes, children = _all(), defaultdict(list)
    for one, stat in processes.items():
        children[int(stat[_PARENT])].append(one)
    found, left = [], [pid]
    while left:
        one = left.pop()
        found += [processes[one]] if one in processes else []
        left += children[one]
    return found


def processor_seconds(pid: int) -> float:
    """Of a process and all that it has started, those that have ended as well."""
    return sum(int(ticks) for stat in family(pid) for ticks in stat[_TIMES]) / TICKS


def megabytes(pid: int) -> float:
    """Resident; what PostgreSQL's processes share is counted in each."""
    return sum(int(stat[_PAGES]) for stat in family(pid)) * PAGE / 2**20
