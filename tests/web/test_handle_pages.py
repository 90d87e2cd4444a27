"""A look-alike on communications' page, and what an account's page tells of the watch over its name."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlmodel import col

from acts import handles
from acts.rounds import go_round
from connectors.occupying import Occupant
from models import LinkKind, TaskState, UserTask
from runtime.database import reading
from tests.web.visitor import Portal, plain
from tests.web.world import World

OWN, LIKE = "https://social.example.org/@sagan", "https://social.example.org/@5agan"


def find(platform: str, address: str, now: datetime) -> Occupant | None:
    found = {OWN: "1", LIKE: "7"}.get(address)
    return Occupant(found, f"@{address.rpartition('@')[2]}") if found else None


@pytest.fixture
def account_id(world: World) -> int:
    number = world.active(name="Sagan", platform="mastodon", address=OWN)
    assert go_round(world.engine, handles.looking(find), world.now).failures == []
    return number


def asked(world: World) -> UserTask:
    rows = select(UserTask).where(col(UserTask.step) == "liknar")
    with reading(world.engine) as session:
        return session.execute(rows).scalar_one()


def test_a_look_alike_is_told_harmless_with_a_reason(world: World, portal: Portal, account_id: int) -> None:
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MORNING, "disa"))
    action = f"{visitor.path}/uppgift/{asked(world).id}"
    said = plain(visitor.open(action))
    assert LIKE in said and "Känt och ofarligt" in said
    refused = visitor.post(action, {"gjort": " ", "svar": "ofarligt"})
    assert refused.status_code == 422 and asked(world).state is TaskState.OPEN
    visitor.post(action, {"gjort": "Bokhandeln Sagan.", "svar": "ofarligt"})
    task = asked(world)
    assert (task.state, task.reason, task.details["harmless"]) == (TaskState.DONE, "Bokhandeln Sagan.", True)
    visitor.open(world.link(LinkKind.MY_PAGE, "disa"))
    visitor.post("oppna")
    said = plain(visitor.open(f"{visitor.path}/konto/{account_id}"))
    assert "Kontots adress leder till rätt konto" in said
    assert "Ett liknande namn är känt och ofarligt (@5agan)" in said and "”Bokhandeln Sagan.”" in said
    assert "20 av 20 liknande namn är prövade, senast 2 mars 2026" in said
