"""Confirming over HTTP, line by line."""

import pytest

from lifecycle.refusals import SAYS
from models import AccountState, LinkKind, Outcome, TaskKind, TaskState, UserTask
from tests.web.visitor import Portal, Visitor, everything_in, heading, plain
from tests.web.world import World


@pytest.fixture
def account_id(world: World) -> int:
    """An approved account whose address is not known yet."""
    return world.setting_up(address="")


def visitor_of(world: World, portal: Portal, account_id: int, who: str) -> Visitor:
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.DIGEST, who, account_id=account_id))
    return visitor


def line(world: World, account_id: int, step: str, who: str) -> UserTask:
    for task in world.open_tasks(account_id):
        if task.step == step and world.people[who] in world.holders(task.id or 0):
            return task
    raise LookupError(step)


def test_the_list_shows_mine_others_and_what_is_recommended(
    world: World, portal: Portal, account_id: int
) -> None:
    visitor = visitor_of(world, portal, account_id, "anna")
    assert visitor.page is not None
    says = plain(visitor.page)
    assert heading(visitor.page) == "Ställ i ordning Instagram ”Biblioteket”"
    assert "Inloggningen är deponerad Disa Ek och Erik Falk" in says
    assert "Kommunens riktlinje för sociala medier, utgåva 2026-01-01" in says
    assert "Titta till kontot varje vardag." in says, "the duties stand beside what is acknowledged"
    assert "Du använder kontot som anställd" in says


def test_each_line_is_confirmed_by_its_own_button(world: World, portal: Portal, account_id: int) -> None:
    visitor = visitor_of(world, portal, account_id, "anna")
    task = line(world, account_id, "mailbox", "anna")
    page = visitor.post(f"punkt/{task.id}")
    assert "Bekräftat: Kontot är kopplat till en egen funktionsbrevlåda" in plain(page)
    assert "Kontot är kopplat till en egen funktionsbrevlåda Anna Berg, 2 mars 2026" in plain(page)
    assert world.task(task.id or 0).answered_by_id == world.people["anna"]
    assert visitor.open(visitor.base).status_code == 200, "a list's link goes on"


def test_a_second_click_confirms_nothing_more(world: World, portal: Portal, account_id: int) -> None:
    visitor = visitor_of(world, portal, account_id, "anna")
    task = line(world, account_id, "mailbox", "anna")
    visitor.post(f"punkt/{task.id}")
    before = everything_in(world.engine)
    assert "Bekräftat:" in plain(visitor.post(f"punkt/{task.id}"))
    assert everything_in(world.engine) == before


def test_the_place_is_asked_for_and_never_the_secret(world: World, portal: Portal, account_id: int) -> None:
    visitor = visitor_of(world, portal, account_id, "disa")
    task = line(world, account_id, "login_deposited", "disa")
    page = visitor.post(f"punkt/{task.id}", {"place": " "})
    assert page.status_code == 422 and "Ange var inloggningen förvaras" in plain(page)
    page = visitor.post(f"punkt/{task.id}", {"place": "Valvet, lösenord: hemligt1"})
    assert page.status_code == 422 and SAYS["looks_like_secret"] in plain(page)
    assert "hemligt1" not in str(everything_in(world.engine))
    page = visitor.post(f"punkt/{task.id}", {"place": "x" * 301})
    assert page.status_code == 422 and "Högst 300 tecken" in plain(page)
    visitor.post(f"punkt/{task.id}", {"place": "Kommunens lösenordsvalv"})
    assert world.account(account_id).log_in_kept_at == "Kommunens lösenordsvalv"


def test_the_address_is_given_and_checked(world: World, portal: Portal, account_id: int) -> None:
    visitor = visitor_of(world, portal, account_id, "anna")
    task = line(world, account_id, "kontots-adress", "anna")
    for wrong in ("", "inte en adress", "x" * 301):
        page = visitor.post(f"punkt/{task.id}", {"address": wrong})
        assert page.status_code == 422
        assert not wrong or wrong in page.text, "what was written stays"
    page = visitor.post(f"punkt/{task.id}", {"address": "https://www.instagram.com/biblioteket"})
    assert "https://www.instagram.com/biblioteket" in plain(page)
    assert world.account(account_id).address_key == "instagram.com/biblioteket"


def test_a_line_with_several_ways_asks_which(world: World, portal: Portal) -> None:
    other = World(world.engine, policy="nassjo", slug="provstad")
    account_id = other.setting_up(platform="facebook", address="")
    task = next(one for one in other.open_tasks(account_id) if one.step == "facebook_text")
    who = next(key for key, number in other.people.items() if number == other.holders(task.id or 0)[0])
    visitor = visitor_of(other, portal, account_id, who)
    page = visitor.post(f"punkt/{task.id}")
    assert page.status_code == 422 and "Välj hur punkten är uppfylld" in plain(page)
    assert visitor.post(f"punkt/{task.id}", {"way": "hittepa"}).status_code == 422
    page = visitor.post(f"punkt/{task.id}", {"way": "text_in_place"})
    assert "2 mars 2026: Texten är på plats" in plain(page)


def test_what_is_recommended_is_marked_and_waited_for_by_nobody(world: World, portal: Portal) -> None:
    other = World(world.engine, policy="nassjo", slug="provstad")
    account_id = other.setting_up(platform="instagram", address="")
    task = next(one for one in other.open_tasks(account_id) if one.modality == "should")
    who = next(key for key, number in other.people.items() if number == other.holders(task.id or 0)[0])
    page = visitor_of(other, portal, account_id, who).page
    assert page is not None and f"{task.label} rekommenderas" in plain(page)


@pytest.mark.parametrize("who", ["hanna", "disa"])
def test_nobody_confirms_what_is_another_s(world: World, portal: Portal, account_id: int, who: str) -> None:
    visitor = visitor_of(world, portal, account_id, who)
    task = line(world, account_id, "mailbox", "anna")
    page = visitor.post(f"punkt/{task.id}")
    assert page.status_code in (403, 422)
    assert world.task(task.id or 0).state is TaskState.OPEN


def test_a_line_of_another_account_is_not_found(world: World, portal: Portal, account_id: int) -> None:
    other = world.setting_up(name="Bokbussen", address="")
    visitor = visitor_of(world, portal, account_id, "anna")
    task = line(world, other, "mailbox", "anna")
    assert visitor.post(f"punkt/{task.id}").status_code == 404
    assert visitor.post("punkt/99999").status_code == 404
    assert world.task(task.id or 0).state is TaskState.OPEN


def test_the_whole_list_by_the_page_opens_the_account(world: World, portal: Portal, account_id: int) -> None:
    for who in ("anna", "gustav", "disa"):
        visitor = visitor_of(world, portal, account_id, who)
        for task in world.open_tasks(account_id):
            if world.people[who] in world.holders(task.id or 0):
                given = {"place": "Valvet", "address": "instagram.com/biblioteket"}
                assert visitor.post(f"punkt/{task.id}", given).status_code == 200, task.step
        assert visitor.page is not None and "Du har inget mer att bekräfta." in plain(visitor.page)
    world.look(account_id)
    assert world.account(account_id).state is AccountState.ACTIVE


def test_a_new_administrator_acknowledges_on_the_same_page(world: World, portal: Portal) -> None:
    account_id = world.active()
    world.ask_for_administrator(account_id)
    world.answer(world.open_task(account_id), "bo")
    visitor = visitor_of(world, portal, account_id, "hanna")
    [task] = world.open_tasks(account_id)
    assert task.kind is TaskKind.ACKNOWLEDGE
    assert visitor.page is not None and "Jag har läst och kvitterar" in plain(visitor.page)
    page = visitor.post(f"punkt/{task.id}")
    assert "Läs och kvittera Hanna Ivarsson, 2 mars 2026" in plain(page)


def test_the_closing_list_is_its_own(world: World, portal: Portal) -> None:
    account_id = world.active()
    world.ask_to_close(account_id)
    world.answer(world.open_task(account_id), "disa", Outcome.ANSWERED, "Gör det.")
    page = visitor_of(world, portal, account_id, "disa").page
    assert page is not None and heading(page) == "Avsluta Instagram ”Biblioteket”"
    assert "Kontot är avslutat i den offentliga förteckningen" in plain(page)


def test_what_the_list_asks_for_itself_is_said_in_english_too(
    world: World, portal: Portal, account_id: int
) -> None:
    """Not only what the rules say: the account's address is asked for by no rule."""
    visitor = visitor_of(world, portal, account_id, "anna")
    page = plain(visitor.open(f"{visitor.base}?sprak=en"))
    assert "Enter the account's address when it has been created" in page
    assert "Ange kontots adress" not in page
