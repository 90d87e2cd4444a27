"""From address to open account by the pages alone, under every policy that comes with the product."""

import pytest
from sqlalchemy import Engine

from models import Account, AccountState, LinkKind, TaskKind
from policies.loading import HERE as POLICIES
from policies.loading import MUNICIPALITIES, names_in
from runtime.database import reading
from tests.web.visitor import Portal, Visitor, heading, plain
from tests.web.world import World

CHAIN = (TaskKind.DECIDE, TaskKind.CONSULT)


@pytest.mark.parametrize("policy", names_in(POLICIES, MUNICIPALITIES))
def test_an_application_goes_all_the_way(engine: Engine, policy: str) -> None:
    world = World(engine, policy=policy)
    portal = Portal(world)
    account_id = apply(world, portal)
    while asked := world.questions(account_id):
        decide(world, portal, account_id, asked[0].id or 0)
    assert world.account(account_id).state is AccountState.SETTING_UP
    confirm(world, portal, account_id)
    world.look(account_id)
    assert world.account(account_id).state is AccountState.ACTIVE, world.account(account_id).waits_for


def apply(world: World, portal: Portal) -> int:
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.CONFIRM_ADDRESS, "anna"))
    page = visitor.post("")
    assert heading(page) == "Plan för kontot"
    page = visitor.post("plan", {"act": "send"})
    assert 'id="fel"' in page.text
    own = {"name": "Biblioteket", "platform": "facebook", "unit": str(world.units["library"])}
    own |= {"account_class": "unit", "address": "https://www.facebook.com/biblioteket"}
    visitor.post("plan", {"act": "save", "shown": list(own), **own})
    page = visitor.post("plan", answers(world) | {"act": "send"})
    assert heading(page).startswith("Din ansökan"), plain(page)
    world.look(1)
    return 1


def answers(world: World) -> dict[str, object]:
    """Something in every field of the form, as a browser posts it."""
    with reading(world.engine) as session:
        given = world.any_answers(session, session.get_one(Account, 1))
    posted = {k: "\n".join(v) if isinstance(v, list) else v for k, v in given.items()}
    posted.pop("address", None)
    return {**posted, "shown": list(posted)}


def decide(world: World, portal: Portal, account_id: int, task_id: int) -> None:
    who = holder(world, task_id)
    visitor = portal.visitor()
    page = visitor.open(world.task_link(task_id, who))
    assert "Biblioteket" in heading(page) and "Varför du får frågan" in plain(page)
    given = {"plan_version": "1", "reason": "Ja.", "outcome": "approve"}
    assert "ditt svar är registrerat" in plain(visitor.post("svar", given))
    world.look(account_id)


def holder(world: World, task_id: int) -> str:
    number = world.holders(task_id)[0]
    return next(key for key, person_id in world.people.items() if person_id == number)


def confirm(world: World, portal: Portal, account_id: int) -> None:
    for task in world.open_tasks(account_id):
        visitor: Visitor = portal.visitor()
        visitor.open(world.link(LinkKind.DIGEST, holder(world, task.id or 0), account_id=account_id))
        assert visitor.page is not None
        ways = [part.split('"')[0] for part in visitor.page.text.split('name="way" value="')[1:]]
        for way in ways or [""]:
            given = {"place": "Valvet", "address": "https://www.facebook.com/biblioteket", "way": way}
            page = visitor.post(f"punkt/{task.id}", given)
            if page.status_code == 200:
                break
        assert page.status_code == 200, (task.step, plain(page))
