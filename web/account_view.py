"""An account's own page: facts, people, duties, what is going on, and everything that has happened."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from acts.caring import movers
from lifecycle.changes import pending
from lifecycle.closing import is_asked
from lifecycle.conditions import applying, facts_of
from lifecycle.documenting import pictured_at_change
from lifecycle.exempting import duties_to_let_off, exemptions_of
from lifecycle.law import Law
from lifecycle.resting import may_decide
from lifecycle.roles import account_people
from lifecycle.states import PERMITS, Act
from lifecycle.tasks import holders_of, open_tasks
from models import (
    Account,
    AccountRole,
    AccountRoleKind,
    AccountState,
    AuditDetail,
    AuditEvent,
    Exemption,
    FormerAddress,
    Person,
    Process,
    UserTask,
)
from policies.rules import Place
from web.application_view import unit_name
from web.case_view import CaseLine, cases_of_account
from web.checklist_view import DutyLine, duty_lines
from web.citing import Advice, Clause, advice_here, written
from web.diary import PaperLine, paper_lines
from web.handle_view import HandleWatch, handle_watch
from web.snapshots import SnapshotLine, snapshot_lines
from web.unit_tree import unit_choices
from web.untold import Untold, told_state, untold


@dataclass(frozen=True)
class RoleLine:
    """One person's role."""

    role: AccountRole
    person: Person
    assigned_by: str
    ended: bool


@dataclass(frozen=True)
class Happening:
    """One thing that happened, with names in place of numbers."""

    kind: str
    at: datetime
    on: date
    """The day of it, in the municipality's zone."""
    who: str
    on_behalf_of: str
    facts: Mapping[str, Any]
    detail: Mapping[str, Any]
    label: str
    """What was asked, where it is about a question."""
    people: Mapping[str, str]
    clauses: Sequence[Clause]
    task_id: int | None = None


@dataclass(frozen=True)
class OpenLine:
    """Something that is asked about the account right now."""

    task: UserTask
    holders: Sequence[str]


@dataclass(frozen=True)
class ExemptionLine:
    """A duty that the account is let off, and by whom."""

    exemption: Exemption
    decided_by: str


@dataclass(frozen=True)
class AccountPage:
    """Everything that the page shows."""

    account: Account
    unit: str
    people: Sequence[RoleLine]
    asked_for: Sequence[RoleLine]
    open: Sequence[OpenLine]
    cases: Sequence[CaseLine]
    may_open_case: bool
    duties: Sequence[DutyLine]
    advice: Sequence[Advice]
    timeline: Sequence[Happening]
    may_change: bool
    may_close: bool
    closing_asked: bool
    may_withdraw: Collection[int | None]
    """The roles asked for that the visitor may take back, and None for the closing."""
    told_at: datetime | None
    """When a refusal that others are not told of yet is told; None when all is shown."""
    state: AccountState
    """The state as far as it may be told."""
    units: Sequence[tuple[str, str]]
    """Where the visitor may move the account; empty for who may not."""
    former_addresses: Sequence[FormerAddress]
    guest_days: int
    """At the most; 0 where the policy has no guests."""
    snapshots: Sequence[SnapshotLine]
    papers: Sequence[PaperLine]
    pictured_at_change: bool
    """Whether the policy wants a picture when the account has changed much."""
    may_rest: bool
    """Whether the visitor may let it rest and set its last day."""
    rests: bool
    """Whether a rest lasts or is planned."""
    exemptions: Sequence[ExemptionLine]
    may_exempt: Sequence[str]
    """Kinds of duty that the visitor may let the account off."""
    handles: HandleWatch | None
    """What is known of its name and addresses; None before it was opened."""


def account_page(
    session: Session, law: Law, account: Account, person: Person, now: datetime, *, told_all: bool
) -> AccountPage:
    """The page's values. `told_all` for communications, who sees refusals before they are told."""
    held = {} if told_all else untold(session, account, person.id, now)
    on, is_active = law.day_of(now), account.state is AccountState.ACTIVE
    lived = is_active or account.state is AccountState.CLOSING
    waiting = {role.id for role in pending(session, account)}
    roles = account_people(session, account, list(AccountRoleKind), on)
    refused = [session.get_one(UserTask, task_id) for task_id in held]
    lines = [_role_line(session, role, holder, on) for role, holder in roles]
    guest = law.policy.rules.guest
    guests = applying([guest] if guest else [], facts_of(account), on)
    moves = is_active and person.id in movers(session, account, on)
    return AccountPage(
        account=account,
        unit=unit_name(session, account),
        people=[one for one in lines if one.role.id not in waiting],
        asked_for=[one for one in lines if one.role.id in waiting] + _refused(session, refused, on),
        open=[OpenLine(task, _holders(session, task)) for task in open_tasks(session, account)],
        cases=cases_of_account(session, account),
        may_open_case=Act.OPEN_CASE in PERMITS[account.state],
        duties=duty_lines(law, account, now) if lived else (),
        advice=advice_here(law, Place.ACTIVE, facts_of(account), now) if is_active else (),
        timeline=[one for one in timeline(session, law, account) if not _tells(one, held)],
        may_change=Act.CHANGE_ADMINISTRATOR in PERMITS[account.state],
        may_close=Act.ASK_TO_CLOSE in PERMITS[account.state],
        closing_asked=lived and (is_asked(account) or any(one.process is Process.CLOSING for one in refused)),
        may_withdraw=_withdrawable(session, account, person, told_all=told_all),
        told_at=max(held.values(), default=None),
        state=told_state(account, held),
        units=unit_choices(session, account.municipality_id) if moves else (),
        former_addresses=_former_addresses(session, account),
        guest_days=guests[0].at_most_days if guests else 0,
        snapshots=snapshot_lines(session, account),
        papers=paper_lines(session, account),
        pictured_at_change=is_active and pictured_at_change(law, account, on),
        may_rest=is_active and may_decide(session, account, person.id, on),
        rests=account.rests_until_on is not None and account.rest_ended_at is None,
        exemptions=_exemptions(session, account, on),
        may_exempt=duties_to_let_off(law, account, on) if is_active and told_all else (),
        handles=handle_watch(session, law, account) if lived or account.closed_on else None,
    )


def _exemptions(session: Session, account: Account, on: date) -> list[ExemptionLine]:
    names: dict[int, str] = {}
    found = exemptions_of(session, account, on)
    return [ExemptionLine(one, _name(session, one.decided_by_id, names)) for one in found]


def _role_line(session: Session, role: AccountRole, person: Person, on: date) -> RoleLine:
    by = session.get(Person, role.assigned_by_id) if role.assigned_by_id else None
    return RoleLine(role, person, by.name if by else "", bool(role.until_on and role.until_on <= on))


def _refused(session: Session, tasks: Iterable[UserTask], on: date) -> list[RoleLine]:
    """Changes that were refused and of which that is not told yet: they still look asked for."""
    roles = [session.get(AccountRole, one.account_role_id) for one in tasks if one.account_role_id]
    refused = [role for role in roles if role is not None and role.refused_at is not None]
    return [_role_line(session, role, session.get_one(Person, role.person_id), on) for role in refused]


def _withdrawable(
    session: Session, account: Account, person: Person, *, told_all: bool
) -> Collection[int | None]:
    if Act.WITHDRAW_REQUEST not in PERMITS[account.state]:
        return ()
    asked = {role.id: role.asked_by_id for role in pending(session, account)}
    if is_asked(account):
        asked[None] = account.closing_asked_by_id
    return {one for one, asker_id in asked.items() if told_all or asker_id == person.id}


_TELLING = ("decision_given", "application_declined", "change_refused", "closing_refused")


def _tells(one: Happening, held: Untold) -> bool:
    return one.kind in _TELLING and one.task_id in held


def _holders(session: Session, task: UserTask) -> list[str]:
    return [session.get_one(Person, one.person_id).name for one in holders_of(session, task.id)]


def _former_addresses(session: Session, account: Account) -> list[FormerAddress]:
    rows = select(FormerAddress).where(col(FormerAddress.account_id) == account.id)
    return list(session.execute(rows.order_by(col(FormerAddress.id).desc())).scalars())


HIDDEN = ("state_changed", "attachment_added", "attachment_removed", "red_cleared")
"""Events that only repeat what the one beside them says, or that are noise to the account's people."""


def timeline(session: Session, law: Law, account: Account) -> list[Happening]:
    """What has happened to the account, newest first."""
    rows = (
        select(AuditEvent, AuditDetail)
        .outerjoin(AuditDetail, col(AuditDetail.event_id) == col(AuditEvent.id))
        .where(col(AuditEvent.account_id) == account.id, col(AuditEvent.kind).not_in(HIDDEN))
        .order_by(col(AuditEvent.number).desc())
    )
    names: dict[int, str] = {}
    return [_happening(session, law, event, detail, names) for event, detail in session.execute(rows)]


_PERSON_FACTS = ("person", "to", "by", "asked_by")


def _happening(
    session: Session, law: Law, event: AuditEvent, detail: AuditDetail | None, names: dict[int, str]
) -> Happening:
    task = session.get(UserTask, event.task_id) if event.task_id else None
    cited = task.clauses if task else []
    return Happening(
        kind=event.kind,
        at=event.at,
        on=law.day_of(event.at),
        who=_who(session, event, names),
        on_behalf_of=_name(session, event.on_behalf_of_id, names),
        facts=event.facts,
        detail=(detail.detail or {}) if detail else {},
        label=task.label if task else "",
        people={
            key: _name(session, event.facts.get(key), names) for key in _PERSON_FACTS if key in event.facts
        }
        | {"holders": ", ".join(_name(session, one, names) for one in event.facts.get("holders", []))},
        clauses=written(law, cited) if event.clauses else (),
        task_id=event.task_id,
    )


def _who(session: Session, event: AuditEvent, names: dict[int, str]) -> str:
    """Who did it; what came by a form at communications' desk is only said to be that person's act."""
    name = _name(session, event.actor_id, names)
    by_form = f"kommunikationsenheten, via formulär, uppgivet av {name}"
    return by_form if name and event.via == "form" else name


def _name(session: Session, person_id: int | None, names: dict[int, str]) -> str:
    if person_id is None:
        return ""
    if person_id not in names:
        person = session.get(Person, person_id)
        names[person_id] = person.name if person else ""
    return names[person_id]
