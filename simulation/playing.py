"""The day loop: rounds at their hours, people at their desks, accounts that are woken, letters that leave."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Engine, Executable, func, select
from sqlmodel import Session, col

from acts.round_list import ROUNDS
from acts.rounds import Do, Round
from acts.work import work
from lifecycle.law import Law, law_in_force
from lifecycle.process import look
from lifecycle.rounds import Findings, keep_done
from models import Account, AuditEvent, RoundDone, TaskHolder, UserTask
from models.asking import built_once
from runtime.database import writing
from simulation.characters import Lives
from simulation.database import looking, what_is_due
from simulation.ledger import Ledger, TaskSeen
from simulation.outside import NOT_PLAYED, take_pictures
from simulation.people import People
from simulation.post import Samples, deliver
from simulation.traces import Book
from simulation.year import Diary, Happening, Year

_SUNDAY = 6
_ALSO_AT = {"cases": (time(15),)}
"""A round that is gone every hour is played twice a day."""
_LOOKS = 60
"""Times that one account may be woken at one instant, before something is wrong."""
Moment = tuple[datetime, Callable[[Law, datetime], None]]


@dataclass
class Play:
    """One municipality's database with a clock that is moved."""

    engine: Engine
    municipality_id: int
    now: datetime
    ledger: Ledger = field(default_factory=Ledger)
    people: People | None = None
    """Nobody does anything without them."""
    lives: Lives = field(default_factory=dict)
    diary: Diary = field(default_factory=dict)
    """What happens by itself, by day and hour."""
    year: Year | None = None
    """What the diary draws from."""
    samples: Samples | None = None
    rounds: Sequence[Round] = tuple(one for name, one in ROUNDS.items() if name not in NOT_PLAYED)
    _done: set[tuple[str, date]] = field(default_factory=set)
    _last_task: int = 0
    _last_event: int = 0

    def __post_init__(self) -> None:
        with looking(self.engine) as session:
            self._last_task = session.execute(select(func.max(UserTask.id))).scalar_one() or 0
            self._last_event = session.execute(select(func.max(AuditEvent.id))).scalar_one() or 0
            done = session.execute(select(col(RoundDone.round), col(RoundDone.round_on)))
            self._done = {(name, on) for name, on in done}

    def law(self) -> Law:
        """The law of the day."""
        with looking(self.engine) as session:
            return law_in_force(session, self.municipality_id, self.now)

    def until(self, until_on: date) -> None:
        """Play to the end of the day before."""
        day = self.law().day_of(self.now)
        while day < until_on:
            self._play_day(day)
            day += timedelta(days=1)

    def _play_day(self, day: date) -> None:
        law = self.law()
        for at, do in sorted(self._moments(law, day), key=lambda moment: moment[0]):
            if at >= self.now:
                self.pass_time(at)
                do(law, at)
                self.follow()
        self.pass_time(law.calendar.at(day + timedelta(days=1), time()))
        self._write_down(law, day)

    def _moments(self, law: Law, day: date) -> Iterator[Moment]:
        """The day's hours. What stands at one hour keeps its order: rounds, happenings, people."""
        by_hour: dict[time, list[Round]] = {}
        for one in self.rounds:
            for hour in (one.hour(law), *_ALSO_AT.get(one.name, ())):
                by_hour.setdefault(hour, []).append(one)
        for hour, rounds in by_hour.items():
            yield law.calendar.at(day, hour), self._going(rounds)
        for hour, happening in self.diary.get(day, ()):
            yield law.calendar.at(day, hour), self._letting(happening)
        if self.people is not None:
            self.people.begin_day(law, day)
            for hour in self.people.hours:
                yield law.calendar.at(day, hour), self._at_desks(hour)

    def _going(self, rounds: Sequence[Round]) -> Callable[[Law, datetime], None]:
        return lambda law, at: self.go(rounds, law, at)

    def _letting(self, happening: Happening) -> Callable[[Law, datetime], None]:
        return lambda law, at: happening(self.year, law, at) if self.year else None

    def _at_desks(self, hour: time) -> Callable[[Law, datetime], None]:
        return lambda law, at: self.people.act(law, hour, at) if self.people else None

    def go(self, rounds: Iterable[Round], law: Law, now: datetime) -> None:
        """Go the rounds of an hour, in one transaction; the trouble that one meets is written down."""
        due = [(one, on) for one in rounds if (on := one.when(law, now)) and (one.name, on) not in self._done]
        todo = [(one, on, self._looked(one, law, on, now) or one.do) for one, on in due]
        done: list[tuple[str, date, int]] = []
        with work(self.engine, now) as session:
            for one, on, do in todo:
                findings = Findings()
                do(session, law, on, now, findings)
                self.ledger.broken += [
                    f"Ronden {one.name} {on}: {it.subject}, {it.says}" for it in findings.failures
                ]
                if not one.repeats:
                    done.append((one.name, on, findings.found))
            keep_done(session, law, done, now)
        self._done |= {(name, on) for name, on, _ in done}
        if any(one.name == "documentation" for one, _ in due):
            take_pictures(self.engine, law, self.lives, now)

    def _looked(self, one: Round, law: Law, on: date, now: datetime) -> Do | None:
        """What is to be done with what a round that looks outside first has seen."""
        if one.look_first is None:
            return None
        with looking(self.engine) as session:
            look_outside = one.look_first(session, law, on, now)
        return look_outside()

    # ---------------------------------------------------------------- time

    def pass_time(self, until: datetime) -> None:
        """Move the clock, stopping wherever something falls due."""
        while (due_at := self._next_due()) is not None and due_at <= until:
            self.now = max(due_at, self.now)
            self.follow()
        self.now = max(until, self.now)

    def _next_due(self) -> datetime | None:
        """When an account is to be looked at, or a letter to leave."""
        due = what_is_due(self.engine)
        instants = [at for at in (due.wake_at, due.leaves_at) if at is not None]
        return self.now if due.news else min(instants, default=None)

    def follow(self) -> None:
        """Let the accounts that have news or are due be looked at, and what is queued be sent."""
        for _ in range(_LOOKS):
            due = what_is_due(self.engine)
            if due.looks(self.now):
                with work(self.engine, self.now) as session:
                    for account_id in self._to_look_at(session):
                        look(session, account_id, self.now)
            elif due.leaves(self.now):
                with writing(self.engine) as session:
                    deliver(session, self.ledger, self.now, self.samples)
            else:
                return
        raise AssertionError(f"accounts are woken at {self.now} again and again")

    def _to_look_at(self, session: Session) -> list[int]:
        return list(session.execute(*_woken(self.now)).scalars())

    # ---------------------------------------------------------------- what is written down

    def _write_down(self, law: Law, day: date) -> None:
        with looking(self.engine) as session:
            self._write_tasks(session)
            self._write_events(session, day)
            if day.weekday() == _SUNDAY:
                self.ledger.lives.append((day, _states(session, self.municipality_id)))
                Book(law).browse(session, self.ledger, day)

    def _write_tasks(self, session: Session) -> None:
        new = session.execute(*_new_tasks(self._last_task)).all()
        holders = _holders(session, self._last_task)
        self.ledger.tasks += [_task_seen(task, holders.get(task.id or 0, [])) for task in new]
        self._last_task = max([self._last_task, *(task.id or 0 for task in new)])

    def _write_events(self, session: Session, day: date) -> None:
        for event_id, clauses in session.execute(*_new_events(self._last_event)):
            self._last_event = event_id or 0
            if clauses:
                self.ledger.saw_cited(frozenset(clauses), day)


@built_once
def _new_tasks(after: int) -> Executable:
    seen = ("id", "opened_at", "account_id", "process", "kind", "step", "role", "label", "clauses")
    rows = select(*(getattr(UserTask, name) for name in seen))
    return rows.where(col(UserTask.id) > after).order_by(col(UserTask.id))


@built_once
def _new_events(after: int) -> Executable:
    rows = select(col(AuditEvent.id), col(AuditEvent.clauses)).where(col(AuditEvent.id) > after)
    return rows.order_by(col(AuditEvent.id))


@built_once
def _new_holders(after: int) -> Executable:
    rows = select(col(TaskHolder.task_id), col(TaskHolder.person_id)).where(col(TaskHolder.task_id) > after)
    return rows.order_by(col(TaskHolder.id))


@built_once
def _woken(now: datetime) -> Executable:
    due = (col(Account.news) > col(Account.seen)) | (col(Account.wake_at) <= now)
    return select(col(Account.id)).where(due).order_by(col(Account.id))


def _holders(session: Session, after: int) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for task_id, person_id in session.execute(*_new_holders(after)):
        found.setdefault(task_id, []).append(person_id)
    return found


def _task_seen(task: Any, holders: list[int]) -> TaskSeen:
    return TaskSeen(
        task_id=task.id or 0,
        at=task.opened_at,
        account_id=task.account_id,
        process=task.process.value,
        kind=task.kind.value,
        step=task.step,
        role=task.role,
        label=task.label,
        refs=frozenset(one["ref"] for one in task.clauses),
        holders=tuple(holders),
    )


def _states(session: Session, municipality_id: int) -> dict[str, int]:
    """How many accounts are in each state, and how many stand red."""
    own = col(Account.municipality_id) == municipality_id
    rows = select(col(Account.state), func.count()).where(own).group_by(col(Account.state))
    found = {state.value: int(count) for state, count in session.execute(rows.order_by(col(Account.state)))}
    red = select(func.count()).where(own, col(Account.red_reason) != "")
    return {**found, "red": int(session.execute(red).scalar_one())}
