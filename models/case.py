"""Cases: something that came up in an account, from being noticed to being closed."""

from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel

from models.columns import choice_field, json_field


class CaseState(StrEnum):
    """Whether there is anything left to do."""

    OPEN = "open"
    CLOSED = "closed"


class Case(SQLModel, table=True):
    """One case. Its steps are user tasks; citizens' words and evidence stay in this database."""

    __tablename__ = "account_case"

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id", index=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    kind: str = Field(max_length=60)
    """The policy's name of the kind of case."""
    label: str = Field(max_length=300)
    clauses: list[dict[str, str]] = json_field(list)
    modality: str = Field(default="must", max_length=10)
    state: CaseState = choice_field(CaseState, CaseState.OPEN, index=True)
    opened_by_id: int | None = Field(default=None, foreign_key="person.id")
    opened_at: AwareDatetime
    noticed_at: AwareDatetime
    """When it was there to be seen; hours run from then."""
    due_at: AwareDatetime | None = None
    post_address: str = Field(default="", max_length=500)
    what: str = Field(default="", max_length=4000)
    outcomes: list[dict[str, Any]] = json_field(list)
    """What has come of it, in order: step, code, when, by whom, and a number or words where they belong."""
    late_at: AwareDatetime | None = None
    """When the rounds found that its time had run out."""
    closed_at: AwareDatetime | None = None
    weeded_at: AwareDatetime | None = None


class CaseEvidence(SQLModel, table=True):
    """Something saved before it is removed: a picture, a file, or what was written, with its hash."""

    __tablename__ = "case_evidence"

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="account_case.id", index=True)
    file_name: str = Field(default="", max_length=200)
    media_type: str = Field(max_length=100)
    content: bytes
    sha256: str = Field(max_length=64)
    added_by_id: int | None = Field(default=None, foreign_key="person.id")
    added_at: AwareDatetime


class CaseWatcher(SQLModel, table=True):
    """Somebody who watches an account for some days because of a post of their own there."""

    __tablename__ = "case_watcher"

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="account_case.id", index=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    from_on: date
    until_on: date
    """The first day on which they no longer do."""
