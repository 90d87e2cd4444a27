"""What is asked of communications about an address under watch that somebody else has."""

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256

from sqlmodel import Session

from lifecycle.duty_tasks import open_duty, open_of_kind, withdraw_duty
from lifecycle.handles import Told, is_gone, is_somebody_elses, keep_told, own_ids, rows_of
from lifecycle.identity import ask_about_identity, asked_about_identity, is_anothers, take_back
from lifecycle.idle import day_words
from lifecycle.law import Law
from lifecycle.roles import Holder, post_holders
from lifecycle.rounds import Findings
from models import Account, IdentityChange, TaskKind, UserTask, WatchedAs, WatchedHandle
from policies.keys import Role

STEP = "namn"
"""An address that was official, and is somebody's again."""
LOOK_ALIKE_STEP = "liknar"
"""A name that can be taken for one of ours; it can be said to be known and harmless."""
_LABELS = {
    WatchedAs.CLOSED: "Ett avslutat kontos adress är i bruk igen: ta reda på av vem",
    WatchedAs.FORMER: "En tidigare adress till ett konto är någon annans: ta reda på vems",
    WatchedAs.LOOK_ALIKE: "Ett namn som liknar kontots finns på plattformen: se vems det är",
}


def keep_and_ask(
    session: Session, law: Law, told: list[Told], on: date, now: datetime, findings: Findings
) -> list[UserTask]:
    """Keep what the looks came to, and ask about what they found: the new tasks."""
    rows = rows_of(session, law, [one.watched for one in told])
    ours, asked = own_ids(session, law.municipality_id), _asked(session, law)
    identity = asked_about_identity(session, law)

    def keep(one: Told) -> UserTask | None:
        row = keep_told(session, law, one, rows.get(one.watched.place), now)
        if one.occupant is None or row.doubt:
            return None
        if row.watched_as is WatchedAs.OWN:
            return _ask_of_own(session, law, row, identity.get(row.account_id, []), on, now)
        return _ask_or_take_back(session, law, row, ours, asked, on, now)

    new = findings.each(session, told, lambda one: f"konto {one.watched.account_id}", keep)
    return [task for task in new if task is not None]


def _asked(session: Session, law: Law) -> dict[int, UserTask]:
    """By address under watch: what is asked about it."""
    asked = open_of_kind(session, law.municipality_id, TaskKind.LOOK_INTO)
    return {int(one.details["handle"]): one for one in asked if one.step in (STEP, LOOK_ALIKE_STEP)}


def _ask_of_own(
    session: Session, law: Law, row: WatchedHandle, asked: list[UserTask], on: date, now: datetime
) -> UserTask | None:
    account = session.get_one(Account, row.account_id)
    if is_gone(row):
        says = "Plattformen svarade vid flera avläsningar att kontot inte finns."
        gone = IdentityChange.DISAPPEARED
        return ask_about_identity(session, law, account, gone, says, on, now, since_at=row.gone_at)
    if is_anothers(row):
        says = f"Adressen tillhör nu {row.occupant_name}, ett annat konto än det som är registrerat."
        return ask_about_identity(session, law, account, IdentityChange.TAKEN_OVER, says, on, now)
    if row.occupant and not row.gone_looks:
        take_back(session, asked, now)
    return None


def _ask_or_take_back(
    session: Session,
    law: Law,
    row: WatchedHandle,
    ours: set[str],
    asked: Mapping[int, UserTask],
    on: date,
    now: datetime,
) -> UserTask | None:
    open_task = asked.get(row.id or 0)
    if is_somebody_elses(row, ours):
        return None if open_task else _ask(session, law, row, on, now)
    if open_task is not None and (is_gone(row) or row.occupant):
        withdraw_duty(session, open_task, now)
    return None


def _ask(session: Session, law: Law, row: WatchedHandle, on: date, now: datetime) -> UserTask | None:
    people = post_holders(session, law.municipality_id, Role.COMMUNICATIONS, on)
    if not people:
        return None
    task = open_duty(
        session,
        law,
        None,
        now,
        kind=TaskKind.LOOK_INTO,
        once_key=_once_key(law, row),
        step=LOOK_ALIKE_STEP if row.watched_as is WatchedAs.LOOK_ALIKE else STEP,
        label=_LABELS[row.watched_as],
        rule=None,
        role=Role.COMMUNICATIONS,
        holders=[Holder(person.id) for person in people if person.id is not None],
        details={
            "handle": row.id,
            "accounts": [row.account_id],
            "address": row.address,
            "says": _says(law, row, on),
        },
    )
    row.task_id = task.id if task else row.task_id
    session.add(row)
    return task


def _once_key(law: Law, row: WatchedHandle) -> str:
    """A look-alike is asked about once for each who has it; what was official, each time it comes alive."""
    who = sha256(f"{row.address_key} {row.occupant}".encode()).hexdigest()[:32]
    alive = "" if row.watched_as is WatchedAs.LOOK_ALIKE or not row.found_at else law.day_of(row.found_at)
    return f"handle:{law.municipality_id}:{row.watched_as.value}:{row.account_id}:{who}:{alive}"


def _says(law: Law, row: WatchedHandle, on: date) -> str:
    assert row.found_at is not None
    name = f" som {row.occupant_name}" if row.occupant_name else ""
    return f"{row.address} finns{name} sedan {day_words(law.day_of(row.found_at), on)} eller tidigare."
