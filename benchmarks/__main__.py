"""`make bench`: the works one at a time, one table, and `docs/performance.md` with its figures and pictures.

    .venv/bin/python -m benchmarks [names]

Named works alone are measured, and replace only their own rows. The whole takes at most twenty minutes.
"""

import importlib
import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import SUBJECTS
from benchmarks.kept import keep, kept_in, plain, work_from, write_page
from benchmarks.table import goals_of, text_of
from benchmarks.works import Measure, Work
from runtime.starting import keep_what_is_loaded, look_seldom_for_garbage
from tests.figures import ROOT, where

MINUTES = 20
STOP_SECONDS = 60
ONLY = "--only"


def main(names: list[str], folder: Path = ROOT / "docs") -> int:
    """Measure, print and write; 0 unless something could not be measured. A goal not reached is told."""
    unknown = sorted(set(names) - set(SUBJECTS))
    if unknown:
        print(f"No such work: {', '.join(unknown)}. Works: {', '.join(SUBJECTS)}")
        return 2
    begun, place, failed = time.monotonic(), where(), list[str]()
    for subject in [one for one in SUBJECTS if not names or one in names]:
        since = time.monotonic()
        works, ended = measured(subject, begun + MINUTES * 60 - since)
        print(f"\n{subject}: {time.monotonic() - since:.0f} s", flush=True)
        failed += [] if ended else [subject]
        if works:
            keep(folder, subject, works, place)
    write_page(folder, SUBJECTS)
    print_summary(folder, names, failed, time.monotonic() - begun)
    return 1 if failed else 0


def measured(subject: str, seconds: float) -> tuple[list[Work], bool]:
    """A subject's works, printed one after another as they are done, and whether it came to its end."""
    print(f"\n━━ {subject} ".ljust(100, "━"), flush=True)
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as noted:
        command = [sys.executable, "-m", "benchmarks", ONLY, subject, noted.name]
        with subprocess.Popen(command, cwd=ROOT) as process:
            ended = ended_within(process, max(1, seconds))
        lines = Path(noted.name).read_text("utf-8").splitlines()
    return [work_from(json.loads(line)) for line in lines], ended


def ended_within(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Whether it ended well and in time; else it is asked to stop, so that it stops what it has started."""
    try:
        return process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        print(f"Not done within the {MINUTES} minutes of the whole.")
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
    return False


def measure_here(subject: str, noted: Path) -> None:
    """Measure a subject in this process, noting and printing each work when it is done."""
    measure: Measure = importlib.import_module(f"benchmarks.{subject}").measure
    keep_what_is_loaded()
    look_seldom_for_garbage()
    with noted.open("a", encoding="utf-8") as lines:
        for work in measure():
            print(f"\n{text_of(work)}", flush=True)
            lines.write(json.dumps(plain(work)) + "\n")


def print_summary(folder: Path, names: list[str], failed: list[str], seconds: float) -> None:
    """All goals in one table, how many were reached, and what could not be measured."""
    subjects = [one for one in kept_in(folder).items() if not names or one[0] in names]
    works = [work_from(kept) for _, one in subjects for kept in one["works"]]
    goals = list(goals_of(works))
    print("\n━━ goals ".ljust(100, "━"))
    for work, found, wanted, reached in goals:
        print(f"{reached:<4}{work}: {found} ({wanted})")
    count = sum(goal.is_reached for work in works for goal in work.goals)
    print(f"{count} of {len(goals)} goals reached, in {seconds / 60:.1f} minutes")
    if failed:
        left = " ".join(failed)
        print(f'Not measured to the end: {left}. By themselves: make bench NAMES="{left}"')


if __name__ == "__main__":
    if sys.argv[1:2] == [ONLY]:
        measure_here(sys.argv[2], Path(sys.argv[3]))
    else:
        sys.exit(main(sys.argv[1:]))
