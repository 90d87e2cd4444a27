"""A town with a Mastodon account, and a platform of the tests' own that is asked who has a name."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlmodel import col

from acts import caring, handles
from acts.rounds import Report, go_round
from connectors.occupying import Occupant
from connectors.sights import NotSeen
from models import AccountSource, SightState, TaskKind, UserTask, WatchedHandle
from tests.lifecycle.posted_town import PostedTown

OWN = "https://social.example.org/@biblan"
LIKE = "https://social.example.org/@bib1an"


class HandleTown(PostedTown):
    """Its account is @biblan on a Mastodon server; a name that is not entered has nobody."""

    def __init__(
        self,
        rules: dict[str, Any] | None = None,
        settings: dict[str, Any] | None = None,
        engine: Engine | None = None,
    ) -> None:
        super().__init__(rules, {"handle_looks_a_day": 500} | (settings or {}), engine)
        self.change(platform="mastodon", address=OWN, address_key="social.example.org/@biblan")
        self.has: dict[str, str] = {OWN: "1"}
        """By address: the platform's id of the one who has it."""
        self.failing = False
        self.asked: list[str] = []
        with self.work() as session:
            session.add(AccountSource(account_id=self.account_id, platform_id="1"))

    def find(self, platform: str, address: str, now: datetime) -> Occupant | None:
        """As the platform answers."""
        self.asked.append(address)
        if self.failing:
            raise NotSeen(SightState.UNREACHABLE, "Servern går inte att nå.")
        found = self.has.get(address)
        return Occupant(found, f"@{found}") if found else None

    def go_handles(self, local: str) -> Report:
        """The round of that day."""
        self.at(local)
        self.asked = []
        report = go_round(self.engine, handles.looking(self.find), self.now)
        assert report.failures == [], report.failures
        return report

    def go_handle_days(self, since: str, count: int) -> None:
        """So many days in a row."""
        for number in range(count):
            self.go_handles((date.fromisoformat(since) + timedelta(days=number)).isoformat())

    def all_asked(self) -> list[UserTask]:
        """Everything that was ever asked to be looked into, oldest first."""
        rows = select(UserTask).where(col(UserTask.kind) == TaskKind.LOOK_INTO).order_by(col(UserTask.id))
        with self.reading() as session:
            return list(session.execute(rows).scalars())

    def row(self, address: str) -> WatchedHandle:
        """An address under watch."""
        rows = select(WatchedHandle).where(col(WatchedHandle.address) == address)
        with self.reading() as session:
            return session.execute(rows).scalar_one()

    def moves_to(self, address: str) -> None:
        """Elin gives the account another address."""
        with self.work() as session:
            caring.change_address(
                session,
                self.now,
                account_id=self.account_id,
                person_id=self.people["elin"],
                address=address,
                via="portal",
            )
