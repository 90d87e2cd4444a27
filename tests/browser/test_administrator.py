"""An administrator's whole visit: the list before the start, the morning's watch, and what came up."""

import re

from playwright.sync_api import Page, expect

from acts.rounds import go_round
from acts.watching import ASK
from models import LinkKind
from tests.browser.conftest import Site


def test_an_administrator_confirms_watches_and_takes_care_of_what_happened(
    page: Page, own_site: Site
) -> None:
    world = own_site.world
    account_id = world.setting_up(name="Läsklubben", platform="threads")
    page.goto(own_site.url + world.link(LinkKind.DIGEST, "anna", account_id=account_id))
    lines = page.locator("article.item form")
    count = lines.count()
    assert count > 3
    lines.last.get_by_role("button").first.click()
    expect(page.locator("article.item form")).to_have_count(count - 1)
    world.confirm_all(account_id)
    assert go_round(world.engine, ASK, world.now).failures == []

    page.goto(own_site.url + world.link(LinkKind.MORNING, "anna"))
    expect(page.locator("#bevaka")).to_have_text("Titta till (1)")
    page.click("text=Jag har tittat till det")
    expect(page.locator("main")).to_contain_text("Tack, det är bekräftat.")
    expect(page.locator("#bevakat + ul")).to_contain_text("Anna Berg")
    page.click("text=Något har hänt")
    page.locator("main input[type=radio]").first.check()
    page.fill("#f-what", "Någon hotas i en kommentar.")
    page.click("text=Öppna ärendet")
    expect(page).to_have_url(re.compile(r"/arende/\d+"))
    expect(page.locator("main")).to_contain_text("Någon hotas i en kommentar.")
    page.goto(own_site.url + world.link(LinkKind.MORNING, "anna"))
    expect(page.locator("main")).to_contain_text("Läsklubben")
