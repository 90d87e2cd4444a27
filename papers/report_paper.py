"""A paper with numbers: some facts, charts with their words, and tables with a total."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from papers.documents import render


@dataclass(frozen=True)
class Figure:
    """A chart, and what it shows in words."""

    title: str
    says: str
    svg: bytes


@dataclass(frozen=True)
class Summary:
    """A table of numbers. `note` says how they are counted."""

    heading: str
    note: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: Sequence[str]


@dataclass(frozen=True)
class Report:
    """What the paper says."""

    municipality: str
    kind: str
    title: str
    lead: str
    facts: Sequence[tuple[str, str]]
    figures: Sequence[Figure]
    tables: Sequence[Summary]


def write_report(report: Report, *, created_at: datetime, identifier: str) -> bytes:
    """The paper as PDF/A-2b. Raises CannotWrite when this machine lacks a part."""
    values = {
        "municipality": report.municipality,
        "kind": report.kind,
        "lead": report.lead,
        "rows": report.facts,
        "figures": report.figures,
        "tables": report.tables,
    }
    images = {f"{number}.svg": one.svg for number, one in enumerate(report.figures, start=1)}
    return render(
        "report.html",
        values,
        "pdfa-2b",
        title=report.title,
        created_at=created_at,
        identifier=identifier,
        images=images,
    )
