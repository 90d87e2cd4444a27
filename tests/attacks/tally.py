"""What was tried and what got through, told beside each other and then demanded."""

from collections.abc import Sequence

from tests import figures
from tests.attacks.fuzzing import SHARES

_tried: dict[str, int] = {}
"""How many cases each space of the fuzzing has had."""


def demand_none_through(kind: str, tried: int, through: Sequence[object]) -> None:
    """Nothing of a kind of attack got through; what did is told whole."""
    figures.prove("Hostile input", f"{kind}: got through, of {figures.number(tried)} tried", len(through), 0)
    assert tried and not through, list(through)[:20]


def demand_no_faults(space: str, cases: int, wanted: int, faults: Sequence[object] = ()) -> None:
    """So many cases of a space were tried, and none broke anything."""
    told = f"{space}: faults, in {figures.number(cases)} cases"
    figures.prove("Fuzz", told, len(faults), 0)
    assert cases >= wanted and not faults, (cases, list(faults)[:20])
    _tried[space] = cases


def demand_as_many_as_asked_for(wanted: int) -> None:
    """All spaces together, once each of them has been tried."""
    if _tried.keys() == SHARES.keys():
        found = sum(_tried.values())
        figures.prove("Fuzz", "cases in all", found, wanted, at_least=True)
        assert found >= wanted, _tried
