"""Which version of the policy speaks about an account: the one it applied under, or the one in force."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from lifecycle.working_days import Calendar, calendar_of, local_day
from models import Account, AccountRole, Municipality, PolicyVersion, Process, UserTask
from policies.citing import citation
from policies.keys import Rule
from policies.loading import policy_from_content
from policies.policy import Policy


@dataclass(frozen=True)
class Law:
    """A stored policy version, ready to be asked, with the municipality's calendar."""

    version_id: int
    municipality_id: int
    policy: Policy
    content: dict[str, Any]
    calendar: Calendar

    def cite(self, rule: Rule) -> list[dict[str, str]]:
        """The rule's citation as it is kept with tasks: [{"ref", "cite", "title"}]."""
        return [dict(one) for one in citation(self.content, rule)]

    def day_of(self, instant: datetime) -> date:
        """The municipality's local day."""
        return self.calendar.day_of(instant)


def law_of(session: Session, account: Account) -> Law:
    """The version that the account's application began with."""
    version = session.get_one(PolicyVersion, account.policy_version_id)
    return _law(session, version)


def version_in_force(session: Session, municipality_id: int, on: date) -> PolicyVersion:
    """The latest approved version whose first day has come; the earliest one before that."""
    versions = (
        select(PolicyVersion)
        .where(
            col(PolicyVersion.municipality_id) == municipality_id,
            col(PolicyVersion.in_force_from).is_not(None),
        )
        .order_by(col(PolicyVersion.valid_from), col(PolicyVersion.id))
    )
    found = session.execute(versions).scalars().all()
    if not found:
        raise LookupError(f"municipality {municipality_id} has no policy")
    begun = [version for version in found if version.in_force_from and version.in_force_from <= on]
    latest: PolicyVersion = begun[-1] if begun else found[0]
    return latest


def law_in_force(session: Session, municipality_id: int, now: datetime) -> Law:
    """What applies to duties on the municipality's local day."""
    zone = session.get_one(Municipality, municipality_id).time_zone
    return _law(session, version_in_force(session, municipality_id, local_day(now, zone)))


def laws_of(session: Session, municipality_id: int) -> dict[int, Law]:
    """Every version that the municipality has had, by its id."""
    rows = select(PolicyVersion).where(col(PolicyVersion.municipality_id) == municipality_id)
    laws = [_law(session, version) for version in session.execute(rows).scalars()]
    return {law.version_id: law for law in laws}


def law_of_task(session: Session, account: Account, task: UserTask, now: datetime) -> Law:
    """What a task is asked and answered under: a matter ends under the version it began with."""
    if task.process in (Process.OPENING, Process.SETTING_UP):
        return law_of(session, account)
    if task.process is Process.CASE:
        return law_in_force(session, account.municipality_id, task.opened_at)
    if task.account_role_id is None:
        return law_of_closing(session, account, now)
    asked_at = session.get_one(AccountRole, task.account_role_id).asked_at
    return law_in_force(session, account.municipality_id, asked_at)


def law_of_closing(session: Session, account: Account, now: datetime) -> Law:
    """What a closure that was asked for is carried out under."""
    return law_in_force(session, account.municipality_id, account.closing_asked_at or now)


def _law(session: Session, version: PolicyVersion) -> Law:
    municipality = session.get_one(Municipality, version.municipality_id)
    policy = policy_from_content(version.content, version.sha256)
    assert version.id is not None
    return Law(
        version_id=version.id,
        municipality_id=version.municipality_id,
        policy=policy,
        content=version.content,
        calendar=calendar_of(policy.settings, municipality.time_zone),
    )
