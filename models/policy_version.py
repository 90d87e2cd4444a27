"""The dated, hashed text of the rules a municipality has had, so that old matters keep their rules."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel

from models.columns import json_field


class PolicyVersion(SQLModel, table=True):
    """One version of a municipality's policy, in force from `in_force_from` until the next one's."""

    __tablename__ = "policy_version"
    __table_args__ = (sa.UniqueConstraint("municipality_id", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id", index=True)
    policy: str = Field(max_length=60)
    """Name of the policy file, e.g. "mall"."""
    valid_from: date
    """The first day that the version itself names."""
    in_force_from: date | None = None
    """That day, or the day of approval when it came later; empty while nobody has approved the version."""
    approved_at: AwareDatetime | None = None
    approved_by_id: int | None = Field(default=None, foreign_key="person.id")
    """Nobody for a municipality's first version, which whoever installs approves."""
    sha256: str = Field(max_length=64)
    content: dict[str, Any] = json_field(dict)
    loaded_at: AwareDatetime
