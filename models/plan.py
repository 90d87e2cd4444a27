"""The application plan: what the applicant answered, version by version, and what was attached."""

from typing import Any

import sqlalchemy as sa
from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel

from models.columns import json_field


class Plan(SQLModel, table=True):
    """One version of a plan. The version being written has no `sent_at`; a sent one never changes."""

    __tablename__ = "plan"
    __table_args__ = (sa.UniqueConstraint("account_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    version: int
    answers: dict[str, Any] = json_field(dict)
    """Answers by the policy's field ids; persons as work addresses."""
    saved_at: AwareDatetime
    sent_at: AwareDatetime | None = None


class Attachment(SQLModel, table=True):
    """A file that belongs to a plan, kept whole with its hash."""

    __tablename__ = "attachment"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    field: str = Field(max_length=60)
    """The plan field it answers."""
    file_name: str = Field(max_length=200)
    media_type: str = Field(max_length=100)
    size: int
    """Bytes."""
    sha256: str = Field(max_length=64)
    content: bytes
    added_at: AwareDatetime
    removed_at: AwareDatetime | None = None
