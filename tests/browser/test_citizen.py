"""A citizen's whole visit: finds the account, asks whether an address is ours, and reports something."""

from playwright.sync_api import Page, expect

from acts import caring
from acts.work import work
from tests.browser.conftest import Site
from tests.web.world import World


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


def moved(world: World, account_id: int, address: str) -> None:
    """The account has another address from now on."""
    with work(world.engine, world.now) as session:
        anna = world.people["anna"]
        caring.change_address(
            session, world.now, account_id=account_id, person_id=anna, address=address, via="portal"
        )


def test_a_citizen_asks_about_what_is_not_ours_any_more_and_reports_what_nobody_knows(
    page: Page, own_site: Site
) -> None:
    world = own_site.world
    account_id = world.active(name="Biblioteket", address="https://www.instagram.com/biblioteket")
    world.wait(days=1)
    moved(world, account_id, "https://www.instagram.com/exempelbybibliotek")
    page.goto(f"{own_site.url}/exempelby/konton/officiellt")
    answer = page.locator("#svaret")
    page.fill("#f-adress", "instagram.com/biblioteket")
    page.click("main form button")
    expect(answer).to_contain_text("Adressen var officiell till och med 3 mars 2026.")
    expect(answer).to_contain_text("Den hörde till Biblioteket, Instagram, som nu har en annan adress.")
    expect(answer).to_be_focused()
    page.fill("#f-adress", "https://www.instagram.com/p/C9x/")
    page.click("main form button")
    expect(answer).to_contain_text("Det går inte att se av adressen")
    expect(answer).to_contain_text("gå till kontot som har lagt ut det")
    page.fill("#f-adress", "https://www.instagram.com/bibl1oteket")
    page.click("main form button")
    expect(answer).to_contain_text("Vi känner inte till adressen")
    answer.get_by_role("link", name="Rapportera det").click()
    expect(page.locator("h1")).to_have_text("Rapportera ett okänt konto")
    expect(page.locator("#f-adress")).to_have_value("https://www.instagram.com/bibl1oteket")
    page.click("main form button")
    expect(page.locator("#fel")).to_be_visible()
    page.fill("#f-vad", "Det ber om lånekortets nummer.")
    page.click("main form button")
    expect(page.locator("h1")).to_have_text("Tack, vi har fått det du skrev")
    expect(page.locator("main")).to_contain_text("Ett konto som kanske inte är vårt")
    expect(page.locator("main")).to_contain_text("Kommunikationsenheten läser det")
    expect(page.locator("main")).not_to_contain_text("lånekortets")
