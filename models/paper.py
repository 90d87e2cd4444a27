"""Papers: what was decided or handed out, as files that last."""

from enum import StrEnum

import sqlalchemy as sa
from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel

from models.columns import choice_field


class PaperKind(StrEnum):
    """What a paper is."""

    DECISION = "decision"
    HAND_OUT = "hand_out"
    CASE = "case"


class Paper(SQLModel, table=True):
    """A file for the diary or for somebody who asked, with its hash and the diary's number."""

    __tablename__ = "paper"
    __table_args__ = (sa.UniqueConstraint("municipality_id", "once_key"),)

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id")
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    task_id: int | None = Field(default=None, foreign_key="user_task.id")
    case_id: int | None = Field(default=None, foreign_key="account_case.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")
    kind: PaperKind = choice_field(PaperKind)
    once_key: str | None = Field(default=None, max_length=120)
    """What it was made of; the same is not made twice."""
    event_number: int | None = None
    """The event of the audit log that a decision's paper tells of."""
    matter: str = Field(default="", max_length=60)
    """What was decided about: a later decision about the same replaces the earlier."""
    replaces_id: int | None = Field(default=None, foreign_key="paper.id")
    title: str = Field(max_length=300)
    file_name: str = Field(max_length=200)
    media_type: str = Field(default="application/pdf", max_length=100)
    content: bytes
    sha256: str = Field(max_length=64)
    made_at: AwareDatetime
    diary_number: str = Field(default="", max_length=60)
    numbered_at: AwareDatetime | None = None
