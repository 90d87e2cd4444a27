"""A checklist as one of its people meets it: what is theirs, what others confirm, what is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from languages.speaking import SWEDISH, speaking
from lifecycle.conditions import facts_of
from lifecycle.duties import duties_of
from lifecycle.law import Law, law_in_force, law_of, law_of_closing, law_of_task
from lifecycle.setting_up import ADDRESS_STEP, ASSIGNMENT_STEP
from lifecycle.tasks import holders_of
from models import Account, AccountRole, AccountState, Person, Process, TaskKind, TaskState, UserTask
from policies.rules import Item, Place
from web.citing import Advice, Clause, advice_here, grounds, written
from web.subjects import Subject

ITEM_KINDS = (TaskKind.CONFIRM_ITEM, TaskKind.ACKNOWLEDGE)


@dataclass(frozen=True)
class DutyLine:
    """One duty in words."""

    words: str
    modality: str
    clauses: Sequence[Clause]


@dataclass(frozen=True)
class ItemLine:
    """One line of a checklist."""

    task: UserTask
    rule: Item | None
    clauses: Sequence[Clause]
    about: str
    """Whom it concerns, where it is asked for each administrator."""
    holders: Sequence[str]
    mine: bool
    by: str = ""
    on_behalf_of: str = ""
    way: str = ""

    @property
    def title(self) -> str:
        """What is asked; the documents to acknowledge are listed below it."""
        return self.task.label.partition(":")[0] if self.documents else self.task.label

    @property
    def is_address(self) -> bool:
        """Whether it asks for the account's own address."""
        return self.task.step == ADDRESS_STEP

    @property
    def is_assignment(self) -> bool:
        """Whether confirming it gives somebody an assignment."""
        return self.task.step == ASSIGNMENT_STEP

    @property
    def documents(self) -> Sequence[dict[str, Any]]:
        """What is read and acknowledged, with editions."""
        documents: Sequence[dict[str, Any]] = self.task.details.get("documents", [])
        return documents

    @property
    def recommended(self) -> bool:
        """Whether nothing waits for it."""
        return self.task.modality != "must"


@dataclass(frozen=True)
class Checklist:
    """The whole list."""

    mine: Sequence[ItemLine]
    others: Sequence[ItemLine]
    done: Sequence[ItemLine]
    advice: Sequence[Advice]
    duties: Sequence[DutyLine]
    """Shown to those who have something to acknowledge."""

    @property
    def is_mine(self) -> bool:
        """Whether the visitor has, or has had, something on it."""
        return any(line.mine for line in (*self.mine, *self.done))


def checklist_of(session: Session, account: Account, subject: Subject) -> Checklist:
    """The account's lists that are running, or the last ones."""
    lines = [_line(session, account, task, subject) for task in _tasks(session, account)]
    lines.sort(key=lambda line: line.recommended)
    open_ones = [line for line in lines if line.task.state is TaskState.OPEN]
    mine = [line for line in open_ones if line.mine]
    reads = any(line.task.kind is TaskKind.ACKNOWLEDGE for line in lines if line.mine)
    law = _law_of_list(session, account, subject.visit.now)
    return Checklist(
        mine=mine,
        others=[line for line in open_ones if not line.mine],
        done=[line for line in lines if line.task.state is TaskState.DONE],
        advice=_advice(law, account, reads, subject.visit.now),
        duties=duty_lines(law, account, subject.visit.now) if reads else (),
    )


def _law_of_list(session: Session, account: Account, now: datetime) -> Law:
    """A list is carried out under the version it began with; what an open account must do is today's."""
    if account.state is AccountState.SETTING_UP:
        return law_of(session, account)
    if account.state is AccountState.ACTIVE:
        return law_in_force(session, account.municipality_id, now)
    return law_of_closing(session, account, now)


_LISTS = {
    AccountState.SETTING_UP: (Process.SETTING_UP,),
    AccountState.ACTIVE: (Process.SETTING_UP, Process.ADMINISTRATOR_CHANGE, Process.GUEST),
    AccountState.CLOSING: (Process.CLOSING_ITEMS, Process.ADMINISTRATOR_CHANGE, Process.GUEST),
    AccountState.CLOSED: (Process.CLOSING_ITEMS,),
}


def _tasks(session: Session, account: Account) -> Sequence[UserTask]:
    rows = (
        select(UserTask)
        .where(
            col(UserTask.account_id) == account.id,
            col(UserTask.process).in_(_LISTS.get(account.state, ())),
            col(UserTask.kind).in_(ITEM_KINDS),
            col(UserTask.state).in_([TaskState.OPEN, TaskState.DONE]),
        )
        .order_by(col(UserTask.id))
    )
    return session.execute(rows).scalars().all()


def _line(session: Session, account: Account, task: UserTask, subject: Subject) -> ItemLine:
    law = law_of_task(session, account, task, subject.visit.now)
    rules = [*law.policy.rules.setting_up, *law.policy.rules.closing_items]
    rule = next((one for one in rules if one.item == task.step), None)
    held_by = [session.get_one(Person, one.person_id) for one in holders_of(session, task.id)]
    by = session.get(Person, task.answered_by_id) if task.answered_by_id else None
    behalf = session.get(Person, task.on_behalf_of_id) if task.on_behalf_of_id else None
    ways = {way.way: way.label for way in (rule.ways or [])} if rule else {}
    me = subject.visit.someone.id
    return ItemLine(
        task=task,
        rule=rule,
        clauses=grounds(law, task),
        about=_about(session, task),
        holders=[person.name for person in held_by],
        mine=any(person.id == me for person in held_by),
        by=by.name if by else "",
        on_behalf_of=behalf.name if behalf else "",
        way=ways.get(task.details.get("way", ""), ""),
    )


def _about(session: Session, task: UserTask) -> str:
    role = session.get(AccountRole, task.account_role_id) if task.account_role_id else None
    person = session.get(Person, role.person_id) if role else None
    return person.name if person else ""


def _advice(law: Law, account: Account, reads: bool, now: datetime) -> list[Advice]:
    places = [Place.CLOSING] if account.state is AccountState.CLOSING else [Place.SETTING_UP]
    places += [Place.ACKNOWLEDGEMENT] if reads else []
    found = [one for place in places for one in advice_here(law, place, facts_of(account), now)]
    return list({one.text: one for one in found}.values())


def duty_lines(law: Law, account: Account, now: datetime) -> list[DutyLine]:
    """What the policy asks of the account while it is open."""
    with speaking(SWEDISH):
        duties = duties_of(law, facts_of(account), law.day_of(now))
    return [DutyLine(one.words, one.modality.value, written(law, one.clauses)) for one in duties]
