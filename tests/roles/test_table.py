"""Who may do what (REQUIREMENTS 2, 4.2): a table is the test, and every cell of it is played.

Each change plays a fourth of the cells where four eyes decide and some others; `make torture` plays all.
"""

import ast
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

import acts
from lifecycle.events import EventKind
from lifecycle.refusals import SAYS
from tests.figures import prove
from tests.identity_provider_fixture import RealProvider
from tests.roles.page import FILE as PAGE
from tests.roles.page import text
from tests.roles.table import DONE, HIDDEN, SAME, UNMOVED, WAITS, WAITS_UNMOVED, Cell, table
from tests.roles.town import STAGES, Town
from tests.roles.ways import Played, Scene, play
from tests.web.visitor import Portal

ONE_OF, ONE_OF_FOUR_EYES = 37, 4
"""Of all cells one in so many, which is no multiple of the roles: so each role comes up."""
FOUR_EYES = {"four_eyes", "four_eyes_absence", "four_eyes_leaving", "own_matter_open", "own_application"}
DOES = {DONE, WAITS, UNMOVED, WAITS_UNMOVED}
SECTION = "Who may do what"


def chosen(every_cell: bool) -> list[Cell]:
    """Every cell, or those that each change plays, always the same."""
    cells = list(table().cells())
    if every_cell:
        return cells
    four_eyes = [one for one in cells if one.expected in FOUR_EYES | {UNMOVED, WAITS_UNMOVED}]
    return cells[::ONE_OF] + four_eyes[::ONE_OF_FOUR_EYES]


def public_functions() -> set[str]:
    """All that acts/ has to call from outside."""
    found: set[str] = set()
    for file in Path(acts.__file__).parent.glob("*.py"):
        for one in ast.parse(file.read_text("utf-8")).body:
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and not one.name.startswith("_"):
                found.add(f"{file.stem}.{one.name}")
    return found


def test_the_table_knows_every_act() -> None:
    known = {row.act for row in table().rows}
    assert known & table().no_acts.keys() == set()
    assert public_functions() - known - table().no_acts.keys() == set(), "an act that the table does not know"
    assert (known | table().no_acts.keys()) - public_functions() == set(), "an act that is not there"


def test_every_row_rests_on_a_text_and_says_what_follows() -> None:
    kinds = {one.value for one in EventKind} | {""}
    outcomes = {*SAYS, *DOES, HIDDEN, SAME}
    for row in table().rows:
        assert row.text and row.says and row.ways and row.stage in STAGES, row
        assert row.event in kinds, row
        assert {one for way in row.ways for one in way.outcomes.values()} <= outcomes, row


def test_the_page_for_auditors_is_written_from_the_table() -> None:
    """`make reference` writes it."""
    assert PAGE.read_text("utf-8") == text()


def played(town: Town, cell: Cell, provider: Callable[[], RealProvider]) -> Played:
    """What comes of a cell, from its stage."""
    away = f"{cell.row.stage}_away"
    is_away = cell.role == "substitute_away" and away in STAGES
    stage = town.go_to(away if is_away else cell.row.stage)
    with pytest.MonkeyPatch.context() as patch:
        return play(Scene(town, Portal(town.world), cell, stage, patch, provider))


@pytest.mark.timeout(1800)
def test_every_cell_is_so(town: Town, every_cell: bool, request: pytest.FixtureRequest) -> None:
    def provider() -> RealProvider:
        started: RealProvider = request.getfixturevalue("provider")
        return started

    faults, counts = [], Counter[str]()
    for cell in chosen(every_cell):
        found = played(town, cell, provider)
        counts[kind_of(cell.expected)] += 1
        if found.outcome != cell.expected:
            faults.append(f"{cell.name}: {found.outcome}, not {cell.expected}. {found.told[:300]}")
    if every_cell:
        tell(counts, len(faults))
    assert faults == [], "\n".join(faults)


def kind_of(expected: str) -> str:
    if expected in (WAITS, WAITS_UNMOVED):
        return "waiting"
    return "allowed" if expected in DOES else "refused"


def tell(counts: Counter[str], faults: int) -> None:
    """Into the figures that `make torture` keeps."""
    cells = len(list(table().cells()))
    prove(SECTION, "acts in the table", len({row.act for row in table().rows}), 1, at_least=True)
    prove(SECTION, "cells (an act, a role, a path) played", sum(counts.values()), cells, at_least=True)
    prove(SECTION, "of these allowed at once", counts["allowed"], 1, at_least=True)
    prove(SECTION, "of these waiting to be confirmed by a mailed link", counts["waiting"], 1, at_least=True)
    prove(SECTION, "of these refused, and nothing changed", counts["refused"], 1, at_least=True)
    prove(SECTION, "cells that are not as the table says", faults, 0)
