"""That what a process started can be found and ended, also when it went its own way."""

import subprocess
import sys
import time
from pathlib import Path

from connectors.processes import Family

_HEAD = """
import subprocess, time
from connectors.processes import keep_together
keep_together()
subprocess.Popen(["sleep", "61.5"], start_new_session=True)
subprocess.run(["sh", "-c", "setsid sh -c 'sleep 62.5 & exit' & exit"])
print("ready", flush=True)
time.sleep(60)
"""


def started() -> tuple[subprocess.Popen[str], Family]:
    head = subprocess.Popen(
        [sys.executable, "-c", _HEAD], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert head.stdout is not None and head.stdout.readline() == "ready\n"
    time.sleep(0.3)
    return head, Family(head.pid)


def commands(family: Family) -> list[str]:
    words = ((Path("/proc") / str(one) / "cmdline").read_text() for one in family.members())
    return sorted(" ".join(text.split("\0")[:2]) for text in words)


def running(number: int) -> bool:
    """Whether it still has a program: what has ended and waits for its parent has none."""
    program = Path("/proc") / str(number) / "cmdline"
    return program.exists() and program.read_text() != ""


def test_a_family_is_whole_and_ends_whole() -> None:
    head, family = started()
    assert commands(family)[-2:] == ["sleep 61.5", "sleep 62.5"] and len(family.members()) == 3
    assert family.memory() > 1_000_000
    members = family.members()
    family.end()
    head.wait()
    assert family.members() == []
    assert not any(running(one) for one in members)


def test_who_outlives_the_head_is_ended_too() -> None:
    head, family = started()
    assert len(family.members()) == 3
    head.kill()
    head.wait()
    assert commands(family) == ["sleep 61.5", "sleep 62.5"]
    family.end()
    assert family.members() == []


def test_another_process_is_left_alone() -> None:
    other = subprocess.Popen(["sleep", "63.5"], start_new_session=True)
    head, family = started()
    family.end()
    head.wait()
    assert other.poll() is None
    other.kill()
    other.wait()
