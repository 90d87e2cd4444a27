"""One place reads the machine's clock, and hands on what it read: so all else can be tried at any time."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("acts", "cli", "connectors", "flows", "lifecycle", "models", "notifications", "policies", "web")
READS = {
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("date", "today"),
    ("pendulum", "now"),
    ("pendulum", "today"),
    ("time", "time"),
    ("time", "localtime"),
}
MAY = {"notifications/mail.py"}
"""It dates news of the installation itself, which apprise hands it without a time."""
PYTHON = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def reads_of(code: str) -> Iterator[str]:
    """Where a clock is read, as "12: datetime.now"."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute) and (_owner(node), node.attr) in READS:
            yield f"{node.lineno}: {_owner(node)}.{node.attr}"


def _owner(node: ast.Attribute) -> str:
    """What stands before the last dot."""
    owner = node.value
    return owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""


def test_nobody_else_reads_the_machines_clock() -> None:
    read = {str(path.relative_to(ROOT)): list(reads_of(path.read_text("utf-8"))) for path in PYTHON}
    assert {path: lines for path, lines in read.items() if lines and path not in MAY} == {}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import datetime\nx = datetime.datetime.now()", ["2: datetime.now"]),
        ("from datetime import date\nx = date.today", ["2: date.today"]),
        ("import time\nx = time.time()", ["2: time.time"]),
        ("import time\nx = time.monotonic()", []),
        ("from runtime import clock\nx = clock.now()", []),
    ],
)
def test_reading_it_is_seen(code: str, found: list[str]) -> None:
    assert list(reads_of(code)) == found
