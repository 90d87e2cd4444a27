"""Decisions become papers for the diary, and the diary's numbers come back.

A paper is written while nothing is locked, since that takes a moment, and then kept in a transaction of its
own. Where the machine cannot write papers, they wait, and nothing else does.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from acts.rounds import Report, every_municipality
from acts.work import work
from languages.speaking import capital
from lifecycle import diary
from lifecycle.conditions import facts_of
from lifecycle.diary import Decision
from lifecycle.events import By
from lifecycle.law import Law, law_in_force, law_of
from lifecycle.plans import answer_words, attachments_at, fields_for, sent_plan
from lifecycle.refusals import Refused
from lifecycle.roles import post_holders
from lifecycle.rounds import Failure, moment_of
from lifecycle.tasks import holders_of
from lifecycle.working_days import local_day
from models import (
    Account,
    AccountRole,
    Attachment,
    AuditEvent,
    Municipality,
    Paper,
    Person,
    Plan,
    TaskKind,
    TaskState,
    Unit,
    UserTask,
)
from models.plain_errors import told_of
from notifications import words
from papers.decision_paper import DecisionPaper, Step, write_decision
from papers.documents import day
from policies.keys import AccountKind, Platform, Role
from policies.naming import class_name, platform_name
from policies.rules import FieldKind, PlanField
from runtime.database import reading


@dataclass(frozen=True)
class _Due:
    """A decision without a paper, and the instant at which its paper is written."""

    municipality_id: int
    number: int
    now: datetime


def make_papers(
    engine: Engine,
    now: datetime,
    as_of: datetime | date | None = None,
    only: Collection[int] | None = None,
) -> Report:
    """Write every paper that is due, in each municipality's working hours; one that fails stops no other.

    With `as_of` as of that instant, or the end of work on that day; with `only` in some municipalities.
    """
    report = Report()
    for due in _due(engine, every_municipality(engine) if only is None else only, now, as_of, report):
        report.found += 1
        try:
            _make(engine, due)
            report.done += 1
        except Exception as error:  # Told at the end; the paper is still due, and is tried again.
            subject = f"kommun {due.municipality_id}, händelse {due.number}"
            report.failures.append(Failure(subject, told_of(error)))
    return report


def _due(
    engine: Engine,
    municipality_ids: Collection[int],
    now: datetime,
    as_of: datetime | date | None,
    report: Report,
) -> list[_Due]:
    due: list[_Due] = []
    with reading(engine) as session:
        for municipality_id in municipality_ids:
            try:
                due += _due_in(session, municipality_id, now, as_of)
            except Exception as error:  # The others' papers are written, and the run fails with the list.
                report.failures.append(Failure(f"kommun {municipality_id}", told_of(error)))
    return due


def _due_in(
    session: Session, municipality_id: int, now: datetime, as_of: datetime | date | None
) -> list[_Due]:
    law, moment = law_in_force(session, municipality_id, now), now
    if as_of is not None:
        ends = datetime.combine(as_of, law.calendar.work_ends) - timedelta(minutes=1)
        moment = moment_of(law, as_of, ends.time())
        law = law_in_force(session, municipality_id, moment)
    if law.calendar.working_time_from(moment) != moment:
        return []
    found = diary.decisions_due(session, law, moment)
    return [_Due(municipality_id, event.number, moment) for event in found]


def _make(engine: Engine, due: _Due) -> None:
    with reading(engine) as session:
        decision = diary.decision_of(session, _event(session, due))
        paper, name = _paper_of(session, decision), _file_name(session, decision)
    identifier = uuid5(NAMESPACE_URL, f"kanalvakt:decision:{due.municipality_id}:{due.number}").hex
    pdf = write_decision(paper, created_at=due.now, identifier=identifier)
    with work(engine, due.now) as session:
        session.get_one(Municipality, due.municipality_id, with_for_update={"key_share": True})
        law = law_in_force(session, due.municipality_id, due.now)
        for event in diary.decisions_due(session, law, due.now, due.number):
            again = diary.decision_of(session, event)
            diary.keep_paper(session, again, f"{paper.title}: {paper.decision}", name, pdf, due.now)


def _event(session: Session, due: _Due) -> AuditEvent:
    rows = select(AuditEvent).where(
        col(AuditEvent.municipality_id) == due.municipality_id, col(AuditEvent.number) == due.number
    )
    event: AuditEvent = session.execute(rows).scalar_one()
    return event


# ---------------------------------------------------------------- what it says


def _paper_of(session: Session, decision: Decision) -> DecisionPaper:
    event, account = decision.event, decision.account
    municipality = session.get_one(Municipality, event.municipality_id)
    law = law_in_force(session, event.municipality_id, event.at)
    if account is not None and decision.wording.with_plan:
        law = law_of(session, account)
    zone = municipality.time_zone
    return DecisionPaper(
        municipality=municipality.name,
        kind=decision.wording.kind,
        title=_title(session, decision),
        decision=_decision_words(decision),
        rows=[(label, value) for label, value in _rows(session, law, decision, zone) if value],
        reason=decision.reason,
        steps=[_step(session, one, zone) for one in decision.steps],
        plan=_plan(session, law, account) if account is not None and decision.wording.with_plan else (),
    )


def _title(session: Session, decision: Decision) -> str:
    if decision.account is None:
        return decision.task.label if decision.task else decision.wording.kind
    return capital(words.account_words(decision.account))


def _decision_words(decision: Decision) -> str:
    said = decision.task.outcome if decision.task else None
    return decision.wording.decision or (capital(words.OUTCOMES[said]) if said else "Inget svar gavs.")


Label = tuple[str, str]


def _rows(session: Session, law: Law, decision: Decision, zone: str) -> Iterator[Label]:
    account, at = decision.account, decision.at
    yield "Beslutat av", _decided_by(session, decision)
    yield "I stället för", _person(session, decision.on_behalf_of_id)
    known = f"{_identity_words(decision.identity)}{_signed_in_at(decision.identity, zone)}"
    yield "Identifierad genom", capital(known)
    yield "Beslutsdag", day(at, zone)
    yield "Enligt", "\n".join(_clauses(law, decision))
    yield "Begärt av", _person(session, decision.asked_by_id)
    yield "Begärt för att", decision.asked_because
    if account is not None:
        yield from _account_rows(session, account)
        yield from _role_rows(session, decision, zone)
    yield "Ersätter" if decision.event.kind != "taken_back" else "Upphäver", _earlier(decision.replaces, zone)
    yield "Händelse i loggen", str(decision.event.number)


def _identity_words(identity: Mapping[str, Any]) -> str:
    """By a mailed link or by signing in, and where. Who that was there can be weeded; a paper cannot."""
    if not identity:
        return ""
    if identity["identified"] != "sign-in":
        return "länk i brev"
    return f"inloggning hos {identity['issuer'].removeprefix('https://')}"


def _signed_in_at(identity: Mapping[str, Any], zone: str) -> str:
    """E.g. " den 2 mars 2026 kl. 9.12"; nothing for a mailed link."""
    if "signed_in_at" not in identity:
        return ""
    at = datetime.fromisoformat(identity["signed_in_at"]).astimezone(ZoneInfo(zone))
    return f" den {day(at, zone)} kl. {at.hour}.{at:%M}"


def _decided_by(session: Session, decision: Decision) -> str:
    if decision.by_id is None:
        return "Ingen: riktlinjen kräver inget beslut"
    return _person(session, decision.by_id)


def _person(session: Session, person_id: int | None) -> str:
    return words.person_words(session.get_one(Person, person_id)) if person_id is not None else ""


def _clauses(law: Law, decision: Decision) -> list[str]:
    """What the decision rests on; where nobody decides, what the others were asked by."""
    deciding = [one for one in decision.steps if one.kind is TaskKind.DECIDE]
    asked = deciding or decision.steps or ([decision.task] if decision.task else [])
    known = law.content.get("clauses", {})
    cited = [_cited(clause, known) for task in asked for clause in task.clauses]
    return list(dict.fromkeys(cited))


def _cited(clause: Mapping[str, str], known: Mapping[str, Mapping[str, str]]) -> str:
    publisher = known.get(clause["ref"], {}).get("publisher")
    return (
        f"{publisher}, {clause['cite']}: {clause['title']}"
        if publisher
        else f"{clause['cite']}: {clause['title']}"
    )


def _account_rows(session: Session, account: Account) -> Iterator[Label]:
    unit = session.get(Unit, account.unit_id) if account.unit_id else None
    yield "Plattform", capital(platform_name(Platform(account.platform))) if account.platform else ""
    yield "Adress", account.address
    yield "Enhet", unit.name if unit else "Gemensamt för kommunen"
    yield "Slags konto", capital(class_name(AccountKind(account.account_class.value)))


def _role_rows(session: Session, decision: Decision, zone: str) -> Iterator[Label]:
    role = decision.role
    if role is not None:
        replaced = session.get(AccountRole, role.ends_role_id) if role.ends_role_id else None
        yield "Gäller", f"{_person(session, role.person_id)}, {words.ROLES[role.kind]}"
        yield "Avlöser", _person(session, replaced.person_id) if replaced else ""
        yield "Från", day(role.wanted_from_on, zone) if role.wanted_from_on else ""
        until = role.until_on if role.wanted_from_on else None
        yield "Till och med", day(until - timedelta(days=1), zone) if until else ""


def _earlier(paper: Paper | None, zone: str) -> str:
    if paper is None:
        return ""
    number = f", diarienummer {paper.diary_number}" if paper.diary_number else ""
    return f"{paper.title}, handling från {day(paper.made_at, zone)}{number}"


def _step(session: Session, task: UserTask, zone: str) -> Step:
    told = task.kind is TaskKind.INFORM
    who = [one.person_id for one in holders_of(session, task.id)] if told else [task.answered_by_id]
    return Step(
        label=task.label,
        who=", ".join(_person(session, one) for one in who if one is not None),
        answer=_answer(task),
        known_by=_identity_words(diary.identity_of(session, task)),
        on=day(task.answered_at or task.due_at or task.opened_at, zone),
        reason=task.reason,
    )


def _answer(task: UserTask) -> str:
    if task.state is TaskState.NO_ANSWER or task.outcome is None:
        return "inget svar gavs"
    taken_back = ", sedan tillbakataget" if task.state is TaskState.TAKEN_BACK else ""
    return f"{words.OUTCOMES[task.outcome]}{taken_back}"


def _plan(session: Session, law: Law, account: Account) -> list[Label]:
    plan = sent_plan(session, account)
    return plan_answers(session, law, account, plan) if plan is not None else []


def plan_answers(session: Session, law: Law, account: Account, plan: Plan) -> list[Label]:
    """Every question that the policy asked, with its answer as it was sent."""
    at = plan.sent_at or plan.saved_at
    files = attachments_at(session, account, at)
    asked = fields_for(law, facts_of(account), law.day_of(at))
    return [(one.label, _plan_answer(session, account, one, plan, files) or "Inget svar") for one in asked]


def _plan_answer(
    session: Session, account: Account, asked: PlanField, plan: Plan, files: Sequence[Attachment]
) -> str:
    if asked.kind is FieldKind.FILE:
        return "\n".join(one.file_name for one in files if one.field == asked.field)
    if asked.kind is not FieldKind.PERSONS:
        return answer_words(asked, account, plan.answers)
    given = [str(one).strip().lower() for one in plan.answers.get(asked.field) or []]
    rows = select(Person).where(
        col(Person.municipality_id) == account.municipality_id, col(Person.email).in_(given)
    )
    known = {one.email: words.person_words(one) for one in session.execute(rows).scalars()}
    return "\n".join(known.get(one, one) for one in given)


def _file_name(session: Session, decision: Decision) -> str:
    """E.g. "2026-12-01 Instagramkontot Biblioteket, händelse 34.pdf"."""
    title = _title(session, decision)
    plain = "".join(one if one.isalnum() or one in " -_" else " " for one in title)
    zone = session.get_one(Municipality, decision.event.municipality_id).time_zone
    on = local_day(decision.at, zone).isoformat()
    return f"{on} {' '.join(plain.split())[:100]}, händelse {decision.event.number}.pdf"


# ---------------------------------------------------------------- the registry's numbers


def demand_registry(session: Session, person: Person, now: datetime) -> None:
    """Only the communications unit and whoever holds the registry's post. Refused `only_registry`."""
    on = law_in_force(session, person.municipality_id, now).day_of(now)
    if not keeps_diary(session, person, on):
        raise Refused("only_registry")


def keeps_diary(session: Session, person: Person, on: date) -> bool:
    """Whether somebody may enter the diary's numbers and hand out records."""
    holders = [
        one
        for role in (Role.COMMUNICATIONS, Role.REGISTRY)
        for one in post_holders(session, person.municipality_id, role, on)
    ]
    return any(one.id == person.id for one in holders)


def number_paper(
    session: Session, now: datetime, *, paper_id: int, person_id: int, number: str, via: str
) -> None:
    """Enter a paper's number. Raises Refused and changes nothing when that cannot be."""
    person = session.get_one(Person, person_id)
    demand_registry(session, person, now)
    paper = session.get(Paper, paper_id)
    if paper is None or paper.municipality_id != person.municipality_id:
        raise Refused("task_gone")
    diary.number_paper(session, paper, number, By(person_id, via), now)
