"""Adopting a policy version for a municipality."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from lifecycle.events import By, EventKind
from lifecycle.journal import record
from models import PolicyVersion
from policies.loading import Content, policy_from_content, sha256_of


def adopt(session: Session, municipality_id: int, content: Content, by: By, now: datetime) -> PolicyVersion:
    """Store a policy as a version of the municipality's. The same content again changes nothing."""
    digest = sha256_of(content)
    rows = select(PolicyVersion).where(
        col(PolicyVersion.municipality_id) == municipality_id, col(PolicyVersion.sha256) == digest
    )
    known: PolicyVersion | None = session.execute(rows).scalars().first()
    if known is not None:
        return known
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
    facts = {"policy": policy.policy, "sha256": digest, "valid_from": policy.valid_from.isoformat()}
    record(session, EventKind.POLICY_ADOPTED, now, municipality_id=municipality_id, by=by, facts=facts)
    return version
