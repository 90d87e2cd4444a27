"""A whole application, and its first decision, by keyboard alone."""

import pytest
from playwright.sync_api import Page

from models import AccountState, LinkKind, Outcome
from tests.browser.conftest import Site
from tests.browser.peopled import people_the_world
from tests.browser.sights import SIGHTS
from tests.web.world import PLAN

MOST_STOPS = 120


def focused(page: Page) -> str:
    """What has the focus: its id, or its text."""
    return str(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until something has the focus; every stop on the way must be seen to have it."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        assert outline(page) >= 2, f"the focus is not seen on {focused(page)}"
        if focused(page) == wanted:
            return
    raise AssertionError(f"Tab never comes to {wanted}")


def outline(page: Page) -> float:
    """Width in pixels of the focused thing's outline."""
    return float(
        page.evaluate(
            """() => { const style = getComputedStyle(document.activeElement);
                return style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth); }"""
        )
    )


def write(page: Page, field: str, text: str) -> None:
    tab_to(page, f"f-{field}")
    page.keyboard.insert_text(text)


def press(page: Page, button: str) -> None:
    tab_to(page, button)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_an_application_and_its_decision(page: Page, own_site: Site) -> None:
    world = own_site.world
    page.goto(f"{own_site.url}/exempelby")
    page.keyboard.press("Tab")
    assert focused(page) == "Hoppa till innehållet"
    tab_to(page, "Ansök om kontoDu skriver en plan och ser hela tiden var ansökan står.")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ansok")
    write(page, "email", world.email("anna"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/skickat")

    page.goto(own_site.url + world.link(LinkKind.CONFIRM_ADDRESS, "anna"))
    press(page, "Börja ansökan")
    press(page, "Skicka ansökan")
    assert focused(page) == "fel", "the summary of what is missing is read first"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert focused(page) == "f-name", "its links lead to the fields"
    page.keyboard.insert_text("Biblioteket")
    tab_to(page, "f-platform")
    page.keyboard.type("Insta")
    plan = {
        field: "\n".join(world.plan[field]) if isinstance(world.plan[field], list) else world.plan[field]
        for field in fields_on(page)
        if field in world.plan
    }
    assert set(PLAN) <= set(plan)
    for field, text in plan.items():
        write(page, field, text)
    press(page, "Skicka ansökan")
    assert page.text_content("h1") == "Din ansökan: Instagram ”Biblioteket”"
    assert world.account(1).state is AccountState.DECIDING

    world.look(1)
    task = world.open_task(1)
    page.goto(own_site.url + world.task_link(task, "bo"))
    while page.evaluate("document.activeElement.name") != "outcome":
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    press(page, "Lämna svaret")
    assert "ditt svar är registrerat" in (page.text_content("main") or "")
    assert world.task(task).outcome is Outcome.APPROVE
    press(page, "Ta tillbaka svaret")
    assert "tillbakataget" in (page.text_content("main") or "")


def fields_on(page: Page) -> list[str]:
    """The plan's fields in the page's order."""
    ids: list[str] = page.eval_on_selector_all("form.plan [id^='f-']", "all => all.map(one => one.id)")
    return [one.removeprefix("f-") for one in ids]


def test_enter_in_a_field_saves_and_takes_nothing_away(page: Page, own_site: Site) -> None:
    world = own_site.world
    page.goto(own_site.url + world.link(LinkKind.DRAFT, "anna", account_id=world.draft()))
    page.fill("#f-name", "Biblioteket")
    page.press("#f-name", "Enter")
    page.wait_for_url("**sparad=1**")
    assert world.account(1).name == "Biblioteket"
    assert focused(page) == "sparat"


def test_the_portal_runs_no_script_and_asks_nobody_else(page: Page, own_site: Site) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{own_site.url}/exempelby/ansok")
    assert all(url.startswith(own_site.url) for url in asked), asked
    assert page.evaluate("document.scripts.length") == 0
    assert said == [], "nothing breaks the content policy"


WITH_FORMS = (
    "public list",
    "report about an account",
    "own look",
    "a letter's own words",
    "an import",
    "absence that others see",
    "evaluated too little",
    "repair",
)
"""What is filled in, one of each; the application and its decision are played in whole above."""
STOPS = """() => {
    const radios = new Set();
    return [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
        .filter(one => one.checkVisibility() && !one.disabled && one.type !== 'hidden' && one.tabIndex >= 0)
        .filter(one => one.type !== 'radio' || !radios.has(one.name) && radios.add(one.name))
        .map(one => one.type === 'radio' ? `radio ${one.name}`
            : one.dataset.stop = `${one.tagName} ${one.id} ${Math.random()}`);
}"""
STOP = """() => { const one = document.activeElement;
    return one.type === 'radio' ? `radio ${one.name}` : one.dataset.stop || one.tagName; }"""


@pytest.mark.parametrize("name", WITH_FORMS)
def test_every_control_is_reached_by_tab_and_seen_to_be(page: Page, site: Site, name: str) -> None:
    """None is left out, none keeps the focus, and where one is can be seen (WCAG 2.1.1, 2.1.2, 2.4.7)."""
    people_the_world(site.world)
    SIGHTS[name](page, site)
    page.wait_for_selector("footer")
    wanted = set(page.evaluate(STOPS))
    page.evaluate("document.activeElement?.blur()")
    reached: set[str] = set()
    for _ in range(4 * len(wanted)):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        reached.add(stop)
        assert stop == "BODY" or outline(page) >= 2, f"the focus is not seen on {focused(page)}"
        if wanted <= reached:
            return
    raise AssertionError(f"Tab never comes to {wanted - reached}")
