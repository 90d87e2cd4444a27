"""How many accounts there are at each step of the process. No one account or person can be told from it."""

from collections import Counter

from sqlalchemy import Executable, distinct, func, select
from sqlmodel import Session, col

from lifecycle.process_duties import case_key, duty_key
from lifecycle.process_ending import ASKED_ALREADY
from lifecycle.process_steps import RED, state_key
from models import IS_OPEN, Account, AccountState, Case, CaseState, Process, UserTask

_BY_STEP = (
    Process.OPENING,
    Process.SETTING_UP,
    Process.ADMINISTRATOR_CHANGE,
    Process.GUEST,
    Process.CLOSING,
    Process.CLOSING_ITEMS,
)


def numbers_of(session: Session, municipality_id: int) -> dict[str, int]:
    """Accounts in each state, with each question open, with each kind of case, and those that stand red."""
    found: Counter[str] = Counter()
    for state, count in session.execute(_states(municipality_id)):
        found[state_key(AccountState(state))] = count
    for process, step, count in session.execute(_steps(municipality_id)):
        found[f"{process}:{step}"] = count
    for kind, count in session.execute(_duties(municipality_id)):
        found[duty_key(kind)] = count
    for kind, count in session.execute(_cases(municipality_id)):
        found[case_key(kind)] = count
    found[RED] = session.execute(_red(municipality_id)).scalar_one()
    found[ASKED_ALREADY] = session.execute(_asked(municipality_id)).scalar_one()
    return dict(found)


_ACCOUNTS = func.count(distinct(col(UserTask.account_id)))


def _states(of: int) -> Executable:
    rows = select(col(Account.state), func.count()).where(col(Account.municipality_id) == of)
    return rows.group_by(col(Account.state))


def _steps(of: int) -> Executable:
    rows = select(col(UserTask.process), col(UserTask.step), _ACCOUNTS).where(
        col(UserTask.municipality_id) == of, IS_OPEN, col(UserTask.process).in_(_BY_STEP)
    )
    return rows.group_by(col(UserTask.process), col(UserTask.step))


def _duties(of: int) -> Executable:
    rows = select(col(UserTask.kind), _ACCOUNTS).where(
        col(UserTask.municipality_id) == of, IS_OPEN, col(UserTask.process) == Process.DUTIES
    )
    return rows.group_by(col(UserTask.kind))


def _cases(of: int) -> Executable:
    rows = select(col(Case.kind), func.count(distinct(col(Case.account_id)))).where(
        col(Case.municipality_id) == of, col(Case.state) == CaseState.OPEN
    )
    return rows.group_by(col(Case.kind))


def _red(of: int) -> Executable:
    return select(func.count()).where(col(Account.municipality_id) == of, col(Account.red_reason) != "")


def _asked(of: int) -> Executable:
    """Open accounts that somebody has asked to close and that have not begun to be closed."""
    return select(func.count()).where(
        col(Account.municipality_id) == of,
        col(Account.state) == AccountState.ACTIVE,
        col(Account.closing_asked_at).is_not(None),
        col(Account.closing_refused_at).is_(None),
    )
