"""Runs the checks and every part of the tests, two at a time, and says at the end how long each took.

A part is run when one of its folders exists; named on the command line, only those parts are run, and those
that take long are run only then.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests import figures

ROOT = Path(__file__).resolve().parent.parent
INSTALLED = ROOT / ".venv" / ".installed"
NO_TESTS_COLLECTED = 5
MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 4_000_000_000


@dataclass(frozen=True)
class Part:
    name: str
    title: str
    folders: tuple[str, ...]
    """And single files, where only those are meant."""
    budget_minutes: float | None = None
    options: tuple[str, ...] = ()
    by_hand: bool = False
    """Whether it is only run when it is named."""

    def existing(self) -> list[str]:
        return [f"tests/{folder}" for folder in self.folders if (ROOT / "tests" / folder).exists()]


@dataclass(frozen=True)
class Ran:
    title: str
    seconds: float
    budget_minutes: float | None
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    remark: str = ""

    @property
    def slow(self) -> bool:
        return self.budget_minutes is not None and self.seconds > self.budget_minutes * 60


OF_THE_CLOCK = (
    "cli/test_audit.py",
    "cli/test_municipality.py",
    "cli/test_people.py",
    "lifecycle/test_almanac.py",
    "lifecycle/test_published_calendar.py",
    "lifecycle/test_watching.py",
)
"""Run with the machine's clock and zone moved: what reads that clock, and what reckons with days."""

ON_POSTGRESQL = (
    "lifecycle/test_cases.py",
    "lifecycle/test_leaving.py",
    "lifecycle/test_posting.py",
    "lifecycle/test_watching.py",
)
"""The rules whose statements are the least plain; what people and the clock do is tested on both anyway."""

HOSTILE = tuple(
    f"attacks/test_{name}.py" for name in ("forms", "outside", "written_in", "fuzz_portal", "fuzz_read")
)
"""What is tried to harm it, in each change with two thousand cases of the fuzzing."""

AT_LENGTH = ("--cases=50000", "--timeout=1200")

OFTEN = ("--hypothesis-profile=torture", "--timeout=1200")

CHOICES = tuple(f"policies/test_every_{name}.py" for name in ("key", "number", "value"))
"""Each key, number and word that a policy chooses, changed."""

YEARS = tuple(f"simulation/test_{name}.py" for name in ("years", "same_seed", "people", "twice"))
"""A whole year of every policy, and every round gone twice under each: too long for each change."""

OPEN = ("stories/test_outside_its_place.py", "web/test_headers.py", "deployments/test_starting.py")
"""Alone, the first tells whole lives before it looks; after the demonstration's tests there are theirs."""

DAYS = tuple(f"simulation/test_{name}.py" for name in ("forecasting", "holidays", "post", "traces", "words"))
REFUSED_COPIES = "backups/test_refusals.py"
PICTURED = ("connectors/test_capturing.py", "connectors/test_looking_at_pages.py")
"""Each of them starts a browser of its own."""
LETTERS = "browser/test_letters.py"
ATTACKS = ("attacks/long_links.py",)
"""So many attempts that no change can wait for them; with few of them they stand in the other parts."""


def without(*files: str) -> tuple[str, ...]:
    """All of a part's folders but these files, which are run by hand."""
    return tuple(f"--ignore=tests/{one}" for one in files)


PARTS = (
    Part("policies", "policies", ("policies",), 2, options=without(*CHOICES)),
    Part("rules", "rules", ("lifecycle",), 2),
    Part(
        "acts",
        "database and outbox",
        ("migrations", "backups", "runtime", "acts", "notifications"),
        2,
        options=without(REFUSED_COPIES),
    ),
    Part("browser", "browser", ("browser",), 2, options=without(LETTERS)),
    Part("portal", "portal, commands and docs", ("web", "cli", "languages", "docs", "benchmarks")),
    Part("prefect", "real Prefect", ("flows", "deployments"), 2.5),
    Part("kills", "kills", ("kills",), 1, options=without("kills/test_silence.py")),
    Part("connectors", "connectors", ("connectors",), options=without(*PICTURED)),
    Part("large", "strictly apart", ("large",)),
    Part("attacks", "hostile input", ("attacks",), 1, options=without("attacks/test_written_in.py")),
    Part("stories", "stories", ("stories",)),
    Part("roles", "who may do what", ("roles",)),
    Part("papers", "papers, with veraPDF", ("papers",), 0.5),
    Part(
        "killed",
        "killed 300 times",
        ("kills/test_many_kills.py",),
        15,
        options=("--kills=200", "--kills-on-postgresql=100"),
        by_hand=True,
    ),
    Part("years", "played years", YEARS, 30, by_hand=True),
    Part("links", "links under attack", ATTACKS, by_hand=True),
    Part("fuzz", "hostile input, at length", HOSTILE, options=AT_LENGTH, by_hand=True),
    Part("everybody", "who may do what, all of it", ("roles",), 8, ("--every-cell",), by_hand=True),
    Part("open", "nothing outside its place", OPEN, by_hand=True),
    Part("choices", "every choice of a policy", CHOICES, by_hand=True),
    Part("captures", "pages that are captured", PICTURED, by_hand=True),
    Part("letters", "letters in a browser", (LETTERS,), by_hand=True),
    Part("silence", "each part stopped", ("kills/test_silence.py",), by_hand=True),
    Part("simulation", "played days", DAYS, by_hand=True),
    Part("postgresql", "rules on PostgreSQL", ON_POSTGRESQL, options=("--on-postgresql",), by_hand=True),
    Part("saturday", "as if on a Saturday", OF_THE_CLOCK, options=("--as-if=saturday",), by_hand=True),
    Part(
        "christmas", "as if on Christmas Eve", OF_THE_CLOCK, options=("--as-if=christmas-eve",), by_hand=True
    ),
    Part("night", "as if at 03.00 elsewhere", OF_THE_CLOCK, options=("--as-if=night",), by_hand=True),
    Part("copies", "copies that are refused", (REFUSED_COPIES,), by_hand=True),
    Part("leaks", "nothing but what is public", ("web/test_nothing_leaks.py",), options=OFTEN, by_hand=True),
)
"""Two at a time, so the longest first. What a part's tests share (a server, a database) they set up once."""

AT_ONCE = 2
"""With a third on two processors, each takes half as long again."""


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - {part.name for part in PARTS})
    if unknown:
        print(f"No such part: {', '.join(unknown)}. Parts: {', '.join(part.name for part in PARTS)}")
        return 2
    chosen = [
        part for part in PARTS if part.existing() and (part.name in names or not (names or part.by_hand))
    ]
    started = time.monotonic()
    keep_files_in_memory()
    proofs = keep_proofs()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        checks = [] if names else [pool.submit(checked), pool.submit(all_tests_have_a_part)]
        parts = [pool.submit(tested, part) for part in chosen]
        ran = [one.result() for one in (*checks, *parts)]
    figures.print_proofs(proofs)
    if any(part.by_hand for part in chosen):
        figures.write_proofs(proofs, ROOT / "docs" / "reliability.md", ABOUT_PROOFS)
    passed, failed = sum(one.passed for one in ran), sum(one.failed for one in ran)
    if not passed and not failed:
        print("No test was run.")
        failed = 1
    installed = installation()
    print_table([*installed, *ran], time.monotonic() - started + sum(one.seconds for one in installed))
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


ABOUT_PROOFS = """# What has been proved, and with which figures

Each table is written by the command that counted it, `make torture`, with its day, machine and commit. What
does not reach what is wanted says **no**.
"""


def keep_proofs() -> Path:
    """Tests count. What they come to is printed, and kept in `docs/` when a part was run by hand."""
    proofs = Path(tempfile.mkdtemp()) / "proofs"
    figures.begin(proofs)
    return proofs


def keep_files_in_memory() -> None:
    """Where there is room: the tests' databases need not outlive the power, and would wait for the disk."""
    usable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    if usable and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES:
        os.environ["TMPDIR"] = str(MEMORY)


def installation() -> list[Ran]:
    """How long the last installation took, as `make` noted it."""
    noted = INSTALLED.read_text().strip() if INSTALLED.exists() else ""
    return [Ran("installation (the last)", float(noted), 1.5)] if noted.isdigit() else []


def checked() -> Ran:
    announce("checks")
    started = time.monotonic()
    code = subprocess.run(["make", "--no-print-directory", "check"], cwd=ROOT).returncode
    return Ran("checks", time.monotonic() - started, None, failed=int(code != 0))


def all_tests_have_a_part() -> Ran:
    """A test in a folder that no part knows would never be run, and nobody would notice."""
    known = {ROOT / "tests" / folder for part in PARTS for folder in part.folders}
    files = (ROOT / "tests").rglob("test_*.py")
    homeless = sorted(
        str(file.relative_to(ROOT / "tests")) for file in files if known.isdisjoint([file, *file.parents])
    )
    for file in homeless:
        print(f"tests/{file} belongs to no part: name its folder in tests/run_parts.py")
    return Ran("every test in a part", 0, None, failed=len(homeless))


def tested(part: Part) -> Ran:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        run = subprocess.run(
            pytest_command(part, report),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        passed, failed, skipped = counts(report)
    code, seconds = run.returncode, time.monotonic() - started
    announce(part.title, run.stdout)
    remark = "found no test" if code == NO_TESTS_COLLECTED else ""
    if code and not failed:
        failed, remark = 1, remark or f"pytest ended with {code}"
    return Ran(part.title, seconds, part.budget_minutes, passed, failed, skipped, remark)


def pytest_command(part: Part, report: Path) -> list[str]:
    kept = ["-o", "tmp_path_retention_policy=failed"]
    shown = ["-q", "-ra", "--durations=5", "--durations-min=1", f"--junitxml={report}"]
    return [sys.executable, "-m", "pytest", *part.options, *kept, *shown, *part.existing()]


def counts(report: Path) -> tuple[int, int, int]:
    """Passed, failed and skipped; nothing of each if pytest died before it could report."""
    if not report.exists():
        return 0, 0, 0
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    numbers = [{key: int(suite.get(key, 0)) for key in COUNTED} for suite in suites]
    total, failures, errors, skipped = (sum(suite[key] for suite in numbers) for key in COUNTED)
    # A test that passes and then fails in its teardown counts as failed.
    return total - failures - errors - skipped, failures + errors, skipped


COUNTED = ("tests", "failures", "errors", "skipped")


def announce(title: str, told: str = "") -> None:
    heading = f"\n━━ {title} ".ljust(100, "━")
    print(f"{heading}\n{told}" if told else heading, flush=True)


def print_table(rows: list[Ran], seconds: float) -> None:
    print(f"\n{'part':<26}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>10}{'budget':>9}")
    for row in rows:
        budget = f"{row.budget_minutes * 60:.0f}" if row.budget_minutes else "–"
        remark = "  ".join(filter(None, [row.remark, "over its budget" if row.slow else ""]))
        counted = f"{row.passed:>8}{row.failed:>8}{row.skipped:>9}"
        print(f"{row.title:<26}{counted}{row.seconds:>10.1f}{budget:>9}  {remark}".rstrip())
    print(f"{'total':<51}{seconds:>10.1f}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
