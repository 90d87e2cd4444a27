"""Playing a story as plain function calls on a bare database, with a clock that is moved."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from acts import answering, applying, caring, documenting, watching
from acts.looking import look
from acts.policies import adopt
from acts.work import work
from deployments.storyline import (
    Application,
    Step,
    Story,
    address_of,
    build_world,
    by_recipient,
    letters_held_back,
    load_world,
    notice_in,
    open_reasons,
    screenshot,
)
from lifecycle.refusals import Refused
from models import (
    Account,
    Message,
    Municipality,
    Outcome,
    Person,
    TaskHolder,
    TaskKind,
    TaskState,
    Unit,
    UserTask,
)
from runtime.database import reading
from tests.stories import plain_clock

__all__ = ["PlainDriver", "adopt"]


class PlainDriver:
    """The functions that every edge calls, one after the other; each act takes five minutes."""

    def __init__(self, engine: Engine, story: Story) -> None:
        self.engine, self.story, self.world = engine, story, load_world()
        self.now = story.begins_at
        self.account_id = 0
        self._told: set[str] = set()
        with self.work() as session:
            self.municipality_id = build_world(session, story, self.world, self.now).id or 0

    def work(self) -> AbstractContextManager[Session]:
        """One transaction at the story's own time."""
        return work(self.engine, self.now)

    def _unit_id(self, session: Session, code: str | None) -> int | None:
        rows = select(Unit).where(col(Unit.code) == code, col(Unit.municipality_id) == self.municipality_id)
        unit = session.execute(rows).scalars().first()
        return unit.id if unit else None

    def person(self, session: Session, who: str) -> Person:
        """Somebody of the world."""
        rows = select(Person).where(col(Person.email) == address_of(self.world, self.story, who))
        person: Person = session.execute(rows).scalar_one()
        return person

    def do(self, step: Step) -> str | None:
        self.move_to(step.instant) if step.instant else self.pass_time()
        try:
            self._act_of(step)(step)
        except Refused as refused:
            return refused.code
        self.follow()
        return None

    def pass_time(self) -> None:
        """Five minutes go by."""
        self.now += timedelta(minutes=5)

    def move_to(self, moment: datetime) -> None:
        """A later day; what fell due meanwhile is done."""
        self.now = moment
        self.follow()

    def follow(self) -> None:
        """Let the account's run look, as Prefect would."""
        look(self.engine, self.account_id, self.now)

    def _act_of(self, step: Step) -> Callable[[Step], None]:
        return {
            "applies": self._apply,
            "answers": self._answer,
            "hands_over_to": self._hand_over,
            "revises": self._revise,
            "confirms_everything": self._confirm_all,
            "takes_back": self._take_back,
            "asks_to_close": self._ask_to_close,
            "asks_for_administrator": self._ask_for_administrator,
            "withdraws": self._withdraw,
            "rounds": self._go_rounds,
            "confirms_watch": self._confirm_watch,
            "answers_duty": self._answer_duty,
            "hands_in_picture": self._hand_in_picture,
        }[step.act]

    def _apply(self, step: Step) -> None:
        assert step.applies is not None
        with self.work() as session:
            municipality = session.get_one(Municipality, self.municipality_id)
            applying.ask_for_link(
                session, municipality, address_of(self.world, self.story, step.who), "apply", self.now
            )
        with self.work() as session:
            municipality = session.get_one(Municipality, self.municipality_id)
            account = applying.begin_draft(
                session, municipality, address_of(self.world, self.story, step.who), "", self.now
            )
            self.account_id = account.id or 0
        self.follow()
        self._write_and_send(step.who, self._answers(step.applies))

    def _answers(self, given: Application) -> dict[str, Any]:
        with reading(self.engine) as session:
            unit_id = self._unit_id(session, given.unit)
        return {
            "platform": given.platform,
            "name": given.name,
            "unit": str(unit_id or ""),
            "account_class": given.account_class,
            "address": given.address,
            **self.plan_answers(given.plan),
        }

    def plan_answers(self, plan: dict[str, Any]) -> dict[str, Any]:
        """Persons of a plan are written by the world's names."""
        return {
            field: [address_of(self.world, self.story, one) for one in value]
            if isinstance(value, list)
            else value
            for field, value in plan.items()
        }

    def _write_and_send(self, who: str, answers: dict[str, Any]) -> None:
        with self.work() as session:
            account = session.get_one(Account, self.account_id)
            applying.save_draft(session, account, answers, self.now)
        with self.work() as session:
            account = session.get_one(Account, self.account_id)
            applying.send_plan(session, account, self.person(session, who).id or 0, self.now)

    def _revise(self, step: Step) -> None:
        self._write_and_send(step.who, self.plan_answers(step.revises or {}))

    def _open_task(self, session: Session, who: str) -> UserTask:
        rows = (
            select(UserTask)
            .join(TaskHolder, col(TaskHolder.task_id) == col(UserTask.id))
            .where(
                col(UserTask.account_id) == self.account_id,
                col(UserTask.state) == TaskState.OPEN,
                col(UserTask.kind).in_([TaskKind.DECIDE, TaskKind.CONSULT]),
                col(TaskHolder.person_id) == self.person(session, who).id,
            )
        )
        task: UserTask = session.execute(rows).scalar_one()
        return task

    def _answer(self, step: Step) -> None:
        with self.work() as session:
            answering.answer(
                session,
                self.now,
                task_id=self._open_task(session, step.who).id or 0,
                person_id=self.person(session, step.who).id or 0,
                outcome=Outcome(step.answers or ""),
                reason=step.reason,
                via="link",
            )

    def _hand_over(self, step: Step) -> None:
        with self.work() as session:
            answering.hand_over(
                session,
                self.now,
                task_id=self._open_task(session, step.who).id or 0,
                person_id=self.person(session, step.who).id or 0,
                to_email=address_of(self.world, self.story, step.hands_over_to or ""),
                reason=step.reason,
                via="link",
            )

    def _confirm_all(self, step: Step) -> None:
        """All lines asked of the person, also those that come when others are confirmed."""
        while self._confirm(step):
            self.follow()

    def _confirm(self, step: Step) -> bool:
        with reading(self.engine) as session:
            person_id = self.person(session, step.who).id or 0
            tasks = self._lines_of(session, person_id)
        for task in tasks:
            with self.work() as session:
                given = (step.confirms_everything or {}).get(task.step, {})
                answering.confirm(
                    session, self.now, task_id=task.id or 0, person_id=person_id, given=given, via="link"
                )
        return bool(tasks)

    def _lines_of(self, session: Session, person_id: int) -> list[UserTask]:
        rows = (
            select(UserTask)
            .join(TaskHolder, col(TaskHolder.task_id) == col(UserTask.id))
            .where(
                col(UserTask.account_id) == self.account_id,
                col(UserTask.state) == TaskState.OPEN,
                col(UserTask.kind).in_([TaskKind.CONFIRM_ITEM, TaskKind.ACKNOWLEDGE]),
                col(TaskHolder.person_id) == person_id,
            )
            .order_by(col(UserTask.id))
        )
        return list(session.execute(rows).scalars())

    def _take_back(self, step: Step) -> None:
        with self.work() as session:
            person_id = self.person(session, step.who).id or 0
            rows = (
                select(UserTask)
                .where(col(UserTask.account_id) == self.account_id, col(UserTask.answered_by_id) == person_id)
                .order_by(col(UserTask.id).desc())
            )
            task = session.execute(rows).scalars().first()
            assert task is not None
            answering.take_back(session, self.now, task_id=task.id or 0, person_id=person_id, via="link")

    def _withdraw(self, step: Step) -> None:
        with self.work() as session:
            account = session.get_one(Account, self.account_id)
            applying.withdraw(session, account, self.person(session, step.who).id or 0, step.reason, self.now)

    def _ask_to_close(self, step: Step) -> None:
        with self.work() as session:
            person_id = self.person(session, step.who).id or 0
            caring.ask_to_close(
                session,
                self.now,
                account_id=self.account_id,
                person_id=person_id,
                reason=step.reason,
                via="portal",
            )

    def _ask_for_administrator(self, step: Step) -> None:
        with self.work() as session:
            caring.ask_for_administrator(
                session,
                self.now,
                account_id=self.account_id,
                person_id=self.person(session, step.who).id or 0,
                email=address_of(self.world, self.story, step.asks_for_administrator or ""),
                via="portal",
            )

    def _go_rounds(self, step: Step) -> None:
        for one in step.rounds or ():
            plain_clock.go(self.engine, one, as_of=self.now)
            self.now += plain_clock.STARTS_AFTER
            self.follow()

    def _confirm_watch(self, step: Step) -> None:
        with self.work() as session:
            person_id = self.person(session, step.who).id or 0
            confirmed = watching.confirm_watch(
                session, self.now, person_id=person_id, account_ids=[self.account_id], via="link"
            )
        assert confirmed == [self.account_id]

    def _duty(self, session: Session, who: str, kind: TaskKind) -> int:
        rows = (
            select(col(UserTask.id))
            .join(TaskHolder, col(TaskHolder.task_id) == col(UserTask.id))
            .where(
                col(UserTask.account_id) == self.account_id,
                col(UserTask.state) == TaskState.OPEN,
                col(UserTask.kind) == kind,
                col(TaskHolder.person_id) == self.person(session, who).id,
            )
        )
        task_id: int = session.execute(rows).scalar_one()
        return task_id

    def _answer_duty(self, step: Step) -> None:
        assert step.answers_duty is not None
        with self.work() as session:
            person_id = self.person(session, step.who).id or 0
            task_id = self._duty(session, step.who, step.answers_duty.duty)
            plain_clock.answer(
                session, self.now, step.answers_duty.duty, task_id, person_id, step.answers_duty.fields
            )

    def _hand_in_picture(self, step: Step) -> None:
        with self.work() as session:
            documenting.hand_in(
                session,
                self.now,
                task_id=self._duty(session, step.who, TaskKind.TAKE_SNAPSHOT),
                person_id=self.person(session, step.who).id or 0,
                file_name="bild.png",
                content=screenshot(),
                via="link",
            )

    def state(self) -> str:
        with reading(self.engine) as session:
            return session.get_one(Account, self.account_id).waits_for

    def letters(self) -> dict[str, list[str]]:
        rows = select(Message).where(col(Message.not_before) <= self.now).order_by(col(Message.queued_at))
        with reading(self.engine) as session:
            due = [one for one in session.execute(rows).scalars() if one.state != "not_needed"]
        fresh = [one for one in due if one.id not in self._told]
        self._told |= {one.id for one in fresh}
        return by_recipient((one.email, notice_in(one)) for one in fresh)

    def held_back(self) -> dict[str, list[str]]:
        with reading(self.engine) as session:
            waiting = letters_held_back(session, self.municipality_id, self.now)
        return by_recipient((one.email, one.notice) for one in waiting)

    def reasons(self) -> dict[str, list[str]]:
        with reading(self.engine) as session:
            return open_reasons(session, self.account_id)

    def red(self) -> str:
        with reading(self.engine) as session:
            return session.get_one(Account, self.account_id).red_reason
