"""A demonstration's clock: a file with the seconds that every process of its stack adds to the time."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from runtime.clock import machine_now, moved_now


@dataclass(frozen=True)
class MovedClock:
    """The file, which processes are told of by KANALVAKT_CLOCK_FILE."""

    file: Path

    @classmethod
    def starting(cls, file: Path, at: datetime) -> Self:
        """A clock that shows the instant, past or to come, and goes on from there."""
        clock = cls(file)
        clock._show(at)
        return clock

    def now(self) -> datetime:
        """What it shows."""
        return moved_now(self.file)

    def move_to(self, moment: datetime) -> None:
        """Go on to a later instant. Raises ValueError for one that has passed: nothing is lived again."""
        if moment < self.now():
            raise ValueError(f"the clock is past {moment.isoformat()}")
        self._show(moment)

    def _show(self, moment: datetime) -> None:
        """The file is whole or the one before: others read it all the time."""
        unfinished = self.file.with_suffix(".part")
        unfinished.write_text(str((moment - machine_now()).total_seconds()))
        unfinished.replace(self.file)
