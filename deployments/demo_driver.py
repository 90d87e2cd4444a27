"""A story played by people who have only mail and a browser, in a stack that really runs."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from threading import Event
from typing import Any

import httpx2
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from deployments.browsing import Browser, File, Form, NotOnPage, Page
from deployments.demo_diary import Diary
from deployments.moved_clock import MovedClock
from deployments.postbox import Arrived, Postbox
from deployments.processes import Part
from deployments.round_runs import RoundRuns
from deployments.stack import Stack
from deployments.storyline import (
    MORNING,
    Application,
    Step,
    Story,
    address_of,
    by_recipient,
    domain_of,
    letters_held_back,
    load_world,
    notice_in,
    open_reasons,
    screenshot,
)
from lifecycle.refusals import SAYS
from models import Account, Message, MessageState, Municipality, RunLease, TaskKind, UserTask
from policies.keys import Modality
from runtime.database import make_engine, reading

PATIENCE_SECONDS = 30.0
LOOKS_EVERY_SECONDS = 0.05
QUESTIONS = ("decision_asked", "consultation_asked", "handed_over")
"""Letters whose link leads to a question."""
PLANS = ("draft_link", "plan_received", "changes_asked")
"""Letters whose link leads to the plan."""
OWN_WAY_IN = "my_page"
"""Asked for by whoever has something to do on their own page; no part of what the story expects."""
_AT_REST = ("PAUSED", "COMPLETED", "FAILED", "CRASHED", "CANCELLED")


class Stopped(Exception):
    """The demonstration was interrupted."""


class Stalled(RuntimeError):
    """What was waited for did not come in time."""


@dataclass(frozen=True)
class Surroundings:
    """Where people, letters and runs are found."""

    portal_url: str
    prefect_api: str
    engine: Engine
    postbox: Postbox
    clock: MovedClock
    parts: Sequence[Part]
    """Nothing more happens when one of them ends."""
    stop: Event

    @classmethod
    def of(cls, stack: Stack, stop: Event) -> "Surroundings":
        """Those of a running stack whose clock can be moved."""
        assert stack.clock is not None
        return cls(
            portal_url=stack.portal_url,
            prefect_api=stack.prefect.address.api_url,
            engine=make_engine(stack.database_url),
            postbox=Postbox(stack.folder / "mail"),
            clock=stack.clock,
            parts=list(stack.parts.values()),
            stop=stop,
        )

    def wait(self, seconds: float) -> None:
        """Let some time go by. Raises Stopped, or Stalled when a part has ended."""
        if self.stop.wait(seconds):
            raise Stopped
        for part in self.parts:
            if part.has_ended():
                raise Stalled(f"{part.name} har slutat:\n{part.end_of_log()}")


class DemoDriver:
    """Plays one story. `with DemoDriver(…) as driver:` closes everybody's browser at the end.

    Everything is done and read through the portal, the mail server and Prefect. The database is asked only
    whether all is quiet, which run is the account's, what kind a letter is, which letters are held back, and
    why a question came to somebody.
    """

    def __init__(self, around: Surroundings, story: Story) -> None:
        self._around, self._story, self._world = around, story, load_world()
        self.diary = Diary({key: one["name"] for key, one in self._world["people"].items()})
        self._browsers: dict[str, Browser] = {}
        self._own_pages: dict[str, str] = {}
        self._prefect = httpx2.Client(base_url=around.prefect_api, verify=False, trust_env=False)
        self._rounds = RoundRuns(self._prefect, around.wait)
        self._arrived: list[tuple[Arrived, str]] = []
        """With the name of each letter's notice."""
        self._told = 0
        self._shown = ""
        with reading(around.engine) as session:
            rows = select(col(Municipality.id)).where(col(Municipality.slug) == story.story)
            self._municipality_id: int = session.execute(rows).scalar_one()

    def __enter__(self) -> "DemoDriver":
        return self

    def __exit__(self, *_: object) -> None:
        for browser in self._browsers.values():
            browser.close()
        self._prefect.close()

    def do(self, step: Step) -> str | None:
        if step.instant:
            self._move_to(step.instant)
        self.diary.step(step, self._time())
        refused = self._acts()[step.act](step)
        self._settle()
        return refused

    def _move_to(self, moment: datetime) -> None:
        """A later day: what fell due meanwhile is done, and nobody is logged in any more.

        Not while anybody's run or letter is under way: whoever works sees one time throughout.
        """
        self._wait_until(self._nobody_works)
        self._around.clock.move_to(moment)
        self._own_pages.clear()
        self._settle()

    def _nobody_works(self) -> bool:
        carried = select(col(RunLease.flow_run_id))
        sending = select(col(Message.id)).where(col(Message.state) == MessageState.SENDING)
        with reading(self._around.engine) as session:
            return not any(session.execute(one).first() for one in (carried, sending))

    def _time(self) -> float:
        """The clock's instant, in seconds since the epoch."""
        return self._around.clock.now().timestamp()

    def state(self) -> str:
        return self._shown

    def letters(self) -> dict[str, list[str]]:
        fresh, self._told = self._arrived[self._told :], len(self._arrived)
        return by_recipient((letter.to, notice) for letter, notice in fresh if notice != OWN_WAY_IN)

    def held_back(self) -> dict[str, list[str]]:
        return by_recipient((one.email, one.notice) for one in self._waiting())

    def _waiting(self) -> list[Message]:
        with reading(self._around.engine) as session:
            return letters_held_back(session, self._municipality_id, self._around.clock.now())

    def reasons(self) -> dict[str, list[str]]:
        with reading(self._around.engine) as session:
            account = self._account(session)
            return open_reasons(session, account.id or 0) if account else {}

    def red(self) -> str:
        with reading(self._around.engine) as session:
            account = self._account(session)
            return account.red_reason if account else ""

    # What people do

    def _acts(self) -> Mapping[str, Callable[[Step], str | None]]:
        return {
            "applies": self._apply,
            "answers": self._answer,
            "hands_over_to": self._hand_over,
            "revises": self._revise,
            "confirms_everything": self._confirm_everything,
            "takes_back": self._take_back,
            "asks_to_close": self._ask_to_close,
            "asks_for_administrator": self._ask_for_administrator,
            "withdraws": self._withdraw,
            "rounds": self._go_rounds,
            "confirms_watch": self._confirm_watch,
            "answers_duty": self._answer_duty,
            "hands_in_picture": self._hand_in_picture,
        }

    def _apply(self, step: Step) -> str | None:
        assert step.applies is not None
        page = self._open(step.who, self._own_part("ansok"))
        self._click(step.who, page.form_to(r"/ansok$"), {"email": self._address(step.who)})
        self._settle()
        page = self._open_letter(step.who, "confirm_address")
        page = self._click(step.who, page.form_to(r"/adress/\d+$"))
        self._settle()
        return self._write_and_send(step.who, page, self._written(step.applies))

    def _written(self, given: Application) -> dict[str, str]:
        """The answers as they are written in the form: a unit is chosen by its name."""
        own = {
            "platform": given.platform,
            "name": given.name,
            "unit": self._world["units"][given.unit]["name"] if given.unit else "",
            "account_class": given.account_class,
            "address": given.address,
        }
        return own | self._plan_answers(given.plan)

    def _plan_answers(self, plan: Mapping[str, Any]) -> dict[str, str]:
        return {
            name: "\n".join(self._address(one) for one in value) if isinstance(value, list) else str(value)
            for name, value in plan.items()
        }

    def _write_and_send(self, who: str, page: Page, answers: Mapping[str, str]) -> str | None:
        """Some fields are asked only once others are answered and saved."""
        left = dict(answers)
        while left:
            form = page.form_to(r"/plan$")
            asked = {name: answer for name, answer in left.items() if form.asks_for(name)}
            if not asked:
                raise NotOnPage(f"{page}: {', '.join(left)}")
            left = {name: answer for name, answer in left.items() if name not in asked}
            form.fill(asked)
            page = self._click(who, form, button="save") if left else page
        page = self._click(who, page.form_to(r"/plan$"), button="send")
        return "plan_incomplete" if page.path.endswith("/plan") and page.alert else None

    def _answer(self, step: Step) -> str | None:
        form = self._open_letter(step.who, *QUESTIONS).form_to(r"/svar$")
        answers = {"reason": step.reason}
        if form.asks_for("outcome"):
            answers["outcome"] = step.answers or ""
        return _refusal(self._click(step.who, form, answers))

    def _hand_over(self, step: Step) -> str | None:
        form = self._open_letter(step.who, *QUESTIONS).form_to(r"/lamna-over$")
        answers = {"to": self._address(step.hands_over_to or ""), "why": step.reason}
        return _refusal(self._click(step.who, form, answers))

    def _revise(self, step: Step) -> str | None:
        page = self._open_letter(step.who, *PLANS)
        if not page.forms_to(r"/plan$"):
            page = self._open(step.who, page.link_to(r"/plan$"))
        return self._write_and_send(step.who, page, self._plan_answers(step.revises or {}))

    def _confirm_everything(self, step: Step) -> str | None:
        """Line after line without waiting; only before what nothing waits for, since that has no letters.

        At the end the list is looked at once more: some lines come when others are confirmed.
        """
        page = self._open_letter(step.who, "checklist")
        while forms := page.forms_to(r"/punkt/\d+$") or self._lines_left(step.who):
            if not self._line_of(forms[0])[1] and not (forms := self._lines_left(step.who)):
                return None
            item, _ = self._line_of(forms[0])
            page = self._click(step.who, forms[0], (step.confirms_everything or {}).get(item, {}))
            if refused := _refusal(page):
                return refused
        return None

    def _lines_left(self, who: str) -> list[Form]:
        """By the newest letter, when all has followed: what was asked for since has ended the older link."""
        self._settle()
        return self._open_letter(who, "checklist").forms_to(r"/punkt/\d+$")

    def _line_of(self, form: Form) -> tuple[str, bool]:
        """A person reads what the line says, and whether it must be; here it is looked up by its number."""
        with reading(self._around.engine) as session:
            task = session.get_one(UserTask, int(form.path.rpartition("/")[2]))
            return task.step, task.modality == Modality.MUST

    def _take_back(self, step: Step) -> str | None:
        page = self._open_letter(step.who, *QUESTIONS)
        return _refusal(self._click(step.who, page.form_to(r"/angra$")))

    def _ask_to_close(self, step: Step) -> str | None:
        form = self._account_page(step.who).form_to(r"/konto/\d+/avsluta$")
        return _refusal(self._click(step.who, form, {"reason": step.reason}))

    def _ask_for_administrator(self, step: Step) -> str | None:
        form = self._account_page(step.who).form_to(r"/ny-administrator$")
        email = self._address(step.asks_for_administrator or "")
        return _refusal(self._click(step.who, form, {"email": email}))

    def _withdraw(self, step: Step) -> str | None:
        page = self._open_letter(step.who, *PLANS)
        page = self._open(step.who, page.link_to(r"/aterta$"))
        return _refusal(self._click(step.who, page.form_to(r"/aterta$"), {"reason": step.reason}))

    def _go_rounds(self, step: Step) -> None:
        for one in step.rounds or ():
            self._rounds.go(one, self._around.clock.now())
            self._settle()

    def _confirm_watch(self, step: Step) -> str | None:
        form = self._open_letter(step.who, MORNING).form_to(r"/bevakning$")
        return _refusal(self._click(step.who, form))

    def _answer_duty(self, step: Step) -> str | None:
        assert step.answers_duty is not None
        fields = step.answers_duty.fields
        forms = self._duty(step.who, step.answers_duty.duty).forms_to(r"/uppgift/\d+$")
        form = next((one for one in forms if all(map(one.asks_for, fields))), forms[0])
        return _refusal(self._click(step.who, form, fields))

    def _hand_in_picture(self, step: Step) -> str | None:
        form = self._duty(step.who, TaskKind.TAKE_SNAPSHOT).form_to(r"/uppgift/\d+$")
        form.choose("bild", File("bild.png", screenshot()))
        return _refusal(self._click(step.who, form))

    def _duty(self, who: str, kind: TaskKind) -> Page:
        """A task that the day's page leads to. A person reads what each is about."""
        day = self._open_letter(who, MORNING)
        for link in day.links_to(r"/uppgift/\d+$"):
            with reading(self._around.engine) as session:
                found = session.get_one(UserTask, int(link.rpartition("/")[2])).kind
            if found is kind:
                return self._open(who, link)
        raise NotOnPage(f"{day}: no task to {kind.value}")

    # How they do it

    def _address(self, who: str) -> str:
        return address_of(self._world, self._story, who)

    def _own_part(self, page: str) -> str:
        return f"{self._around.portal_url}/{self._story.story}/{page}"

    def _browser(self, who: str) -> Browser:
        if who not in self._browsers:
            self._browsers[who] = Browser()
        return self._browsers[who]

    def _open(self, who: str, address: str) -> Page:
        return self._browser(who).open(address)

    def _open_letter(self, who: str, *notices: str) -> Page:
        """Follow the link in the latest letter of these kinds."""
        address = self._address(who)
        links = [
            letter.link
            for letter, notice in self._arrived
            if letter.to == address and notice.partition(" ")[0] in notices
        ]
        if not links:
            raise NotOnPage(f"{who}: no letter {' or '.join(notices)}")
        return self._open(who, links[-1])

    def _account_page(self, who: str) -> Page:
        """The account's page, by way of one's own, which a letter opens once and then stays open."""
        if who not in self._own_pages:
            page = self._open(who, self._own_part("mina-uppgifter"))
            self._click(who, page.form_to(r"/mina-uppgifter$"), {"email": self._address(who)})
            self._settle()
            gate = self._open_letter(who, OWN_WAY_IN)
            self._own_pages[who] = self._click(who, gate.form_to(r"/oppna$")).address
        page = self._open(who, self._own_pages[who])
        if not page.links_to(r"/konto/\d+$"):
            page = self._open(who, page.link_to(r"/konton$"))
        return self._open(who, page.link_to(r"/konto/\d+$"))

    def _click(
        self, who: str, form: Form, answers: Mapping[str, str] | None = None, button: str | None = None
    ) -> Page:
        form.fill(answers or {})
        clicked = form.button(button)
        self.diary.click(clicked.label, self._address(who), self._time())
        return self._browser(who).click(form, clicked)

    # What is seen

    def _settle(self) -> None:
        """Wait until all that follows has followed, and note it."""
        self._wait_until(self._is_quiet)
        self._note_letters()
        for waiting in self._waiting():
            self.diary.held_back(waiting.email, waiting.not_before, self._time())
        if self._shown:
            self.diary.state(self._shown, self._time())
        self.diary.red(self.red(), self._time())

    def _wait_until(self, so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not so():
            self._around.wait(LOOKS_EVERY_SECONDS)
            if time.monotonic() > deadline:
                raise Stalled(f"inget mer hände på {PATIENCE_SECONDS:.0f} s, fast något återstod")

    def _is_quiet(self) -> bool:
        """No news unseen and nothing due, no letter on its way, and the run at rest."""
        with reading(self._around.engine, at_one_instant=True) as session:
            account, leaves_at = self._account(session), self._leave_at(session)
            # After the reading: what was written meanwhile would else seem yet to come.
            now = self._around.clock.now()
            if account is not None and _is_to_be_looked_at(account, now):
                return False
            if any(one <= now for one in leaves_at):
                return False
            run_id = account.flow_run_id if account else None
        return account is None or (run_id is not None and self._run_rests(run_id))

    def _account(self, session: Session) -> Account | None:
        """The account that the story is about: the last one begun."""
        rows = select(Account).where(
            col(Account.municipality_id) == self._municipality_id, col(Account.imported).is_(False)
        )
        return session.execute(rows.order_by(col(Account.id).desc())).scalars().first()

    def _leave_at(self, session: Session) -> Sequence[datetime]:
        """When each letter that has not left may leave."""
        rows = select(col(Message.not_before)).where(
            col(Message.municipality_id) == self._municipality_id,
            col(Message.state).in_([MessageState.QUEUED, MessageState.SENDING]),
        )
        return session.execute(rows).scalars().all()

    def _run_rests(self, run_id: str) -> bool:
        """Whether the run is suspended or has ended; remembers the name that Prefect shows."""
        answer = self._prefect.get(f"/flow_runs/{run_id}")
        answer.raise_for_status()
        state = answer.json()["state"]
        self._shown = state["name"]
        return state["type"] in _AT_REST

    def _note_letters(self) -> None:
        known = {letter.message_id for letter, _ in self._arrived}
        domain = domain_of(self._world, self._story)
        fresh = [one for one in self._around.postbox.letters(domain) if one.message_id not in known]
        with reading(self._around.engine) as session:
            self._arrived += [(one, notice_in(session.get_one(Message, one.message_id))) for one in fresh]
        if fresh:
            moved = self._time() - time.time()
            self.diary.letters([replace(one, at=one.at + moved) for one in fresh])


def _is_to_be_looked_at(account: Account, now: datetime) -> bool:
    return account.news > account.seen or (account.wake_at is not None and account.wake_at <= now)


def _refusal(page: Page) -> str | None:
    """Code of the refusal that a page tells of, by its words."""
    if page.status < 400 or page.status == 410:
        return None
    for code, pattern in _patterns().items():
        if pattern.search(page.alert):
            return code
    raise NotOnPage(f"{page}: {page.alert}")


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    """What a refusal looks like in words, whatever stands in its gaps."""
    return {code: re.compile(re.sub(r"\\{\w+\\}", ".+", re.escape(says))) for code, says in SAYS.items()}
