"""A Prefect that wants no password: but in a demonstration no worker works with it, and doctor says so."""

from pathlib import Path

import pytest

from cli.doctor import prefect_api
from cli.doctor.findings import Level
from deployments.demo_driver import Surroundings
from deployments.prefect_door import is_open
from runtime.clock import machine_now
from tests.deployments.forked import run

pytestmark = pytest.mark.timeout(300)
PASSWORD = "kanalvakt:provning"


def test_a_worker_refuses_a_prefect_without_a_password(around: Surroundings, tmp_path: Path) -> None:
    told = tmp_path / "told"
    settings = {
        "KANALVAKT_PORTAL_URL": "https://kanalvakt.example.org",
        "PREFECT_API_URL": around.prefect_api,
        "PREFECT_API_AUTH_STRING": PASSWORD,
    }
    assert run("deployments.run_worker", settings, told) == 1
    assert "svarar utan lösenord" in told.read_text() and "starta om Prefect" in told.read_text()


def test_doctor_says_so(around: Surroundings) -> None:
    assert is_open(around.prefect_api)
    asked = {"PREFECT_API_URL": around.prefect_api, "PREFECT_API_AUTH_STRING": PASSWORD}
    with prefect_api.client(asked) as api:
        found = list(prefect_api.prefect(api, machine_now()))
        in_demonstration = list(prefect_api.prefect(api, machine_now(), demonstration=True))
    [said] = [one for one in found if one.part == prefect_api.PREFECT]
    assert said.level is Level.FAULT and "svarar utan lösenord" in said.says and said.do
    assert prefect_api.PREFECT not in {one.part for one in in_demonstration if one.level is Level.FAULT}
