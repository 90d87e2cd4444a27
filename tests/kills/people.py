"""People who have only mail and a browser, and who do a thing again when no page came.

They keep a list of all that the portal has thanked them for: none of it may be lost, and none done twice.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from threading import Event
from typing import TypeVar

import httpx2

from acts.work import work
from deployments.browsing import Form, NotOnPage, Page
from deployments.demo_driver import DemoDriver, Surroundings
from deployments.storyline import Step, Story, build_world, differences, load_stories, load_world
from notifications.registry import NOTICES
from runtime.database import reading
from tests.kills.killing import Doing
from tests.kills.town import PATIENCE_SECONDS, Town

TOLD = ("mall", "tomelilla", "tibro", "skurup", "haninge")
"""None that wants to be told within an hour by a clock that runs."""
LOOKS_EVERY_SECONDS = 0.3
TRIES = 12
_ANSWER = re.compile(r"/fraga/(\d+)/svar$")
_LINE = re.compile(r"/punkt/(\d+)$")
_WATCH = re.compile(r"/idag/(\d+)/bevakning$")
_Came = TypeVar("_Came")


@dataclass(frozen=True)
class Thanked:
    """What somebody has answered, and the portal has said thank you for."""

    link_id: int
    outcome: str


@dataclass
class Ledger:
    """All that the portal has thanked anybody for, kept by those who were thanked."""

    answers: list[Thanked] = field(default_factory=list)
    """Decisions and consultations, by the link that led to the question."""
    lines: list[int] = field(default_factory=list)
    """Lines of checklists, by task."""
    watches: list[int] = field(default_factory=list)
    """Days' watches, by the link of the morning letter."""
    sent: list[int] = field(default_factory=list)
    """Applications, by account."""
    clicked_again: list[str] = field(default_factory=list)
    """Pages that did not come."""


@dataclass(frozen=True)
class Enduring(Surroundings):
    """Surroundings in which parts may be dead for a while."""

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)


class Persistent(DemoDriver):
    """Plays a story whatever is killed meanwhile."""

    def __init__(self, town: Town, story: Story, ledger: Ledger) -> None:
        with work(town.engine, moment := town.clock.now()) as session:
            build_world(session, story, load_world(), moment)
        stop = Event()
        self._town, self.ledger, self._again = town, ledger, False
        super().__init__(
            Enduring(
                town.stack.portal_url,
                town.outside.prefect_api,
                town.engine,
                town.postbox,
                town.clock,
                [],
                stop,
            ),
            story,
        )

    def do(self, step: Step) -> str | None:
        """Once more from the beginning where a page that did not come led astray; at last it is as it is."""
        self._again = False
        for left in reversed(range(TRIES)):
            try:
                refused = super().do(step)
            except NotOnPage:
                if not self._again or not left:
                    raise
                self._own_pages.clear()
                self._settle()
                if self._is_done(step):
                    return None
            else:
                return None if self._again and step.then.refused is None else refused
        return None

    def _is_done(self, step: Step) -> bool:
        """Whether what must be seen after the step is seen; after a refusal, that is what was seen before."""
        then = step.then
        return then.refused is None and then.state is not None and self.state() == then.state

    def told(self, step: Step) -> list[str]:
        """Do a step; where what is then seen differs from the story."""
        refused = self.do(step)
        then = step.then
        once = then.model_copy(update={"letters": {who: _once(all) for who, all in then.letters.items()}})
        found = differences(step.model_copy(update={"then": once}), refused, self)
        return [f"{self._story.story}, {step.who} {step.act}: {one}" for one in found]

    def letters(self) -> dict[str, list[str]]:
        """Each kind once: who asks again gets again. What the clock asks is not the story's."""
        found = {
            who: _once(one for one in notices if not NOTICES[one.partition(" ")[0]].by_clock)
            for who, notices in super().letters().items()
        }
        return {who: notices for who, notices in found.items() if notices}

    # Doing it again

    def _open(self, who: str, address: str) -> Page:
        return self._until_it_comes(address, lambda: super(Persistent, self)._open(who, address))

    def _click(
        self, who: str, form: Form, answers: Mapping[str, str] | None = None, button: str | None = None
    ) -> Page:
        page = self._until_it_comes(
            form.path, lambda: super(Persistent, self)._click(who, form, answers, button)
        )
        if page.status < 400 and not page.alert:
            self._thanked(form, answers or {}, page, button)
        return page

    def _until_it_comes(self, what: str, asked: Callable[[], _Came]) -> _Came:
        while True:
            try:
                return asked()
            except httpx2.TransportError:
                self._again = True
                self.ledger.clicked_again.append(what)
                self._town.portal_is_back()

    def _thanked(self, form: Form, answers: Mapping[str, str], page: Page, button: str | None) -> None:
        if found := _ANSWER.search(form.path):
            self.ledger.answers.append(Thanked(int(found[1]), answers.get("outcome", "answered")))
        elif found := _LINE.search(form.path):
            self.ledger.lines.append(int(found[1]))
        elif button == "send" and not page.path.endswith("/plan"):
            with reading(self._town.engine) as session:
                account = self._account(session)
            self.ledger.sent += [account.id] if account and account.id else []

    # What is seen

    def _wait_until(self, so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not _if_prefect_answers(so):
            assert time.monotonic() < deadline, f"{self._story.story}: {self._town.left()}"
            time.sleep(LOOKS_EVERY_SECONDS)

    def _is_quiet(self) -> bool:
        """Neither is a letter that has been refused once and waits to be tried again."""
        under_way = self._town.under_way_in_database(self._municipality_id)
        return not under_way and super()._is_quiet()


def _if_prefect_answers(so: Callable[[], bool]) -> bool:
    try:
        return so()
    except httpx2.HTTPError:
        return False


def _once(notices: Iterable[str]) -> list[str]:
    return sorted(set(notices))


def tells_stories(town: Town, ledger: Ledger, first: int) -> Doing:
    """One after another, from the beginning, each in a municipality of its own."""
    stories = {one.story: one for one in load_stories()}

    def tell(enough: Event) -> list[str]:
        found: list[str] = []
        for number in count(first):
            story = stories[TOLD[number % len(TOLD)]]
            name = f"{story.story}-{first}-{number}"
            with Persistent(town, story.model_copy(update={"story": name}), ledger) as driver:
                for step in story.steps:
                    try:
                        found += driver.told(step)
                    except NotOnPage as astray:
                        raise AssertionError(f"{name}, {step}: {astray}. Before it: {found}") from astray
                    if enough.is_set():
                        return found
        return found

    return tell
