"""What the rounds keep: which were done, what a year of watching came to, snapshots and evaluations."""

from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel

from models.columns import choice_field, json_field


class RoundDone(SQLModel, table=True):
    """A round that has been done for a municipality and day; it is not done again."""

    __tablename__ = "round_done"
    __table_args__ = (sa.UniqueConstraint("municipality_id", "round", "round_on"),)

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id")
    round: str = Field(max_length=40)
    round_on: date
    """The municipality's local day that it was done for."""
    done_at: AwareDatetime
    found: int = 0
    """How many accounts, tasks or people it found something to do for."""


class WatchMonth(SQLModel, table=True):
    """An account's watch in one month, folded from that month's tasks."""

    __tablename__ = "watch_month"
    __table_args__ = (sa.UniqueConstraint("account_id", "month_on"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    month_on: date
    """The month's first day."""
    asked: int = 0
    confirmed: int = 0
    missed: int = 0
    explained: int = 0
    """How many of the missed ones were explained afterwards."""


class SnapshotState(StrEnum):
    """How a snapshot came about."""

    CAPTURED = "captured"
    UPLOADED = "uploaded"


class SnapshotReason(StrEnum):
    """What it was taken for."""

    PLANNED = "planned"
    MAJOR_CHANGE = "major_change"
    FINAL = "final"


class Snapshot(SQLModel, table=True):
    """A picture of an account as the public saw it, kept as the policy's kind of file with its hash."""

    __tablename__ = "snapshot"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    task_id: int | None = Field(default=None, foreign_key="user_task.id")
    state: SnapshotState = choice_field(SnapshotState)
    reason: SnapshotReason = choice_field(SnapshotReason)
    due_on: date
    taken_at: AwareDatetime
    by_id: int | None = Field(default=None, foreign_key="person.id")
    """Who handed it in; nobody for one that was captured."""
    browser: str = Field(default="", max_length=200)
    address: str = Field(max_length=300)
    """What the browser had come to."""
    profile: str = Field(max_length=20)
    clauses: list[dict[str, str]] = json_field(list)
    content: bytes
    sha256: str = Field(max_length=64)
    original: bytes | None = None
    original_type: str = Field(default="", max_length=100)
    original_sha256: str = Field(default="", max_length=64)
    faults: list[str] = json_field(list)
    """What checking the file found; empty when nothing was."""
    checked_by: str = Field(default="", max_length=60)
    left_at: AwareDatetime | None = None
    """When it was put in the archive folder and sent to whom the policy says."""


class Evaluation(SQLModel, table=True):
    """An account's evaluation: the period's facts beside what the plan promised, and what came of it."""

    __tablename__ = "evaluation"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    task_id: int | None = Field(default=None, foreign_key="user_task.id")
    from_on: date
    until_on: date
    """The first day after the period."""
    facts: dict[str, Any] = json_field(dict)
    """Numbers of the period when it was asked for; promises of the plan by field."""
    recommends: str = Field(default="", max_length=20)
    answers: dict[str, Any] = json_field(dict)
    outcome: str = Field(default="", max_length=20)
    by_default: bool = False
    """Nobody answered, and the policy's named default took effect."""
    answered_at: AwareDatetime | None = None
