"""The communications unit's morning: the start page in Prefect, a decision that waits, and a form."""

import re
import time
from dataclasses import dataclass

import httpx2
from playwright.sync_api import Locator, Page, expect

from deployments.demo_driver import Surroundings
from deployments.storyline import Story, address_of, domain_of, load_world

PATIENCE = 30_000
"""Milliseconds."""


@dataclass(frozen=True)
class Morning:
    """Petra of the communications unit, with a browser."""

    page: Page
    around: Surroundings
    story: Story

    @property
    def petra(self) -> str:
        return self.address("petra")

    def address(self, who: str) -> str:
        """Somebody's work address."""
        return address_of(load_world(), self.story, who)

    def opens_the_desk(self) -> None:
        """By the address that one remembers; its page is written a moment after the installation began."""
        address = f"{self.around.portal_url}/{self.story.story}/tavlan"
        deadline = time.monotonic() + PATIENCE / 1000
        while httpx2.get(address, trust_env=False).status_code == 404 and time.monotonic() < deadline:
            time.sleep(0.2)
        self.page.goto(address)
        expect(self.page.get_by_role("heading", name="Knapparna i Prefect")).to_be_visible(timeout=PATIENCE)

    def sees_who_is_waited_for(self, who: str) -> None:
        """In the overview of decisions."""
        self.page.get_by_role("link", name="Väntande beslut", exact=True).click()
        self._reloads_until_there(self.page.get_by_role("row").filter(has_text=who))

    def _reloads_until_there(self, wanted: Locator) -> None:
        """Prefect's pages are looked at again: they do not change while one looks."""
        deadline = time.monotonic() + PATIENCE / 1000
        while not wanted.count() and time.monotonic() < deadline:
            self.page.wait_for_timeout(700)
            if not wanted.count():
                self.page.reload()
        expect(wanted.first).to_be_visible(timeout=PATIENCE)

    def follows_it_to_the_account(self) -> None:
        """From the row to the portal: she signs in by a letter and comes to the account's page."""
        self.page.get_by_role("row").get_by_role("link").first.click()
        self.page.get_by_label("Arbetsadress").fill(self.petra)
        self.page.get_by_role("main").get_by_role("button").first.click()
        self.page.goto(self._newest_link())
        self.page.get_by_role("main").get_by_role("button").first.click()
        expect(self.page).to_have_url(re.compile(r"/mina/\d+/konto/\d+"))

    def _newest_link(self) -> str:
        deadline = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < deadline:
            domain = domain_of(load_world(), self.story)
            mine = [one for one in self.around.postbox.letters(domain) if one.to == self.petra and one.link]
            if mine:
                return mine[-1].link
            time.sleep(0.1)
        raise AssertionError("no letter came")

    def fills_in(self, form: str, answers: dict[str, str]) -> None:
        """A form of the desk, by its name on the start page, and sends it."""
        self.page.get_by_role("link", name=form, exact=True).click()
        for title, answer in answers.items():
            self.page.locator(_FIELD.format(title=title)).fill(answer)
        with self.page.expect_response(lambda answer: "create_flow_run" in answer.url) as sent:
            self.page.get_by_role("button", name="Submit").click()
        assert sent.value.ok

    def sees_its_run(self, form: str, state: str) -> None:
        """By the start page's way to the forms that were sent; its run stands in a state of ours."""
        self.opens_the_desk()
        self.page.get_by_role("link", name="Formulären som har skickats", exact=True).click()
        runs = self.page.get_by_role("main").filter(has_text=form).filter(has_text=state)
        self._reloads_until_there(runs)

    def reads_its_result(self, form: str, says: str) -> None:
        """From the list of runs to the run, and to what it has told."""
        self.page.get_by_role("main").get_by_role("link", name=form, exact=True).first.click()
        self.page.get_by_role("tab", name="Artifacts").click()
        self.page.get_by_role("tabpanel").get_by_role("link").first.click()
        expect(self.page.get_by_role("main")).to_contain_text(says, timeout=PATIENCE)

    def confirms_by_letter(self) -> None:
        """The link in the letter that she got when she had sent the form."""
        self.page.goto(self._newest_link())
        self.page.get_by_role("main").get_by_role("button").first.click()


_FIELD = '//label[starts-with(normalize-space(), "{title}")]/following::textarea[1]'
"""Prefect draws a field's title beside it, and does not tie them together."""
