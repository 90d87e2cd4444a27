"""Duties on pages of their own: a picture is handed in, weeding answered; bad input changes nothing."""

from datetime import UTC, date, datetime

import pytest

from acts import documenting, weeding
from acts.rounds import go_round
from acts.work import work
from connectors.capturing import NotCaptured
from connectors.judging import Reason
from models import Account, LinkKind, TaskKind, TaskState, UserTask
from tests.acts.test_documenting import a_picture
from tests.web.visitor import Portal, Visitor, heading, plain
from tests.web.world import World

JANUARY = datetime(2027, 1, 4, 8, tzinfo=UTC)


@pytest.fixture
def account_id(world: World) -> int:
    """An open account whose picture no browser could take."""
    account_id = world.active()
    with work(world.engine, world.now) as session:
        session.get_one(Account, account_id).opened_on = date(2026, 3, 2)
    world.adopt("2026-12-01", weeding=[weed_rule(world)])
    world.now = JANUARY
    for one in (documenting.WANT, weeding.ASK):
        assert go_round(world.engine, one, world.now).failures == []
    refused = NotCaptured(Reason.LOG_IN, "Sidan visar en inloggning i stället för kontot.")
    documenting.capture_wanted(world.engine, lambda *_: refused, lambda: world.now)
    return account_id


def weed_rule(world: World) -> dict[str, object]:
    [rule] = world.rules("weeding")
    return {**rule, "at": ["half_year"]}


def duty(world: World, account_id: int, kind: TaskKind) -> UserTask:
    [task] = [one for one in world.tasks(account_id) if one.kind is kind]
    return task


def at_duty(world: World, portal: Portal, task: UserTask, who: str = "anna") -> Visitor:
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MORNING, who))
    visitor.open(f"{visitor.path}/uppgift/{task.id}")
    return visitor


def test_a_picture_is_handed_in(world: World, portal: Portal, account_id: int) -> None:
    task = duty(world, account_id, TaskKind.TAKE_SNAPSHOT)
    visitor = at_duty(world, portal, task)
    assert visitor.page is not None and heading(visitor.page) == "Spara en bild av kontot"
    assert "Sidan visar en inloggning i stället för kontot." in plain(visitor.page)
    page = visitor.post(f"uppgift/{task.id}", files={"bild": ("skärmbild.png", a_picture(), "image/png")})
    assert "svaret är sparat" in plain(page)
    assert world.task(task.id or 0).state is TaskState.DONE


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "Välj en fil"),
        ({"bild": ("tom.png", b"", "image/png")}, "Välj en fil"),
        ({"bild": ("sida.png", b"<html><body>Logga in</body></html>", "image/png")}, "PNG eller JPEG"),
        ({"fel": ("bild.png", b"x", "image/png")}, "Välj en fil"),
    ],
)
def test_what_is_no_picture_is_refused_and_the_question_stays(
    world: World, portal: Portal, account_id: int, files: dict[str, object], says: str
) -> None:
    task = duty(world, account_id, TaskKind.TAKE_SNAPSHOT)
    page = at_duty(world, portal, task).post(f"uppgift/{task.id}", files=files)
    assert page.status_code == 422 and says in plain(page)
    assert world.task(task.id or 0).state is TaskState.OPEN


def test_the_pictures_of_an_account_are_listed_and_fetched(
    world: World, portal: Portal, account_id: int
) -> None:
    task = duty(world, account_id, TaskKind.TAKE_SNAPSHOT)
    at_duty(world, portal, task).post(
        f"uppgift/{task.id}", files={"bild": ("bild.png", a_picture(), "image/png")}
    )
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MY_PAGE, "gustav"))
    visitor.post("oppna")
    home = visitor.path
    page = visitor.open(f"{home}/konto/{account_id}")
    assert "inlämnad av Anna Berg" in plain(page) and "PDF/A-1b" in plain(page)
    pdf = visitor.client.get(f"{home}/konto/{account_id}/bild/1")
    assert pdf.content.startswith(b"%PDF-") and pdf.headers["content-disposition"].startswith("attachment")
    original = visitor.client.get(f"{home}/konto/{account_id}/bild/1/original")
    assert (original.content, original.headers["content-type"]) == (a_picture(), "image/png")
    assert visitor.open(f"{home}/konto/{account_id}/bild/2").status_code == 404


def test_weeding_is_answered(world: World, portal: Portal, account_id: int) -> None:
    task = duty(world, account_id, TaskKind.WEED)
    visitor = at_duty(world, portal, task)
    assert visitor.page is not None and heading(visitor.page).startswith("Gallra: det som är tillfälligt")
    assert visitor.post(f"uppgift/{task.id}").status_code == 422
    assert "svaret är sparat" in plain(
        visitor.post(f"uppgift/{task.id}", {"gjort": "nothing", "anteckning": ""})
    )
    assert world.task(task.id or 0).details["done"] == "nothing"


def test_a_duty_answered_by_somebody_else_meanwhile_says_so(
    world: World, portal: Portal, account_id: int
) -> None:
    task = duty(world, account_id, TaskKind.TAKE_SNAPSHOT)
    late = at_duty(world, portal, task, "gustav")
    at_duty(world, portal, task).post(
        f"uppgift/{task.id}", files={"bild": ("bild.png", a_picture(), "image/png")}
    )
    page = late.post(f"uppgift/{task.id}", files={"bild": ("bild.png", a_picture(), "image/png")})
    assert page.status_code == 422 and "redan besvarad av Anna Berg" in plain(page)
