"""Working days that go by in a town: rounds are gone as by schedules, and people answer in the mornings."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as hour
from threading import Event
from typing import Any

import httpx2
from sqlalchemy import select
from sqlmodel import Session, col

from deployments.browsing import NotOnPage
from deployments.storyline import MORNING, ZONE, Application, load_stories
from models import Message, RoundDone, TaskKind, TaskState, UserTask
from runtime.database import reading
from tests.kills.killing import Doing
from tests.kills.people import Ledger, Persistent
from tests.kills.town import PATIENCE_SECONDS, Town

ACCOUNTS = 6
"""That each municipality has: they look after them every weekday (Tibro 2, in the template)."""
ROUNDS = ("bevakning", "morgonbrev", "inaktivitet", "gallring")
"""Deployments whose schedules come again and again; none of them looks outside."""
BEGINS, WAITS, ENDS = hour(7), hour(12), hour(21)
"""Of a day: first rounds; by then everybody must have confirmed; the watch is over."""
STEP, SLOW_STEP = timedelta(minutes=15), timedelta(minutes=1)
STEP_SECONDS = 2.0
WHO = "petra"
"""Communications, who administers the accounts there were before."""


@dataclass
class Days:
    """The days of some municipalities, and who has confirmed which."""

    town: Town
    ledger: Ledger
    slugs: Sequence[str]
    lived: list[date] = field(default_factory=list)
    """Those that have begun; the last one may not be over."""
    confirmed: set[tuple[str, date]] = field(default_factory=set)
    given_up: bool = False
    """The last day never came to its end: nobody need wait for its letter."""

    def pass_by(self, enough: Event) -> list[str]:
        """Let days go by, whole ones, until it is enough."""
        try:
            return self._pass_by(enough)
        except BaseException:
            self.given_up = True
            raise

    def _pass_by(self, enough: Event) -> list[str]:
        with httpx2.Client(
            base_url=self.town.outside.prefect_api, verify=False, trust_env=False, timeout=10
        ) as prefect:
            schedules = Schedules(prefect)
            for day in _working_days(self.town.clock.now().astimezone(ZONE).date()):
                self.lived.append(day)
                self._live(day, schedules)
                if enough.is_set():
                    return []
        return []

    def _live(self, day: date, schedules: "Schedules") -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        self._move_to(_at(day, BEGINS))
        while any((slug, day) not in self.confirmed for slug in self.slugs):
            assert time.monotonic() < deadline, f"{day}: {self.confirmed}\n{self.town.left()}"
            self._go_on(day, schedules)
        self._move_to(_at(day, ENDS))
        schedules.come()

    def _go_on(self, day: date, schedules: "Schedules") -> None:
        """A quarter of an hour, and the rounds that schedules start in it; slower when it grows late."""
        moment = self.town.clock.now()
        late = moment > _at(day, WAITS)
        if not late or moment.minute % 10 == 0:
            schedules.come()
        time.sleep(STEP_SECONDS)
        self._move_to(self.town.clock.now() + (SLOW_STEP if late else STEP))

    def _move_to(self, moment: datetime) -> None:
        self.town.clock.move_to(max(moment, self.town.clock.now()))

    def answers(self, slug: str) -> Doing:
        """One of the people, who confirms each morning what that morning's letter asks."""
        story = next(one for one in load_stories() if one.story == "mall").model_copy(
            update={"story": slug, "existing": [_account(number) for number in range(ACCOUNTS)]}
        )
        driver = Morning(self.town, story, self.ledger)

        def answer(enough: Event) -> list[str]:
            with driver:
                while not enough.is_set() or self._awaits(slug):
                    day = self.lived[-1] if self.lived else None
                    if day and (slug, day) not in self.confirmed and driver.confirms(day):
                        self.confirmed.add((slug, day))
                    time.sleep(STEP_SECONDS / 2)
            return []

        return answer

    def _awaits(self, slug: str) -> bool:
        return bool(self.lived) and not self.given_up and (slug, self.lived[-1]) not in self.confirmed

    # What is seen

    def faults(self) -> list[str]:
        """Each account was asked about once a day, and is confirmed; each person had one letter a day."""
        found: list[str] = []
        with reading(self.town.engine) as session:
            for slug, municipality_id in self.town.municipalities().items():
                if slug in self.slugs:
                    found += [f"{slug}: {one}" for one in self._faults_of(session, municipality_id)]
        return found

    def _faults_of(self, session: Session, municipality_id: int) -> Iterator[str]:
        tasks = select(UserTask).where(
            col(UserTask.municipality_id) == municipality_id, col(UserTask.kind) == TaskKind.WATCH
        )
        watches = Counter(one.state for one in session.execute(tasks).scalars())
        if watches != {TaskState.DONE: ACCOUNTS * len(self.lived)}:
            yield f"bevakning {watches}, men {len(self.lived)} dagar"
        letters = select(Message).where(
            col(Message.municipality_id) == municipality_id, col(Message.notice) == MORNING
        )
        mornings = Counter((one.email, one.context["on"]) for one in session.execute(letters).scalars())
        yield from (f"{who}: {times} morgonbrev" for who, times in mornings.items() if times > 1)
        told = {on for who, on in mornings if who.startswith(f"{WHO}@")}
        if told != {day.isoformat() for day in self.lived}:
            yield f"{WHO} fick morgonbrev {sorted(told)}, men dagarna var {self.lived}"

    def rounds_done(self) -> int:
        """How many rounds have been done, counted by municipality and day."""
        with reading(self.town.engine) as session:
            return len(list(session.execute(select(col(RoundDone.id))).scalars()))


class Morning(Persistent):
    """Somebody who reads each morning's letter."""

    def confirms(self, day: date) -> bool:
        """Whether there was a letter of that day, and it has been answered."""
        self._note_letters()
        if not self._has_letter_of(day):
            return False
        with suppress(NotOnPage):
            page = self._open_letter(WHO, MORNING)
            if forms := page.forms_to(r"/bevakning$"):
                page = self._click(WHO, forms[0])
            return page.status < 400 and not page.forms_to(r"/bevakning$")
        return False

    def _has_letter_of(self, day: date) -> bool:
        ids = [letter.message_id for letter, notice in self._arrived if notice.startswith(MORNING)]
        with reading(self._town.engine) as session:
            return any(
                session.get_one(Message, one).context["on"] == day.isoformat()
                for one in ids
                if session.get_one(Message, one).email.startswith(f"{WHO}@")
            )


class Schedules:
    """Prefect's own start runs by its own clock; these start them by the town's."""

    def __init__(self, prefect: httpx2.Client) -> None:
        self._prefect = prefect
        self._ids: dict[str, str] = {}

    def come(self) -> None:
        """Each round is to be gone now; what Prefect does not take, it would itself not have started."""
        with suppress(httpx2.HTTPError):
            for one in ROUNDS:
                self._post(f"/deployments/{self._id_of(one)}/create_flow_run", {"parameters": {}})

    def _id_of(self, deployment: str) -> str:
        if deployment not in self._ids:
            [found] = self._post("/deployments/filter", {"deployments": {"name": {"any_": [deployment]}}})
            self._ids[deployment] = found["id"]
        return self._ids[deployment]

    def _post(self, path: str, content: dict[str, Any]) -> Any:
        answer = self._prefect.post(path, json=content)
        answer.raise_for_status()
        return answer.json()


def _account(number: int) -> Application:
    return Application(platform="facebook", name=f"Konto {number}")


def _working_days(after: date) -> Iterator[date]:
    """Tuesdays, Wednesdays and Thursdays: all those of December 2026 before Christmas are ordinary days."""
    while True:
        after += timedelta(days=1)
        if after.weekday() in (1, 2, 3):
            yield after


def _at(day: date, at: hour) -> datetime:
    return datetime.combine(day, at, ZONE)
