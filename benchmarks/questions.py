"""Managers who have a question each, the link to it, and its page open in a browser of their own."""

import re
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

import httpx2

from acts.work import work
from models import LinkKind, Person, Unit, UnitLevel
from notifications.links import mint
from tests.web.world import World

_FIELDS = re.compile(r'name="(form_token|plan_version)" value="([^"]*)"')


@dataclass(frozen=True)
class Question:
    """An application that waits for its manager."""

    account_id: int
    path: str
    """Of the link in the manager's letter."""


@dataclass(frozen=True)
class Form:
    """A page in somebody's browser, about to be sent."""

    client: httpx2.Client
    address: str
    content: dict[str, str]

    def send(self) -> None:
        """Click; the answer leads to a page that says thanks."""
        origin = "/".join(self.address.split("/")[:3])
        answer = self.client.post(self.address, data=self.content, headers={"origin": origin})
        assert answer.status_code == 303, f"{self.address}: {answer.status_code}"
        assert "svarat" in answer.headers["location"] or "tack" in answer.headers["location"]


def opened(open_: ExitStack, link: str) -> Form:
    """The page that a link leads to, answered with yes."""
    client = open_.enter_context(httpx2.Client(follow_redirects=True, verify=False, trust_env=False))
    page = client.get(link)
    client.follow_redirects = False
    fields = dict(_FIELDS.findall(page.text))
    return Form(client, f"{page.url}/svar", fields | {"outcome": "approve", "reason": ""})


def questions(world: World, count: int) -> list[Question]:
    """An application before each of so many managers."""
    return [_question(world, number, person_id) for number, person_id in enumerate(_managers(world, count))]


def _question(world: World, number: int, manager_id: int) -> Question:
    unit_id, address = _led_by(world, number, manager_id), f"https://www.instagram.com/konto{number}"
    account_id = world.sent(name=f"Konto {number}", unit=str(unit_id), address=address)
    task = world.task(world.open_task(account_id))
    assert world.holders(task.id or 0) == [manager_id]
    with work(world.engine, world.now) as session:
        token = mint(
            session,
            kind=LinkKind.DECIDE,
            municipality_id=world.municipality_id,
            email="",
            now=world.now,
            until=world.now + timedelta(days=21),
            person_id=manager_id,
            task_id=task.id,
            account_id=account_id,
            plan_version=task.plan_version,
        )
    return Question(account_id, f"/l/{token}")


def _managers(world: World, count: int) -> list[int]:
    with work(world.engine, world.now) as session:
        managers = [_manager(world, number) for number in range(count)]
        session.add_all(managers)
        session.flush()
        return [one.id or 0 for one in managers]


def _manager(world: World, number: int) -> Person:
    return Person(
        municipality_id=world.municipality_id,
        name=f"Chef {number}",
        email=f"chef.{number}@exempelby.example.org",
        title="enhetschef",
    )


def _led_by(world: World, number: int, manager_id: int) -> int:
    with work(world.engine, world.now) as session:
        unit = Unit(
            municipality_id=world.municipality_id,
            code=f"e{number}",
            name=f"Enheten {number}",
            level=UnitLevel.OPERATION,
            parent_id=world.units["culture"],
            line_manager_id=manager_id,
        )
        session.add(unit)
        session.flush()
        return unit.id or 0
