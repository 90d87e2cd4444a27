"""Links in letters: only the hash of a token is kept."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel

from models.columns import choice_field


class LinkKind(StrEnum):
    """What a link may be used for, and so how long it lives (`notifications.links`)."""

    DECIDE = "decide"
    CONSULT = "consult"
    CONFIRM_ACT = "confirm_act"
    DIGEST = "digest"
    MORNING = "morning"
    """The day's list of a person: every account's watch, and what waits."""
    DRAFT = "draft"
    CONFIRM_ADDRESS = "confirm_address"
    MY_PAGE = "my_page"
    CALENDAR = "calendar"
    """A calendar that a program reads again and again: it opens no page and takes no answer."""


class Link(SQLModel, table=True):
    """One token's hash, whom and what it is bound to, and how it ended."""

    __tablename__ = "link"

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id", index=True)
    token_sha256: str = Field(max_length=64, unique=True)
    kind: LinkKind = choice_field(LinkKind)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    email: str = Field(max_length=254)
    task_id: int | None = Field(default=None, foreign_key="user_task.id", index=True)
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    message_id: str | None = Field(default=None, max_length=32)
    plan_version: int = 0
    minted_at: AwareDatetime
    expires_at: AwareDatetime
    used_at: AwareDatetime | None = None
    """When the answer it was for was posted. Opening a link never sets it."""
    dead_at: AwareDatetime | None = None
    dead_why: str = Field(default="", max_length=40)
    """Code: answered, withdrawn, handed_over, plan_changed, replaced."""
    signed_in: dict[str, Any] | None = Field(
        default=None, sa_column=sa.Column(sa.JSON(none_as_null=True), nullable=True)
    )
    """Of a visit that was begun by signing in: how (`lifecycle.identifying.SignedIn`)."""
