"""Cases: opening one, doing its steps, closing it, and the hourly round that keeps its time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from acts.caring import demand_concerned
from acts.rounds import Round
from lifecycle import case_answers
from lifecycle.case_answers import Given
from lifecycle.case_evidence import Evidence, keep_evidence
from lifecycle.case_rounds import go_through_cases
from lifecycle.cases import AtHand, Noticed, at_hand, tasks_of_case
from lifecycle.cases import open_case as _open_case
from lifecycle.events import By
from lifecycle.law import Law, law_in_force
from lifecycle.plans import person_by_email
from lifecycle.presence import watched_by
from lifecycle.process import account_for_look
from lifecycle.refusals import Refused
from lifecycle.roles import post_holders
from lifecycle.rounds import Findings
from lifecycle.tasks import read_anew
from models import Account, Case, CaseEvidence, Person, TaskHolder, UserTask
from policies.keys import Role


@dataclass(frozen=True)
class Report:
    """What somebody says who has noticed something; addresses as they were typed."""

    kind: str
    noticed_at: datetime
    post_address: str = ""
    what: str = ""
    evidence: Sequence[Evidence] = ()
    watcher_emails: Sequence[str] = ()


def open_case(
    session: Session, now: datetime, *, account_id: int, person_id: int, report: Report, via: str
) -> Case:
    """Open a case about an account."""
    account = account_for_look(session, account_id)
    law = law_in_force(session, account.municipality_id, now)
    on = law.day_of(now)
    demand_may_open(session, account, session.get_one(Person, person_id), on)
    emails = [one for one in report.watcher_emails if one.strip()]
    noticed = Noticed(
        kind=report.kind,
        at=report.noticed_at,
        post_address=report.post_address,
        what=report.what,
        evidence=report.evidence,
        watchers=[person_by_email(session, account.municipality_id, one, on) for one in emails],
    )
    return _open_case(session, law, account, noticed, By(person_id, via), now)


def demand_may_open(session: Session, account: Account, person: Person, on: date) -> None:
    """Those whom the account concerns may open a case about it, and who watches a post of theirs there."""
    if account.id not in watched_by(session, person, on):
        demand_concerned(session, account, person, on)


def add_evidence(
    session: Session, now: datetime, *, case_id: int, person_id: int, evidence: Sequence[Evidence], via: str
) -> list[CaseEvidence]:
    """Keep more of what is to be removed. Raises Refused when nothing was given."""
    it, _ = _at_hand(session, case_id)
    demand_sees(session, it, session.get_one(Person, person_id), now)
    if not evidence:
        raise Refused("evidence_missing")
    by = By(person_id, via)
    return [keep_evidence(session, it.account, it.case, one, by, now) for one in evidence]


def do_step(
    session: Session,
    now: datetime,
    *,
    case_id: int,
    task_id: int,
    person_id: int,
    given: Given,
    to_email: str = "",
    via: str,
) -> None:
    """Do one step of a case."""
    it, law = _at_hand(session, case_id)
    task, person = session.get_one(UserTask, task_id), session.get_one(Person, person_id)
    read_anew(session, task)
    if task.case_id != it.case.id:
        raise Refused("task_gone")
    if to_email.strip():
        to = person_by_email(session, it.account.municipality_id, to_email, law.day_of(now))
        given = Given(given.text, given.number, given.end, to, given.skipped)
    case_answers.do_step(session, law, it, task, given, person, via, now)


def close_case(
    session: Session, now: datetime, *, case_id: int, person_id: int, reason: str, via: str
) -> None:
    """End a case by hand."""
    it, law = _at_hand(session, case_id)
    person = session.get_one(Person, person_id)
    demand_sees(session, it, person, now)
    members = post_holders(session, law.municipality_id, Role.COMMUNICATIONS, law.day_of(now))
    is_member = any(one.id == person_id for one in members)
    by = By(person_id, via)
    case_answers.close_case(session, it, reason, by, now, is_communications=is_member)


def demand_sees(session: Session, it: AtHand, person: Person, now: datetime) -> None:
    """Those whom its account concerns see it, who opened it, and who has been asked something in it."""
    if person.id == it.case.opened_by_id:
        return
    ids = [one.id for one in tasks_of_case(session, it.case)]
    held = select(col(TaskHolder.id)).where(
        col(TaskHolder.task_id).in_(ids), col(TaskHolder.person_id) == person.id
    )
    if session.execute(held).first() is None:
        law = law_in_force(session, it.account.municipality_id, now)
        demand_concerned(session, it.account, person, law.day_of(now))


def read_case(session: Session, case: Case) -> tuple[AtHand, Law]:
    """A case with what the policy that it began under says about it."""
    law = law_in_force(session, case.municipality_id, case.opened_at)
    return at_hand(law, session.get_one(Account, case.account_id), case), law


def _at_hand(session: Session, case_id: int) -> tuple[AtHand, Law]:
    """The case with its account locked, so that two who act at once act one after the other."""
    account_for_look(session, session.get_one(Case, case_id).account_id)
    case = session.get_one(Case, case_id, populate_existing=True)
    return read_case(session, case)


def _go(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    go_through_cases(session, law, now, findings)


HOURS = Round(
    "cases",
    when=lambda law, now: law.day_of(now),
    do=_go,
    hour=lambda law: law.policy.settings.digest_at,
    repeats=True,
    silent_after=timedelta(hours=3),
)
