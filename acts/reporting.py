"""What a visitor does: reports something about an account, or an account that may not be ours."""

from datetime import datetime

from sqlmodel import Session

from lifecycle import reporting
from lifecycle.law import law_in_force
from lifecycle.process import account_for_look
from lifecycle.reporting import Said
from models import VisitorReport


def report_account(session: Session, now: datetime, *, account_id: int, said: Said) -> VisitorReport:
    """Open a case about an account that stands in the register."""
    account = account_for_look(session, account_id)
    law = law_in_force(session, account.municipality_id, now)
    return reporting.report_account(session, law, account, said, now)


def report_unknown(session: Session, now: datetime, *, municipality_id: int, said: Said) -> VisitorReport:
    """Have communications look into an address."""
    return reporting.report_unknown(session, law_in_force(session, municipality_id, now), said, now)
