"""Fixtures that every test may ask for."""

import pytest

pytest_plugins = ["tests.database_fixtures"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """The rules' tests run in memory; with this, the same tests run on PostgreSQL."""
    parser.addoption("--on-postgresql", action="store_true", help="the rules' tests on PostgreSQL")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """There, only what would else run in memory."""
    if config.getoption("--on-postgresql"):
        elsewhere = [item for item in items if "memory" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if item not in elsewhere]
