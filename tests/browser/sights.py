"""How to come to every page that the portal can show."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from unittest.mock import patch

from playwright.sync_api import Page

from acts import answering, crises
from acts.work import work
from lifecycle.crises import crisis_now
from lifecycle.events import EventKind
from lifecycle.journal import record
from models import Account, Link, LinkKind, Municipality, TaskKind, TaskState, UserTask
from runtime.database import writing
from tests.browser.conftest import Site
from tests.browser.peopled import ACCOUNTS, CASES, DUTIES, TASKS
from tests.web.test_database_away import locked
from web.limits import LINKS_AN_HOUR, ORDINARY_LIMIT, REPORTS_AN_HOUR

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


def by_morning(kind: TaskKind) -> Way:
    """By the morning letter, to the page of a duty."""

    def _way(page: Page, site: Site) -> None:
        _go(page, site, site.world.link(LinkKind.MORNING, "anna"))
        page.goto(f"{page.url}/uppgift/{DUTIES[kind]}")

    return _way


def then(way: Way, *clicks: str) -> Way:
    """The same, and then some clicks."""

    def _way(page: Page, site: Site) -> None:
        way(page, site)
        for click in clicks:
            page.click(click)

    return _way


def in_english(way: Way) -> Way:
    """The same, to somebody who has chosen English."""

    def _way(page: Page, site: Site) -> None:
        _go(page, site, "/exempelby?sprak=en")
        way(page, site)

    return _way


def unfolded(way: Way) -> Way:
    """The same, with everything that can be unfolded."""

    def _way(page: Page, site: Site) -> None:
        way(page, site)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    return _way


_RULES = count(22)


def _strictly(way: Way) -> Way:
    """The same page while the rules want a sign-in of whoever decides."""

    def _way(page: Page, site: Site) -> None:
        today, new = str(site.world.now.date()), {"link_days": next(_RULES)}
        site.world.adopt(today, {"signing": "sign-in", **new})
        way(page, site)
        site.world.adopt(today, {"signing": "link", **new})

    return _way


def _answered_in_vain(page: Page, site: Site) -> None:
    """A decision posted while the database takes nothing."""
    by_question("decide", "bo")(page, site)
    page.check('input[value="approve"]')
    page.fill("#f-reason", "Vi har folk.")
    with locked(site.world.engine):
        page.click(ANSWER)


def _signing_in(below: str) -> Way:
    """From a question to a page on the way to sign in."""

    def _way(page: Page, site: Site) -> None:
        by_question("signed", "bo")(page, site)
        page.goto(f"{page.url}/{below}")

    return _way


def in_register(account: str, below: str) -> Way:
    """An account's public page, or one below it."""
    return lambda page, site: _go(page, site, f"/exempelby/konton/{ACCOUNTS[account]}{below}")


def _reported(page: Page, site: Site) -> None:
    in_register("active", "/rapportera")(page, site)
    page.check('input[value="forbidden"]')
    page.fill("#f-vad", "Ett hot mot en namngiven person.")
    page.click("main form button")


def _nothing_then(page: Page, site: Site) -> None:
    at_home("disa", "lamna-ut", "active")(page, site)
    page.fill("#f-fran", "2100-01-01")
    page.click("main form button")


def at_duty(name: str, who: str) -> Way:
    """By the morning letter's link, and then the duty."""

    def _way(page: Page, site: Site) -> None:
        _go(page, site, site.world.link(LinkKind.MORNING, who))
        page.goto(f"{page.url}/uppgift/{DUTIES[name]}")

    return _way


def at_the_day(who: str, below: str = "", case: str = "") -> Way:
    """By the morning letter's link."""

    def _way(page: Page, site: Site) -> None:
        _go(page, site, site.world.link(LinkKind.MORNING, who))
        number = f"/{CASES[case]}" if case else ""
        if below:
            page.goto(f"{page.url}/{below}{number}")

    return _way


def _something_happened(page: Page, site: Site) -> None:
    at_the_day("anna", f"handelse?konto={ACCOUNTS['cased']}")(page, site)


def _suggested(who: str) -> Way:
    """The page of absences, as an out-of-office answer fills it in."""
    return lambda page, site: at_home(who, f"franvaro/forslag/{TASKS['away']}")(page, site)


def _sends_again(page: Page, site: Site) -> None:
    number, who = ACCOUNTS["red"], site.world.people["bo"]
    at_home("disa", f"skicka-igen/{number}/{who}")(page, site)


def _leaves(who: str) -> Way:
    """The page of somebody who leaves."""

    def _way(page: Page, site: Site) -> None:
        at_home("disa", f"slutar/{site.world.people[who]}")(page, site)

    return _way


def _confirms(page: Page, site: Site) -> None:
    _go(page, site, site.world.link(LinkKind.CONFIRM_ACT, "erik", task_id=TASKS["leaving"]))


def _looks_into_name(step: str) -> Way:
    def _way(page: Page, site: Site) -> None:
        at_home("disa", f"idag/uppgift/{TASKS[step]}")(page, site)

    return _way


def _looks_into(page: Page, site: Site) -> None:
    at_home("disa", f"idag/uppgift/{TASKS['missing']}")(page, site)


def _in_crisis(way: Way) -> Way:
    """The same while there is a crisis, which goes on for the pages looked at later."""

    def _way(page: Page, site: Site) -> None:
        world = site.world
        with work(world.engine, world.now) as session:
            if crisis_now(session, world.municipality_id) is None:
                by_id, message = world.people["disa"], "Dricksvattnet är otjänligt."
                crises.begin(session, world.now, by_id=by_id, message=message, via="portal")
        way(page, site)

    return _way


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


def _filled(way: Way, button: str, **fields: str) -> Way:
    """The same with fields of a form filled in, by their ids, and the form sent."""

    def _way(page: Page, site: Site) -> None:
        unfolded(way)(page, site)
        for field, text in fields.items():
            page.fill(f"#f-{field.replace('_', '-')}", text)
        page.click(button)

    return _way


def _imported(page: Page, site: Site) -> None:
    """A file of people, each of whom lacks something."""
    at_home("disa", "import")(page, site)
    page.check('input[value="people"]')
    rows = b"namn;e-post\nAnna Ek;anna\n;bo@exempelby.example.org\n"
    page.set_input_files("#f-fil", {"name": "personer.csv", "mimeType": "text/csv", "buffer": rows})
    page.click("main form button")


def _too_late(way: Way) -> Way:
    """A long reason for no, sent three hours after the page was opened."""

    def _way(page: Page, site: Site) -> None:
        way(page, site)
        page.check('input[value="decline"]')
        page.fill("#f-reason", "Vi har inte folk i juli.\nI augusti går det bättre.")
        before, site.world.now = site.world.now, site.world.now + timedelta(hours=3)
        page.click(ANSWER)
        site.world.now = before

    return _way


def _described_too_late(page: Page, site: Site) -> None:
    """What happened, sent when the day's letter no longer opens anything."""
    world, before = site.world, site.world.now
    _go(page, site, world.link(LinkKind.MORNING, "anna", until=before + timedelta(hours=1)))
    page.goto(f"{page.url}/handelse?konto={ACCOUNTS['cased']}")
    page.fill("#f-what", "Ett hot mot en namngiven person.")
    world.now = before + timedelta(hours=1, minutes=5)
    page.click("main form button")
    world.now = before


def _own_question(page: Page, site: Site) -> None:
    [task] = site.world.questions(ACCOUNTS["wrong"])
    at_home("bo", f"fraga/{task.id}")(page, site)


def _coloured(colour: str) -> Way:
    """The form of the municipality's look, filled in."""

    def _way(page: Page, site: Site) -> None:
        at_home("disa", "utseende")(page, site)
        page.fill("#f-farg", colour)

    return _way


def _worded(introduction: str, what: str) -> Way:
    """The page of a letter, after its form."""

    def _way(page: Page, site: Site) -> None:
        at_home("disa", "brev/decision_asked")(page, site)
        page.fill("#f-introduction", introduction)
        page.click(f'button[value="{what}"]')

    return _way


ENDINGS: dict[str, tuple[TaskState, EventKind | None]] = {
    "withdrawn": (TaskState.WITHDRAWN, EventKind.APPLICATION_WITHDRAWN),
    "ended": (TaskState.WITHDRAWN, EventKind.APPLICATION_ENDED),
    "declined elsewhere": (TaskState.WITHDRAWN, EventKind.APPLICATION_DECLINED),
    "lapsed": (TaskState.WITHDRAWN, EventKind.APPLICATION_LAPSED),
    "about a changed plan": (TaskState.WITHDRAWN, EventKind.PLAN_RESENT),
    "overtaken": (TaskState.WITHDRAWN, None),
    "taken back": (TaskState.TAKEN_BACK, EventKind.TAKEN_BACK),
    "not answered in time": (TaskState.NO_ANSWER, None),
}
"""How a question may end without an answer: its state, and what the log says."""


def _ended(how: str) -> Way:
    """The page of a question that has ended so. Only what the page reads is written, and nobody is told."""

    def _way(page: Page, site: Site) -> None:
        world, (state, kind) = site.world, ENDINGS[how]
        task_id = world.open_task(world.sent(name=f"Ängen {how}", platform="blog", address=""))
        with writing(world.engine) as session:
            task = session.get_one(UserTask, task_id)
            task.state, task.due_at, account = state, world.now, session.get_one(Account, task.account_id)
            if kind is not None:
                record(session, kind, world.now, account=account, task=task)
        _go(page, site, world.task_link(task_id, "bo"))

    return _way


def _answered_by_another(page: Page, site: Site) -> None:
    task_id = site.world.open_task(site.world.sent(name="Hagen", platform="blog", address=""))
    site.world.answer(task_id, "bo")
    _go(page, site, site.world.task_link(task_id, "cilla"))


def _used(page: Page, site: Site) -> None:
    path = site.world.link(LinkKind.MY_PAGE, "anna")
    _go(page, site, path)
    page.click("main button")
    page.context.clear_cookies()
    _go(page, site, path)


def _replaced(page: Page, site: Site) -> None:
    path = site.world.link(LinkKind.MORNING, "anna")
    with writing(site.world.engine) as session:
        session.get_one(Link, max(one.id or 0 for one in site.world.links())).dead_at = site.world.now
    _go(page, site, path)


def _on_the_way_to_sign_in(page: Page, site: Site) -> None:
    """It leads on by itself, which is held back."""
    page.route("**/fraga/*/inloggning", lambda route: route.abort("aborted"), times=1)
    _signing_in("till-inloggning")(page, site)


def _choose_municipality(page: Page, site: Site) -> None:
    """While there is another."""
    other = Municipality(slug="grannby", name="Grannby kommun", sender_address="k@example.org")
    with writing(site.world.engine) as session:
        session.add(other)
    to("/")(page, site)
    with writing(site.world.engine) as session:
        session.delete(other)


FILL = """(one, value) => { (one.options ? one.options[one.selectedIndex] : one).value = value; }"""


def _post_changed(way: Way, name: str, value: str, click: str) -> Way:
    """A form with something else in a field than the page gave it."""

    def _way(page: Page, site: Site) -> None:
        way(page, site)
        page.eval_on_selector(f"[name={name}]", FILL, value)
        page.click(click)

    return _way


def _garbled(page: Page, site: Site) -> None:
    """A form whose parts cannot be told from each other."""
    to("/exempelby/mina-uppgifter")(page, site)
    torn = {"content-type": "multipart/form-data"}
    page.route(
        "**/mina-uppgifter",
        lambda route: route.continue_(headers=route.request.headers | torn),
        times=1,
    )
    page.fill("#f-email", "anna@exempelby.example.org")
    page.click("main button")


def _broken(page: Page, site: Site) -> None:
    with patch("web.statement.municipality_at", side_effect=RuntimeError("a fault of ours")):
        to("/exempelby/tillganglighet")(page, site)


def _too_many_reports(page: Page, site: Site) -> None:
    """Empty ones, which become no case."""
    for _ in range(REPORTS_AN_HOUR):
        page.request.post(f"{site.url}/exempelby/konton/rapportera", form={"vad": ""}, max_redirects=0)
    then(in_register("active", "/rapportera"), "main form button")(page, site)


DRAFT, DIGEST, MINE = LinkKind.DRAFT, LinkKind.DIGEST, LinkKind.MY_PAGE
SEND, ANSWER = 'button[value="send"]', 'form[action$="/svar"] button'
SIGHTS: dict[str, Way] = {
    "start": to("/exempelby"),
    "public list": to("/exempelby/konton"),
    "the process": unfolded(to("/exempelby/processen")),
    "the process with numbers": unfolded(at_home("disa", "processen")),
    "one public account": in_register("active", ""),
    "it is official": to("/exempelby/konton/officiellt?adress=instagram.com/biblioteket"),
    "nobody knows it": to("/exempelby/konton/officiellt?adress=https://www.instagram.com/p/C9x/"),
    "report about an account": in_register("active", "/rapportera"),
    "reported too little": then(in_register("active", "/rapportera"), "main form button"),
    "report an unknown account": to("/exempelby/konton/rapportera?adress=facebook.com/exempelbyy"),
    "receipt of a report": _reported,
    "how to embed the list": to("/exempelby/konton/bygg-in"),
    "the list within another page": to("/exempelby/konton/inbaddad"),
    "statement of accessibility": to("/exempelby/tillganglighet"),
    "public list, in English": in_english(to("/exempelby/konton")),
    "reported too little, in English": in_english(
        then(in_register("active", "/rapportera"), "main form button")
    ),
    "statement, in English": in_english(to("/exempelby/tillganglighet")),
    "plan incomplete, in English": in_english(then(by_link(DRAFT, "anna", "draft"), SEND)),
    "decide, in English": in_english(unfolded(by_question("decide", "bo"))),
    "a page in Swedish only": in_english(at_home("hanna", "franvaro")),
    "ask for the address": to("/exempelby/ansok"),
    "address missing": then(to("/exempelby/ansok"), "main button"),
    "ask for my page": to("/exempelby/mina-uppgifter"),
    "the sign-in does not answer": to("/exempelby/inloggning"),
    "signed in as somebody unknown": to("/exempelby/inloggning/gick-inte/unknown"),
    "signed in too weakly, in English": in_english(to("/exempelby/inloggning/gick-inte/too_weak")),
    "a sign-in that was lost": to("/inloggning/klar?code=x&state=y"),
    "signed out": to("/exempelby/inloggning/ut"),
    "decide by signing in": unfolded(by_question("signed", "bo")),
    "decide by signing in, in English": in_english(unfolded(by_question("signed", "bo"))),
    "the sign-in does not answer before a decision": _signing_in("inloggning"),
    "signed in as somebody else than the one asked": _signing_in("inloggning/gick-inte/someone_else"),
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
    "overviews": at_home("disa", "oversikt"),
    "overview of today": at_home("disa", "oversikt/idag"),
    "overview of all accounts": at_home("disa", "oversikt/register"),
    "overview of the rules": at_home("disa", "oversikt/regler"),
    "account": unfolded(at_home("anna", "konto", "active")),
    "account being closed": unfolded(at_home("anna", "konto", "closing")),
    "account as communications sees it": unfolded(at_home("disa", "konto", "active")),
    "taken back without a reason": then(
        at_home("disa", "konto", "closing"), "text=Ta tillbaka begäran", 'form[action$="/ta-tillbaka"] button'
    ),
    "nobody may answer": unfolded(at_home("disa", "ratta", "stuck")),
    "nobody is named": then(at_home("disa", "ratta", "stuck"), 'form[action$="/fraga-nagon"] button'),
    "repair": unfolded(at_home("disa", "ratta", "red")),
    "moved to nobody": _filled(
        at_home("disa", "ratta", "red"),
        "#form-flytta button",
        flytta_to="ingen",
        flytta_reason="Hen är ledig.",
    ),
    "moved without a reason": _filled(
        at_home("disa", "ratta", "red"), "#form-flytta button", flytta_to="gustav.holm@exempelby.example.org"
    ),
    "asked somebody unknown": _filled(
        at_home("disa", "ratta", "stuck"),
        "#form-fraga-nagon button",
        fraga_to="ingen",
        fraga_nagon_reason="Hen vet.",
    ),
    "no guest": _filled(at_home("anna", "konto", "active"), "#form-gast button", g_email="ingen"),
    "rest without days": _filled(at_home("anna", "konto", "active"), "#form-vila button", vila_last=""),
    "repair what lapsed": unfolded(at_home("erik", "ratta", "lapsed")),
    "day": at_the_day("anna"),
    "which account": at_the_day("anna", "handelse"),
    "something has happened": _something_happened,
    "nothing has happened": then(_something_happened, "main form button"),
    "case": unfolded(at_the_day("anna", "arende", "removing")),
    "case without its number": then(
        at_the_day("anna", "arende", "removing"), 'form[action*="/steg/"] button'
    ),
    "case that many reported": at_the_day("anna", "arende", "joined"),
    "case that is late": unfolded(at_the_day("anna", "arende", "late")),
    "case to forward": unfolded(at_the_day("anna", "arende", "forwarding")),
    "case to advise on": unfolded(at_the_day("disa", "arende", "advising")),
    "evaluate": unfolded(at_duty("evaluate evaluated", "anna")),
    "evaluated too little": then(at_duty("evaluate evaluated", "anna"), "main form button"),
    "put right": at_duty("look_into to_change", "anna"),
    "somebody else has it": at_duty("look_into taken over", "anna"),
    "confirm a line anew": unfolded(at_duty("renew evaluated", "disa")),
    "acknowledge a new edition": unfolded(at_duty("renew", "anna")),
    "a new directive": unfolded(at_duty("review_guideline", "disa")),
    "new rules": unfolded(at_duty("approve_policy", "erik")),
    "not approved without a reason": then(
        at_duty("approve_policy", "erik"), 'input[value="nej"]', "main form button"
    ),
    "the guideline": unfolded(at_home("disa", "riktlinjen")),
    "open cases": at_home("disa", "arenden"),
    "account with cases": unfolded(at_home("disa", "konto", "cased")),
    "nothing posted": unfolded(by_morning(TaskKind.POST)),
    "nothing posted, and no reason": then(by_morning(TaskKind.POST), "form#svar button"),
    "tell what was posted": by_morning(TaskKind.TELL_POSTS),
    "told something that cannot be": then(
        by_morning(TaskKind.TELL_POSTS), 'input[value="ja"]', "form#svar button"
    ),
    "warned": by_morning(TaskKind.WARN),
    "reviewed": unfolded(by_morning(TaskKind.REVIEW)),
    "kept without a day": then(by_morning(TaskKind.REVIEW), 'input[value="rest"]', "form#svar button"),
    "kept without a reason": then(by_morning(TaskKind.REVIEW), 'input[value="keep"]', "form#svar button"),
    "approved without an answer": then(at_duty("approve_policy", "erik"), "main form button"),
    "confirmed anew without an answer": then(at_duty("renew evaluated", "disa"), "form#svar button"),
    "reviewed without an answer": then(by_morning(TaskKind.REVIEW), "form#svar button"),
    "told nothing about posts": then(by_morning(TaskKind.TELL_POSTS), "form#svar button"),
    "a directive without an answer": then(at_duty("review_guideline", "disa"), "form#svar button"),
    "weed": by_morning(TaskKind.WEED),
    "weeded without an answer": then(by_morning(TaskKind.WEED), "form#svar button"),
    "take a picture": by_morning(TaskKind.TAKE_SNAPSHOT),
    "no picture": then(by_morning(TaskKind.TAKE_SNAPSHOT), "form#svar button"),
    "to look into": by_morning(TaskKind.LOOK_INTO),
    "absence": unfolded(at_home("cilla", "franvaro")),
    "absence that others see": unfolded(at_home("disa", "franvaro")),
    "absence that was suggested": _suggested("bo"),
    "absence suggested for another": _suggested("disa"),
    "absence entered": then(at_home("hanna", "franvaro"), "#form-ny button"),
    "who leaves": at_home("disa", "slutar"),
    "nobody leaves": then(at_home("disa", "slutar"), "main form button"),
    "leaves": _leaves("gustav"),
    "confirm an act": _confirms,
    "confirm an act by signing in": _strictly(_confirms),
    "evaluate by signing in": _strictly(at_duty("evaluate evaluated", "anna")),
    "the database is away": _answered_in_vain,
    "an import": at_home("disa", "import"),
    "an import of nothing": then(at_home("disa", "import"), "main form button"),
    "an import with faults": _imported,
    "start a crisis": at_home("erik", "kris"),
    "sure about a crisis": then(at_home("erik", "kris"), "main form button"),
    "own look": at_home("disa", "utseende"),
    "no colour": then(_coloured("blått"), "main form button"),
    "own words": at_home("disa", "brev"),
    "a letter's own words": unfolded(_worded("Hej {namn}!", "spara")),
    "own words with faults": _worded("Hej {rektor}! {", "visa"),
    "one's page in a crisis": _in_crisis(at_home("anna")),
    "the day in a crisis": _in_crisis(at_home("anna", "idag")),
    "inventory": unfolded(at_home("hanna", "idag/inventering")),
    "inventory without an answer": then(at_home("hanna", "idag/inventering"), "#form-inventering button"),
    "inventory of all": unfolded(at_home("disa", "inventering")),
    "look into": _looks_into,
    "a letter that did not arrive": unfolded(_looks_into_name("returned")),
    "send a link again": _sends_again,
    "a link sent again": then(_sends_again, "main form button"),
    "a look-alike": _looks_into_name("liknar"),
    "a former address": _looks_into_name("namn"),
    "account with names under watch": at_home("disa", "konto", "named"),
    "look into without a word": then(_looks_into, "main form button"),
    "a year in numbers": at_home("disa", "arsrapport"),
    "the diary": unfolded(at_home("disa", "diariet")),
    "the diary without a number": then(at_home("disa", "diariet"), "main form button"),
    "whose records": at_home("disa", "lamna-ut"),
    "hand out": at_home("disa", "lamna-ut", "active"),
    "nothing to hand out": _nothing_then,
    "about me": at_home("anna", "om-mig"),
    "no calendar": at_home("bo", "kalender"),
    "a calendar's address": then(at_home("anna", "kalender"), "main form button"),
    "too many links": _too_many_links,
    "too many reports": _too_many_reports,
    "a fresh link sent": then(_expired, "main form button"),
    "which municipality": _choose_municipality,
    "on the way to sign in": _on_the_way_to_sign_in,
    "a garbled form": _garbled,
    "a foreign form": _post_changed(by_link(MINE, "anna"), "form_token", "en annans", "main button"),
    "a form that is too large": _post_changed(
        in_register("active", "/rapportera"), "vad", "x" * (ORDINARY_LIMIT + 1), "main form button"
    ),
    "refused": _post_changed(at_home("anna"), "language", "xx", 'form[action$="/sprak"] button'),
    "a broken page": _broken,
    "a link used": _used,
    "a link replaced": _replaced,
    "question answered by another": _answered_by_another,
    **{f"question {how}": _ended(how) for how in ENDINGS},
    "another's page": at_home("anna", "konto/9999"),
    "not found": to("/exempelby/finns-inte"),
    "unknown link": to("/l/unknown"),
    "without the cookie": to("/exempelby/fraga/1"),
    "answered too late": _too_late(by_question("wrong", "bo")),
    "answered too late from one's own page": _too_late(_own_question),
    "answered too late, in English": in_english(_too_late(by_question("wrong", "bo"))),
    "described too late": _described_too_late,
    "wrong method": to("/exempelby/fraga/1/svar"),
    "a difficult colour": then(_coloured("#ffd500"), "main form button"),
}
"""In this order: the last one colours all that would come after it."""
