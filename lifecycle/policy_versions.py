"""A new version of the rules: proposed, and in force when the role that the guideline names has said yes."""

from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from languages.speaking import day_as_kept
from lifecycle.duty_tasks import answer_duty, open_duty
from lifecycle.events import By, EventKind
from lifecycle.guideline_review import Size, holders_for, revision_of
from lifecycle.identifying import SignedIn, detail_of_identity, facts_of_identity
from lifecycle.journal import record
from lifecycle.law import Law
from lifecycle.plans import TEXT_LIMIT
from lifecycle.refusals import Refused
from lifecycle.tasks import holder_ids, withdraw
from models import IS_OPEN, Outcome, Person, PolicyVersion, TaskKind, UserTask
from policies.keys import Role
from policies.loading import Content, policy_from_content, sha256_of
from policies.naming import role_name

STEP = "regler"


def version_with(session: Session, municipality_id: int, content: Content) -> PolicyVersion | None:
    """The municipality's version with just this content, proposed or in force."""
    rows = select(PolicyVersion).where(
        col(PolicyVersion.municipality_id) == municipality_id,
        col(PolicyVersion.sha256) == sha256_of(content),
    )
    found: PolicyVersion | None = session.execute(rows).scalars().first()
    return found


def store(session: Session, municipality_id: int, content: Content, now: datetime) -> PolicyVersion:
    """Keep a version that nobody has approved yet."""
    digest = sha256_of(content)
    policy = policy_from_content(content, digest)
    version = PolicyVersion(
        municipality_id=municipality_id,
        policy=policy.policy,
        valid_from=policy.valid_from,
        sha256=digest,
        content=content,
        loaded_at=now,
    )
    session.add(version)
    session.flush()
    return version


def take_effect(
    session: Session, version: PolicyVersion, on: date, by: By, now: datetime, *, first: bool = False
) -> None:
    """From its own first day, or from today when that has passed; the first of all from its own anyway."""
    version.in_force_from = version.valid_from if first else max(version.valid_from, on)
    version.approved_at, version.approved_by_id = now, by.person_id
    session.add(version)
    facts = {"policy": version.policy, "sha256": version.sha256}
    facts["valid_from"] = version.valid_from.isoformat()
    facts["in_force_from"] = version.in_force_from.isoformat()
    record(
        session, EventKind.POLICY_ADOPTED, now, municipality_id=version.municipality_id, by=by, facts=facts
    )


def approver_of(law: Law, size: Size, on: date) -> Role:
    """Whom the guideline in force names for such a change; communications where it names nobody."""
    rule = revision_of(law, on)
    if rule is None:
        return Role.COMMUNICATIONS
    named = rule.small_changes_by if size is Size.SMALL else rule.large_changes_by
    return named or Role.COMMUNICATIONS


def propose(session: Session, law: Law, content: Content, size: Size, by: By, now: datetime) -> UserTask:
    """Ask the one who decides about such a change. What was proposed before and not answered gives way.

    Refused `already_in_force`, or `nobody_approves` when the post is empty or held by the proposer alone.
    """
    on, role = law.day_of(now), approver_of(law, size, law.day_of(now))
    version = version_with(session, law.municipality_id, content)
    if version is not None and version.in_force_from is not None:
        raise Refused("already_in_force")
    holders = holders_for(session, law, role, on, besides=by.person_id)
    if not holders:
        raise Refused("nobody_approves", role=role_name(law.policy, role))
    for earlier in proposals(session, law.municipality_id):
        withdraw(session, earlier, now, by=by)
    version = version or store(session, law.municipality_id, content, now)
    task = open_duty(
        session,
        law,
        None,
        now,
        kind=TaskKind.APPROVE_POLICY,
        once_key=f"approve_policy:{version.id}:{now.isoformat()}",
        step=STEP,
        label=f"Godkänn nya regler, att gälla från {day_as_kept(version.valid_from)}",
        rule=revision_of(law, on),
        role=role,
        holders=holders,
        details={"version": version.id, "size": size.value, "proposed_by": by.person_id},
    )
    assert task is not None, "the same version proposed twice in a microsecond"
    task.modality, task.told_at = "must", now
    session.add(task)
    facts = {"version": version.id, "sha256": version.sha256, "size": size.value}
    told = facts | {"holders": holder_ids(session, [task])}
    record(session, EventKind.POLICY_PROPOSED, now, task=task, by=by, facts=told)
    return task


def proposals(session: Session, municipality_id: int) -> list[UserTask]:
    """Proposed versions that wait for their answer."""
    rows = select(UserTask).where(
        col(UserTask.municipality_id) == municipality_id,
        col(UserTask.kind) == TaskKind.APPROVE_POLICY,
        IS_OPEN,
    )
    return list(session.execute(rows.order_by(col(UserTask.id))).scalars())


def version_of(session: Session, task: UserTask) -> PolicyVersion:
    """The version that a task asks about."""
    return session.get_one(PolicyVersion, task.details["version"])


def decide(
    session: Session,
    law: Law,
    task: UserTask,
    person: Person,
    now: datetime,
    *,
    approve: bool,
    reason: str,
    via: str,
    signed_in: SignedIn | None = None,
) -> None:
    """Let a proposed version take effect, or not. Nobody approves what they have proposed themselves."""
    if person.id == task.details["proposed_by"]:
        raise Refused("four_eyes")
    if not approve and not reason.strip():
        raise Refused("reason_missing")
    if len(reason) > TEXT_LIMIT:
        raise Refused("text_too_long", length=len(reason), limit=TEXT_LIMIT)
    outcome = Outcome.APPROVE if approve else Outcome.DECLINE
    by = answer_duty(session, task, person, now, via=via, outcome=outcome, reason=reason, signed_in=signed_in)
    version = version_of(session, task)
    if approve:
        take_effect(session, version, law.day_of(now), by, now)
    facts = {"version": version.id, "sha256": version.sha256, "outcome": outcome.value}
    told = facts | {"proposed_by": task.details["proposed_by"]} | facts_of_identity(signed_in)
    detail = detail_of_identity(signed_in)
    record(session, EventKind.POLICY_DECIDED, now, task=task, by=by, facts=told, detail=detail)


def versions_of(session: Session, municipality_id: int) -> list[PolicyVersion]:
    """All versions that a municipality has had or been proposed, the newest first."""
    rows = select(PolicyVersion).where(col(PolicyVersion.municipality_id) == municipality_id)
    return list(session.execute(rows.order_by(col(PolicyVersion.id).desc())).scalars())
