"""How many cases each space gets: of 2,000 in each change, or as many as `--cases` says."""

import pytest
from hypothesis import HealthCheck, Phase, settings

IN_EACH_CHANGE = 2000


def share(request: pytest.FixtureRequest, part: float) -> int:
    """A space's part of all cases."""
    return int(request.config.getoption("--cases") * part)


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
