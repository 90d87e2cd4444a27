"""Fixtures of the rules' tests."""

import pytest
from sqlalchemy import Engine

from tests.lifecycle.memory import memory_engine


@pytest.fixture
def memory(request: pytest.FixtureRequest) -> Engine:
    """An engine on an empty database: in memory, or with --on-postgresql there."""
    if not request.config.getoption("--on-postgresql"):
        return memory_engine()
    engine: Engine = request.getfixturevalue("postgres_engine")
    return engine
