"""Fixtures of the rules' tests."""

import pytest
from sqlalchemy import Engine

from tests.lifecycle.memory import memory_engine


@pytest.fixture
def memory() -> Engine:
    """An engine on an empty database in memory."""
    return memory_engine()
