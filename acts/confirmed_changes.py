"""What is changed or ended about an account when the one who began it has confirmed it by a mailed link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from acts import caring
from acts.confirmed import ConfirmedAct
from languages.speaking import capital, day_words, said, swedish
from lifecycle.chains import steps_for
from lifecycle.changes import ROLE_WORDS
from lifecycle.conditions import facts_of
from lifecycle.events import By
from lifecycle.law import law_in_force
from lifecycle.repair import demand_uninvolved
from models import Account, AccountRole, AccountRoleKind, Person, Process, Unit, UserTask
from notifications.words import account_words
from policies.naming import role_name
from policies.rules import Step, StepAct

CLOSE, ADD, GUEST, END_ROLE, MOVE = "close", "administrator", "guest", "end_role", "unit"


@dataclass(frozen=True)
class Begun:
    """An act about an account, as it was begun."""

    session: Session
    now: datetime
    account: Account
    values: dict[str, Any]

    def person(self, key: str = "person") -> Person:
        return self.session.get_one(Person, self.values[key])

    def steps(self, process: Process) -> list[str]:
        """Who is asked before it happens, a line each, in order."""
        law = law_in_force(self.session, self.account.municipality_id, self.now)
        steps = steps_for(law, process, facts_of(self.account), self.now)
        names = {role: role_name(law.policy, role, "definite") for one in steps for role in one.roles}
        return [_step_words(one, [names[role] for role in one.roles]) for one in steps]


def begun(session: Session, now: datetime, task: UserTask) -> Begun:
    """What a task keeps of an act about an account."""
    values = task.details["values"]
    return Begun(session, now, session.get_one(Account, values["account"]), values)


STEP_WORDS = {
    StepAct.DECIDE: "Därefter beslutar %(roles)s",
    StepAct.CONSULT: "Därefter rådfrågas %(roles)s",
    StepAct.INFORM: "Därefter får %(roles)s veta det",
}


def _step_words(step: Step, roles: Sequence[str]) -> str:
    return said(STEP_WORDS[step.act], roles=said(" eller ").join(roles))


def demand_other_eyes(it: Begun, by: By) -> None:
    """Refused `four_eyes` for who applied for the account or decided about it."""
    demand_uninvolved(it.session, it.account, it.session.get_one(Person, by.person_id))


# ---------------------------------------------------------------- closing


def _close_words(session: Session, now: datetime, task: UserTask) -> list[str]:
    it = begun(session, now, task)
    steps = it.steps(Process.CLOSING) or [said("Ingen behöver besluta om det: avslutet börjar genast")]
    return [said("Skäl: %(reason)s", reason=swedish(it.values["reason"])), *steps]


def _close(session: Session, now: datetime, task: UserTask, by: By) -> None:
    it = begun(session, now, task)
    demand_other_eyes(it, by)
    caring.ask_to_close(
        session,
        now,
        account_id=it.account.id or 0,
        person_id=by.person_id or 0,
        reason=it.values["reason"],
        via=by.via,
        signed_in=by.signed_in,
    )


# ---------------------------------------------------------------- people


def _add_words(session: Session, now: datetime, task: UserTask) -> list[str]:
    it = begun(session, now, task)
    nobody = said("Ingen behöver besluta om det: rollen börjar gälla")
    return [_becomes(it), *(it.steps(Process.ADMINISTRATOR_CHANGE) or [nobody])]


def _becomes(it: Begun) -> str:
    replaced = _replaced(it)
    words = {
        "name": it.person().name,
        "role": said(ROLE_WORDS[AccountRoleKind(it.values["kind"])]),
        "account": account_words(it.account),
    }
    if replaced is None:
        return said("%(name)s blir %(role)s för %(account)s", **words)
    return said(
        "%(name)s blir %(role)s för %(account)s i stället för %(former)s", former=replaced.name, **words
    )


def _replaced(it: Begun) -> Person | None:
    role_id = it.values["instead_of"]
    role = it.session.get_one(AccountRole, role_id) if role_id else None
    return it.session.get_one(Person, role.person_id) if role else None


def _add(session: Session, now: datetime, task: UserTask, by: By) -> None:
    it = begun(session, now, task)
    demand_other_eyes(it, by)
    caring.ask_for_administrator(
        session,
        now,
        account_id=it.account.id or 0,
        person_id=by.person_id or 0,
        email=it.person().email,
        kind=AccountRoleKind(it.values["kind"]),
        instead_of_role_id=it.values["instead_of"],
        via=by.via,
    )


def _guest_words(session: Session, now: datetime, task: UserTask) -> list[str]:
    it = begun(session, now, task)
    guest = said(
        "%(name)s blir gäst i %(account)s från %(first)s till och med %(last)s",
        name=it.person().name,
        account=account_words(it.account),
        first=day_words(date.fromisoformat(it.values["since"])),
        last=day_words(date.fromisoformat(it.values["last"])),
    )
    return [guest, *(it.steps(Process.GUEST) or [said("Ingen behöver besluta om det")])]


def _guest(session: Session, now: datetime, task: UserTask, by: By) -> None:
    it = begun(session, now, task)
    demand_other_eyes(it, by)
    last = date.fromisoformat(it.values["last"])
    caring.ask_for_guest(
        session,
        now,
        account_id=it.account.id or 0,
        person_id=by.person_id or 0,
        email=it.person().email,
        since=date.fromisoformat(it.values["since"]),
        until=date.fromordinal(last.toordinal() + 1),
        via=by.via,
    )


def _end_role_words(session: Session, now: datetime, task: UserTask) -> list[str]:
    it = begun(session, now, task)
    role = session.get_one(AccountRole, it.values["role"])
    ended = said(
        "%(name)s är från i dag inte längre %(role)s för %(account)s",
        name=session.get_one(Person, role.person_id).name,
        role=said(ROLE_WORDS[role.kind]),
        account=account_words(it.account),
    )
    return [ended]


def _end_role(session: Session, now: datetime, task: UserTask, by: By) -> None:
    it = begun(session, now, task)
    demand_other_eyes(it, by)
    caring.end_role(
        session,
        now,
        account_id=it.account.id or 0,
        person_id=by.person_id or 0,
        role_id=it.values["role"],
        via=by.via,
    )


# ---------------------------------------------------------------- another unit


def _move_words(session: Session, now: datetime, task: UserTask) -> list[str]:
    it = begun(session, now, task)
    unit = session.get_one(Unit, it.values["unit"])
    return [
        said(
            "%(Account)s hör från i dag till %(unit)s",
            Account=capital(account_words(it.account)),
            unit=unit.name,
        ),
        said("Det som frågas härefter går till den enhetens chefer"),
    ]


def _move(session: Session, now: datetime, task: UserTask, by: By) -> None:
    it = begun(session, now, task)
    demand_other_eyes(it, by)
    caring.change_unit(
        session,
        now,
        account_id=it.account.id or 0,
        person_id=by.person_id or 0,
        unit_id=it.values["unit"],
        via=by.via,
    )


CHANGES: dict[str, ConfirmedAct] = {
    CLOSE: ConfirmedAct(_close_words, _close),
    ADD: ConfirmedAct(_add_words, _add),
    GUEST: ConfirmedAct(_guest_words, _guest),
    END_ROLE: ConfirmedAct(_end_role_words, _end_role),
    MOVE: ConfirmedAct(_move_words, _move),
}
