"""A citizen's whole visit: finds the account, asks whether an address is ours, and reports something."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site


def test_a_citizen_finds_checks_and_reports(page: Page, own_site: Site) -> None:
    world = own_site.world
    world.active(name="Biblioteket", address="https://www.instagram.com/biblioteket")
    world.active(
        name="Sångkören Näktergalen", platform="youtube", address="https://www.youtube.com/@naktergalen"
    )
    page.goto(f"{own_site.url}/exempelby")
    page.click("text=Kommunens konton")
    page.fill("#f-q", "sangkoren nakergalen")
    page.press("#f-q", "Enter")
    page.locator(".rows > li").first.get_by_role("link", name="Sångkören Näktergalen").click()
    expect(page.locator("main")).to_contain_text("officiellt konto för Exempelby")
    page.click(".back a")
    page.click("text=Se om det är officiellt")
    page.fill("#f-adress", "m.youtube.com/@Naktergalen/videos?si=x")
    page.keyboard.press("Enter")
    expect(page.locator("#svaret")).to_contain_text("Ja, det är vårt")
    expect(page.locator("#svaret")).to_be_focused()
    page.fill("#f-adress", "https://www.youtube.com/@naktergalen2")
    page.click("main form button")
    expect(page.locator("#svaret")).to_contain_text("Vi känner inte till adressen")
    page.fill("#f-adress", "https://www.instagram.com/biblioteket/reel/C9x/")
    page.click("main form button")
    page.click("text=Rapportera något om kontot")
    expect(page.locator("#f-adress")).to_have_value("https://www.instagram.com/biblioteket/reel/C9x/")
    page.fill("#f-vad", "I kommentarerna hotas någon.")
    page.click("main form button")
    expect(page.locator("#fel")).to_contain_text("Välj vad det gäller.")
    page.check("text=Otillåtet innehåll")
    page.click("main form button")
    expect(page.locator("h1")).to_have_text("Tack, vi har fått det du skrev")
    expect(page.locator("main")).to_contain_text("Det ska vara åtgärdat senast 4 mars 2026 kl. 09.00")
