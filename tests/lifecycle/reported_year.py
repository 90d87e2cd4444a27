"""A town that has lived through 2027, and all that is counted of it written down by hand.

Biblioteket (Instagram, opened on 1 December 2026) is closed on 5 February 2027; Staben (Facebook) opens on
11 January and is to be closed in June, which is declined; Läslust (Instagram) opens on 1 November.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlmodel import col

from acts import watching
from acts.rounds import go_round
from lifecycle.law import law_in_force
from lifecycle.yearly_report import Year, year_of
from models import (
    Account,
    Case,
    CaseState,
    Evaluation,
    Observation,
    Outcome,
    Process,
    SightState,
    Snapshot,
    SnapshotReason,
    SnapshotState,
    TaskKind,
    TaskState,
    Unit,
    UserTask,
)
from tests.lifecycle.posted_town import PostedTown
from tests.lifecycle.town import CLAUSE, step

RULES: dict[str, Any] = {
    "posting": [],
    "watch": [{"clauses": [CLAUSE]}],
    "closing": [step("samrad", "consult", "communications"), step("beslut", "decide", "line_manager")],
}


class ReportedYear(PostedTown):
    """Play it, and lay out what is kept of posts, pictures, cases and evaluations."""

    def __init__(self, engine: Engine | None = None) -> None:
        super().__init__(RULES, engine=engine)
        self.library = self.account_id
        self.at("2027-01-11 09:00")
        self.staff = self.apply(
            name="Staben", platform="facebook", unit="stab", administrators=["tove"], address="example.org/b"
        )
        self._watch()
        self._close(self.library, "2027-02-01", consulted=1, decided=3, outcome=Outcome.APPROVE)
        self._close(self.staff, "2027-06-01", consulted=2, decided=1, outcome=Outcome.DECLINE)
        self.at("2027-11-01 09:00")
        self.reading_club = self.apply(name="Läslust", administrators=["elin"], address="example.org/c")
        with self.work() as session:
            session.add_all([*self._looks(), *self._cases(), *self._pictures(), *self._evaluations()])
            session.add(self._asked_to_post())
        self.at("2028-02-01 09:00")

    def year(self, number: int = 2027) -> Year:
        """The year, as it is seen from the town's hour."""
        with self.reading() as session:
            return year_of(law_in_force(session, self.municipality_id, self.now), number, self.now)

    def rename(self, unit: str, name: str) -> None:
        """Another name for a unit."""
        with self.work() as session:
            session.get_one(Unit, self.units[unit]).name = name

    def _watch(self) -> None:
        """Three days: both are looked at, neither is, only Staben is. One of the missed days is explained."""
        days = {
            "2027-01-12": [("elin", self.library), ("tove", self.staff)],
            "2027-01-13": [],
            "2027-01-14": [("tove", self.staff)],
        }
        for day, looked in days.items():
            self.at(f"{day} 08:00")
            go_round(self.engine, watching.ASK, self.now)
            for who, account_id in looked:
                with self.work() as session:
                    watching.confirm_watch(
                        session,
                        self.now,
                        person_id=self.people[who],
                        account_ids=[account_id],
                        via="link",
                    )
            self.at(f"{day} 21:00")
            go_round(self.engine, watching.END, self.now)
        missed = select(UserTask).where(
            col(UserTask.account_id) == self.library, col(UserTask.state) == TaskState.MISSED
        )
        with self.work() as session:
            task = session.execute(missed.order_by(col(UserTask.id))).scalars().first()
            assert task is not None
            watching.explain_missed(
                session,
                self.now,
                task_id=task.id or 0,
                person_id=self.people["elin"],
                why="Sjuk.",
                via="link",
            )

    def fold(self) -> None:
        """January's watch becomes a row for each account."""
        assert go_round(self.engine, watching.FOLD, self.now).failures == []

    def _close(self, account_id: int, since: str, *, consulted: int, decided: int, outcome: Outcome) -> None:
        """Ask for it at nine, be consulted after some days of 24 hours, decided after some more."""
        self.account_id = account_id
        self.at(f"{since} 09:00")
        self.ask_to_close("elin" if account_id == self.library else "tove")
        self.now += timedelta(days=consulted)
        self.answer("petra", Outcome.ANSWERED, "Gör så.")
        self.now += timedelta(days=decided)
        self.answer("karin" if account_id == self.library else "lena", outcome, "Så blir det.")

    def _looks(self) -> list[Observation]:
        first, later = datetime(2027, 1, 14, 5, tzinfo=UTC), datetime(2027, 1, 18, 5, tzinfo=UTC)
        last_year = datetime(2026, 12, 3, 5, tzinfo=UTC)

        def look(
            account_id: int, state: SightState, at: datetime, count: int, since: datetime | None
        ) -> Observation:
            return Observation(
                account_id=account_id, state=state, checked_at=at, count=count, since_at=since, source="feed"
            )

        return [
            look(self.library, SightState.OK, last_year, 5, last_year - timedelta(days=3)),
            look(self.library, SightState.OK, first, 7, None),
            look(self.library, SightState.OK, later, 3, first),
            look(self.library, SightState.UNREACHABLE, later + timedelta(days=3), 0, later),
            look(self.staff, SightState.EMPTY, first, 0, last_year),
            look(self.staff, SightState.OK, later, 2, first),
        ]

    def _cases(self) -> list[Case]:
        """Three questions of 2027 and one hate speech; the midnight of the year is Stockholm's."""
        begins = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
        soon, late = begins + timedelta(hours=5), begins + timedelta(hours=72)
        return [
            self._case("question", begins - timedelta(minutes=1), answered_at=soon, closed_at=soon),
            self._case("question", begins, answered_at=soon, closed_at=soon),
            self._case("question", begins, answered_at=late, closed_at=late, late_at=late),
            self._case("question", datetime(2027, 12, 31, 22, 59, tzinfo=UTC)),
            self._case("hate", begins, closed_at=datetime(2028, 1, 5, tzinfo=UTC)),
        ]

    def _case(
        self,
        kind: str,
        opened_at: datetime,
        *,
        answered_at: datetime | None = None,
        closed_at: datetime | None = None,
        late_at: datetime | None = None,
    ) -> Case:
        answered = (
            {"step": "settle", "code": "answered", "at": answered_at.isoformat()} if answered_at else None
        )
        return Case(
            municipality_id=self.municipality_id,
            account_id=self.staff,
            kind=kind,
            label={"question": "Fråga", "hate": "Hets"}[kind],
            state=CaseState.CLOSED if closed_at else CaseState.OPEN,
            opened_at=opened_at,
            noticed_at=opened_at,
            due_at=opened_at + timedelta(hours=48),
            outcomes=[answered] if answered else [],
            closed_at=closed_at,
            late_at=late_at,
        )

    def _pictures(self) -> list[Snapshot]:
        return [
            self._picture(self.library, SnapshotReason.PLANNED, SnapshotState.CAPTURED),
            self._picture(self.library, SnapshotReason.FINAL, SnapshotState.UPLOADED),
            self._picture(self.staff, SnapshotReason.PLANNED, SnapshotState.UPLOADED),
        ]

    def _picture(self, account_id: int, reason: SnapshotReason, state: SnapshotState) -> Snapshot:
        taken_at = datetime(2027, 2, 1, tzinfo=UTC)
        return Snapshot(
            account_id=account_id,
            state=state,
            reason=reason,
            due_on=taken_at.date(),
            taken_at=taken_at,
            address="https://example.org/a",
            profile="pdf",
            content=b"",
            sha256="0" * 64,
        )

    def _evaluations(self) -> list[Evaluation]:
        def fell_due(account_id: int, on: date, outcome: str, by_default: bool = False) -> Evaluation:
            return Evaluation(
                account_id=account_id,
                from_on=on - timedelta(days=365),
                until_on=on,
                outcome=outcome,
                by_default=by_default,
            )

        return [
            fell_due(self.library, date(2027, 1, 1), "continue", by_default=True),
            fell_due(self.staff, date(2027, 12, 31), "continue"),
            fell_due(self.reading_club, date(2027, 12, 1), ""),
            fell_due(self.reading_club, date(2028, 1, 1), "close"),
        ]

    def _asked_to_post(self) -> UserTask:
        return UserTask(
            municipality_id=self.municipality_id,
            account_id=self.staff,
            process=Process.DUTIES,
            kind=TaskKind.POST,
            step="publicering",
            once_key="prov:post",
            state=TaskState.WITHDRAWN,
            opened_at=datetime(2027, 3, 1, tzinfo=UTC),
        )

    def accounts(self) -> list[Account]:
        """All of them."""
        with self.reading() as session:
            return list(session.execute(select(Account).order_by(col(Account.id))).scalars())
