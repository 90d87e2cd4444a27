"""The town of all roles, built once; every test begins from a copy of one of its stages."""

from pathlib import Path

import pytest

from tests.roles.town import Town


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Rollby, and Provstad beside it."""
    folder: Path = tmp_path_factory.mktemp("roller")
    return Town(folder)
