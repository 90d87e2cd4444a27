"""What visitors report from the public register: about an account a case, else something to look into."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Executable, func, select, true
from sqlmodel import Session, col

from lifecycle.case_steps import OTHER, QUESTION, TAKEN_OVER, CaseKind, kinds_for
from lifecycle.cases import Noticed, open_case, open_cases
from lifecycle.conditions import Facts, facts_of
from lifecycle.duty_tasks import open_duty
from lifecycle.events import By, EventKind
from lifecycle.guideline_review import holders_for
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.plans import LINE_LIMIT, TEXT_LIMIT
from lifecycle.refusals import Refused
from lifecycle.secrets import without_log_in
from models import Account, Case, TaskKind, VisitorReport
from models.asking import built_once
from policies.duties import CaseEnd, CaseStep
from policies.keys import Role

VISITOR = By(None, "public")
WRONG, UNANSWERED, UNKNOWN = "wrong", "unanswered", "unknown"
"""What visitors call it: something is not right, no answer has come, an account that may not be ours."""
STEP = "okant_konto"
CASES_AN_HOUR = 5
"""Reports of one account within an hour that each become a case; later ones join the case of their kind."""
UNKNOWN_AN_HOUR, UNKNOWN_AN_HOUR_IN_ALL = 30, 300
"""Reports of unknown accounts taken within an hour, whoever they come from: in one municipality, and in the
whole installation. Each is something to look into, and many connections together could bury the others."""
SHOWN = 50


@dataclass(frozen=True)
class Reportable:
    """One thing that can be reported about an account, and the kind of case that it becomes."""

    matter: str
    kind: CaseKind


@dataclass(frozen=True)
class Said:
    """What a visitor has written."""

    matter: str
    what: str
    address: str = ""
    """Of the post, or of the unknown account."""
    contact: str = ""


def matters_for(law: Law, facts: Facts, on: date) -> list[Reportable]:
    """What the policy wants removed, in its words; then what any visitor may meet, as its kinds allow.

    An error is a matter that is settled by putting it right, and a question one that is answered; where the
    policy has no such kind, it is anything else.
    """
    kinds = {kind.name: kind for kind in kinds_for(law, facts, on) if CaseStep.WATCH not in kind.steps}
    other = kinds[OTHER]
    removals = [Reportable(name, kind) for name, kind in kinds.items() if kind.removal]
    wrong = next((kind for kind in kinds.values() if _is_corrected(kind)), other)
    return [
        *removals,
        Reportable(WRONG, wrong),
        Reportable(UNANSWERED, kinds.get(QUESTION, other)),
        Reportable(TAKEN_OVER, kinds[TAKEN_OVER]),
        Reportable(OTHER, other),
    ]


def _is_corrected(kind: CaseKind) -> bool:
    return kind.matter is not None and CaseEnd.CORRECTED in (kind.matter.outcomes or ())


def report_account(session: Session, law: Law, account: Account, said: Said, now: datetime) -> VisitorReport:
    """Open a case at the account. Raises Refused when the visitor has chosen or written nothing."""
    _demand_words(said)
    offered = matters_for(law, facts_of(account), law.day_of(now))
    chosen = next((one for one in offered if one.matter == said.matter), None)
    if chosen is None:
        raise Refused("report_matter_missing")
    joined = _joined(session, account, chosen.kind, now)
    if joined is not None:
        return _keep(session, law, said, now, account=account, case=joined, has_words=True)
    kind = _not_again(session, account, chosen.kind)
    noticed = Noticed(kind=kind, at=now, post_address=said.address, what=said.what)
    case = open_case(session, law, account, noticed, VISITOR, now)
    return _keep(session, law, said, now, account=account, case=case)


def _joined(session: Session, account: Account, kind: CaseKind, now: datetime) -> Case | None:
    """The open case that a report belongs to when the account has had its number of the last hour.

    Only one that a visitor began, of the same kind: many who shout do not hide what is told at first.
    """
    mine = (col(VisitorReport.case_id) == col(Case.id)) & (col(Case.account_id) == account.id)
    lately = col(VisitorReport.received_at) > now - timedelta(hours=1)
    count = select(func.count()).select_from(VisitorReport).join(Case, mine).where(lately)
    if session.execute(count).scalar_one() < CASES_AN_HOUR:
        return None
    same = [one for one in open_cases(session, account) if one.kind == kind.name and one.opened_by_id is None]
    return max(same, key=lambda one: (one.opened_at, one.id or 0), default=None)


def _not_again(session: Session, account: Account, kind: CaseKind) -> str:
    """An account that is known to be out of our hands raises no second alarm."""
    known = kind.name == TAKEN_OVER and any(one.kind == TAKEN_OVER for one in open_cases(session, account))
    return OTHER if known else kind.name


def report_unknown(session: Session, law: Law, said: Said, now: datetime) -> VisitorReport:
    """Ask communications to look into an account that a visitor has found and the register does not know."""
    if not said.address.strip():
        raise Refused("report_address_missing")
    _demand_words(said)
    _demand_room(session, law, now)
    report = _keep(session, law, said, now)
    task = open_duty(
        session,
        law,
        None,
        now,
        kind=TaskKind.LOOK_INTO,
        once_key=f"report:{report.id}",
        step=STEP,
        label="En besökare har hittat ett konto och undrar om det är vårt",
        rule=None,
        role=Role.COMMUNICATIONS,
        holders=holders_for(session, law, Role.COMMUNICATIONS, law.day_of(now)),
    )
    report.task_id = task.id if task else None
    return report


def _demand_room(session: Session, law: Law, now: datetime) -> None:
    """Refused `reports_full`, with when there is room again; what was written stands in the form."""
    here = col(VisitorReport.municipality_id) == law.municipality_id
    for at_most, where in ((UNKNOWN_AN_HOUR, here), (UNKNOWN_AN_HOUR_IN_ALL, true())):
        rows = select(col(VisitorReport.received_at)).where(col(VisitorReport.case_id).is_(None), where)
        last = rows.order_by(col(VisitorReport.id).desc()).offset(at_most - 1).limit(1)
        at = session.execute(last).scalar()
        if at is not None and at > now - timedelta(hours=1):
            raise Refused(
                "reports_full", until=(at + timedelta(hours=1)).astimezone(ZoneInfo(law.calendar.zone))
            )


def _demand_words(said: Said) -> None:
    for text, limit in ((said.what, TEXT_LIMIT), (said.address, LINE_LIMIT), (said.contact, LINE_LIMIT)):
        if len(text) > limit:
            raise Refused("text_too_long", length=len(text), limit=limit)
    if not said.what.strip():
        raise Refused("report_words_missing")


def _keep(
    session: Session,
    law: Law,
    said: Said,
    now: datetime,
    *,
    account: Account | None = None,
    case: Case | None = None,
    has_words: bool = False,
) -> VisitorReport:
    """`has_words`: whether the report keeps its own words although there is a case, which has another's."""
    in_case = case is not None and not has_words
    report = VisitorReport(
        municipality_id=law.municipality_id,
        case_id=case.id if case else None,
        matter=said.matter,
        address="" if in_case else without_log_in(said.address.strip()),
        what="" if in_case else said.what.strip(),
        contact=said.contact.strip(),
        received_at=now,
    )
    session.add(report)
    session.flush()
    facts = {"report": report.id, "matter": report.matter, "case": report.case_id}
    of, kind = law.municipality_id, EventKind.VISITOR_REPORTED
    record(session, kind, now, account=account, municipality_id=of, by=VISITOR, facts=facts)
    return report


def report_behind(
    session: Session, *, case_id: int | None = None, task_id: int | None = None
) -> VisitorReport | None:
    """What a visitor reported that became a case, or a task to look into something."""
    found: VisitorReport | None = session.execute(*_behind(case_id or 0, task_id or 0)).scalars().first()
    return found


@built_once
def _behind(case: int, task: int) -> Executable:
    rows = select(VisitorReport)
    mine = (col(VisitorReport.case_id) == case) | (col(VisitorReport.task_id) == task)
    return rows.where(mine).order_by(col(VisitorReport.id)).limit(1)


def joined_reports(session: Session, case: Case) -> Sequence[VisitorReport]:
    """What others reported after a case had begun, newest first and no more than a page has room for."""
    rows = select(VisitorReport).where(col(VisitorReport.case_id) == case.id, col(VisitorReport.what) != "")
    return session.execute(rows.order_by(col(VisitorReport.id).desc()).limit(SHOWN)).scalars().all()


def morning_after(law: Law, now: datetime) -> datetime:
    """When the next morning letter goes: whoever is not told at once reads of it there."""
    return next(at for at in _mornings(law, now) if at > now)


def _mornings(law: Law, now: datetime) -> Iterator[datetime]:
    day = law.day_of(now)
    while True:
        day = law.calendar.working_day_from(day)
        yield law.calendar.at(day, law.policy.settings.digest_at)
        day += timedelta(days=1)
