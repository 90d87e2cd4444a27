"""A refusal is not told before its letter leaves (REQUIREMENTS 2.2: it waits out the hour of regret)."""

import pytest

from models import LinkKind, Outcome
from tests.web.test_my_pages import at_home, home_of
from tests.web.visitor import Portal, plain
from tests.web.world import World

REASON = "Det finns redan ett konto."
TELLING = ("Avslag", "avslogs", REASON, "blir inte av", "Kontot behålls")


def says_nothing(text: str) -> bool:
    return not any(word in text for word in TELLING)


@pytest.mark.parametrize("looked", [True, False])
def test_the_applicant_is_told_when_the_letter_comes(world: World, portal: Portal, looked: bool) -> None:
    account_id = world.sent()
    if looked:
        world.answer(world.open_task(account_id), "bo", Outcome.DECLINE, REASON)
    else:
        bo = portal.visitor()
        bo.open(world.task_link(world.open_task(account_id), "bo"))
        bo.post("svar", {"outcome": "decline", "reason": REASON, "plan_version": "1"})
    world.wait(minutes=59)
    visitor = portal.visitor()
    page = visitor.open(world.link(LinkKind.DRAFT, "anna", account_id=account_id))
    assert says_nothing(plain(page))
    assert "Prövas Ett svar har lämnats. Du får det senast kl. 10.00." in plain(page)
    mine = at_home(world, portal, "anna")
    home = home_of(mine)
    assert mine.page is not None and says_nothing(plain(mine.page))
    page = mine.open(f"{home}/konto/{account_id}")
    assert says_nothing(plain(page)) and "Det visas senast kl. 10.00." in plain(page)
    world.wait(minutes=1)
    world.look(account_id)
    assert "Avslaget Ansökan avslogs." in plain(visitor.open(visitor.path))
    assert "Avslaget" in plain(mine.open(home))
    assert REASON in plain(mine.open(f"{home}/konto/{account_id}"))


def test_the_one_who_answered_and_communications_see_it(world: World, portal: Portal) -> None:
    account_id = world.sent()
    world.answer(world.open_task(account_id), "bo", Outcome.DECLINE, REASON)
    for who in ("bo", "disa"):
        visitor = at_home(world, portal, who)
        assert REASON in plain(visitor.open(f"{home_of(visitor)}/konto/{account_id}")), who


def test_a_refused_change_still_looks_asked_for(world: World, portal: Portal) -> None:
    account_id = world.active()
    world.ask_for_administrator(account_id)
    world.answer(world.open_task(account_id), "bo", Outcome.DECLINE, REASON)
    visitor = at_home(world, portal, "anna")
    path = f"{home_of(visitor)}/konto/{account_id}"
    page = visitor.open(path)
    assert says_nothing(plain(page)) and "På väg in Hanna Ivarsson" in plain(page)
    assert "Det visas senast kl. 10.00." in plain(page) and "Ta tillbaka begäran" not in plain(page)
    world.wait(minutes=60)
    visitor = at_home(world, portal, "anna")
    page = visitor.open(path.replace(home_of_path(path), home_of(visitor)))
    assert "Ändringen avslogs: Hanna Ivarsson" in plain(page) and "På väg in" not in plain(page)


def home_of_path(path: str) -> str:
    return "/".join(path.split("/")[:4])


def test_a_refused_closing_still_looks_asked_for(world: World, portal: Portal) -> None:
    [consult] = [one for one in world.rules("closing") if one["act"] == "consult"]
    world.adopt("2026-02-01", closing=[{**consult, "act": "decide"}])
    account_id = world.active()
    world.ask_to_close(account_id)
    world.answer(world.open_task(account_id), "disa", Outcome.DECLINE, REASON)
    visitor = at_home(world, portal, "anna")
    page = visitor.open(f"{home_of(visitor)}/konto/{account_id}")
    assert says_nothing(plain(page)) and "Avslut är begärt 2 mars 2026." in plain(page)
    assert "Begär att kontot avslutas" not in plain(page)
    world.wait(minutes=60)
    visitor = at_home(world, portal, "anna")
    page = visitor.open(f"{home_of(visitor)}/konto/{account_id}")
    assert "Kontot behålls" in plain(page) and "Begär att kontot avslutas" in plain(page)
