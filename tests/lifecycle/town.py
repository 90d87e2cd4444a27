"""An invented municipality with rules of one's own choosing, and a clock that can be moved."""

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from acts import answering, applying, caring, repairing
from acts.looking import look
from acts.policies import adopt
from acts.work import work
from lifecycle.events import By
from lifecycle.identifying import SignedIn
from lifecycle.refusals import Refused
from models import (
    Account,
    AccountRole,
    AccountRoleKind,
    AccountState,
    AuditEvent,
    Message,
    MessageState,
    Municipality,
    Outcome,
    Person,
    PostHolder,
    TaskHolder,
    TaskKind,
    TaskState,
    Unit,
    UnitLevel,
    UserTask,
)
from runtime.database import reading
from tests.remembering import remembered

TUESDAY = datetime(2026, 12, 1, 8, tzinfo=UTC)
"""09.00 in Stockholm, a working day."""
CLAUSE = "exempelby:1"
DOMAIN = "example.org"
UNITS = {
    "kommun": (UnitLevel.MUNICIPALITY, None, "birgitta"),
    "kultur": (UnitLevel.DEPARTMENT, "kommun", "mats"),
    "biblioteken": (UnitLevel.OPERATION, "kultur", "sara"),
    "bibliotek": (UnitLevel.UNIT, "biblioteken", "karin"),
    "stab": (UnitLevel.UNIT, "kommun", "lena"),
}
PEOPLE = {
    "birgitta": "kommun",
    "mats": "kultur",
    "sara": "biblioteken",
    "karin": "bibliotek",
    "johan": "bibliotek",
    "elin": "bibliotek",
    "omar": "bibliotek",
    "tove": "bibliotek",
    "lena": "stab",
    "petra": "stab",
    "david": "stab",
}
POSTS = {"communications_director": ["lena"], "communications": ["petra", "david"]}
SUBSTITUTES = {"karin": "johan"}
_DECIDED = (TaskKind.DECIDE, TaskKind.CONSULT)
_CONFIRMED = (TaskKind.CONFIRM_ITEM, TaskKind.ACKNOWLEDGE)

Rule = dict[str, Any]


def step(name: str, act: str, *roles: str, **more: Any) -> Rule:
    """One step of a chain."""
    return {
        "step": name,
        "label": f"Steget {name}",
        "act": act,
        "roles": list(roles),
        "clauses": [CLAUSE],
    } | more


def item(name: str, **more: Any) -> Rule:
    """One line of a checklist."""
    return {"item": name, "label": f"Raden {name}", "clauses": [CLAUSE]} | more


def field(name: str, **more: Any) -> Rule:
    """One field of a plan."""
    return {"field": name, "label": f"Fältet {name}", "clauses": [CLAUSE]} | more


def document(name: str, **more: Any) -> Rule:
    """Something that each administrator acknowledges."""
    return {"document": name, "label": f"Dokumentet {name}", "edition": "2026", "clauses": [CLAUSE]} | more


def headcount(of: str, **more: Any) -> Rule:
    """So many of a kind."""
    return {"of": of, "clauses": [CLAUSE]} | more


PERSONS = [
    field(name, kind="persons", modality="may") for name in ("responsible", "administrators", "substitute")
]
"""Plan fields that name people, all free to leave empty."""
TWO_STEPS = [step("chef", "decide", "line_manager"), step("enhet", "decide", "communications")]


def content(
    rules: Mapping[str, Any], settings: Mapping[str, Any], valid_from: date = date(2026, 1, 1)
) -> Rule:
    """A stored policy with these rules."""
    policy = {
        "policy": "exempelby",
        "name": "Exempelby",
        "guidelines": [],
        "valid_from": valid_from.isoformat(),
        "rules": {"plan": PERSONS} | dict(rules),
        "settings": dict(settings),
    }
    clause = {"cite": "punkt 1", "title": "Regeln", "publisher": "Exempelby kommun"}
    return {"policy": policy, "clauses": {CLAUSE: clause}, "guidelines": {}}


class Town:
    """Exempelby: what people do there, and what is seen of it."""

    usual: ClassVar[Rule] = {"name": "Biblioteket", "platform": "instagram", "unit": "bibliotek"}
    """What a plan says when nothing else is said."""

    def __init__(
        self,
        engine: Engine,
        rules: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        *,
        policy: Rule | None = None,
        now: datetime = TUESDAY,
    ) -> None:
        self.engine, self.now, self.account_id = engine, now, 0
        self.people: dict[str, int] = {}
        self.units: dict[str, int] = {}
        given = policy or content(rules or {"opening": TWO_STEPS}, settings or {})
        begun = remembered(engine, ("town", now, json.dumps(given)), lambda: self._begin(given))
        self.municipality_id, self.people, self.units = begun[0], dict(begun[1]), dict(begun[2])

    def _begin(self, policy: Rule) -> tuple[int, dict[str, int], dict[str, int]]:
        with self.work() as session:
            municipality_id = self._enter(session)
            adopt(session, municipality_id, policy, By(None, "cli"), self.now)
        return municipality_id, self.people, self.units

    def work(self) -> AbstractContextManager[Session]:
        """One transaction at the town's hour."""
        return work(self.engine, self.now)

    def reading(self) -> AbstractContextManager[Session]:
        """A look that changes nothing."""
        return reading(self.engine)

    # ---------------------------------------------------------------- who there is

    def _enter(self, session: Session) -> int:
        town = Municipality(
            slug="exempelby",
            name="Exempelby kommun",
            mail_domains=[DOMAIN],
            sender_address=f"kanalvakt@{DOMAIN}",
            notice_address=f"kommunikation@{DOMAIN}",
        )
        session.add(town)
        session.flush()
        assert town.id is not None
        self._enter_people(session, town.id)
        self._enter_units(session, town.id)
        for role, names in POSTS.items():
            for who in names:
                session.add(PostHolder(municipality_id=town.id, role=role, person_id=self.people[who]))
        session.flush()
        return town.id

    def _enter_people(self, session: Session, municipality_id: int) -> None:
        for who in PEOPLE:
            person = Person(municipality_id=municipality_id, name=who.capitalize(), email=f"{who}@{DOMAIN}")
            session.add(person)
            session.flush()
            self.people[who] = person.id or 0
        for who, substitute in SUBSTITUTES.items():
            session.get_one(Person, self.people[who]).substitute_id = self.people[substitute]

    def _enter_units(self, session: Session, municipality_id: int) -> None:
        for code, (level, parent, leads) in UNITS.items():
            unit = Unit(
                municipality_id=municipality_id,
                code=code,
                name=code.capitalize(),
                level=level,
                parent_id=self.units[parent] if parent else None,
                line_manager_id=self.people[leads],
            )
            session.add(unit)
            session.flush()
            self.units[code] = unit.id or 0
        for who, code in PEOPLE.items():
            session.get_one(Person, self.people[who]).unit_id = self.units[code]

    def name_of(self, person_id: int | None) -> str:
        """The reverse of `people`."""
        return next((who for who, one in self.people.items() if one == person_id), "")

    def leaves(self, who: str, on: date | None = None) -> None:
        """Somebody no longer works here."""
        with self.work() as session:
            session.get_one(Person, self.people[who]).left_on = on or self.now.date()

    def empties(self, *codes: str) -> None:
        """Nobody leads these units."""
        with self.work() as session:
            for code in codes:
                session.get_one(Unit, self.units[code]).line_manager_id = None

    def posts(self, role: str, *names: str) -> None:
        """Only these hold a post."""
        with self.work() as session:
            for row in session.execute(select(PostHolder).where(col(PostHolder.role) == role)).scalars():
                session.delete(row)
            session.flush()
            for who in names:
                post = PostHolder(municipality_id=self.municipality_id, role=role, person_id=self.people[who])
                session.add(post)

    def substitute(self, who: str, by: str | None) -> None:
        """Somebody is stood in for."""
        with self.work() as session:
            session.get_one(Person, self.people[who]).substitute_id = self.people[by] if by else None

    # ---------------------------------------------------------------- what people do

    def draft(self, who: str = "elin") -> int:
        """Begin an application."""
        with self.work() as session:
            town = session.get_one(Municipality, self.municipality_id)
            self.account_id = applying.begin_draft(session, town, f"{who}@{DOMAIN}", "", self.now).id or 0
        self.look()
        return self.account_id

    def write(self, **answers: Any) -> None:
        """Save what is written; people by name, units by code."""
        for name in ("responsible", "administrators", "substitute"):
            if name in answers:
                answers[name] = [one if "@" in one else f"{one}@{DOMAIN}" for one in answers[name]]
        if answers.get("unit") in self.units:
            answers["unit"] = str(self.units[answers["unit"]])
        with self.work() as session:
            applying.save_draft(session, session.get_one(Account, self.account_id), answers, self.now)

    def send(self, who: str = "elin", *, unseen: bool = False) -> None:
        """Send the plan; `unseen` leaves it to a later look."""
        with self.work() as session:
            account = session.get_one(Account, self.account_id)
            applying.send_plan(session, account, self.people[who], self.now)
        if not unseen:
            self.look()

    def apply(self, who: str = "elin", **answers: Any) -> int:
        """Write a plan and send it."""
        given = self.usual | answers
        what = ("apply", type(self), self.now, who, repr(sorted(given.items())))
        self.account_id = remembered(self.engine, what, lambda: self._apply(who, given))
        return self.account_id

    def _apply(self, who: str, given: Rule) -> int:
        self.draft(who)
        self.write(**given)
        self.send(who)
        return self.account_id

    def answer(
        self,
        who: str,
        outcome: Outcome = Outcome.APPROVE,
        reason: str = "Ett skäl.",
        *,
        unseen: bool = False,
        step: str | None = None,
        signed_in: str = "",
    ) -> int:
        """Answer what one is asked; `unseen` leaves it to a later look. Returns the task.

        `signed_in` at a provider, or else by a mailed link.
        """
        identity = SignedIn(signed_in, self.now, "", (), f"sub-{who}", f"{who}@{DOMAIN}")
        task_id = self.open_task(who, _DECIDED, step).id or 0
        with self.work() as session:
            answering.answer(
                session,
                self.now,
                task_id=task_id,
                person_id=self.people[who],
                outcome=outcome,
                reason=reason,
                via="link",
                signed_in=identity if signed_in else None,
            )
        if not unseen:
            self.look()
        return task_id

    def take_back(self, task_id: int, who: str, *, unseen: bool = False) -> None:
        """Take an answer back."""
        with self.work() as session:
            answering.take_back(session, self.now, task_id=task_id, person_id=self.people[who], via="link")
        if not unseen:
            self.look()

    def hand_over(self, who: str, to: str, reason: str = "") -> int:
        """Give a question to somebody else."""
        task_id = self.open_task(who, (*_DECIDED, *_CONFIRMED)).id or 0
        with self.work() as session:
            answering.hand_over(
                session,
                self.now,
                task_id=task_id,
                person_id=self.people[who],
                to_email=f"{to}@{DOMAIN}",
                reason=reason,
                via="link",
            )
        self.look()
        return task_id

    def confirm(self, who: str, line: str | None = None, **given: str) -> None:
        """Confirm one line, or all that one is asked."""
        lines = [t for t in self.open_tasks(who, _CONFIRMED) if line in (None, t.step)]
        assert lines, f"{who} has nothing to confirm"
        for task in lines:
            with self.work() as session:
                answering.confirm(
                    session,
                    self.now,
                    task_id=task.id or 0,
                    person_id=self.people[who],
                    given=given,
                    via="link",
                )
        self.look()

    def withdraw(self, who: str = "elin", *, unseen: bool = False) -> None:
        """Withdraw the application."""
        with self.work() as session:
            account = session.get_one(Account, self.account_id)
            applying.withdraw(session, account, self.people[who], "", self.now)
        if not unseen:
            self.look()

    def ask_to_close(self, who: str, reason: str = "Används inte.") -> None:
        """Ask that the account is closed."""
        with self.work() as session:
            caring.ask_to_close(
                session,
                self.now,
                account_id=self.account_id,
                person_id=self.people[who],
                reason=reason,
                via="portal",
            )
        self.look()

    def ask_for(
        self,
        who: str,
        new: str,
        kind: AccountRoleKind = AccountRoleKind.ADMINISTRATOR,
        instead_of: str | None = None,
    ) -> int:
        """Ask that somebody gets a role; returns it."""
        replaced = self.role(instead_of, kind).id if instead_of else None
        with self.work() as session:
            role_id = caring.ask_for_administrator(
                session,
                self.now,
                account_id=self.account_id,
                person_id=self.people[who],
                email=f"{new}@{DOMAIN}",
                kind=kind,
                instead_of_role_id=replaced,
                via="portal",
            ).id
        self.look()
        return role_id or 0

    def ask_for_guest(self, who: str, guest: str, since: date, until: date) -> int:
        """Ask for a guest; returns the role."""
        with self.work() as session:
            role_id = caring.ask_for_guest(
                session,
                self.now,
                account_id=self.account_id,
                person_id=self.people[who],
                email=f"{guest}@{DOMAIN}",
                since=since,
                until=until,
                via="portal",
            ).id
        self.look()
        return role_id or 0

    def end_role(self, who: str, ended: str, kind: AccountRoleKind = AccountRoleKind.ADMINISTRATOR) -> None:
        """End somebody's role."""
        role_id = self.role(ended, kind).id or 0
        with self.work() as session:
            caring.end_role(
                session,
                self.now,
                account_id=self.account_id,
                person_id=self.people[who],
                role_id=role_id,
                via="portal",
            )
        self.look()

    def repair(self, what: str, who: str, reason: str = "Det behövs.", **more: Any) -> None:
        """Reopen or skip a step, move a task, end or resume an application."""
        act = getattr(repairing, what)
        place = {} if what == "move_task" else {"account_id": self.account_id}
        with self.work() as session:
            act(session, self.now, person_id=self.people[who], reason=reason, **place, **more)
        self.look()

    # ---------------------------------------------------------------- time

    def look(self) -> str | None:
        """Let the account's run look."""
        return look(self.engine, self.account_id, self.now)

    def pass_time(self, until: datetime) -> None:
        """Move the clock, stopping wherever something falls due."""
        for _ in range(500):
            wakes_at = self.account().wake_at
            if wakes_at is None or wakes_at > until:
                self.now = until
                return
            self.now = max(self.now, wakes_at)
            self.look()
        raise AssertionError(f"the clock moves on without end at {self.now}")

    def pass_days(self, days: float) -> None:
        """So many days of twenty-four hours."""
        self.pass_time(self.now + timedelta(days=days))

    # ---------------------------------------------------------------- what is seen

    def account(self) -> Account:
        """The account as it stands."""
        with self.reading() as session:
            return session.get_one(Account, self.account_id)

    @property
    def state(self) -> AccountState:
        """Where it is in its life."""
        return self.account().state

    def tasks(self, *, step: str | None = None) -> list[UserTask]:
        """All its tasks, oldest first."""
        rows = select(UserTask).where(col(UserTask.account_id) == self.account_id)
        if step is not None:
            rows = rows.where(col(UserTask.step) == step)
        with self.reading() as session:
            return list(session.execute(rows.order_by(col(UserTask.id))).scalars())

    def open_tasks(
        self, who: str | None = None, kinds: Sequence[TaskKind] = tuple(TaskKind)
    ) -> list[UserTask]:
        """What is asked now."""
        rows = select(UserTask).where(
            col(UserTask.account_id) == self.account_id,
            col(UserTask.state) == TaskState.OPEN,
            col(UserTask.kind).in_(kinds),
        )
        if who is not None:
            held = select(col(TaskHolder.task_id)).where(col(TaskHolder.person_id) == self.people[who])
            rows = rows.where(col(UserTask.id).in_(held))
        with self.reading() as session:
            return list(session.execute(rows.order_by(col(UserTask.id))).scalars())

    def open_task(self, who: str, kinds: Sequence[TaskKind] = _DECIDED, step: str | None = None) -> UserTask:
        """The one thing somebody is asked."""
        found = [task for task in self.open_tasks(who, kinds) if step in (None, task.step)]
        assert len(found) == 1, f"{who} is asked {[task.step for task in found]}"
        return found[0]

    def asked(self) -> dict[str, list[str]]:
        """Who is asked what now, by step."""
        return {task.step: self.holders(task) for task in self.open_tasks()}

    def holders(self, task: UserTask) -> list[str]:
        """Who may answer."""
        return [self.name_of(row.person_id) for row in self.holder_rows(task)]

    def holder_rows(self, task: UserTask) -> list[TaskHolder]:
        """Why each of them may."""
        rows = select(TaskHolder).where(col(TaskHolder.task_id) == task.id).order_by(col(TaskHolder.id))
        with self.reading() as session:
            return list(session.execute(rows).scalars())

    def roles(self) -> list[AccountRole]:
        """Everybody's roles, also ended ones."""
        rows = select(AccountRole).where(col(AccountRole.account_id) == self.account_id)
        with self.reading() as session:
            return list(session.execute(rows.order_by(col(AccountRole.id))).scalars())

    def role(self, who: str, kind: AccountRoleKind = AccountRoleKind.ADMINISTRATOR) -> AccountRole:
        """Somebody's latest role of a kind."""
        found = [r for r in self.roles() if r.person_id == self.people[who] and r.kind is kind]
        return found[-1]

    def people_in(self, kind: AccountRoleKind = AccountRoleKind.ADMINISTRATOR) -> list[str]:
        """Who has a role today."""
        today = self.now.date()
        held = [
            role
            for role in self.roles()
            if role.kind is kind and role.since_on and (role.until_on is None or role.until_on > today)
        ]
        return [self.name_of(role.person_id) for role in held]

    def events(self, *kinds: str) -> list[AuditEvent]:
        """What was recorded of the account, of some kinds or all."""
        rows = select(AuditEvent).where(col(AuditEvent.account_id) == self.account_id)
        if kinds:
            rows = rows.where(col(AuditEvent.kind).in_(kinds))
        with self.reading() as session:
            return list(session.execute(rows.order_by(col(AuditEvent.number))).scalars())

    def messages(self, *notices: str) -> list[Message]:
        """Letters about the account, of some kinds or all."""
        rows = select(Message).where(col(Message.account_id) == self.account_id)
        if notices:
            rows = rows.where(col(Message.notice).in_(notices))
        with self.reading() as session:
            return list(session.execute(rows.order_by(col(Message.queued_at), col(Message.email))).scalars())

    def told(self, *notices: str) -> list[str]:
        """Who is written to in these letters, those held back for ever left out."""
        kept = [one for one in self.messages(*notices) if one.state is not MessageState.NOT_NEEDED]
        return [one.email.split("@")[0] for one in kept]

    def deliver(self) -> None:
        """Everything that is due has left."""
        rows = select(Message).where(
            col(Message.state) == MessageState.QUEUED, col(Message.not_before) <= self.now
        )
        with self.work() as session:
            for message in session.execute(rows).scalars():
                message.state, message.sent_at = MessageState.SENT, self.now


def refused_of(act: Any, *args: Any, **kwargs: Any) -> str:
    """The code with which an act is refused."""
    try:
        act(*args, **kwargs)
    except Refused as refused:
        assert refused.says()
        return refused.code
    raise AssertionError("nothing was refused")
