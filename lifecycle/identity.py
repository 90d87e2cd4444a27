"""Accounts whose address no longer leads where it did: renamed, moved, or somebody else's by now."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlmodel import Session

from lifecycle.duty_tasks import open_duty, open_of_kind, withdraw_duty
from lifecycle.law import Law
from lifecycle.presence import people_present
from lifecycle.roles import Holder, post_holders
from lifecycle.sights import Sight
from models import Account, IdentityChange, TaskKind, UserTask
from policies.keys import Role

STEP = "adress"
_LABELS = {
    IdentityChange.RENAMED: "Kontot har bytt namn: rätta adressen i Kanalvakt",
    IdentityChange.MOVED: "Kontot har flyttats: rätta adressen i Kanalvakt",
    IdentityChange.TAKEN_OVER: "Adressen hör till någon annans konto: ta reda på vad som har hänt",
}


def asked_about_identity(session: Session, law: Law) -> dict[int, list[UserTask]]:
    """By account: what is asked about its address."""
    found: dict[int, list[UserTask]] = {}
    for task in open_of_kind(session, law.municipality_id, TaskKind.LOOK_INTO):
        if task.step == STEP and task.account_id is not None:
            found.setdefault(task.account_id, []).append(task)
    return found


def ask_about_identity(
    session: Session, law: Law, sight: Sight, asked: Iterable[UserTask], on: date, now: datetime
) -> None:
    """Ask those who administer the account, and of a takeover communications too; once for each address.

    What is `asked` is taken back when the address leads to the account again.
    """
    if sight.change is None:
        for task in asked if not sight.problem else ():
            withdraw_duty(session, task, now)
        return
    account = session.get_one(Account, sight.account_id)
    holders = _holders(session, law, account, sight.change, on)
    if holders:
        open_duty(
            session,
            law,
            account,
            now,
            kind=TaskKind.LOOK_INTO,
            once_key=f"identity:{account.id}:{sight.change.value}:{account.address_key or ''}"[:120],
            step=STEP,
            label=_LABELS[sight.change],
            rule=None,
            role=Role.ADMINISTRATOR,
            holders=holders,
            details={"says": sight.says},
        )


def _holders(session: Session, law: Law, account: Account, change: IdentityChange, on: date) -> list[Holder]:
    holders = people_present(session, law, [account], on)[account.id or 0]
    if change is IdentityChange.TAKEN_OVER:
        people = post_holders(session, law.municipality_id, Role.COMMUNICATIONS, on)
        holders = [*holders, *(Holder(person.id) for person in people if person.id is not None)]
    return list({holder.person_id: holder for holder in holders}.values())
