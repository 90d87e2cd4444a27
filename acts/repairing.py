"""Repairs by communications: reopen, skip, move, end; each with a reason and four-eyes."""

from datetime import datetime

from sqlmodel import Session

from lifecycle import repair
from lifecycle.identifying import SignedIn
from lifecycle.law import law_of, law_of_task
from lifecycle.plans import person_by_email
from lifecycle.process import account_for_look, account_of_task
from lifecycle.repair import Repairer
from lifecycle.tasks import read_anew
from models import Person, Process, UserTask


def reopen_step(
    session: Session,
    now: datetime,
    *,
    account_id: int,
    step: str,
    person_id: int,
    reason: str,
    via: str = "portal",
    signed_in: SignedIn | None = None,
) -> None:
    """Ask an answered step again."""
    account, who = account_for_look(session, account_id), _who(session, person_id, reason, via, signed_in)
    repair.reopen_step(session, law_of(session, account), account, step, who, now)


def reopen_answer(
    session: Session,
    now: datetime,
    *,
    task_id: int,
    person_id: int,
    reason: str,
    via: str,
    signed_in: SignedIn | None = None,
) -> None:
    """Ask an answered question again, of whatever matter."""
    task, who = session.get_one(UserTask, task_id), _who(session, person_id, reason, via, signed_in)
    if task.process is Process.OPENING:
        account = account_for_look(session, task.account_id or 0)
        repair.reopen_step(session, law_of(session, account), account, task.step, who, now)
        return
    account = account_of_task(session, task)
    read_anew(session, task)
    repair.reopen_answer(session, law_of_task(session, account, task, now), account, task, who, now)


def skip_step(
    session: Session,
    now: datetime,
    *,
    account_id: int,
    step: str,
    person_id: int,
    reason: str,
    via: str = "portal",
    signed_in: SignedIn | None = None,
) -> None:
    """Pass a step without its answer."""
    account, who = account_for_look(session, account_id), _who(session, person_id, reason, via, signed_in)
    repair.skip_step(session, law_of(session, account), account, step, who, now)


def ask_somebody(
    session: Session,
    now: datetime,
    *,
    account_id: int,
    step: str,
    to_email: str,
    person_id: int,
    reason: str,
    via: str = "portal",
    signed_in: SignedIn | None = None,
) -> None:
    """Put a step that nobody could be asked for to somebody who may answer it."""
    account, who = account_for_look(session, account_id), _who(session, person_id, reason, via, signed_in)
    law = law_of(session, account)
    to = person_by_email(session, account.municipality_id, to_email, law.day_of(now))
    repair.ask_somebody(session, law, account, step, to, who, now)


def move_task(
    session: Session,
    now: datetime,
    *,
    task_id: int,
    to_email: str,
    person_id: int,
    reason: str,
    via: str = "portal",
    signed_in: SignedIn | None = None,
) -> None:
    """Give an open task to somebody else."""
    task = session.get_one(UserTask, task_id)
    account = account_of_task(session, task)
    read_anew(session, task)
    law = law_of_task(session, account, task, now)
    to = person_by_email(session, account.municipality_id, to_email, law.day_of(now))
    repair.move_task(session, law, account, task, to, _who(session, person_id, reason, via, signed_in), now)


def resume_lapsed(
    session: Session,
    now: datetime,
    *,
    account_id: int,
    person_id: int,
    reason: str,
    via: str = "portal",
    signed_in: SignedIn | None = None,
) -> None:
    """Let an approval that lapsed count again."""
    account, who = account_for_look(session, account_id), _who(session, person_id, reason, via, signed_in)
    repair.resume_lapsed(session, law_of(session, account), account, who, now)


def end_application(
    session: Session,
    now: datetime,
    *,
    account_id: int,
    person_id: int,
    reason: str,
    via: str = "portal",
    signed_in: SignedIn | None = None,
) -> None:
    """End an application that cannot go on."""
    account, who = account_for_look(session, account_id), _who(session, person_id, reason, via, signed_in)
    repair.end_application(session, law_of(session, account), account, who, now)


def _who(session: Session, person_id: int, reason: str, via: str, signed_in: SignedIn | None) -> Repairer:
    return Repairer(session.get_one(Person, person_id), reason, via, signed_in)
