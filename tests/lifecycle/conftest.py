"""Fixtures of the rules' tests."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.lifecycle.memory import memory_engine


@pytest.fixture
def memory() -> Iterator[Engine]:
    """An engine on an empty database in memory."""
    engine = memory_engine()
    yield engine
    engine.dispose()
