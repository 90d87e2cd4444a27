"""A bar chart for a paper: plain shapes and letters, which look the same wherever they are drawn."""

from collections.abc import Iterator, Sequence
from html import escape

from papers.lettering import FAMILY, writable

_WIDTH, _HEIGHT = 1000, 330
_TOP, _BOTTOM = 30, 290
_BAR = "#14575f"
_INK = "#22282b"
_LINE = "#b9b7ae"


def bar_chart(labels: Sequence[str], values: Sequence[int]) -> bytes:
    """SVG with a bar for each value, its number above and its label below. Values are 0 or more."""
    shapes = "".join(_shapes(labels, values))
    base = f'<path d="M0 {_BOTTOM}H{_WIDTH}" stroke="{_LINE}" stroke-width="1.5" fill="none"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}">'
    return f"{head}{shapes}{base}</svg>".encode()


def _shapes(labels: Sequence[str], values: Sequence[int]) -> Iterator[str]:
    slot, most = _WIDTH / max(len(values), 1), max([*values, 1])
    for number, (label, value) in enumerate(zip(labels, values, strict=True)):
        left, height = number * slot, (_BOTTOM - _TOP) * value / most
        top, middle = _BOTTOM - height, left + slot / 2
        bar = f'x="{left + slot * 0.18:.1f}" y="{top:.1f}" width="{slot * 0.64:.1f}" height="{height:.1f}"'
        yield f'<rect {bar} fill="{_BAR}"/>'
        yield _text(middle, top - 8, str(value))
        yield _text(middle, _BOTTOM + 26, label)


def _text(x: float, y: float, text: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="17"'
    return f'<text {place} font-family="{FAMILY}" fill="{_INK}">{escape(writable(text))}</text>'
