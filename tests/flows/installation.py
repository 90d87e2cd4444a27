"""Our deployments on the session's Prefect server, and an empty installation that their flows find."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from deployments.prefect_server import PrefectServer, deploy_if_changed, pause_schedules
from deployments.stack import ROUND_TAG
from runtime.database import installation_engine
from runtime.settings import settings
from tests.prefect_server_fixture import ROOT


@pytest.fixture(scope="session")
def deployed(prefect_server: PrefectServer) -> PrefectServer:
    deploy_ours(prefect_server)
    return prefect_server


def deploy_ours(server: PrefectServer) -> None:
    """No round goes by the machine's clock: it would send letters that no test knows of."""
    environment = server.address.environment() | {"PYTHONPATH": str(ROOT)}
    with server.address.client() as client:
        deploy_if_changed(client, ROOT / "prefect.yaml", environment)
        pause_schedules(client, ROUND_TAG)


@pytest.fixture
def installed(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An empty installation of this process, which flows find by the settings."""
    monkeypatch.setenv("KANALVAKT_DATABASE_URL", sqlite_url)
    settings.cache_clear()
    installation_engine.cache_clear()
    yield installation_engine()
    installation_engine().dispose()
    settings.cache_clear()
    installation_engine.cache_clear()
