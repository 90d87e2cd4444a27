"""The morning letter's page: one button for all accounts, each duty on its own, missed days explained."""

from datetime import timedelta

import pytest

from acts import watching
from acts.rounds import go_round
from models import LinkKind, TaskKind, TaskState
from tests.web.visitor import Portal, Visitor, everything_in, heading, plain
from tests.web.world import World


@pytest.fixture
def account_id(world: World) -> int:
    """An open account that Anna and Gustav look after, on the morning of the day after it opened."""
    account_id = world.active()
    world.wait(hours=24)
    go_round(world.engine, watching.ASK, world.now)
    return account_id


def visitor_of(world: World, portal: Portal, who: str) -> Visitor:
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MORNING, who))
    return visitor


def watch_task(world: World, account_id: int) -> TaskState:
    [task] = [t for t in world.tasks(account_id) if t.kind is TaskKind.WATCH]
    return task.state


def test_the_page_lists_the_accounts_and_one_button_confirms_them(
    world: World, portal: Portal, account_id: int
) -> None:
    visitor = visitor_of(world, portal, "gustav")
    assert visitor.page is not None and heading(visitor.page) == "I dag, 3 mars 2026"
    assert "Biblioteket" in plain(visitor.page)
    page = visitor.post("bevakning", {"konto": [str(account_id)]})
    assert "Tack, det är bekräftat. Du har inget mer att göra i dag." in plain(page)
    assert "Gustav Holm, kl. 09.00" in plain(page)
    assert watch_task(world, account_id) is TaskState.DONE


def test_opening_the_letter_s_link_changes_nothing(world: World, portal: Portal, account_id: int) -> None:
    """REQUIREMENTS 4.1: opening changes nothing, any number of times."""
    link = world.link(LinkKind.MORNING, "anna")
    before = everything_in(world.engine)
    for _ in range(3):
        portal.visitor().open(link)
    assert everything_in(world.engine) == before


def test_what_is_unticked_is_not_confirmed(world: World, portal: Portal, account_id: int) -> None:
    visitor = visitor_of(world, portal, "anna")
    page = visitor.post("bevakning", {})
    assert "Inget konto var ikryssat" in plain(page)
    assert watch_task(world, account_id) is TaskState.OPEN


def test_the_second_one_sees_who_was_first(world: World, portal: Portal, account_id: int) -> None:
    late = visitor_of(world, portal, "anna")
    visitor_of(world, portal, "gustav").post("bevakning", {"konto": [str(account_id)]})
    page = late.post("bevakning", {"konto": [str(account_id)]})
    assert "Gustav Holm" in plain(page)


@pytest.mark.parametrize("chosen", [["x"], ["-1"], ["99999"], ["1" * 30]])
def test_a_posted_account_that_is_not_one_s_own_changes_nothing(
    world: World, portal: Portal, account_id: int, chosen: list[str]
) -> None:
    visitor = visitor_of(world, portal, "gustav")
    assert visitor.post("bevakning", {"konto": chosen}).status_code == 200
    assert watch_task(world, account_id) is TaskState.OPEN


def test_a_missed_day_is_explained_and_stays_missed(world: World, portal: Portal, account_id: int) -> None:
    world.wait(hours=24)
    go_round(world.engine, watching.END, world.now)
    visitor = visitor_of(world, portal, "anna")
    [task] = [t for t in world.tasks(account_id) if t.kind is TaskKind.WATCH]
    page = visitor.post(f"missad/{task.id}", {"varfor": " "})
    assert page.status_code == 422 and "Skriv ett skäl" in plain(page)
    page = visitor.post(f"missad/{task.id}", {"varfor": "Vi var på kurs."})
    assert "Förklaringen är sparad" in plain(page) and "Missade dagar" not in plain(page)
    assert watch_task(world, account_id) is TaskState.MISSED


def test_the_same_day_is_reached_from_one_s_own_page(world: World, portal: Portal, account_id: int) -> None:
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MY_PAGE, "anna"))
    page = visitor.post("oppna")
    assert "Titta till 1 konto" in plain(page)
    page = visitor.open(f"{visitor.path}/idag")
    assert heading(page) == "I dag, 3 mars 2026"


def test_a_letter_that_has_been_replaced_says_so(world: World, portal: Portal, account_id: int) -> None:
    link = world.link(LinkKind.MORNING, "anna", until=world.now + timedelta(hours=1))
    world.wait(hours=2)
    assert portal.visitor().open(link).status_code == 410


def test_a_duty_of_somebody_else_is_no_page(world: World, portal: Portal, account_id: int) -> None:
    [task] = [t for t in world.tasks(account_id) if t.kind is TaskKind.WATCH]
    visitor = visitor_of(world, portal, "hanna")
    assert visitor.open(f"{visitor.path}/uppgift/{task.id}").status_code == 404
