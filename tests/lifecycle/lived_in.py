"""A municipality in which most things have happened, for looking at what must hold of it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from acts import watching
from acts.policies import adopt
from acts.rounds import Round, go_round
from lifecycle.duty_tasks import open_duty
from lifecycle.events import By
from lifecycle.law import law_in_force
from lifecycle.roles import Holder
from models import (
    Absence,
    Account,
    Case,
    CaseState,
    Crisis,
    Municipality,
    Observation,
    Outcome,
    Person,
    SightState,
    TaskKind,
    WatchMonth,
)
from policies.keys import Modality, Role, Rule
from tests.acts.told_town import ToldTown
from tests.lifecycle.town import CLAUSE, DOMAIN, TWO_STEPS, content, item, step

RULES = {
    "opening": TWO_STEPS,
    "setting_up": [item("enhetens", confirmed_by="communications")],
    "closing": [step("slut", "decide", "communications")],
    "watch": [{"days": "weekdays", "clauses": [CLAUSE]}],
    "administrator_change": [step("byte", "decide", "line_manager")],
}


class LivedInTown(ToldTown):
    """Accounts in every part of their lives, and days that were watched, missed and told of."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, RULES)
        self.closed = self.opened("c")
        self.end()
        self.active = self.opened("a")
        self.ask_for("karin", "tove")
        self.declined = self.apply(address="https://example.org/d")
        self.answer("karin", Outcome.DECLINE)
        self.decided = self.apply(address="https://example.org/b")
        self.answer("karin")
        self.drafted = self.draft("omar")
        self.account_id = self.active
        self.meanwhile()
        self.days()

    def opened(self, name: str) -> int:
        """An account in use, looked after by Elin and Omar."""
        people = {"administrators": ["elin", "omar"], "responsible": ["elin"]}
        account_id = self.apply(address=f"https://example.org/{name}", **people)
        self.answer("karin")
        self.answer("petra")
        self.confirm("david")
        assert self.state == "active"
        return account_id

    def end(self) -> None:
        """It is closed again."""
        self.ask_to_close("elin")
        self.answer("petra")
        assert self.state == "closed"

    # ---------------------------------------------------------------- two weeks in December

    def days(self) -> None:
        """Watched on Wednesday, missed on Thursday and Friday; nobody answers what was asked."""
        for day in (2, 3, 4, 7):
            self.at(day, 8)
            if day == 2:
                self.duties()
            self.go(watching.FOLD, watching.ASK, watching.TELL)
            self.every_account()
            if day == 2:
                self.confirm_watch("omar")
            self.at(day, 20)
            self.go(watching.END)
            self.every_account()
        self.at(14, 8)
        self.go(watching.ASK, watching.TELL)
        self.every_account()

    def at(self, day: int, hour: int) -> None:
        """The local hour of a day in December 2026, having looked where something fell due."""
        until = datetime(2026, 12, day, hour, tzinfo=UTC) - timedelta(hours=1)
        for account_id in (self.decided, self.drafted, self.declined, self.active):
            begins_at, self.account_id = self.now, account_id
            self.pass_time(until)
            self.now = begins_at
        self.now = until

    def go(self, *rounds: Round) -> None:
        for one in rounds:
            assert go_round(self.engine, one, self.now).failures == []
        self.post()

    def every_account(self) -> None:
        """All of them are looked at, as the wake loop does."""
        with self.reading() as session:
            ids = list(session.execute(select(col(Account.id))).scalars())
        for self.account_id in ids:
            self.look()
        self.account_id = self.active

    def confirm_watch(self, who: str) -> None:
        given: dict[str, Any] = {"person_id": self.people[who], "account_ids": [self.active], "via": "link"}
        with self.work() as session:
            assert watching.confirm_watch(session, self.now, **given)

    def duties(self) -> None:
        """What must, should and may be done."""
        with self.work() as session:
            for modality in Modality:
                self.open_duty(session, modality)

    def open_duty(self, session: Session, modality: Modality) -> None:
        law = law_in_force(session, self.municipality_id, self.now)
        account = session.get_one(Account, self.active)
        open_duty(
            session,
            law,
            account,
            self.now,
            kind=TaskKind.EVALUATE,
            once_key=f"evaluate:{account.id}:{modality.value}",
            step="utvardering",
            label="Utvärdera kontot",
            rule=Rule(clauses=[CLAUSE], modality=modality),
            role=Role.RESPONSIBLE,
            holders=[Holder(self.people["elin"])],
        )

    # ---------------------------------------------------------------- what is only kept

    def meanwhile(self) -> None:
        """What the other rounds and people have left, and a neighbour."""
        at, tove = self.now, self.people["tove"]
        case: dict[str, Any] = {"municipality_id": self.municipality_id, "account_id": self.active}
        case |= {"kind": "view", "label": "Synpunkt", "opened_at": at, "noticed_at": at}
        away: dict[str, Any] = {"municipality_id": self.municipality_id, "person_id": tove, "entered_at": at}
        with self.work() as session:
            session.add(WatchMonth(account_id=self.active, month_on=date(2026, 9, 1), asked=21, confirmed=21))
            session.add(Case(**case))
            session.add(Case(**case, state=CaseState.CLOSED, closed_at=at))
            session.add(Absence(**away, from_on=date(2026, 12, 21), until_on=date(2027, 1, 7)))
            session.add(Crisis(municipality_id=self.municipality_id, began_at=at, ended_at=at))
            session.add(Crisis(municipality_id=self.municipality_id, began_at=at))
            for state, count in ((SightState.OK, 3), (SightState.EMPTY, 0), (SightState.UNREACHABLE, 0)):
                session.add(self.sight(state, count))
            self.neighbour(session)

    def neighbour(self, session: Session) -> None:
        """Another municipality in the same database, with somebody who works there."""
        town = Municipality(slug="granne", name="Granne kommun", sender_address=f"k@granne.{DOMAIN}")
        session.add(town)
        session.flush()
        adopt(session, town.id or 0, content(RULES, {}), By(None, "cli"), self.now)
        session.add(Person(municipality_id=town.id or 0, name="Nils", email=f"nils@granne.{DOMAIN}"))

    def sight(self, state: SightState, count: int) -> Observation:
        latest_at = self.now if count else None
        return Observation(
            account_id=self.active,
            state=state,
            count=count,
            checked_at=self.now,
            latest_at=latest_at,
            source="rss",
        )
