"""A chart of a few bars, each with its name and number, as an SVG that needs nothing else."""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pygal
from pygal.graph.graph import Graph
from pygal.style import Style

COLOURS = ("#1f5fa8", "#b3541e", "#2f7d4f", "#7a3e9d", "#8a6d00", "#a8323e", "#4a6572")
"""Of the parts of a picture, in their order: each can be told from white and from the others."""
ON_WHITE: Mapping[str, Any] = {
    "background": "white",
    "plot_background": "white",
    "foreground": "#333333",
    "foreground_strong": "#111111",
    "foreground_subtle": "#555555",
    "font_family": "sans-serif",
    "colors": COLOURS,
    "opacity": "1",
}
"""What pictures of figures look alike in."""
_STYLE = Style(**ON_WHITE, legend_font_size=14, value_font_size=14, value_colors=("white",) * 7)
_SCRIPT = re.compile(r"<script.*?</script>", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
"""pygal says on which day it drew."""


def drawn(bars: Sequence[tuple[str, int]]) -> str:
    """The SVG. The same numbers give the same picture, which runs no script and asks for no file."""
    chart = pygal.HorizontalStackedBar(
        style=_STYLE,
        js=(),
        no_prefix=True,
        disable_xml_declaration=True,
        pretty_print=False,
        print_values=True,
        formatter=lambda value: str(int(value)) if value else "",
        legend_at_bottom=True,
        legend_at_bottom_columns=len(bars),
        show_x_labels=False,
        show_y_guides=False,
        show_x_guides=False,
        margin=6,
        width=max(640, 165 * len(bars)),
        height=100,
        max_scale=1,
    )
    for name, value in bars:
        chart.add(name, [value])
    return bare(chart)


def bare(chart: Graph) -> str:
    """A chart's SVG without scripts and without the day on which it was drawn."""
    return _COMMENT.sub("", _SCRIPT.sub("", chart.render(is_unicode=True)))


def as_address(svg: str) -> str:
    """The picture as an address that holds it."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
