"""A paper that lists: some facts, and then tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from papers.documents import render


def one_line(digest: str) -> str:
    """A digest as a list shows it: small, and never broken."""
    return Markup('<span class="hash">{}</span>').format(digest)


@dataclass(frozen=True)
class Table:
    """One list; `text` stands above it, and alone where there are no rows."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    text: str = ""
    widths: Sequence[int] = ()
    """Of the columns, in per cent. Left out, they follow what the columns hold."""

    @property
    def shares(self) -> Sequence[float]:
        """The columns' widths, settled beforehand: to measure long texts letter by letter takes minutes."""
        if self.widths:
            return self.widths
        longest = [max(map(len, column)) for column in zip(self.columns, *self.rows, strict=True)]
        held = [min(max(length, _NARROW), _WIDE) for length in longest]
        return [100 * one / sum(held) for one in held]


_NARROW, _WIDE = 8, 40
"""Letters: a column gets room for no fewer, and for no more."""


@dataclass(frozen=True)
class Lists:
    """What the paper says."""

    municipality: str
    kind: str
    title: str
    lead: str
    facts: Sequence[tuple[str, str]]
    tables: Sequence[Table]


def write_lists(lists: Lists, *, created_at: datetime, identifier: str) -> bytes:
    """The paper as PDF/A-2b. Raises CannotWrite when this machine lacks a part."""
    values = {
        "municipality": lists.municipality,
        "kind": lists.kind,
        "lead": lists.lead,
        "rows": lists.facts,
        "tables": lists.tables,
    }
    return render(
        "lists.html", values, "pdfa-2b", title=lists.title, created_at=created_at, identifier=identifier
    )
