"""How many cases each space gets: of 2,000 in each change, or as many as `--cases` says."""

from collections.abc import Sequence
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.attacks.hostile import TEXTS

T = TypeVar("T")

IN_EACH_CHANGE = 2000
SHARES = {
    "The portal, by its description (Schemathesis)": 1,
    "The portal's forms, each by those who are shown it": 3,
    "Files of imports (CSV and XLSX)": 20,
    "Files of logotypes": 3,
    "Addresses of accounts and feeds": 46,
    "Own words of letters": 15,
    "Rules of a municipality (YAML)": 1,
    "Forms of Prefect": 8,
    "Answers of platforms": 3,
}
"""Of a hundred cases so many in each space: most where a case takes no time to speak of."""


def share(request: pytest.FixtureRequest, space: str) -> int:
    """A space's part of all cases, rounded up."""
    return -(-asked_for(request) * SHARES[space] // 100)


def asked_for(request: pytest.FixtureRequest) -> int:
    """How many cases, in all spaces together."""
    return int(request.config.getoption("--cases"))


def in_turn(request: pytest.FixtureRequest, ones: Sequence[T], text: str) -> list[T]:
    """What a hostile text is tried on: at length all, in each change half, so that each meets two of four."""
    if asked_for(request) > IN_EACH_CHANGE:
        return list(ones)
    first = TEXTS.index(text)
    return [one for number, one in enumerate(ones) if (first - number) % len(TEXTS) < len(TEXTS) / 2]


def fuzzed(cases: int) -> settings:
    """So many cases, the same ones every time while they are few."""
    return settings(
        max_examples=cases,
        deadline=None,
        database=None,
        derandomize=cases < IN_EACH_CHANGE / 2,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
