"""What is seen of the product in a case, in the form in which a case says what it expects.

Each sight takes what is expected only to know how much to tell: what a case leaves out is left out here too.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from lifecycle.administrators import administering, documents_for, faults_in
from lifecycle.advice import advice_at
from lifecycle.case_answers import settling_ends
from lifecycle.case_steps import kinds_for
from lifecycle.cases import AtHand, at_hand, tasks_of_case
from lifecycle.closing import items_for as closing_items_for
from lifecycle.conditions import binds, facts_of
from lifecycle.drafts import PlanIncomplete
from lifecycle.duties import Duty as ProductDuty
from lifecycle.duties import duties_of
from lifecycle.evaluating import questions_for
from lifecycle.events import EventKind
from lifecycle.law import Law, law_in_force, law_of
from lifecycle.plans import current_plan, facts_now, fields_for
from lifecycle.plans import faults_in as plan_faults
from lifecycle.register import other_links as links_beside
from lifecycle.register import read_entries
from lifecycle.roles import account_people
from lifecycle.setting_up import items_for
from lifecycle.statement import statement_of
from models import (
    Account,
    AccountRoleKind,
    AccountState,
    AuditDetail,
    AuditEvent,
    Evaluation,
    Link,
    LinkKind,
    Message,
    MessageState,
    Municipality,
    Process,
    TaskHolder,
    TaskKind,
    TaskState,
    UserTask,
    WatchedHandle,
)
from models import (
    Case as AccountCase,
)
from notifications.examples.world import at_any_time
from notifications.letters import Letterhead, compose
from policies.coverage import account_for
from policies.keys import Modality, Rule
from policies.loading import policy_from_content
from policies.policy import Policy
from policies.rules import Item, Place
from policies.showing import as_text
from tests.policies.case_format import (
    Advised,
    Asked,
    Asking,
    ByClock,
    CaseStepSeen,
    Duty,
    Evaluated,
    Line,
    Missing,
    Short,
    Shown,
)
from tests.policies.case_stage import Stage
from tests.policies.case_world import moment_of

M = TypeVar("M", bound=BaseModel)

PROSE = ("kinds", "label", "how", "folder", "matter", "case", "title")
"""Values of a duty that are words: compared when a case says them."""
_QUESTIONS = (TaskKind.DECIDE, TaskKind.CONSULT, TaskKind.REVISE_PLAN)
_LINES = (TaskKind.CONFIRM_ITEM, TaskKind.ACKNOWLEDGE)
_UNDER_OWN_VERSION = (
    AccountState.DRAFT,
    AccountState.DECIDING,
    AccountState.CHANGES_ASKED,
    AccountState.SETTING_UP,
)


class Sight:
    """The account at one moment, read in one transaction."""

    def __init__(self, stage: Stage, session: Session) -> None:
        self.stage, self.session = stage, session
        self.account = session.get_one(Account, stage.account_id) if stage.account_id else None

    @property
    def there(self) -> Account:
        """The account, which must be there."""
        assert self.account is not None, "the case has no account yet"
        return self.account

    @cached_property
    def law(self) -> Law:
        """Before it is active the account's own version, then the one in force."""
        if self.account is not None and self.account.state in _UNDER_OWN_VERSION:
            return law_of(self.session, self.account)
        return law_in_force(self.session, self.stage.world.municipality_id, self.stage.now)

    @property
    def today(self) -> date:
        """The municipality's own day."""
        return self.law.day_of(self.stage.now)

    @property
    def policy(self) -> Policy:
        """The policy of the case, as the product read it."""
        return policy_from_content(self.stage.content)

    def who(self, person_id: int | None) -> str:
        """Somebody's name in the world."""
        return self.stage.world.names[person_id or 0]

    def tasks(self, kinds: Sequence[TaskKind], state: TaskState = TaskState.OPEN) -> list[UserTask]:
        """Tasks of the account, open ones when nothing else is said."""
        rows = select(UserTask).where(
            col(UserTask.account_id) == self.stage.account_id,
            col(UserTask.kind).in_(kinds),
            col(UserTask.state) == state,
        )
        return list(self.session.execute(rows.order_by(col(UserTask.id))).scalars())

    def holders(self, tasks: Iterable[UserTask]) -> list[TaskHolder]:
        """Who may answer them."""
        ids = [task.id for task in tasks]
        rows = select(TaskHolder).where(col(TaskHolder.task_id).in_(ids)).order_by(col(TaskHolder.id))
        return list(self.session.execute(rows).scalars())

    def duties(self) -> list[UserTask]:
        """What the clock asks about the account, or about the municipality as a whole."""
        rows = select(UserTask).where(
            or_(col(UserTask.account_id) == self.stage.account_id, col(UserTask.account_id).is_(None)),
            col(UserTask.process) == Process.DUTIES,
            col(UserTask.state) == TaskState.OPEN,
        )
        return list(self.session.execute(rows.order_by(col(UserTask.id))).scalars())

    def new_messages(self, notice: str = "") -> list[Message]:
        """Letters about the account or the municipality since the step before, or all of a kind.

        None that is still held back; morning letters only by name.
        """
        municipal = col(Message.account_id).is_(None) & (col(Message.notice) != "morning")
        ours = (col(Message.account_id) == self.stage.account_id) | municipal
        which = col(Message.notice) == notice if notice else ours
        due = select(Message).where(
            which,
            col(Message.not_before) <= self.stage.now,
            col(Message.state) != MessageState.NOT_NEEDED,
        )
        found = self.session.execute(due.order_by(col(Message.queued_at))).scalars()
        return [message for message in found if message.id not in self.stage.told]


def pieces(wanted: Sequence[str] | None, text: str) -> list[str]:
    """The wanted pieces that are in the text; when one is not, the text itself, for the one who looks."""
    return list(wanted or []) if all(piece in text for piece in wanted or []) else [text]


def like(expected: M | None, model: type[M], always: Sequence[str], values: Mapping[str, Any]) -> M:
    """An entry that tells what the expected one does, and what is always told."""
    told = {*always, *(expected.model_fields_set if expected else ())}
    return model.model_validate({key: value for key, value in values.items() if key in told})


# ---------------------------------------------------------------- the account and its questions


def state(sight: Sight, _: Any) -> AccountState | None:
    return sight.account.state if sight.account else None


def waits_for(sight: Sight, _: Any) -> str:
    return sight.there.waits_for


def red(sight: Sight, _: Any) -> str:
    return sight.there.red_reason


def refused(sight: Sight, _: Any) -> str | None:
    return sight.stage.refused.code if sight.stage.refused else None


def says(sight: Sight, expected: list[str]) -> list[str]:
    found = sight.stage.refused
    texts = [found.says()] if found else []
    if isinstance(found, PlanIncomplete):
        texts += [fault.says for fault in found.faults]
    if found is None:
        texts += [fault.says for fault in _plan_faults(sight)]
    return pieces(expected, " ".join(texts))


def asked(sight: Sight, expected: dict[str, Asked]) -> dict[str, Asked]:
    return _by_step(sight, expected, sight.tasks(_QUESTIONS))


def informed(sight: Sight, expected: dict[str, Asked]) -> dict[str, Asked]:
    return _by_step(sight, expected, sight.tasks((TaskKind.INFORM,), TaskState.DONE))


def _by_step(sight: Sight, expected: dict[str, Asked], tasks: Iterable[UserTask]) -> dict[str, Asked]:
    by_step: dict[str, list[UserTask]] = {}
    for task in tasks:
        by_step.setdefault(task.step, []).append(task)
    return {step: _asked(sight, expected.get(step), asked) for step, asked in by_step.items()}


def _asked(sight: Sight, expected: Asked | None, tasks: Sequence[UserTask]) -> Asked:
    task, holders = tasks[0], sight.holders(tasks)
    values = {
        "of": sorted(sight.who(one.person_id) for one in holders),
        "modality": task.modality,
        "act": task.kind.value if task.kind in _QUESTIONS[:2] else None,
        "label": task.label,
        "because": [one["code"] for one in holders[0].why] if holders else [],
        "instead_of": sight.who(holders[0].instead_of_id) if holders and holders[0].instead_of_id else None,
        "answer_by": moment_of(task.due_at) if task.due_at else None,
        "reminded": moment_of(task.next_reminder_at) if task.next_reminder_at else None,
        "reminders": task.reminders,
        "clauses": [cited["ref"] for cited in task.clauses],
        "cites": pieces(expected.cites if expected else None, str(task.clauses)),
    }
    return like(expected, Asked, ("of", "modality"), values)


def ended(sight: Sight, expected: dict[str, str]) -> dict[str, str]:
    rows = select(UserTask).where(
        col(UserTask.account_id) == sight.stage.account_id,
        col(UserTask.state) != TaskState.OPEN,
        col(UserTask.step).in_(expected),
    )
    found: dict[str, str] = {}
    for task in sight.session.execute(rows.order_by(col(UserTask.id))).scalars():
        found[task.step] = task.outcome.value if task.outcome else task.state.value
    return found


# ---------------------------------------------------------------- checklists


def lines(sight: Sight, expected: Mapping[str, Line]) -> dict[str, Line]:
    by_step: dict[str, list[UserTask]] = {}
    for task in sight.tasks(_LINES):
        by_step.setdefault(task.step, []).append(task)
    return {step: _line(sight, step, expected.get(step), tasks) for step, tasks in by_step.items()}


def some_lines(sight: Sight, expected: dict[str, Line]) -> dict[str, Line]:
    return {step: line for step, line in lines(sight, expected).items() if step in expected}


def no_lines(sight: Sight, expected: list[str]) -> list[str]:
    return [step for step in expected if step not in lines(sight, {})]


def _line(sight: Sight, step: str, expected: Line | None, tasks: Sequence[UserTask]) -> Line:
    task = tasks[0]
    rule = _item_of(sight, step, task)
    values = {
        "of": sorted({sight.who(one.person_id) for one in sight.holders(tasks)}),
        "modality": task.modality,
        "each": task.account_role_id is not None,
        "clauses": [cited["ref"] for cited in task.clauses],
        "gives": _given_with(rule),
        "says": pieces(expected.says if expected else None, _words_of_line(rule, task)),
        "documents": pieces(expected.documents if expected else None, str(task.details.get("documents"))),
        "pictured": task.details.get("capture") == "wanted",
        "reminded": moment_of(task.next_reminder_at) if task.next_reminder_at else None,
    }
    return like(expected, Line, ("of", "modality", "each", "gives"), values)


def _item_of(sight: Sight, step: str, task: UserTask) -> Item | None:
    facts = facts_of(sight.there)
    rules: list[Item] = items_for(sight.law, facts, sight.today)
    if task.process is Process.CLOSING_ITEMS:
        rules = closing_items_for(sight.law, facts, sight.stage.now)
    return next((rule for rule in rules if rule.item == step), None)


def _given_with(rule: Item | None) -> list[str]:
    ways = [f"way: {' '.join(way.way for way in rule.ways)}"] if rule and rule.ways else []
    return [*ways, "place"] if rule and rule.place else ways


def _words_of_line(rule: Item | None, task: UserTask) -> str:
    if rule is None:
        return task.label
    return f"{task.label} {rule.explanation} {rule.text} {[way.label for way in rule.ways or []]}"


# ---------------------------------------------------------------- what the clock asks


def clock(sight: Sight, expected: Mapping[str, ByClock]) -> dict[str, ByClock]:
    by_step: dict[str, list[UserTask]] = {}
    for task in sight.duties():
        by_step.setdefault(task.step, []).append(task)
    return {step: _by_clock(sight, expected.get(step), tasks) for step, tasks in by_step.items()}


def some_clock(sight: Sight, expected: dict[str, ByClock]) -> dict[str, ByClock]:
    return {step: one for step, one in clock(sight, expected).items() if step in expected}


def _by_clock(sight: Sight, expected: ByClock | None, tasks: Sequence[UserTask]) -> ByClock:
    task = tasks[0]
    values = {
        "of": sorted({sight.who(one.person_id) for one in sight.holders(tasks)}),
        "modality": task.modality,
        "count": len(tasks),
        "label": task.label,
        "answer_by": moment_of(task.due_at) if task.due_at else None,
        "reminded": moment_of(task.next_reminder_at) if task.next_reminder_at else None,
        "reminders": task.reminders,
        "clauses": [cited["ref"] for cited in task.clauses],
        "says": pieces(expected.says if expected else None, f"{task.label} {task.details}"),
    }
    return like(expected, ByClock, ("of", "modality"), values)


def case_kinds(sight: Sight, _: Any) -> dict[str, str]:
    advised = {Modality.MUST: "", Modality.SHOULD: " (bör)", Modality.MAY: " (får)"}
    return {
        one.name: " ".join(step.value for step in one.steps) + advised[one.modality]
        for one in kinds_for(sight.law, facts_of(sight.there), sight.today)
    }


def some_case_kinds(sight: Sight, expected: Mapping[str, str]) -> dict[str, str]:
    return {name: steps for name, steps in case_kinds(sight, None).items() if name in expected}


def case_steps(sight: Sight, expected: Mapping[str, CaseStepSeen]) -> dict[str, CaseStepSeen]:
    case = sight.stage.newest_case(sight.session)
    law = law_in_force(sight.session, case.municipality_id, case.opened_at)
    it = at_hand(law, sight.there, case)
    open_ones = [one for one in tasks_of_case(sight.session, case) if one.state is TaskState.OPEN]
    return {one.step: _case_step(sight, it, one, expected.get(one.step)) for one in open_ones}


def _case_step(sight: Sight, it: AtHand, task: UserTask, expected: CaseStepSeen | None) -> CaseStepSeen:
    values = {
        "of": sorted(sight.who(one.person_id) for one in sight.holders([task])),
        "modality": task.modality,
        "label": task.label,
        "answer_by": moment_of(task.due_at) if task.due_at else None,
        "advised_by": moment_of(task.advised_at) if task.advised_at else None,
        "reminded": moment_of(task.next_reminder_at) if task.next_reminder_at else None,
        "ends": [one.value for one in settling_ends(it, task)],
        "clauses": [cited["ref"] for cited in task.clauses],
    }
    return like(expected, CaseStepSeen, ("of", "modality"), values)


def case_outcomes(sight: Sight, _: Any) -> list[str]:
    return [one["code"] for one in sight.stage.newest_case(sight.session).outcomes]


def case_state(sight: Sight, _: Any) -> str:
    return sight.stage.newest_case(sight.session).state.value


def morning(sight: Sight, _: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for message in sight.new_messages("morning"):
        found.setdefault(message.email.split("@")[0], []).extend(set(message.context) - {"on"})
    return {who: sorted(parts) for who, parts in found.items()}


def kept(sight: Sight, expected: Mapping[str, int]) -> dict[str, int]:
    counted = {
        "letters": select(Message).where(col(Message.state) == MessageState.SENT),
        "details": select(AuditDetail)
        .join(AuditEvent, col(AuditEvent.id) == col(AuditDetail.event_id))
        .where(col(AuditDetail.weeded_on).is_(None), col(AuditEvent.kind) == EventKind.CLOSING_ASKED.value),
        "cases": select(AccountCase).where(col(AccountCase.weeded_at).is_(None)),
    }
    return {name: len(sight.session.execute(counted[name]).all()) for name in expected}


def missed_days(sight: Sight, _: Any) -> int:
    return sight.there.missed_days


def evaluation(sight: Sight, expected: Evaluated) -> Evaluated | None:
    rows = select(Evaluation).where(col(Evaluation.account_id) == sight.stage.account_id)
    last = sight.session.execute(rows.order_by(col(Evaluation.id).desc())).scalars().first()
    if last is None:
        return None
    values = {
        "from_on": last.from_on,
        "until_on": last.until_on,
        "promises": [one["field"] for one in last.facts["promises"]],
        "questions": [
            one.question for one in questions_for(sight.law, sight.there, sight.today) if binds(one)
        ],
        "recommends": last.recommends,
        "outcome": last.outcome,
        "by_default": last.by_default,
    }
    return like(expected, Evaluated, (), values)


def kept_until(sight: Sight, _: Any) -> date | None:
    return sight.there.kept_until_on


def rests_until(sight: Sight, _: Any) -> date | None:
    return sight.there.rests_until_on


# ---------------------------------------------------------------- letters and the log


def letters(sight: Sight, _: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for message in sight.new_messages():
        found.setdefault(message.email.split("@")[0], []).append(message.notice)
    return {who: sorted(notices) for who, notices in found.items()}


def links_until(sight: Sight, expected: Mapping[str, str]) -> dict[str, str]:
    """Letters are written out, which makes their links; nothing of it is kept."""
    head = Letterhead("https://kanalvakt.example.org", lambda session, owner, now: now, at_any_time)
    found: dict[str, str] = {}
    for message in sight.new_messages():
        if message.notice in expected:
            compose(sight.session, message, head, sight.stage.now)
            links = select(Link).where(col(Link.message_id) == message.id)
            for link in sight.session.execute(links).scalars():
                found[message.notice] = moment_of(link.expires_at)
    return found


def calendar_until(sight: Sight, _: Any) -> str:
    calendars = select(col(Link.expires_at)).where(col(Link.kind) == LinkKind.CALENDAR)
    return moment_of(sight.session.execute(calendars).scalar_one())


def statement(sight: Sight, _: Any) -> dict[str, Any]:
    municipality = sight.session.get_one(Municipality, sight.stage.world.municipality_id)
    law = law_in_force(sight.session, municipality.id or 0, sight.stage.now)
    said = statement_of(law, municipality)
    return {"contact": said.contact, "assessed_on": said.assessed_on, "shortcomings": list(said.shortcomings)}


def names_looked_at(sight: Sight, _: Any) -> int:
    return sight.session.execute(select(func.count(col(WatchedHandle.id)))).scalar_one()


def log(sight: Sight, expected: list[str]) -> list[str]:
    rows = select(col(AuditEvent.kind)).where(col(AuditEvent.id) > sight.stage.recorded)
    kinds = list(sight.session.execute(rows.order_by(col(AuditEvent.id))).scalars())
    return expected if set(expected) <= set(kinds) else kinds


# ---------------------------------------------------------------- people


def people(sight: Sight, _: Any) -> dict[AccountRoleKind, list[str]]:
    found: dict[AccountRoleKind, list[str]] = {}
    for role, person in account_people(sight.session, sight.there, list(AccountRoleKind), sight.today):
        if role.since_on is not None and role.since_on <= sight.today:
            found.setdefault(role.kind, []).append(sight.who(person.id))
    return {kind: sorted(names) for kind, names in found.items()}


def assigned(sight: Sight, _: Any) -> dict[str, str | None]:
    roles = administering(sight.session, sight.there, sight.today)
    return {
        sight.who(role.person_id): f"{sight.who(role.assigned_by_id)} {role.assigned_on}"
        if role.assigned_by_id
        else None
        for role in roles
    }


def acknowledged(sight: Sight, expected: Mapping[str, list[str] | None]) -> dict[str, list[str] | None]:
    roles = administering(sight.session, sight.there, sight.today)
    return {
        (who := sight.who(role.person_id)): pieces(expected.get(who), role.acknowledged)
        if role.acknowledged_at
        else None
        for role in roles
    }


def short(sight: Sight, _: Any) -> Short:
    found = faults_in(sight.session, sight.law, sight.there, sight.today)
    return Short(
        must=[one.says for one in found if one.must], should=[one.says for one in found if not one.must]
    )


# ---------------------------------------------------------------- what the policy asks and shows


def _by_modality(rules: Iterable[Rule], name: str) -> Asking:
    found: dict[str, list[str]] = {}
    for rule in rules:
        found.setdefault(rule.modality.value, []).append(getattr(rule, name))
    return Asking.model_validate({modality: sorted(names) for modality, names in found.items()})


def form(sight: Sight, _: Any) -> Asking:
    return _by_modality(fields_for(sight.law, facts_now(sight.session, sight.there), sight.today), "field")


def fields(sight: Sight, expected: Mapping[str, Shown]) -> dict[str, Shown]:
    rules = {
        rule.field: rule for rule in fields_for(sight.law, facts_now(sight.session, sight.there), sight.today)
    }
    found = {}
    for name in expected:
        if (rule := rules.get(name)) is not None:
            choices = rule.choices or []
            text = " ".join([rule.label, rule.explanation or "", *(one.label for one in choices)])
            values = {
                "kind": rule.kind.value,
                "choices": [one.choice for one in choices],
                "clauses": [cited["ref"] for cited in sight.law.cite(rule)],
                "says": pieces(expected[name].says, text),
            }
            found[name] = like(expected[name], Shown, (), values)
    return found


def _plan_faults(sight: Sight) -> list[Any]:
    if sight.account is None or sight.account.state not in _UNDER_OWN_VERSION[:3]:
        return []
    answers = current_plan(sight.session, sight.account).answers
    return plan_faults(sight.session, sight.law, sight.account, answers, sight.stage.now)


def missing(sight: Sight, _: Any) -> Missing:
    found = _plan_faults(sight)
    return Missing(
        must=sorted(one.field for one in found if one.must),
        should=sorted(one.field for one in found if not one.must),
    )


def documents(sight: Sight, _: Any) -> Asking:
    return _by_modality(documents_for(sight.law, facts_of(sight.there), sight.today), "document")


def duties(sight: Sight, expected: Mapping[str, list[Duty]]) -> dict[str, list[Duty]]:
    found: dict[str, list[ProductDuty]] = {kind: [] for kind in expected}
    for one in duties_of(sight.law, facts_of(sight.there), sight.today):
        if one.kind in found:
            found[one.kind].append(one)
    return {
        kind: [
            _duty(one, expected[kind][place] if place < len(expected[kind]) else None)
            for place, one in enumerate(seen)
        ]
        for kind, seen in found.items()
    }


def _duty(one: ProductDuty, expected: Duty | None) -> Duty:
    wanted = expected.values if expected else {}
    values = {key: value for key, value in one.values.items() if key not in PROSE or key in wanted}
    if isinstance(wanted.get("kinds"), int):
        values["kinds"] = len(one.values.get("kinds", []))
    told = {
        "modality": one.modality,
        "values": values,
        "settings": one.settings,
        "clauses": [cited["ref"] for cited in one.clauses],
        "says": pieces(expected.says if expected else None, one.words),
    }
    return like(expected, Duty, ("modality", "values", "settings"), told)


def register_entry(sight: Sight, _: Any) -> dict[str, str]:
    found = read_entries(sight.session, sight.law, sight.today, [sight.there.id or 0])
    return found[0].facts() if found else {}


def other_links(sight: Sight, _: Any) -> dict[str, list[str]]:
    shown = links_beside(sight.law, sight.today)
    return {
        one.title: [one.disclaimer, *(f"{link.name}: {link.address}" for link in one.links)] for one in shown
    }


def advice(sight: Sight, expected: Mapping[Place, Advised]) -> dict[Place, Advised]:
    return {place: _advised(sight, place, one) for place, one in expected.items()}


def _advised(sight: Sight, place: Place, expected: Advised) -> Advised:
    shown = advice_at(sight.law, place, facts_now(sight.session, sight.there), sight.today)
    by_modality: dict[str, list[str]] = {modality.value: [] for modality in Modality}
    for one in shown:
        by_modality[one.modality.value] += [cited["ref"] for cited in one.clauses]
    values = {modality: sorted(refs) for modality, refs in by_modality.items()}
    told = {**values, "says": pieces(expected.says, " ".join(one.text for one in shown))}
    return like(expected, Advised, ("must", "should", "may"), told)


def policy_says(sight: Sight, expected: list[str]) -> list[str]:
    return pieces(expected, as_text(sight.policy, sight.stage.content))


def policy_lacks(sight: Sight, expected: list[str]) -> list[str]:
    text = as_text(sight.policy, sight.stage.content)
    return [piece for piece in expected if piece not in text]


def accounted(sight: Sight, expected: Mapping[str, str]) -> dict[str, str]:
    return {
        one.ref: f"{one.how.value}: {one.why}" if one.why else one.how.value
        for one in account_for(sight.policy)
        if one.ref in expected
    }


def version(sight: Sight, _: Any) -> str:
    return sight.law.policy.policy


SIGHTS: dict[str, Callable[[Sight, Any], Any]] = {
    one.__name__: one
    for one in (
        state,
        waits_for,
        refused,
        says,
        missing,
        asked,
        informed,
        ended,
        lines,
        some_lines,
        no_lines,
        clock,
        some_clock,
        case_kinds,
        some_case_kinds,
        case_steps,
        case_outcomes,
        case_state,
        morning,
        kept,
        calendar_until,
        statement,
        names_looked_at,
        missed_days,
        evaluation,
        kept_until,
        rests_until,
        letters,
        links_until,
        red,
        people,
        assigned,
        acknowledged,
        log,
        form,
        fields,
        documents,
        short,
        duties,
        register_entry,
        other_links,
        advice,
        policy_says,
        policy_lacks,
        accounted,
        version,
    )
}
"""One for each key of `Seen`."""
