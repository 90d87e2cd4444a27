"""Figures that a run by hand comes to, kept in `docs/` with the day, the machine and the commit."""

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

_PROOFS = "KANALVAKT_PROOFS"
ROOT = Path(__file__).resolve().parent.parent
SECTION = "\n## "


def prove(section: str, what: str, found: float, wanted: float, *, at_least: bool = False) -> None:
    """Keep what was counted beside what it has to be; `print_proofs` tells it when the tests have been run.

    It fails nothing: the test says itself what must hold, after it has told what it found.
    """
    reached = found >= wanted if at_least else found <= wanted
    limit = f"at least {number(wanted)}" if at_least else f"at most {number(wanted)}" if wanted else "0"
    if file := os.environ.get(_PROOFS):
        row = [what, number(found), limit, "yes" if reached else "**no**"]
        with Path(file).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"section": section, "row": row}) + "\n")


def number(value: float) -> str:
    """As it is read: whole ones in groups of three, others with three figures."""
    return f"{value:,.0f}" if value == int(value) else f"{value:.3g}"


def begin(file: Path) -> None:
    """From now on proofs are kept, in this process and those that it starts."""
    file.write_text("")
    os.environ[_PROOFS] = str(file)


def print_proofs(noted: Path) -> None:
    """What was counted, one line each."""
    for line in map(json.loads, noted.read_text("utf-8").splitlines()):
        what, found, limit, reached = line["row"]
        print(f"{line['section']}: {what}: {found} ({limit}){'' if reached == 'yes' else '  NOT REACHED'}")


def write_proofs(noted: Path, into: Path, beginning: str) -> None:
    """Write the sections that this run has proved anew; the others stay with their own day and commit."""
    lines = [json.loads(line) for line in noted.read_text("utf-8").splitlines()]
    kept = into.read_text("utf-8").split(SECTION)[1:] if into.exists() else []
    sections = {text.split("\n", 1)[0]: text.rstrip() for text in kept}
    for title in dict.fromkeys(line["section"] for line in lines):
        rows = [line["row"] for line in lines if line["section"] == title]
        table = [["What", "Found", "Wanted", "Reached"], ["---", "---:", "---:", "---"], *rows]
        written = [f"| {' | '.join(row)} |" for row in table]
        sections[title] = "\n".join([title, "", *written, "", where()])
    if lines:
        text = [beginning.rstrip(), *(one.rstrip() for one in sections.values())]
        into.write_text(f"\n{SECTION}".join(text) + "\n")


def where() -> str:
    """The day, the machine and the commit, in a sentence."""
    return f"Measured {datetime.now(UTC):%Y-%m-%d} at commit {_commit()}, on {_machine()}."


def _commit() -> str:
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True).stdout.strip()

    # The pages that figures are written to are not what is measured.
    others = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs")
    changed = " with changes" if others else ""
    return f"`{git('rev-parse', '--short', 'HEAD') or 'unknown'}`{changed}"


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    processors = len(os.sched_getaffinity(0))
    runs = f"{platform.system()}, Python {platform.python_version()}"
    return f"{processors} processors ({_model()}), {memory:.0f} GB of memory, {runs}"


def _model() -> str:
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    named = [line for line in lines if line.startswith("model name")]
    return named[0].split(":", 1)[1].strip() if named else platform.machine()
