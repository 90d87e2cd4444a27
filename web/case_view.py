"""What the pages about cases show: the kinds one can open, a case's steps in order, evidence and history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case as sa_case
from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from acts.cases import read_case
from lifecycle.case_answers import may_do, settling_ends
from lifecycle.case_evidence import TEXT
from lifecycle.case_standing import is_late
from lifecycle.case_steps import CaseKind, is_skippable, kinds_for, next_steps, step_label, waits_for
from lifecycle.case_times import Limits, limits_of
from lifecycle.cases import AtHand, tasks_of_case
from lifecycle.conditions import facts_of
from lifecycle.law import Law
from lifecycle.reporting import joined_reports, report_behind
from lifecycle.tasks import holders_of
from models import (
    IS_OPEN,
    Account,
    AccountRole,
    Case,
    CaseEvidence,
    CaseState,
    Person,
    TaskState,
    UserTask,
    VisitorReport,
)
from policies.duties import CaseEnd, CaseStep
from policies.rules import Place
from web.citing import Advice, Clause, advice_here, cited, written

SHOWN = 200
"""How many open cases a list shows, those whose time runs out first."""


@dataclass(frozen=True)
class KindChoice:
    """One kind of case that can be opened."""

    kind: CaseKind
    limits: Limits
    """As they would be if it was noticed now."""
    first: Sequence[str]
    """What is to be done first."""
    clauses: Sequence[Clause]

    @property
    def has_watchers(self) -> bool:
        """Whether the one who opens it says who watches."""
        return CaseStep.WATCH in self.kind.steps


def kind_choices(law: Law, account: Account, now: datetime) -> list[KindChoice]:
    """What can be opened about an account."""
    facts = facts_of(account)
    return [
        KindChoice(
            kind,
            limits_of(law, kind, facts, now),
            [step_label(kind, step) for step in next_steps(kind, ())],
            cited(law, [kind.rule] if kind.rule else []),
        )
        for kind in kinds_for(law, facts, law.day_of(now))
    ]


@dataclass(frozen=True)
class StepLine:
    """One step of a case: done, open, or waiting for others."""

    step: CaseStep
    label: str
    standing: str
    """done, skipped, unanswered, open, waits or withdrawn."""
    waits_for: Sequence[str] = ()
    """Steps that come before it."""
    task: UserTask | None = None
    holders: Sequence[str] = ()
    may_do: bool = False
    late: bool = False
    skippable: bool = False
    ends: Sequence[CaseEnd] = ()
    by: str = ""


@dataclass(frozen=True)
class CaseNote:
    """Something that came of the case."""

    label: str
    code: str
    at: datetime
    who: str
    to: Sequence[str]
    number: str
    text: str


@dataclass(frozen=True)
class EvidenceLine:
    """Something that is kept; a file's content stays in the database until it is asked for."""

    id: int
    file_name: str
    media_type: str
    size: int
    """Bytes."""
    sha256: str
    added_at: datetime
    who: str
    text: str
    """What was copied, where it is text."""

    @property
    def is_image(self) -> bool:
        """Whether the browser can show it."""
        return self.media_type.startswith("image/")


@dataclass(frozen=True)
class CasePage:
    """Everything that a case's page shows."""

    case: Case
    account: Account
    opened_by: str
    steps: Sequence[StepLine]
    notes: Sequence[CaseNote]
    evidence: Sequence[EvidenceLine]
    clauses: Sequence[Clause]
    advice: Sequence[Advice]
    includes: Sequence[str]
    is_open: bool
    report: VisitorReport | None
    """What a visitor of the public register reported, if that is how it began."""
    joined: Sequence[VisitorReport]
    """What others reported of the same kind when there were many."""


def case_page(session: Session, case: Case, person: Person, now: datetime) -> CasePage:
    """The page's values, for somebody who may see it."""
    it, law = read_case(session, case)
    tasks = {one.step: one for one in tasks_of_case(session, case)}
    return CasePage(
        case=case,
        account=it.account,
        opened_by=_name(session, case.opened_by_id),
        steps=[
            _step_line(session, law, it, step, tasks.get(step.value), person, now) for step in it.kind.steps
        ],
        notes=[_note(session, it, one) for one in case.outcomes],
        evidence=_evidence(session, case),
        clauses=written(law, case.clauses),
        advice=advice_here(law, Place.ACTIVE, facts_of(it.account), now),
        includes=it.kind.includes,
        is_open=case.state is CaseState.OPEN,
        report=report_behind(session, case_id=case.id),
        joined=joined_reports(session, case),
    )


def _step_line(
    session: Session,
    law: Law,
    it: AtHand,
    step: CaseStep,
    task: UserTask | None,
    person: Person,
    now: datetime,
) -> StepLine:
    if task is None:
        label = step_label(it.kind, step)
        before = [step_label(it.kind, one) for one in it.kind.steps if one in waits_for(it.kind, step)]
        return StepLine(step, label, "waits", before)
    standing = {TaskState.OPEN: "open", TaskState.DONE: "done", TaskState.NO_ANSWER: "unanswered"}
    skipped = task.state is TaskState.DONE and task.details.get("code") == "skipped"
    return StepLine(
        step,
        task.label.partition(": ")[0],
        "skipped" if skipped else standing.get(task.state, "withdrawn"),
        task=task,
        holders=[_name(session, one.person_id) for one in holders_of(session, task.id)],
        may_do=task.state is TaskState.OPEN and may_do(session, law, it, task, person, now),
        late=is_late(task, now),
        skippable=is_skippable(it.kind, step),
        ends=settling_ends(it, task) if step is CaseStep.SETTLE else (),
        by=_name(session, task.answered_by_id),
    )


def _note(session: Session, it: AtHand, said: Mapping[str, Any]) -> CaseNote:
    known = said["step"] in set(CaseStep)
    return CaseNote(
        label=step_label(it.kind, CaseStep(said["step"])) if known else "Avslutat för hand",
        code=said["code"],
        at=datetime.fromisoformat(said["at"]),
        who=_name(session, said.get("by")),
        to=[_name(session, one) for one in said.get("to", ())],
        number=said.get("number", ""),
        text=said.get("text", ""),
    )


def _evidence(session: Session, case: Case) -> list[EvidenceLine]:
    """What is kept of a case, in the order in which it was."""
    copied = sa_case((col(CaseEvidence.media_type) == TEXT, col(CaseEvidence.content)), else_=None)
    rows = select(
        col(CaseEvidence.id),
        col(CaseEvidence.file_name),
        col(CaseEvidence.media_type),
        func.length(col(CaseEvidence.content)),
        col(CaseEvidence.sha256),
        col(CaseEvidence.added_at),
        col(CaseEvidence.added_by_id),
        copied,
    ).where(col(CaseEvidence.case_id) == case.id)
    return [
        EvidenceLine(number, name, kind, size, digest, at, _name(session, by_id), (text or b"").decode())
        for number, name, kind, size, digest, at, by_id, text in session.execute(
            rows.order_by(col(CaseEvidence.id))
        )
    ]


def _name(session: Session, person_id: int | None) -> str:
    person = session.get(Person, person_id) if person_id else None
    return person.name if person else ""


# ---------------------------------------------------------------- lists


@dataclass(frozen=True)
class CaseLine:
    """One open case in a list."""

    case: Case
    account: Account
    waits: Sequence[str]
    """Labels of what is open."""


def open_case_lines(session: Session, *which: Any) -> list[CaseLine]:
    """Open cases, those whose time has run out or runs out first at the top."""
    rows = (
        select(Case, Account)
        .join(Account, col(Account.id) == col(Case.account_id))
        .where(col(Case.state) == CaseState.OPEN, *which)
        .order_by(col(Case.due_at).is_(None), col(Case.due_at), col(Case.id))
        .limit(SHOWN)
    )
    found = [(case, account) for case, account in session.execute(rows)]
    open_ones = _open_labels(session, [case.id for case, _ in found])
    return [CaseLine(case, account, open_ones.get(case.id or 0, [])) for case, account in found]


def _open_labels(session: Session, case_ids: Iterable[int | None]) -> dict[int, list[str]]:
    rows = select(col(UserTask.case_id), col(UserTask.label)).where(
        col(UserTask.case_id).in_(list(case_ids)), IS_OPEN
    )
    labels: dict[int, list[str]] = {}
    for case_id, label in session.execute(rows.order_by(col(UserTask.id))):
        labels.setdefault(case_id, []).append(label.partition(":")[0])
    return labels


def cases_of_person(session: Session, person: Person) -> list[CaseLine]:
    """Open cases of the accounts that somebody looks after, and those that they opened themselves."""
    own = select(col(AccountRole.account_id)).where(
        col(AccountRole.person_id) == person.id,
        col(AccountRole.refused_at).is_(None),
        col(AccountRole.since_on).is_not(None),
        col(AccountRole.until_on).is_(None),
    )
    mine = or_(col(Case.account_id).in_(own), col(Case.opened_by_id) == person.id)
    return open_case_lines(session, mine, col(Case.municipality_id) == person.municipality_id)


def cases_of_account(session: Session, account: Account) -> list[CaseLine]:
    """An account's open cases."""
    return open_case_lines(session, col(Case.account_id) == account.id)
