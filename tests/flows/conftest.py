"""The Prefect server for the tests of the process, and the order of these tests."""

import pytest

from tests.flows.installation import deployed, installed
from tests.prefect_server_fixture import prefect_server, worker

__all__ = ["deployed", "installed", "prefect_server", "worker"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The contract comes first: when Prefect has changed, its message is the one to read."""
    items.sort(key=lambda item: "test_prefect_contract" not in item.nodeid)
