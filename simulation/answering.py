"""How simulated people answer what they are asked: one line for each kind of task."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import Engine

from acts import answering, applying, watching
from acts.work import work
from lifecycle import documenting
from lifecycle.duty_tasks import demand_holder
from lifecycle.events import By
from lifecycle.law import Law
from lifecycle.setting_up import ADDRESS_STEP
from models import Account, Outcome, Person, Process, TaskKind, UserTask
from policies.rules import Item
from simulation.outside import picture_of

VIA = "link"


@dataclass(frozen=True)
class Asked:
    """An open task, as somebody who holds it sees it."""

    task_id: int
    kind: TaskKind
    process: Process
    step: str
    account_id: int | None
    due_at: datetime | None


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


Answer = Callable[[Answering, Asked], None]
"""Answers one task. May raise Refused: then that is what the person reads."""


def _decide(at: Answering, task: Asked) -> None:
    """An application is sometimes sent back or declined; other matters get their yes."""
    outcome = Outcome.APPROVE
    if task.process is Process.OPENING and not at.agrees:
        other = {0: Outcome.DECLINE, 1: Outcome.ASK_FOR_CHANGES}
        outcome = other.get(at.random.randrange(16), outcome)
    _answer(at, task, outcome, "" if outcome is Outcome.APPROVE else "Beskriv målgruppen tydligare.")


def _advise(at: Answering, task: Asked) -> None:
    _answer(at, task, Outcome.ANSWERED, "Vi har inget att invända.")


def _answer(at: Answering, task: Asked, outcome: Outcome, reason: str) -> None:
    with work(at.engine, at.now) as session:
        answering.answer(
            session,
            at.now,
            task_id=task.task_id,
            person_id=at.person_id,
            outcome=outcome,
            reason=reason,
            via=VIA,
        )


def _confirm(at: Answering, task: Asked) -> None:
    with work(at.engine, at.now) as session:
        answering.confirm(
            session,
            at.now,
            task_id=task.task_id,
            person_id=at.person_id,
            given=_given(at.law, task),
            via=VIA,
        )


def _given(law: Law, task: Asked) -> dict[str, str]:
    """What a line of a list asks for besides its tick: an address, a place, or one of several ways."""
    if task.step == ADDRESS_STEP:
        return {"address": f"https://konto.example.org/{task.account_id}"}
    item = _item(law, task)
    given = {"way": item.ways[0].way} if item and item.ways else {}
    return given | ({"place": "Kommunikationsenhetens valv"} if item and item.place else {})


def _item(law: Law, task: Asked) -> Item | None:
    rules = law.policy.rules
    items = rules.setting_up if task.process is Process.SETTING_UP else rules.closing_items
    return next((one for one in items if one.item == task.step), None)


def _revise(at: Answering, task: Asked) -> None:
    with work(at.engine, at.now) as session:
        account = session.get_one(Account, task.account_id)
        applying.send_plan(session, account, at.person_id, at.now)


def _hand_in(at: Answering, task: Asked) -> None:
    """A picture is handed in as it is: no file is written, which takes its seconds."""
    with work(at.engine, at.now) as session:
        account = session.get_one(Account, task.account_id)
        asked, person = session.get_one(UserTask, task.task_id), session.get_one(Person, at.person_id)
        demand_holder(session, asked, person)
        picture = picture_of(account, asked, at.now)
        documenting.keep_snapshot(session, at.law, account, asked, picture, By(person.id, VIA), at.now)


ANSWERS: dict[TaskKind, Answer] = {
    TaskKind.DECIDE: _decide,
    TaskKind.CONSULT: _advise,
    TaskKind.CONFIRM_ITEM: _confirm,
    TaskKind.ACKNOWLEDGE: _confirm,
    TaskKind.REVISE_PLAN: _revise,
    TaskKind.TAKE_SNAPSHOT: _hand_in,
}
"""A kind that is not here nobody answers, and the report names it."""


def confirm_watch(pressed: Sequence[tuple[Answering, Sequence[Asked]]]) -> None:
    """What several people confirm in the same hour, each by themselves."""
    first = pressed[0][0]
    with work(first.engine, first.now) as session:
        for at, looked in pressed:
            account_ids = sorted({one.account_id for one in looked if one.account_id is not None})
            watching.confirm_watch(session, at.now, person_id=at.person_id, account_ids=account_ids, via=VIA)
