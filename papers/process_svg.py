"""Draws the process of a policy from top to bottom, as one SVG file that needs nothing else.

Two widths, for a desk and for a telephone; light and dark as the reader has it, and light on paper. The
layout knows nothing of policies: it stacks stages, nodes and the ways that lead on from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from markupsafe import escape

from papers.measuring import lines_of, width_of
from papers.process_canvas import Canvas, Letters
from papers.process_symbols import MEANINGS, STYLE, symbol
from policies.keys import Modality
from policies.process_shape import Flow, Node, Numbers, ProcessShape, Stage

_GAP = 30
"""Between two stages, where the arrow goes."""
_CLOSE = 10
"""Between two things of the same stage."""
_STEP = 22
"""Between two steps in order."""
_INSIDE = 10
"""From a card's edge to what stands in it."""
_SIGN = 22
_LINK = 14
"""Between two stages at a glance."""
_IN_A_NARROW_ROW = 3
_STRENGTHS = {Modality.SHOULD: "bör", Modality.MAY: "får"}
_TONES = {
    "state:declined": "bad",
    "state:withdrawn": "bad",
    "state:lapsed": "bad",
    "unanswered:red": "bad",
    "unanswered:ladder": "warm",
    "state:changes_asked": "warm",
}

NAME = Letters("h", 18, True)
STAGE = Letters("h", 16, True)
TITLE = Letters("t", 14, True)
WHEN = Letters("w", 12.5, True)
WHO = Letters("p", 13)
SAYS = Letters("p", 12.5)
ONLY = Letters("o", 12.5)
GROUND = Letters("c", 11.5)
PILL = Letters("l", 12)
GLANCE = Letters("t", 12, True)
TAG = Letters("c", 11)
COUNT = Letters("n", 12, True)


@dataclass(frozen=True)
class Sheet:
    """How wide the picture is, and in how many columns what has no order stands."""

    width: float
    columns: int
    edge: float
    pad: float


OVERVIEW = "overview"
"""The part that shows the whole life at a glance, and nothing else."""
WIDE = Sheet(width=740, columns=2, edge=10, pad=16)
NARROW = Sheet(width=330, columns=1, edge=4, pad=9)


def draw_process(
    shape: ProcessShape,
    says: str,
    *,
    numbers: Numbers | None = None,
    sheet: Sheet = WIDE,
    part: str = "",
) -> str:
    """The picture, or a part of it; `says` is the same in words.

    Without `numbers` no accounts are counted. Raises KeyError for a stage that there is not.
    """
    drawing = _Drawing(shape, numbers, sheet)
    if part and part != OVERVIEW:
        # Its neighbours are seen right above and below.
        canvas = Canvas()
        drawing.one_stage(canvas, part)
        return _file(shape.name, says, canvas, sheet.width, canvas.y)
    canvas = Canvas(sheet.edge)
    drawing.beginning(canvas)
    if not part:
        drawing.stages(canvas, shape.stages)
        drawing.signs(canvas)
    return _file(shape.name, says, canvas, sheet.width, canvas.y + sheet.edge)


def _file(name: str, says: str, canvas: Canvas, width: float, height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:.0f}" width="{width:g}" '
        f'height="{height:.0f}" role="img" aria-labelledby="namn text" lang="sv">\n'
        f'<title id="namn">{escape(name)}: ett kontos väg</title>\n<desc id="text">{escape(says)}</desc>\n'
        f"<style>\n{STYLE}</style>\n"
        f'<rect width="{width:g}" height="{height:.0f}" rx="10" class="ground"/>\n'
        + "\n".join(canvas.parts)
        + "\n</svg>\n"
    )


class _Drawing:
    def __init__(self, shape: ProcessShape, numbers: Numbers | None, sheet: Sheet) -> None:
        self.shape, self.numbers, self.sheet = shape, numbers, sheet
        self.within = ""
        self.stage_titles = {stage.key: stage.title for stage in shape.stages}

    # ------------------------------------------------------------ before and after the stages

    def beginning(self, canvas: Canvas) -> None:
        """Whose process it is, and the whole life at a glance."""
        x, room = self.sheet.edge + 4, self.sheet.width - 2 * self.sheet.edge - 8
        canvas.text(x, self.shape.name, NAME, room)
        if self.numbers is not None:
            canvas.text(x, "Siffrorna säger hur många konton som är där just nu.", SAYS, room)
        canvas.y += 10
        self._life(canvas, [one for one in self.shape.stages if one.counted and not one.within])
        canvas.y += 16

    def _life(self, canvas: Canvas, stages: Sequence[Stage]) -> None:
        """The stages side by side, as many in a row as there is room for."""
        in_row = len(stages) if self.sheet.columns > 1 else _IN_A_NARROW_ROW
        width = (self.sheet.width - 2 * self.sheet.edge - _LINK * (in_row - 1)) / in_row
        for first in range(0, len(stages), in_row):
            canvas.y += _CLOSE if first else 0
            row, top = stages[first : first + in_row], canvas.y
            lines = [lines_of(one.title, PILL.size, width - 8, bold=True) for one in row]
            height = 16.0 * max(len(one) for one in lines) + (16 if self.numbers is not None else 0) + 12
            for number, stage in enumerate(row):
                x = self.sheet.edge + number * (width + _LINK)
                self._glance(canvas, stage, lines[number], x, width, height)
                if stage is not stages[-1] and number + 1 < in_row:
                    canvas.arrow_right(x + width, top + height / 2, _LINK)
            canvas.y = top + height

    def _glance(
        self, canvas: Canvas, stage: Stage, lines: Sequence[str], x: float, width: float, height: float
    ) -> None:
        canvas.box(x, canvas.y, width, height, "calm")
        count = [self._count_words(stage.counted)] if self.numbers is not None else []
        y = canvas.y + (height - 16 * (len(lines) + len(count))) / 2 - 4
        for number, line in enumerate([*lines, *count]):
            letters = GLANCE if number < len(lines) else SAYS
            canvas.line(x + width / 2, y + 16 * (number + 1), line, letters, "middle")

    def signs(self, canvas: Canvas) -> None:
        """What the signs mean that have been used."""
        used = {node.kind for node in self.shape.nodes()}
        x, right = self.sheet.edge + 4, self.sheet.width - self.sheet.edge
        canvas.y, left = canvas.y + 18, x
        for kind, meaning in MEANINGS.items():
            width = 30 + width_of(meaning, PILL.size) + 16
            if kind not in used:
                continue
            if left + width > right:
                canvas.y, left = canvas.y + 30, x
            canvas.parts.append(symbol(kind, left, canvas.y))
            canvas.line(left + 29, canvas.y + 15.5, meaning, PILL)
            left += width
        canvas.y += 30

    # ------------------------------------------------------------ stages

    def stages(self, canvas: Canvas, stages: Sequence[Stage]) -> None:
        """One below the other, with the way between them."""
        for stage, following in zip_longest(stages, stages[1:]):
            self._with_way(canvas, stage, following)

    def one_stage(self, canvas: Canvas, key: str) -> None:
        """A stage by itself, with the way to the next one. Raises KeyError when there is none."""
        number = {one.key: number for number, one in enumerate(self.shape.stages)}[key]
        self._with_way(canvas, *self.shape.stages[number : number + 2])

    def _with_way(self, canvas: Canvas, stage: Stage, following: Stage | None = None) -> None:
        top, self.within = canvas.y, stage.within or stage.key
        self._stage(canvas, stage, self._leads_on(stage))
        if stage.within or (following and following.within == stage.key):
            self._band(canvas, top, following)
        if following:
            self._way(canvas, stage, following)

    def _band(self, canvas: Canvas, top: float, following: Stage | None) -> None:
        """What runs beside everything that belongs to one stage."""
        goes_on = _CLOSE if following and following.within else 0
        height = canvas.y - top + goes_on
        canvas.box(self.sheet.edge - 4, top, 5, height, "band", radius=0)

    def _way(self, canvas: Canvas, stage: Stage, following: Stage) -> None:
        flow = self._main_flow(stage, following)
        if following.within or flow is None:
            canvas.y += _CLOSE if following.within else _GAP * 0.7
            return
        x, y = self.sheet.edge + self.sheet.pad + _INSIDE + _SIGN / 2, canvas.y
        canvas.arrow_down(x, _GAP, _key_of(flow))
        canvas.line(x + 14, y + _GAP / 2 + 4, flow.label, SAYS)

    def _main_flow(self, stage: Stage, following: Stage) -> Flow | None:
        return next(
            (
                f
                for f in self.shape.flows
                if f.source in (stage.key, stage.within) and f.target == following.key
            ),
            None,
        )

    def _leads_on(self, stage: Stage) -> str:
        """The stage that comes next in an account's life."""
        number = self.shape.stages.index(stage) + 1
        rest = self.shape.stages[number:]
        return next((one.key for one in rest if not one.within and self._main_flow(stage, one)), "")

    def _stage(self, canvas: Canvas, stage: Stage, leads_on: str) -> None:
        sheet, top = self.sheet, canvas.y
        x, room = sheet.edge + sheet.pad, sheet.width - 2 * (sheet.edge + sheet.pad)
        inner = Canvas(top + sheet.pad - 3)
        self._heading(inner, stage, x, room)
        if stage.in_order:
            self._in_order(inner, stage, x, room, leads_on)
        else:
            self._grid(inner, stage.nodes, x, room, self.sheet.columns)
        if stage.ways_out:
            inner.y += _CLOSE if stage.nodes else 0
            self._grid(inner, stage.ways_out, x, room, 3 if self.sheet.columns > 1 else 1)
        shown = {leads_on, *(one.key for one in stage.ways_out)}
        self._pills(inner, [f for f in self.shape.flows_from(stage.key) if f.target not in shown], x, room)
        inner.y += sheet.pad
        outer = sheet.width - 2 * sheet.edge
        canvas.box(sheet.edge, top, outer, inner.y - top, "stage", radius=10, key=stage.key)
        canvas.over(inner)

    def _heading(self, canvas: Canvas, stage: Stage, x: float, room: float) -> None:
        words = self._count_words(stage.counted)
        taken = self._badge(canvas, words, x + room, canvas.y) if words else 0
        canvas.text(x, stage.title, STAGE, room - taken - 8)
        if stage.says:
            canvas.text(x, stage.says, SAYS, room)
        canvas.y += 8

    # ------------------------------------------------------------ nodes

    def _in_order(self, canvas: Canvas, stage: Stage, x: float, room: float, leads_on: str) -> None:
        for number, node in enumerate(stage.nodes):
            following = stage.nodes[number + 1].key if number + 1 < len(stage.nodes) else leads_on
            self._card(canvas, node, x, room, following)
            if number + 1 < len(stage.nodes):
                flow = next((f for f in self.shape.flows_from(node.key) if f.target == following), None)
                y, spine = canvas.y, x + _INSIDE + _SIGN / 2
                if flow is None:
                    canvas.y += _CLOSE
                    continue
                canvas.arrow_down(spine, _STEP, _key_of(flow))
                if flow.label:
                    canvas.line(spine + 12, y + _STEP / 2 + 4, flow.label, SAYS)

    def _grid(self, canvas: Canvas, nodes: Sequence[Node], x: float, room: float, columns: int) -> None:
        """Side by side; a last row that is not full takes the whole width."""
        for first in range(0, len(nodes), columns):
            canvas.y += _CLOSE if first else 0
            row = nodes[first : first + columns]
            width = (room - _CLOSE * (len(row) - 1)) / len(row)
            top, height = canvas.y, max(self._measured(node, width) for node in row)
            for number, node in enumerate(row):
                canvas.y = top
                self._card(canvas, node, x + number * (width + _CLOSE), width, "", height)
            canvas.y = top + height

    def _measured(self, node: Node, width: float) -> float:
        canvas = Canvas()
        self._card(canvas, node, 0, width, "")
        return canvas.y

    def _card(
        self, canvas: Canvas, node: Node, x: float, width: float, following: str, height: float = 0
    ) -> None:
        top, inner = canvas.y, Canvas(canvas.y + _INSIDE - 3)
        inner.parts.append(symbol(node.kind, x + _INSIDE, top + _INSIDE))
        left = x + _INSIDE + _SIGN + 9
        room = x + width - _INSIDE - left
        self._words(inner, node, left, room)
        ways = self.shape.flows_from(node.key)
        straight = next((f for f in ways if f.target == following), None)
        self._pills(inner, [f for f in ways if f is not straight], left, room)
        inner.y = max(inner.y + _INSIDE - 2, top + _SIGN + 2 * _INSIDE, top + height)
        canvas.box(x, top, width, inner.y - top, _TONES.get(node.key, "card"), key=node.key)
        canvas.over(inner)

    def _words(self, canvas: Canvas, node: Node, x: float, room: float) -> None:
        y, words = canvas.y, self._number_words(node.counted)
        taken = self._badge(canvas, words, x + room, y) if words else 0
        first = room - taken - (8 if taken else 0)
        if node.when:
            canvas.text(x, node.when[:1].upper() + node.when[1:], WHEN, first)
            first = room if canvas.y - y > 20 else first
        used = canvas.text(x, node.title, TITLE, first)
        self._strength(canvas, node, x, used, first)
        if node.who:
            canvas.text(x, node.who[:1].upper() + node.who[1:], WHO, room)
        for says in node.says:
            canvas.text(x, says, SAYS, room)
        if node.only:
            canvas.text(x, node.only, ONLY, room)
        if node.clauses:
            canvas.y += 2
            canvas.text(x, grounds_words(node.clauses), GROUND, room)

    def _strength(self, canvas: Canvas, node: Node, x: float, used: float, room: float) -> None:
        """What is only recommended or allowed bears a tag after its title."""
        word = _STRENGTHS.get(node.modality)
        if word is None:
            return
        width = width_of(word, TAG.size) + 12
        if used + 8 + width > room:
            canvas.y += 19
            used = -8
        canvas.box(x + used + 8, canvas.y - 17, width, 16, "tag", radius=8)
        canvas.line(x + used + 8 + width / 2, canvas.y - 5.2, word, TAG, "middle")

    # ------------------------------------------------------------ ways that lead on, and numbers

    def _pills(self, canvas: Canvas, flows: Sequence[Flow], x: float, room: float) -> None:
        """Each way as a sign beside the others, as many on a line as fit."""
        if not flows:
            return
        canvas.y += 7
        left, tallest = x, 0.0
        for flow in flows:
            lines = lines_of(self._said(flow), PILL.size, room - 20)
            width = max(width_of(line, PILL.size) for line in lines) + 20
            height = 16.0 * len(lines) + 8
            if left > x and left + width > x + room:
                canvas.y, left, tallest = canvas.y + tallest + 6, x, 0
            canvas.box(left, canvas.y, width, height, _TONES.get(flow.target, "calm"), 11, _key_of(flow))
            for number, line in enumerate(lines):
                canvas.line(left + 10, canvas.y + 16 * (number + 1), line, PILL)
            left, tallest = left + width + 6, max(tallest, height)
        canvas.y += tallest + 2

    def _said(self, flow: Flow) -> str:
        """The way in words, with the stage it leads to."""
        to = self.stage_titles.get(flow.target, "")
        is_here = flow.target == self.within or not to
        if is_here or not flow.label or flow.label.startswith("Inget svar"):
            return flow.label or to
        return f"{flow.label} → {to[:1].lower()}{to[1:]}"

    def _count_words(self, counted: str) -> str:
        if self.numbers is None or not counted:
            return ""
        count = self.numbers.get(counted, 0)
        return f"{count} {'konto' if count == 1 else 'konton'}"

    def _number_words(self, counted: str) -> str:
        count = self.numbers.get(counted, 0) if self.numbers is not None and counted else 0
        return str(count) if count else ""

    def _badge(self, canvas: Canvas, words: str, right: float, y: float) -> float:
        """A number in the corner; returns how wide it is."""
        width = max(22.0, width_of(words, COUNT.size, bold=True) + 14)
        canvas.box(right - width, y + 2, width, 19, "count", radius=9.5)
        canvas.line(right - width / 2, y + 15.8, words, COUNT, "middle")
        return width


def _key_of(flow: Flow) -> str:
    return f"{flow.source}>{flow.target}"


def grounds_words(clauses: Sequence[str]) -> str:
    """Enligt punkt 4; punkt 8"""
    return f"Enligt {' · '.join(clauses)}"
