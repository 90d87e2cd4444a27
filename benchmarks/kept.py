"""What has been measured, kept in `docs/`: as JSON, from which the page and its pictures are written.

A run of some works replaces only theirs: each keeps the day, machine and commit that it was measured at.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pygal
from pygal.style import Style

from benchmarks.table import goals_of, markdown_of, rows_of, said
from benchmarks.works import Goal, Way, Work
from papers.bars import ON_WHITE, bare

PAGE, KEPT, PICTURES = "performance.md", "performance.json", "pictures/performance"
ABOUT = """# How fast it is

Ours, the limit and what one could use instead, doing the same work on the same machine in the same run, by
`make bench`: warmed, medians of the runs. The limit is what nobody can be faster than: the same rows by bare
statements that ask nothing, or the same statements by the database's driver alone. A peer gets fewer items
where the table says so, and is compared by its rate. What is measured is the code that runs.
[How it is measured, and why so](decisions/0036-measuring.md).
"""
MISSED = "## Goals not reached"
ALL_REACHED = "Every goal was reached."
GOALS = """## All goals

| Work | Found | Wanted | Reached |
| --- | --- | --- | --- |"""


def kept_in(folder: Path) -> dict[str, Any]:
    """By subject: where it was measured, and its works."""
    file = folder / KEPT
    return dict(json.loads(file.read_text("utf-8"))) if file.exists() else {}


def keep(folder: Path, subject: str, works: Sequence[Work], where: str) -> None:
    """Put a subject's works in place of its earlier ones."""
    found = kept_in(folder) | {subject: {"where": where, "works": [plain(work) for work in works]}}
    (folder / KEPT).write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")


def plain(work: Work) -> dict[str, Any]:
    """A work as it is kept."""
    goals = [asdict(goal) | {"reached": goal.is_reached} for goal in work.goals]
    ways = [asdict(way) | {"median": way.median, "per_second": way.per_second} for way in work.ways]
    return asdict(work) | {"ways": ways, "goals": goals}


def work_from(kept: Mapping[str, Any]) -> Work:
    """A work as it was kept."""
    ways = tuple(Way(one["who"], one["items"], tuple(one["seconds"])) for one in kept["ways"])
    goals = tuple(Goal(one["says"], one["found"], one["wanted"], one["at_least"]) for one in kept["goals"])
    return Work(kept["name"], kept["where"], ways, goals, kept["remark"])


def write_page(folder: Path, order: Iterable[str]) -> None:
    """Write the page and its pictures anew from what is kept, subject by subject in this order."""
    found = kept_in(folder)
    measured = [
        (subject, work_from(kept), found[subject]["where"])
        for subject in order
        if subject in found
        for kept in found[subject]["works"]
    ]
    (folder / PICTURES).mkdir(parents=True, exist_ok=True)
    for old in (folder / PICTURES).glob("*.svg"):
        old.unlink()
    sections, names = [], set[str]()
    for subject, work, where in measured:
        name = _named(f"{subject} {work.name} {work.where}")
        assert name not in names, name
        names.add(name)
        (folder / PICTURES / f"{name}.svg").write_text(drawn(work), "utf-8")
        sections.append(markdown_of(work, f"{PICTURES}/{name}.svg", where))
    works = [work for _, work, _ in measured]
    missed = list(_missed(works)) or [ALL_REACHED]
    page = [
        ABOUT,
        MISSED,
        "",
        *missed,
        "",
        GOALS,
        *_rows(goals_of(works)),
        "",
        "## What was measured",
        "",
        "\n\n".join(sections),
        "",
    ]
    (folder / PAGE).write_text("\n".join(page), "utf-8")


def _rows(rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |".replace("| NO |", "| **NO** |") for row in rows]


def _missed(works: Iterable[Work]) -> Iterator[str]:
    for work in works:
        for goal in work.goals:
            if not goal.is_reached:
                why = f" {work.remark}" if work.remark else ""
                yield f"- {work.name}, {work.where}: {said(goal)}.{why}"


def _named(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


STYLE = Style(
    **ON_WHITE, label_font_size=13, major_label_font_size=13, legend_font_size=13, title_font_size=15
)


def drawn(work: Work) -> str:
    """Items a second of each way, on a logarithmic scale that begins a step below the least."""
    rates = [way.per_second for way in work.ways]
    least, most = math.floor(math.log10(min(rates) / 2)), math.ceil(math.log10(max(rates)))
    chart = pygal.HorizontalBar(
        style=STYLE,
        js=(),
        no_prefix=True,
        disable_xml_declaration=True,
        pretty_print=False,
        title=f"{work.name}: items a second",
        logarithmic=True,
        range=(10.0**least, 10.0**most),
        zero=10.0**least,
        y_labels=[10.0**power for power in range(least, most + 1)],
        formatter=rate_words,
        legend_at_bottom=True,
        legend_at_bottom_columns=1,
        truncate_legend=-1,
        width=760,
        height=150 + 60 * len(work.ways),
    )
    for row, rate in zip(rows_of(work), rates, strict=True):
        chart.add(f"{row[0]}: {row[4]}", [rate])
    return bare(chart)


def rate_words(rate: float) -> str:
    """As below the bars."""
    return f"{rate:,.0f}" if rate >= 1 else f"{rate:.1g}"
