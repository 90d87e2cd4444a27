"""The outbox: letters queued in the transaction of what they tell, delivered after it."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel

from models.columns import choice_field, json_field


class MessageState(StrEnum):
    """Honest states: `sent` means accepted by the mail server, no more."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"
    NOT_NEEDED = "not_needed"
    """What it asked for was already done when it was to be sent."""


_MAY_LEAVE = "state IN ('queued', 'sending')"
_DUE_SQL = sa.text(_MAY_LEAVE)
MAY_LEAVE = sa.text(f"message.{_MAY_LEAVE}")
"""Whether a letter is still to leave, in the words of the index that finds it."""


class Message(SQLModel, table=True):
    """One letter to one recipient."""

    __tablename__ = "message"
    __table_args__ = (
        sa.Index("ix_message_due", "not_before", sqlite_where=_DUE_SQL, postgresql_where=_DUE_SQL),
        sa.Index("ix_message_queued", "municipality_id", "queued_at"),
    )

    id: str = Field(primary_key=True, max_length=32)
    """Random, lower-case hexadecimal; the letter's Message-ID is made of it."""
    municipality_id: int = Field(foreign_key="municipality.id")
    notice: str = Field(max_length=60)
    """Folder name of the letter's templates."""
    dedupe_key: str = Field(unique=True, max_length=200)
    """The same news to the same recipient has the same key and is queued once."""
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    email: str = Field(max_length=254)
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    task_id: int | None = Field(default=None, foreign_key="user_task.id", index=True)
    context: dict[str, Any] = json_field(dict)
    """Values of the event for the templates. Never a token."""
    queued_at: AwareDatetime
    not_before: AwareDatetime
    state: MessageState = choice_field(MessageState, MessageState.QUEUED)
    attempts: int = 0
    claimed_until: AwareDatetime | None = None
    error: str = Field(default="", max_length=500)
    sent_at: AwareDatetime | None = None
