"""What a letter's templates may ask: everything around one message, read from the database when asked for."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlmodel import Session, col

from languages.speaking import capital, said, swedish
from models import (
    IS_OPEN,
    Absence,
    Account,
    AccountRole,
    AccountRoleKind,
    AccountState,
    Case,
    Crisis,
    Evaluation,
    Exemption,
    Message,
    Municipality,
    Outcome,
    Paper,
    Person,
    Plan,
    PolicyVersion,
    PostHolder,
    Process,
    ReturnedMail,
    Snapshot,
    TaskHolder,
    TaskKind,
    TaskState,
    Unit,
    UserTask,
)
from notifications import words
from notifications.about_morning import MorningLines
from notifications.enclosures import Enclosure, enclosed
from policies.citing import citation
from policies.keys import Role, Rule
from policies.loading import policy_from_content
from policies.naming import Form, role_name
from policies.policy import Policy
from policies.rules import Step
from policies.settings import Settings

ITEM_KINDS = (TaskKind.CONFIRM_ITEM, TaskKind.ACKNOWLEDGE)
_PERSONAL_POSTS = (Role.COMMUNICATIONS_DIRECTOR, Role.REGISTRY)
"""Posts that somebody is; for the others somebody answers."""
_UNDER_POLICY_IN_FORCE = (AccountState.ACTIVE, AccountState.CLOSING, AccountState.CLOSED)


class About:
    """One message and what it is about. To ask for what is not there is an error, and the letter fails."""

    def __init__(self, session: Session, message: Message, now: datetime) -> None:
        self.session = session
        self.message = message
        self.now = now

    @property
    def told(self) -> Mapping[str, Any]:
        """The message's context."""
        return self.message.context

    @property
    def has_task(self) -> bool:
        return self.message.task_id is not None

    @cached_property
    def municipality(self) -> Municipality:
        return self.session.get_one(Municipality, self.message.municipality_id)

    @cached_property
    def recipient(self) -> Person | None:
        return self.person(self.message.person_id)

    @cached_property
    def task(self) -> UserTask:
        if self.message.task_id is None:
            raise LookupError(f"message {self.message.id} has no task")
        return self.session.get_one(UserTask, self.message.task_id)

    @cached_property
    def account_id(self) -> int | None:
        known = self.message.account_id
        return self.task.account_id if known is None and self.has_task else known

    @cached_property
    def account(self) -> Account:
        if self.account_id is None:
            raise LookupError(f"message {self.message.id} has no account")
        return self.session.get_one(Account, self.account_id)

    @cached_property
    def unit(self) -> Unit | None:
        return self.session.get(Unit, self.account.unit_id) if self.account.unit_id else None

    def unit_of(self, unit_id: int | None) -> Unit | None:
        return self.session.get(Unit, unit_id) if unit_id is not None else None

    @cached_property
    def applicant(self) -> Person | None:
        return self.person(self.account.applicant_id)

    @cached_property
    def plan(self) -> Plan:
        """The plan in the version that is or was decided."""
        rows = select(Plan).where(
            col(Plan.account_id) == self.account_id, col(Plan.version) == self.account.plan_version
        )
        found: Plan = self.session.execute(rows).scalar_one()
        return found

    @cached_property
    def version(self) -> PolicyVersion:
        """An application ends under the version it began with; what is active follows the one in force."""
        if self.account_id is not None and self.account.state not in _UNDER_POLICY_IN_FORCE:
            return self.session.get_one(PolicyVersion, self.account.policy_version_id)
        in_force = self._in_force()
        if in_force is not None:
            return in_force
        return self.session.get_one(PolicyVersion, self.account.policy_version_id)

    def _in_force(self) -> PolicyVersion | None:
        today = self.now.astimezone(ZoneInfo(self.municipality.time_zone)).date()
        found: PolicyVersion | None = self.session.execute(self._newest(today)).scalars().first()
        return found

    @cached_property
    def proposed(self) -> PolicyVersion:
        """The version of the rules that the task asks about."""
        return self.session.get_one(PolicyVersion, self.task.details["version"])

    @cached_property
    def evaluation(self) -> Evaluation:
        """What the task to evaluate came to."""
        rows = select(Evaluation).where(col(Evaluation.task_id) == self.task.id)
        found: Evaluation = self.session.execute(rows).scalar_one()
        return found

    @cached_property
    def answered_questions(self) -> list[str]:
        """The evaluation's questions with their answers, a sentence each."""
        said = {"yes": "Ja.", "no": "Nej."}
        answered = self.evaluation.answers.get("questions", [])
        return [
            words.line(f"{one['label']} {said[one['answer']]} {one['comment']}", 3000) for one in answered
        ]

    @cached_property
    def _content(self) -> Mapping[str, Any]:
        """What is stored of the policy that speaks: the account's, or the municipality's own today."""
        if self.account_id is not None:
            return self.version.content
        found = self._in_force()
        return found.content if found else {"clauses": {}}

    def _newest(self, today: date) -> Select[PolicyVersion]:
        rows = select(PolicyVersion).where(
            col(PolicyVersion.municipality_id) == self.municipality.id,
            col(PolicyVersion.in_force_from) <= today,
        )
        return rows.order_by(col(PolicyVersion.valid_from).desc(), col(PolicyVersion.id).desc())

    @cached_property
    def policy(self) -> Policy:
        """The account's policy, or the municipality's own today."""
        if self.account_id is not None:
            return policy_from_content(self.version.content, self.version.sha256)
        today = self.now.astimezone(ZoneInfo(self.municipality.time_zone)).date()
        version = self.session.execute(self._newest(today)).scalars().first()
        if version is None:
            raise LookupError(f"municipality {self.municipality.id} has no policy")
        return policy_from_content(version.content, version.sha256)

    @cached_property
    def settings(self) -> Settings:
        """The municipality's settings; the product's own where no account says whose."""
        return self.policy.settings if self.account_id is not None else Settings()

    @cached_property
    def role(self) -> AccountRole:
        """The person's role in the account that the letter is about."""
        role_id = self.told.get("role") or (self.task.account_role_id if self.has_task else None)
        if role_id is None:
            raise LookupError(f"message {self.message.id} is not about a role")
        return self.session.get_one(AccountRole, role_id)

    @cached_property
    def role_person(self) -> Person:
        return self.session.get_one(Person, self.role.person_id)

    @cached_property
    def role_unit(self) -> Unit | None:
        return self.session.get(Unit, self.role_person.unit_id) if self.role_person.unit_id else None

    @cached_property
    def replaced(self) -> Person | None:
        """Who ends when the role begins."""
        ended = self.session.get(AccountRole, self.role.ends_role_id) if self.role.ends_role_id else None
        return self.person(ended.person_id) if ended else None

    @cached_property
    def absence(self) -> Absence:
        """The absence that the letter tells of."""
        return self.session.get_one(Absence, self.told["absence"])

    @cached_property
    def stands_in(self) -> Person | None:
        """Who stands in during that absence, if anybody is named."""
        usual = self.session.get_one(Person, self.absence.person_id).substitute_id
        return self.person(self.absence.substitute_id or usual)

    @cached_property
    def taken_over(self) -> list[str]:
        """What the recipient has taken over from somebody who left."""
        taken, mine = self.told["taken"], self.message.person_id
        units = [self.session.get_one(Unit, one).name for one, to in taken.get("unit", ()) if to == mine]
        posts = [one for one, to in taken.get("post", ()) if to == mine]
        stood_in = [one for kind in ("stands_in", "absence") for one, to in taken.get(kind, ()) if to == mine]
        people = [self.session.get_one(Person, one).name for one in dict.fromkeys(stood_in)]
        return [
            *(said("Du är chef för %(unit)s", unit=words.line(one)) for one in units),
            *(self._post_words(one) for one in posts),
            *(said("Du är ersättare för %(name)s", name=words.line(one)) for one in people),
        ]

    @cached_property
    def crisis(self) -> Crisis:
        """The crisis that the letter tells of."""
        return self.session.get_one(Crisis, self.told["crisis"])

    @cached_property
    def crisis_rules(self) -> list[str]:
        """What the policy says of a crisis, with where it says it."""
        return [
            f"{words.line(rule.label)} ({'; '.join(self._cite(dict(one)) for one in self._cited(rule))})"
            for rule in self.policy.rules.crisis
        ]

    def _cited(self, rule: Rule) -> Sequence[Mapping[str, str]]:
        return citation(dict(self._content), rule)

    @cached_property
    def uses_in_crisis(self) -> bool:
        """Whether the recipient holds a post that uses the accounts in a crisis."""
        roles = [rule.used_by.value for rule in self.policy.rules.crisis if rule.used_by is not None]
        rows = select(col(PostHolder.id)).where(
            col(PostHolder.municipality_id) == self.municipality.id,
            col(PostHolder.person_id) == self.message.person_id,
            col(PostHolder.role).in_(roles),
        )
        return self.session.execute(rows).first() is not None

    def _post_words(self, role: str) -> str:
        if role in _PERSONAL_POSTS:
            return said("Du är %(role)s", role=words.line(self.role_name(role, "indefinite")))
        return said("Du svarar för %(role)s", role=words.line(self.role_name(role)))

    @cached_property
    def returned(self) -> ReturnedMail:
        """What came back by mail and is the reason of the letter."""
        return self.session.get_one(ReturnedMail, self.told["returned"])

    @cached_property
    def answered_letter(self) -> Message | None:
        """The letter that was answered by mail, as long as it is kept."""
        return self.session.get(Message, self.returned.letter_id)

    @cached_property
    def answered_question(self) -> str:
        """What that letter asked; empty where it asked nothing, or of several things."""
        letter = self.answered_letter
        task = self.session.get(UserTask, letter.task_id) if letter and letter.task_id else None
        return words.line(task.label) if task else ""

    @cached_property
    def exemption(self) -> Exemption:
        """The exemption that the letter tells of."""
        return self.session.get_one(Exemption, self.told["exemption"])

    @cached_property
    def inventoried(self) -> Sequence[Account]:
        """The accounts about which the recipient has still to say whose they are."""
        held = select(col(TaskHolder.task_id)).where(col(TaskHolder.person_id) == self.message.person_id)
        asked = select(col(UserTask.account_id)).where(
            col(UserTask.kind) == TaskKind.INVENTORY,
            IS_OPEN,
            col(UserTask.id).in_(held),
        )
        rows = select(Account).where(col(Account.id).in_(asked)).order_by(col(Account.name), col(Account.id))
        return self._all(rows)

    @cached_property
    def asker(self) -> Person | None:
        """Who applied, asked for the change or the closure, or opened the case."""
        if self.account_id is None:
            return None
        if self.has_task and self.task.case_id is not None:
            return self.person(self.case.opened_by_id)
        if "role" in self.told or (self.has_task and self.task.account_role_id is not None):
            return self.person(self.role.asked_by_id)
        return self.person(self.account.closing_asked_by_id) if self.closes else self.applicant

    @cached_property
    def closes(self) -> bool:
        """Whether it is about closing the account."""
        if self.has_task:
            return self.task.process in (Process.CLOSING, Process.CLOSING_ITEMS)
        return self.account.state in (AccountState.CLOSING, AccountState.CLOSED)

    @cached_property
    def by(self) -> Person | None:
        """Who did what the letter tells of."""
        acted = self.told.get("by")
        return self.person(acted if acted is not None or not self.has_task else self.task.answered_by_id)

    @cached_property
    def on_behalf_of(self) -> Person | None:
        return self.person(self.task.on_behalf_of_id) if self.has_task else None

    @cached_property
    def why(self) -> Sequence[Mapping[str, Any]]:
        """Reasons why the task came to the recipient, in order; none when it came the straight way."""
        rows = select(TaskHolder).where(
            col(TaskHolder.task_id) == self.message.task_id,
            col(TaskHolder.person_id) == self.message.person_id,
        )
        holder = self.session.execute(rows).scalars().first()
        return holder.why if holder else []

    @cached_property
    def led_unit(self) -> Unit | None:
        """The nearest unit, from the account's own upwards, that the recipient leads."""
        guests = self.has_task and self.task.process is Process.GUEST
        unit, walked = self.role_unit if guests else self.unit, set[int | None]()
        while unit is not None and unit.id not in walked:
            if unit.line_manager_id == self.message.person_id:
                return unit
            walked.add(unit.id)
            unit = self.session.get(Unit, unit.parent_id) if unit.parent_id else None
        return None

    @cached_property
    def items(self) -> Sequence[UserTask]:
        """What the recipient has open on the account's lists: the binding lines first."""
        held = select(col(TaskHolder.task_id)).where(col(TaskHolder.person_id) == self.message.person_id)
        rows = select(UserTask).where(
            col(UserTask.account_id) == self.account_id,
            col(UserTask.kind).in_(ITEM_KINDS),
            IS_OPEN,
            col(UserTask.id).in_(held),
        )
        return sorted(self._all(rows.order_by(col(UserTask.id))), key=lambda task: task.modality != "must")

    @cached_property
    def only_advised(self) -> bool:
        """Whether nothing of what the recipient has open is demanded."""
        return bool(self.items) and all(task.modality != "must" for task in self.items)

    @cached_property
    def told_tasks(self) -> Sequence[UserTask]:
        """The tasks that the context names and that are still open."""
        rows = select(UserTask).where(col(UserTask.id).in_(self.told["tasks"]), IS_OPEN)
        return self._all(rows.order_by(col(UserTask.id)))

    @cached_property
    def never_confirmed(self) -> Sequence[UserTask]:
        """The binding lines that were still open when the approval lapsed."""
        rows = select(UserTask).where(
            col(UserTask.account_id) == self.account_id,
            col(UserTask.process) == Process.SETTING_UP,
            col(UserTask.state) == TaskState.WITHDRAWN,
            col(UserTask.plan_version) == self.account.plan_version,
            col(UserTask.modality) == "must",
        )
        return self._all(rows.order_by(col(UserTask.id)))

    @cached_property
    def earlier(self) -> list[str]:
        """Answers already given in the same matter, in the order they were given."""
        process = self.task.process if self.has_task else Process.OPENING
        rows = select(UserTask).where(
            col(UserTask.account_id) == self.account_id,
            col(UserTask.process) == process,
            col(UserTask.plan_version) == self.account.plan_version,
            col(UserTask.kind).in_([TaskKind.DECIDE, TaskKind.CONSULT]),
            col(UserTask.state).in_([TaskState.DONE, TaskState.NO_ANSWER]),
        )
        if self.has_task and self.task.account_role_id is not None:
            rows = rows.where(col(UserTask.account_role_id) == self.task.account_role_id)
        if process is Process.CLOSING and self.account.closing_asked_at is not None:
            rows = rows.where(col(UserTask.opened_at) >= self.account.closing_asked_at)
        given = rows.order_by(col(UserTask.answered_at), col(UserTask.id))
        return [self._answer_words(task) for task in self._all(given)]

    def _answer_words(self, task: UserTask) -> str:
        outcome = said(words.OUTCOMES[Outcome(task.outcome)]) if task.outcome else said("inget svar gavs")
        who = words.person_words(self.person(task.answered_by_id))
        by = said(" av %(who)s", who=who) if task.answered_by_id else ""
        on = f", {self.day(task.answered_at)}" if task.answered_at else ""
        return f"{swedish(words.line(task.label))}: {outcome}{by}{on}"

    def person(self, person_id: int | None) -> Person | None:
        return self.session.get(Person, person_id) if person_id is not None else None

    def is_to(self, person_id: int | None) -> bool:
        """Whether the letter goes to that person."""
        return person_id is not None and person_id == self.message.person_id

    def holders(self, task: UserTask) -> Sequence[Person]:
        """Everybody who may answer a task."""
        held = select(col(TaskHolder.person_id)).where(col(TaskHolder.task_id) == task.id)
        return self._all(select(Person).where(col(Person.id).in_(held)).order_by(col(Person.id)))

    @cached_property
    def gives_assignment(self) -> bool:
        """Whether a yes to the task is also the administrators' documented assignment."""
        return any(one.step == self.task.step and one.assigns for one in self._steps(self.task.process))

    def planned(self, field: str, *, with_address: bool = False) -> str:
        """The persons that the plan names in a field; one who is not known, by the address."""
        emails = [str(one).strip().lower() for one in self.plan.answers.get(field) or []]
        rows = select(Person).where(
            col(Person.municipality_id) == self.municipality.id, col(Person.email).in_(emails)
        )
        known = {person.email: person for person in self._all(rows)}
        return ", ".join(self._planned_words(known.get(email), email, with_address) for email in emails)

    def _planned_words(self, person: Person | None, email: str, with_address: bool) -> str:
        if person is None:
            return words.line(email)
        return f"{words.line(person.name)} ({email})" if with_address else words.line(person.name)

    def people(self, kind: AccountRoleKind) -> Sequence[Person]:
        """Those who have a role in the account now."""
        held = select(col(AccountRole.person_id)).where(
            col(AccountRole.account_id) == self.account_id,
            col(AccountRole.kind) == kind,
            col(AccountRole.since_on).is_not(None),
            col(AccountRole.until_on).is_(None),
            col(AccountRole.refused_at).is_(None),
        )
        return self._all(select(Person).where(col(Person.id).in_(held)).order_by(col(Person.id)))

    def clauses(self, task: UserTask) -> list[str]:
        """What a task rests on, in words."""
        return [swedish(f"{self._cite(one)}: {words.line(one['title'])}") for one in task.clauses]

    def item_words(self, task: UserTask) -> str:
        """A line of a checklist with where it is demanded."""
        advised = "" if task.modality == "must" else said(" (rekommenderas)")
        grounds = "; ".join(dict.fromkeys(self._cite(one) for one in task.clauses))
        return f"{swedish(words.line(task.label))}{advised}" + (f" – {swedish(grounds)}" if grounds else "")

    @cached_property
    def snapshot(self) -> Snapshot:
        """The picture that the letter brings."""
        return self.session.get_one(Snapshot, self.told["snapshots"][0])

    @cached_property
    def paper(self) -> Paper:
        """The paper that the letter brings."""
        return self.session.get_one(Paper, self.told["papers"][0])

    @property
    def paper_in_short(self) -> str:
        """Its title, with the decision's sentences as a part of the same sentence."""
        about, _, decision = self.paper.title.rpartition(": ")
        decided = ", ".join(one[:1].lower() + one[1:] for one in decision.rstrip(".").split(". "))
        return f"{about} – {decided}" if about else self.paper.title

    @cached_property
    def enclosures(self) -> Sequence[Enclosure]:
        """The files that go with the letter."""
        return enclosed(self.session, self.told)

    @cached_property
    def morning(self) -> MorningLines:
        """What a morning letter tells."""
        return MorningLines(self.session, self.message)

    def missed_words(self, account: Account) -> str:
        """For how many days in a row nobody has looked."""
        count = account.missed_days
        days = "i går" if count == 1 else f"{words.number_words(count)} dagar i rad"
        since = f", senast {self.day(account.watched_on)}" if account.watched_on else ""
        return f"{capital(words.account_words(account))}: inte bevakat {days}{since}"

    def duty_words(self, task: UserTask) -> str:
        """A duty with its account, how strongly it is asked, by when, and on what ground."""
        account = self.morning.account_of(task)
        about = f" – {words.account_words(account)}" if account else ""
        by = f", senast {self.day(task.due_at)}" if task.due_at else ""
        grounds = "; ".join(dict.fromkeys(self._cite(one) for one in task.clauses))
        return f"{self.item_label(task)}{about}{by}" + (f" ({grounds})" if grounds else "")

    @cached_property
    def case(self) -> Case:
        """The case that the task is a step of."""
        return self.session.get_one(Case, self.task.case_id)

    @property
    def is_late(self) -> bool:
        """Whether the task's time has run out."""
        return self.task.due_at is not None and self.task.due_at <= self.now

    def late_words(self, task: UserTask) -> str:
        """A step of a case whose time has run out."""
        account = self.morning.account_of(task)
        about = f" – {words.account_words(account)}" if account else ""
        since = f", skulle ha varit klart {self.moment(task.due_at)}" if task.due_at else ""
        return f"{words.line(task.label)}{about}{since}"

    def waiting_duty_words(self, task: UserTask) -> str:
        """A duty of others that nobody answers."""
        account = self.morning.account_of(task)
        about = f" ({words.account_words(account)})" if account else ""
        holders = words.names(self.holders(task))
        return f"{words.line(task.label)}{about} – {holders}, sedan {self.day(task.opened_at)}"

    @staticmethod
    def item_label(task: UserTask) -> str:
        """What is asked, and whether it is only advised or allowed."""
        strength = {"must": "", "should": " (rekommenderas)", "may": " (får göras)"}[task.modality]
        return f"{words.line(task.label)}{strength}"

    def waiting_words(self, task: UserTask) -> str:
        """A task that nobody answers, with whose it is."""
        holders = words.names(self.holders(task))
        label, since = swedish(words.line(task.label)), self.day(task.opened_at)
        return said("%(label)s – %(holders)s, sedan %(since)s", label=label, holders=holders, since=since)

    def _cite(self, clause: Mapping[str, str]) -> str:
        """A clause, with whose document it is where that is known."""
        publisher = self._content["clauses"].get(clause["ref"], {}).get("publisher")
        return words.line(f"{publisher}, {clause['cite']}" if publisher else clause["cite"])

    def step_label(self, step: str) -> str:
        """What the policy calls a step of a chain; empty when it knows none of that name."""
        steps = [one for process in Process for one in self._steps(process)]
        return next((one.label for one in steps if one.step == step), "")

    def _steps(self, process: Process) -> Sequence[Step]:
        rules = self.policy.rules
        chains = {
            Process.OPENING: rules.opening,
            Process.ADMINISTRATOR_CHANGE: rules.administrator_change,
            Process.GUEST: rules.guest.chain if rules.guest else [],
            Process.CLOSING: rules.closing,
        }
        return chains.get(process, [])

    def role_name(self, role: str, form: Form = "definite") -> str:
        """What the municipality calls a role."""
        return role_name(self.policy, Role(role), form)

    @staticmethod
    def date_of(text: str) -> date:
        """A day as a context keeps it."""
        return date.fromisoformat(text)

    def day(self, value: date | datetime | str) -> str:
        return words.day(value, self.municipality.time_zone)

    def moment(self, value: datetime) -> str:
        return words.moment(value, self.municipality.time_zone)

    def _all(self, rows: Select[Any]) -> Sequence[Any]:
        return self.session.execute(rows).scalars().all()
