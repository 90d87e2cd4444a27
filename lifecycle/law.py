"""Which version of the policy speaks about an account: the one it applied under, or the one in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from lifecycle.working_days import Calendar, calendar_of, local_day
from models import Account, AccountRole, Municipality, PolicyVersion, Process, UserTask
from models.asking import asked_once
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
    return _law(session, _version(session, account.policy_version_id))


_KNOWN = select(
    col(PolicyVersion.id),
    col(PolicyVersion.municipality_id),
    col(PolicyVersion.sha256),
    col(PolicyVersion.in_force_from),
    col(Municipality.time_zone),
).join(Municipality, col(Municipality.id) == col(PolicyVersion.municipality_id))
"""What tells a version and where it holds, without its long content."""
_APPROVED = _KNOWN.where(
    col(PolicyVersion.municipality_id) == bindparam("of"), col(PolicyVersion.in_force_from).is_not(None)
).order_by(col(PolicyVersion.valid_from), col(PolicyVersion.id))


@asked_once(PolicyVersion, Municipality, values=True)
def _version(session: Session, version_id: int) -> Any:
    return session.execute(_NAMED, {"version": version_id}).one()


_NAMED = _KNOWN.where(col(PolicyVersion.id) == bindparam("version"))


@asked_once(PolicyVersion, Municipality, values=True)
def _versions(session: Session, municipality_id: int) -> Sequence[Any]:
    """A municipality's approved ones: an act asks for the law several times."""
    found = session.execute(_APPROVED, {"of": municipality_id}).all()
    if not found:
        raise LookupError(f"municipality {municipality_id} has no policy")
    return found


def _in_force(versions: Sequence[Any], on: date) -> Any:
    begun = [version for version in versions if version.in_force_from <= on]
    return begun[-1] if begun else versions[0]


def version_in_force(session: Session, municipality_id: int, on: date) -> PolicyVersion:
    """The latest approved version whose first day has come; the earliest one before that."""
    return session.get_one(PolicyVersion, _in_force(_versions(session, municipality_id), on).id)


def law_in_force(session: Session, municipality_id: int, now: datetime) -> Law:
    """What applies to duties on the municipality's local day."""
    versions = _versions(session, municipality_id)
    return _law(session, _in_force(versions, local_day(now, versions[0].time_zone)))


def laws_of(session: Session, municipality_id: int) -> dict[int, Law]:
    """Every version that the municipality has had, by its id."""
    rows = _KNOWN.where(col(PolicyVersion.municipality_id) == municipality_id)
    return {known.id: _law(session, known) for known in session.execute(rows).all()}


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


_KEPT = 1000
_laws: dict[tuple[int, int, str, str], Law] = {}


def _law(session: Session, known: Any) -> Law:
    """The law of a version, read once: its digest says that it is the same."""
    key = (known.id, known.municipality_id, known.sha256, known.time_zone)
    law = _laws.get(key)
    if law is None:
        law = _read(session, known)
        if len(_laws) >= _KEPT:
            _laws.clear()
        _laws[key] = law
    return law


def _read(session: Session, known: Any) -> Law:
    content = session.execute(
        select(col(PolicyVersion.content)).where(col(PolicyVersion.id) == known.id)
    ).scalar_one()
    policy = policy_from_content(content, known.sha256)
    return Law(
        version_id=known.id,
        municipality_id=known.municipality_id,
        policy=policy,
        content=content,
        calendar=calendar_of(policy.settings, known.time_zone),
    )
