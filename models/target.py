"""Where news goes besides mail: a channel in Teams or Slack, entered by whoever runs the installation."""

from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel


class NoticeTarget(SQLModel, table=True):
    """A channel of a municipality's communications unit. Its address is a secret, and kept encrypted."""

    __tablename__ = "notice_target"

    id: int | None = Field(default=None, primary_key=True)
    municipality_id: int = Field(foreign_key="municipality.id", index=True)
    name: str = Field(max_length=120)
    encrypted: str = Field(max_length=4000)
    masked: str = Field(max_length=300)
    """What may be shown of the address."""
    added_at: AwareDatetime
    retired_at: AwareDatetime | None = None
