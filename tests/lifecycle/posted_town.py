"""A town with open accounts on a platform of the tests' own, and a clock in local hours."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlmodel import col

from acts import inactivity, posting, watching
from acts.rounds import Report, Round, go_round
from connectors.manual import Answered
from models import (
    Account,
    AccountSource,
    Message,
    Observation,
    Outcome,
    Process,
    TaskKind,
    TaskState,
    UserTask,
)
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import CLAUSE, Town, content
from tests.policies.case_world import instant_of
from tests.posting_platform import Platform

REGULARLY = [{"clauses": [CLAUSE]}]
"""Posted in regularly: within the 14 days of the product's own setting."""
WEEKLY = [*REGULARLY, {"a_week_at_least": 1, "modality": "should", "clauses": [CLAUSE]}]


class PostedTown(Town):
    """Elin and Omar administer an account opened on 1 December 2026; Elin is responsible."""

    def __init__(
        self,
        rules: dict[str, Any] | None = None,
        settings: dict[str, Any] | None = None,
        engine: Engine | None = None,
    ) -> None:
        given = {"opening": [], "posting": REGULARLY} | (rules or {})
        super().__init__(engine or memory_engine(), policy=content(given, settings or {}))
        self.platform = Platform()
        self.apply(administrators=["elin", "omar"], responsible=["elin"], address="https://example.org/a")
        assert self.account().state == "active"

    def at(self, local: str) -> None:
        """A day, at five in the morning when nothing else is said; the account's run looks on its way."""
        self.now = instant_of(local if " " in local else f"{local} 05:10")

    def publishes(self, local: str) -> None:
        self.platform.posts.append(instant_of(local if " " in local else f"{local} 12:00"))

    def check(self, as_of: datetime | date | None = None) -> Report:
        """The posting round, with these eyes, and what follows in the account's run."""
        return self._go(self.eyes(), as_of)

    def eyes(self) -> Round:
        return posting.looking(lambda municipality_id: self.platform.observe)

    def settle(self, as_of: datetime | date | None = None) -> Report:
        return self._go(inactivity.SETTLE, as_of)

    def morning(self) -> None:
        """The morning letter of that day."""
        self.now = self.now.replace(hour=7, minute=5)
        assert self._go(watching.TELL).failures == []

    def end(self) -> None:
        """What follows when nobody answers, in working hours."""
        self.now = self.now.replace(hour=7, minute=40)
        assert self._go(inactivity.END).failures == []

    def _go(self, one: Round, as_of: datetime | date | None = None) -> Report:
        """A round; the account's run then looks if there is news, as the worker would have it."""
        report = go_round(self.engine, one, self.now, as_of)
        account = self.account()
        if account.news > account.seen:
            self.look()
        return report

    def go_days(self, until: str, *, mornings: bool = True) -> None:
        """Every day until then as its schedules go it; without mornings nobody is told or reminded."""
        while (day := self.now.date() + timedelta(days=1)) <= date.fromisoformat(until):
            self.at(day.isoformat())
            for report in (self.check(), self.settle()):
                assert report.failures == [], report.failures
            if mornings and day.weekday() < 5:
                self.morning()
                self.end()

    def duties(self, *kinds: TaskKind, state: TaskState = TaskState.OPEN) -> list[UserTask]:
        """What the clock has asked about the account, open when nothing else is said."""
        asked = [task for task in self.tasks() if task.process is Process.DUTIES and task.state is state]
        return [task for task in asked if not kinds or task.kind in kinds]

    def municipal(self, kind: TaskKind = TaskKind.LOOK_INTO) -> list[UserTask]:
        """Open duties without an account."""
        rows = select(UserTask).where(
            col(UserTask.account_id).is_(None),
            col(UserTask.kind) == kind,
            col(UserTask.state) == TaskState.OPEN,
        )
        with self.reading() as session:
            return list(session.execute(rows).scalars())

    def tell(self, who: str, task: UserTask, count: str, latest_on: str = "", at_least: bool = False) -> None:
        with self.work() as session:
            posting.tell_posts(
                session,
                self.now,
                task_id=task.id or 0,
                person_id=self.people[who],
                answer=Answered(count, at_least, latest_on),
                via="link",
            )
        self.look()

    def say_why_not(self, who: str, task: UserTask, reason: str) -> None:
        with self.work() as session:
            posting.say_why_not(
                session, self.now, task_id=task.id or 0, person_id=self.people[who], reason=reason, via="link"
            )
        self.look()

    def review(
        self, who: str, outcome: Outcome | None, reason: str = "", until_on: date | None = None
    ) -> None:
        [task] = self.duties(TaskKind.REVIEW)
        with self.work() as session:
            inactivity.review(
                session,
                self.now,
                task_id=task.id or 0,
                person_id=self.people[who],
                outcome=outcome,
                reason=reason,
                until_on=until_on,
                via="link",
            )
        self.look()

    def change(self, **values: Any) -> None:
        """The account as it is entered."""
        with self.work() as session:
            account = session.get_one(Account, self.account_id)
            for name, value in values.items():
                setattr(account, name, value)
            session.add(account)

    def observations(self) -> list[Observation]:
        with self.reading() as session:
            return list(session.execute(select(Observation).order_by(col(Observation.id))).scalars())

    def source(self) -> AccountSource:
        with self.reading() as session:
            return session.get_one(AccountSource, self.account_id)

    def mornings(self, who: str) -> list[dict[str, Any]]:
        """What each of somebody's morning letters told."""
        rows = select(Message).where(col(Message.notice) == "morning").order_by(col(Message.queued_at))
        with self.reading() as session:
            found = session.execute(rows).scalars().all()
        return [dict(one.context) for one in found if one.email.startswith(f"{who}@")]
