"""Mail that came back to Kanalvakt: what it is, and of which letter and person. It decides nothing."""

from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel

from models.columns import choice_field

_WAITS_SQL = sa.text("followed_at IS NULL")


class ReturnedAs(StrEnum):
    """What a mail in the mailbox of returned mail is."""

    BOUNCED = "bounced"
    """A letter did not arrive, and a new one would not either."""
    FAILED_FOR_NOW = "failed_for_now"
    """A letter did not arrive, though the next one may: a full mailbox, a server that was down for days."""
    DELAYED = "delayed"
    """A server is still trying."""
    AWAY = "away"
    ANSWER = "answer"
    """Somebody has written it."""
    AUTOMATIC = "automatic"
    """Another answer by a machine: a case system's receipt, a calendar."""
    RECEIPT = "receipt"
    """It was delivered, or read."""
    OTHER = "other"
    """A mailing list, spam."""


class ReturnedMail(SQLModel, table=True):
    """One mail that was read, once. Its words are kept only of an answer, and are weeded by rule."""

    __tablename__ = "returned_mail"
    __table_args__ = (
        sa.Index(
            "ix_returned_mail_waits",
            "municipality_id",
            sqlite_where=_WAITS_SQL,
            postgresql_where=_WAITS_SQL,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    once_key: str = Field(unique=True, max_length=64)
    """Tells the mail from all others: the same one is never read twice."""
    municipality_id: int | None = Field(default=None, foreign_key="municipality.id")
    """Empty when it is about no letter and from nobody that is known: then it is only counted."""
    kind: ReturnedAs = choice_field(ReturnedAs)
    letter_id: str = Field(default="", max_length=32)
    """The letter (`Message`) that it names; letters are erased before this is, or after."""
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    """Who has the address that failed, or seems to have written."""
    email: str = Field(default="", max_length=254)
    """The address that failed, or that an answer says it comes from."""
    status: str = Field(default="", max_length=12)
    """As RFC 3463 numbers it, e.g. "5.1.1"."""
    says: str = Field(default="", max_length=4000)
    """What was written in an answer; of a report what the server said."""
    from_on: date | None = None
    until_on: date | None = None
    """First day back, as an out-of-office answer says."""
    read_at: AwareDatetime
    followed_at: AwareDatetime | None = None
    """When what follows from it was done."""
    told_at: AwareDatetime | None = None
    """When somebody was written to because of it."""
    weeded_at: AwareDatetime | None = None
