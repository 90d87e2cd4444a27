"""The one place that reads the clock, and in a demonstration moves it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from runtime.settings import settings


def now() -> datetime:
    """This instant, aware, in UTC. In a demonstration with a clock file, moved as the file says."""
    file = settings().clock_file
    return machine_now() if file is None else moved_now(file)


def machine_now() -> datetime:
    """By the machine's own clock, which nothing moves: for what is between processes, such as leases."""
    return datetime.now(UTC)


def moved_now(file: Path) -> datetime:
    """The instant in a demonstration: its clock file holds the seconds to add, read anew each time."""
    return machine_now() + timedelta(seconds=float(file.read_text()))
