"""A town with an open account, in which rounds are gone and duties are answered."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from acts import evaluating, watching
from acts.rounds import Report, Round, go_round
from models import Account, Evaluation, Message, Outcome, TaskKind, TaskState, UserTask
from tests.lifecycle.memory import memory_engine
from tests.lifecycle.town import Rule, Town

ADDRESS = "https://example.org/a"


class ClockTown(Town):
    """Elin is responsible and administers the account with Omar; it opened on 1 December 2026."""

    def __init__(self, rules: Rule, settings: Rule | None = None, **more: Any) -> None:
        """Give `policy` for a whole policy in place of rules and settings."""
        super().__init__(memory_engine(), {"opening": []} | rules, settings or {}, **more)
        self.apply(administrators=["elin", "omar"], responsible=["elin"], address=ADDRESS)
        assert self.account().state == "active"

    def go(self, *rounds: Round, as_of: datetime | date | None = None) -> Report:
        """Go rounds; none may meet trouble. The last one's report."""
        for one in rounds:
            report = go_round(self.engine, one, self.now, as_of)
            assert report.failures == []
        self.look()
        return report

    def on(self, day: date, hour: int = 6) -> None:
        """Early on a day."""
        self.now = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)

    def days_go(self, until: date, *rounds: Round) -> None:
        """Every day until another: the rounds at night, and the morning letter at eight in Stockholm."""
        while self.now.date() < until:
            self.on(self.now.date() + timedelta(days=1), 4)
            self.go(*rounds)
            self.on(self.now.date(), 7)
            self.go(watching.TELL)

    def duties(self, kind: TaskKind, state: TaskState | None = None) -> list[UserTask]:
        """What the clock has asked of a kind, of the account or of the municipality."""
        rows = select(UserTask).where(col(UserTask.kind) == kind).order_by(col(UserTask.id))
        with self.reading() as session:
            found = list(session.execute(rows).scalars())
        return [one for one in found if state in (None, one.state)]

    def evaluations(self) -> list[Evaluation]:
        """Every evaluation, oldest first."""
        with self.reading() as session:
            return list(session.execute(select(Evaluation).order_by(col(Evaluation.id))).scalars())

    def mornings(self) -> list[Message]:
        """Every morning letter, oldest first."""
        rows = select(Message).where(col(Message.notice) == "morning").order_by(col(Message.queued_at))
        with self.reading() as session:
            return list(session.execute(rows).scalars())

    def told_of(self, part: str) -> list[tuple[str, date]]:
        """Who was told of a part in a morning letter, and on which day."""
        found = [one for one in self.mornings() if one.context.get(part)]
        return [(one.email.split("@")[0], one.queued_at.date()) for one in found]

    def change_account(self, **values: Any) -> None:
        """Set what another part of the product would have set."""
        with self.work() as session:
            account = session.get_one(Account, self.account_id)
            for name, value in values.items():
                setattr(account, name, value)
            session.add(account)

    def evaluate(self, who: str, outcome: Outcome = Outcome.CONTINUE, reason: str = "", **more: Any) -> None:
        """Answer the open evaluation."""
        [task] = self.duties(TaskKind.EVALUATE, TaskState.OPEN)
        given = {"results": {"result": "Det gick bra."}, "answers": {}} | more
        with self.work() as session:
            evaluating.evaluate(
                session,
                self.now,
                task_id=task.id or 0,
                person_id=self.people[who],
                outcome=outcome,
                reason=reason,
                via="link",
                **given,
            )
        self.look()
