"""The report as one page that needs nothing else: charts drawn into it, each with its words and its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pygal
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from pygal.style import Style

from papers.bars import COLOURS, bare
from simulation import words
from simulation.reporting import Report, as_text

_STYLE = Style(
    background="transparent",
    plot_background="transparent",
    font_family="sans-serif",
    colors=COLOURS,
    label_font_size=11,
    legend_font_size=12,
    major_label_font_size=11,
)
_EVERY = 4
"""Of the weeks along the edge, every fourth is named."""


@dataclass(frozen=True)
class Chart:
    """A picture with what it shows in words, and its numbers."""

    title: str
    says: str
    picture: Markup
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def as_page(report: Report) -> str:
    """The whole report in one HTML file."""
    env = Environment(
        loader=PackageLoader("simulation"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    page = env.get_template("page.html")
    order = report.played.order
    title = f"{report.played.law.policy.name}: {order.days} dagar från {order.from_on.isoformat()}"
    return page.render(title=title, text=as_text(report), charts=[*_charts(report)])


def _charts(report: Report) -> list[Chart]:
    mondays = sorted({week.monday for week in report.weeks})
    made = [
        _by_role(report, mondays, "Brev per vecka", "letters", "brev"),
        _by_role(report, mondays, "Minuter av klickande per vecka", "minutes", "minuter"),
        _states(report),
    ]
    return [one for one in made if one is not None]


def _by_role(report: Report, mondays: Sequence[date], title: str, what: str, unit: str) -> Chart | None:
    roles = [load.role for load in report.loads]
    if not roles:
        return None
    values = {(week.monday, week.role): float(getattr(week, what)) for week in report.weeks}
    series = {role: [values.get((monday, role), 0.0) for monday in mondays] for role in roles}
    fullest = max(mondays, key=lambda monday: sum(values.get((monday, role), 0.0) for role in roles))
    total = sum(values.get((fullest, role), 0.0) for role in roles)
    says = (
        f"{title} för varje roll, alla personer tillsammans. Mest veckan från {fullest.isoformat()}: "
        f"{total:.0f} {unit}."
    )
    return _chart(title, says, mondays, series, pygal.StackedBar)


def _states(report: Report) -> Chart | None:
    lives = report.played.ledger.lives
    if not lives:
        return None
    series = {
        "aktiva": [float(states.get("active", 0)) for _, states in lives],
        "avslutade": [float(states.get("closed", 0)) for _, states in lives],
        "står still": [float(states["red"]) for _, states in lives],
    }
    says = (
        f"Antal konton söndag för söndag. Vid slutet är {series['aktiva'][-1]:.0f} aktiva, "
        f"{series['avslutade'][-1]:.0f} avslutade och {series['står still'][-1]:.0f} står still."
    )
    return _chart("Konton", says, [day for day, _ in lives], series, pygal.Line)


def _chart(title: str, says: str, days: Sequence[date], series: dict[str, list[float]], kind: Any) -> Chart:
    labels = [day.isoformat() for day in days]
    header = ["vecka från", *series]
    rows = [
        [label, *(words.number(values[n]) for values in series.values())] for n, label in enumerate(labels)
    ]
    return Chart(title, says, _drawn(kind, labels, series), header, rows)


def _drawn(kind: Any, labels: Sequence[str], series: dict[str, list[float]]) -> Markup:
    """No script, no foreign file, no identity of its own: the same numbers give the same picture."""
    chart = kind(
        style=_STYLE,
        js=(),
        no_prefix=True,
        disable_xml_declaration=True,
        pretty_print=False,
        legend_at_bottom=True,
        x_label_rotation=40,
        x_labels=labels,
        x_labels_major_every=_EVERY,
        show_minor_x_labels=False,
        width=1000,
        height=420,
        print_values=False,
        tooltip_border_radius=0,
    )
    for name, values in series.items():
        chart.add(name, values)
    return Markup(bare(chart))
