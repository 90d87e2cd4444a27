"""Fixtures that every test may ask for."""

import pytest

pytest_plugins = ["tests.database_fixtures"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """The rules' tests run in memory; with this, the same tests run on PostgreSQL."""
    parser.addoption("--on-postgresql", action="store_true", help="the rules' tests on PostgreSQL")
