"""The people of a simulated municipality: who is at work today, and what they get done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from random import Random

from sqlalchemy import Engine, Executable, or_, select
from sqlmodel import col

from lifecycle.absences import away
from lifecycle.law import Law
from lifecycle.refusals import Refused
from models import IS_OPEN, Person, TaskHolder, TaskKind, UserTask
from models.asking import built_once
from simulation.answering import Answering, Asked, confirm_watch
from simulation.characters import ACTIVE, SILENT, Character, Lives
from simulation.database import looking
from simulation.duty_answers import ANSWERS
from simulation.ledger import Click, Ledger

_HOURS = (time(8, 40), time(13, 30))
"""When people come to their letters; each at one of these hours a day."""
_FREE_DAY = 0.02
"""How likely somebody is to do something on a day off."""


@dataclass
class People:
    """Everybody, with their characters and their accounts'."""

    engine: Engine
    municipality_id: int
    characters: Mapping[int, Character]
    lives: Lives
    random: Random
    ledger: Ledger
    agree: bool = False
    hours: tuple[time, ...] = _HOURS
    _comes_at: dict[int, time] = field(default_factory=dict)

    def begin_day(self, law: Law, day: date) -> None:
        """Who is at work today, and when they come to their letters."""
        comes = self._here(day)
        if not law.calendar.is_working_day(day):
            comes = [one for one in comes if not self.agree and self.random.random() < _FREE_DAY]
        self._comes_at = {one: self.random.choice(self.hours) for one in comes}

    def _here(self, day: date) -> list[int]:
        with looking(self.engine) as session:
            absent = away(session, self.municipality_id, day)
            here = session.execute(*_employed(self.municipality_id, day)).scalars()
            return [one for one in here if one not in absent]

    def act(self, law: Law, hour: time, now: datetime) -> None:
        """Everybody who comes now does what they do."""
        coming = [person for person, at in self._comes_at.items() if at == hour]
        waiting = self._waiting(coming, now)
        desks = [Answering(self.engine, law, now, one, self.random, self.agree) for one in coming]
        self._watch(desks, waiting)
        answered: set[int] = set()
        for at in desks:
            self._reply(at, waiting.get(at.person_id, ()), answered)

    def _waiting(self, person_ids: Iterable[int], now: datetime) -> dict[int, list[Asked]]:
        """What is asked of each of them by now; a later look at an account waits for its hour."""
        found: dict[int, list[Asked]] = {}
        with looking(self.engine) as session:
            for person_id, *asked in session.execute(*_asked_of(list(person_ids), now)):
                found.setdefault(person_id, []).append(Asked(*asked))
        return found

    def _watch(self, desks: Sequence[Answering], waiting: Mapping[int, Sequence[Asked]]) -> None:
        """Each confirms with one press what nobody before them has confirmed."""
        confirmed: set[int] = set()
        pressed: list[tuple[Answering, list[Asked]]] = []
        for at in desks:
            tasks = [one for one in waiting.get(at.person_id, ()) if one.kind is TaskKind.WATCH]
            looked = [one for one in tasks if one.task_id not in confirmed and self._looks(at, one)]
            confirmed |= {one.task_id for one in looked}
            pressed += [(at, looked)] if looked else []
        if pressed:
            confirm_watch(pressed)
            for at, looked in pressed:
                self._click(at, TaskKind.WATCH, len(looked))

    def _looks(self, at: Answering, asked: Asked) -> bool:
        life = self.lives.get(asked.account_id or 0, ACTIVE)
        return self.random.random() < self._like(at).watches * life.watched

    def _like(self, at: Answering) -> Character:
        return self.characters.get(at.person_id, SILENT)

    def _reply(self, at: Answering, asked: Sequence[Asked], answered: set[int]) -> None:
        for one in asked:
            known = one.kind in ANSWERS and one.task_id not in answered
            if known and self.random.random() < self._like(at).answers:
                self._answer(at, one)
                answered.add(one.task_id)

    def _answer(self, at: Answering, asked: Asked) -> None:
        try:
            ANSWERS[asked.kind](at, asked)
        except Refused as refused:
            self.ledger.refusals[refused.code] += 1
        else:
            self._click(at, asked.kind, 1)

    def _click(self, at: Answering, kind: TaskKind, count: int) -> None:
        self.ledger.clicks.append(Click(at.now, at.person_id, kind.value, count))


@built_once
def _asked_of(person_ids: Sequence[int], now: datetime) -> Executable:
    return (
        select(
            col(TaskHolder.person_id),
            col(UserTask.id),
            col(UserTask.kind),
            col(UserTask.process),
            col(UserTask.step),
            col(UserTask.account_id),
            col(UserTask.case_id),
        )
        .join(UserTask, col(UserTask.id) == col(TaskHolder.task_id))
        .where(IS_OPEN, col(UserTask.opened_at) <= now, col(TaskHolder.person_id).in_(person_ids))
        .order_by(col(UserTask.id), col(TaskHolder.id))
    )


@built_once
def _employed(of: int, day: date) -> Executable:
    here = or_(col(Person.left_on).is_(None), col(Person.left_on) > day)
    return select(col(Person.id)).where(col(Person.municipality_id) == of, here).order_by(col(Person.id))
