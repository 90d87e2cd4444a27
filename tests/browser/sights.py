"""How to come to every page that the portal can show."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page

from acts import answering, caring
from acts.diary import make_papers, number_paper
from acts.work import work
from lifecycle.states import change_state
from lifecycle.tasks import withdraw_open
from models import Account, AccountState, LinkKind, Outcome
from tests.browser.conftest import Site
from tests.web.world import World
from web.limits import LINKS_AN_HOUR

Way = Callable[[Page, Site], None]


def to(path: str) -> Way:
    """Straight to an address."""
    return lambda page, site: _go(page, site, path)


def _go(page: Page, site: Site, path: str) -> None:
    page.goto(site.url + path)


def by_link(kind: LinkKind, who: str, account: str = "", **bound: object) -> Way:
    """By a letter's link."""

    def _way(page: Page, site: Site) -> None:
        more = {"account_id": ACCOUNTS[account]} if account else {}
        _go(page, site, site.world.link(kind, who, **more, **bound))

    return _way


def by_question(account: str, who: str) -> Way:
    """By the letter of the only question about an account."""

    def _way(page: Page, site: Site) -> None:
        [task] = site.world.questions(ACCOUNTS[account])
        _go(page, site, site.world.task_link(task.id or 0, who))

    return _way


def at_home(who: str, below: str = "", account: str = "") -> Way:
    """From one's own page."""

    def _way(page: Page, site: Site) -> None:
        _go(page, site, site.world.link(LinkKind.MY_PAGE, who))
        page.click("main button")
        number = f"/{ACCOUNTS[account]}" if account else ""
        if below:
            page.goto(f"{page.url}/{below}{number}")

    return _way


def then(way: Way, *clicks: str) -> Way:
    """The same, and then some clicks."""

    def _way(page: Page, site: Site) -> None:
        way(page, site)
        for click in clicks:
            page.click(click)

    return _way


def unfolded(way: Way) -> Way:
    """The same, with everything that can be unfolded."""

    def _way(page: Page, site: Site) -> None:
        way(page, site)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    return _way


ACCOUNTS: dict[str, int] = {}
"""The accounts of the world by what they are there for."""


def people_the_world(world: World) -> None:
    """Every kind of matter, once for all tests."""
    if ACCOUNTS:
        return
    ACCOUNTS["draft"] = world.draft()
    ACCOUNTS["active"] = world.active()
    ACCOUNTS["written"] = world.draft()
    world.write(ACCOUNTS["written"], name="Biblioteket läser", address="instagram.com/biblioteket", goals="")
    for number, name in enumerate(("decide", "answer", "wrong", "withdraw"), start=1):
        ACCOUNTS[name] = world.sent(name=f"Konto {number}", platform="tiktok", address="")
    _changed(world)
    ACCOUNTS["setting_up"] = world.setting_up(name="Läsklubben", platform="threads", address="")
    ACCOUNTS["declined"] = world.sent(name="Arkivet", platform="blog", address="")
    world.answer(world.open_task(ACCOUNTS["declined"]), "bo", Outcome.DECLINE, "Vi har inte folk.")
    ACCOUNTS["closing"] = world.active(name="Kvarten", platform="youtube", address="youtube.com/@kvarten")
    world.ask_to_close(ACCOUNTS["closing"])
    ACCOUNTS["guest"] = world.active(name="Gästen", platform="linkedin", address="")
    _ask_for_guest(world, ACCOUNTS["guest"])
    world.ask_for_administrator(ACCOUNTS["active"])
    ACCOUNTS["red"] = world.sent(name="Förskolan", platform="x", address="")
    ACCOUNTS["handed"] = world.sent(name="Badet", platform="facebook", address="")
    ACCOUNTS["lapsed"] = world.setting_up(name="Parken", platform="snapchat", address="")
    _lapse(world, ACCOUNTS["lapsed"])
    ACCOUNTS["stuck"] = _stuck(world)
    _two_papers(world)


def _two_papers(world: World) -> None:
    """Decisions as papers, one of them with its number."""
    assert make_papers(world.engine, world.now + timedelta(hours=2)).failures == []
    disa = world.people["disa"]
    with work(world.engine, world.now) as session:
        number_paper(session, world.now, paper_id=1, person_id=disa, number="KS 2026/123", via="portal")


def _nothing_then(page: Page, site: Site) -> None:
    at_home("disa", "lamna-ut", "active")(page, site)
    page.fill("#f-fran", "2100-01-01")
    page.click("main form button")


def _changed(world: World) -> None:
    """One plan that has come back changed, and one that waits for changes."""
    for name in ("changed", "wanted"):
        account_id = world.sent(name=name.capitalize(), platform="bluesky", address="")
        ACCOUNTS[name] = account_id
        world.answer(world.open_task(account_id), "bo", Outcome.ASK_FOR_CHANGES, "Hur gör ni i juli?")
    world.write(
        ACCOUNTS["changed"], name="Changed", platform="bluesky", address="", how_run="I juli: Gustav."
    )
    world.send(ACCOUNTS["changed"])


def _ask_for_guest(world: World, account_id: int) -> None:
    with work(world.engine, world.now) as session:
        caring.ask_for_guest(
            session,
            world.now,
            account_id=account_id,
            person_id=world.people["anna"],
            email=world.email("hanna"),
            since=world.now.date() + timedelta(days=7),
            until=world.now.date() + timedelta(days=12),
            via="portal",
        )
    world.look(account_id)


def _stuck(world: World) -> int:
    """An application with a step that nobody may answer, under rules of its own."""
    first = {**world.rules("opening")[0], "step": "diary", "roles": ["registry"], "assigns": False}
    world.adopt("2026-03-01", {"last_resort": "registry"}, opening=[first])
    return world.sent(name="Musikskolan", platform="mastodon", address="")


def _lapse(world: World, account_id: int) -> None:
    """At once, since the others do not wait."""
    with work(world.engine, world.now) as session:
        account = session.get_one(Account, account_id)
        withdraw_open(session, account, world.now)
        change_state(session, account, AccountState.LAPSED, world.now)


def _too_many_links(page: Page, site: Site) -> None:
    """Asked for an address that nobody has, so that no letter is written."""
    path = f"{site.url}/exempelby/mina-uppgifter"
    for _ in range(LINKS_AN_HOUR):
        page.request.post(path, form={"email": "ingen@example.org"}, max_redirects=0)
    page.goto(path)
    page.fill("#f-email", "ingen@example.org")
    page.click("main button")


def _handed_over(page: Page, site: Site) -> None:
    world = site.world
    [task] = world.questions(ACCOUNTS["handed"])
    path = world.task_link(task.id or 0, "bo")
    if world.people["bo"] in world.holders(task.id or 0):
        with work(world.engine, world.now) as session:
            answering.hand_over(
                session,
                world.now,
                task_id=task.id or 0,
                person_id=world.people["bo"],
                to_email=world.email("cilla"),
                via="link",
            )
    _go(page, site, path)


def _expired(page: Page, site: Site) -> None:
    gone = site.world.now - timedelta(days=1)
    path = site.world.link(LinkKind.DRAFT, "anna", account_id=ACCOUNTS["draft"], until=gone)
    _go(page, site, path)


def _newcomer(page: Page, site: Site) -> None:
    _go(page, site, site.world.link(LinkKind.CONFIRM_ADDRESS, email="ny.person@exempelby.example.org"))


DRAFT, DIGEST, MINE = LinkKind.DRAFT, LinkKind.DIGEST, LinkKind.MY_PAGE
SEND, ANSWER = 'button[value="send"]', 'form[action$="/svar"] button'
SIGHTS: dict[str, Way] = {
    "start": to("/exempelby"),
    "public list": to("/exempelby/konton"),
    "ask for the address": to("/exempelby/ansok"),
    "address missing": then(to("/exempelby/ansok"), "main button"),
    "ask for my page": to("/exempelby/mina-uppgifter"),
    "letter under way": to("/exempelby/ansok/skickat"),
    "begin": by_link(LinkKind.CONFIRM_ADDRESS, "anna"),
    "begin as newcomer": _newcomer,
    "begin without a name": then(_newcomer, "main button"),
    "empty plan": by_link(DRAFT, "anna", "draft"),
    "plan incomplete": then(by_link(DRAFT, "anna", "draft"), SEND),
    "plan saved": then(by_link(DRAFT, "anna", "draft"), 'button.secondary[value="save"]'),
    "plan with faults and doubles": unfolded(by_link(DRAFT, "anna", "written")),
    "preview": unfolded(then(by_link(DRAFT, "anna", "written"), 'button[value="preview"]')),
    "where it stands": unfolded(by_link(DRAFT, "anna", "decide")),
    "changes wanted": by_link(DRAFT, "anna", "wanted"),
    "changing the plan": then(by_link(DRAFT, "anna", "wanted"), "text=Ändra planen"),
    "declined": by_link(DRAFT, "anna", "declined"),
    "withdraw": then(by_link(DRAFT, "anna", "withdraw"), "text=Ta tillbaka ansökan"),
    "decide": unfolded(by_question("decide", "bo")),
    "decide on a changed plan": unfolded(by_question("changed", "bo")),
    "nothing chosen": then(by_question("wrong", "bo"), ANSWER),
    "no reason": then(by_question("wrong", "bo"), 'input[value="decline"]', ANSWER),
    "handed to nobody": then(
        by_question("wrong", "bo"), "text=Inte min fråga", 'form[action$="/lamna-over"] button'
    ),
    "answered": then(by_question("answer", "bo"), 'input[value="approve"]', ANSWER),
    "decide on an administrator": by_question("active", "bo"),
    "decide on a guest": by_question("guest", "bo"),
    "be consulted on closing": by_question("closing", "disa"),
    "handed over": _handed_over,
    "expired": _expired,
    "checklist": unfolded(by_link(DIGEST, "anna", "setting_up")),
    "checklist with a fault": then(by_link(DIGEST, "disa", "setting_up"), "article button"),
    "checklist done": by_link(DIGEST, "anna", "active"),
    "before my page": by_link(MINE, "anna"),
    "my page": at_home("anna"),
    "communications' page": at_home("disa"),
    "all accounts": at_home("disa", "konton"),
    "account": unfolded(at_home("anna", "konto", "active")),
    "account being closed": unfolded(at_home("anna", "konto", "closing")),
    "account as communications sees it": unfolded(at_home("disa", "konto", "active")),
    "taken back without a reason": then(
        at_home("disa", "konto", "closing"), "text=Ta tillbaka begäran", 'form[action$="/ta-tillbaka"] button'
    ),
    "nobody may answer": unfolded(at_home("disa", "ratta", "stuck")),
    "nobody is named": then(at_home("disa", "ratta", "stuck"), 'form[action$="/fraga-nagon"] button'),
    "repair": unfolded(at_home("disa", "ratta", "red")),
    "repair what lapsed": unfolded(at_home("erik", "ratta", "lapsed")),
    "the diary": unfolded(at_home("disa", "diariet")),
    "the diary without a number": then(at_home("disa", "diariet"), "main form button"),
    "whose records": at_home("disa", "lamna-ut"),
    "hand out": at_home("disa", "lamna-ut", "active"),
    "nothing to hand out": _nothing_then,
    "about me": at_home("anna", "om-mig"),
    "too many links": _too_many_links,
    "not found": to("/exempelby/finns-inte"),
    "unknown link": to("/l/unknown"),
    "without the cookie": to("/exempelby/fraga/1"),
    "wrong method": to("/exempelby/fraga/1/svar"),
}
