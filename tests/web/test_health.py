"""/health turns red by silence; /metrics says what and for how long, to whoever has the token."""

from datetime import timedelta

from starlette.testclient import TestClient

from acts.heartbeats import DELIVERY, HEAL, WAKE, WORKER, beat
from tests.web.visitor import settings_for_tests
from tests.web.world import World
from web.app import create_app

TOKEN = "a-token-for-tests"


def client_of(world: World, **changed: str) -> TestClient:
    return TestClient(create_app(settings_for_tests(**changed), world.engine, lambda: world.now))


def test_health_turns_red_by_a_silent_part_and_names_no_municipality(world: World) -> None:
    client = client_of(world)
    assert client.get("/health").status_code == 200
    world.now += timedelta(minutes=11)
    for part in (WORKER, WAKE, HEAL):
        beat(world.engine, part, world.now)
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["silent"]) == (503, [DELIVERY])


def test_health_turns_red_by_a_silent_round(world: World) -> None:
    world.now += timedelta(days=3)
    for part in (WORKER, WAKE, HEAL, DELIVERY):
        beat(world.engine, part, world.now)
    answer = client_of(world).get("/health")
    assert answer.status_code == 503 and "round:watch" in answer.json()["silent"]
    assert "exempelby" not in answer.text.lower()


def test_metrics_are_for_whoever_has_the_token(world: World) -> None:
    assert client_of(world).get("/metrics").status_code == 404
    client = client_of(world, metrics_token=TOKEN)
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer fel"}).status_code == 401
    beat(world.engine, WORKER, world.now)
    world.now += timedelta(minutes=7)
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    lines = answer.text.splitlines()
    assert 'kanalvakt_heard_seconds{part="worker"} 420.0' in lines
    assert 'kanalvakt_silent{municipality="",part="worker"} 1.0' in lines
    assert any(line.startswith('kanalvakt_letters{state="queued"}') for line in lines)
    assert "@" not in answer.text
