"""A story told in a town of real processes: answers go by the portal, what follows by the worker."""

from datetime import timedelta

import httpx2

from deployments.browsing import Browser
from deployments.demo_driver import QUESTIONS
from deployments.postbox import Arrived
from deployments.storyline import Step, Story, address_of, by_recipient, differences, domain_of
from models import Account, Message
from runtime.database import reading
from tests.kills.outside import Run
from tests.kills.town import Town
from tests.stories.plain import PlainDriver


class Teller(PlainDriver):
    """Tells one story, step by step, at the real time."""

    def __init__(self, town: Town, story: Story) -> None:
        # The policy was adopted before anything happens.
        super().__init__(
            town.engine,
            story.model_copy(update={"begins_on": town.clock.now().date() - timedelta(days=1)}),
        )
        self.town = town
        self._ahead = list(story.steps)
        self._step: Step | None = None
        self._refused: str | None = None

    # Doing

    @property
    def steps_ahead(self) -> int:
        return len(self._ahead)

    def act(self) -> None:
        """Do the next step, or the one that failed. Raises httpx2.TransportError when the portal dies."""
        self._step = self._step or self._ahead.pop(0)
        self._refused = self.do(self._step)

    def act_until_done(self) -> None:
        """Do the next step as people do: when the page does not come, again."""
        while True:
            try:
                return self.act()
            except httpx2.TransportError:
                self.town.portal_is_back()

    def differences(self) -> list[str]:
        """Wait until all that follows has followed; where what is then seen differs from the story."""
        assert self._step is not None
        self.town.settle(self.municipality_id)
        self.pass_time()
        step, self._step = self._step, None
        found = differences(step, self._refused, self)
        return [f"{self.story.story}, {step.who} {step.act}: {one}" for one in found]

    def pass_time(self) -> None:
        self.now = self.town.clock.now()

    def follow(self) -> None:
        """The worker does."""

    def _answer(self, step: Step) -> None:
        with Browser() as browser:
            page = browser.open(self._question_of(step.who))
            if forms := page.forms_to(r"/svar$"):
                given = {"reason": step.reason, "outcome": step.answers or ""}
                forms[0].fill({name: said for name, said in given.items() if forms[0].asks_for(name)})
                page = browser.click(forms[0], forms[0].button())
        assert page.status == 200 and not page.alert, f"{page}: {page.alert}"

    def _confirm_all(self, step: Step) -> None:
        """Lines that come after others come when the worker has seen those confirmed."""
        while self._confirm(step):
            self.town.settle(self.municipality_id)
            self.pass_time()

    def _question_of(self, who: str) -> str:
        """The link in the last letter that asks somebody something."""
        to = address_of(self.world, self.story, who)
        return [one.link for one, notice in self._arrived() if one.to == to and notice in QUESTIONS][-1]

    # Seeing

    def account(self) -> Account:
        """The account as it is now."""
        with reading(self.engine) as session:
            return session.get_one(Account, self.account_id)

    def run(self) -> Run:
        """The account's run as Prefect shows it."""
        run_id = self.account().flow_run_id
        return next(one for one in self.town.outside.runs() if one.id == run_id)

    def _arrived(self) -> list[tuple[Arrived, str]]:
        """What the mail server has taken, with the name of each letter's notice."""
        arrived = self.town.postbox.letters(domain_of(self.world, self.story))
        with reading(self.engine) as session:
            return [(one, session.get_one(Message, one.message_id).notice) for one in arrived]

    def letters(self) -> dict[str, list[str]]:
        """Each letter once, however often it came."""
        fresh = {one.message_id: (one.to, notice) for one, notice in self._arrived()}
        told, self._told = self._told, self._told | set(fresh)
        return by_recipient(fresh[one] for one in fresh if one not in told)
