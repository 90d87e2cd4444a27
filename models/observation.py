"""What was seen of an account's posts, each time somebody or something looked: when and where, never what."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel

from models.columns import choice_field, json_field


class SightState(StrEnum):
    """How a look at an account ended.

    Only `ok` and `empty` say anything of how often is posted. `empty` is an account that was read and has
    nothing new; every other state is a look that failed, and a failed look is never "no posts".
    """

    OK = "ok"
    EMPTY = "empty"
    GONE = "gone"
    PRIVATE = "private"
    AUTH_EXPIRED = "auth_expired"
    NO_PERMISSION = "no_permission"
    RATE_LIMITED = "rate_limited"
    UNREACHABLE = "unreachable"
    MALFORMED = "malformed"


class IdentityChange(StrEnum):
    """What has become of an account whose address no longer leads where it did."""

    RENAMED = "renamed"
    """The account has another name; the old address is free for anyone to take."""
    TAKEN_OVER = "taken_over"
    """Another account has the address."""
    MOVED = "moved"
    """Its owner has moved it to another server."""
    DISAPPEARED = "disappeared"
    """It is found neither by its address nor by its id, at more than one look."""


class Observation(SQLModel, table=True):
    """One look at an account: how many posts since the last good one, and the latest."""

    __tablename__ = "observation"
    __table_args__ = (sa.Index("ix_observation_account", "account_id", "checked_at"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    state: SightState = choice_field(SightState)
    since_at: AwareDatetime | None = None
    """What was published after this was counted."""
    checked_at: AwareDatetime
    count: int = 0
    complete: bool = True
    """Whether the count is exact; else it is "at least"."""
    latest_at: AwareDatetime | None = None
    latest_url: str = Field(default="", max_length=500)
    source: str = Field(max_length=40)
    """The connector, or "manual" for what a person told."""
    by_id: int | None = Field(default=None, foreign_key="person.id")
    says: str = Field(default="", max_length=500)


class AccountSource(SQLModel, table=True):
    """How an account's posts are read, and how far they have been."""

    __tablename__ = "account_source"

    account_id: int = Field(primary_key=True, foreign_key="account.id")
    platform_id: str = Field(default="", max_length=120)
    """The platform's own id of the account, once known."""
    feed: str = Field(default="", max_length=500)
    """Address of a feed, where that is another than the account's."""
    cursor: dict[str, Any] = json_field(dict)
    not_before_at: AwareDatetime | None = None
    """The platform wants to be left alone until then."""
    problem: str = Field(default="", max_length=40)
    """What came of the last look when it told nothing: a state, or what was missing; empty when it told."""
    says: str = Field(default="", max_length=500)
    """The same in Swedish, for those who look after the account."""
    problem_since_at: AwareDatetime | None = None
    """Since when no look has told anything."""
    gone_looks: int = 0
    """Looks up to now at which the account was gone, with none between that found it."""
    gone_since_at: AwareDatetime | None = None
    """When the first of them was."""
