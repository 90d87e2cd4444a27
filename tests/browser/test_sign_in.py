"""A manager decides by signing in, in a real browser and at a real provider."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from models import Outcome
from tests.browser.conftest import Site, serve
from tests.identity_provider_fixture import PASSWORD, RealProvider


@pytest.fixture
def signing_site(tmp_path: Path, provider_process: RealProvider) -> Iterator[Site]:
    """A portal that the provider knows, under rules by which whoever decides signs in."""
    for site in serve(tmp_path, **provider_process.settings()):
        provider_process.know(site.url)
        site.world.adopt("2026-03-01", {"signing": "sign-in"})
        yield site


def sign_in(page: Page, provider: RealProvider, user: str) -> None:
    """At the provider's own form."""
    expect(page).to_have_url(re.compile(re.escape(f"{provider.issuer}/authorize")))
    page.fill("input[name=user]", user)
    page.fill("input[name=password]", PASSWORD)
    page.click("button")


def test_a_manager_decides_by_signing_in(
    page: Page, signing_site: Site, provider_process: RealProvider
) -> None:
    world, provider = signing_site.world, provider_process
    task = world.open_task(world.sent())
    page.goto(signing_site.url + world.task_link(task, "bo"))
    page.check("input[value=ask_for_changes]")
    page.fill("#f-reason", "Skriv mer om målgruppen.")
    page.click("text=Logga in för att svara")
    sign_in(page, provider, world.email("anna"))
    expect(page.locator("h1")).to_have_text("Frågan är ställd till någon annan")
    page.click("text=Logga in som Bo Ceder")
    expect(page.locator("input[name=user]")).to_have_value(world.email("bo"))
    sign_in(page, provider, world.email("bo"))
    expect(page.locator("main")).to_contain_text(f"Du är inloggad som {world.email('bo')}.")
    expect(page.locator("input[value=ask_for_changes]")).to_be_checked()
    expect(page.locator("#f-reason")).to_have_value("Skriv mer om målgruppen.")
    page.click("text=Lämna svaret")
    expect(page.locator("main")).to_contain_text("ditt svar är registrerat")
    answered = world.task(task)
    assert (answered.outcome, answered.answered_by_id) == (Outcome.ASK_FOR_CHANGES, world.people["bo"])

    page.click("text=Avsluta besöket")
    page.click("text=Logga ut överallt")
    expect(page).to_have_url(re.compile(re.escape(signing_site.url) + r"/exempelby"))
    page.goto(f"{signing_site.url}/exempelby/mina-uppgifter")
    page.click("text=Logga in med organisationens inloggning")
    sign_in(page, provider, world.email("disa"))
    expect(page.locator("h1")).to_have_text("Mina uppgifter")
