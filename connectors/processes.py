"""The processes that one process has started, and what they started, as Linux tells of them in /proc."""

import contextlib
import ctypes
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_SECONDS_TO_DIE = 5.0
_SET_PARENT_DEATH_SIGNAL, _SET_CHILD_SUBREAPER = 1, 36


@dataclass(frozen=True)
class Process:
    number: int
    parent: int
    session: int
    is_dead: bool
    """Ended, but not yet fetched by its parent."""


class Family:
    """A process that leads its own session, and all that came from it.

    Some lead sessions of their own and outlive whoever started them. So sessions once seen in the family are
    remembered, and whoever is in one of them belongs to it.
    """

    def __init__(self, head: int) -> None:
        self._sessions = {head}

    def members(self) -> list[int]:
        """The living ones, the head among them."""
        everybody = _everybody()
        numbers: set[int] = set()
        while True:
            found = {
                one.number for one in everybody if one.session in self._sessions or one.parent in numbers
            }
            if found <= numbers:
                return [one.number for one in everybody if one.number in numbers and not one.is_dead]
            numbers |= found
            self._sessions |= {one.session for one in everybody if one.number in numbers}

    def memory(self) -> int:
        """Bytes that the members hold and share with nobody."""
        return sum(_own_memory(number) for number in self.members())

    def end(self) -> None:
        """Kill them all, until none is left. Raises RuntimeError if some will not die."""
        until = time.monotonic() + _SECONDS_TO_DIE
        while members := self.members():
            for number in members:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            if time.monotonic() > until:
                raise RuntimeError(f"processes will not end: {members}")
            time.sleep(0.02)


def keep_together() -> None:
    """For the head to call: it inherits what its descendants leave behind, and ends with who started it."""
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((_SET_CHILD_SUBREAPER, 1), (_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)):
        if libc.prctl(option, value, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


def _everybody() -> list[Process]:
    found = (_process(int(folder.name)) for folder in _PROC.iterdir() if folder.name.isdigit())
    return [one for one in found if one is not None]


def _process(number: int) -> Process | None:
    """None for one that ended meanwhile."""
    try:
        # The name in brackets may hold spaces and brackets of its own.
        after_name = (_PROC / str(number) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    state, parent, _, session = after_name[:4]
    return Process(number, int(parent), int(session), state in ("Z", "X"))


def _own_memory(number: int) -> int:
    try:
        _, resident, shared = (_PROC / str(number) / "statm").read_text().split()[:3]
    except OSError:
        return 0
    return (int(resident) - int(shared)) * _PAGE
