"""What stands still is put right (REQUIREMENTS 2.2), and what was asked for is taken back."""

from typing import Any

import pytest

from lifecycle.refusals import SAYS
from models import AccountState, LinkKind, Outcome, TaskKind
from tests.web.test_my_pages import at_home, home_of
from tests.web.visitor import Portal, Visitor, plain
from tests.web.world import World


def decides(world: World, step: str, role: str) -> dict[str, Any]:
    """A step of the policy's own kind, decided by some role."""
    return {**world.rules("opening")[0], "step": step, "roles": [role], "assigns": False}


def nobody_answers(world: World, *more: dict[str, Any]) -> int:
    """An application whose first step is a post that nobody holds."""
    steps = [decides(world, "diary", "registry"), *more]
    world.adopt("2026-02-01", {"last_resort": "registry"}, opening=steps)
    account_id = world.sent()
    assert world.account(account_id).red_reason == "no_holder:diary"
    return account_id


def mender(world: World, portal: Portal, account_id: int, who: str = "disa") -> Visitor:
    visitor = at_home(world, portal, who)
    visitor.open(f"{home_of(visitor)}/ratta/{account_id}")
    return visitor


def test_somebody_is_asked_where_nobody_may_answer(world: World, portal: Portal) -> None:
    account_id = nobody_answers(world)
    visitor = mender(world, portal, account_id)
    assert visitor.page is not None and "Fråga någon" in plain(visitor.page)
    assert "Hoppa över" not in plain(visitor.page), "it is the only decision"
    given = {"step": "diary", "to": "", "reason": "Platsen är tom."}
    page = visitor.post("fraga-nagon", given)
    assert page.status_code == 422 and "Skriv personens arbetsadress." in plain(page)
    page = visitor.post("fraga-nagon", given | {"to": world.email("anna")})
    assert page.status_code == 422 and "Anna Berg kan inte ta över" in plain(page)
    page = visitor.post("fraga-nagon", given | {"to": world.email("cilla"), "reason": " "})
    assert page.status_code == 422 and SAYS["reason_missing"] in plain(page)
    page = visitor.post("fraga-nagon", given | {"to": world.email("cilla")})
    assert "Frågan är ställd." in plain(page) and "Ställ frågan" not in plain(page)
    assert visitor.post("fraga-nagon", given | {"to": world.email("frida")}).status_code == 422, (
        "asked already"
    )
    assert world.holders(world.open_task(account_id)) == [world.people["cilla"]]
    world.look(account_id)
    assert world.account(account_id).red_reason == ""


def test_a_step_may_be_skipped_as_long_as_another_decides(world: World, portal: Portal) -> None:
    account_id = nobody_answers(world, decides(world, "manager", "line_manager"))
    visitor = mender(world, portal, account_id)
    assert visitor.page is not None and "Hoppa över ett steg" in plain(visitor.page)
    visitor.post("hoppa-over", {"step": "diary", "reason": "Ingen registrator."})
    world.look(account_id)
    visitor = mender(world, portal, account_id, "erik")
    assert visitor.page is not None and "Flytta en fråga" in plain(visitor.page)
    assert "Hoppa över ett steg" not in plain(visitor.page), "the manager's is the only one left"
    page = visitor.post("hoppa-over", {"step": "manager", "reason": "Det också."})
    assert page.status_code == 422 and SAYS["last_decision"] in plain(page)


def test_what_stands_still_is_at_the_top_for_communications(world: World, portal: Portal) -> None:
    account_id = nobody_answers(world)
    visitor = at_home(world, portal, "disa")
    assert visitor.page is not None
    says = plain(visitor.page)
    assert says.index("Står still (1)") < says.index("Att göra")
    assert f'href="{home_of(visitor)}/ratta/{account_id}"' in visitor.page.text
    anna = at_home(world, portal, "anna")
    assert anna.page is not None and "Står still" not in plain(anna.page)


# Taking back what was asked for


@pytest.fixture
def account_id(world: World) -> int:
    """An open account."""
    return world.active()


def at_account(world: World, portal: Portal, who: str, account_id: int) -> Visitor:
    visitor = at_home(world, portal, who)
    visitor.open(f"{home_of(visitor)}/konto/{account_id}")
    return visitor


def test_a_closing_is_taken_back_by_the_one_who_asked(world: World, portal: Portal, account_id: int) -> None:
    world.ask_to_close(account_id)
    gustav = at_account(world, portal, "gustav", account_id)
    assert gustav.page is not None and "Ta tillbaka begäran" not in plain(gustav.page)
    assert SAYS["not_yours_to_withdraw"] in plain(gustav.post("ta-tillbaka", {"reason": "Nej."}))
    anna = at_account(world, portal, "anna", account_id)
    assert anna.page is not None and "Ta tillbaka begäran" in plain(anna.page)
    page = anna.post("ta-tillbaka")
    assert "Begäran är tillbakatagen." in plain(page) and "Begär att kontot avslutas" in plain(page)
    assert world.open_tasks(account_id) == []


def test_a_closing_under_way_is_taken_back_with_a_reason(
    world: World, portal: Portal, account_id: int
) -> None:
    world.ask_to_close(account_id)
    world.answer(world.open_task(account_id), "disa", Outcome.ANSWERED, "Gör det.")
    assert world.account(account_id).state is AccountState.CLOSING
    erik = at_account(world, portal, "erik", account_id)
    assert erik.page is not None and "Avslutas Avslutas" not in plain(erik.page)
    page = erik.post("ta-tillbaka", {"reason": " "})
    assert page.status_code == 422 and SAYS["reason_missing"] in plain(page)
    assert 'href="#f-ta-tillbaka-reason"' in page.text and 'id="form-ta-tillbaka" open' in page.text
    page = erik.post("ta-tillbaka", {"reason": "Anna ringde."})
    assert "Begäran är tillbakatagen." in plain(page)
    assert world.account(account_id).state is AccountState.ACTIVE


def test_a_closed_account_asks_for_nothing(world: World, portal: Portal, account_id: int) -> None:
    world.ask_to_close(account_id)
    world.answer(world.open_task(account_id), "disa", Outcome.ANSWERED, "Gör det.")
    world.confirm_all(account_id)
    assert world.account(account_id).state is AccountState.CLOSED
    page = at_account(world, portal, "disa", account_id).page
    assert page is not None and "Avslut är begärt" not in plain(page)


def test_a_new_person_is_taken_back(world: World, portal: Portal, account_id: int) -> None:
    world.ask_for_administrator(account_id)
    anna = at_account(world, portal, "anna", account_id)
    assert anna.page is not None and "Ta tillbaka begäran om Hanna Ivarsson" in plain(anna.page)
    [role] = {one.account_role_id for one in world.open_tasks(account_id) if one.kind is TaskKind.DECIDE}
    assert anna.post("ta-tillbaka", {"role": "x"}).status_code == 422
    disa = at_account(world, portal, "disa", account_id)
    page = disa.post("ta-tillbaka", {"role": str(role), "reason": ""})
    assert page.status_code == 422 and f'id="form-ta-tillbaka-{role}" open' in page.text
    page = anna.post("ta-tillbaka", {"role": str(role)})
    assert "Begäran är tillbakatagen." in plain(page) and "På väg in" not in plain(page)
    assert world.open_tasks(account_id) == []


# What it waits for


def test_stale_words_are_not_shown(world: World, portal: Portal) -> None:
    account_id = world.draft()
    world.write(account_id)
    world.look(account_id)
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.DRAFT, "anna", account_id=account_id))
    page = visitor.post("plan", {"act": "send"})
    assert "Prövas Ansökan är skickad." in plain(page)
    world.look(account_id)
    page = visitor.open(visitor.base)
    assert "Prövas Väntar på chefens beslut." in plain(page)
    disa = at_home(world, portal, "disa")
    assert "Väntar på chefens beslut" in plain(disa.open(f"{home_of(disa)}/konto/{account_id}"))
