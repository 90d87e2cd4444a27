"""Letting an account rest, setting its last day; and the rounds that end both."""

from datetime import date, datetime

from sqlmodel import Session

from acts.rounds import Round
from lifecycle import resting
from lifecycle.events import By
from lifecycle.law import Law, law_in_force
from lifecycle.process import account_for_look
from lifecycle.rounds import Findings, working_day_after
from models import Account


def let_rest(
    session: Session,
    now: datetime,
    *,
    account_id: int,
    person_id: int,
    from_on: date,
    until_on: date,
    via: str,
) -> None:
    """Let an account rest; `until_on` is the first day it is posted in again."""
    account, law = _account(session, account_id, now)
    resting.let_rest(session, law, account, from_on, until_on, By(person_id, via), now)


def wake(session: Session, now: datetime, *, account_id: int, person_id: int, via: str) -> None:
    """End a rest today."""
    account, law = _account(session, account_id, now)
    resting.wake(session, law, account, By(person_id, via), now)


def set_end(
    session: Session, now: datetime, *, account_id: int, person_id: int, ends_on: date | None, via: str
) -> None:
    """Say from which day the account is to be closed."""
    account, law = _account(session, account_id, now)
    resting.set_end(session, law, account, ends_on, By(person_id, via), now)


def _account(session: Session, account_id: int, now: datetime) -> tuple[Account, Law]:
    account = account_for_look(session, account_id)
    return account, law_in_force(session, account.municipality_id, now)


def _rests(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    for account in resting.rested_out(session, law, on):
        with findings.trying(session, f"konto {account.id}"):
            resting.end_rest(session, account, now)
            findings.found += 1


def _ends(session: Session, law: Law, on: date, now: datetime, findings: Findings) -> None:
    for account in resting.ending_soon(session, law, on):
        with findings.trying(session, f"konto {account.id}"):
            resting.warn(session, account, now)
            findings.found += 1
    for account in resting.at_their_end(session, law, on):
        with findings.trying(session, f"konto {account.id}"):
            resting.close_at_end(session, account, now)
            findings.found += 1


RESTS = Round(
    "rests",
    when=lambda law, now: working_day_after(law, now, law.policy.settings.digest_at),
    do=_rests,
    hour=lambda law: law.policy.settings.digest_at,
)
ENDS = Round(
    "ends",
    when=lambda law, now: working_day_after(law, now, law.policy.settings.digest_at),
    do=_ends,
    hour=lambda law: law.policy.settings.digest_at,
)
