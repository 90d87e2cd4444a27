"""Doing a step of a case: what each demands, who may, and what is written of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from lifecycle.answers import holder_row
from lifecycle.case_evidence import evidence_count
from lifecycle.case_steps import STEP_LABELS, ends_of, is_skippable, step_label
from lifecycle.cases import (
    AtHand,
    close,
    close_if_done,
    facts_in,
    finish_step,
    in_role,
    is_put_by_name,
    note,
    open_steps,
    tasks_of_case,
)
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.plans import TEXT_LIMIT
from lifecycle.refusals import Refused
from lifecycle.roles import Holder, people_now
from lifecycle.tasks import raise_news, refusal_of_ended, replace_holders
from models import AccountRoleKind, CaseState, Person, TaskState, UserTask
from policies.duties import CaseEnd, CaseStep
from policies.keys import Modality

NUMBER_LIMIT = 60


@dataclass(frozen=True)
class Given:
    """What is given with a step that is done."""

    text: str = ""
    """Why it was removed, the advice, what was answered."""
    number: str = ""
    """The diary's number."""
    end: str = ""
    """How the matter was settled: a `CaseEnd`."""
    to: Person | None = None
    """Whom it was forwarded to."""
    skipped: bool = False


def do_step(
    session: Session,
    law: Law,
    it: AtHand,
    task: UserTask,
    given: Given,
    person: Person,
    via: str,
    now: datetime,
) -> None:
    """Write that a step is done, offer the next, and close the case when nothing is left."""
    by = demand_may_do(session, law, it, task, person, via, now)
    _demand_bearable(given)
    step = CaseStep(task.step)
    if given.skipped:
        _skip(session, it, task, given, by, now)
    elif given.end == CaseEnd.FORWARDED and step is CaseStep.SETTLE:
        forward(session, law, it, task, given, by, now)
        return
    else:
        code = _CODES[step](session, it, task, given)
        note(it.case, step.value, code, by, now, **_words(step, given))
        finish_step(session, it, task, code, by, now)
    session.add(it.case)
    open_steps(session, law, it, now, by)
    close_if_done(session, it, by, now)


def demand_may_do(
    session: Session, law: Law, it: AtHand, task: UserTask, person: Person, via: str, now: datetime
) -> By:
    """A step's holders; one that was put to nobody by name also the account's other people."""
    if it.case.state is not CaseState.OPEN:
        raise Refused("case_closed")
    if task.state is not TaskState.OPEN:
        raise refusal_of_ended(session, task)
    if not may_do(session, law, it, task, person, now):
        raise Refused("not_holder")
    holder = holder_row(session, task, person)
    return By(person.id, via, holder.instead_of_id if holder else None)


def may_do(session: Session, law: Law, it: AtHand, task: UserTask, person: Person, now: datetime) -> bool:
    """Whether a step is this person's to do: see `demand_may_do`."""
    if holder_row(session, task, person) is not None:
        return True
    if is_put_by_name(it.kind, CaseStep(task.step)) or task.details.get("forwarded"):
        return False
    people = people_now(session, it.account, list(AccountRoleKind), law.day_of(now))
    return person.id in {one.id for _, one in people}


def _demand_bearable(given: Given) -> None:
    if len(given.text) > TEXT_LIMIT:
        raise Refused("text_too_long", length=len(given.text), limit=TEXT_LIMIT)
    if len(given.number) > NUMBER_LIMIT:
        raise Refused("number_too_long")


def _words(step: CaseStep, given: Given) -> dict[str, str]:
    """A number belongs to what has one; nothing is kept that was not asked for."""
    number = given.number.strip() if step in (CaseStep.REGISTER, CaseStep.REPORT) else ""
    return {"text": given.text.strip(), "number": number}


def _skip(session: Session, it: AtHand, task: UserTask, given: Given, by: By, now: datetime) -> None:
    if not is_skippable(it.kind, CaseStep(task.step)):
        raise Refused("not_skippable")
    if not given.text.strip():
        raise Refused("reason_missing")
    note(it.case, task.step, "skipped", by, now, text=given.text.strip())
    finish_step(session, it, task, "skipped", by, now)


# ---------------------------------------------------------------- what each step demands


def _saved(session: Session, it: AtHand, task: UserTask, given: Given) -> str:
    if not evidence_count(session, it.case):
        raise Refused("evidence_missing")
    return "saved"


def _removed(session: Session, it: AtHand, task: UserTask, given: Given) -> str:
    if not given.text.strip():
        raise Refused("reason_missing")
    return "removed"


def _registered(session: Session, it: AtHand, task: UserTask, given: Given) -> str:
    if not given.number.strip():
        raise Refused("number_missing")
    return "registered"


def _advised(session: Session, it: AtHand, task: UserTask, given: Given) -> str:
    if not given.text.strip():
        raise Refused("advice_missing")
    return "advised"


def _settled(session: Session, it: AtHand, task: UserTask, given: Given) -> str:
    if given.end not in settling_ends(it, task):
        raise Refused("end_missing")
    return given.end


def _plain(code: str) -> Callable[[Session, AtHand, UserTask, Given], str]:
    return lambda session, it, task, given: code


_CODES: dict[CaseStep, Callable[[Session, AtHand, UserTask, Given], str]] = {
    CaseStep.SAVE: _saved,
    CaseStep.REMOVE: _removed,
    CaseStep.REGISTER: _registered,
    CaseStep.CONSULT: _advised,
    CaseStep.SETTLE: _settled,
    CaseStep.REPORT: _plain("reported"),
    CaseStep.TELL_WRITER: _plain("writer_told"),
    CaseStep.WATCH: _plain("watched"),
    CaseStep.REPORT_PLATFORM: _plain("platform_told"),
    CaseStep.CHANGE_LOG_IN: _plain("log_in_changed"),
    CaseStep.TELL_PEOPLE: _plain("people_told"),
}
"""How each step ends, as a code; refused while what it needs is missing."""


def settling_ends(it: AtHand, task: UserTask) -> list[CaseEnd]:
    """The ways to settle a case; who it was forwarded to may answer, show it on, or forward it again."""
    if task.details.get("forwarded"):
        return [CaseEnd.ANSWERED, CaseEnd.FORWARDED, CaseEnd.REDIRECTED]
    return ends_of(it.kind)


def forward(
    session: Session, law: Law, it: AtHand, task: UserTask, given: Given, by: By, now: datetime
) -> None:
    """Give the answering to somebody else, who hears of it at once; without a name to the rule's own role."""
    if CaseEnd.FORWARDED not in settling_ends(it, task):
        raise Refused("end_missing")
    holders = _receivers(session, law, it, given, now)
    replace_holders(session, task, holders)
    task.details, task.told_at = {**task.details, "forwarded": True}, now
    task.label = f"{STEP_LABELS[CaseStep.SETTLE]}: {it.case.label}"[:300]
    to = [one.person_id for one in holders]
    note(it.case, task.step, "forwarded", by, now, to=to, text=given.text.strip())
    session.add_all([task, it.case])
    facts = facts_in(it.case) | {"step": task.step, "holders": to}
    record(session, EventKind.CASE_FORWARDED, now, account=it.account, task=task, by=by, facts=facts)
    raise_news(session, it.account)


def _receivers(session: Session, law: Law, it: AtHand, given: Given, now: datetime) -> list[Holder]:
    if given.to is not None:
        assert given.to.id is not None
        return [Holder(given.to.id)]
    role = it.kind.matter.forward_to if it.kind.matter else None
    found = in_role(session, law, it.account, role, law.day_of(now)) if role else []
    if not found:
        raise Refused("receiver_missing")
    return found


def close_case(
    session: Session, it: AtHand, reason: str, by: By, now: datetime, *, is_communications: bool
) -> None:
    """End a case by hand. What must be done is let be by communications alone, with a reason."""
    if it.case.state is not CaseState.OPEN:
        raise Refused("case_closed")
    _demand_bearable(Given(text=reason))
    open_ones = [one for one in tasks_of_case(session, it.case) if one.state is TaskState.OPEN]
    left = [one for one in open_ones if one.modality == Modality.MUST.value]
    if left and not is_communications:
        steps = ", ".join(step_label(it.kind, CaseStep(one.step)) for one in left)
        raise Refused("case_not_done", steps=steps)
    if left and not reason.strip():
        raise Refused("reason_missing")
    close(session, it.account, it.case, by, now, reason.strip())
