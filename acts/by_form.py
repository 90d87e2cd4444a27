"""What communications does by a form at its desk: done at once, or begun and confirmed by a mailed link.

A form knows no person: it asks for the work address of the one who acts. What can change who decides, or ends
something, waits until that person has confirmed it (REQUIREMENTS 4.2).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, bindparam, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from acts import confirming, finding
from acts.waking import AT_ONCE, PATIENCE
from acts.work import work
from lifecycle.answers import is_personal
from lifecycle.chains import application, steps_of
from lifecycle.changes import ROLE_WORDS
from lifecycle.confirming import is_late, lapse
from lifecycle.events import By
from lifecycle.law import Law, law_in_force, law_of
from lifecycle.plans import person_by_email
from lifecycle.refusals import Refused
from lifecycle.roles import account_people, demand_member
from lifecycle.tasks import open_tasks
from models import (
    Account,
    AccountRoleKind,
    FormRun,
    Municipality,
    Outcome,
    Person,
    TaskKind,
    TaskState,
    Unit,
    UserTask,
)
from policies.rules import Step
from runtime.database import reading, writing

VIA = "form"
WAITS, DONE, DROPPED = "Väntar på bekräftelse", "Utfört", "Avbrutet"
CONFIRMED, LATE, REPLACED = "Bekräftat och utfört", "Inte bekräftat i tid", "Ersatt av en nyare begäran"

NOT_TAKEN_BACK = (
    "Att avbryta eller ta bort körningen tar inte tillbaka det du bad om: svara nej med länken i brevet."
)


@dataclass(frozen=True)
class Filled:
    """A form as it was sent: by which flow run, who acts, and for which municipality (a slug, or nothing)."""

    flow_run_id: str
    acting: str
    municipality: str = ""


@dataclass(frozen=True)
class Told:
    """What was done, or begun, in Swedish: for the run's result, which may name people."""

    lines: Sequence[str]
    task: UserTask | None = None
    """What waits to be confirmed."""
    place: str = ""
    """Which page of the portal shows it, below the visitor's own; empty for that one."""


@dataclass(frozen=True)
class Standing:
    """Where a form's run stands, by a name that the run list shows."""

    name: str
    lines: Sequence[str] = ()
    portal_path: str = ""
    """Where the portal shows it, below the portal's address."""

    @property
    def waits(self) -> bool:
        return self.name == WAITS


@dataclass(frozen=True)
class FormDesk:
    """One filled-in form at work: what its words mean, and who acts."""

    session: Session
    now: datetime
    municipality: Municipality
    law: Law
    person: Person

    @property
    def municipality_id(self) -> int:
        return self.law.municipality_id

    @property
    def person_id(self) -> int:
        return self.person.id or 0

    @property
    def by(self) -> By:
        return By(self.person_id, VIA)

    @property
    def on(self) -> date:
        """Today, in the municipality's zone."""
        return self.law.day_of(self.now)

    def account(self, words: str) -> Account:
        """By address or name. Refused `account_unknown` or `account_not_one`."""
        return finding.account_named(self.session, self.municipality_id, words)

    def account_id(self, words: str) -> int:
        """The same account's id."""
        return self.account(words).id or 0

    def unit(self, words: str) -> Unit:
        """By name or code. Refused `unit_unknown` or `unit_not_one`."""
        return finding.unit_named(self.session, self.municipality_id, words)

    def someone(self, email: str) -> Person:
        """By work address. Refused `person_unknown` or `person_left`."""
        return person_by_email(self.session, self.municipality_id, email, self.on)

    def role_id(self, account: Account, person: Person, kind: AccountRoleKind) -> int:
        """Somebody's role for an account. Refused `role_unknown`."""
        held = account_people(self.session, account, (kind,), self.on)
        found = next((role.id for role, one in held if one.id == person.id), None)
        if found is None:
            raise Refused("role_unknown", name=person.name, role=ROLE_WORDS[kind])
        return found

    def open_question(self, account: Account, words: str) -> UserTask:
        """A question that waits for somebody's answer. Refused `question_unknown` or `question_not_one`."""
        waiting = [one for one in open_tasks(self.session, account) if not is_personal(one)]
        return finding.question_named(waiting, words)

    def answered_question(self, account: Account, words: str) -> UserTask:
        """The question that was answered last, or last under that name. Refused `question_unknown`."""
        rows = select(UserTask).where(
            col(UserTask.account_id) == account.id,
            col(UserTask.state) == TaskState.DONE,
            col(UserTask.kind).in_([TaskKind.DECIDE, TaskKind.CONSULT]),
            col(UserTask.outcome) != Outcome.SKIPPED,
        )
        rows = rows.order_by(col(UserTask.answered_at).desc(), col(UserTask.id).desc())
        return finding.question_named(self.session.execute(rows).scalars().all(), words, newest_first=True)

    def step(self, account: Account, words: str) -> Step:
        """A step of the application's chain, by its name. Refused `question_unknown`."""
        law = law_of(self.session, account)
        return finding.step_named(steps_of(self.session, law, application(account), self.now), words)

    def demand_member(self) -> None:
        """Only communications may. Refused `only_communications`."""
        demand_member(self.session, self.person, self.on)

    def begin(self, act: str, label: str, about: str, values: Mapping[str, Any]) -> Told:
        """Begin what must be confirmed; a refusal is told at once."""
        return self.begun(
            confirming.begin(
                self.session, self.law, self.person, act, label, values, self.now, about=about, via=VIA
            )
        )

    def begun(self, task: UserTask) -> Told:
        """What waits to be confirmed, as long as its link lives and no longer."""
        confirming.limit(self.session, self.law, task, self.now)
        words = confirming.words_of(self.session, self.now, task)
        return Told([task.label, *words], task, _place_of(task))


FormAct = Callable[[FormDesk], Told]
"""What one form does with what was filled in."""


def fill_in(engine: Engine, filled: Filled, act: FormAct, now: datetime) -> Standing:
    """Do what the form says, once for each flow run; whether it is done, or what became of it.

    Raises Refused, and changes nothing, when it cannot be done.
    """
    known = standing_of(engine, filled.flow_run_id, now)
    if known is not None:
        return known
    try:
        with work(engine, now) as session:
            return _first_time(session, filled, act, now)
    except IntegrityError:
        known = standing_of(engine, filled.flow_run_id, now)
        if known is None:
            raise
        return known


def _first_time(session: Session, filled: Filled, act: FormAct, now: datetime) -> Standing:
    municipality = finding.municipality_named(session, filled.municipality)
    law = law_in_force(session, municipality.id or 0, now)
    person = person_by_email(session, law.municipality_id, filled.acting, law.day_of(now))
    row = FormRun(flow_run_id=filled.flow_run_id, municipality_id=law.municipality_id, at=now)
    session.add(row)
    session.flush()
    told = act(FormDesk(session, now, municipality, law, person))
    row.task_id = told.task.id if told.task else None
    row.ended_at = None if told.task else now
    session.add(row)
    lines = [*told.lines, _sent_to(person), NOT_TAKEN_BACK] if told.task else told.lines
    return Standing(WAITS if told.task else DONE, lines, _path(municipality, told.place))


def _sent_to(person: Person) -> str:
    return f"Ett brev med en länk har gått till {person.email}. Inget händer förrän det är bekräftat där."


def _path(municipality: Municipality, place: str = "") -> str:
    return f"/{municipality.slug}/oppna/{place}" if place else f"/{municipality.slug}/mina-uppgifter"


def account_place(account: Account) -> str:
    """The account's own page."""
    return f"konto/{account.id}"


def _place_of(task: UserTask) -> str:
    account_id = task.details["values"].get("account")
    return f"konto/{account_id}" if account_id else ""


def standing_of(engine: Engine, flow_run_id: str, now: datetime) -> Standing | None:
    """What became of what a run's form began; None when its form has not been read yet.

    Of what still waits nothing more is told than the first time.
    """
    with reading(engine) as session:
        row = session.get(FormRun, flow_run_id)
        if row is None:
            return None
        municipality = session.get_one(Municipality, row.municipality_id)
        if row.task_id is None:
            return Standing(DONE, ["Det här är redan gjort."], _path(municipality))
        task = session.get_one(UserTask, row.task_id)
        name, path = _name_of(task, now), _path(municipality, _place_of(task))
        return Standing(name, [] if name == WAITS else [task.label], path)


def _name_of(task: UserTask, now: datetime) -> str:
    if task.state is TaskState.OPEN:
        return LATE if is_late(task, now) else WAITS
    if task.state is TaskState.DONE:
        return CONFIRMED if task.outcome is Outcome.CONFIRMED else DROPPED
    return LATE if task.state is TaskState.NO_ANSWER else REPLACED


def still_waits(engine: Engine, flow_run_id: str, now: datetime) -> bool:
    """Whether nobody has answered yet, and there is still time."""
    standing = standing_of(engine, flow_run_id, now)
    return standing is not None and standing.waits


def end(engine: Engine, flow_run_id: str, now: datetime) -> None:
    """The run has nothing left to wait for; what nobody confirmed in time has lapsed."""
    with work(engine, now) as session:
        row = session.get(FormRun, flow_run_id, with_for_update=True)
        if row is None or row.ended_at is not None:
            return
        if row.task_id is not None:
            lapse(session, session.get_one(UserTask, row.task_id, with_for_update=True), now)
        row.ended_at = now
        session.add(row)


def claim_answered(engine: Engine, now: datetime) -> list[str]:
    """Flow runs of forms that have something to see, each claimed by one waker for a while."""
    with reading(engine) as session:
        since = {"now": now, "claimed_before": now - PATIENCE}
        found = session.execute(ANSWERED, since).scalars().all()
    if not found:
        return []
    with writing(engine) as session:
        return [one.flow_run_id for one in found if _claim(session, one, now)]


ANSWERED = (
    select(FormRun)
    .join(UserTask, col(UserTask.id) == col(FormRun.task_id))
    .where(
        col(FormRun.ended_at).is_(None),
        (col(UserTask.state) != TaskState.OPEN) | (col(UserTask.due_at) <= bindparam("now")),
        col(FormRun.woken_at).is_(None) | (col(FormRun.woken_at) < bindparam("claimed_before")),
    )
    .order_by(col(FormRun.at))
    .limit(AT_ONCE)
)
"""Runs whose act has been answered, or whose time has run out; asked often, so built once."""


def _claim(session: Session, row: FormRun, now: datetime) -> bool:
    same = col(FormRun.woken_at).is_not_distinct_from(row.woken_at)
    claiming = update(FormRun).where(col(FormRun.flow_run_id) == row.flow_run_id, same).values(woken_at=now)
    return bool(session.execute(claiming).rowcount == 1)  # type: ignore[attr-defined]
