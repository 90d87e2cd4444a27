"""Pages ask what the acts take: a matter ends under the policy version it began with."""

from typing import Any

import pytest

from models import LinkKind, Outcome, TaskState
from tests.web.test_my_pages import at_home, home_of
from tests.web.visitor import Portal, plain
from tests.web.world import World

WAYS = [{"way": "told_there", "label": "I kanalen"}, {"way": "told_elsewhere", "label": "På webbplatsen"}]


def with_ways(world: World) -> list[dict[str, Any]]:
    items = world.rules("closing_items")
    return [one | {"ways": WAYS} if one["item"] == "followers_told" else one for one in items]


def test_a_closing_s_line_keeps_its_ways(world: World, portal: Portal) -> None:
    world.adopt("2026-02-01", closing_items=with_ways(world))
    account_id = world.active()
    world.ask_to_close(account_id)
    world.answer(world.open_task(account_id), "disa", Outcome.ANSWERED, "Gör det.")
    world.wait(days=10)
    world.adopt("2026-03-10")
    task = next(one for one in world.open_tasks(account_id) if one.step == "followers_told")
    visitor = portal.visitor()
    page = visitor.open(world.link(LinkKind.DIGEST, "anna", account_id=account_id))
    assert "På webbplatsen" in page.text
    page = visitor.post(f"punkt/{task.id}", {"way": "told_elsewhere"})
    assert page.status_code == 200 and world.task(task.id or 0).state is TaskState.DONE
    assert "På webbplatsen" in plain(page)


def test_a_closing_s_line_gets_no_ways_that_came_later(world: World, portal: Portal) -> None:
    account_id = world.active()
    world.ask_to_close(account_id)
    world.answer(world.open_task(account_id), "disa", Outcome.ANSWERED, "Gör det.")
    world.wait(days=10)
    world.adopt("2026-03-10", closing_items=with_ways(world))
    page = portal.visitor().open(world.link(LinkKind.DIGEST, "anna", account_id=account_id))
    assert page.status_code == 200 and "På webbplatsen" not in page.text


@pytest.mark.parametrize("days", [0, 10])
def test_the_steps_are_those_of_the_day_it_was_sent(world: World, portal: Portal, days: int) -> None:
    opening = world.rules("opening")
    opening[1] |= {"until": "2026-03-05"}
    world.adopt("2026-02-01", opening=opening)
    account_id = world.sent()
    world.wait(days=days)
    page = portal.visitor().open(world.task_link(world.open_task(account_id), "bo"))
    assert "Sedan går ärendet vidare till kommunikationsenheten." in plain(page)
    page = portal.visitor().open(world.link(LinkKind.DRAFT, "anna", account_id=account_id))
    assert "Kommunikationsenheten beslutar" in plain(page)


def test_an_answer_is_taken_back_within_its_own_version_s_time(world: World, portal: Portal) -> None:
    task = world.open_task(world.sent())
    world.answer(task, "bo")
    world.adopt("2026-03-01", {"regret_minutes": 5})
    world.wait(minutes=20)
    visitor = at_home(world, portal, "bo")
    assert visitor.page is not None and "Kan tas tillbaka till kl. 10.00" in plain(visitor.page)
    visitor.open(f"{home_of(visitor)}/fraga/{task}")
    assert "tillbakataget" in plain(visitor.post("angra"))
