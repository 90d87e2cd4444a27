"""Works as text: a line for each way of doing it, and under it what ours had to reach."""

from collections.abc import Iterable, Iterator

from benchmarks.works import Goal, Way, Work
from tests.figures import number

COLUMNS = ("Who", "Items", "Median, s", "Runs", "Items a second", "Kanalvakt's rate")
WIDTHS = (44, 10, 11, 6, 16, 0)


def text_of(work: Work) -> str:
    """As `make bench` prints it."""
    rows = [COLUMNS, *map(tuple, rows_of(work))]
    lines = ["".join(_cell(*one) for one in zip(row, WIDTHS, strict=True)).rstrip() for row in rows]
    remark = [f"  {work.remark}"] if work.remark else []
    return "\n".join(
        [f"{work.name}: {work.where}", *lines, *(f"  {said(one)}" for one in work.goals), *remark]
    )


def _cell(words: str, width: int) -> str:
    return words.ljust(width) if width in (WIDTHS[0], 0) else words.rjust(width) + "  "


def rows_of(work: Work) -> Iterator[list[str]]:
    """Who, how many, the median, of how many runs, the rate, and how ours stands to it."""
    ours = work.ways[0]
    for way in work.ways:
        yield [
            way.who,
            number(way.items),
            f"{way.median:.3g}" if way.median < 100 else number(round(way.median)),
            str(len(way.seconds)),
            number(round(way.per_second)) if way.per_second >= 100 else f"{way.per_second:.3g}",
            _stands(ours, way),
        ]


def _stands(ours: Way, way: Way) -> str:
    if way is ours:
        return ""
    return f"{_times(ours.per_second / way.per_second)} × this"


def _times(value: float) -> str:
    return number(round(value)) if value >= 100 else f"{value:.3g}"


def said(goal: Goal) -> str:
    """What was found, what was wanted, and whether that is reached."""
    limit = "at least" if goal.at_least else "at most"
    reached = "reached" if goal.is_reached else "NOT REACHED"
    return f"{_times(goal.found)} {goal.says} ({limit} {_times(goal.wanted)}): {reached}"


def goals_of(works: Iterable[Work]) -> Iterator[list[str]]:
    """All goals of all works in one table: which work, what was found, what was wanted, whether reached."""
    for work in works:
        for goal in work.goals:
            limit = "at least" if goal.at_least else "at most"
            found, wanted = f"{_times(goal.found)} {goal.says}", f"{limit} {_times(goal.wanted)}"
            yield [f"{work.name}, {work.where}", found, wanted, "yes" if goal.is_reached else "NO"]


def markdown_of(work: Work, picture: str, where: str) -> str:
    """The same as a section of a page, with its picture and where it was measured."""
    head = [list(COLUMNS), ["---", "---:", "---:", "---:", "---:", "---"]]
    table = [f"| {' | '.join(row)} |" for row in [*head, *rows_of(work)]]
    goals = [f"- {said(one).replace('NOT REACHED', '**NOT REACHED**')}" for one in work.goals]
    remark = [work.remark, ""] if work.remark else []
    chart = f"![{alternative(work)}]({picture})"
    return "\n".join(
        [f"### {work.name}: {work.where}", "", *table, "", *goals, "", *remark, chart, "", where]
    )


def alternative(work: Work) -> str:
    """The picture in words, for whoever does not see it."""
    ways = "; ".join(f"{row[0]} {row[4]}" for row in rows_of(work))
    return f"Bars of items a second, on a logarithmic scale: {ways}."
