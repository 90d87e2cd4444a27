"""What `kanalvakt doctor` says of a real Prefect: away, locked, empty, asleep, and as it should be."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import yaml
from prefect.blocks.system import Secret
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolUpdate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName
from prefect.client.schemas.schedules import CronSchedule

from cli.doctor import prefect_api
from cli.doctor.findings import Finding, Level
from deployments.prefect_server import PrefectServer
from deployments.processes import free_port
from runtime.clock import machine_now
from tests.prefect_server_fixture import AUTH, working


def found(server: PrefectServer, auth: str = AUTH, now: datetime | None = None) -> list[Finding]:
    told = {"PREFECT_API_URL": server.address.api_url, "PREFECT_API_AUTH_STRING": auth}
    with prefect_api.client(told) as api:
        return list(prefect_api.prefect(api, now or machine_now()))


def about(part: str, findings: list[Finding]) -> Finding:
    [one] = [one for one in findings if one.part == part]
    assert bool(one.do) == (one.level is not Level.OK)
    return one


@pytest.fixture
def client(prefect_server: PrefectServer) -> Iterator[SyncPrefectClient]:
    with prefect_server.address.client() as client:
        yield client


@pytest.fixture
def deployed(client: SyncPrefectClient) -> Iterator[dict[str, str]]:
    """Everything that prefect.yaml names, as the deploy command would have it there; ids by name."""
    ids = {}
    for one in yaml.safe_load(prefect_api.FILE.read_text())["deployments"]:
        flow_id = client.create_flow_from_name(one["entrypoint"].rpartition(".")[2])
        schedules = [
            DeploymentScheduleCreate(
                schedule=CronSchedule(cron=each["cron"], timezone=each["timezone"]),
                active=each["active"],
                slug=each["slug"],
            )
            for each in one.get("schedules", [])
        ]
        ids[one["name"]] = client.create_deployment(
            flow_id,
            one["name"],
            schedules=schedules,
            work_pool_name="warm",
            entrypoint=one["entrypoint"],
            paused=False,
        )
    yield {name: str(number) for name, number in ids.items()}
    for number in ids.values():
        client.delete_deployment(number)


def test_nobody_answers() -> None:
    with prefect_api.client({"PREFECT_API_URL": f"http://127.0.0.1:{free_port()}/api"}) as api:
        one = about("Prefect", list(prefect_api.prefect(api, machine_now())))
    assert one.level is Level.FAULT and "svarar inte" in one.says


def test_the_password_is_wrong(prefect_server: PrefectServer) -> None:
    one = about("Prefect", found(prefect_server, auth="fel:losen"))
    assert one.level is Level.FAULT and "PREFECT_API_AUTH_STRING" in one.do


def test_a_round_is_not_deployed_and_nobody_works(
    prefect_server: PrefectServer, client: SyncPrefectClient
) -> None:
    named = DeploymentFilter(name=DeploymentFilterName(any_=["morgonbrev"]))
    for one in client.read_deployments(deployment_filter=named):
        client.delete_deployment(one.id)
    for worker in client.read_workers_for_work_pool("warm"):
        of = {"work_pool_name": "warm", "name": worker.name}
        client.request("DELETE", "/work_pools/{work_pool_name}/workers/{name}", path_params=of)
    findings = found(prefect_server)
    assert about("Prefect", findings).level is Level.OK
    assert about("Klockan", findings).level is Level.OK
    missing = [one.says for one in findings if one.part == "Scheman" and "finns inte" in one.says]
    assert "morgonbrev" in missing[0]
    assert "ingen arbetare" in about("Arbetspoolen", findings).says


def test_all_is_as_it_should_be(prefect_server: PrefectServer, deployed: dict[str, str]) -> None:
    with working("doktor"):
        findings = found(prefect_server)
    assert {one.level for one in findings} == {Level.OK}, findings


def test_a_schedule_is_off(
    prefect_server: PrefectServer, deployed: dict[str, str], client: SyncPrefectClient
) -> None:
    client.request("POST", "/deployments/{id}/pause_deployment", path_params={"id": deployed["morgonbrev"]})
    one = about("Scheman", found(prefect_server))
    assert one.level is Level.FAULT and one.says.startswith("morgonbrev går inte")


def test_the_pool_is_paused(prefect_server: PrefectServer, client: SyncPrefectClient) -> None:
    client.update_work_pool("warm", WorkPoolUpdate(is_paused=True))
    try:
        assert "pausad" in about("Arbetspoolen", found(prefect_server)).says
    finally:
        client.update_work_pool("warm", WorkPoolUpdate(is_paused=False))


def test_two_clocks_that_differ(prefect_server: PrefectServer) -> None:
    one = about("Klockan", found(prefect_server, now=machine_now() - timedelta(minutes=3)))
    assert one.level is Level.FAULT and "sekunder från Prefects" in one.says


def test_a_key_kept_as_a_secret(prefect_server: PrefectServer) -> None:
    Secret(value="nyckel").save("exempelby-facebook", overwrite=True)
    told = {"PREFECT_API_URL": prefect_server.address.api_url, "PREFECT_API_AUTH_STRING": AUTH}
    with prefect_api.client(told) as api:
        assert prefect_api.has_secret(api, "exempelby-facebook")
        assert not prefect_api.has_secret(api, "exempelby-flickr")
