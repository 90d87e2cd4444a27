"""The dated, hashed text of the rules a municipality has had, so that old matters keep their rules."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel

from models.columns import json_field


class PolicyVersion(SQLModel, table=True):
    """One version of a municipality's policy, in force from `valid_from` until the next one."""

    __tablename__ = "policy_version"
    __table_args__ = (sa.UniqueConstraint("municipality_id", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id", index=True)
    policy: str = Field(max_length=60)
    """Name of the policy file, e.g. "mall"."""
    valid_from: date
    sha256: str = Field(max_length=64)
    content: dict[str, Any] = json_field(dict)
    loaded_at: AwareDatetime
