"""Drafts: begun, saved as one goes, reminded of once, erased when left alone."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from lifecycle.addresses import address_key, demand_free, only_one
from lifecycle.events import By, EventKind
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.plans import (
    ASKED_ALWAYS,
    LINE_LIMIT,
    TEXT_LIMIT,
    PlanFault,
    always_asked,
    current_plan,
    facts_now,
    faults_in,
    fields_for,
    platform_is_new,
    sent_plan,
    take_answers,
)
from lifecycle.refusals import Refused
from lifecycle.secrets import without_log_in
from lifecycle.states import Act, change_state, demand
from lifecycle.tasks import complete, open_tasks, raise_news
from models import (
    Account,
    AccountClass,
    AccountState,
    Attachment,
    AuditEvent,
    Outcome,
    Person,
    Plan,
    TaskKind,
    Unit,
)
from policies.keys import Platform


class PlanIncomplete(Refused):
    """The plan cannot be sent yet; `faults` holds everything that stops it."""

    def __init__(self, faults: list[PlanFault]) -> None:
        self.faults = faults
        super().__init__("plan_incomplete", missing=", ".join(dict.fromkeys(f.label for f in faults)))


def begin(session: Session, law: Law, applicant: Person, now: datetime, by: By | None = None) -> Account:
    """A new, empty draft under the policy in force, begun by the applicant unless by somebody else."""
    account = Account(
        municipality_id=law.municipality_id,
        unit_id=applicant.unit_id,
        state_since=now,
        policy_version_id=law.version_id,
        applicant_id=applicant.id,
        news=1,
        waits_for="Utkast",
    )
    session.add(account)
    session.flush()
    assert account.id is not None
    session.add(Plan(account_id=account.id, version=1, answers={}, saved_at=now))
    record(session, EventKind.DRAFT_BEGUN, now, account=account, by=by or By(applicant.id, "link"))
    return account


def save(session: Session, law: Law, account: Account, answers: Mapping[str, Any], now: datetime) -> Plan:
    """Keep what has been written, whole or not; only impossible sizes and choices are refused."""
    demand(account, Act.SAVE_PLAN)
    if isinstance(address := answers.get("address"), str):
        answers = {**answers, "address": without_log_in(address)}
    _keep_always_asked(session, account, answers)
    plan = _plan_to_write(session, account, now)
    asked = {field.field for field in fields_for(law, facts_now(session, account), law.day_of(now))}
    kept = {name: _within_limits(value) for name, value in answers.items() if name in asked}
    plan.answers = {**plan.answers, **kept}
    plan.saved_at = now
    session.add(plan)
    if account.state is AccountState.DRAFT:
        account.wake_at = now + timedelta(days=law.policy.settings.draft_reminder_days)
    return plan


def _within_limits(value: Any) -> Any:
    if isinstance(value, list):
        return [_within_limits(one) for one in value][:100]
    if isinstance(value, str) and len(value) > TEXT_LIMIT:
        raise Refused("text_too_long", length=len(value), limit=TEXT_LIMIT)
    return value


def _keep_always_asked(session: Session, account: Account, answers: Mapping[str, Any]) -> None:
    given = {name: str(answers[name]).strip() for name in ASKED_ALWAYS if answers.get(name) is not None}
    for text in given.values():
        if len(text) > LINE_LIMIT:
            raise Refused("text_too_long", length=len(text), limit=LINE_LIMIT)
    account.name = given.get("name", account.name)[:120]
    if given.get("platform", "") in {"", *Platform}:
        account.platform = given.get("platform", account.platform)
    if given.get("account_class") in set(AccountClass):
        account.account_class = AccountClass(given["account_class"])
    if "unit" in given:
        account.unit_id = _unit_id(session, account.municipality_id, given["unit"])
    if "address" in given:
        with only_one(session, account, given["address"]):
            account.address = given["address"]
            account.address_key = _key_or_none(session, account)
            session.add(account)
    session.add(account)


def _key_or_none(session: Session, account: Account) -> str | None:
    """A plan may hold half an address while it is written, or another's; sending it tells what is wrong."""
    try:
        if account.state is not AccountState.DRAFT:
            demand_free(session, account, account.address)
        return address_key(account.address)
    except Refused:
        return None


def _unit_id(session: Session, municipality_id: int, given: str) -> int | None:
    unit = session.get(Unit, int(given)) if given.isdecimal() and len(given) < 10 else None
    return unit.id if unit and unit.municipality_id == municipality_id else None


def _plan_to_write(session: Session, account: Account, now: datetime) -> Plan:
    """The unsent version, begun as a copy of the last sent one when changes were asked for."""
    plan = current_plan(session, account)
    if plan.sent_at is None:
        return plan
    assert account.id is not None
    new = Plan(account_id=account.id, version=plan.version + 1, answers=plan.answers, saved_at=now)
    session.add(new)
    session.flush()
    return new


def send(session: Session, law: Law, account: Account, person_id: int, now: datetime) -> None:
    """Send the plan to be decided. A plan sent anew makes earlier approvals lapse (its version is new).

    Only the one who applied sends it. Raises PlanIncomplete with everything that is missing, at once.
    """
    demand(account, Act.SEND_PLAN)
    if person_id != account.applicant_id:
        raise Refused("not_concerned")
    plan = _plan_to_write(session, account, now)
    faults = [fault for fault in faults_in(session, law, account, plan.answers, now) if fault.must]
    if faults:
        raise PlanIncomplete(faults)
    before = sent_plan(session, account)
    again = before is not None
    if before is None or before.answers.get("platform") != account.platform:
        account.platform_was_new = platform_is_new(session, account)
    plan.answers = {**plan.answers, **always_asked(account)}
    plan.sent_at, plan.saved_at = now, now
    take_answers(session, account, plan.answers)
    account.plan_version = plan.version
    account.wake_at = None
    by = By(person_id, "portal")
    with only_one(session, account, account.address):
        account.address_key = address_key(account.address)
        change_state(session, account, AccountState.DECIDING, now, by)
    _answer_revision(session, account, by, now)
    kind = EventKind.PLAN_RESENT if again else EventKind.PLAN_SENT
    record(session, kind, now, account=account, by=by, facts={"version": plan.version})
    raise_news(session, account)


def _answer_revision(session: Session, account: Account, by: By, now: datetime) -> None:
    for task in open_tasks(session, account):
        if task.kind is TaskKind.REVISE_PLAN:
            complete(session, task, now, by=by, outcome=Outcome.ANSWERED)


NOTICE_DAYS = 7
"""So long before it is erased a draft was reminded of, at least."""


def tidy(session: Session, law: Law, account: Account, now: datetime) -> bool:
    """Remind once of a draft left alone, and erase it in the end. Returns whether it was erased.

    Nothing is erased that was not reminded of in working hours first, however long the municipality was
    closed.
    """
    saved_at, settings = current_plan(session, account).saved_at, law.policy.settings
    reminded_at = _reminded_at(session, account, saved_at)
    erased_at = saved_at + timedelta(days=settings.draft_days)
    notice = timedelta(days=min(NOTICE_DAYS, settings.draft_days - settings.draft_reminder_days))
    if reminded_at is not None:
        erased_at = max(erased_at, reminded_at + notice)
        if now >= erased_at:
            _erase(session, account, now)
            return True
    else:
        untouched_until = saved_at + timedelta(days=settings.draft_reminder_days)
        due_at = law.calendar.working_time_from(max(now, untouched_until))
        if due_at > now:
            account.wake_at = due_at
            session.add(account)
            return False
        erased_at = max(erased_at, now + notice)
        facts = {"erased_on": law.day_of(erased_at).isoformat()}
        record(session, EventKind.DRAFT_REMINDED, now, account=account, facts=facts)
    account.wake_at = erased_at
    session.add(account)
    return False


def _reminded_at(session: Session, account: Account, saved_at: datetime) -> datetime | None:
    """When the draft was reminded of since it was last saved."""
    rows = select(func.max(AuditEvent.at)).where(
        col(AuditEvent.account_id) == account.id,
        col(AuditEvent.kind) == EventKind.DRAFT_REMINDED.value,
        col(AuditEvent.at) >= saved_at,
    )
    reminded_at: datetime | None = session.execute(rows).scalar_one()
    return reminded_at


def _erase(session: Session, account: Account, now: datetime) -> None:
    """Take away what was written; that there was a draft, and when it went, stays in the audit log."""
    record(session, EventKind.DRAFT_ERASED, now, account=account)
    change_state(session, account, AccountState.WITHDRAWN, now)
    erase_written(session, account)


def erase_written(session: Session, account: Account) -> None:
    """What was written and attached in a plan that was never sent."""
    session.execute(delete(Attachment).where(col(Attachment.account_id) == account.id))
    session.execute(delete(Plan).where(col(Plan.account_id) == account.id))
    account.name, account.address, account.address_key = "", "", None
    account.purpose, account.target_group, account.wake_at = "", "", None
    session.add(account)
