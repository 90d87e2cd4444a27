"""The diary: which decisions become papers, what each of them replaces, and the registry's numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import String, and_, cast, exists, literal, or_, select
from sqlmodel import Session, col

from lifecycle.chains import CHAIN_KINDS
from lifecycle.events import By
from lifecycle.events import EventKind as E
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.refusals import Refused
from lifecycle.tasks import tasks_of
from models import (
    Account,
    AccountRole,
    AuditDetail,
    AuditEvent,
    Paper,
    PaperKind,
    Process,
    TaskKind,
    TaskState,
    UserTask,
)

NUMBER_LIMIT = 60


@dataclass(frozen=True)
class Wording:
    """How the paper of one kind of event speaks."""

    kind: str
    """What sort of paper it is."""
    decision: str = ""
    """What was decided; empty where the answer to the task says it."""
    with_plan: bool = False


DECISIONS: dict[E, Wording] = {
    E.APPLICATION_APPROVED: Wording(
        "Beslut om konto i sociala medier", "Ansökan godkänns. Kontot får öppnas.", with_plan=True
    ),
    E.APPLICATION_DECLINED: Wording("Beslut om konto i sociala medier", "Ansökan avslås.", with_plan=True),
    E.APPLICATION_ENDED: Wording("Beslut om konto i sociala medier", "Ansökan avslutas."),
    E.CHANGE_APPROVED: Wording("Beslut om vem som sköter ett konto", "Ändringen godkänns."),
    E.CHANGE_REFUSED: Wording("Beslut om vem som sköter ett konto", "Ändringen avslås."),
    E.STATE_CHANGED: Wording("Beslut om att avsluta ett konto", "Kontot avslutas."),
    E.CLOSING_REFUSED: Wording("Beslut om att avsluta ett konto", "Kontot behålls."),
    E.TAKEN_BACK: Wording("Beslut som inte längre gäller", "Det tidigare beslutet gäller inte längre."),
}
"""Events that settle something. Of changed states only the one to closing does; an answer that was taken back
does when its decision has a paper already."""

_OPENING = (E.APPLICATION_APPROVED, E.APPLICATION_DECLINED, E.APPLICATION_ENDED)
_CLOSING = (E.STATE_CHANGED, E.CLOSING_REFUSED)


@dataclass(frozen=True)
class Decision:
    """Everything that a decision's paper tells of."""

    event: AuditEvent
    wording: Wording
    account: Account | None
    task: UserTask | None
    """The answer that settled it; none where no answer was needed."""
    steps: Sequence[UserTask]
    """Everybody who was asked or told, in order."""
    role: AccountRole | None
    """Whose role it is about, where it is about one."""
    asked_by_id: int | None
    asked_because: str
    """Why closing was asked for."""
    by_id: int | None
    """Who decided; nobody where the policy asks nobody."""
    on_behalf_of_id: int | None
    at: datetime
    reason: str
    replaces: Paper | None
    identity: Mapping[str, Any]
    """How whoever decided was identified, as the log has it; empty where nobody decided."""


def decisions_due(session: Session, law: Law, now: datetime, number: int | None = None) -> list[AuditEvent]:
    """Decisions that have no paper yet and still stand when the hour of regret is over, oldest first.

    With `number` only that event, looked at again.
    """
    settled_by = now - timedelta(minutes=law.policy.settings.regret_minutes)
    kind = col(AuditEvent.kind)
    made = exists().where(
        col(Paper.municipality_id) == col(AuditEvent.municipality_id),
        col(Paper.once_key) == literal("event:") + cast(col(AuditEvent.number), String),
    )
    rows = select(AuditEvent).where(
        col(AuditEvent.municipality_id) == law.municipality_id,
        kind.in_([one.value for one in DECISIONS]),
        or_(col(AuditEvent.at) <= settled_by, kind == E.TAKEN_BACK.value),
        or_(kind != E.STATE_CHANGED.value, col(AuditEvent.facts)["to"].as_string() == "closing"),
        # A change that nobody had to decide on is no decision.
        ~and_(kind == E.CHANGE_APPROVED.value, col(AuditEvent.task_id).is_(None)),
        ~made,
    )
    if number is not None:
        rows = rows.where(col(AuditEvent.number) == number)
    found = session.execute(rows.order_by(col(AuditEvent.number))).scalars().all()
    return [event for event in found if stands(session, event)]


def stands(session: Session, event: AuditEvent) -> bool:
    """Whether a decision holds; of an answer taken back, whether it undid one that has a paper."""
    if event.kind == E.TAKEN_BACK.value:
        return replaced_by(session, event) is not None
    later = select(AuditEvent).where(
        col(AuditEvent.municipality_id) == event.municipality_id,
        col(AuditEvent.account_id) == event.account_id,
        col(AuditEvent.kind) == E.TAKEN_BACK.value,
        col(AuditEvent.number) > event.number,
    )
    undone = [matter_of(session, one) for one in session.execute(later).scalars()]
    return not undone or matter_of(session, event) not in undone


def matter_of(session: Session, event: AuditEvent) -> str:
    """What a decision is about: the same for all decisions of which the later replaces the earlier."""
    kind, task = E(event.kind), session.get(UserTask, event.task_id) if event.task_id else None
    process = task.process if task else None
    if kind in _OPENING or process is Process.OPENING:
        return "opening"
    if kind in _CLOSING or process is Process.CLOSING:
        asked = _closing_asked(session, event)
        return f"closing:{asked.number if asked else 0}"
    if task is not None and task.account_role_id is not None:
        return f"role:{task.account_role_id}"
    return f"task:{event.task_id}" if event.task_id else f"event:{event.number}"


def _closing_asked(session: Session, event: AuditEvent) -> AuditEvent | None:
    """The request that a decision on closing answers; none where the account came here being closed."""
    rows = select(AuditEvent).where(
        col(AuditEvent.account_id) == event.account_id,
        col(AuditEvent.kind) == E.CLOSING_ASKED.value,
        col(AuditEvent.number) < event.number,
    )
    found: AuditEvent | None = session.execute(rows.order_by(col(AuditEvent.number).desc())).scalars().first()
    return found


def replaced_by(session: Session, event: AuditEvent) -> Paper | None:
    """The latest paper of an earlier decision in the same matter; a decision is undone once."""
    rows = select(Paper).where(
        col(Paper.municipality_id) == event.municipality_id,
        col(Paper.account_id).is_not_distinct_from(event.account_id),
        col(Paper.matter) == matter_of(session, event),
        col(Paper.event_number) < event.number,
    )
    found: Paper | None = session.execute(rows.order_by(col(Paper.event_number).desc())).scalars().first()
    if found is None or _kind_at(session, event, found.event_number) != E.TAKEN_BACK.value:
        return found
    return None if event.kind == E.TAKEN_BACK.value else session.get(Paper, found.replaces_id)


def _kind_at(session: Session, event: AuditEvent, number: int | None) -> str:
    rows = select(col(AuditEvent.kind)).where(
        col(AuditEvent.municipality_id) == event.municipality_id, col(AuditEvent.number) == number
    )
    return str(session.execute(rows).scalar_one())


def decision_of(session: Session, event: AuditEvent) -> Decision:
    """What the paper of a decision tells."""
    account = session.get_one(Account, event.account_id) if event.account_id else None
    own = session.get(UserTask, event.task_id) if event.task_id else None
    steps = _steps(session, event, account, own)
    task = own or next((one for one in reversed(steps) if one.kind is TaskKind.DECIDE), None)
    role = session.get(AccountRole, own.account_role_id) if own and own.account_role_id else None
    asked_by_id = _asked_by(session, event, account, role)
    acted = event.actor_id is not None
    return Decision(
        event=event,
        wording=DECISIONS[E(event.kind)],
        account=account,
        task=task,
        steps=steps,
        role=role,
        asked_by_id=asked_by_id,
        asked_because=_asked_because(session, event),
        by_id=event.actor_id if acted else task.answered_by_id if task else _closer(event, asked_by_id),
        on_behalf_of_id=event.on_behalf_of_id if acted else task.on_behalf_of_id if task else None,
        at=event.at if acted or task is None else task.answered_at or event.at,
        reason=_reason(session, event) or (task.reason if task and not acted else ""),
        replaces=replaced_by(session, event),
        identity=_identity(session, event, task),
    )


def _identity(session: Session, event: AuditEvent, task: UserTask | None) -> Mapping[str, Any]:
    """Of who did it, else of who answered, else of who asked for the closing that nobody else decided on."""
    if "identified" in event.facts:
        return event.facts
    if task is not None or E(event.kind) not in _CLOSING:
        return identity_of(session, task)
    asked = _closing_asked(session, event)
    return asked.facts if asked is not None and "identified" in asked.facts else {}


_ANSWERS = (E.DECISION_GIVEN, E.CONSULTATION_GIVEN, E.DUTY_ANSWERED, E.REPAIRED)


def identity_of(session: Session, task: UserTask | None) -> Mapping[str, Any]:
    """How the one who last answered a question was identified, as the log has it; empty when nobody did."""
    if task is None or task.answered_by_id is None:
        return {}
    rows = select(col(AuditEvent.facts)).where(
        col(AuditEvent.municipality_id) == task.municipality_id,
        col(AuditEvent.task_id) == task.id,
        col(AuditEvent.actor_id) == task.answered_by_id,
        col(AuditEvent.kind).in_([one.value for one in _ANSWERS]),
    )
    found = session.execute(rows.order_by(col(AuditEvent.number).desc())).scalars()
    return next((one for one in found if "identified" in one), {})


def _closer(event: AuditEvent, asked_by_id: int | None) -> int | None:
    """Where nobody else decides, whoever asked to close the account has."""
    return asked_by_id if E(event.kind) in _CLOSING else None


def _reason(session: Session, event: AuditEvent) -> str:
    """What was said with the event itself, or for an answer taken back with the repair before it."""
    taken_back = event.kind == E.TAKEN_BACK.value
    rows = (
        select(AuditEvent, AuditDetail)
        .join(AuditDetail, col(AuditDetail.event_id) == col(AuditEvent.id))
        .where(
            col(AuditEvent.municipality_id) == event.municipality_id,
            col(AuditEvent.account_id).is_not_distinct_from(event.account_id),
            col(AuditEvent.number).in_([event.number, *([event.number - 1] if taken_back else [])]),
        )
    )
    found = [(one, detail.detail or {}) for one, detail in session.execute(rows)]
    said = [d for one, d in found if one.number == event.number or one.kind == E.REPAIRED.value]
    return next((str(one["reason"]) for one in said if one.get("reason")), "")


def _steps(
    session: Session, event: AuditEvent, account: Account | None, own: UserTask | None
) -> list[UserTask]:
    """The answers in the matter that counted when it was settled; those that gave none among them."""
    if account is None or event.kind == E.TAKEN_BACK.value:
        return [own] if own else []
    matter = matter_of(session, event)
    process = {"opening": Process.OPENING, "closing": Process.CLOSING}.get(matter.partition(":")[0])
    process = process or (own.process if own else Process.DUTIES)
    ended = (TaskState.DONE, TaskState.NO_ANSWER)
    if process is Process.DUTIES:
        return [own] if own is not None and own.state in ended else []
    asked = _closing_asked(session, event) if process is Process.CLOSING else None
    found = tasks_of(
        session,
        account,
        process,
        states=ended,
        account_role_id=own.account_role_id if own else None,
        plan_version=account.plan_version if process is Process.OPENING else None,
        opened_from=asked.at if asked else None,
    )
    return [one for one in found if one.kind in CHAIN_KINDS and one.opened_at <= event.at]


def _asked_by(
    session: Session, event: AuditEvent, account: Account | None, role: AccountRole | None
) -> int | None:
    """Who applied, or asked for the change or the closing."""
    if role is not None:
        return role.asked_by_id
    matter = matter_of(session, event)
    if matter.startswith("closing:"):
        asked = _closing_asked(session, event)
        return asked.actor_id if asked else None
    return account.applicant_id if account is not None and matter == "opening" else None


def _asked_because(session: Session, event: AuditEvent) -> str:
    asked = _closing_asked(session, event) if E(event.kind) in _CLOSING else None
    return _reason(session, asked) if asked else ""


def keep_paper(
    session: Session, decision: Decision, title: str, file_name: str, pdf: bytes, now: datetime
) -> Paper:
    """Keep a decision's paper; the registry is told."""
    event, replaces = decision.event, decision.replaces
    paper = Paper(
        municipality_id=event.municipality_id,
        account_id=event.account_id,
        task_id=decision.task.id if decision.task else None,
        kind=PaperKind.DECISION,
        once_key=f"event:{event.number}",
        event_number=event.number,
        matter=matter_of(session, event),
        replaces_id=replaces.id if replaces else None,
        title=title[:300],
        file_name=file_name[:200],
        content=pdf,
        sha256=sha256(pdf).hexdigest(),
        made_at=now,
    )
    session.add(paper)
    session.flush()
    facts = {"paper": paper.id, "of": event.number, "sha256": paper.sha256, "replaces": paper.replaces_id}
    record(
        session,
        E.PAPER_MADE,
        now,
        account=decision.account,
        task=decision.task,
        municipality_id=event.municipality_id,
        facts=facts,
        clauses=event.clauses,
    )
    return paper


def number_paper(session: Session, paper: Paper, number: str, by: By, now: datetime) -> None:
    """Enter the number that the registry gave a paper, or another one where it was wrong.

    Raises Refused `diary_number_missing` or `diary_number_too_long`.
    """
    plain = " ".join(number.split())
    if not plain:
        raise Refused("diary_number_missing")
    if len(plain) > NUMBER_LIMIT:
        raise Refused("diary_number_too_long", length=len(plain), limit=NUMBER_LIMIT)
    if plain == paper.diary_number:
        return
    facts = {"paper": paper.id, "number": plain, "before": paper.diary_number}
    paper.diary_number, paper.numbered_at = plain, now
    session.add(paper)
    account = session.get(Account, paper.account_id) if paper.account_id else None
    record(
        session,
        E.PAPER_NUMBERED,
        now,
        account=account,
        municipality_id=paper.municipality_id,
        by=by,
        facts=facts,
    )
