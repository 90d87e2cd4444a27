"""The portal in English: which language a visitor meets, and that nothing on a page is left in Swedish."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from httpx2 import Response
from sqlalchemy import select, update
from sqlmodel import Session, col

from acts import leaving
from acts.work import work
from lifecycle.events import EventKind
from models import Account, AuditEvent, LinkKind, Message, Municipality, Outcome, Person, Unit
from runtime.database import reading
from tests.languages.marking import unmarked_in
from tests.web.visitor import Portal, Visitor, heading, plain
from tests.web.world import World
from web.language import preferred

ENGLISH = {"accept-language": "en-GB,en;q=0.9,sv;q=0.5"}


def english(portal: Portal) -> Visitor:
    """Somebody whose browser asks for English."""
    visitor = portal.visitor()
    visitor.client.headers.update(ENGLISH)
    return visitor


def writes_english(world: World) -> None:
    """Everybody has chosen English."""
    with work(world.engine, world.now) as session:
        session.execute(update(Person).values(language="en"))


# ---------------------------------------------------------------- which language


def test_a_browser_is_answered_in_its_language(portal: Portal) -> None:
    assert heading(portal.visitor().open("/exempelby")) == "Sociala medier i Exempelby"
    page = english(portal).open("/exempelby")
    assert heading(page) == "Social media in Exempelby" and '<html lang="en">' in page.text
    assert page.headers["vary"] == "Accept-Language, Cookie"


@pytest.mark.parametrize(
    ("accepted", "spoken"),
    [
        ("", "sv"),
        ("en", "en"),
        ("sv-SE,sv;q=0.9,en;q=0.8", "sv"),
        ("de, en;q=0.7, sv;q=0.3", "en"),
        ("de-DE,fr;q=0.5", "sv"),
        ("en;q=0, sv;q=0", "sv"),
        ("EN-us;q=0.5,*;q=0.1", "en"),
        (";;,=q, en;q=1.2.3", "sv"),
        ("en;q=.", "sv"),
        ("en;q=", "sv"),
        ("en;q=1.", "en"),
        ("en;q=.5, de", "sv"),
    ],
)
def test_what_a_browser_would_rather_have(accepted: str, spoken: str) -> None:
    assert preferred(accepted) == spoken


def test_a_visitor_s_own_choice_goes_before_all_and_stays(world: World, portal: Portal) -> None:
    visitor = portal.visitor()
    assert heading(visitor.open("/exempelby/ansok?sprak=en")) == "Apply for an account"
    visitor.open(world.link(LinkKind.DRAFT, "anna", account_id=world.draft()))
    assert visitor.page is not None and heading(visitor.page) == "Plan for the account"
    assert heading(visitor.open(f"{visitor.path}?sprak=sv")) == "Plan för kontot"
    assert heading(visitor.open("/exempelby/ansok")) == "Ansök om konto"


def test_choosing_only_sets_a_cookie_and_keeps_the_rest_of_the_address(portal: Portal) -> None:
    answer = portal.visitor().client.get("/exempelby/ansok?a=1&sprak=en&b=%26")
    assert (answer.status_code, answer.headers["location"]) == (303, "/exempelby/ansok?a=1&b=%26")
    assert answer.headers["set-cookie"].startswith("sprak=en;") and "HttpOnly" in answer.headers["set-cookie"]
    away = portal.visitor().client.get("http://testserver//example.org/%0d%0aset-cookie:a=b?sprak=en")
    assert away.headers["location"].startswith("/example.org/") and "a" not in away.cookies
    secure = portal.visitor("https://testserver").client
    chosen = secure.get("/exempelby/ansok?sprak=en").headers["set-cookie"]
    assert chosen.startswith("__Host-sprak=en;") and "Secure" in chosen and "Path=/;" in chosen
    assert "Apply for an account" in secure.get("/exempelby/ansok").text
    foreign = portal.visitor("https://testserver").client
    assert "Ansök om konto" in foreign.get("/exempelby/ansok", headers={"cookie": "sprak=en"}).text
    unknown = portal.visitor().client.get("/exempelby?sprak=xx")
    assert unknown.status_code == 200 and "set-cookie" not in unknown.headers


def test_a_link_is_met_in_its_person_s_language(world: World, portal: Portal) -> None:
    path = world.task_link(world.open_task(world.sent()), "bo")
    assert heading(english(portal).open(path)) == "Ansökan: Instagram ”Biblioteket”", (
        "nothing chosen: Swedish"
    )
    writes_english(world)
    assert heading(portal.visitor().open(path)) == "Application: Instagram “Biblioteket”"


def test_a_page_in_swedish_only_says_so_to_one_who_would_have_english(world: World, portal: Portal) -> None:
    visitor = portal.visitor()
    visitor.open("/exempelby?sprak=en")
    visitor.open(world.link(LinkKind.MY_PAGE, "anna"))
    visitor.post("oppna")
    page = visitor.open(f"{visitor.path}/franvaro")
    assert '<html lang="sv">' in page.text and "This page is in Swedish only." in plain(page)
    swede = portal.visitor()
    swede.open(world.link(LinkKind.MY_PAGE, "anna"))
    swede.post("oppna")
    assert "Swedish only" not in plain(swede.open(f"{swede.path}/franvaro"))


def test_a_form_s_answer_can_be_read_in_another_language(world: World, portal: Portal) -> None:
    visitor = portal.visitor()
    visitor.open(world.task_link(world.open_task(world.sent()), "bo"))
    base = visitor.path
    page = visitor.post("svar", {"outcome": "", "plan_version": "1"})
    assert f'href="{base}?sprak=en"' in page.text
    assert heading(visitor.open(f"{base}?sprak=en")).startswith("Application: ")


def test_no_page_holds_a_token(portal: Portal) -> None:
    page = english(portal).open("/l/unknown")
    assert heading(page) == "The link cannot be used" and "/l/unknown" not in page.text


def test_one_s_language_is_chosen_on_one_s_page(world: World, portal: Portal) -> None:
    visitor = portal.visitor()
    visitor.open(world.link(LinkKind.MY_PAGE, "anna"))
    visitor.post("oppna")
    page = visitor.post("sprak", {"language": "en"})
    assert heading(page) == "My page" and "The language has been saved." in plain(page)
    visitor.post(f"{visitor.path}/sprak", {"language": "en"})
    with reading(world.engine) as session:
        assert session.get_one(Person, world.people["anna"]).language == "en"
        kinds = session.execute(select(col(AuditEvent.facts)).where(_is_choice())).scalars().all()
    assert kinds == [{"person": world.people["anna"], "from": "sv", "to": "en"}], "told once"
    refused = visitor.post(f"{visitor.path}/sprak", {"language": "xx"})
    assert refused.status_code == 409 and "Choose one of the languages on the page." in plain(refused)


def _is_choice() -> object:
    return col(AuditEvent.kind) == EventKind.LANGUAGE_SET.value


def test_a_newcomer_is_written_to_in_the_language_they_asked_in(world: World, portal: Portal) -> None:
    visitor = english(portal)
    visitor.open("/exempelby/ansok")
    email = "ny.person@exempelby.example.org"
    visitor.post("/exempelby/ansok", {"email": email})
    visitor.open(world.link(LinkKind.CONFIRM_ADDRESS, email=email))
    visitor.post("", {"name": "Ny Person"})
    with reading(world.engine) as session:
        [message] = session.execute(select(Message).where(col(Message.notice) == "confirm_address")).scalars()
        [person] = session.execute(select(Person).where(col(Person.email) == email)).scalars()
    assert message.context == {"language": "en"} and person.language == "en"


# ---------------------------------------------------------------- nothing in Swedish


def data_of(session: Session) -> set[str]:
    """Names and addresses: what is the same in every language."""
    columns = (
        *(col(Person.name), col(Person.title), col(Person.email), col(Unit.name)),
        *(col(Municipality.name), col(Municipality.notice_address), col(Account.name), col(Account.address)),
    )
    found = {str(one) for column in columns for one in session.execute(select(column)).scalars() if one}
    fixed = {
        "Kanalvakt",
        "DOCX",
        "ODT",
        "XLSX",
        "kB",
        "MB",
        "exempelby.example.org",
        "English",
        "finns@inte.example.org",
    }
    return found | fixed


Way = Callable[[World, Visitor], Response]


def opened(path: str) -> Way:
    return lambda world, visitor: visitor.open(path)


def posted(path: str, email: str) -> Way:
    def way(world: World, visitor: Visitor) -> Response:
        visitor.open(path)
        return visitor.post(path, {"email": email})

    return way


def by_link(kind: LinkKind, who: str | None, **bound: object) -> Way:
    return lambda world, visitor: visitor.open(world.link(kind, who, **bound))


def applied(*acts: str, **answers: str) -> Way:
    """The plan of a draft, saved, shown or sent."""

    def way(world: World, visitor: Visitor) -> Response:
        account_id = world.draft()
        if answers:
            world.write(account_id, **answers)
        page = visitor.open(world.link(LinkKind.DRAFT, "anna", account_id=account_id))
        base = visitor.base
        for act in acts:
            page = visitor.post(f"{base}/plan", {"act": act})
        return page

    return way


def status(play: Callable[[World], int], below: str = "") -> Way:
    """Where an application stands, and the pages below."""

    def way(world: World, visitor: Visitor) -> Response:
        page = visitor.open(world.link(LinkKind.DRAFT, "anna", account_id=play(world)))
        return visitor.open(f"{visitor.path.removesuffix('/plan')}/{below}") if below else page

    return way


def asked(play: Callable[[World], int], who: str = "bo", form: str = "", *answers: dict[str, str]) -> Way:
    """A question, and what its forms answer."""

    def way(world: World, visitor: Visitor) -> Response:
        [task] = world.questions(play(world))
        page = visitor.open(world.task_link(task.id or 0, who))
        for one in answers:
            page = visitor.post(form, {"plan_version": "1"} | one)
        return page

    return way


def sent(world: World) -> int:
    return world.sent()


def decided(outcome: Outcome) -> Callable[[World], int]:
    def play(world: World) -> int:
        account_id = world.sent()
        world.answer(world.open_task(account_id), "bo", outcome, "Hur gör ni i juli?")
        return account_id

    return play


def changed(world: World) -> int:
    account_id = decided(Outcome.ASK_FOR_CHANGES)(world)
    world.write(account_id, how_run="I juli: Gustav.")
    world.send(account_id)
    return account_id


def closing(world: World) -> int:
    account_id = world.active()
    world.ask_to_close(account_id)
    return account_id


def administrator(world: World) -> int:
    account_id = world.active()
    world.ask_for_administrator(account_id)
    return account_id


def answered_by_another(world: World, visitor: Visitor) -> Response:
    account_id = world.sent()
    task_id = world.open_task(account_id)
    path = world.task_link(task_id, "cilla")
    world.answer(task_id, "bo")
    return visitor.open(path)


def expired(world: World, visitor: Visitor) -> Response:
    gone = world.now - timedelta(days=1)
    return visitor.open(world.link(LinkKind.DRAFT, "anna", account_id=world.draft(), until=gone))


def renewed(world: World, visitor: Visitor) -> Response:
    expired(world, visitor)
    return visitor.post("ny-lank")


def used(world: World, visitor: Visitor) -> Response:
    path = world.link(LinkKind.MY_PAGE, "anna")
    visitor.open(path)
    visitor.post("oppna")
    return visitor.open(path)


def my_page(who: str) -> Way:
    def way(world: World, visitor: Visitor) -> Response:
        world.sent()
        world.ask_for_administrator(world.active(name="Badet", platform="x", address=""))
        visitor.open(world.link(LinkKind.MY_PAGE, who))
        return visitor.post("oppna")

    return way


def checklist(who: str, act: str = "") -> Way:
    def way(world: World, visitor: Visitor) -> Response:
        account_id = world.setting_up()
        page = visitor.open(world.link(LinkKind.DIGEST, who, account_id=account_id))
        if act:
            mine = [
                one for one in world.open_tasks(account_id) if world.people[who] in world.holders(one.id or 0)
            ]
            page = visitor.post(f"punkt/{mine[0].id}", {})
        return page

    return way


def confirmed(*acts: str) -> Way:
    def way(world: World, visitor: Visitor) -> Response:
        world.active()
        with work(world.engine, world.now) as session:
            task = leaving.ask(
                session,
                world.now,
                by_id=world.people["bo"],
                person_id=world.people["gustav"],
                last_on=world.now.date(),
                all_to=world.email("anna"),
                via="portal",
            )
            task_id = task.id or 0
        page = visitor.open(world.link(LinkKind.CONFIRM_ACT, "bo", task_id=task_id))
        for act in acts:
            page = visitor.post(act)
        return page

    return way


def foreign_form(world: World, visitor: Visitor) -> Response:
    visitor.open(world.task_link(world.open_task(world.sent()), "bo"))
    return visitor.post("svar", {"outcome": "approve"}, token="x")


WAYS: dict[str, Way] = {
    "start": opened("/exempelby"),
    "statement": opened("/exempelby/tillganglighet"),
    "apply": opened("/exempelby/ansok"),
    "no address": posted("/exempelby/ansok", ""),
    "no address of ours": posted("/exempelby/ansok", "finns@inte.example.org"),
    "not an address": posted("/exempelby/ansok", "x"),
    "ask for my page": opened("/exempelby/mina-uppgifter"),
    "letter to begin": opened("/exempelby/ansok/skickat"),
    "letter to my page": opened("/exempelby/mina-uppgifter/skickat"),
    "begin": by_link(LinkKind.CONFIRM_ADDRESS, "anna"),
    "newcomer": by_link(LinkKind.CONFIRM_ADDRESS, None, email="finns@inte.example.org"),
    "plan": applied(),
    "plan incomplete": applied("send"),
    "plan saved": applied("save"),
    "plan wrong": applied("send", address="!", platform="instagram", goals=""),
    "preview": applied("preview", name="Badet"),
    "preview of little": applied("preview"),
    "deciding": status(sent),
    "deciding further": status(decided(Outcome.APPROVE)),
    "changes wanted": status(decided(Outcome.ASK_FOR_CHANGES)),
    "changing": status(decided(Outcome.ASK_FOR_CHANGES), "plan"),
    "declined": status(decided(Outcome.DECLINE)),
    "setting up": status(lambda world: world.setting_up()),
    "open": status(lambda world: world.active()),
    "withdraw": status(sent, "aterta"),
    "decide": asked(sent),
    "decide on a changed plan": asked(changed),
    "decide next": asked(decided(Outcome.APPROVE), "disa"),
    "nothing chosen": asked(sent, "bo", "svar", {}),
    "no reason": asked(sent, "bo", "svar", {"outcome": "decline"}),
    "approved": asked(sent, "bo", "svar", {"outcome": "approve"}),
    "declined by me": asked(sent, "bo", "svar", {"outcome": "decline", "reason": "Nej."}),
    "handed to nobody": asked(sent, "bo", "lamna-over", {}),
    "handed to a stranger": asked(sent, "bo", "lamna-over", {"to": "finns@inte.example.org"}),
    "handed over": asked(sent, "bo", "lamna-over", {"to": "cilla.dahl@exempelby.example.org"}),
    "on an administrator": asked(administrator),
    "on closing": asked(closing, "disa"),
    "no advice": asked(closing, "disa", "svar", {}),
    "answered by another": answered_by_another,
    "expired": expired,
    "renewed": renewed,
    "used": used,
    "gate": by_link(LinkKind.MY_PAGE, "anna"),
    "my page": my_page("anna"),
    "manager's page": my_page("bo"),
    "communications' page": my_page("disa"),
    "checklist": checklist("anna"),
    "checklist with a fault": checklist("disa", "wrong"),
    "confirm an act": confirmed(),
    "confirmed act": confirmed("ja"),
    "dropped act": confirmed("nej"),
    "foreign form": foreign_form,
    "not found": opened("/exempelby/finns-inte"),
    "unknown link": opened("/l/unknown"),
    "no visit": opened("/exempelby/fraga/1"),
    "wrong method": opened("/exempelby/fraga/1/svar"),
}


@pytest.mark.parametrize("name", WAYS)
def test_no_page_is_left_in_swedish(world: World, portal: Portal, marked: None, name: str) -> None:
    writes_english(world)
    page = WAYS[name](world, english(portal))
    assert '<html lang="en">' in page.text and "⟦" in page.text
    with reading(world.engine) as session:
        assert unmarked_in(page.text, data_of(session)) == []
