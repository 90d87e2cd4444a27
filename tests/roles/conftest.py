"""The town of all roles, built once; every test begins from a copy of one of its stages."""

import pytest

from tests.roles.town import Town


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--every-cell`: the whole table and many sequences, as `make torture` plays them."""
    parser.addoption("--every-cell", action="store_true", help="the whole table of who may do what")


@pytest.fixture(scope="session")
def every_cell(request: pytest.FixtureRequest) -> bool:
    """Whether all is played."""
    return bool(request.config.getoption("--every-cell", default=False))


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Rollby, and Provstad beside it."""
    return Town(tmp_path_factory.mktemp("roller"))
