"""The link contract (REQUIREMENTS 4.1) over HTTP: what a letter's link does, and what it does not."""

import logging
from datetime import timedelta

import pytest
from sqlmodel import col, select

from acts import answering, applying, leaving
from acts.work import work
from models import Account, LinkKind, Message, Outcome, Person
from notifications import links
from notifications.letters import APPLY_PATH, MY_PAGE_PATH
from runtime.database import reading
from tests.web.visitor import Portal, cookie_at, everything_in, heading, plain
from tests.web.world import World
from web.access_log import TokenRedaction

PREFETCHING = [
    {},
    {"sec-purpose": "prefetch", "purpose": "prefetch"},
    {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"},
    {"user-agent": "Mozilla/5.0 (compatible; MailFilter/1.0)"},
]


def all_kinds(world: World) -> dict[LinkKind, str]:
    """A live link of every kind that letters carry."""
    draft, sent = world.draft(), world.sent()
    listed = world.setting_up(name="Bokbussen", address="https://www.facebook.com/bokbussen")
    closing = world.active(name="Arkivet", address="https://arkivet.exempelby.example.org")
    world.ask_to_close(closing)
    return {
        LinkKind.CONFIRM_ADDRESS: world.link(LinkKind.CONFIRM_ADDRESS, "anna"),
        LinkKind.MY_PAGE: world.link(LinkKind.MY_PAGE, "anna"),
        LinkKind.DRAFT: world.link(LinkKind.DRAFT, "anna", account_id=draft),
        LinkKind.DECIDE: world.task_link(world.open_task(sent), "bo"),
        LinkKind.CONSULT: world.task_link(world.open_task(closing), "disa"),
        LinkKind.DIGEST: world.link(LinkKind.DIGEST, "anna", account_id=listed),
    }


@pytest.mark.parametrize("headers", PREFETCHING, ids=["plain", "prefetch", "image", "filter"])
def test_opening_any_number_of_times_changes_nothing(
    world: World, portal: Portal, headers: dict[str, str]
) -> None:
    opened = all_kinds(world)
    before = everything_in(world.engine)
    for path in opened.values():
        client = portal.visitor().client
        for method in ("HEAD", "GET", "GET", "OPTIONS"):
            client.request(method, path, headers=headers)
        clean = client.get(path).headers["location"]
        for method in ("HEAD", "GET", "GET", "OPTIONS"):
            client.request(method, clean, headers=headers, follow_redirects=True)
    assert everything_in(world.engine) == before


def test_the_token_leaves_the_address_for_a_short_cookie(world: World, portal: Portal) -> None:
    for path in all_kinds(world).values():
        answer = portal.visitor().client.get(path)
        token = path.removeprefix("/l/")
        cookie = answer.headers["set-cookie"]
        assert answer.status_code == 303
        assert token not in answer.headers["location"] + cookie + answer.text
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Max-Age=" in cookie
        assert f"Path={answer.headers['location']};" in cookie
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"


def test_head_answers_without_a_page(world: World, portal: Portal) -> None:
    path = world.task_link(world.open_task(world.sent()), "bo")
    client = portal.visitor().client
    answer = client.head(path)
    assert answer.status_code == 303 and answer.content == b""
    assert client.head(answer.headers["location"]).content == b""


def test_the_cookie_needs_https_but_in_a_demonstration(world: World) -> None:
    path = world.link(LinkKind.MY_PAGE, "anna")
    real = Portal(world, demonstration=False, portal_url="https://kanalvakt.exempelby.example.org")
    cookie = real.visitor("https://testserver").client.get(path).headers["set-cookie"]
    assert cookie.startswith("__Host-kanalvakt-") and {"Secure", "HttpOnly", "Path=/"} <= {
        *cookie.split("; ")
    }
    visitor = real.visitor("https://testserver")
    assert visitor.open(path).status_code == 200
    assert "Secure" not in Portal(world).visitor().client.get(path).headers["set-cookie"]


FORGED = ["", "abc", "%00", "å" * 30, "x" * 3000, "..%2f..%2fetc", "a/b", "%ff%fe", "'; DROP TABLE link;--"]


@pytest.mark.parametrize("token", FORGED)
def test_what_is_no_link_of_ours_gets_one_page_that_says_nothing(portal: Portal, token: str) -> None:
    usual = portal.visitor().client.get("/l/unknown")
    answer = portal.visitor().client.get(f"/l/{token}")
    assert usual.status_code == 404
    assert (answer.status_code, answer.text) == (usual.status_code, usual.text)


def test_a_cut_or_changed_token_gets_the_same_page(world: World, portal: Portal) -> None:
    path = world.task_link(world.open_task(world.sent()), "bo")
    usual = portal.visitor().client.get("/l/unknown")
    for wrong in (
        path[:-1],
        path + "A",
        path[:-1] + ("A" if path[-1] != "A" else "B"),
        "/l/" + path[3:].upper(),
    ):
        answer = portal.visitor().client.get(wrong)
        assert (answer.status_code, answer.text) == (usual.status_code, usual.text)


def test_without_the_cookie_the_clean_address_shows_nothing(world: World, portal: Portal) -> None:
    path = world.task_link(world.open_task(world.sent()), "bo")
    visitor = portal.visitor()
    clean = visitor.client.get(path).headers["location"]
    stranger = portal.visitor().open(clean)
    assert stranger.status_code == 403
    assert "Biblioteket" not in stranger.text
    unknown = portal.visitor().open("/exempelby/fraga/99999").text
    assert unknown.replace("/exempelby/fraga/99999", clean) == stranger.text, "but for its own address"


def test_a_cookie_is_worth_nothing_when_forged_or_for_another_link(world: World, portal: Portal) -> None:
    task = world.open_task(world.sent())
    mine, other = portal.visitor(), portal.visitor()
    mine.open(world.task_link(task, "bo"))
    other.open(world.link(LinkKind.MY_PAGE, "gustav"))
    value = next(iter(other.client.cookies.jar)).value or ""
    for forged in (value, value[:-1] + "0", "1.1.1.", "x", "1.2.3.4.5", value.replace(".0.", ".1.")):
        answer = portal.visitor().client.get(
            mine.path, headers={"cookie": f"{cookie_at(mine.path)}={forged}"}
        )
        assert answer.status_code == 403


def test_a_cookie_lasts_some_hours(world: World, portal: Portal) -> None:
    visitor = portal.visitor()
    visitor.open(world.task_link(world.open_task(world.sent()), "bo"))
    world.wait(hours=1, minutes=59)
    assert visitor.open(visitor.path).status_code == 200
    world.wait(hours=2, minutes=1)
    assert visitor.open(visitor.path).status_code == 403


def test_two_letters_in_one_browser_do_not_mix(world: World, portal: Portal) -> None:
    first, second = world.sent(), world.sent(name="Bokbussen", address="https://www.facebook.com/bokbussen")
    visitor = portal.visitor()
    visitor.open(world.task_link(world.open_task(first), "bo"))
    one, token = visitor.path, visitor.token
    visitor.open(world.task_link(world.open_task(second), "bo"))
    assert visitor.path != one
    answer = visitor.post(f"{one}/svar", {"outcome": "approve", "plan_version": "1"}, token=token)
    assert answer.status_code == 200 and "Biblioteket" in heading(answer)
    assert world.task(world.open_task(second)).state == "open"


def test_someone_who_has_left_does_not_come_in(world: World, portal: Portal) -> None:
    path = world.task_link(world.open_task(world.sent()), "bo")
    with work(world.engine, world.now) as session:
        session.get_one(Person, world.people["bo"]).left_on = world.now.date()
    assert portal.visitor().open(path).status_code == 403


def test_another_municipality_s_address_does_not_take_the_link(world: World, portal: Portal) -> None:
    World(world.engine, slug="provstad")
    visitor = portal.visitor()
    visitor.open(world.task_link(world.open_task(world.sent()), "bo"))
    value = next(iter(visitor.client.cookies.jar)).value
    path = visitor.path.replace("exempelby", "provstad")
    answer = portal.visitor().client.get(path, headers={"cookie": f"{cookie_at(path)}={value}"})
    assert answer.status_code == 403


# What a dead link tells the one it was sent to


def test_a_used_link_shows_the_answer_and_its_hour_of_regret(world: World, portal: Portal) -> None:
    task = world.open_task(world.sent())
    path = world.task_link(task, "bo")
    visitor = portal.visitor()
    visitor.open(path)
    visitor.post("svar", {"outcome": "approve", "plan_version": "1"})
    page = portal.visitor().open(path)
    assert page.status_code == 200
    assert "Godkänt" in plain(page) and "Ta tillbaka svaret" in page.text
    world.wait(minutes=61)
    assert "Ta tillbaka svaret" not in portal.visitor().open(path).text


def test_somebody_else_s_answer_is_told_with_name_and_time(world: World, portal: Portal) -> None:
    account_id = world.sent()
    world.answer(world.open_task(account_id), "bo")
    task = world.open_task(account_id)
    path = world.task_link(task, "erik")
    world.wait(hours=1)
    world.answer(task, "disa")
    page = portal.visitor().open(path)
    assert page.status_code == 410
    assert "Disa Ek, kommunikatör, svarade 2 mars 2026 kl. 10.00: Godkänt" in plain(page)


def test_a_dead_link_tells_the_truth_for_thirty_days(world: World, portal: Portal) -> None:
    account_id = world.sent()
    world.answer(world.open_task(account_id), "bo")
    task = world.open_task(account_id)
    path = world.task_link(task, "erik")
    world.answer(task, "disa")
    world.wait(days=29)
    assert "Disa Ek" in portal.visitor().open(path).text
    world.wait(days=1)
    assert portal.visitor().open(path).text == portal.visitor().client.get("/l/unknown").text


def test_a_handed_over_question_is_told_right(world: World, portal: Portal) -> None:
    task = world.open_task(world.sent())
    path = world.task_link(task, "bo")
    with work(world.engine, world.now) as session:
        answering.hand_over(
            session,
            world.now,
            task_id=task,
            person_id=world.people["bo"],
            to_email=world.email("cilla"),
            via="link",
        )
    page = portal.visitor().open(path)
    assert page.status_code == 410
    assert "Bo Ceder, enhetschef, lämnade över frågan till Cilla Dahl, förvaltningschef" in plain(page)


def test_a_withdrawn_application_is_told_right(world: World, portal: Portal) -> None:
    account_id = world.sent()
    path = world.task_link(world.open_task(account_id), "bo")
    with work(world.engine, world.now) as session:
        account = session.get_one(Account, account_id)
        applying.withdraw(session, account, world.people["anna"], "", world.now)
    page = portal.visitor().open(path)
    assert page.status_code == 410
    assert heading(page) == "Ansökan är återtagen"
    assert "Anna Berg, bibliotekarie, tog tillbaka ansökan 2 mars 2026 kl. 09.00" in plain(page)


def test_an_answer_taken_back_is_told_to_the_others(world: World, portal: Portal) -> None:
    account_id = world.sent()
    world.answer(world.open_task(account_id), "bo")
    task = world.open_task(account_id)
    path = world.task_link(task, "erik")
    world.answer(task, "disa")
    with work(world.engine, world.now) as session:
        answering.take_back(session, world.now, task_id=task, person_id=world.people["disa"], via="portal")
    page = portal.visitor().open(path)
    assert page.status_code == 410 and heading(page) == "Svaret är tillbakataget"


def test_a_changed_plan_is_told_right(world: World, portal: Portal) -> None:
    account_id = world.sent()
    world.answer(world.open_task(account_id), "bo")
    path = world.task_link(world.open_task(account_id), "erik")
    world.answer(world.open_task(account_id), "disa", Outcome.ASK_FOR_CHANGES, "Vad gör ni i juli?")
    world.write(account_id, how_run="Gustav sköter kontot i juli.")
    world.send(account_id)
    page = portal.visitor().open(path)
    assert page.status_code == 410
    assert "Disa Ek, kommunikatör, svarade" in plain(page) and "Ändringar begärda" in plain(page)


def test_an_expired_link_offers_a_fresh_letter_to_the_same_address(world: World, portal: Portal) -> None:
    task = world.open_task(world.sent())
    path = world.task_link(task, "bo")
    world.wait(days=22)
    visitor = portal.visitor()
    page = visitor.open(path)
    assert page.status_code == 410 and heading(page) == "Länken har gått ut"
    assert world.email("bo") in page.text
    assert letters(world, "fresh_link") == []
    sent = visitor.post("ny-lank")
    assert heading(sent) == "En ny länk är på väg"
    assert letters(world, "fresh_link") == [world.email("bo")]
    visitor.open(path)
    visitor.post("ny-lank")
    assert letters(world, "fresh_link") == [world.email("bo")], "at most one a minute"


@pytest.mark.parametrize(
    ("kind", "notice"),
    [
        (LinkKind.CONFIRM_ADDRESS, "confirm_address"),
        (LinkKind.MY_PAGE, "my_page"),
        (LinkKind.DRAFT, "draft_link"),
        (LinkKind.DIGEST, "fresh_link"),
    ],
)
def test_every_kind_of_link_can_be_renewed(world: World, portal: Portal, kind: LinkKind, notice: str) -> None:
    account_id = world.setting_up()
    path = world.link(kind, "anna", account_id=account_id)
    world.wait(days=61)
    before = letters(world, notice)
    visitor = portal.visitor()
    visitor.open(path)
    visitor.post("ny-lank")
    assert letters(world, notice) == [*before, world.email("anna")]


def test_a_fresh_link_to_confirm_an_act_is_asked_for_at_its_own_address(world: World, portal: Portal) -> None:
    """Not taken for an answer to the act, which has addresses of the same shape."""
    on = world.now.date()
    with work(world.engine, world.now) as session:
        task = leaving.ask(
            session,
            world.now,
            by_id=world.people["erik"],
            person_id=world.people["gustav"],
            last_on=on + timedelta(days=60),
            all_to=world.email("anna"),
            via="portal",
        )
    path = world.link(LinkKind.CONFIRM_ACT, "erik", task_id=task.id, until=world.now + timedelta(hours=1))
    world.wait(hours=2)
    visitor = portal.visitor()
    assert heading(visitor.open(path)) == "Länken har gått ut"
    assert heading(visitor.post("ny-lank")) == "En ny länk är på väg"
    assert letters(world, "fresh_link") == [world.email("erik")]


def test_no_fresh_link_to_what_is_no_longer_asked(world: World, portal: Portal) -> None:
    task = world.open_task(world.sent())
    path = world.task_link(task, "bo")
    world.wait(days=22)
    visitor = portal.visitor()
    visitor.open(path)
    world.answer(task, "bo")
    answer = visitor.post("ny-lank")
    assert "Godkänt" in plain(answer)
    assert letters(world, "fresh_link") == []


def test_a_replaced_list_s_link_points_to_the_newer_one(world: World, portal: Portal) -> None:
    account_id = world.setting_up()
    path = world.link(LinkKind.DIGEST, "anna", account_id=account_id)
    with work(world.engine, world.now) as session:
        links.kill(session, now=world.now, why="replaced", account_id=account_id, kind=LinkKind.DIGEST)
    page = portal.visitor().open(path)
    assert page.status_code == 410 and heading(page) == "Länken är ersatt av en nyare"


def test_a_draft_s_link_lives_on_as_it_is_used(world: World, portal: Portal) -> None:
    account_id = world.draft()
    path = world.link(LinkKind.DRAFT, "anna", account_id=account_id)
    world.wait(days=40)
    visitor = portal.visitor()
    visitor.open(path)
    visitor.post("plan", {"shown": "name", "name": "Biblioteket", "act": "save"})
    world.wait(days=40)
    assert portal.visitor().open(path).status_code == 200


# The log


def test_the_access_log_holds_no_token() -> None:
    record = logging.LogRecord(
        "uvicorn.access",
        logging.INFO,
        "",
        0,
        '%s - "%s %s HTTP/%s" %d',
        ("127.0.0.1:1", "GET", "/l/secret-token?x=1", "1.1", 303),
        None,
    )
    assert TokenRedaction().filter(record)
    assert record.getMessage() == '127.0.0.1:1 - "GET /l/… HTTP/1.1" 303'
    assert any(isinstance(one, TokenRedaction) for one in logging.getLogger("uvicorn.access").filters)


def letters(world: World, notice: str) -> list[str]:
    """To whom a kind of letter has been queued."""
    rows = select(Message).where(col(Message.notice) == notice).order_by(col(Message.queued_at))
    with reading(world.engine) as session:
        return [message.email for message in session.exec(rows)]


@pytest.mark.parametrize("path", [MY_PAGE_PATH, APPLY_PATH])
def test_where_letters_lead_without_a_link_there_is_a_page(portal: Portal, path: str) -> None:
    assert portal.visitor().open(f"/exempelby{path}").status_code == 200
