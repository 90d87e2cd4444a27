"""The plan is saved while it is written, where the browser runs our script, and by its buttons anyhow."""

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from acts import applying
from acts.work import work
from lifecycle.plans import attachment_count, current_plan
from models import Account, LinkKind
from runtime.database import reading
from tests.browser.conftest import Site

PDF = b"%PDF-1.4 ett"


def at_draft(page: Page, site: Site) -> Account:
    """Anna before a draft that has a file already."""
    world = site.world
    account_id = world.draft()
    with work(world.engine, world.now) as session:
        account = session.get_one(Account, account_id)
        applying.save_draft(session, account, {"platform": "instagram"}, world.now)
        applying.attach(session, account, "goals", "forut.pdf", PDF, world.people["anna"], world.now)
    page.goto(site.url + world.link(LinkKind.DRAFT, "anna", account_id=account_id))
    return world.account(account_id)


def test_what_is_written_is_there_after_a_while(page: Page, own_site: Site, tmp_path: Path) -> None:
    account = at_draft(page, own_site)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    says = page.locator("#sparas")
    expect(says).to_be_empty()
    page.fill("#f-name", "Biblioteket")
    page.fill("#f-purpose", "Fler unga läser.\nÅÄÖ ”citat”")
    for chosen in page.locator('input[type="file"]').all():
        chosen.set_input_files({"name": "ny.pdf", "mimeType": "application/pdf", "buffer": PDF})
    expect(says).to_have_text("Sparat 09.00")
    assert says.get_attribute("role") == "status" and said == []
    with reading(own_site.world.engine) as session:
        assert attachment_count(session, account) == 1, "nothing is uploaded or taken away"
    page.reload()
    assert page.input_value("#f-name") == "Biblioteket"
    assert page.input_value("#f-purpose") == "Fler unga läser.\nÅÄÖ ”citat”"
    page.fill("#f-name", "Bibliotekets konto")
    expect(says).to_have_text("Sparat 09.00")
    page.click('.actions button[value="save"]')
    page.wait_for_url("**sparad=1**")
    assert page.input_value("#f-name") == "Bibliotekets konto"


def test_a_save_that_fails_is_told_and_the_button_still_saves(page: Page, own_site: Site) -> None:
    account = at_draft(page, own_site)
    page.route(
        "**/plan", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    page.fill("#f-name", "Biblioteket")
    expect(page.locator("#sparas")).to_have_text("Inte sparat. Tryck på Spara.")
    page.unroute("**/plan")
    page.fill("#f-purpose", "x" * 4001)
    expect(page.locator("#sparas")).to_have_text("Inte sparat. Tryck på Spara.")
    page.fill("#f-purpose", "Kort.")
    expect(page.locator("#sparas")).to_have_text("Sparat 09.00")
    with reading(own_site.world.engine) as session:
        assert current_plan(session, account).answers["purpose"] == "Kort."


def test_a_button_pressed_at_once_needs_no_waiting(page: Page, own_site: Site) -> None:
    account = at_draft(page, own_site)
    page.fill("#f-name", "Biblioteket")
    page.click('.actions button[value="save"]')
    page.wait_for_url("**sparad=1**")
    assert own_site.world.account(account.id or 0).name == "Biblioteket"


def test_a_link_followed_at_once_loses_nothing(page: Page, own_site: Site) -> None:
    at_draft(page, own_site)
    page.fill("#f-name", "Biblioteket läser")
    page.click("footer >> text=English")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.input_value("#f-name") == "Biblioteket läser"
    page.fill("#f-goals", "Fler besök.")
    page.click("footer >> text=Svenska")
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    assert page.input_value("#f-goals") == "Fler besök."


def test_without_the_script_the_buttons_save(browser: Browser, own_site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    account = at_draft(page, own_site)
    page.fill("#f-name", "Biblioteket")
    page.press("#f-name", "Enter")
    page.wait_for_url("**sparad=1**")
    assert own_site.world.account(account.id or 0).name == "Biblioteket"
    context.close()
