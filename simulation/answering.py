"""How simulated people answer what an application, a checklist or the day's watch asks of them."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import TypedDict

from sqlalchemy import Engine, Executable, select
from sqlmodel import Session, col

from acts import answering, applying, watching
from acts.work import work
from lifecycle.identifying import SignedIn, wants_anybody_to_sign_in
from lifecycle.law import Law
from lifecycle.setting_up import ADDRESS_STEP
from models import Account, Outcome, Person, Process, TaskKind
from models.asking import built_once
from policies.rules import Item

VIA = "link"
PLAYED_ISSUER = "simulation"


@dataclass(frozen=True)
class Asked:
    """An open task, as somebody who holds it sees it."""

    task_id: int
    kind: TaskKind
    process: Process
    step: str
    account_id: int | None
    case_id: int | None


class Who(TypedDict):
    """Who answers which task, by which path."""

    task_id: int
    person_id: int
    via: str


@dataclass(frozen=True)
class Answering:
    """Somebody at their desk, with what they need in order to answer."""

    engine: Engine
    law: Law
    now: datetime
    person_id: int
    random: Random
    agrees: bool
    """Whether every question gets a yes; else an application may get another answer."""

    @property
    def on(self) -> date:
        """The municipality's day."""
        return self.law.day_of(self.now)

    @property
    def signed_in(self) -> SignedIn | None:
        """How this person has signed in."""
        return played_sign_in(self.law, self.person_id, self.now)

    def work(self) -> AbstractContextManager[Session]:
        """One transaction at this desk."""
        return work(self.engine, self.now)

    def who(self, task: "Asked") -> Who:
        """What every act wants to know."""
        return {"task_id": task.task_id, "person_id": self.person_id, "via": VIA}


def played_sign_in(law: Law, person_id: int, now: datetime) -> SignedIn | None:
    """Where the rules want it, those who are played have signed in."""
    if not wants_anybody_to_sign_in(law.policy):
        return None
    return SignedIn(PLAYED_ISSUER, now, acr="", amr=(), subject=str(person_id), address="")


Answer = Callable[[Answering, Asked], None]
"""Answers one task. May raise Refused: then that is what the person reads."""


def decide(at: Answering, task: Asked) -> None:
    """An application is sometimes sent back or declined; other matters get their yes."""
    outcome = Outcome.APPROVE
    if task.process is Process.OPENING and not at.agrees:
        other = {0: Outcome.DECLINE, 1: Outcome.ASK_FOR_CHANGES}
        outcome = other.get(at.random.randrange(16), outcome)
    _answer(at, task, outcome, "" if outcome is Outcome.APPROVE else "Beskriv målgruppen tydligare.")


def advise(at: Answering, task: Asked) -> None:
    _answer(at, task, Outcome.ANSWERED, "Vi har inget att invända.")


def _answer(at: Answering, task: Asked, outcome: Outcome, reason: str) -> None:
    with at.work() as session:
        who = at.who(task)
        answering.answer(session, at.now, **who, outcome=outcome, reason=reason, signed_in=at.signed_in)


def confirm(at: Answering, task: Asked) -> None:
    with at.work() as session:
        answering.confirm(session, at.now, **at.who(task), given=given_with(at.law, task))


def given_with(law: Law, task: Asked) -> dict[str, str]:
    """What a line of a list asks for besides its tick: an address, a place, or one of several ways."""
    if task.step == ADDRESS_STEP:
        return {"address": f"https://konto.example.org/{task.account_id}"}
    item = _item(law, task)
    given = {"way": item.ways[0].way} if item and item.ways else {}
    return given | ({"place": "Kommunikationsenhetens valv"} if item and item.place else {})


def _item(law: Law, task: Asked) -> Item | None:
    rules = law.policy.rules
    items = rules.closing_items if task.process is Process.CLOSING_ITEMS else rules.setting_up
    return next((one for one in items if one.item == task.step), None)


def revise(at: Answering, task: Asked) -> None:
    with at.work() as session:
        account = session.get_one(Account, task.account_id)
        applying.send_plan(session, account, at.person_id, at.now)


def confirm_watch(pressed: Sequence[tuple[Answering, Sequence[Asked]]]) -> None:
    """What several people confirm in the same hour, each by themselves."""
    first = pressed[0][0]
    with work(first.engine, first.now) as session:
        here = session.execute(*_persons([at.person_id for at, _ in pressed])).scalars().all()
        for at, looked in pressed:
            account_ids = sorted({one.account_id for one in looked if one.account_id is not None})
            watching.confirm_watch(session, at.now, person_id=at.person_id, account_ids=account_ids, via=VIA)
        del here  # Held until now, so that the session need not read each of them by themselves.


@built_once
def _persons(ids: Sequence[int]) -> Executable:
    return select(Person).where(col(Person.id).in_(ids))
