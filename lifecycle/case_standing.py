"""How an account stands for its cases: what is late, what is shown, and what a time came to."""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from lifecycle.case_steps import TAKEN_OVER
from lifecycle.cases import ENDS_BY_ITSELF, close, open_cases, tasks_of_case
from lifecycle.events import ENGINE
from lifecycle.working_days import midnight
from models import Account, Case, Municipality, TaskState, UserTask
from policies.duties import CaseStep
from policies.keys import Modality


def is_late(task: UserTask, now: datetime) -> bool:
    """Whether something that must be done was not done in its time."""
    return (
        task.state is TaskState.OPEN
        and task.modality == Modality.MUST.value
        and CaseStep(task.step) not in ENDS_BY_ITSELF
        and task.due_at is not None
        and task.due_at <= now
    )


def red_for_cases(session: Session, account: Account, now: datetime) -> list[str]:
    """Codes of why an account stands red for its cases."""
    cases = open_cases(session, account)
    taken = any(case.kind == TAKEN_OVER for case in cases)
    late = any(is_late(task, now) for case in cases if case.late_at for task in tasks_of_case(session, case))
    return ["taken_over"] * taken + ["case_late"] * late


def words_of_cases(session: Session, account: Account, now: datetime) -> list[str]:
    """What the run list shows: how many there are, never what they are about."""
    count = len(open_cases(session, account))
    if not count:
        return []
    shown = ["Ett ärende pågår" if count == 1 else f"{count} ärenden pågår"]
    reasons = {"taken_over": "Kontot är kapat eller utelåst", "case_late": "Ärende försenat"}
    return [reasons[code] for code in red_for_cases(session, account, now)] + shown


def end_cases(session: Session, account: Account, now: datetime) -> None:
    """Close what is left of the cases of an account that is closed."""
    for case in open_cases(session, account):
        close(session, account, case, ENGINE, now)


def cases_sum(session: Session, account: Account, from_on: date, until_on: date) -> dict[str, object]:
    """How many cases were opened from a day until the day before another: in all, by kind, closed and late.

    {"opened": 3, "closed": 2, "late": 1, "by_kind": {"criminal": 1, "question": 2}}
    """
    zone = session.get_one(Municipality, account.municipality_id).time_zone
    since, until = midnight(from_on, zone), midnight(until_on, zone)
    rows = select(
        col(Case.kind), func.count(), func.count(col(Case.closed_at)), func.count(col(Case.late_at))
    ).where(col(Case.account_id) == account.id, col(Case.opened_at) >= since, col(Case.opened_at) < until)
    found = session.execute(rows.group_by(col(Case.kind)).order_by(col(Case.kind))).all()
    return {
        "opened": sum(row[1] for row in found),
        "closed": sum(row[2] for row in found),
        "late": sum(row[3] for row in found),
        "by_kind": {row[0]: row[1] for row in found},
    }
