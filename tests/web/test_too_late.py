"""Time that runs out takes nothing of what somebody wrote (WCAG 2.2.1), and does nothing either."""

import re
from datetime import timedelta

import pytest

from models import LinkKind, Outcome, TaskState
from tests.web.test_my_pages import at_home, home_of
from tests.web.visitor import Portal, Visitor, everything_in, heading, plain
from tests.web.world import World

REASON = "Vi hinner inte <i>svara</i>.\nInte i juli heller."
DECLINE = {"outcome": "decline", "reason": REASON, "plan_version": "1"}


def kept(visitor: Visitor) -> list[str]:
    """What the page shown holds of what was written."""
    assert visitor.page is not None
    return re.findall(r"<textarea[^>]* readonly>\n(.*?)</textarea>", visitor.page.text, re.DOTALL)


def test_one_s_own_pages_stay_open_as_long_as_one_is_there(world: World, portal: Portal) -> None:
    visitor = at_home(world, portal, "anna")
    assert "Sidan är öppen till kl. 09.30." in plain(visitor.page)
    for _ in range(24):
        world.wait(minutes=29)
        page = visitor.open(visitor.path)
        assert page.status_code == 200
    assert "Sidan är öppen till kl. 21.00." in plain(page), "its last half hour is cut at twelve hours"
    assert "Varje sida" not in plain(page)
    world.wait(minutes=24)
    page = visitor.open(visitor.path)
    assert page.status_code == 410 and heading(page) == "Besöket är slut"


def test_a_page_below_keeps_the_visit_open_too(world: World, portal: Portal) -> None:
    visitor = at_home(world, portal, "anna")
    home = visitor.path
    for _ in range(3):
        world.wait(minutes=20)
        visitor.open(f"{home}/om-mig")
    world.wait(minutes=20)
    assert visitor.post(f"{home}/sprak", {"language": "sv"}).status_code == 200
    world.wait(minutes=20)
    visitor.open("/exempelby/oppna/kalender")
    assert visitor.path == f"{home}/kalender", "also the way there from elsewhere"


def test_a_cookie_that_was_left_behind_is_soon_worth_nothing(world: World, portal: Portal) -> None:
    """Whoever comes by an old one gains nothing by the visit's going on elsewhere."""
    visitor = at_home(world, portal, "anna")
    old = {one.name: one.value or "" for one in visitor.client.cookies.jar if one.path == visitor.path}
    world.wait(minutes=29)
    visitor.open(visitor.path)
    world.wait(minutes=2)
    assert visitor.open(visitor.path).status_code == 200
    [(name, value)] = old.items()
    answer = portal.visitor().client.get(visitor.path, headers={"cookie": f"{name}={value}"})
    assert answer.status_code == 403


def test_a_visit_that_was_ended_is_not_begun_anew_by_its_last_answer(world: World, portal: Portal) -> None:
    visitor = at_home(world, portal, "anna")
    left = visitor.client.post(f"{visitor.path}/avsluta", data={"form_token": visitor.token})
    assert [one for one in left.headers.get_list("set-cookie") if "Max-Age=0" not in one] == []


@pytest.mark.parametrize("by", ["letter", "own page"])
def test_a_reason_that_comes_too_late_is_given_back(world: World, portal: Portal, by: str) -> None:
    task = world.open_task(world.sent())
    if by == "letter":
        visitor = portal.visitor()
        visitor.open(world.task_link(task, "bo"))
    else:
        visitor = at_home(world, portal, "bo")
        visitor.open(f"{home_of(visitor)}/fraga/{task}")
    token = visitor.token
    world.wait(hours=2, minutes=5)
    before = everything_in(world.engine)
    page = visitor.post("svar", DECLINE)
    assert page.status_code == 403 and world.task(task).state is TaskState.OPEN
    assert heading(page) == ("Öppna sidan från brevet" if by == "letter" else "Besöket är slut")
    assert kept(visitor) == ["Vi hinner inte &lt;i&gt;svara&lt;/i&gt;.\nInte i juli heller."]
    assert "Inget av det du skickade är sparat. Det du skrev finns kvar här nedanför" in plain(page)
    assert token not in page.text and "<form" not in page.text, "it can only be copied"
    assert everything_in(world.engine) == before


def test_without_anything_written_nothing_is_promised(world: World, portal: Portal) -> None:
    visitor = portal.visitor()
    visitor.open(world.task_link(world.open_task(world.sent()), "bo"))
    world.wait(hours=2, minutes=5)
    page = visitor.open(visitor.path)
    assert "kvar" not in plain(page) and "skickade" not in plain(page)
    page = visitor.post("svar", {"outcome": "approve", "plan_version": "1", "reason": ""})
    assert "Inget av det du skickade är sparat." in plain(page) and "kvar" not in plain(page)


def test_what_was_written_outlives_the_letter_s_link(world: World, portal: Portal) -> None:
    """The link itself has run out, or somebody else has answered: the reason is shown, then what happened."""
    task = world.open_task(world.sent())
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.DECIDE, "bo", task_id=task, until=world.now + timedelta(hours=1)))
    world.wait(hours=1, minutes=5)
    page = visitor.post("svar", DECLINE)
    assert page.status_code == 410 and heading(page) == "Länken har gått ut" and len(kept(visitor)) == 1
    assert world.task(task).outcome is None


def test_whoever_is_too_late_hears_who_was_first_and_keeps_the_text(world: World, portal: Portal) -> None:
    world.answer(first := world.open_task(world.sent()), "bo")
    asked = next(one.id for one in world.open_tasks(world.task(first).account_id))
    visitor = portal.visitor()
    visitor.open(world.task_link(asked, "disa"))
    world.answer(asked, "erik")
    page = visitor.post("svar", DECLINE)
    assert page.status_code == 410 and "svarade 2 mars 2026 kl. 09.00" in plain(page)
    assert len(kept(visitor)) == 1 and world.task(asked).outcome is Outcome.APPROVE


def test_a_day_s_letter_that_has_been_replaced_gives_back_what_was_written(
    world: World, portal: Portal
) -> None:
    account_id = world.active()
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MORNING, "anna", until=world.now + timedelta(hours=1)))
    visitor.open(f"{visitor.path}/handelse?konto={account_id}")
    world.wait(hours=1, minutes=5)
    told = {"konto": str(account_id), "kind": "forbidden", "notice": "Ett hot."}
    page = visitor.post(visitor.path, told)
    assert page.status_code == 410 and heading(page) == "Det kom för sent" and kept(visitor) == ["Ett hot."]
    [on] = re.findall(r'class="button" href="([^"]+)"', page.text)
    assert heading(visitor.open(on)) == "Länken har gått ut"


def test_an_event_that_took_long_to_describe_is_given_back(world: World, portal: Portal) -> None:
    account_id = world.active()
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MORNING, "anna"))
    visitor.open(f"{visitor.path}/handelse?konto={account_id}")
    world.wait(hours=2, minutes=5)
    told = {"konto": str(account_id), "kind": "forbidden", "notice": "Ett hot.", "datum": "2026-03-02"}
    files = {"bilder": ("hot.png", b"x", "image/png")}
    page = visitor.post(visitor.path, told, files=files)
    assert kept(visitor) == ["Ett hot."] and "Filer behöver du bifoga igen." in plain(page)
