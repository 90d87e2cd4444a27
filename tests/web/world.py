"""An invented municipality with units, people and a policy: what the portal's tests happen in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from acts import answering, applying, caring
from acts.looking import look
from acts.policies import adopt
from acts.work import work
from lifecycle.events import By
from lifecycle.law import law_of
from lifecycle.plans import facts_now, fields_for
from lifecycle.setting_up import ADDRESS_STEP
from models import (
    Account,
    Link,
    LinkKind,
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
from notifications import links
from policies.loading import Content, content_of, load_policy
from policies.rules import FieldKind, PlanField
from runtime.database import reading
from tests.remembering import remembered

MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DOMAIN = "exempelby.example.org"
PEOPLE = {
    "anna": ("Anna Berg", "bibliotekarie", "library"),
    "bo": ("Bo Ceder", "enhetschef", "library"),
    "cilla": ("Cilla Dahl", "förvaltningschef", "culture"),
    "disa": ("Disa Ek", "kommunikatör", "office"),
    "erik": ("Erik Falk", "kommunikatör", "office"),
    "frida": ("Frida Gran", "kommunikationschef", "office"),
    "gustav": ("Gustav Holm", "bibliotekarie", "library"),
    "hanna": ("Hanna Ivarsson", "biblioteksassistent", "library"),
}
UNITS = {
    "municipality": ("Exempelby", UnitLevel.MUNICIPALITY, None, None),
    "culture": ("Kultur- och fritidsförvaltningen", UnitLevel.DEPARTMENT, "municipality", "cilla"),
    "library": ("Biblioteket", UnitLevel.OPERATION, "culture", "bo"),
    "office": ("Kommunikationsenheten", UnitLevel.UNIT, "municipality", "frida"),
}
POSTS = {"communications": ("disa", "erik"), "communications_director": ("frida",)}
PLAN: Mapping[str, Any] = {
    "purpose": "Vi vill att fler unga läser och hittar till biblioteket.",
    "target_group": "Unga mellan 13 och 19 år",
    "why_this_channel": "Målgruppen finns där och söker sällan upp webbplatsen.",
    "goals": "Hundra fler besökare på läxhjälpen före årets slut.",
    "key_figures": "Följare, kommentarer och besök på läxhjälpen.",
    "follow_up": "Anna läser av siffrorna i januari och augusti.",
    "how_run": "Anna och Gustav skriver varannan vecka och svarar varje vardag.",
    "data_protection": "Inga namn på barn och inga bilder utan samtycke.",
}


@cache
def content(policy: str) -> Content:
    """A policy file's content, read once for all tests."""
    return content_of(load_policy(policy))


def _choice(field: PlanField) -> str | None:
    return field.choices[0].choice if field.choices else None


@dataclass
class World:
    """The municipality, its clock, and shorthand for what happens in it."""

    engine: Engine
    policy: str = "mall"
    slug: str = "exempelby"
    now: datetime = MONDAY
    municipality_id: int = 0
    people: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        begun = remembered(self.engine, ("world", self.policy, self.slug, self.now), self._begin)
        self.municipality_id, self.people, self.units = begun[0], dict(begun[1]), dict(begun[2])

    def _begin(self) -> tuple[int, dict[str, int], dict[str, int]]:
        with work(self.engine, self.now) as session:
            municipality = Municipality(
                slug=self.slug,
                name=self.slug.capitalize(),
                mail_domains=[f"{self.slug}.example.org"],
                sender_address=f"kanalvakt@{self.slug}.example.org",
                notice_address=f"kommunikation@{self.slug}.example.org",
            )
            session.add(municipality)
            session.flush()
            self.municipality_id = municipality.id or 0
            adopt(session, self.municipality_id, content(self.policy), By(None, "cli"), self.now)
            self._add_units(session)
            self._add_people(session)
        return self.municipality_id, self.people, self.units

    def _add_units(self, session: Session) -> None:
        for code, (name, level, parent, _) in UNITS.items():
            unit = Unit(
                municipality_id=self.municipality_id,
                code=code,
                name=name,
                level=level,
                parent_id=self.units.get(parent or ""),
            )
            session.add(unit)
            session.flush()
            self.units[code] = unit.id or 0

    def _add_people(self, session: Session) -> None:
        for key, (name, title, unit) in PEOPLE.items():
            person = Person(
                municipality_id=self.municipality_id,
                name=name,
                email=self.email(key),
                title=title,
                unit_id=self.units[unit],
            )
            session.add(person)
            session.flush()
            self.people[key] = person.id or 0
        for code, (_, _, _, leader) in UNITS.items():
            session.get_one(Unit, self.units[code]).line_manager_id = self.people.get(leader or "")
        for role, holders in POSTS.items():
            for key in holders:
                post = PostHolder(municipality_id=self.municipality_id, role=role, person_id=self.people[key])
                session.add(post)

    def adopt(self, since: str, settings: Mapping[str, Any] | None = None, **rules: Any) -> None:
        """Another version of the policy, from a day: with some rules and settings of its own."""
        whole = content(self.policy)
        policy = whole["policy"]
        changed = {
            **policy,
            "valid_from": since,
            "rules": {**policy["rules"], **rules},
            "settings": {**policy["settings"], **(settings or {})},
        }
        with work(self.engine, self.now) as session:
            adopt(session, self.municipality_id, {**whole, "policy": changed}, By(None, "cli"), self.now)

    def rules(self, kind: str) -> list[dict[str, Any]]:
        """The policy's own rules of a kind, as its file has them."""
        return [dict(one) for one in content(self.policy)["policy"]["rules"][kind]]

    @property
    def owner(self) -> dict[str, Any]:
        """The policy's own rule on whose an account is."""
        return dict(content(self.policy)["policy"]["rules"]["owner"])

    @property
    def plan(self) -> dict[str, Any]:
        """A good plan's answers."""
        people = {"responsible": ("anna",), "administrators": ("anna", "gustav"), "substitute": ("gustav",)}
        return {**PLAN, **{field: [self.email(key) for key in keys] for field, keys in people.items()}}

    def email(self, key: str) -> str:
        """Somebody's work address."""
        return ".".join(PEOPLE[key][0].lower().split()) + f"@{self.slug}.example.org"

    def wait(self, **spans: float) -> None:
        """Let time pass."""
        self.now += timedelta(**spans)

    def look(self, account_id: int) -> str | None:
        """What the account's run does."""
        return look(self.engine, account_id, self.now)

    # What people do, without the portal

    def draft(self, who: str = "anna") -> int:
        """A begun application."""
        with work(self.engine, self.now) as session:
            municipality = session.get_one(Municipality, self.municipality_id)
            account = applying.begin_draft(session, municipality, self.email(who), "", self.now)
            return account.id or 0

    def write(self, account_id: int, **answers: Any) -> None:
        """Save a whole plan, with some answers of one's own."""
        own = {
            "name": "Biblioteket",
            "platform": "instagram",
            "unit": str(self.units["library"]),
            "account_class": "unit",
            "address": "https://www.instagram.com/biblioteket",
        }
        own |= {name: answers.pop(name) for name in list(answers) if name in own}
        with work(self.engine, self.now) as session:
            account = session.get_one(Account, account_id)
            applying.save_draft(session, account, own, self.now)
            usual = {**self.any_answers(session, account), **self.plan}
            applying.save_draft(session, account, {**own, **usual, **answers}, self.now)

    def any_answers(self, session: Session, account: Account) -> dict[str, Any]:
        """Something for every field that the policy asks of such an account."""
        law = law_of(session, account)
        people = [self.email("anna"), self.email("gustav")]
        given: dict[FieldKind, Any] = {
            FieldKind.PERSONS: people,
            FieldKind.YES: "ja",
            FieldKind.DATE: "2026-05-01",
        }
        asked = fields_for(law, facts_now(session, account), law.day_of(self.now))
        return {one.field: _choice(one) or given.get(one.kind, "Ett svar") for one in asked}

    def _remembered(self, what: str, play: Callable[..., int], answers: Mapping[str, Any]) -> int:
        key = (what, self.policy, self.slug, self.now, repr(sorted(answers.items())))
        return remembered(self.engine, key, lambda: play(**answers))

    def send(self, account_id: int) -> None:
        """Send the plan, and let it go on."""
        with work(self.engine, self.now) as session:
            account = session.get_one(Account, account_id)
            applying.send_plan(session, account, account.applicant_id or 0, self.now)
        self.look(account_id)

    def sent(self, **answers: Any) -> int:
        """An application that waits for its first decision."""
        return self._remembered("sent", self._sent, answers)

    def _sent(self, **answers: Any) -> int:
        account_id = self.draft()
        self.write(account_id, **answers)
        self.send(account_id)
        return account_id

    def answer(self, task_id: int, who: str, outcome: Outcome = Outcome.APPROVE, reason: str = "") -> None:
        """Answer a question, and let it go on."""
        with work(self.engine, self.now) as session:
            answering.answer(
                session,
                self.now,
                task_id=task_id,
                person_id=self.people[who],
                outcome=outcome,
                reason=reason,
                via="portal",
            )
        self.look(self.task(task_id).account_id)

    def setting_up(self, **answers: Any) -> int:
        """An approved application, with its checklist."""
        return self._remembered("setting_up", self._setting_up, answers)

    def _setting_up(self, **answers: Any) -> int:
        account_id = self.sent(**answers)
        while waiting := self.questions(account_id):
            holder = self.holders(waiting[0].id or 0)[0]
            who = next(key for key, number in self.people.items() if number == holder)
            decides = waiting[0].kind is TaskKind.DECIDE
            outcome, reason = (Outcome.APPROVE, "") if decides else (Outcome.ANSWERED, "Ja.")
            self.answer(waiting[0].id or 0, who, outcome, reason)
        return account_id

    def questions(self, account_id: int) -> list[UserTask]:
        """What is to be decided or advised about an account."""
        kinds = (TaskKind.DECIDE, TaskKind.CONSULT)
        return [task for task in self.open_tasks(account_id) if task.kind in kinds]

    def active(self, **answers: Any) -> int:
        """An account that is open."""
        return self._remembered("active", self._active, answers)

    def _active(self, **answers: Any) -> int:
        account_id = self.setting_up(**answers)
        self.confirm_all(account_id)
        return account_id

    def confirm_all(self, account_id: int) -> None:
        """Confirm all on the account's list, and what comes after it, each line by its first holder."""
        while tasks := self.open_tasks(account_id):
            self._confirm(account_id, tasks)

    def _confirm(self, account_id: int, tasks: Sequence[UserTask]) -> None:
        for task in tasks:
            holder = self.holders(task.id or 0)[0]
            with work(self.engine, self.now) as session:
                given = {"place": "Kommunens lösenordsvalv"} if task.step == "login_deposited" else {}
                given |= {"address": f"https://{account_id}.example.net"} if task.step == ADDRESS_STEP else {}
                answering.confirm(
                    session, self.now, task_id=task.id or 0, person_id=holder, given=given, via="portal"
                )
        self.look(account_id)

    def ask_to_close(self, account_id: int, who: str = "anna", reason: str = "Ingen hinner.") -> None:
        """Ask that an account is closed, and let it go on."""
        with work(self.engine, self.now) as session:
            caring.ask_to_close(
                session,
                self.now,
                account_id=account_id,
                person_id=self.people[who],
                reason=reason,
                via="portal",
            )
        self.look(account_id)

    def ask_for_administrator(self, account_id: int, email_of: str = "hanna", who: str = "anna") -> None:
        """Suggest a new administrator, and let it go on."""
        with work(self.engine, self.now) as session:
            caring.ask_for_administrator(
                session,
                self.now,
                account_id=account_id,
                person_id=self.people[who],
                email=self.email(email_of),
                via="portal",
            )
        self.look(account_id)

    # What stands in the database

    def account(self, account_id: int) -> Account:
        """The account as it is."""
        with reading(self.engine) as session:
            return session.get_one(Account, account_id)

    def task(self, task_id: int) -> UserTask:
        """The task as it is."""
        with reading(self.engine) as session:
            return session.get_one(UserTask, task_id)

    def open_tasks(self, account_id: int) -> Sequence[UserTask]:
        """What is asked about an account."""
        rows = select(UserTask).where(
            col(UserTask.account_id) == account_id, col(UserTask.state) == TaskState.OPEN
        )
        with reading(self.engine) as session:
            return session.execute(rows.order_by(col(UserTask.id))).scalars().all()

    def tasks(self, account_id: int) -> Sequence[UserTask]:
        """Everything that has been asked about an account."""
        rows = select(UserTask).where(col(UserTask.account_id) == account_id)
        with reading(self.engine) as session:
            return session.execute(rows.order_by(col(UserTask.id))).scalars().all()

    def open_task(self, account_id: int) -> int:
        """The only thing that is asked about an account."""
        [task] = self.open_tasks(account_id)
        return task.id or 0

    def holders(self, task_id: int) -> list[int]:
        """Whom a task was put to."""
        rows = select(col(TaskHolder.person_id)).where(col(TaskHolder.task_id) == task_id)
        with reading(self.engine) as session:
            return list(session.execute(rows.order_by(col(TaskHolder.id))).scalars())

    # What a letter would have brought

    def link(self, kind: LinkKind, who: str | None = None, **bound: Any) -> str:
        """The path of a new link, as it would stand in a letter."""
        days = {LinkKind.DIGEST: 3, LinkKind.DRAFT: 60}.get(kind, 21)
        until = self.now + timedelta(days=days)
        if kind in (LinkKind.MY_PAGE, LinkKind.CONFIRM_ADDRESS):
            until = self.now + timedelta(minutes=30)
        bound = {"until": until, "email": self.email(who) if who else "", **bound}
        with work(self.engine, self.now) as session:
            token = links.mint(
                session,
                kind=kind,
                municipality_id=self.municipality_id,
                now=self.now,
                person_id=self.people[who] if who else None,
                **bound,
            )
        return f"/l/{token}"

    def task_link(self, task_id: int, who: str) -> str:
        """A letter's link to a question."""
        task = self.task(task_id)
        kind = LinkKind.CONSULT if task.kind is TaskKind.CONSULT else LinkKind.DECIDE
        return self.link(
            kind, who, task_id=task_id, account_id=task.account_id, plan_version=task.plan_version
        )

    def links(self) -> Sequence[Link]:
        """All links there are."""
        with reading(self.engine) as session:
            return session.execute(select(Link).order_by(col(Link.id))).scalars().all()
